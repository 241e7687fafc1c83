package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"veille/ecoindex"
)

// CSV writes a table as RFC 4180 has it: a line of names, then a line per page, with commas and decimal points.
type CSV struct {
	table   *csv.Writer
	options Options
	begun   bool
}

// NewCSV makes a writer of CSV. Columns have the names of the JSON keys; a dot stands for an object inside an object.
func NewCSV(w io.Writer, o Options) *CSV {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	return &CSV{table: table, options: o}
}

// Write writes the row of one page, and before the first one the names of the columns.
func (c *CSV) Write(p Page) error {
	if err := c.header(); err != nil {
		return err
	}
	f := figuresOf(p, c.options)
	var row []string
	for _, column := range columns() {
		row = append(row, column.cell(&f))
	}
	return c.row(row)
}

// Close writes the names of the columns where no page was written.
func (c *CSV) Close() error { return c.header() }

func (c *CSV) header() error {
	if c.begun {
		return nil
	}
	c.begun = true
	var names []string
	for _, column := range columns() {
		names = append(names, column.name)
	}
	return c.row(names)
}

func (c *CSV) row(cells []string) error {
	if err := c.table.Write(cells); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	c.table.Flush()
	if err := c.table.Error(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

type column struct {
	name string
	cell func(f *figures) string
}

// columns are those of the table, in the order of the JSON keys.
func columns() []column {
	list := []column{
		{"url", func(f *figures) string { return harmless(f.URL) }},
		{"mode", func(f *figures) string { return harmless(f.Mode) }},
		{"protocol", func(f *figures) string { return harmless(f.Protocol) }},
		{"dom", func(f *figures) string { return whole(f.DOM) }},
		{"requests", func(f *figures) string { return whole(f.Requests) }},
		{"size_kb", func(f *figures) string { return decimal(f.SizeKB) }},
		{"score", func(f *figures) string { return whole(f.Score) }},
		{"score_raw", func(f *figures) string { return decimal(f.ScoreRaw) }},
		{"grade", func(f *figures) string { return from(f.Grade, func(g *ecoindex.Grade) string { return string(*g) }) }},
		{"ghg_g", func(f *figures) string { return decimal(f.GHG) }},
		{"water_cl", func(f *figures) string { return decimal(f.Water) }},
		{"points_lost.dom", func(f *figures) string {
			return from(f.PointsLost, func(l *lostPoints) string { return decimal(&l.DOM) })
		}},
		{"points_lost.requests", func(f *figures) string {
			return from(f.PointsLost, func(l *lostPoints) string { return decimal(&l.Requests) })
		}},
		{"points_lost.size", func(f *figures) string {
			return from(f.PointsLost, func(l *lostPoints) string { return decimal(&l.Size) })
		}},
		{"practices", func(f *figures) string { return practiceIDs(f.Practices) }},
		{"error.code", func(f *figures) string { return from(f.Error, func(p *problem) string { return harmless(p.Code) }) }},
		{"error.message", func(f *figures) string { return from(f.Error, func(p *problem) string { return harmless(p.Message) }) }},
		{"grade_from", func(f *figures) string { return string(f.GradeFrom) }},
		{"footprint", func(f *figures) string { return from(f.Footprint, func(s *string) string { return harmless(*s) }) }},
		{"rating", func(f *figures) string { return from(f.Rating, func(s *string) string { return harmless(*s) }) }},
	}
	return append(append(list, savingColumns()...), laterColumns()...)
}

// savingColumns are those of "to_reach".
func savingColumns() []column {
	saving := func(cell func(t *toReach) string) func(f *figures) string {
		return func(f *figures) string { return from(f.ToReach, cell) }
	}
	return []column{
		{"to_reach.grade", saving(func(t *toReach) string { return string(t.Grade) })},
		{"to_reach.dom", saving(func(t *toReach) string { return whole(t.DOM) })},
		{"to_reach.requests", saving(func(t *toReach) string { return whole(t.Requests) })},
		{"to_reach.size_kb", saving(func(t *toReach) string { return decimal(t.SizeKB) })},
		{"to_reach.share_pct", saving(func(t *toReach) string { return decimal(&t.SharePct) })},
	}
}

// laterColumns are those that not every page has.
func laterColumns() []column {
	list := []column{
		{"dom_frames", func(f *figures) string { return whole(f.DOMFrames) }},
		{"notes", func(f *figures) string { return harmless(strings.Join(f.Notes, " | ")) }},
		{"runs.asked", func(f *figures) string { return from(f.Runs, func(r *runs) string { return whole(&r.Asked) }) }},
		{"runs.measured", func(f *figures) string { return from(f.Runs, func(r *runs) string { return whole(&r.Measured) }) }},
	}
	for _, s := range []struct {
		name string
		of   func(r *runs) *spread
	}{
		{"dom", func(r *runs) *spread { return r.DOM }},
		{"requests", func(r *runs) *spread { return r.Requests }},
		{"size_kb", func(r *runs) *spread { return r.SizeKB }},
		{"score_raw", func(r *runs) *spread { return r.ScoreRaw }},
	} {
		end := func(of func(s *spread) *float64) func(f *figures) string {
			return func(f *figures) string {
				return from(f.Runs, func(r *runs) string { return from(s.of(r), func(s *spread) string { return decimal(of(s)) }) })
			}
		}
		list = append(list, column{"runs." + s.name + ".min", end(func(s *spread) *float64 { return &s.Min })},
			column{"runs." + s.name + ".max", end(func(s *spread) *float64 { return &s.Max })})
	}
	repeated := func(cell func(r *repeat) string) func(f *figures) string {
		return func(f *figures) string { return from(f.Repeat, cell) }
	}
	return append(list,
		column{"repeat_visit.dom", repeated(func(r *repeat) string { return whole(&r.DOM) })},
		column{"repeat_visit.requests", repeated(func(r *repeat) string { return whole(&r.Requests) })},
		column{"repeat_visit.size_kb", repeated(func(r *repeat) string { return decimal(&r.SizeKB) })},
		column{"repeat_visit.cached_requests", repeated(func(r *repeat) string { return whole(&r.Cached) })},
		column{"repeat_visit.score", repeated(func(r *repeat) string { return whole(r.Score) })},
		column{"repeat_visit.grade", repeated(func(r *repeat) string { return from(r.Grade, func(g *ecoindex.Grade) string { return string(*g) }) })},
		column{"step", func(f *figures) string { return from(f.Step, func(s *string) string { return harmless(*s) }) }},
		column{"screenshot", func(f *figures) string { return from(f.Screenshot, func(s *string) string { return harmless(*s) }) }},
		column{"breaches", func(f *figures) string {
			var texts []string
			for _, b := range f.Breaches {
				texts = append(texts, b.Message)
			}
			return harmless(strings.Join(texts, " | "))
		}})
}

// from is the cell of what may be absent.
func from[T any](v *T, cell func(v *T) string) string {
	if v == nil {
		return ""
	}
	return cell(v)
}

func whole(n *int) string {
	return from(n, func(n *int) string { return strconv.Itoa(*n) })
}

func decimal(v *float64) string {
	return from(v, func(v *float64) string { return strconv.FormatFloat(*v, 'f', -1, 64) })
}

// harmless puts an apostrophe before a text that a spreadsheet would take for a formula (OWASP, CSV injection).
func harmless(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return "'" + text
	}
	return text
}

// practiceIDs are the practices that fail, separated by spaces.
func practiceIDs(all []Practice) string {
	ids := make([]string, 0, len(all))
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return harmless(strings.Join(ids, " "))
}
