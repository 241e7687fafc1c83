package books

import (
	"errors"
	"fmt"
	"strings"

	"veille/collector"
	"veille/collector/table"
)

// Quantity is a stated quantity, as a file names its site.
type Quantity struct {
	Number int    // of the line in the file, from 1
	Site   string // its name or number; "" all of the organisation
	collector.Quantity
}

// Quantities reads a table of quantity, from, to (months; or year), value, site, source, owner, note. In French: grandeur, du, au, année, valeur, site
// (établissement), source, fonction, note (remarque). quantity is one of collector.Quantities. A line without a source has that which is given.
// What is said of a quantity of a site, or of all, does not overlap in time.
func Quantities(file []byte, source string) ([]Quantity, error) {
	const columnQuantity, columnOwner, columnNote = "quantity", "owner", "note"
	s, err := opened(file, "quantities", []table.Column{
		{Name: columnQuantity, Known: []string{"grandeur", "quantité", "name"}, Needed: true},
		{Name: columnFrom, Known: []string{"du", "début", "de"}},
		{Name: columnTo, Known: []string{"au", "fin", "à"}},
		{Name: columnYear, Known: []string{"année"}},
		{Name: columnValue, Known: []string{"valeur"}, Needed: true},
		{Name: columnSite, Known: []string{"établissement", "lieu"}},
		{Name: columnSource},
		{Name: columnOwner, Known: []string{"fonction", "responsable"}}, //nolint:misspell // French
		{Name: columnNote, Known: []string{"remarque"}},
	})
	if err != nil {
		return nil, err
	}
	if s.Has(columnYear) == (s.Has(columnFrom) || s.Has(columnTo)) || s.Has(columnFrom) != s.Has(columnTo) {
		return nil, errors.New("the first line has to name either the columns from and to (du, au) or the column year (année)")
	}
	dates, err := s.dates(columnFrom, columnTo)
	if err != nil {
		return nil, err
	}
	var periods []period
	all := each(s, func(row table.Row) (Quantity, error) {
		q := Quantity{Number: row.Number, Site: row.Cells[columnSite]}
		q.Name, q.Source, q.Owner, q.Note = named(row.Cells[columnQuantity]), row.Cells[columnSource], row.Cells[columnOwner], row.Cells[columnNote]
		if q.Source == "" {
			q.Source = source
		}
		var err error
		if q.From, q.To, err = months(row, s.Has(columnYear), dates); err != nil {
			return q, err
		}
		if q.Value, err = numberOf(columnValue, row.Cells[columnValue]); err != nil {
			return q, err
		}
		if err := q.Validate(); err != nil {
			return q, fmt.Errorf("quantity: %w", err)
		}
		periods = append(periods, period{q.Number, q.Name + "\x00" + table.Plain(q.Site), string(q.From), string(q.To)})
		return q, nil
	})
	s.apart(periods, "")
	return answer(s, all)
}

// named is the name of a quantity, in whatever case, and with spaces for its hyphens.
func named(text string) string {
	name := strings.ReplaceAll(table.Plain(text), " ", "-")
	for _, k := range collector.Quantities() {
		if k.Name == name {
			return name
		}
	}
	return text
}

// months are the first and the last month of a line.
func months(row table.Row, byYear bool, dates table.Dates) (from, to collector.Month, err error) {
	if byYear {
		year, err := yearOf(row.Cells[columnYear])
		if err != nil {
			return "", "", err
		}
		return collector.Month(fmt.Sprintf("%d-01", year)), collector.Month(fmt.Sprintf("%d-12", year)), nil
	}
	if from, err = monthOf(columnFrom, row.Cells[columnFrom], dates); err != nil {
		return "", "", err
	}
	to, err = monthOf(columnTo, row.Cells[columnTo], dates)
	return from, to, err
}
