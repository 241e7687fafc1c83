package label_test

import (
	"testing"

	"veille/collector"
)

func TestABuildingThatPostsByTheDoorIsCountedOnce(t *testing.T) {
	w := newWorld()
	for _, m := range []collector.Month{"2026-07", "2026-08"} {
		w.does(t, m, usual(1, 60))
	}
	imported := func(meter string, from, to collector.Date, kwh float64) collector.Reading {
		return collector.Reading{Organisation: 7, Site: 1, Meter: meter, From: from, To: to, KWh: kwh, Source: "factures.csv"}
	}
	posted := func(meter string, from, to collector.Date, kwh float64) collector.Reading {
		return collector.Reading{Organisation: 7, Site: 1, Meter: meter, From: from, To: to, KWh: kwh, Source: collector.MeteredSource}
	}
	share := func(readings ...collector.Reading) float64 {
		t.Helper()
		w.readings = readings
		return *lineOf(t, w.report(t, "2026-07", "2026-08"), "E6").Value
	}
	july, august := imported("PDL 1", "2026-07-01", "2026-07-31", 31000), imported("PDL 1", "2026-08-01", "2026-08-31", 31000)
	once := share(july, august)
	for name, test := range map[string]struct {
		readings []collector.Reading
		says     bool // that something was left out
	}{
		"posted only":                    {[]collector.Reading{posted("a", "2026-07-01", "2026-07-31", 31000), posted("a", "2026-08-01", "2026-08-31", 31000)}, false},
		"two meters":                     {[]collector.Reading{posted("a", "2026-07-01", "2026-08-31", 22000), posted("b", "2026-07-01", "2026-08-31", 40000)}, false},
		"both, under another name":       {[]collector.Reading{posted("a", "2026-07-01", "2026-07-31", 30000), posted("a", "2026-08-01", "2026-08-31", 30000), july, august}, true},
		"both, under the same name":      {[]collector.Reading{posted("PDL 1", "2026-07-01", "2026-07-31", 30000), july, posted("PDL 1", "2026-08-01", "2026-08-31", 30000), august}, false},
		"one after the other":            {[]collector.Reading{july, posted("a", "2026-08-01", "2026-08-31", 31000)}, false},
		"one after the other, same name": {[]collector.Reading{july, posted("PDL 1", "2026-08-01", "2026-08-31", 31000)}, false},
		"the month in which it began": {
			[]collector.Reading{imported("PDL 1", "2026-07-01", "2026-08-10", 41000), posted("a", "2026-08-01", "2026-08-31", 31000)}, true,
		},
		"in the middle of a month": {
			[]collector.Reading{posted("a", "2026-07-01", "2026-07-31", 31000), imported("PDL 1", "2026-07-10", "2026-07-19", 10000), posted("a", "2026-08-01", "2026-08-31", 31000)}, true,
		},
		"a second meter by the door only, of aligned names": {
			[]collector.Reading{
				imported("PDL 1", "2026-07-01", "2026-07-31", 21000), posted("PDL 1", "2026-08-01", "2026-08-31", 21000), posted("annexe", "2026-07-01", "2026-08-31", 20000),
			}, false,
		},
	} {
		w.readings = test.readings
		l := is(t, w.report(t, "2026-07", "2026-08"), "E6", once)
		if says(l, "under other names") != test.says {
			t.Errorf("%s: says %v, want %v", name, !test.says, test.says)
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}
