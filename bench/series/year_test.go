// Package series_test measures the same question on each engine that can answer it: a year of a Region, by group and month.
package series_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/mirror"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/victoria"
)

// The Region: so many sites, groups of each, and classes of machines in each group.
const (
	sites   = 115
	groups  = 12
	classes = 3
	months  = 12
)

// cell is a group of a site in a month.
type cell struct {
	site, group, month string
}

// table is the energy of each cell, in Wh.
type table map[cell]float64

// fill writes the Region, and answers what its year is, by sums made here.
func fill(b *testing.B, s *relational.Store) (organisation int64, want table) {
	b.Helper()
	want = table{}
	type place struct{ site, group int64 }
	var places []place
	for i := range sites {
		site, err := s.CreateSite(b.Context(), "Région", fmt.Sprintf("Lycée %03d", i), "Europe/Paris")
		if err != nil {
			b.Fatal(err)
		}
		organisation = site.Organisation
		for g := range groups {
			group, err := s.AddGroup(b.Context(), collector.Group{Site: site.ID, Kind: "building", Name: fmt.Sprintf("Bâtiment %d", g)})
			if err != nil {
				b.Fatal(err)
			}
			places = append(places, place{site.ID, group.ID})
		}
	}
	for m := range months {
		month := collector.Month("2025-01").Plus(m)
		var rows []collector.PlaceMonth
		for i, p := range places {
			for c, class := range []string{"desktop", "notebook", "tower"}[:classes] {
				row := collector.PlaceMonth{Place: collector.Place{Site: p.site, Group: p.group, Class: class, Use: "shared"}, Month: month, Sum: collector.Sum{Days: 300}}
				for n, part := range collector.Parts() {
					mwh := collector.MilliWattHours(1_000_003*(1+i%97) + 7919*c + 104_729*n + 1299*m)
					row.Sum.Seconds = append(row.Sum.Seconds, collector.PartSum{Part: part, On: 800_000, Sleep: 90_000, Off: 1_000_000})
					row.Sum.Energy = append(row.Sum.Energy, collector.EnergySum{
						Part: part, Scope: "machine", Method: "model-class", MWh: mwh, LowMWh: mwh / 2, HighMWh: mwh * 2, CoveredS: 1_890_000,
					})
					want[cell{fmt.Sprint(p.site), fmt.Sprint(p.group), string(month)}] += mwh.Wh()
				}
				rows = append(rows, row)
			}
		}
		if err := s.Fix(b.Context(), organisation, month, "2026-06-01", rows); err != nil {
			b.Fatal(err)
		}
	}
	return organisation, want
}

// ask is the question, put to one engine.
type ask func(context.Context) (table, error)

// ofLedger asks a ledger, which reads the rows of months, as reports do.
func ofLedger(s *relational.Store, organisation int64) ask {
	return func(ctx context.Context) (table, error) {
		rows, err := s.FiguresOnce().Months(ctx, organisation, "2025-01", "2025-12")
		got := table{}
		for _, r := range rows {
			for _, e := range r.Sum.Energy {
				got[cell{fmt.Sprint(r.Site), fmt.Sprint(r.Group), string(r.Month)}] += e.MWh.Wh()
			}
		}
		return got, err
	}
}

// ofSeries asks a series for the points of the groups of that year, which come to the last digit, and adds them up here.
func ofSeries(s collector.Destination) ask {
	return func(ctx context.Context) (table, error) {
		points, err := s.Range(ctx, collector.Query{
			Measurement: collector.MonthEnergy, From: begin(), To: end(),
			Tags: collector.NewTags(collector.Tag{Name: "use", Value: "shared"}, collector.Tag{Name: "class"}), // of all classes together
		})
		got := table{}
		for _, p := range points {
			if group := p.Tags.Get("group"); group != "" {
				got[cell{p.Tags.Get("site"), group, p.Time.Format("2006-01")}] += p.Fields["wh"]
			}
		}
		return got, err
	}
}

// BenchmarkYearByGroupAndMonth asks each engine the same, and finds fault with another answer than ours. A series is asked in two ways: for its points,
// and as a board of Grafana asks, where the engine adds up.
func BenchmarkYearByGroupAndMonth(b *testing.B) {
	ctx := context.WithoutCancel(b.Context())
	file, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "veille.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	organisation, want := fill(b, file)
	server, err := postgres.Open(ctx, engines.Postgres(b).Database(b))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	if _, err := relational.Copy(ctx, file, server, "the file", nil); err != nil {
		b.Fatal(err)
	}
	influxd := engines.Influxd(b)
	inInflux, err := influx.Open(ctx, influx.Options{URL: influxd.URL + "/veille", Token: influxd.Token})
	if err != nil {
		b.Fatal(err)
	}
	node := engines.StartVictoria(b, "-dedup.minScrapeInterval=1ms", "-retentionPeriod=7y")
	inVictoria, err := victoria.Open(ctx, victoria.Options{Write: node.URL()})
	if err != nil {
		b.Fatal(err)
	}
	deliver(b, file, inInflux, inVictoria)
	for _, e := range []struct {
		name string
		ask  ask
	}{
		{"sqlite", ofLedger(file, organisation)},
		{"postgres", ofLedger(server, organisation)},
		{"influx", ofSeries(inInflux)},
		{"influx/board", ofInfluxBoard(influxd, want)},
		{"victoria", ofSeries(inVictoria)},
		{"victoria/board", ofVictoriaBoard(node.URL(), want)},
	} {
		b.Run(e.name, func(b *testing.B) { measure(b, e.ask, want) })
	}
}

// deliver brings the months to series, as an outbox's comparison does.
func deliver(b *testing.B, from *relational.Store, to ...collector.Destination) {
	b.Helper()
	today := func() collector.Date { return "2026-06-10" }
	m := mirror.New(mirror.Parts{Ledger: from, Websites: from.Embedded(), Figures: from.FiguresOnce(), Today: today})
	for n := range months {
		first, _, err := collector.Month("2025-01").Plus(n).Dates()
		if err != nil {
			b.Fatal(err)
		}
		var points []collector.Point
		if err := m.Points(b.Context(), collector.MonthEnergy, first, func(p collector.Point) error {
			points = append(points, p)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		for _, d := range to {
			for some := range slices.Chunk(points, 5000) {
				if err := d.Append(b.Context(), some); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// measure asks again and again. The middle of the times is told, and the biggest difference to our sums, as a part of them: they were added up in
// another order, or as kWh.
func measure(b *testing.B, ask ask, want table) {
	b.Helper()
	var took []time.Duration
	differs := 0.0
	for b.Loop() {
		start := time.Now()
		got, err := ask(b.Context())
		took = append(took, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		if len(got) != len(want) {
			b.Fatalf("%d groups and months, want %d", len(got), len(want))
		}
		for c, wh := range want {
			if differs = max(differs, math.Abs(got[c]-wh)/wh); differs > 1e-9 {
				b.Fatalf("%+v: %v Wh, want %v", c, got[c], wh)
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(len(want)), "rows")
	b.ReportMetric(differs*1e15, "difference-e-15")
}
