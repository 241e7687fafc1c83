package savings

import (
	"math"
	"slices"
	"strings"

	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// Units of figures.
const (
	kWh   = "kWh"
	euros = "€"
	kgCO2 = "kgCO2e"
)

// decimals are as many as a figure needs to be told from another of its size.
func decimals(x float64) int {
	if x = math.Abs(x); x >= 100 || x == 0 {
		return 0
	} else if x >= 10 {
		return 1
	}
	return 2
}

// figure is a range as a figure of a page.
func figure(id, label string, r balance.Range, unit, how string) frame.Figure {
	return frame.Figure{
		ID: id, Label: label, Value: &r.Value, Low: &r.Low, High: &r.High, Unit: unit, How: how,
		Decimals: decimals(max(math.Abs(r.Low), math.Abs(r.High))),
	}
}

// perhaps is a figure that is missing for a reason where there is no range.
func perhaps(id, label string, r *balance.Range, unit, how, missing string) frame.Figure {
	if r == nil {
		return frame.Figure{ID: id, Label: label, Unit: unit, How: how, Missing: missing}
	}
	return figure(id, label, *r, unit, how)
}

// count is a figure of how many there are.
func count(id, label string, n int, how string) frame.Figure {
	return frame.Figure{ID: id, Label: label, Value: new(float64(n)), How: how}
}

// coverage is the share of the time that the energy of an account covers, as exactly as it may be told.
func coverage(a balance.Account) *float64 {
	percent, ok := privacy.Percent(a.Known*a.Covered, 1, a.Machines)
	if !ok {
		return nil
	}
	return new(percent / 100)
}

// percentOf is the percentage that part is of whole, as exactly as may be told of so many machines or devices; an empty cell of nothing.
func percentOf(part, whole float64, of int) frame.Cell {
	percent, ok := privacy.Percent(part, whole, of)
	if !ok {
		return frame.Cell{}
	}
	return frame.Num(percent)
}

// obtained says of a figure how much of the time it covers, and by which methods it was obtained.
func obtained(f frame.Figure, a balance.Account) frame.Figure {
	f.Coverage, f.Methods = coverage(a), a.Methods
	return f
}

// cells are the three cells of a range; empty ones of none.
func cells(r *balance.Range) []frame.Cell {
	if r == nil {
		return make([]frame.Cell, 3)
	}
	return []frame.Cell{frame.Num(r.Value), frame.Num(r.Low), frame.Num(r.High)}
}

// columns are those of the cells of a range. Where it is not wide, its bounds are for programs and spreadsheets.
func columns(l frame.Language, id, title, unit string, wide bool) []frame.Column {
	return []frame.Column{
		{ID: id, Title: title, Unit: unit},
		{ID: id + "_low", Title: l.Say("savings.low"), Unit: unit, Hidden: !wide},
		{ID: id + "_high", Title: l.Say("savings.high"), Unit: unit, Hidden: !wide},
	}
}

// inWords is a range with its unit: 1,480 kWh (between 1,300 and 1,700).
func inWords(l frame.Language, r balance.Range, unit string) string {
	d := decimals(max(math.Abs(r.Low), math.Abs(r.High)))
	return l.Say("savings.range", l.Number(r.Value, d)+"\u00a0"+unit, l.Number(r.Low, d), l.Number(r.High, d))
}

// estimated tells whether a model is in a figure that was obtained so.
func estimated(methods []string) bool {
	return slices.ContainsFunc(methods, func(m string) bool { return strings.Contains(m, "model") })
}

// why is a reason for which the door hides a figure, in words.
func why(l frame.Language, w privacy.Why) string {
	switch w {
	case privacy.TooFew:
		return l.Say("savings.why.few")
	case privacy.Dominates:
		return l.Say("savings.why.dominates")
	case privacy.ToProtect:
		return l.Say("savings.why.protect")
	}
	return l.Say("savings.why.above")
}

// taxWords says whether VAT is in an amount of money.
func taxWords(l frame.Language, tax string) string {
	if tax == "" {
		return ""
	}
	return l.Known("savings.tax.", tax, tax)
}
