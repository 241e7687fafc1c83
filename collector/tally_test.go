package collector_test

import (
	"math"
	"testing"

	"veille/collector"
)

func TestTalliesAreTheSameDownToRounding(t *testing.T) {
	day := func(n int64, sums map[string]float64) collector.Tally {
		return collector.Tally{Day: "2026-01-01", Points: n, Sums: sums}
	}
	for name, x := range map[string]struct {
		a, b collector.Tally
		want bool
	}{
		"the same":                  {day(2, map[string]float64{"wh": 0.3}), day(2, map[string]float64{"wh": 0.1 + 0.2}), true},
		"another count":             {day(2, map[string]float64{"wh": 0.3}), day(1, map[string]float64{"wh": 0.3}), false},
		"another sum":               {day(2, map[string]float64{"wh": 1e6}), day(2, map[string]float64{"wh": 1e6 + 0.01}), false},
		"a field is missing":        {day(2, map[string]float64{"wh": 1}), day(2, nil), false},
		"a field is too many":       {day(2, nil), day(2, map[string]float64{"wh": 1}), false},
		"less than a billionth":     {day(2, map[string]float64{"wh": 1e-10}), day(2, nil), true},
		"not a number":              {day(2, map[string]float64{"wh": math.NaN()}), day(2, map[string]float64{"wh": math.NaN()}), false},
		"a field of zero is absent": {day(2, map[string]float64{"wh": 0}), day(2, nil), true},
	} {
		if x.a.Same(x.b) != x.want || x.b.Same(x.a) != x.want {
			t.Errorf("%s: not %t", name, x.want)
		}
	}
}
