package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/outbox"
)

// BenchmarkIntoInfluxd brings the points of a ledger into a real influxd, through the outbox and by the same client alone, which has them in memory:
// the ratio of the two is what an outbox costs. Each is measured three times, in turns, and the median counts.
func BenchmarkIntoInfluxd(b *testing.B) {
	server, h := engines.Influxd(b), newHouse(b, 100)
	for ago := 20; ago > 2; ago-- {
		h.keep(b, ago, h.machines...)
	}
	var points []collector.Point
	for at, more := int64(0), true; more; {
		some, _, upTo, err := h.points.Next(b.Context(), collector.StreamHours, at)
		if err != nil {
			b.Fatal(err)
		}
		more, at, points = upTo > at, upTo, append(points, some...)
	}
	for b.Loop() {
		var alone, through []float64
		for i := range 3 {
			to, err := opener(server, fmt.Sprintf("alone%d", i))(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			for some := range slices.Chunk(points, 5000) {
				if err := to.Append(b.Context(), some); err != nil {
					b.Fatal(err)
				}
			}
			_ = to.Close()
			alone = append(alone, float64(len(points))/time.Since(start).Seconds())
			through = append(through, h.through(b, opener(server, fmt.Sprintf("through%d", i)), len(points)))
		}
		slices.Sort(alone)
		slices.Sort(through)
		b.ReportMetric(alone[1], "alone_points/s")
		b.ReportMetric(through[1], "outbox_points/s")
		b.ReportMetric(through[1]/alone[1], "ratio")
		b.ReportMetric(float64(len(points)), "points")
	}
}

// opener opens a database of a server.
func opener(server *engines.Influx, name string) func(context.Context) (collector.Destination, error) {
	return func(ctx context.Context) (collector.Destination, error) {
		return influx.Open(ctx, influx.Options{URL: server.URL + "/" + name, Token: server.Token})
	}
}

// through is how many points a second come through an outbox.
func (h *house) through(b *testing.B, open func(context.Context) (collector.Destination, error), n int) float64 {
	b.Helper()
	if err := h.DeliverAgain(b.Context(), "series"); err != nil {
		if err := h.KeepDelivery(b.Context(), collector.Delivery{Destination: "series"}); err != nil {
			b.Fatal(err)
		}
	}
	last := h.last(b)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	done := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(done)
		outbox.New(outbox.Parts{Name: "series", Ledger: h.Store, Mirror: h.points, Open: open, Log: slog.New(slog.DiscardHandler)}).Run(ctx)
	}()
	for {
		at, err := h.Positions(b.Context(), "series")
		if err != nil {
			b.Fatal(err)
		}
		if at[collector.StreamHours].Acked == last {
			break
		}
		if time.Since(start) > 2*time.Minute {
			b.Fatal("it takes too long")
		}
		nap(5 * time.Millisecond)
	}
	rate := float64(n) / time.Since(start).Seconds()
	stop()
	<-done
	return rate
}

// last is the last revision.
func (h *house) last(b *testing.B) (last int64) {
	b.Helper()
	for {
		changes, err := h.Changes(b.Context(), last, 10_000)
		if err != nil {
			b.Fatal(err)
		}
		if len(changes) == 0 {
			return last
		}
		last = changes[len(changes)-1].Revision
	}
}
