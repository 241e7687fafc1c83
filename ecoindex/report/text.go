package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/ecoindex"
	"veille/ecoindex/web"
)

// Text writes pages for people, in the language of its options.
type Text struct {
	in      Language
	w       io.Writer
	options Options
}

// NewText makes a writer for people. Colours are used when Options.Color says so, and only then: whether w is a terminal
// and what the environment wants is for the caller to know. A grade always has its letter.
func NewText(w io.Writer, o Options) *Text { return &Text{o.Language, w, o} }

// heaviestShown is how many resources a page shows.
const heaviestShown = 3

// Write writes one page: its score, what costs most and what to take away, then what a reader must know beside it.
func (t *Text) Write(p Page) error {
	var s sheet
	s.line(t.bold(t.title(p)))
	if p.Err != nil {
		s.line(t.in.Say("not measured (%s): %s", codeOf(p.Err), t.in.Cause(codeOf(p.Err), Clean(p.Err.Error()))))
		if p.Screenshot != "" {
			s.line(t.in.Say("what was shown then: %s", Clean(p.Screenshot)))
		}
		s.line("")
		return write(t.w, s.String())
	}
	m := p.Page.Measure()
	t.score(&s, m, p.Result)
	t.broken(&s, p)
	t.costs(&s, m, p.Result)
	t.heaviest(&s, p)
	t.largest(&s, p)
	t.practices(&s, p)
	t.around(&s, p)
	return write(t.w, s.String())
}

// WriteScore writes a measure that was taken elsewhere: its score, what costs most and what to take away.
func (t *Text) WriteScore(m ecoindex.Measure, r ecoindex.Result) error {
	var s sheet
	t.score(&s, m, r)
	t.costs(&s, m, r)
	s.line("")
	s.line(t.formula())
	return write(t.w, s.String())
}

// Close has nothing to add.
func (t *Text) Close() error { return nil }

// title is the address, the step, and where the page was found when that is elsewhere.
func (t *Text) title(p Page) string {
	text := Clean(p.Asked)
	if p.Step != "" {
		text += ", " + t.step(Clean(p.Step))
	}
	if p.Err == nil && p.Page.URL != "" {
		if u, err := web.ParseAddress(p.Asked); err != nil || u.String() != p.Page.URL {
			text = t.in.Say("%s (found at %s)", text, Clean(p.Page.URL))
		}
	}
	return text
}

// step is a step of a journey, where it is not one that the user named.
func (t *Text) step(text string) string {
	if text == "before consent" || text == "after consent" {
		return t.in.Name(text)
	}
	if n, ok := strings.CutPrefix(text, "after "); ok {
		if n, err := strconv.Atoi(strings.TrimSuffix(n, " measures")); err == nil {
			return t.in.Say("after %s", t.in.Count(n, "measure"))
		}
	}
	return text
}

func (t *Text) score(s *sheet, m ecoindex.Measure, r ecoindex.Result) {
	o := t.options
	grade := r.Graded(o.Basis).Grade
	rows := [][]string{{t.in.Say("score"), t.in.Say("%d / 100", r.Score), t.in.Say("grade %s", t.grade(grade)), t.in.Say("(%s before rounding)", t.in.Number(r.Raw, 2))}}
	if o.Footprint != nil {
		rows = append(rows, t.footprintRow(m, r))
	}
	s.table("", rows)
}

// footprintRow is what one view costs, and who says so.
func (t *Text) footprintRow(m ecoindex.Measure, r ecoindex.Result) []string {
	o := t.options
	row := []string{t.in.Say("per view")}
	if grams, ok := o.Footprint.GHG(m, r.Value(o.Basis)); ok {
		row = append(row, t.in.Say("%s gCO2e", t.in.numeral(short(grams))))
	}
	if centilitres, ok := o.Footprint.Water(m, r.Value(o.Basis)); ok {
		row = append(row, t.in.Say("%s cl of water", t.in.numeral(short(centilitres))))
	}
	if rating, ok := o.Footprint.Rating(m, r.Value(o.Basis)); ok {
		row = append(row, t.in.Say("rating %s", Clean(rating)))
	}
	return append(row, "("+t.in.Name(Clean(o.Footprint.Source))+")")
}

// short is an amount to two decimals, or to three digits where they would not show it.
func short(v float64) string {
	if v <= 0 || v >= 1 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	digits := 3 - int(math.Ceil(math.Log10(v)))
	return strings.TrimRight(strconv.FormatFloat(v, 'f', digits, 64), "0")
}

func (t *Text) broken(s *sheet, p Page) {
	for _, b := range p.Breaches {
		s.line(t.red(t.in.Say("budget broken: %s", Clean(t.in.Breach(b)))))
	}
}

func (t *Text) costs(s *sheet, m ecoindex.Measure, r ecoindex.Result) {
	s.line("")
	s.line(t.in.Say("costs most first:"))
	var rows [][]string
	for _, c := range costs(m, r) {
		rows = append(rows, []string{t.points(c.points), t.thing(c), t.in.Say("one less gains %s", t.in.Number(c.less, 3))})
	}
	s.table("  ", rows)
	if to := toReachOf(m, r.Graded(t.options.Basis).Grade, t.options); to != nil {
		s.line(t.in.Say("to reach grade %s: %s", t.grade(to.Grade), t.removal(to)))
	}
}

// points are points of the score, in a column.
func (t *Text) points(v float64) string {
	return fmt.Sprintf("%5s %s", t.in.Number(v, 2), t.in.Noun(v, 2, "point"))
}

// thing is how much there is of what costs.
func (t *Text) thing(c cost) string {
	if c.thing == "kB" {
		return t.in.KB(c.count)
	}
	return t.in.Count(int(c.count), c.thing)
}

// removal says what to take away: what is enough alone, then what is not.
func (t *Text) removal(r *toReach) string {
	if r.SharePct == 0 {
		return t.in.Say("nothing to remove, it is reached")
	}
	var enough, not []string
	add := func(ok bool, text func() string, what string) {
		if ok {
			enough = append(enough, text())
		} else {
			not = append(not, t.in.Name(what))
		}
	}
	add(r.Requests != nil, func() string { return t.in.Count(*r.Requests, "request") }, "requests")
	add(r.DOM != nil, func() string { return t.in.Count(*r.DOM, "element") }, "elements")
	// A size rounded down would not be enough.
	add(r.SizeKB != nil, func() string { return t.in.KB(math.Ceil(10**r.SizeKB) / 10) }, "kB")
	text := t.in.Say("remove %s", strings.Join(append(enough, t.in.Say("%s of each", t.in.Percent(r.SharePct, 1))), t.in.Say(", or ")))
	if len(not) > 0 {
		text += t.in.Say("; not enough alone: %s", strings.Join(not, ", "))
	}
	return text
}

func (t *Text) heaviest(s *sheet, p Page) {
	list := heaviest(p.Page, p.Result, heaviestShown)
	if len(list) == 0 {
		return
	}
	s.line("")
	s.line(t.in.Say("heaviest, and the points to gain without each:"))
	var rows [][]string
	for _, h := range list {
		gain := ""
		if !h.page {
			gain = "+" + t.in.Number(h.gain, 2)
		}
		rows = append(rows, []string{t.in.Size(float64(h.Bytes) / 1000), t.in.Name(string(h.Kind)), gain, Clean(h.URL)})
	}
	s.table("  ", rows)
}

func (t *Text) largest(s *sheet, p Page) {
	list := largest(p.Page, p.Result)
	if len(list) == 0 {
		return
	}
	s.line("")
	s.line(t.in.Say("largest parts of the document, and the points to gain without each:"))
	var rows [][]string
	wide := 5
	for _, part := range list {
		wide = max(wide, width(t.whole(part.Elements)))
	}
	for _, part := range list {
		elements := fmt.Sprintf("%*s %s", wide, t.whole(part.Elements), t.in.Noun(float64(part.Elements), 0, "element"))
		rows = append(rows, []string{elements, "+" + t.in.Number(part.gain, 2), Clean(part.Path)})
	}
	s.table("  ", rows)
}

// around is what a reader must know beside the figures.
func (t *Text) around(s *sheet, p Page) {
	s.line("")
	t.runs(s, p.Runs)
	if r := p.Repeat; r != nil {
		s.line(t.in.Say("second visit, cache warm: score %d, grade %s, %s, %s, %s; the cache answered %s", r.Result.Score,
			t.grade(r.Result.Graded(t.options.Basis).Grade), t.in.Count(r.Page.DOM, "element"), t.in.Count(r.Page.Requests, "request"),
			t.in.Size(r.Page.SizeKB), t.in.Count(r.Cached, "other")))
	}
	if n := p.Page.DOMFrames; n != nil && *n > 0 {
		s.line(t.in.Say("inner documents: %s, not in the score", t.in.Count(*n, "element")))
	}
	for _, note := range p.Page.Notes {
		s.line(t.in.Say("note: %s", Clean(t.note(p, note))))
	}
	s.line(t.in.Say("protocol: %s, mode %s", Clean(p.Protocol), Clean(p.Mode)))
	s.line(t.formula())
	s.line("")
}

// note is a note of a page. That on runs without figures is ours, and speaks every language.
func (t *Text) note(p Page, note string) string {
	if p.lost == nil || note != p.lost.note || p.Runs == nil || !t.in.French() {
		return t.in.Quote(note)
	}
	return t.in.Say("runs without figures: %s of %s, the last: %s",
		t.whole(p.Runs.Asked-p.Runs.Measured), t.whole(p.Runs.Asked), t.in.Cause(codeOf(p.lost.last), p.lost.last.Error()))
}

// runs says how far the runs of a page lie apart.
func (t *Text) runs(s *sheet, r *Runs) {
	if r == nil {
		return
	}
	s.line(t.in.Say("runs: %s of %s measured, this is the one of median score: score %s, elements %s, requests %s, kB %s", t.whole(r.Measured),
		t.whole(r.Asked), t.spread(r.Score, 2), t.spread(r.DOM, 0), t.spread(r.Requests, 0), t.spread(r.SizeKB, 1)))
}

// formula says which of the EcoIndex formulas this is.
func (t *Text) formula() string {
	if t.options.basis() == ecoindex.FromRaw {
		return t.in.Say("formula: %s", t.in.Say("EcoIndex as npm ecoindex, the Lighthouse plugin and GreenIT-Analysis: the grade is read from the raw score"))
	}
	return t.in.Say("formula: %s", t.in.Say("EcoIndex reference: the grade is read from the score rounded half to even"))
}

// spread is a spread with so many decimals.
func (t *Text) spread(s Spread, decimals int) string {
	low, high := t.in.Number(s.Min, decimals), t.in.Number(s.Max, decimals)
	if low == high {
		return low
	}
	return t.in.Say("%s to %s", low, high)
}

// whole is a whole number.
func (t *Text) whole(n int) string { return t.in.Number(float64(n), 0) }

// The colours of a terminal.
const (
	boldOn = "\x1b[1m"
	green  = "\x1b[1;32m"
	yellow = "\x1b[1;33m"
	red    = "\x1b[1;31m"
	off    = "\x1b[0m"
)

func (t *Text) paint(code, text string) string {
	if !t.options.Color {
		return text
	}
	return code + text + off
}

func (t *Text) bold(text string) string { return t.paint(boldOn, text) }
func (t *Text) red(text string) string  { return t.paint(red, text) }

// grade is the letter, in the colour of what it means.
func (t *Text) grade(g ecoindex.Grade) string {
	switch {
	case !g.WorseThan(ecoindex.B):
		return t.paint(green, string(g))
	case !g.WorseThan(ecoindex.D):
		return t.paint(yellow, string(g))
	}
	return t.paint(red, string(g))
}

// Clean takes away what a terminal would obey: control and formatting characters, which can hide or turn round text.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return utf8.RuneError
		}
		return r
	}, text)
}

// sheet is a text being written.
type sheet struct{ strings.Builder }

// line adds a line.
func (s *sheet) line(text string) { s.WriteString(text + "\n") }

// table adds rows, their cells aligned on the left with two spaces between them.
func (s *sheet) table(indent string, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, row := range rows {
		s.WriteString(indent)
		for i, cell := range row {
			s.WriteString(cell)
			if i < len(row)-1 {
				s.WriteString(strings.Repeat(" ", widths[i]-width(cell)+2))
			}
		}
		s.line("")
	}
}

// width is how many characters are seen of a cell.
func width(cell string) int {
	for _, code := range []string{boldOn, green, yellow, red, off} {
		cell = strings.ReplaceAll(cell, code, "")
	}
	return utf8.RuneCountInString(cell)
}
