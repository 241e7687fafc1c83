package books

import (
	"errors"
	"fmt"
	"strconv"

	"veille/collector"
	"veille/collector/table"
)

// Factors reads a table of id, value, low, high, unit, year, source, link, licence, verified. In French: identifiant, valeur, bas, haut, unité, année,
// source, lien, licence, vérifié. A line with neither low nor high has a range of its value alone; verified is yes or no (oui, non), and nothing is
// no. Each id is there once.
func Factors(file []byte) ([]collector.Factor, error) {
	const columnID, columnLink, columnVerified = "id", "link", "verified"
	s, err := opened(file, "factors", []table.Column{
		{Name: columnID, Known: []string{"identifiant"}, Needed: true},
		{Name: columnValue, Known: []string{"valeur"}, Needed: true},
		{Name: "low", Known: []string{"bas", "minimum", "min"}},
		{Name: "high", Known: []string{"haut", "maximum", "max"}},
		{Name: "unit", Known: []string{"unité"}, Needed: true},
		{Name: columnYear, Known: []string{"année"}, Needed: true},
		{Name: columnSource, Needed: true},
		{Name: columnLink, Known: []string{"lien", "url"}},
		{Name: "licence", Known: []string{"license"}},
		{Name: columnVerified, Known: []string{"vérifié"}},
	})
	if err != nil {
		return nil, err
	}
	if len(s.Rows) > maxFactors {
		return nil, fmt.Errorf("the file has %d lines, and up to %d factors are possible", len(s.Rows), maxFactors)
	}
	seen := once{}
	all := each(s, func(row table.Row) (collector.Factor, error) {
		f := collector.Factor{
			ID: row.Cells[columnID], Unit: row.Cells["unit"], Source: row.Cells[columnSource],
			Link: row.Cells[columnLink], Licence: row.Cells["licence"],
		}
		var err error
		if f.Value, f.Low, f.High, err = valueOf(row); err != nil {
			return f, err
		}
		if f.Year, err = yearOf(row.Cells[columnYear]); err != nil {
			return f, err
		}
		switch table.Plain(row.Cells[columnVerified]) {
		case "", "no", "non", "false", "faux", "0":
		case "yes", "oui", "true", "vrai", "1", "x":
			f.Verified = true
		default:
			return f, fmt.Errorf("verified %.40q is neither yes nor no (oui, non)", row.Cells[columnVerified])
		}
		if err := f.Validate(); err != nil {
			return f, fmt.Errorf("factor: %w", err)
		}
		return f, seen.add(row.Number, "factor "+f.ID, f.ID)
	})
	return answer(s, all)
}

// maxFactors is how many factors a file may have: far more than reports name, and each page that reckons reads all of them.
const maxFactors = 5000

// valueOf reads a value and its range.
func valueOf(row table.Row) (value, low, high float64, err error) {
	if value, err = numberOf(columnValue, row.Cells[columnValue]); err != nil {
		return 0, 0, 0, err
	}
	if row.Cells["low"] == "" && row.Cells["high"] == "" {
		return value, value, value, nil
	}
	if row.Cells["low"] == "" || row.Cells["high"] == "" {
		return 0, 0, 0, errors.New("a range has two ends: give both low and high, or neither")
	}
	if low, err = numberOf("low", row.Cells["low"]); err != nil {
		return 0, 0, 0, err
	}
	high, err = numberOf("high", row.Cells["high"])
	return value, low, high, err
}

// yearOf reads a year of four digits.
func yearOf(text string) (int, error) {
	year, err := strconv.Atoi(text)
	if err != nil || len(text) != 4 || year < 1000 {
		return 0, fmt.Errorf("year %.40q is not a year of four digits", text)
	}
	return year, nil
}
