package influx

import (
	"fmt"
	"testing"
	"time"

	"veille/collector"
)

func BenchmarkLines(b *testing.B) {
	var points []collector.Point
	for machine := range batchLines {
		points = append(points, collector.Point{
			Measurement: collector.HourEnergy, Time: time.Now(), Tags: collector.Tags{
				{Name: "machine", Value: fmt.Sprint(machine)},
				{Name: "method", Value: "rapl+model"},
				{Name: "part", Value: "open"},
				{Name: "scope", Value: "machine"},
				{Name: "simulated", Value: "no"},
				{Name: "site", Value: fmt.Sprint(machine % 115)},
				{Name: "use", Value: "shared"},
			}, Fields: collector.Fields{"wh": 1.1, "low_wh": 1.2 / 1.3, "high_wh": 1.3 * 1.3, "covered_s": 3600},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := batches(points); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batchLines), "ns/point")
}
