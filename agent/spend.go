package agent

import (
	"fmt"
	"time"

	"veille/agent/wire"
)

// Spent is what a process has taken since it started.
type Spent struct {
	CPU            time.Duration // processor time
	Wakeups        int64         // times it was woken up; 0 where the system does not tell
	Sent, Received int64         // bytes to and from the collector
}

// Since is what a process has taken since before.
func (s Spent) Since(before Spent) Spent {
	return Spent{s.CPU - before.CPU, s.Wakeups - before.Wakeups, s.Sent - before.Sent, s.Received - before.Received}
}

// spend adds what the agent took since it last did so to the cost of the running slot.
func (a *Agent) spend() {
	if a.Spent == nil {
		return
	}
	now, err := a.Spent()
	if err != nil {
		return // absent, not zero: the next time that works counts for both
	}
	if a.book.Cost == nil {
		a.book.Cost = &wire.Cost{}
	}
	c, more := *a.book.Cost, now.Since(a.spent)
	c.CPUS += more.CPU.Seconds()
	c.Wakeups += more.Wakeups
	c.SentBytes += more.Sent
	c.ReceivedBytes += more.Received
	a.book.Cost, a.spent = &c, now
}

// price puts what the agent took on the first of the slots that were closed, with the records that were given up meanwhile.
func (a *Agent) price() error {
	i := 0
	for i < len(a.closed) && (a.closed[i].History || a.closed[i].Cost != nil) {
		i++
	}
	if i == len(a.closed) || a.book.Cost == nil {
		return nil
	}
	dropped, err := a.Spool.TakeDropped()
	if err != nil {
		return fmt.Errorf("count the records that were dropped: %w", err)
	}
	a.book.Cost.Dropped += dropped
	a.closed[i].Cost, a.book.Cost = a.book.Cost, nil
	return nil
}
