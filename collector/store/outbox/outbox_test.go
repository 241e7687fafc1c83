package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/store/outbox"
)

// ledger has one change per revision, each an hour of a server.
type ledger struct {
	last     atomic.Int64
	position int64
	broken   error // of Advance
}

func changes(n int64) *ledger {
	l := &ledger{}
	l.last.Store(n)
	return l
}

func (l *ledger) Changes(_ context.Context, after int64, n int) ([]collector.Change, error) {
	var changes []collector.Change
	for r := after + 1; r <= l.last.Load() && len(changes) < n; r++ {
		changes = append(changes, collector.Change{
			Revision: r, Machine: r, Site: collector.Site{ID: 1, TimeZone: "UTC"},
			Record: collector.Record{Use: "server", Date: "2026-11-16", Hour: 9, LengthS: 3600, Parts: []collector.Part{{Part: "open", LengthS: 3600}}},
		})
	}
	return changes, nil
}

func (l *ledger) Position(context.Context, string) (int64, error) { return l.position, nil }

func (l *ledger) Advance(_ context.Context, _ string, revision int64) error {
	if l.broken != nil {
		return l.broken
	}
	l.position = revision
	return nil
}

// destination counts how often it was given each machine's point, and fails when told to.
type destination struct {
	given  map[string]int
	calls  atomic.Int64
	broken atomic.Bool
}

func (d *destination) Append(_ context.Context, points []collector.Point) error {
	d.calls.Add(1)
	if d.broken.Load() {
		return errors.New("no disk")
	}
	for _, p := range points {
		d.given[p.Tags.Get("machine")]++
	}
	return nil
}

func TestEveryChangeReachesTheDestination(t *testing.T) {
	l, d := changes(1234), &destination{given: map[string]int{}}
	if err := outbox.New("series", l, d, slog.New(slog.DiscardHandler)).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.given) != 1234 || l.position != 1234 || d.calls.Load() != 3 {
		t.Errorf("%d machines in %d calls, position %d; want 1234 in 3", len(d.given), d.calls.Load(), l.position)
	}
}

func TestACrashBetweenDeliveryAndPositionRepeatsAndLosesNothing(t *testing.T) {
	l, d := changes(3), &destination{given: map[string]int{}}
	l.broken = errors.New("power cut")
	o := outbox.New("series", l, d, slog.New(slog.DiscardHandler))
	if err := o.Deliver(t.Context()); err == nil {
		t.Fatal("no error")
	}
	l.broken = nil
	if err := o.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.given["1"] != 2 || d.given["3"] != 2 || l.position != 3 {
		t.Errorf("given %v, position %d", d.given, l.position)
	}
}

func TestADestinationThatIsDownCostsNothingAndSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := changes(2), &destination{given: map[string]int{}}
		d.broken.Store(true)
		var log bytes.Buffer
		o := outbox.New("series", l, d, slog.New(slog.NewTextHandler(&log, nil)))
		go o.Run(t.Context())
		time.Sleep(30 * time.Minute) //nolint:forbidigo // time is synctest's own here, nothing waits
		synctest.Wait()
		if n := d.calls.Load(); n < 8 || n > 20 {
			t.Errorf("%d tries in half an hour", n)
		}
		d.broken.Store(false)
		time.Sleep(6 * time.Minute) //nolint:forbidigo // the same
		synctest.Wait()
		l.last.Store(3)
		o.Wake()
		synctest.Wait()
		if len(d.given) != 3 || l.position != 3 {
			t.Errorf("given %v, position %d", d.given, l.position)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("%d log lines, want 2:\n%s", n, log.String())
		}
	})
}
