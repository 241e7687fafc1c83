package books

import (
	"fmt"

	"veille/collector"
	"veille/collector/table"
)

// Prices reads a table of from (a month), euro_per_kwh, tax (excluded, included, HT, TTC), source. In French: à partir de (depuis, mois), prix (€/kWh),
// taxe (TVA), source. A line without a source has that which is given. Each month is there once.
func Prices(file []byte, source string) ([]collector.Price, error) {
	const columnPrice, columnTax = "euro_per_kwh", "tax"
	s, err := opened(file, "prices", []table.Column{
		{Name: columnFrom, Known: []string{"à partir de", "depuis", "mois", "month"}, Needed: true},
		{Name: columnPrice, Known: []string{"prix (€/kWh)", "€/kWh", "euros par kWh", "price (€/kWh)", "prix"}, Needed: true},
		{Name: columnTax, Known: []string{"taxe", "taxes", "TVA", "VAT"}, Needed: true},
		{Name: columnSource},
	})
	if err != nil {
		return nil, err
	}
	dates, err := s.dates(columnFrom)
	if err != nil {
		return nil, err
	}
	seen := once{}
	all := each(s, func(row table.Row) (collector.Price, error) {
		p := collector.Price{Source: row.Cells[columnSource]}
		if p.Source == "" {
			p.Source = source
		}
		var err error
		if p.From, err = monthOf(columnFrom, row.Cells[columnFrom], dates); err != nil {
			return p, err
		}
		if p.EuroPerKWh, err = numberOf(columnPrice, row.Cells[columnPrice]); err != nil {
			return p, err
		}
		if p.Tax, err = taxOf(row.Cells[columnTax]); err != nil {
			return p, err
		}
		if err := p.Validate(); err != nil {
			return p, fmt.Errorf("price: %w", err)
		}
		return p, seen.add(row.Number, "the price from "+string(p.From), string(p.From))
	})
	return answer(s, all)
}

// taxOf tells whether VAT is in a price.
func taxOf(text string) (string, error) {
	switch table.Plain(text) {
	case "excluded", "ht", "hors taxe", "hors taxes", "hors tva", "excl vat", "before vat":
		return "excluded", nil
	case "included", "ttc", "toutes taxes comprises", "incl vat", "with vat":
		return "included", nil
	}
	return "", fmt.Errorf("tax %.40q is neither excluded (HT) nor included (TTC)", text)
}
