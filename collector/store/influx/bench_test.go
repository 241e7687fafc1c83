package influx_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api/write"

	"veille/collector"
	"veille/collector/store/engines"
)

// hours are an hour of so many machines.
func hours(machines int, at time.Time) (points []collector.Point) {
	for machine := range machines {
		wh := float64(machine%97) + 0.1
		points = append(points, collector.Point{
			Measurement: collector.HourEnergy, Time: at, Version: 3600, Tags: collector.Tags{
				{Name: "machine", Value: fmt.Sprint(machine)},
				{Name: "method", Value: "rapl+model"},
				{Name: "part", Value: "open"},
				{Name: "scope", Value: "machine"},
				{Name: "simulated", Value: "no"},
				{Name: "site", Value: fmt.Sprint(machine % 115)},
				{Name: "use", Value: "shared"},
			}, Fields: collector.Fields{"wh": wh, "low_wh": wh / 1.3, "high_wh": wh * 1.3, "covered_s": 3600},
		})
	}
	return points
}

// clientPoint is a point as the client library writes it.
func clientPoint(p collector.Point) *write.Point {
	x := influxdb2.NewPointWithMeasurement(string(p.Measurement)).SetTime(p.Time)
	for _, tag := range p.Tags {
		x.AddTag(tag.Name, tag.Value)
	}
	for name, value := range p.Fields {
		x.AddField(name, value)
	}
	return x
}

// BenchmarkAppend writes the same points, 5,000 at a time, by Append, by the client alone with the same settings (WritePoint, which writes the lines
// too), and by the client alone with lines that were written before (WriteRecord). The three take turns, so that what else the computer does falls
// on all of them. It prints points per second, and ratios.
func BenchmarkAppend(b *testing.B) {
	const machines = 5000
	server := engines.Influxd(b)
	s := opened(b, server, "ours")
	opened(b, server, "points")
	opened(b, server, "lines")
	client := influxdb2.NewClientWithOptions(server.URL, server.Token, influxdb2.DefaultOptions().SetUseGZip(true))
	defer client.Close()
	var took [3]time.Duration
	timed := func(i int, f func(context.Context) error) {
		started := time.Now()
		if err := f(b.Context()); err != nil {
			b.Fatal(err)
		}
		took[i] += time.Since(started)
	}
	first := time.Now().UTC().Truncate(time.Hour).Add(-80 * 24 * time.Hour)
	n := 0
	for b.Loop() {
		points := hours(machines, first.Add(time.Duration(n)*time.Hour))
		var theirs []*write.Point
		var lines strings.Builder
		for _, p := range points {
			theirs = append(theirs, clientPoint(p))
			fmt.Fprintf(&lines, "%s,%s covered_s=%v,high_wh=%v,low_wh=%v,wh=%v %d\n", p.Measurement, tagsOf(p), p.Fields["covered_s"], p.Fields["high_wh"], p.Fields["low_wh"], p.Fields["wh"], p.Time.UnixNano())
		}
		for turn := range 3 {
			switch (turn + n) % 3 {
			case 0:
				timed(0, func(ctx context.Context) error { return s.Append(ctx, points) })
			case 1:
				timed(1, func(ctx context.Context) error {
					return client.WriteAPIBlocking("", "points/hours").WritePoint(ctx, theirs...)
				})
			case 2:
				timed(2, func(ctx context.Context) error {
					return client.WriteAPIBlocking("", "lines/hours").WriteRecord(ctx, lines.String())
				})
			}
		}
		n++
	}
	b.ReportMetric(0, "ns/op")
	for i, name := range []string{"ours", "points", "lines"} {
		b.ReportMetric(float64(n*machines)/took[i].Seconds(), name+"/s")
	}
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "×WritePoint")
	b.ReportMetric(took[2].Seconds()/took[0].Seconds(), "×WriteRecord")
}

func tagsOf(p collector.Point) string {
	var all []string
	for _, tag := range p.Tags {
		all = append(all, tag.Name+"="+tag.Value)
	}
	return strings.Join(all, ",")
}

// BenchmarkBatch tells what the size of a batch does.
func BenchmarkBatch(b *testing.B) {
	server := engines.Influxd(b)
	first := time.Now().UTC().Truncate(time.Hour).Add(-80 * 24 * time.Hour)
	for _, size := range []int{100, 500, 1000, 2500, 5000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := opened(b, server, fmt.Sprintf("batch%d", size))
			n := 0
			for b.Loop() {
				points := hours(5000, first.Add(time.Duration(n)*time.Hour))
				for len(points) > 0 {
					if err := s.Append(b.Context(), points[:size]); err != nil {
						b.Fatal(err)
					}
					points = points[size:]
				}
				n++
			}
			b.ReportMetric(float64(n*5000)/b.Elapsed().Seconds(), "points/s")
		})
	}
}

// BenchmarkRead reads a year of days of a hundred groups, and counts it.
func BenchmarkRead(b *testing.B) {
	s := opened(b, engines.Influxd(b), "veille")
	first := time.Now().UTC().Truncate(24*time.Hour).AddDate(-1, 0, 0)
	for day := range 365 {
		points := hours(100, first.AddDate(0, 0, day))
		for i := range points {
			points[i].Measurement = collector.DayEnergy
		}
		if err := s.Append(b.Context(), points); err != nil {
			b.Fatal(err)
		}
	}
	q := collector.Query{Measurement: collector.DayEnergy, From: first, To: first.AddDate(1, 0, 1)}
	b.Run("Range", func(b *testing.B) {
		for b.Loop() {
			if points, err := s.Range(b.Context(), q); err != nil || len(points) != 36_500 {
				b.Fatal(len(points), err)
			}
		}
		b.ReportMetric(36_500*float64(b.N)/b.Elapsed().Seconds(), "points/s")
	})
	b.Run("Tally", func(b *testing.B) {
		for b.Loop() {
			if days, err := s.Tally(b.Context(), q); err != nil || len(days) != 365 {
				b.Fatal(len(days), err)
			}
		}
		b.ReportMetric(36_500*float64(b.N)/b.Elapsed().Seconds(), "points/s")
	})
}
