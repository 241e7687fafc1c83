package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"veille/collector/label"
)

// columns are those of the table of lines, the same in both languages.
func columns() []string {
	return []string{
		"id", "theme", "item", "title", "value", "low", "high", "unit", "status", "coverage_pct", "quality", "previous", "target", "target_by", "trend",
		"observed", "methods", "missing", "evidence",
	}
}

// CSV writes the lines of a report as a table, in UTF-8: in French with semicolons, decimal commas and a byte order mark, as spreadsheets there
// read it. Names of columns and codes such as "to-complete" are those of the JSON in both languages; titles, units and reasons are in the
// language.
//
// Numbers are not rounded. A cell without one is empty: it is never 0. Lists have spaces between their members. A text that a spreadsheet would
// take for a formula, since it begins with = + - @, a tab or the end of a line, has an apostrophe before it, and so has such a mark behind a comma, a
// semicolon or a bar; a number never has.
func CSV(w io.Writer, r label.Report, code string) error {
	l, err := speak(code)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	table := csv.NewWriter(&out)
	if l.code == "fr" {
		out.WriteString("\ufeff")
		table.Comma = ';'
	}
	if err := table.Write(columns()); err != nil {
		return fmt.Errorf("write the table of a report: %w", err)
	}
	where := places(r)
	for _, line := range r.Lines {
		if err := table.Write(l.row(line, where[line.ID])); err != nil {
			return fmt.Errorf("write the line %.40q of a report: %w", line.ID, err)
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return fmt.Errorf("write the table of a report: %w", err)
	}
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("write the table of a report: %w", err)
	}
	return nil
}

// row is a line of the table, in the order of columns.
func (l language) row(line label.Line, at place) []string {
	missing := ""
	if line.Value == nil {
		missing = l.missing(line)
	}
	if line.Status == label.NotApplicable && line.Remark != nil {
		missing = line.Remark.Text // it says why
	}
	cited := make([]string, len(line.Evidence))
	for i, n := range line.Evidence {
		cited[i] = strconv.Itoa(n)
	}
	return []string{
		harmless(line.ID), harmless(strings.Join(at.themes, " ")), harmless(strings.Join(at.items, " ")), harmless(l.text(line.Title)),
		l.cell(line.Value), l.cell(line.Low), l.cell(line.High), harmless(l.unitAlone(line.Unit)), harmless(line.Status), l.cell(line.CoveragePct), harmless(line.Quality),
		l.cell(line.Previous), l.cell(line.Target), harmless(string(line.TargetBy)), harmless(line.Trend), l.cell(line.Observed),
		harmless(strings.Join(line.Methods, " ")), harmless(missing), strings.Join(cited, " "),
	}
}

// cell is a number as spreadsheets of the language read it, with all of its digits; nothing where there is none.
func (l language) cell(x *float64) string {
	if x == nil {
		return ""
	}
	text := strconv.FormatFloat(*x, 'f', -1, 64)
	if l.code == "fr" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// harmless is a text that no spreadsheet takes for a formula, also where it takes a mark within the text for the end of a cell: one that is set to commas
// reads a table of semicolons so, and the other way round.
func harmless(text string) string {
	var out strings.Builder
	first := true
	for _, c := range plain(text) {
		if first && strings.ContainsRune("=+-@\t\n＝＋－＠", c) {
			out.WriteByte('\'')
			out.WriteRune(c)
			first = false
			continue
		}
		first = first && (c == ' ' || c == '\u00a0' || c == '\u202f' || c == '"' || c == '\'') || strings.ContainsRune(",;|\t\n", c)
		out.WriteRune(c)
	}
	return out.String()
}
