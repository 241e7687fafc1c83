// Package outbox delivers points to a destination until it has them.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"veille/collector"
)

// Ledger is where the changes are, and how far each destination has followed them.
type Ledger interface {
	Changes(ctx context.Context, after int64, n int) ([]collector.Change, error)
	Position(ctx context.Context, destination string) (int64, error)
	Advance(ctx context.Context, destination string, revision int64) error
}

// Destination takes points. A point it has been given before changes nothing.
type Destination interface {
	Append(ctx context.Context, points []collector.Point) error
}

// Outbox follows the ledger's changes and brings their points to one destination. The position moves after the points are
// there, so a crash in between repeats some and loses none.
type Outbox struct {
	name   string
	ledger Ledger
	to     Destination
	log    *slog.Logger
	wake   chan struct{}
}

const (
	atOnce     = 500             // changes read in one go
	firstPause = time.Second     // after a failure; it doubles
	longPause  = 5 * time.Minute // the longest
)

// New makes the outbox of the destination called name.
func New(name string, ledger Ledger, to Destination, log *slog.Logger) *Outbox {
	return &Outbox{name: name, ledger: ledger, to: to, log: log, wake: make(chan struct{}, 1)}
}

// Wake tells the outbox that the ledger has changed. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run delivers what the last run left, then what is new at each wake, until ctx ends. After a failure it waits, longer
// each time, and says so once.
func (o *Outbox) Run(ctx context.Context) {
	pause := time.Duration(0)
	for {
		err := o.Deliver(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && pause == 0:
			o.log.ErrorContext(ctx, "points not delivered, they are kept and tried again", "destination", o.name, "err", err)
			pause = firstPause
		case err != nil:
			pause = min(2*pause, longPause)
		case pause > 0:
			o.log.InfoContext(ctx, "points delivered again", "destination", o.name)
			pause = 0
		}
		var again <-chan time.Time
		if pause > 0 {
			again = time.After(pause)
		}
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-again:
		}
	}
}

// Deliver brings everything that is new to the destination.
func (o *Outbox) Deliver(ctx context.Context) error {
	at, err := o.ledger.Position(ctx, o.name)
	if err != nil {
		return err
	}
	for {
		changes, err := o.ledger.Changes(ctx, at, atOnce)
		if err != nil || len(changes) == 0 {
			return err
		}
		var points []collector.Point
		for _, c := range changes {
			p, err := c.Points()
			if err != nil {
				return fmt.Errorf("points of change %d: %w", c.Revision, err)
			}
			points = append(points, p...)
		}
		if err := o.to.Append(ctx, points); err != nil {
			return err
		}
		at = changes[len(changes)-1].Revision
		if err := o.ledger.Advance(ctx, o.name, at); err != nil {
			return err
		}
	}
}
