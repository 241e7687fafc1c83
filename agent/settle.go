package agent

import (
	"encoding/json"
	"fmt"
	"time"
)

// settling is how long after a boot the clock on the wall is not trusted yet. The time off before a boot is known from that clock
// alone, and at the start it may be wrong: it says local time where the system expects UTC, or its battery is empty, until the
// network has set it right.
const settling = 10 * time.Minute

// jolt is a step of the clock that changes the time off.
const jolt = 15 * time.Second

// trial is the agent's memory as it was before the last boot, kept until the clock has settled: when the clock steps before, the time since
// is booked once more. Nothing that was closed meanwhile is spooled before.
type trial struct {
	Book   json.RawMessage `json:"book"`
	Last   position        `json:"last"`
	Closed int             `json:"closed"` // slots that were closed before
	Boot   int64           `json:"boot"`   // Unix second of the boot, by the clock as it was last
	Boots  int             `json:"boots"`  // since it began
}

// mostBoots is how many boots one trial lasts: a machine that is never on for long would not deliver otherwise.
const mostBoots = 3

// bootBy is the second of the boot by the clock of a position.
func bootBy(p position) int64 { return p.Clock.Wall.Add(-p.Clock.SinceBoot).Unix() }

// try begins a trial at the first sample after a boot, before it is booked, and goes back to its beginning when the clock has stepped
// since. It tells whether it went back: then the sample is that of the whole time since.
func (a *Agent) try(now position, boot bool) (bool, error) {
	switch t := a.trial; {
	case boot && t != nil && t.Boots < mostBoots: // the clock has not settled since the boot before either
		t.Boot, t.Boots = bootBy(now), t.Boots+1
	case boot:
		book, err := json.Marshal(a.book)
		if err != nil {
			return false, fmt.Errorf("keep the book before the boot: %w", err)
		}
		a.trial = &trial{Book: book, Last: a.last, Closed: len(a.closed), Boot: bootBy(now), Boots: 1}
	case t == nil:
	case time.Duration(max(t.Boot-bootBy(now), bootBy(now)-t.Boot))*time.Second > jolt:
		if err := a.goBack(); err != nil {
			return false, err
		}
		t.Boot = bootBy(now)
		return true, nil
	case now.Clock.SinceBoot >= settling:
		a.trial = nil
	}
	return false, nil
}

// goBack puts the book back to before the boot. What the agent took since stays counted.
func (a *Agent) goBack() error {
	var before book
	if err := json.Unmarshal(a.trial.Book, &before); err != nil {
		return fmt.Errorf("take up the book from before the boot: %w", err)
	}
	before.Cost = a.book.Cost
	again := book{Hourly: a.book.Hourly, known: a.book.known}
	if err := again.follow(a.Policies); err != nil {
		return err
	}
	if _, err := again.take(before, a.Policies); err != nil {
		return err
	}
	if a.trial.Boots > 1 { // what it did between them is not known by time any more
		a.trial.Last.Stopped = false
	}
	a.book, a.last, a.closed = again, a.trial.Last, a.closed[:min(len(a.closed), a.trial.Closed)]
	return nil
}
