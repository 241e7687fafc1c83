package outbox_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/outbox"
	"veille/collector/store/victoria"
)

// counting counts the points that are brought.
type counting struct {
	*victoria.Store
	points int
}

func (c *counting) Append(ctx context.Context, points []collector.Point) error {
	c.points += len(points)
	return c.Store.Append(ctx, points)
}

func TestWhatADestinationDoesNotKeepIsNotSentEveryNight(t *testing.T) {
	t.Parallel()
	node := engines.StartVictoria(t, "-retentionPeriod=30d", "-dedup.minScrapeInterval=1ms")
	s, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
	if err != nil {
		t.Fatal(err)
	}
	to := &counting{Store: s}
	w, today := newWorld(), collector.DateOf(time.Now().UTC())
	for ago := 1; ago <= 80; ago++ {
		w.have(day("1", collector.DateOf(time.Now().UTC().AddDate(0, 0, -ago)), float64(ago)))
	}
	open := func(context.Context) (collector.Destination, error) { return to, nil }
	o := outbox.New(outbox.Parts{Name: "series", Ledger: w, Mirror: w, Open: open, Log: slog.New(slog.DiscardHandler)})
	for night, want := range []int{28, 28} {
		if err := o.Compare(t.Context(), today); err != nil {
			t.Fatal(err)
		}
		if d := w.state(t); to.points != want || d.Comparison != "" || d.Refused != 0 || d.Stopped {
			t.Errorf("night %d: %d points were sent, want %d; %+v", night, to.points, want, d)
		}
	}
}
