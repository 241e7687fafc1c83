package cmd_test

import (
	"encoding/json"
	"math"
	"testing"
)

// printed is as much of a report as is looked at.
type printed struct {
	Factors []struct {
		ID               string
		Value, Low, High float64
	}
	Lines []printedLine
}

type printedLine struct {
	ID                                   string
	Value, Low, High, Previous, Observed *float64
	CoveragePct                          *float64 `json:"coverage_pct"`
	Decimals                             int
	Status                               string
}

// near tells whether two figures are the same but for rounding: up to so much, or a billionth of themselves.
func near(got, want *float64, upTo float64) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	return math.Abs(*got-*want) <= upTo+1e-9*math.Abs(*want)
}

// compare holds a line against what it must be.
func (f figured) compare(t *testing.T, l printedLine) {
	t.Helper()
	upTo := 0.0
	if f.rounded {
		upTo = 0.05
		if l.Value != nil && (l.Decimals != 1 || math.Abs(*l.Value*10-math.Round(*l.Value*10)) > 1e-9) {
			t.Errorf("%s: %v is told with %d decimals, and is not rounded to one", l.ID, *l.Value, l.Decimals)
		}
	}
	for _, x := range []struct {
		name      string
		got, want *float64
		upTo      float64
	}{
		{"value", l.Value, f.value, upTo},
		{"low", l.Low, f.low, 0},
		{"high", l.High, f.high, 0},
		{"previous", l.Previous, f.previous, upTo},
		{"coverage", l.CoveragePct, f.coverage, 1e-9},
		{"observed", l.Observed, f.observed, 0},
	} {
		if !near(x.got, x.want, x.upTo) {
			t.Errorf("%s: the report's %s is %s, by hand it is %s", l.ID, x.name, told(x.got), told(x.want))
		}
	}
}

func told(x *float64) any {
	if x == nil {
		return "missing"
	}
	return string(must(json.Marshal(*x)))
}

func must(text []byte, err error) []byte {
	if err != nil {
		return []byte(err.Error())
	}
	return text
}
