package relational_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
)

// twoYears is a database with 24 fixed months of an organisation with 115 sites, each of three to five groups of three classes of machines of
// persons, and of some shared machines and servers.
func twoYears(b *testing.B, at place) (organisation int64, machines int) {
	b.Helper()
	s := at.open(b)
	var sites []collector.Site
	for n := range 115 {
		site, err := s.CreateSite(b.Context(), "Région", fmt.Sprintf("Lycée %d", n), "Europe/Paris")
		if err != nil {
			b.Fatal(err)
		}
		sites = append(sites, site)
	}
	for n := range 24 {
		random := rand.New(rand.NewPCG(115, 6))
		month := collector.Month(fmt.Sprintf("%d-%02d", 2024+n/12, 1+n%12))
		var rows []collector.PlaceMonth
		machines = 0
		for _, site := range sites {
			for group := range int64(3 + random.IntN(3)) {
				for _, x := range []struct {
					class string
					use   collector.Use
					n     int
				}{
					{"desktop", "individual", 40 + random.IntN(40)},
					{"notebook", "individual", random.IntN(70)},
					{"mini", "individual", random.IntN(16)},
					{"desktop", "shared", random.IntN(12)},
					{"server", "server", random.IntN(5) - 3},
				} {
					if x.n > 0 {
						rows = append(rows, busy(collector.Place{Site: site.ID, Group: group, Class: x.class, Use: x.use}, month, x.n))
						machines += x.n
					}
				}
			}
		}
		if err := s.Fix(b.Context(), sites[0].Organisation, month, "2026-06-01", privacy.Coarsen(rows)); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return sites[0].Organisation, machines
}

// busy is what n machines of a place did in a month: in all four parts of each day, by three methods, with displays.
func busy(place collector.Place, month collector.Month, n int) collector.PlaceMonth {
	m := collector.PlaceMonth{Place: place, Month: month}
	for range 28 {
		m.Days = append(m.Days, collector.PlaceDay{Machines: int32(n), Parts: 15, Top: 900_000})
	}
	days := int64(28 * n)
	m.Sum.Days = days
	for _, part := range collector.Parts() {
		m.Sum.Seconds = append(m.Sum.Seconds, collector.PartSum{Part: part, On: 10_000 * days, Sleep: 5_000 * days, Off: 6_000 * days, Unknown: 600 * days})
		for scope, methods := range map[string][]string{"machine": {"battery", "rapl+model", "model-class"}, "display": {"model-class"}} {
			for _, method := range methods {
				e := collector.EnergySum{Part: part, Scope: scope, Method: method, CoveredS: 20_000 * days}
				e.LowMWh, e.MWh, e.HighMWh = collector.MilliWattHours(150_000*days), collector.MilliWattHours(200_000*days), collector.MilliWattHours(300_000*days)
				m.Sum.Add(collector.Sum{Energy: []collector.EnergySum{e}})
			}
		}
	}
	return m
}

func megabytes() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

func BenchmarkTwoYearsOf115Sites(b *testing.B) {
	eachBench(b, func(b *testing.B, at place) {
		organisation, machines := twoYears(b, at)
		s := at.open(b)
		door := privacy.New(s.Figures(), s.Figures(), func() collector.Date { return "2026-06-01" })
		officer := &collector.User{Organisation: organisation, Roles: []collector.Role{collector.RoleOfficer}}
		ask := func(who *collector.User, n privacy.Node) {
			if all, err := door.Monthly(b.Context(), who, privacy.Question{Organisation: organisation, Node: n, From: "2024-01", To: "2025-12"}); err != nil || len(all) != 24 {
				b.Fatalf("%d months, %v", len(all), err)
			}
		}
		b.Run("read from the database", func(b *testing.B) {
			for b.Loop() {
				again := at.open(b)
				rows, err := again.Figures().Months(b.Context(), organisation, "2024-01", "2025-12")
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(rows)), "rows")
				b.ReportMetric(float64(machines), "machines")
				_ = again.Close()
			}
		})
		before := megabytes()
		if _, err := s.Figures().Months(b.Context(), organisation, "2024-01", "2025-12"); err != nil {
			b.Fatal(err)
		}
		kept := megabytes() - before
		b.Run("from memory", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Figures().Months(b.Context(), organisation, "2024-01", "2025-12"); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(kept, "MB")
		})
		for what, n := range map[string]privacy.Node{"organisation": {}, "site": privacy.Site(7)} {
			b.Run("the door, month by month, "+what, func(b *testing.B) {
				for b.Loop() {
					ask(officer, n)
				}
			})
			b.Run("the door, month by month, in public, "+what, func(b *testing.B) {
				for b.Loop() {
					ask(nil, n)
				}
			})
		}
	})
}
