package agent

import (
	"context"
	"fmt"
	"time"

	"veille/agent/power"
	"veille/agent/uptime"
)

// history makes a record of each day before this one of which the system's own log tells when the machine was started, put to
// sleep and switched off, back to since. The moments in the log are laid on the parts of each day here and forgotten; no
// day of the agent's own is made again. Days of which nothing is known have no record. Whole days are right for every use:
// hours of a shared machine begin with the agent.
func (a *Agent) history(ctx context.Context, now time.Time, since time.Duration) error {
	if a.System.History == nil || since <= 0 {
		return nil
	}
	_, today, _ := a.book.calendar.Day(now)
	log, err := a.System.History(ctx, now.Add(-since))
	if err != nil {
		return fmt.Errorf("read when the machine was on before the agent was installed: %w", err)
	}
	past := book{calendar: a.book.calendar, known: a.book.known}
	for _, s := range log {
		state, ok := stateOf(s.State)
		to := min(s.To.Unix(), today.Unix())
		from := max(s.From.Unix(), past.Booked)
		if from >= to {
			continue
		}
		a.closed = append(a.closed, past.pass(from)...)
		if ok {
			c := condition{state: state, load: power.UnknownLoad()}
			a.closed = append(a.closed, past.add(stretch{from: from, to: to, condition: c})...)
		}
	}
	a.closed = append(a.closed, past.pass(today.Unix())...)
	for i := range a.closed {
		a.closed[i].History = true
	}
	return nil
}

// stateOf is the state of a machine as its power counts; a display that nobody watched counts as on.
func stateOf(s uptime.State) (power.State, bool) {
	switch s {
	case uptime.On:
		return power.On, true
	case uptime.Asleep:
		return power.Sleep, true
	case uptime.Off:
		return power.Off, true
	}
	return "", false
}
