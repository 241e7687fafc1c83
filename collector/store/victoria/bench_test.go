package victoria_test

import (
	"fmt"
	"testing"
	"time"

	"veille/collector"
)

// fleetDay is what so many machines measured on one day, by the hour: four fields each, as they come from meters, of full length or of three decimals.
func fleetDay(day time.Time, machines int, rounded bool) []collector.Point {
	points := make([]collector.Point, 0, machines*24)
	for h := range 24 {
		for m := range machines {
			wh := 30 + float64((m*7919+h*104729)%1000003)/7000
			if rounded {
				wh = float64(int(wh*1000)) / 1000
			}
			points = append(points, collector.Point{
				Measurement: collector.HourEnergy, Time: day.Add(time.Duration(h) * time.Hour), Version: 3600,
				Tags: collector.Tags{
					{Name: "machine", Value: fmt.Sprint(m)},
					{Name: "method", Value: "rapl+model"},
					{Name: "part", Value: []string{"night", "open"}[h/12]},
					{Name: "scope", Value: "machine"},
					{Name: "simulated", Value: "no"},
					{Name: "site", Value: fmt.Sprint(m % 100)},
					{Name: "use", Value: "shared"},
				},
				Fields: collector.Fields{"wh": wh, "low_wh": wh * 0.75, "high_wh": wh * 1.25, "covered_s": 3600},
			})
			if rounded {
				f := points[len(points)-1].Fields
				f["low_wh"], f["high_wh"] = wh-10, wh+10
				for name, x := range f {
					f[name] = float64(int(x*1000+0.5)) / 1000
				}
			}
		}
	}
	return points
}

// A million points of 2,000 machines over three weeks: go test -run '^$' -bench Million -benchtime 1x ./collector/store/victoria/.
func BenchmarkAMillionPoints(b *testing.B) {
	const machines, days = 2000, 21
	for name, rounded := range map[string]bool{"of full length": false, "of three decimals": true} {
		b.Run(name, func(b *testing.B) {
			s, _ := begin(b)
			first := today().AddDate(0, 0, -days)
			q := hourly(first, days)
			for b.Loop() {
				var spent time.Duration
				for d := range days {
					points := fleetDay(first.AddDate(0, 0, d), machines, rounded)
					start := time.Now()
					for i := 0; i < len(points); i += 4000 {
						put(b, s, points[i:min(i+4000, len(points))]...)
					}
					spent += time.Since(start)
				}
				total := float64(machines * days * 24)
				b.ReportMetric(total/spent.Seconds(), "points/s")
				get(b, s, hourly(first, 0)) // so that the node has put all in order
				timed := func(unit string, f func()) {
					start := time.Now()
					f()
					b.ReportMetric(time.Since(start).Seconds(), unit)
				}
				timed("s/tally", func() {
					all, err := s.Tally(b.Context(), q)
					var n int64
					for _, x := range all {
						n += x.Points
					}
					if err != nil || n != int64(total) {
						b.Fatal(n, err)
					}
				})
				timed("s/range-day", func() {
					if n := len(get(b, s, hourly(first, 1))); n != machines*24 {
						b.Fatal(n)
					}
				})
				one := q
				one.Tags = machine("77")
				timed("s/range-machine", func() {
					if n := len(get(b, s, one)); n != days*24 {
						b.Fatal(n)
					}
				})
				day := hourly(first.AddDate(0, 0, 3), 1)
				timed("s/delete-nothing-of-a-day", func() {
					if err := s.Delete(b.Context(), day); err != nil {
						b.Fatal(err)
					}
				})
				timed("s/delete-machine", func() {
					if err := s.Delete(b.Context(), ever(machine("77"))); err != nil {
						b.Fatal(err)
					}
				})
			}
		})
	}
}
