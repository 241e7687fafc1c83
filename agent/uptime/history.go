package uptime

import (
	"errors"
	"slices"
	"time"
)

// State is what a machine did for a while.
type State uint8

// The states of a stretch. The zero value is the unknown one, which is never counted as off. Off includes hibernation.
const (
	Unknown State = iota
	On
	Asleep
	Off

	standby // in Modern Standby: asleep, though the clock that stands still in sleep may go on
)

// String is unknown, on, asleep or off.
func (s State) String() string {
	switch s {
	case On:
		return "on"
	case Asleep, standby:
		return "asleep"
	case Off:
		return "off"
	}
	return "unknown"
}

// Stretch is a time in one state. It is only ever in memory: it is to be summed into days, and neither kept nor sent.
type Stretch struct {
	From, To time.Time
	State    State
}

// ErrNoHistory is the answer of a system that keeps no record of its boots and sleeps, or none that the agent may read.
var ErrNoHistory = errors.New("no history of boots and sleeps")

// change is the beginning of a state.
type change struct {
	at time.Time
	to State
}

// changes are states one after the other.
type changes []change

// set begins a state. Time never goes back: what is dated before the last change began with it.
func (c *changes) set(at time.Time, to State) {
	if n := len(*c); n > 0 && at.Before((*c)[n-1].at) {
		at = (*c)[n-1].at
	}
	*c = append(*c, change{at, to})
}

// unknownFrom takes back what was said of the time from a moment on.
func (c *changes) unknownFrom(at time.Time) {
	*c = slices.DeleteFunc(*c, func(x change) bool { return !x.at.Before(at) })
	c.set(at, Unknown)
}

// state is the last one.
func (c *changes) state() State {
	if len(*c) == 0 {
		return Unknown
	}
	return (*c)[len(*c)-1].to
}

// tile lays the changes over the time from one moment to another, without hole or overlap: what is before the first of them
// is unknown. Neighbours in one state are one stretch.
func (c *changes) tile(from, to time.Time) []Stretch {
	if !from.Before(to) {
		return nil
	}
	all := []Stretch{{from, to, Unknown}}
	sorted := slices.Clone(*c)
	slices.SortStableFunc(sorted, func(a, b change) int { return a.at.Compare(b.at) })
	for _, next := range sorted {
		if !next.at.Before(to) {
			break
		}
		last := &all[len(all)-1]
		switch at := latest(next.at, from); {
		case at.Equal(last.From):
			last.State = next.to
			if n := len(all); n > 1 && all[n-2].State == next.to {
				all = all[:n-1]
				all[n-2].To = to
			}
		case last.State != next.to:
			last.To = at
			all = append(all, Stretch{at, to, next.to})
		}
	}
	return all
}

// history is the changes up to now as they are told: the machine runs now, so a sleep or shut-down without an end is not
// understood, and unknown.
func (c *changes) history(since, now time.Time) []Stretch {
	told := slices.Clone(*c)
	for i := range told {
		if told[i].to == standby {
			told[i].to = Asleep
		}
	}
	if n := len(told); n > 0 && (told[n-1].to == Off || (*c)[n-1].to == Asleep) {
		told[n-1].to = Unknown
	}
	return told.tile(since, now)
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
