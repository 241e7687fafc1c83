package opendata

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"veille/collector"
	"veille/ecoindex/practice"
)

// place is the address of a page, below that of its site, as they are published.
type place struct{ site, page string }

// pageRows are the rows of the pages of websites that are open, by address.
func (m *material) pageRows() []row {
	best := map[place]row{}
	for i := range m.websites {
		site := &m.websites[i]
		start, _, ok := bare(site.Rules.URL)
		if !ok {
			continue
		}
		for j := range site.pages {
			r, at, ok := m.pageRow(site, start, &site.pages[j])
			if ok && (best[at] == nil || better(r, best[at])) {
				best[at] = r
			}
		}
	}
	places := slices.SortedFunc(maps.Keys(best), func(a, b place) int { return cmp.Or(cmp.Compare(a.site, b.site), cmp.Compare(a.page, b.page)) })
	rows := make([]row, 0, len(places))
	for _, p := range places {
		rows = append(rows, best[p])
	}
	return rows
}

// better tells whether a row stands for an address rather than another one does: the address as it is before one whose query was taken off, what could
// be measured, by a browser, lately. Of two that are alike in all this the first stays: pages come in the order of their addresses.
func better(a, b row) bool {
	rank := func(r row) (n int) {
		for _, holds := range []bool{r["requete_retiree"] == false, r["statut"] == "ok", r["mode_mesure"] == "navigateur"} {
			n *= 2
			if holds {
				n++
			}
		}
		return n
	}
	day := func(r row) collector.Date { d, _ := r["date_mesure"].(collector.Date); return d }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(day(a), day(b))) > 0
}

// bare is an address of a page without what may tell of a person, query, fragment and name; whether there was a query; false of what is no address of
// the web.
func bare(address string) (string, bool, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Opaque != "" {
		return "", false, false
	}
	asked := u.RawQuery != ""
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), asked, true
}

// pageRow is the row of a page; false of one that is not for everybody: an address inside a private network, or of no date.
func (m *material) pageRow(site *website, start string, p *collector.WebPage) (row, place, bool) {
	address, asked, ok := bare(p.URL)
	at := p.At
	if p.Code != "" {
		at = p.SeenAt
	}
	if !ok || at.IsZero() || p.Code == "private" {
		return nil, place{}, false
	}
	r := row{
		"organisation_siren": m.of.SIREN, "site_url": start, "page_url": address, "requete_retiree": asked, "date_mesure": dateOf(at),
		"outil": "veille-ecoindex", "statut": statusOf(p.Code), "donnees_simulees": m.simulated,
	}
	if address == start && !asked {
		r["page_role"] = "accueil"
	}
	if p.Code == "" {
		measures(r, site, p)
		found(r, p.Audit)
	}
	return r, place{start, address}, true
}

// dateOf is the date of a measure: runs have no time of day.
func dateOf(t time.Time) collector.Date { return collector.DateOf(t.UTC()) }

// statusOf is the status of a page, by why it could not be looked at.
func statusOf(code string) string {
	switch code {
	case "":
		return "ok"
	case "robots":
		return "robots_exclu"
	case "redirects":
		return "redirige"
	}
	return "erreur"
}

// measures are the figures of a page.
func measures(r row, site *website, p *collector.WebPage) {
	sizes, protocol, mode, score := p.Static, "static", "statique", p.Score
	switch {
	case p.Browser != nil:
		sizes, protocol, mode = *p.Browser, site.run.Protocol, "navigateur"
		v := viewOf(protocol)
		set(r, "largeur_ecran_px", v.width)
		set(r, "hauteur_ecran_px", v.height)
		set(r, "defilement", v.scroll)
		r["cache"] = "vide"
	case site.run.Measured > 0 && site.run.Mode == "two-speed": // expected, by what a browser found on other pages
		protocol, mode = site.run.Protocol, "estime"
	}
	r["ecoindex_score"], r["ecoindex_note"] = tenth(min(max(score, 0), 100)), gradeOf(score)
	r["nb_elements_dom"], r["nb_requetes"] = sizes.DOM, sizes.Requests
	r["poids_transfere_ko"] = rounded(sizes.SizeKB, 3) //nolint:misspell // it is French
	r["mode_mesure"] = mode
	say(r, "methode_version", protocol)
	if dateOf(p.At) == dateOf(site.run.At) { // figures of an earlier run may be of an earlier version
		say(r, "outil_version", site.run.Version)
	}
}

// view is what a protocol sets its browser to.
type view struct {
	width, height *int
	scroll        *bool
}

// viewOf is the view of a protocol of ecoindex/browser; nothing of one that is not known here.
func viewOf(protocol string) view {
	switch protocol {
	case "ecoindex-2026", "adaptive":
		return view{new(1280), new(720), new(true)}
	case "published":
		return view{new(1920), new(1080), new(true)}
	case "lighthouse":
		return view{new(1920), new(1080), new(false)}
	}
	return view{}
}

// gradeOf is the grade of a score, as ecoindex.GradeOfRounded says it.
func gradeOf(score float64) string {
	score = math.RoundToEven(score)
	for i, limit := range []float64{80, 70, 55, 40, 25, 10} {
		if score > limit {
			return string(rune('A' + i))
		}
	}
	return "G"
}

// found fills in what was seen of a page beside its score; nothing where nothing is kept of that.
func found(r row, audit []byte) {
	var kept practice.PageKept
	if len(audit) == 0 || json.Unmarshal(audit, &kept) != nil {
		return
	}
	for _, p := range practice.Propose([]practice.PageVerdicts{{Verdicts: kept.Verdicts}}) {
		say(r, "rgesn_"+strings.ReplaceAll(p.Criterion, ".", "_"), proposed(p.Status))
	}
	r["accessibilite_mention"] = "absente"
	if kept.Access == nil {
		return
	}
	switch kept.Access.Mention {
	case "total":
		r["accessibilite_mention"] = "totale"
	case "partial":
		r["accessibilite_mention"] = "partielle"
	case "none":
		r["accessibilite_mention"] = "non"
	}
	if rate := kept.Access.Rate; rate > 0 && rate <= 100 {
		r["accessibilite_taux_pct"] = rounded(rate, 2)
	}
	if kept.Access.Here && r["page_role"] == nil {
		r["page_role"] = "accessibilite"
	}
}

// proposed is a status as it is published; "" where a person has to look.
func proposed(s practice.Proposed) string {
	switch s {
	case practice.ProposedValidated:
		return "propose_valide"
	case practice.ProposedNotValidated:
		return "propose_non_valide"
	case practice.ProposedNothing:
		return "na"
	}
	return ""
}
