package balance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"veille/collector"
)

// Book is what energy is reckoned with: prices, and factors.
type Book struct {
	prices  []collector.Price // the oldest first
	factors map[string]collector.Factor
}

// NewBook is the book of an organisation: its prices, and its own factors in the place of those shipped. Of two prices from the same
// month the later in the list holds. An error names the price or factor that cannot be reckoned with.
func NewBook(prices []collector.Price, own []collector.Factor) (Book, error) {
	b := Book{prices: slices.Clone(prices), factors: make(map[string]collector.Factor)}
	for _, p := range prices {
		if err := p.Validate(); err != nil {
			return Book{}, fmt.Errorf("price from %.20q: %w", p.From, err)
		}
	}
	slices.SortStableFunc(b.prices, func(x, y collector.Price) int { return strings.Compare(string(x.From), string(y.From)) })
	factors, err := Shipped()
	if err != nil {
		return Book{}, err
	}
	for _, f := range factors {
		b.factors[f.ID] = f
	}
	for _, f := range own {
		if err := Usable(f); err != nil {
			return Book{}, fmt.Errorf("factor %.50q: %w", f.ID, err)
		}
		b.factors[f.ID] = f
	}
	return b, nil
}

// Price is what a kilowatt-hour costs in a month: that of the last price from no later.
func (b Book) Price(m collector.Month) (collector.Price, bool) {
	for _, p := range slices.Backward(b.prices) {
		if p.From <= m {
			return p, true
		}
	}
	return collector.Price{}, false
}

// Factor is the factor of an id.
func (b Book) Factor(id string) (collector.Factor, bool) {
	f, ok := b.factors[id]
	return f, ok
}

// Factors are all factors, by id.
func (b Book) Factors() []collector.Factor {
	return slices.SortedFunc(maps.Values(b.factors), func(x, y collector.Factor) int { return strings.Compare(x.ID, y.ID) })
}

// euros is what energy costs in a month, and whether VAT is in it: kWh × price. nil where the month has no price.
func (b Book) euros(kwh Range, m collector.Month) (*Range, string) {
	p, ok := b.Price(m)
	if !ok {
		return nil, ""
	}
	r := kwh.times(Range{p.EuroPerKWh, p.EuroPerKWh, p.EuroPerKWh})
	return &r, p.Tax
}

// carbon is the kgCO2e of electricity: kWh × gCO2e/kWh ÷ 1000, the bounds with the bounds. nil where there is no factor.
func (b Book) carbon(kwh Range) *Range {
	f, ok := b.Factor(Electricity)
	if !ok {
		return nil
	}
	r := kwh.times(rangeOf(f))
	r = Range{r.Value / 1000, r.Low / 1000, r.High / 1000}
	return &r
}
