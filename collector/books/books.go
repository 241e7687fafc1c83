// Package books reads from tables what figures are reckoned with, and what people keep beside them: prices, factors, readings of meters,
// quantities, grids of the RGESN.
//
// Columns are called by the English names below or by French ones. Each reading is all or nothing: either all lines of a file are answered, in its
// order, or an error that names the first 20 lines that are wrong and counts all of them. What a file says twice is wrong.
package books

import (
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/table"
)

// The columns that several tables have.
const (
	columnSite   = "site"
	columnFrom   = "from"
	columnTo     = "to"
	columnValue  = "value"
	columnSource = "source"
	columnYear   = "year"
)

// sheet is a table that is read.
type sheet struct {
	table.Table
	wrong table.Lines
	lines int // with those that are wrong
}

// opened is a file with its columns; what says in an error what it should have been.
func opened(file []byte, what string, columns []table.Column) (*sheet, error) {
	t, wrong, err := table.Parse(file, columns)
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", what, err)
	}
	return &sheet{Table: t, wrong: wrong, lines: len(t.Rows) + wrong.Count()}, nil
}

// dates reads the dates of columns that are written in one way.
func (s *sheet) dates(columns ...string) (table.Dates, error) {
	d, err := table.DatesOf(s.Rows, columns...)
	if err != nil {
		return d, fmt.Errorf("dates of %s: %w", strings.Join(columns, ", "), err)
	}
	return d, nil
}

// each reads the lines, and answers those that are right.
func each[T any](s *sheet, line func(table.Row) (T, error)) []T {
	all := make([]T, 0, len(s.Rows))
	for _, row := range s.Rows {
		x, err := line(row)
		s.wrong.Add(row.Number, err)
		if err == nil {
			all = append(all, x)
		}
	}
	return all
}

// answer is all lines, or what is wrong.
func answer[T any](s *sheet, all []T) ([]T, error) {
	if err := s.wrong.Err(s.lines); err != nil {
		return nil, err
	}
	return all, nil
}

// period is what a line says something of.
type period struct {
	number   int // of the line
	of       string
	from, to string // both in it; dates, or months
}

// apart adds an error to each line whose period overlaps that of an earlier line of the same.
func (s *sheet) apart(all []period, hint string) {
	slices.SortStableFunc(all, func(a, b period) int {
		if c := strings.Compare(a.of, b.of); c != 0 {
			return c
		}
		return strings.Compare(a.from, b.from)
	})
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.of != b.of || b.from > a.to {
			continue
		}
		if a.number > b.number {
			a, b = b, a
		}
		s.wrong.Add(b.number, fmt.Errorf("%s overlaps %s of line %d%s", b.text(), a.text(), a.number, hint))
		if all[i-1].to > all[i].to { // the longer one is what others may still overlap
			all[i] = all[i-1]
		}
	}
}

func (p period) text() string {
	if p.from == p.to {
		return p.from
	}
	return p.from + " to " + p.to
}

// once tells of the lines that say the same thing again.
type once map[string]int

func (o once) add(number int, what, key string) error {
	if before, twice := o[key]; twice {
		return fmt.Errorf("%s is on line %d already", what, before)
	}
	o[key] = number
	return nil
}

// monthOf reads a month, or that of a date; an error of nothing.
func monthOf(what, text string, d table.Dates) (collector.Month, error) {
	date, err := d.Date(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", what, err)
	case date == "":
		return "", fmt.Errorf("no %s is given", what)
	}
	return date.Month(), nil
}

// numberOf reads a number.
func numberOf(what, text string) (float64, error) {
	x, err := table.Number(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return x, nil
}
