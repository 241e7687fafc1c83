package report

import (
	"cmp"
	"slices"
	"strings"
)

// Practice is something that the page could do better.
type Practice struct {
	ID        string     `json:"id"`     // for ever: docs/practices.md has it
	RWEB      []string   `json:"rweb"`   // numbers of sheets of the RWEB, 5th edition
	Title     string     `json:"title"`  // in the language that was asked for, as the next
	Advice    string     `json:"advice"` // what to do
	Measured  float64    `json:"measured"`
	Most      float64    `json:"most"`    // what would pass
	Unit      string     `json:"unit"`    // of both: "", "%", "kB", "ms"
	Points    float64    `json:"points"`  // of the score, to be gained; those of several practices overlap
	SizeKB    float64    `json:"size_kb"` // to be saved
	Requests  int        `json:"requests"`
	Offenders []Offender `json:"offenders"` // the worst
}

// Offender is what fails a practice: a resource or a place in the page.
type Offender struct {
	URL    string `json:"url,omitempty"`
	Where  string `json:"where,omitempty"`
	Detail string `json:"detail,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
}

// practicesShown is how many practices a page shows to people, and offendersShown how many of what fails each.
const (
	practicesShown = 8
	offendersShown = 2
)

// practices is what to mend, that with most to gain first.
func (t *Text) practices(s *sheet, p Page) {
	if len(p.Practices) == 0 {
		return
	}
	all := slices.Clone(p.Practices)
	slices.SortStableFunc(all, func(a, b Practice) int { return cmp.Compare(b.Points, a.Points) })
	s.line("")
	s.line(t.in.Say("practices that fail: %s, those with most to gain first; gains overlap", t.whole(len(all))))
	for _, x := range all[:min(len(all), practicesShown)] {
		gain := ""
		if x.Points >= 0.005 {
			gain = ", +" + t.in.Number(x.Points, 2) + " " + t.in.Noun(x.Points, 2, "point")
		}
		s.line("  " + t.in.Say("%s: %s (%s, at most %s%s)", Clean(x.ID), Clean(x.Title), t.in.Amount(x.Measured, x.Unit), t.in.Amount(x.Most, x.Unit), gain))
		for _, o := range x.Offenders[:min(len(x.Offenders), offendersShown)] {
			s.line("      " + strings.TrimRight(Clean(cmp.Or(o.URL, o.Where)+" "+t.in.Quote(o.Detail)), " "))
		}
	}
	if len(all) > practicesShown {
		s.line("  " + t.in.Say("and %s more: see --json", t.whole(len(all)-practicesShown)))
	}
	s.line("  " + t.in.Say("what to do: %s, and so for the name of each", Clean(AdviceAt(all[0].ID))))
}

// AdviceAt is where our documents say what to do for a practice or a rule of the whole site.
func AdviceAt(id string) string { return "docs/practices.md#" + id }
