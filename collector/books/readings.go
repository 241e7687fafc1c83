package books

import (
	"errors"
	"fmt"

	"veille/collector"
	"veille/collector/table"
)

// Reading is a reading of a meter, as a file names its site.
type Reading struct {
	Number int    // of the line in the file, from 1
	Site   string // name or number
	collector.Reading
}

// The columns of readings beside those of all tables.
const (
	columnMeter = "meter"
	columnMonth = "month"
	columnKWh   = "kwh"
)

// Readings reads a table of site, meter, from, to (dates), kwh; or site, meter, month, kwh. In French: site (établissement), compteur, du, au, mois,
// kwh. Both dates are in the period; periods of one meter do not overlap, and no period ends after today.
func Readings(file []byte, source string, today collector.Date) ([]Reading, error) {
	s, err := opened(file, "readings of meters", []table.Column{
		{Name: columnSite, Known: []string{"établissement", "lieu"}, Needed: true},
		{Name: columnMeter, Known: []string{"compteur", "n° de compteur", "point de livraison", "PDL", "PRM"}, Needed: true},
		{Name: columnFrom, Known: []string{"du", "début", "date de début", "start"}},
		{Name: columnTo, Known: []string{"au", "fin", "date de fin", "end"}},
		{Name: columnMonth, Known: []string{"mois"}},
		{Name: columnKWh, Known: []string{"énergie (kWh)", "consommation (kWh)", "energy (kWh)", "consumption (kWh)", "énergie kWh"}, Needed: true},
	})
	if err != nil {
		return nil, err
	}
	byMonth := s.Has(columnMonth)
	if byMonth == (s.Has(columnFrom) || s.Has(columnTo)) || s.Has(columnFrom) != s.Has(columnTo) {
		return nil, errors.New("the first line has to name either the columns from and to (du, au) or the column month (mois)")
	}
	dates, err := s.dates(columnFrom, columnTo, columnMonth)
	if err != nil {
		return nil, err
	}
	var periods []period
	all := each(s, func(row table.Row) (Reading, error) {
		r := Reading{Number: row.Number, Site: row.Cells[columnSite]}
		r.Meter, r.Source = row.Cells[columnMeter], source
		if r.Site == "" {
			return r, errors.New("no site is named")
		}
		var err error
		if r.From, r.To, err = days(row, byMonth, dates); err != nil {
			return r, err
		}
		if r.KWh, err = numberOf(columnKWh, row.Cells[columnKWh]); err != nil {
			return r, err
		}
		if r.To > today {
			return r, fmt.Errorf("it ends on %s, after today", r.To)
		}
		if err := r.Validate(); err != nil {
			return r, fmt.Errorf("reading: %w", err)
		}
		periods = append(periods, period{r.Number, table.Plain(r.Site) + "\x00" + table.Plain(r.Meter), string(r.From), string(r.To)})
		return r, nil
	})
	s.apart(periods, "; both dates are in a period: where the next one begins on the day on which this one ends, write the day before")
	return answer(s, all)
}

// days are the first and the last day of a line.
func days(row table.Row, byMonth bool, dates table.Dates) (from, to collector.Date, err error) {
	if byMonth {
		month, err := monthOf(columnMonth, row.Cells[columnMonth], dates)
		if err != nil {
			return "", "", err
		}
		return month.Dates()
	}
	if from, err = dates.Day(row.Cells[columnFrom]); err == nil {
		to, err = dates.Day(row.Cells[columnTo])
	}
	if err == nil && (from == "" || to == "") {
		err = errors.New("a date is missing: from and to are needed")
	}
	return from, to, err
}
