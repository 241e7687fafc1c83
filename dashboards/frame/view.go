package frame

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"veille/collector"
)

// View is what a page tells, whoever reads it: people as HTML, programs as JSON, spreadsheets as CSV.
type View struct {
	Title     string     `json:"title"` // in the language of the reader; "": that of the route
	From      string     `json:"from"`  // the first month or date that it is about; "": it is about none
	To        string     `json:"to"`    // the last
	Simulated bool       `json:"simulated"`
	Notices   []string   `json:"notices"` // what must be known before the figures are read, in the language of the reader
	Figures   []Figure   `json:"figures"` // the most important first
	Tables    []Table    `json:"tables"`
	Keep      url.Values `json:"-"` // the parameters that the same page has in the other language
	Problem   string     `json:"-"` // why what was asked for cannot be told, in the language of the reader: a page says it beside its form, programs get no view
	Data      any        `json:"-"` // what the template needs beside: drawings, forms. All of its figures are in Figures and Tables
}

// Figure is one number with all that must be said of it.
type Figure struct {
	ID       string   `json:"id"`       // the same in every language, on every page
	Label    string   `json:"label"`    // in the language of the reader
	Value    *float64 `json:"value"`    // nil: not known, or not shown
	Low      *float64 `json:"low"`      // nil: there is no range, or it is not known
	High     *float64 `json:"high"`     //
	Unit     string   `json:"unit"`     // "kWh"; "" for a count
	Coverage *float64 `json:"coverage"` // the share of the time that it covers, 0 to 1; nil: it covers all
	Methods  []string `json:"methods"`  // how it was obtained, as collector.Methods; none for what is reckoned from other figures
	Missing  string   `json:"missing"`  // why there is no value, in the language of the reader
	Note     string   `json:"note"`     // a sentence beside it, in the language of the reader
	How      string   `json:"how"`      // the part of the page /method that says how it is obtained
	Decimals int      `json:"-"`        // that are written
}

// Table is figures in rows.
type Table struct {
	ID      string   // of the page's; the name of its CSV file
	Caption string   // in the language of the reader
	Columns []Column // the first names the row
	Rows    [][]Cell
	Empty   string // what is said where there are no rows
}

// Column is what the cells below it are.
type Column struct {
	ID       string `json:"id"`    // the same in every language
	Title    string `json:"title"` // in the language of the reader, with the unit
	Unit     string `json:"unit"`
	Decimals int    `json:"-"`
	Hidden   bool   `json:"-"` // in CSV and JSON only
}

// Cell is a text or a number; the zero value is neither.
type Cell struct {
	Text   string
	Number *float64
	Href   string        // where a page links it, without the language; "" for nowhere
	Mark   template.HTML // what a page shows in its place, such as a grade; made by our code alone
}

// Text is a cell of words.
func Text(text string) Cell { return Cell{Text: text} }

// Link is a cell of words that leads somewhere.
func Link(text, href string) Cell { return Cell{Text: text, Href: href} }

// Num is a cell of a number.
func Num(x float64) Cell { return Cell{Number: &x} }

// value is what a program gets.
func (c Cell) value() any {
	switch {
	case c.Number != nil:
		return *c.Number
	case c.Text != "":
		return c.Text
	}
	return nil
}

// MarshalJSON writes the rows as objects, by the columns' ids.
func (t Table) MarshalJSON() ([]byte, error) {
	rows := make([]map[string]any, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make(map[string]any, len(row))
		for j, c := range row {
			rows[i][t.Columns[j].ID] = c.value()
		}
	}
	return json.Marshal(map[string]any{"id": t.ID, "caption": t.Caption, "columns": t.Columns, "rows": rows})
}

// CSV writes the table as spreadsheets of the language read it: in French with semicolons and decimal commas.
func (t Table) CSV(w io.Writer, l Language) error {
	out, point := csv.NewWriter(w), "."
	if l.Code == "fr" {
		out.Comma, point = ';', ","
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write table %s: %w", t.ID, err)
	}
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = c.ID
	}
	_ = out.Write(record) // told by Error
	for _, row := range t.Rows {
		for i, c := range row {
			record[i] = harmless(c.Text)
			if c.Number != nil {
				record[i] = strings.Replace(strconv.FormatFloat(*c.Number, 'f', -1, 64), ".", point, 1)
			}
		}
		_ = out.Write(record)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write table %s: %w", t.ID, err)
	}
	return nil
}

// harmless is a text that no spreadsheet takes for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Shown is what the template of a route is given.
type Shown struct {
	Page
	View
	Problem string     // what is wrong with the form that was sent; "" for nothing
	Form    url.Values // that form
	Once    *Once      // what a form has led to, told on this page alone; nil for nothing
}

// Title is the one of the page: View has one for programs.
func (s Shown) Title() string { return s.Page.Title }

// To is the address of a page of ours, as Page.To: View has a field of that name, the last month.
func (s Shown) To(path string, more ...any) string { return s.Page.To(path, more...) }

// TableShown is a table on a page.
type TableShown struct {
	Page
	Table
	CSV     string   // its address
	classes []string // of the cells of each column
}

// TableOf is the table of an id.
func (s Shown) TableOf(id string) (TableShown, error) {
	i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.ID == id })
	if i < 0 {
		return TableShown{}, fmt.Errorf("the page has no table %q", id)
	}
	path := "/csv/" + id + s.Path + "?lang=" + s.Code + s.Query
	return TableShown{s.Page, s.Tables[i], path, s.Tables[i].classes()}, nil
}

// FigureShown is a figure on a page.
type FigureShown struct {
	Page
	Figure
}

// FigureOf is the figure of an id.
func (s Shown) FigureOf(id string) (FigureShown, error) {
	i := slices.IndexFunc(s.Figures, func(f Figure) bool { return f.ID == id })
	if i < 0 {
		return FigureShown{}, fmt.Errorf("the page has no figure %q", id)
	}
	return FigureShown{s.Page, s.Figures[i]}, nil
}

// Drawn is a drawing with the table of its figures.
type Drawn struct {
	TableShown
	SVG    template.HTML
	Legend string
}

// Draw is a drawing, in words below it what its shapes mean, and the table of an id.
func (s Shown) Draw(svg template.HTML, legend, table string) (Drawn, error) {
	t, err := s.TableOf(table)
	return Drawn{t, svg, legend}, err
}

// Write is a cell as it is shown below a column.
func (t TableShown) Write(c Cell, column int) string {
	if c.Number != nil {
		return t.Number(*c.Number, t.Columns[column].Decimals)
	}
	if c.Text == "" {
		return "–"
	}
	return c.Text
}

// classes are those of the cells of each column: numbers end alike, also where all of them are missing, and long texts are broken into lines.
func (t Table) classes() []string {
	const most = 32 // letters on one line
	list, told := make([]string, len(t.Columns)), make([]bool, len(t.Columns))
	for _, row := range t.Rows {
		for i, c := range row {
			told[i] = told[i] || c.Text != "" || c.Mark != ""
			switch {
			case c.Number != nil && i > 0:
				list[i] = "n"
			case list[i] == "" && utf8.RuneCountInString(c.Text) > most:
				list[i] = "words"
			}
		}
	}
	for i, c := range t.Columns {
		if i > 0 && !told[i] && (c.Unit != "" || c.Decimals > 0) {
			list[i] = "n"
		}
	}
	return list
}

// Class is the class of the cells of a column; "" for none.
func (t TableShown) Class(column int) string { return t.classes[column] }

// Amount is a number with its unit.
func (f FigureShown) Amount(x *float64) string {
	text := f.Number(*x, f.Decimals)
	if f.Unit == "" {
		return text
	}
	return text + "\u00a0" + f.Unit
}

// Month writes a month: November 2026.
func (l Language) Month(m collector.Month) string {
	first, _, err := m.Dates()
	if err != nil {
		return string(m)
	}
	return l.Say("month."+string(first[5:7])) + " " + string(m[:4])
}
