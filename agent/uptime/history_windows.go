package uptime

import (
	"context"
	"time"
)

// History is when the machine was on, asleep and off since a moment, from the System log of Windows. See Stretch: it is only
// ever in memory.
func History(ctx context.Context, since time.Time) ([]Stretch, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	const earlier = 14 * 24 * time.Hour // what began before, a sleep or a boot, lasts into the time asked for
	now := time.Now()
	events, err := systemEvents(ctx, since.Add(-earlier))
	if err != nil {
		return nil, err
	}
	return historyOfEvents(events, since, now)
}
