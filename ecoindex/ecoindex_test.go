package ecoindex_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"veille/ecoindex"
)

func compute(t *testing.T, m ecoindex.Measure) ecoindex.Result {
	t.Helper()
	r, err := ecoindex.Compute(m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAHalfRoundsToTheEvenNeighbour(t *testing.T) {
	r := compute(t, ecoindex.Measure{DOM: 47, Requests: 25})
	if r.Raw != 92.5 || r.Score != 92 || r.Grade != ecoindex.A {
		t.Errorf("47 elements, 25 requests, 0 kB score %v (raw %v), grade %s; want 92 (raw 92.5), A", r.Score, r.Raw, r.Grade)
	}
}

func TestTheGradeIsReadFromTheRoundedScore(t *testing.T) {
	r := compute(t, ecoindex.Measure{DOM: 359, Requests: 3, SizeKB: 373.75})
	if r.Raw <= 80 || r.Score != 80 || r.Grade != ecoindex.B {
		t.Errorf("raw %v gives score %d and grade %s; want 80 and B", r.Raw, r.Score, r.Grade)
	}
}

func TestTheScoreGoesFromOneHundredToZero(t *testing.T) {
	best := compute(t, ecoindex.Measure{})
	if best.Score != 100 || best.Lost != (ecoindex.Lost{}) {
		t.Errorf("an empty page scores %+v; want 100 and nothing lost", best)
	}
	worst := compute(t, ecoindex.Measure{DOM: math.MaxInt, Requests: math.MaxInt, SizeKB: math.MaxFloat64})
	if worst.Score != 0 || worst.Grade != ecoindex.G || worst.Lost.DOM != 50 {
		t.Errorf("the largest page scores %+v; want 0, G and 50 points lost for its elements", worst)
	}
}

func TestAMeasureThatCannotBeIsRefusedWithASentence(t *testing.T) {
	for _, tt := range []struct {
		m    ecoindex.Measure
		want string
	}{
		{ecoindex.Measure{DOM: -1}, "the number of elements is -1; it cannot be negative"},
		{ecoindex.Measure{Requests: -2}, "the number of requests is -2; it cannot be negative"},
		{ecoindex.Measure{SizeKB: -0.5}, "the size is -0.5 kB; it cannot be negative"},
		{ecoindex.Measure{SizeKB: math.NaN()}, "the size is NaN kB; it must be a finite number"},
		{ecoindex.Measure{SizeKB: math.Inf(1)}, "the size is +Inf kB; it must be a finite number"},
		{ecoindex.Measure{SizeKB: math.Inf(-1)}, "the size is -Inf kB; it must be a finite number"},
	} {
		if _, err := ecoindex.Compute(tt.m); err == nil || err.Error() != tt.want {
			t.Errorf("Compute(%+v) says %v; want %q", tt.m, err, tt.want)
		}
	}
}

// golden is what testdata/golden.json holds: whole results, to the last bit.
type golden struct {
	Measure ecoindex.Measure
	Result  ecoindex.Result
	GHG     float64
	Water   float64
}

func TestResultsAreTheSameToTheLastBitOnEveryProcessor(t *testing.T) {
	f, err := ecoindex.DefaultFootprint()
	if err != nil {
		t.Fatal(err)
	}
	var now []golden
	for _, m := range []ecoindex.Measure{
		{}, {47, 25, 0}, {100, 100, 100}, {201, 6, 107.178}, {693, 78, 2420}, {600, 40, 1024}, {282, 17, 270.2}, {2240, 100, 310182.902},
	} {
		r := compute(t, m)
		ghg, _ := f.GHG(m, float64(r.Score))
		water, _ := f.Water(m, float64(r.Score))
		now = append(now, golden{m, r, ghg, water})
	}
	got, err := json.MarshalIndent(now, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	name := filepath.Join("testdata", "golden.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; got\n%s", name, got)
	}
}

func FuzzCompute(f *testing.F) {
	f.Add(0, 0, 0.0, 1, 1, 1.0)
	f.Add(47, 25, 0.0, 0, 0, 0.1)
	f.Add(594600, 3919, 223212.25, 1, 1, 0.01)
	f.Add(693, 78, 2420.0, 5, 0, 0.0)
	f.Add(-1, 0, math.Inf(1), 0, 0, math.NaN())
	f.Fuzz(func(t *testing.T, dom, requests int, size float64, moreDOM, moreRequests int, moreSize float64) {
		m := ecoindex.Measure{DOM: dom, Requests: requests, SizeKB: size}
		r, err := ecoindex.Compute(m)
		if (err != nil) != (dom < 0 || requests < 0 || !(size >= 0) || math.IsInf(size, 1)) {
			t.Fatalf("Compute(%+v) says %v", m, err)
		}
		if err != nil {
			return
		}
		if !(r.Raw >= 0 && r.Raw <= 100) || r.Score < 0 || r.Score > 100 || math.Abs(float64(r.Score)-r.Raw) > 0.5 {
			t.Errorf("Compute(%+v) = %+v: outside 0 to 100, or not rounded", m, r)
		}
		if sum := r.Lost.DOM + r.Lost.Requests + r.Lost.Size; math.Abs(sum-(100-r.Raw)) > 1e-9 {
			t.Errorf("Compute(%+v) loses %v points in all, the raw score %v", m, sum, 100-r.Raw)
		}
		worse := ecoindex.Measure{DOM: dom + max(moreDOM, 0), Requests: requests + max(moreRequests, 0), SizeKB: size + max(moreSize, 0)}
		if w, err := ecoindex.Compute(worse); err == nil && w.Raw > r.Raw { // to the last bit: ToReach relies on it
			t.Errorf("Compute(%+v) = %v, more than %v of the lighter %+v", worse, w.Raw, r.Raw, m)
		}
	})
}

func BenchmarkCompute(b *testing.B) {
	measures := []ecoindex.Measure{
		{47, 25, 0}, {282, 17, 270.2}, {693, 78, 2420}, {1500, 150, 5000}, {594601, 3920, 223213}, // the last is the slowest
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := ecoindex.Compute(measures[i%len(measures)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
