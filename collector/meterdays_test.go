package collector_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"veille/collector"
)

func paris(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func counter() collector.Meter { return collector.Meter{ID: 7, Site: 1, Kind: "building", Unit: "kWh"} }

func wattmeter() collector.Meter { return collector.Meter{ID: 8, Site: 1, Kind: "plug", Unit: "W"} }

// said is a sample at a moment in Paris.
func said(t *testing.T, at string, value float64) collector.MeterSample {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04:05", at, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	return collector.MeterSample{Meter: 7, At: moment.UnixMilli(), Value: value}
}

func TestDaysOfMeters(t *testing.T) {
	for name, test := range map[string]struct {
		meter   collector.Meter
		samples []collector.MeterSample
		from    collector.Date
		to      collector.Date
		want    []collector.MeterDay
	}{
		"a counter is spread over midnight": {
			counter(),
			[]collector.MeterSample{said(t, "2026-06-01 18:00:00", 1000), said(t, "2026-06-02 06:00:00", 2200)},
			"2026-06-01", "2026-06-02",
			[]collector.MeterDay{{Date: "2026-06-01", Wh: 600, CoveredS: 21600, Samples: 1}, {Date: "2026-06-02", Wh: 600, CoveredS: 21600, Samples: 1}},
		},
		"what was said before and after gives what lies between, to dates without a sample too": {
			counter(),
			[]collector.MeterSample{said(t, "2026-06-01 00:00:00", 0), said(t, "2026-06-04 00:00:00", 7200)},
			"2026-06-02", "2026-06-02",
			[]collector.MeterDay{{Date: "2026-06-02", Wh: 2400, CoveredS: 86400}},
		},
		"a counter that fell began anew, and what lies between is not known": {
			counter(),
			[]collector.MeterSample{said(t, "2026-06-01 10:00:00", 100), said(t, "2026-06-01 11:00:00", 150), said(t, "2026-06-01 12:00:00", 3), said(t, "2026-06-01 13:00:00", 13)},
			"2026-06-01", "2026-06-01",
			[]collector.MeterDay{{Date: "2026-06-01", Wh: 60, CoveredS: 7200, Samples: 4, Resets: 1}},
		},
		"a date on which the clocks go forward has 23 hours": {
			counter(),
			[]collector.MeterSample{said(t, "2026-03-29 00:00:00", 0), said(t, "2026-03-30 00:00:00", 2300)},
			"2026-03-29", "2026-03-29",
			[]collector.MeterDay{{Date: "2026-03-29", Wh: 2300, CoveredS: 82800, Samples: 1}},
		},
		"a date on which they go back has 25": {
			counter(),
			[]collector.MeterSample{said(t, "2026-10-25 00:00:00", 0), said(t, "2026-10-26 00:00:00", 2500)},
			"2026-10-25", "2026-10-25",
			[]collector.MeterDay{{Date: "2026-10-25", Wh: 2500, CoveredS: 90000, Samples: 1}},
		},
		"power holds until the next reading, five minutes at most, and over midnight": {
			wattmeter(),
			[]collector.MeterSample{said(t, "2026-06-01 12:00:00", 60), said(t, "2026-06-01 12:01:00", 120), said(t, "2026-06-01 23:59:00", 600)},
			"2026-06-01", "2026-06-02",
			[]collector.MeterDay{{Date: "2026-06-01", Wh: 1 + 10 + 10, CoveredS: 60 + 300 + 60, Samples: 3}, {Date: "2026-06-02", Wh: 40, CoveredS: 240}},
		},
		"power that is fed back is no use": {
			wattmeter(),
			[]collector.MeterSample{said(t, "2026-06-01 12:00:00", -60)},
			"2026-06-01", "2026-06-01",
			[]collector.MeterDay{{Date: "2026-06-01", CoveredS: 300, Samples: 1}},
		},
		"one reading of a counter says nothing": {
			counter(),
			[]collector.MeterSample{said(t, "2026-06-01 12:00:00", 60)},
			"2026-05-31", "2026-06-02",
			[]collector.MeterDay{{Date: "2026-06-01", Samples: 1}},
		},
		"nothing is nothing": {counter(), nil, "2026-06-01", "2026-06-02", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range test.want {
				test.want[i].Meter = test.meter.ID
			}
			got, err := collector.MeterDays(test.meter, paris(t), test.samples, test.from, test.to)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
}

// Whatever a counter says, the days together have its differences, and no second twice.
func TestTheDaysOfACounterSumUpToItsDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	start := said(t, "2026-03-20 00:00:00", 0).At
	for range 500 {
		var samples []collector.MeterSample
		at, value := start+random.Int64N(86_400_000), 1e6*random.Float64()
		for range 1 + random.IntN(200) {
			samples = append(samples, collector.MeterSample{At: at, Value: value})
			step := 1 + random.Int64N([]int64{1000, 60_000, 86_400_000}[random.IntN(3)])
			if at += step; random.IntN(20) == 0 {
				value *= 0.9 * random.Float64()
			} else {
				value += 5000 * random.Float64()
			}
		}
		want, known := 0.0, int64(0)
		for i := range samples[1:] {
			if d := samples[i+1].Value - samples[i].Value; d >= 0 {
				want, known = want+d, known+samples[i+1].At-samples[i].At
			}
		}
		days, err := collector.MeterDays(counter(), paris(t), samples, "2026-03-19", "2026-12-31")
		if err != nil {
			t.Fatal(err)
		}
		got, covered, n := 0.0, 0, int64(0)
		for _, d := range days {
			got, covered, n = got+d.Wh, covered+d.CoveredS, n+d.Samples
			if d.CoveredS > 90_000 {
				t.Fatalf("%+v has more seconds than a date", d)
			}
		}
		if math.Abs(got-want) > 1e-9*max(1, want, samples[0].Value) || n != int64(len(samples)) {
			t.Fatalf("%v Wh of %d samples, want %v of %d", got, n, want, len(samples))
		}
		if off := math.Abs(float64(covered) - float64(known)/1000); off > 0.5*float64(len(days)) {
			t.Fatalf("%d s are known, want %v", covered, known/1000)
		}
	}
}

func TestWhatAMeterCannotHaveSaid(t *testing.T) {
	for _, test := range []struct {
		meter collector.Meter
		value float64
		ok    bool
	}{
		{counter(), 0, true},
		{counter(), 1e13, true},
		{counter(), 1.0001e13, false},
		{counter(), -0.001, false},
		{counter(), math.NaN(), false},
		{counter(), math.Inf(1), false},
		{wattmeter(), -5, true},
		{wattmeter(), 1e9, true},
		{wattmeter(), 1e308, false},
		{wattmeter(), -1e308, false},
	} {
		if err := test.meter.Possible(test.value); (err == nil) != test.ok {
			t.Errorf("%v %s: %v", test.value, test.meter.Unit, err)
		}
	}
}
