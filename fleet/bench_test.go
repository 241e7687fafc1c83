package fleet_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"testing"

	"veille/agent/wire"
	"veille/fleet"
)

// BenchmarkDay lives the year of a Region. The unit "day" is what one machine does on one day.
func BenchmarkDay(b *testing.B) {
	for _, c := range []struct {
		name   string
		shares fleet.Shares
		whole  bool
	}{
		{"Region hourly", fleet.Region(), false},
		{"Region whole days", fleet.Region(), true},
		{"individual", fleet.Shares{Individual: 100}, false},
		{"shared whole days", fleet.Shares{Shared: 100}, true},
		{"shared hourly", fleet.Shares{Shared: 100}, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := year(50_000, 115)
			p.Shares, p.WholeDays = c.shares, c.whole
			f := newFleet(b, p)
			dates := f.Dates()
			b.ReportAllocs()
			n, records := 0, 0
			for b.Loop() {
				records += len(f.Day(n*7919%50_000, dates[n*31%len(dates)]))
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "days/s")
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkDelivery(b *testing.B) {
	f := newFleet(b, year(50_000, 115))
	dates := f.Dates()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		f.Delivery(n*7919%50_000, dates[n*31%len(dates)])
	}
}

// BenchmarkBytes says how long records are as an agent posts them, one day in a batch: as JSON, and in gzip.
func BenchmarkBytes(b *testing.B) {
	for _, whole := range []bool{false, true} {
		p := year(3000, 10)
		p.WholeDays = whole
		f := newFleet(b, p)
		for _, use := range []wire.Use{wire.Individual, wire.Shared, wire.Server} {
			name := string(use)
			if whole {
				name += " whole day"
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					plain, packed, records, batches := 0, 0, 0, 0
					for i := 0; i < f.Machines(); i += 11 {
						day := f.Day(i, "2025-11-18")
						if len(day) == 0 || day[0].Use != use {
							continue
						}
						text, err := json.Marshal(wire.Batch{Version: 1, Records: day})
						if err != nil {
							b.Fatal(err)
						}
						var z bytes.Buffer
						w := gzip.NewWriter(&z)
						_, _ = w.Write(text)
						_ = w.Close()
						plain, packed, records, batches = plain+len(text), packed+z.Len(), records+len(day), batches+1
					}
					b.ReportMetric(float64(plain)/float64(records), "B/record")
					b.ReportMetric(float64(packed)/float64(records), "gzipB/record")
					b.ReportMetric(float64(plain)/float64(batches), "B/day")
					b.ReportMetric(float64(packed)/float64(batches), "gzipB/day")
				}
			})
		}
	}
}
