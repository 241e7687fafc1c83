// Package clock says what time it is, or that nobody knows.
package clock

import (
	"fmt"
	"sync"
	"time"

	"veille/collector"
)

// What a clock may do and still be believed. A record is judged by its date, and what is old is deleted: with a clock that is wrong
// good records would be refused for ever, and good ones deleted.
const (
	back    = time.Hour          // by which it may be set back at once
	forward = 8 * 24 * time.Hour // by which it may be set forward at once: a server that was asleep for a week
	away    = 62                 // days for which a collector may have been off: a summer
)

// Clock is the clock on the wall, held against the one that nobody sets, and against what the ledger has seen. It may be asked by
// several at once.
type Clock struct {
	read func() (wall time.Time, since time.Duration)

	mu      sync.Mutex
	wall    time.Time     // when it was last believed
	since   time.Duration // at that moment
	strange error         // why it was not believed from the start
}

// System reads the system's clocks: the one on the wall, and the time that has gone since the call of System.
func System() func() (time.Time, time.Duration) {
	start := time.Now()
	return func() (time.Time, time.Duration) {
		now := time.Now()
		return now.Round(0), now.Sub(start) // by the monotonic clock
	}
}

// New is a clock whose ledger knows of a newest date, "" for none. Where the wall is before it, or months after it, the clock is in doubt
// until it is set right or the collector is started with a newer newest date, or none.
func New(newest collector.Date, read func() (wall time.Time, since time.Duration)) (*Clock, error) {
	c := &Clock{read: read}
	c.wall, c.since = read()
	if newest == "" {
		return c, nil
	}
	known, err := newest.Midnight(c.wall.Location())
	if err != nil {
		return nil, fmt.Errorf("the newest date that the ledger knows: %w", err)
	}
	c.strange = doubt(c.wall, known)
	if c.strange != nil { // believed when it comes near to the ledger
		c.wall = known
	}
	return c, nil
}

// doubt is why a clock at wall cannot be believed at a start, by a newest date that is known.
func doubt(wall, known time.Time) error {
	if wall.After(known.AddDate(0, 0, -1)) && wall.Before(known.AddDate(0, 0, away)) {
		return nil
	}
	return fmt.Errorf("the clock of this server says %s, and the newest date in the ledger is %s: set the clock right; where it is right, start with --trust-clock",
		collector.DateOf(wall), collector.DateOf(known))
}

// Now is what time it is, or why nobody knows. A clock that was set by more than it may be is in doubt until it is set back.
func (c *Clock) Now() (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, since := c.read()
	if c.strange != nil {
		if err := doubt(wall, c.wall); err != nil {
			return time.Time{}, err
		}
		c.strange = nil
	} else if step := wall.Sub(c.wall.Add(since - c.since)); step < -back || step > forward {
		return time.Time{}, fmt.Errorf("the clock of this server was set by %s, to %s: set it right; where it is right now, restart the collector",
			step.Round(time.Minute), collector.DateOf(wall))
	}
	c.wall, c.since = wall, since
	return wall, nil
}
