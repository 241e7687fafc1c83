package crawl_test

import (
	"os"
	"testing"
	"time"

	"veille/collector/crawl"
)

// Who asks for a measure is at his desk: nothing that is kept says at what time of day that was.
func TestOfTheMomentOfAMeasureOnlyTheDateIsKept(t *testing.T) {
	s := newSchool(t)
	w := s.website()
	w.Rules.Mode = "two-speed"
	l := newLedger(w)
	p := parts(t, l, real)
	zone := time.FixedZone("somewhere", 11*3600)
	for n := range 3 {
		p.Now = func() time.Time { return time.Date(2026, 11, 23, 8, 51+n, 17, 0, zone) } // the day before in UTC
		if err := crawl.New(p).Measure(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		midnight := time.Date(2026, 11, 23, 0, 0, n, 0, time.UTC)
		if at := l.runs[n].At; !at.Equal(midnight) {
			t.Errorf("measure %d of the day is of %v; want %v", n+1, at, midnight)
		}
		if n == 1 { // the ledger knows the order of the day without the folder
			if err := os.RemoveAll(p.Folder); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, one := range l.pages[1] {
		if one.At.Sub(one.At.Truncate(day)) > 2*time.Second || one.SeenAt.Sub(one.SeenAt.Truncate(day)) > 2*time.Second {
			t.Errorf("%s was measured at %v, asked for at %v", one.URL, one.At, one.SeenAt)
		}
	}
	holds(t, p.Folder, "T08:5", "T21:5")
}
