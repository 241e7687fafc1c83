package collector_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"veille/collector"
)

// Wherever samples are cut, and in however many pieces they are deleted: the dates from that of the cut on are as they were.
func TestDaysAreTheSameWhenSamplesBeforeAreDeleted(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	start := said(t, "2026-03-20 00:00:00", 0).At
	for i := range 300 {
		m := []collector.Meter{counter(), wattmeter()}[i%2]
		var all []collector.MeterSample
		for at, n := start, 2+random.IntN(60); len(all) < n; at += 1 + random.Int64N([]int64{1000, 600_000, 86_400_000}[random.IntN(3)]) {
			all = append(all, collector.MeterSample{Meter: m.ID, At: at, Value: 1000*random.Float64() + float64(random.IntN(5)*len(all))})
		}
		var past collector.MeterPast
		var err error
		cut := 1 + random.IntN(len(all)-1)
		for done := 0; done < cut; {
			next := done + 1 + random.IntN(cut-done)
			if past, err = past.With(m, paris(t), all[max(0, done-random.IntN(2)):next]); err != nil { // one that was deleted already is left aside
				t.Fatal(err)
			}
			done = next
		}
		got, err := past.Days(m, paris(t), all[cut-random.IntN(2):], past.Date, "2026-12-31")
		if err != nil {
			t.Fatal(err)
		}
		want, err := collector.MeterDays(m, paris(t), all, past.Date, "2026-12-31")
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d days, %v; want %d", len(got), err, len(want))
		}
		for i, d := range got {
			if math.Abs(d.Wh-want[i].Wh) > 1e-9*max(1, want[i].Wh) {
				t.Fatalf("%+v, want %v Wh", d, want[i].Wh)
			}
			if d.Wh = want[i].Wh; d != want[i] {
				t.Fatalf("%+v, want %+v", d, want[i])
			}
		}
	}
}
