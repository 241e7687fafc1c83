package agent

import (
	"context"
	"time"

	"veille/agent/power"
	"veille/agent/uptime"
)

// worthAsking is a time between two boots of which the system's log is asked. A restart is shorter.
const worthAsking = 10 * time.Minute

// goneDown is how long after the agent's end a machine may go on that was going down.
const goneDown = 5 * time.Minute

// between asks the system's own log what the machine did from the last sample, in another boot, to its start: an agent that
// was ended alone would take for off what it did not see, and one that was killed with the machine would know nothing. The
// moments in the log are laid on the civil time here and forgotten. nil when the log has nothing to add: then the time is off
// if the agent was told to stop, and otherwise unknown. A machine that lost its mains or hung leaves no end in the log, and the
// time up to its start stays unknown: nobody knows whether it was off.
func (a *Agent) between(ctx context.Context, now position, span uptime.Span) []stretch {
	from, to := a.last.Clock.Wall, now.Clock.Wall.Add(-now.Clock.SinceBoot)
	if !span.Boot || a.System.History == nil || to.Sub(from) < worthAsking {
		return nil
	}
	log, err := a.System.History(ctx, from.Add(-time.Minute))
	if err != nil {
		return nil
	}
	var all []stretch
	var on, off time.Duration
	for _, s := range log {
		begin, end := later(s.From, from), earlier(s.To, to)
		state, ok := stateOf(s.State)
		if !ok || !end.After(begin) {
			continue
		}
		if on += end.Sub(begin); state == power.Off {
			off += end.Sub(begin)
		}
		all = append(all, stretch{from: begin.Unix(), to: end.Unix(), condition: condition{state: state, load: power.UnknownLoad()}})
	}
	if on -= off; off == 0 && on <= goneDown {
		return nil
	}
	return all
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
