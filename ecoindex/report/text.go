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

// Text writes pages for people, in English.
type Text struct {
	w       io.Writer
	options Options
}

// NewText makes a writer for people. Colours are used when Options.Color says so, and only then: whether w is a terminal
// and what the environment wants is for the caller to know. A grade always has its letter.
func NewText(w io.Writer, o Options) *Text { return &Text{w, o} }

// heaviestShown is how many resources a page shows.
const heaviestShown = 3

// Write writes one page: its score, what costs most and what to take away, then what a reader must know beside it.
func (t *Text) Write(p Page) error {
	var s sheet
	s.line(t.bold(title(p)))
	if p.Err != nil {
		s.line("not measured (" + codeOf(p.Err) + "): " + clean(p.Err.Error()))
		if p.Screenshot != "" {
			s.line("what was shown then: " + clean(p.Screenshot))
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
	t.around(&s, p)
	return write(t.w, s.String())
}

// WriteScore writes a measure that was taken elsewhere: its score, what costs most and what to take away.
func (t *Text) WriteScore(m ecoindex.Measure, r ecoindex.Result) error {
	var s sheet
	t.score(&s, m, r)
	t.costs(&s, m, r)
	s.line("")
	s.line("formula: " + formula(t.options.basis()))
	return write(t.w, s.String())
}

// Close has nothing to add.
func (t *Text) Close() error { return nil }

// title is the address, the step, and where the page was found when that is elsewhere.
func title(p Page) string {
	text := clean(p.Asked)
	if p.Step != "" {
		text += ", " + clean(p.Step)
	}
	if p.Err == nil && p.Page.URL != "" {
		if u, err := web.ParseAddress(p.Asked); err != nil || u.String() != p.Page.URL {
			text += " (found at " + clean(p.Page.URL) + ")"
		}
	}
	return text
}

func (t *Text) score(s *sheet, m ecoindex.Measure, r ecoindex.Result) {
	o := t.options
	grade := r.Graded(o.Basis).Grade
	rows := [][]string{{"score", fmt.Sprintf("%d / 100", r.Score), "grade " + t.grade(grade), fmt.Sprintf("(%.2f before rounding)", r.Raw)}}
	if o.Footprint != nil {
		rows = append(rows, footprintRow(m, r, o))
	}
	s.table("", rows)
}

// footprintRow is what one view costs, and who says so.
func footprintRow(m ecoindex.Measure, r ecoindex.Result, o Options) []string {
	row := []string{"per view"}
	if grams, ok := o.Footprint.GHG(m, r.Value(o.Basis)); ok {
		row = append(row, short(grams)+" gCO2e")
	}
	if centilitres, ok := o.Footprint.Water(m, r.Value(o.Basis)); ok {
		row = append(row, short(centilitres)+" cl of water")
	}
	if rating, ok := o.Footprint.Rating(m, r.Value(o.Basis)); ok {
		row = append(row, "rating "+clean(rating))
	}
	return append(row, "("+clean(o.Footprint.Source)+")")
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
		s.line(t.red("budget broken: " + clean(b.Text)))
	}
}

func (t *Text) costs(s *sheet, m ecoindex.Measure, r ecoindex.Result) {
	s.line("")
	s.line("costs most first:")
	var rows [][]string
	for _, c := range costs(m, r) {
		rows = append(rows, []string{fmt.Sprintf("%5.2f points", c.points), c.what, fmt.Sprintf("one less gains %.3f", c.less)})
	}
	s.table("  ", rows)
	if to := toReachOf(m, r.Graded(t.options.Basis).Grade, t.options); to != nil {
		s.line("to reach grade " + t.grade(to.Grade) + ": " + to.String())
	}
}

// String says what to take away: what is enough alone, then what is not.
func (t *toReach) String() string {
	if t.SharePct == 0 {
		return "nothing to remove, it is reached"
	}
	var enough, not []string
	add := func(ok bool, text func() string, what string) {
		if ok {
			enough = append(enough, text())
		} else {
			not = append(not, what)
		}
	}
	add(t.Requests != nil, func() string { return plural(*t.Requests, "request") }, "requests")
	add(t.DOM != nil, func() string { return plural(*t.DOM, "element") }, "elements")
	// A size rounded down would not be enough.
	add(t.SizeKB != nil, func() string { return kilobytes(math.Ceil(10**t.SizeKB) / 10) }, "kB")
	text := "remove " + strings.Join(append(enough, fmt.Sprintf("%.1f %% of each", t.SharePct)), ", or ")
	if len(not) > 0 {
		text += "; not enough alone: " + strings.Join(not, ", ")
	}
	return text
}

func (t *Text) heaviest(s *sheet, p Page) {
	list := heaviest(p.Page, p.Result, heaviestShown)
	if len(list) == 0 {
		return
	}
	s.line("")
	s.line("heaviest, and the points to gain without each:")
	var rows [][]string
	for _, h := range list {
		gain := ""
		if !h.page {
			gain = fmt.Sprintf("+%.2f", h.gain)
		}
		rows = append(rows, []string{kilobytes(float64(h.Bytes) / 1000), string(h.Kind), gain, clean(h.URL)})
	}
	s.table("  ", rows)
}

func (t *Text) largest(s *sheet, p Page) {
	list := largest(p.Page, p.Result)
	if len(list) == 0 {
		return
	}
	s.line("")
	s.line("largest parts of the document, and the points to gain without each:")
	var rows [][]string
	for _, part := range list {
		rows = append(rows, []string{fmt.Sprintf("%5d elements", part.Elements), fmt.Sprintf("+%.2f", part.gain), clean(part.Path)})
	}
	s.table("  ", rows)
}

// around is what a reader must know beside the figures.
func (t *Text) around(s *sheet, p Page) {
	s.line("")
	if r := p.Runs; r != nil {
		s.line(fmt.Sprintf("runs: %d of %d measured, this is the one of median score: score %s, elements %s, requests %s, kB %s",
			r.Measured, r.Asked, r.Score.text("%.2f"), r.DOM.text("%.0f"), r.Requests.text("%.0f"), r.SizeKB.text("%.1f")))
	}
	if r := p.Repeat; r != nil {
		s.line(fmt.Sprintf("second visit, cache warm: score %d, grade %s, %s, %s, %s; the cache answered %s", r.Result.Score,
			t.grade(r.Result.Graded(t.options.Basis).Grade), plural(r.Page.DOM, "element"), plural(r.Page.Requests, "request"),
			kilobytes(r.Page.SizeKB), plural(r.Cached, "other")))
	}
	if n := p.Page.DOMFrames; n != nil && *n > 0 {
		s.line("inner documents: " + plural(*n, "element") + ", not in the score")
	}
	for _, note := range p.Page.Notes {
		s.line("note: " + clean(note))
	}
	s.line("protocol: " + clean(p.Protocol) + ", mode " + clean(p.Mode))
	s.line("formula: " + formula(t.options.basis()))
	s.line("")
}

// formula is the sentence that says which of the EcoIndex formulas this is.
func formula(b ecoindex.Basis) string {
	if b == ecoindex.FromRaw {
		return "EcoIndex as npm ecoindex, the Lighthouse plugin and GreenIT-Analysis: the grade is read from the raw score"
	}
	return "EcoIndex reference: the grade is read from the score rounded half to even"
}

// text is a spread for people.
func (s Spread) text(format string) string {
	low, high := fmt.Sprintf(format, s.Min), fmt.Sprintf(format, s.Max)
	if low == high {
		return low
	}
	return low + " to " + high
}

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

// clean takes away what a terminal would obey: control and formatting characters, which can hide or turn round text.
func clean(text string) string {
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
