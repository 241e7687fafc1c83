package rollup

import (
	"context"
	"errors"
	"time"

	"veille/collector"
)

// The time of the run, by the clock of the collector: every site of mainland France has ended its day, and nobody looks at figures.
const (
	hour   = 2
	minute = 30
)

// Loop runs every night, until ctx ends; also at once, where no run is of today yet. today is the date in the zone of the collector.
// Nothing else starts a run by itself: a cell of individual machines that changed while somebody looks would tell of the one machine that
// has just spoken.
func (r *Roller) Loop(ctx context.Context, today func() collector.Date) {
	last, err := r.ledger.LastRun(ctx)
	if err != nil {
		r.log.ErrorContext(ctx, "last roll-up not found", "err", err)
	}
	if last.On != today() {
		r.once(ctx, today())
	}
	for ctx.Err() == nil {
		timer := time.NewTimer(untilNight(time.Now()))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
			r.once(ctx, today())
		}
	}
}

// once runs, and says how it went.
func (r *Roller) once(ctx context.Context, today collector.Date) {
	run, err := r.Run(ctx, today, Options{})
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, collector.ErrOvertaken):
		r.log.InfoContext(ctx, "roll-up left to another collector, which began later")
	case err != nil:
		r.log.ErrorContext(ctx, "roll-up failed, it is made up for next night", "err", err)
	case run.Refused != "" && run.Until != "":
		r.log.ErrorContext(ctx, "nothing was deleted", "reason", run.Refused)
	default:
		r.log.InfoContext(ctx, "rolled up", "dates", run.Dates, "months", run.Months, "fixed", run.Fixed, "machine_days_deleted", run.Deleted.MachineDays)
	}
}

// untilNight is the time to the next run.
func untilNight(now time.Time) time.Duration {
	y, m, d := now.Date()
	next := time.Date(y, m, d, hour, minute, 0, 0, now.Location())
	if !next.After(now) {
		next = time.Date(y, m, d+1, hour, minute, 0, 0, now.Location())
	}
	return next.Sub(now)
}
