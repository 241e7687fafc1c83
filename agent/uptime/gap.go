package uptime

import (
	"fmt"
	"time"
)

// absent is an interval that no agent sampled: it is longer than the longest period.
const absent = 6 * time.Minute

// before is how much earlier than the last reading events are looked for: a sleep is announced some seconds before the
// clocks stop.
const before = 2 * time.Minute

// questionable tells whether the clocks alone do not say what the time since from was. rang tells that Windows has entered
// or left Modern Standby since.
func (r Reading) questionable(from Reading, rang bool) bool {
	return rang || r.gap(from) >= shortest || r.Awake-from.Awake >= absent
}

// since is the moment from which events have a bearing on the time between two readings.
func (r Reading) since(from Reading) time.Time {
	at := r.Wall.Add(from.SinceBoot - r.SinceBoot)
	if from.Wall.Before(at) {
		at = from.Wall // the clock stepped; what happened before the step bears the old time
	}
	return at.Add(-before)
}

// explained completes a reading with what the events since from, a reading of the same boot, say. The clocks say how long
// it was, the events only what it was: a civil clock that is wrong by a minute moves no second into or out of the sum. lit
// tells that the display is on now, which ends a Modern Standby whose last event was lost.
//
// Without events everything is as the clocks say, or as it was: what began in Modern Standby goes on in it.
func (r Reading) explained(from Reading, events []Event, lit bool) Reading {
	first := On
	if from.Dozing {
		first = standby
	}
	total, awake, gap := r.SinceBoot-from.SinceBoot, r.Awake-from.Awake, r.gap(from)
	c := chronicleOf(first, r.since(from), events)
	sum := [...]time.Duration{standby: 0}
	for _, s := range c.tile(r.Wall.Add(-total), r.Wall) {
		sum[s.State] += s.To.Sub(s.From)
	}
	r.Down, r.Standby = from.Down, from.Standby
	if gap >= shortest {
		switch other := sum[Asleep] + sum[Unknown] + sum[standby]; {
		case other > 0:
			r.Down += min(sum[Off], gap)
		case sum[Off] > 0 || c.restored.After(r.Wall.Add(-total)):
			r.Down += gap
		}
	}
	// Whether the unbiased clock goes on in Modern Standby, stands still or does both by turns is not documented: what it
	// moved more than the time on, it moved in standby.
	if dozed := sum[standby]; dozed > 0 {
		on := total - dozed - sum[Asleep] - sum[Off] - sum[Unknown]
		r.Standby += min(max(0, awake-on), dozed, awake)
	}
	r.Dozing = c.state() == standby && !lit
	return r
}

// historyOfEvents is the history that events of the System log tell. What came before the first of them is unknown.
func historyOfEvents(events []Event, since, now time.Time) ([]Stretch, error) {
	c := chronicleOf(Unknown, time.Unix(0, 0), events)
	if c.seen.IsZero() {
		return nil, fmt.Errorf("the System log has no event of a boot or sleep: %w", ErrNoHistory)
	}
	return c.history(since, now), nil
}
