package label

import (
	"encoding/json"
	"strings"
	"time"

	"veille/collector"
	"veille/ecoindex/practice"
)

// statement is what a website says of its accessibility, as its last run in a period found it.
type statement struct {
	name string
	*practice.Statement
}

// statements are what websites say of their accessibility: of those whose last audit in a period can be read, and how many are declared. One that says
// nothing has an empty statement.
func (f *facts) statements(p period) (all []statement, of int) {
	websites := f.declaredBy(p)
	for i := range websites {
		r, ok := websites[i].lastRun(p)
		if !ok || len(r.Audit) == 0 {
			continue
		}
		var audit practice.SiteAudit
		if json.Unmarshal(r.Audit, &audit) != nil { // what cannot be read says nothing, neither yes nor no
			continue
		}
		if audit.Access == nil {
			audit.Access = &practice.Statement{}
		}
		all = append(all, statement{websites[i].Name, audit.Access})
	}
	return all, len(websites)
}

// declares tells whether a website has a declaration, read or linked.
func (s statement) declares() bool { return s.Here || s.URL != "" }

// mentions is the share of websites whose pages say how accessible they are.
func mentions(f *facts, p period) answer {
	return overStatements(f, p, func(s statement) (yes, known bool) { return s.Mention != "", true })
}

// conformant is the share of websites with a declaration that declare half of the criteria or more, or say that they are partly or fully conformant.
func conformant(f *facts, p period) answer {
	const half = 50
	return overStatements(f, p, func(s statement) (yes, known bool) {
		if s.Rate > 0 {
			return s.Rate >= half, s.declares()
		}
		return s.Mention == "partial" || s.Mention == "total", s.declares() && s.Mention != ""
	})
}

// outdated is the share of websites without a declaration, or with one of more than three years. One whose date cannot be read is not counted.
func outdated(f *facts, p period) answer {
	const validYears = 3
	on, err := time.Parse(time.DateOnly, string(f.asOf(p)))
	if err != nil {
		return lacking(noRun())
	}
	oldest := string(collector.DateOf(on.AddDate(-validYears, 0, 0)))
	return overStatements(f, p, func(s statement) (yes, known bool) {
		return !s.declares() || s.Date < oldest, !s.declares() || s.Date != ""
	})
}

// overStatements is the share of websites of which something is true, among those of which it is known.
func overStatements(f *facts, p period, is func(statement) (yes, known bool)) answer {
	all, of := f.statements(p)
	if of == 0 {
		return lacking(noWebsite())
	}
	n, known := 0, 0
	var parts []Part
	for _, s := range all {
		yes, ok := is(s)
		if !ok {
			continue
		}
		known++
		x := 0.0
		if yes {
			n, x = n+1, 1
		}
		parts = append(parts, Part{Name: same(s.name), Value: &x, Note: s.note()})
	}
	switch {
	case len(all) == 0:
		return lacking(noRun())
	case known == 0:
		return lacking(Words{
			FR: "Aucune déclaration d’accessibilité n’a pu être lue sur les sites web mesurés.",
			EN: "No accessibility statement could be read on the websites that were measured.",
		})
	}
	a := crawled(percents*float64(n)/float64(known), Medium, known, of)
	a.parts = parts
	a.notes = append(a.notes, Words{
		FR: "Lu sur les pages ; ce n’est pas un audit de conformité au RGAA. 1 : oui, 0 : non.",
		EN: "As read on the pages; this is not an audit of conformity with the RGAA. 1: yes, 0: no.",
	})
	return a
}

// note is what a website says of its accessibility.
func (s statement) note() *Words {
	mention := map[string]Words{
		"total":   {FR: "totalement conforme", EN: "fully conformant"},
		"partial": {FR: "partiellement conforme", EN: "partly conformant"},
		"none":    {FR: "non conforme", EN: "not conformant"},
		"":        {FR: "aucune mention", EN: "no mention"},
	}[s.Mention]
	switch {
	case !s.declares():
		return phrase(Words{FR: "%s ; aucune déclaration trouvée", EN: "%s; no statement found"}, mention)
	case s.Date == "":
		return phrase(Words{FR: "%s ; déclaration sans date lue", EN: "%s; statement without a date that could be read"}, mention)
	default:
		return phrase(Words{FR: "%s ; déclaration datée %s", EN: "%s; statement dated %s"}, mention, dated(s.Date))
	}
}

// dated is a date after « datée » and "dated".
func dated(d string) Words {
	w := onDate(collector.Date(d))
	return Words{FR: "du " + strings.TrimPrefix(w.FR, "le "), EN: d}
}
