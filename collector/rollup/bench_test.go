package rollup

import (
	"context"
	"log/slog"
	"testing"

	"veille/collector"
)

// shelf gives the same 50,000 machine-days for every date, and keeps nothing.
type shelf struct {
	*memory
	days []collector.MachineDay
}

func (s shelf) Days(_ context.Context, _ collector.Date, from, to int64, yield func(collector.MachineDay) error) error {
	for i := from - 1; i < min(to, int64(len(s.days))); i++ {
		if err := yield(s.days[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s shelf) PutDay(context.Context, collector.Date, []collector.Cell) error { return nil }

func (s shelf) PutMonths(context.Context, collector.Month, int64, int64, []collector.MachineMonth) error {
	return nil
}

// full is a shelf of personal machines, each with a record of a day of three parts in which two scopes were measured; or of shared ones,
// each with its hours.
func full(hourly bool) shelf {
	s := shelf{memory: newMemory()}
	for i := range int64(50_000) {
		day := collector.MachineDay{Machine: 1 + i, Date: "2026-11-02", Place: leaf(1+i%500, i%7, []string{"laptop", "desktop"}[i%2])}
		r := whole(5, 2, 3, 1)
		for p := range r.Parts {
			r.Parts[p].Energy = append(r.Parts[p].Energy, collector.Energy{Wh: 3, LowWh: 2, HighWh: 4, Method: "rapl", Scope: "cpu", CoveredS: 60})
		}
		day.Records = []collector.Record{r}
		if hourly {
			day.Use, day.Records = "shared", nil
			for h := range 24 {
				day.Records = append(day.Records, clock(h, h))
			}
		}
		s.days = append(s.days, day)
	}
	return s
}

// cells makes the cells of a date.
func cells(ctx context.Context, n *night) error {
	on := []collector.Date{"2026-11-02"}
	return n.alone(ctx, on, newSheets(on))
}

func BenchmarkRollUp(b *testing.B) {
	for _, tt := range []struct {
		name   string
		hourly bool
		dates  int
		do     func(ctx context.Context, n *night) error
	}{
		{"cells", false, 1, cells},
		{"cells/hourly", true, 1, cells},
		{"machine-months", false, 10, func(ctx context.Context, n *night) error {
			return n.machineMonths(ctx, "2026-11", make([]collector.Date, 10), nil)
		}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			s := full(tt.hourly)
			n := &night{Ledger: s, chunk: New(s, rules, slog.New(slog.DiscardHandler)).chunk, tell: func(Progress) {}, extent: collector.Extent{LastMachine: 50_000}}
			b.ReportAllocs()
			for b.Loop() {
				if err := tt.do(b.Context(), n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(s.days)*tt.dates)/b.Elapsed().Seconds(), "machine-days/s")
		})
	}
}
