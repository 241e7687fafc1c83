package inventory

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"veille/collector/table"
)

// own reads the lines of our own format.
func (r *reader) own() error {
	bought, err := r.dates(columnBought)
	left, err2 := r.dates(columnLeft)
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	for _, row := range r.t.Rows {
		l, err := r.ownLine(row, bought, left)
		if err == nil {
			err = r.add(l)
		}
		r.wrong.Add(row.Number, err)
	}
	return nil
}

// ownLine reads one line.
func (r *reader) ownLine(row table.Row, bought, left table.Dates) (Line, error) {
	l := Line{Number: row.Number, Site: row.Cells[columnSite]}
	l.Source = r.o.Source
	if l.Site == "" {
		return l, errors.New("no site is named")
	}
	var err error
	if l.Count, err = countOf(row.Cells[columnCount]); err != nil {
		return l, err
	}
	if l.Bought, err = r.monthOf(columnBought, row.Cells[columnBought], bought); err != nil {
		return l, err
	}
	if l.Class, err = classOf(row.Cells[columnClass]); err != nil {
		return l, err
	}
	if l.As, err = wayOf(row.Cells[columnAs]); err != nil {
		return l, err
	}
	if l.State, err = stateOf(row.Cells[columnState]); err != nil {
		return l, err
	}
	if l.Left, err = r.monthOf(columnLeft, row.Cells[columnLeft], left); err != nil {
		return l, err
	}
	if l.To, err = endOf(row.Cells[columnTo]); err != nil {
		return l, err
	}
	l.Ecolabel, err = yes(row.Cells[columnEcolabel])
	return l, err
}

// countOf reads a whole number. "1,000" and "1.000" are one in one language and a thousand in another, so digits alone are taken.
func countOf(text string) (int, error) {
	x, err := strconv.Atoi(text)
	if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, fmt.Errorf("count %.40q is not a whole number in plain digits, such as 1200: write it without a point, a comma or a space", text)
	}
	return x, nil
}
