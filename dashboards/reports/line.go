package reports

import (
	"strings"

	"veille/collector/label"
	"veille/dashboards/frame"
)

// lineShown is a line with all that must be said of it.
type lineShown struct {
	ID, Title, Value, Range    string
	Missing, Obtained, Formula string
	Observed, Notes            string
	Target, Previous           string
	Remark                     string
	Parts                      []string
	More                       int // parts that are not shown
	Evidence                   []evidenceShown
	MoreEvidence               int // that is not shown
	Where                      frame.Cell
	Weak                       bool // it is not representative
}

// evidenceShown is where something can be looked up.
type evidenceShown struct{ Words, Href, Where string }

// signed is what the organisation says, and who stands for it.
func signed(q frame.Request, r *label.Remark) string {
	switch {
	case r == nil:
		return ""
	case r.By == "":
		return r.Text
	}
	return q.Say("reports.signed", r.Text, r.By, q.Day(r.On))
}

// line is a line as a page shows it.
func (s sheet) line(q frame.Request, l label.Line) lineShown {
	shown := lineShown{
		ID: l.ID, Title: l.Title.In(q.Code), Value: told(q, l.Value, l.Decimals, l.Unit), Range: rangeOf(q, l), Missing: missing(q, l), Obtained: l.Obtained.In(q.Code),
		Formula: l.Formula.In(q.Code), Observed: told(q, l.Observed, l.Decimals, l.Unit), Notes: strings.Join(words(q, l.Notes), " "),
		Previous: told(q, l.Previous, l.Decimals, l.Unit), Target: told(q, l.Target, l.Decimals, l.Unit), Remark: signed(q, l.Remark), Weak: l.Value != nil && !l.Representative,
	}
	if l.Target != nil && l.TargetBy != "" {
		shown.Target = q.Say("reports.target.by", shown.Target, q.Month(l.TargetBy))
	}
	if len(l.Methods) > 0 {
		shown.Obtained = strings.TrimSpace(shown.Obtained + " " + q.Say("reports.methods", q.Methods(l.Methods)))
	}
	if l.Status == label.ToComplete {
		shown.Where = s.where(q, l.ID, false)
	}
	for _, p := range l.Parts[:min(len(l.Parts), mostParts)] {
		shown.Parts = append(shown.Parts, partOf(q, p, l.Decimals))
	}
	shown.More = len(l.Parts) - len(shown.Parts)
	for _, e := range s.evidence(l.Evidence) {
		if len(shown.Evidence) == mostEvidence {
			shown.MoreEvidence++
			continue
		}
		shown.Evidence = append(shown.Evidence, evidenceOf(q, e))
	}
	return shown
}

// told writes a figure with its unit; "" where it is absent.
func told(q frame.Request, x *float64, decimals int, unit string) string {
	if x == nil {
		return ""
	}
	return amount(q, *x, decimals, unit)
}

// partOf writes a part of a line.
func partOf(q frame.Request, p label.Part, decimals int) string {
	text := told(q, p.Value, decimals, p.Unit)
	if text == "" {
		text = q.Say("figure.unknown")
	}
	if p.Low != nil && p.High != nil && *p.Low != *p.High {
		text += " (" + q.Say("reports.range", q.Number(*p.Low, decimals), q.Number(*p.High, decimals)) + ")"
	}
	if p.Note != nil {
		text += ", " + p.Note.In(q.Code)
	}
	return q.Say("reports.part", p.Name.In(q.Code), text)
}

// evidenceOf writes where something can be looked up. An address of the web becomes a link; the reference of a document is said.
func evidenceOf(q frame.Request, e label.Evidence) evidenceShown {
	x := evidenceShown{Words: e.Title, Href: q.Href(e.Where)}
	if e.On != "" {
		x.Words = q.Say("reports.evidence.of", e.Title, q.Day(e.On))
	}
	if x.Href == "" {
		x.Where = e.Where
	}
	return x
}
