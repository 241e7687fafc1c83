package ecoindex_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"veille/ecoindex"
)

// show says savings in a line, for tables: "-" is what cannot.
func show(s ecoindex.Savings) string {
	number := func(ok bool, n func() any) any {
		if !ok {
			return "-"
		}
		return n()
	}
	return fmt.Sprint(
		number(s.DOM != nil, func() any { return *s.DOM }), " ",
		number(s.Requests != nil, func() any { return *s.Requests }), " ",
		number(s.Bytes != nil, func() any { return *s.Bytes }), " ", s.Share, "%")
}

// The numbers are those of a search that tries every one of them, written apart from this package.
func TestAPageIsToldWhatToTakeAwayForAGrade(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    ecoindex.Measure
		to   ecoindex.Grade
		from ecoindex.Basis
		want string // elements, requests, bytes, share
	}{
		{"the median page, to the next grade", ecoindex.Measure{DOM: 693, Requests: 78, SizeKB: 2420}, ecoindex.C, ecoindex.FromRounded, "305 54 - 24.3%"},
		{"by the raw score a little less is enough", ecoindex.Measure{DOM: 693, Requests: 78, SizeKB: 2420}, ecoindex.C, ecoindex.FromRaw, "293 52 2419619 23.1%"},
		{"elements alone can, requests and bytes cannot", ecoindex.Measure{DOM: 693, Requests: 78, SizeKB: 2420}, ecoindex.B, ecoindex.FromRounded, "669 - - 50%"},
		{"requests alone can", ecoindex.Measure{DOM: 100, Requests: 100, SizeKB: 100}, ecoindex.A, ecoindex.FromRounded, "- 42 - 34%"},
		{"each of the three can", ecoindex.Measure{DOM: 1200, Requests: 85, SizeKB: 2500}, ecoindex.D, ecoindex.FromRounded, "459 43 2295956 21.3%"},
		{"the grade it has is reached", ecoindex.Measure{DOM: 693, Requests: 78, SizeKB: 2420}, ecoindex.D, ecoindex.FromRounded, "0 0 0 0%"},
		{"a worse grade is reached", ecoindex.Measure{}, ecoindex.G, ecoindex.FromRaw, "0 0 0 0%"},
		{"a score of 80 is just not an A", ecoindex.Measure{DOM: 359, Requests: 3, SizeKB: 373.75}, ecoindex.A, ecoindex.FromRounded, "3 1 22985 0.9%"},
		{"the same page is an A by the raw score", ecoindex.Measure{DOM: 359, Requests: 3, SizeKB: 373.75}, ecoindex.A, ecoindex.FromRaw, "0 0 0 0%"},
		{"nothing alone helps a page with too much of all", ecoindex.Measure{DOM: 2e6, Requests: 9000, SizeKB: 1e6}, ecoindex.A, ecoindex.FromRounded, "- - - 100%"},
		{"the largest measures there are", ecoindex.Measure{DOM: math.MaxInt, Requests: math.MaxInt, SizeKB: math.MaxFloat64}, ecoindex.A, ecoindex.FromRounded, "- - - 100%"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ecoindex.ToReach(tt.m, tt.to, tt.from)
			if err != nil || show(s) != tt.want {
				t.Errorf("ToReach(%+v, %s, %s) = %s, %v; want %s", tt.m, tt.to, tt.from, show(s), err, tt.want)
			}
		})
	}
}

func TestOnlyAMeasureAndAGradeThatCanBeAreAnswered(t *testing.T) {
	for _, tt := range []struct {
		m    ecoindex.Measure
		to   ecoindex.Grade
		want string
	}{
		{ecoindex.Measure{}, "", `"" is not a grade that can be reached; give a letter from A to G`},
		{ecoindex.Measure{}, "b", `"b" is not a grade that can be reached; give a letter from A to G`},
		{ecoindex.Measure{DOM: -1}, ecoindex.A, "the number of elements is -1; it cannot be negative"},
	} {
		if s, err := ecoindex.ToReach(tt.m, tt.to, ecoindex.FromRounded); err == nil || err.Error() != tt.want {
			t.Errorf("ToReach(%+v, %q) = %+v, %v; want %q", tt.m, tt.to, s, err, tt.want)
		}
	}
}

// checkSavings wants that s reaches g and that one less of anything does not, by Compute alone.
func checkSavings(t *testing.T, m ecoindex.Measure, g ecoindex.Grade, b ecoindex.Basis) {
	t.Helper()
	s, err := ecoindex.ToReach(m, g, b)
	if err != nil {
		t.Fatalf("ToReach(%+v, %s, %s): %v", m, g, b, err)
	}
	reached := func(dom, requests int, size float64) bool {
		r := compute(t, ecoindex.Measure{DOM: dom, Requests: requests, SizeKB: size})
		return !r.Graded(b).Grade.WorseThan(g)
	}
	if reached(m.DOM, m.Requests, m.SizeKB) {
		if show(s) != "0 0 0 0%" {
			t.Errorf("%+v has grade %s (%s) and is told to take away %s", m, g, b, show(s))
		}
		return
	}
	bytes := math.Round(1000 * m.SizeKB)
	least := func(what string, alone bool, taken, all float64, left func(taken float64) bool) {
		switch {
		case alone && !(taken >= 1 && taken <= all):
			t.Errorf("%+v to %s (%s): take away %v of %v %s", m, g, b, taken, all, what)
		case alone && (!left(taken) || taken > 1 && left(taken-1)):
			t.Errorf("%+v to %s (%s): %v %s reach it: %t; one less: %t", m, g, b, taken, what, left(taken), left(taken-1))
		case !alone && left(all) && all <= 1<<53:
			t.Errorf("%+v to %s (%s): %s are said not to be enough, and all of them are", m, g, b, what)
		}
	}
	var dom, requests, weight float64
	if s.DOM != nil {
		dom = float64(*s.DOM)
	}
	if s.Requests != nil {
		requests = float64(*s.Requests)
	}
	if s.Bytes != nil {
		weight = float64(*s.Bytes)
	}
	least("elements", s.DOM != nil, dom, float64(m.DOM), func(n float64) bool { return reached(m.DOM-int(n), m.Requests, m.SizeKB) })
	least("requests", s.Requests != nil, requests, float64(m.Requests), func(n float64) bool { return reached(m.DOM, m.Requests-int(n), m.SizeKB) })
	least("bytes", s.Bytes != nil, weight, bytes, func(n float64) bool { return reached(m.DOM, m.Requests, (bytes-n)/1000) })
	least("tenths of a percent", true, math.Round(10*s.Share), 1000, func(n float64) bool {
		taken := func(of float64) float64 { return math.Floor(of * n / 1000) }
		size := (bytes - taken(bytes)) / 1000
		if taken(bytes) == 0 {
			size = m.SizeKB
		}
		return reached(m.DOM-int(taken(float64(m.DOM))), m.Requests-int(taken(float64(m.Requests))), size)
	})
}

// eachGrade checks the savings of m for every grade by both conventions.
func eachGrade(t *testing.T, m ecoindex.Measure) {
	t.Helper()
	for g := ecoindex.A; g <= ecoindex.G; g = ecoindex.Grade(g[0] + 1) {
		checkSavings(t, m, g, ecoindex.FromRounded)
		checkSavings(t, m, g, ecoindex.FromRaw)
	}
}

func TestTheSavingsReachTheGradeAndOneLessDoesNot(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // the same pages each time
	for range 3000 {
		eachGrade(t, ecoindex.Measure{
			DOM:      int(math.Exp(random.Float64() * math.Log(1e6))),
			Requests: int(math.Exp(random.Float64() * math.Log(5000))),
			SizeKB:   math.Round(1000*math.Exp(random.Float64()*math.Log(3e5))) / 1000,
		})
	}
	for _, v := range vectors(t) {
		if !v.inputless {
			eachGrade(t, v.measure())
		}
	}
}

func FuzzToReach(f *testing.F) {
	f.Add(693, 78, 2420.0)
	f.Add(359, 3, 373.75)
	f.Add(0, 0, 0.0014)
	f.Add(1, 1, 0.0004)
	f.Add(594601, 3920, 223212.26)
	f.Add(-1, 0, math.NaN())
	f.Fuzz(func(t *testing.T, dom, requests int, size float64) {
		m := ecoindex.Measure{DOM: dom, Requests: requests, SizeKB: size}
		if m.Validate() != nil {
			if _, err := ecoindex.ToReach(m, ecoindex.A, ecoindex.FromRaw); err == nil {
				t.Errorf("ToReach(%+v) has no error", m)
			}
			return
		}
		if dom > 1<<43 || requests > 1<<43 || size > 1<<33 {
			return // the test counts in float64, exactly up to here; the table has larger ones
		}
		eachGrade(t, m)
	})
}

func BenchmarkToReach(b *testing.B) {
	m := ecoindex.Measure{DOM: 693, Requests: 78, SizeKB: 2420}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ecoindex.ToReach(m, ecoindex.B, ecoindex.FromRounded); err != nil {
			b.Fatal(err)
		}
	}
}
