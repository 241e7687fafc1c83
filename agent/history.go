package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"veille/agent/power"
	"veille/agent/uptime"
)

// begin is the first start of the agent in its folder: the days before this one are wanted, and a machine of which hours are told says
// soon that it is there, unless it has told of some already and only its memory is gone.
func (a *Agent) begin() error {
	empty, err := a.Spool.Empty()
	if err != nil {
		return err
	}
	a.greets = empty && a.Limits.Use.Hourly()
	if empty && a.Limits.History > 0 {
		a.wanted, _, _ = a.book.calendar.Day(time.Now())
	}
	return nil
}

// history makes a record of each day before this one of which the system's own log tells when the machine was started, put to
// sleep and switched off. The moments in the log are laid on the parts of each day here and forgotten; no day of the agent's
// own is made again: it is tried on the day of the first start only, until it is done. Days of which nothing is known have no
// record. Whole days are right for every use: hours of a shared machine begin with the agent.
func (a *Agent) history(ctx context.Context, now time.Time) error {
	date, today, _ := a.book.calendar.Day(now)
	if a.wanted == "" || a.System.History == nil || a.wanted != date {
		a.wanted = ""
		return nil
	}
	log, err := a.System.History(ctx, now.Add(-a.Limits.History))
	if err == nil || errors.Is(err, uptime.ErrNoHistory) {
		a.wanted = ""
	}
	if err != nil {
		return fmt.Errorf("read when the machine was on before the agent was installed: %w", err)
	}
	// Whether the screens of today were there is not known, nor what the processors drew.
	past := book{calendar: a.book.calendar, known: known{modes: a.book.known.modes}}
	var days []slot
	for _, s := range log {
		state, ok := stateOf(s.State)
		to := min(s.To.Unix(), today.Unix())
		from := max(s.From.Unix(), past.Booked)
		if from >= to {
			continue
		}
		days = append(days, past.pass(from)...)
		if ok {
			c := condition{state: state, load: power.UnknownLoad()}
			days = append(days, past.add(stretch{from: from, to: to, condition: c})...)
		}
	}
	days = append(days, past.pass(today.Unix())...)
	for i := range days {
		days[i].History = true
	}
	a.closed = append(a.closed, days...)
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
