// Package uptime says how long the machine was on, asleep and off, from the clocks of the system.
package uptime

import "time"

// Reading is what the clocks of the system said at one moment. Down, Standby and Dozing only mean something beside those of
// an earlier reading: they go on from the reading that Clocks.Read was given.
type Reading struct {
	Wall      time.Time     // civil time; it may step, forwards or backwards
	Awake     time.Duration // time spent running since the boot: it stands still while the machine sleeps
	SinceBoot time.Duration // time since the boot, sleep included
	Boot      string        // names the boot, where the system gives it a name; random, different at each boot

	Down    time.Duration `json:",omitzero"` // of SinceBoot without Awake: hibernated, or shut down in a way that keeps the boot
	Standby time.Duration `json:",omitzero"` // of Awake: asleep all the same, in Modern Standby
	Dozing  bool          `json:",omitzero"` // in Modern Standby now

	Counted  bool  `json:",omitzero"` // the kernel says how often it suspended
	Suspends int64 `json:",omitzero"` // times since the boot, failures included; hibernation is not among them
}

// Span is what happened between two readings. Known time sums to On+Sleep+Off; the rest of the interval is unknown. Within
// one boot nothing is unknown: the three sum to the time that SinceBoot moved.
type Span struct {
	On    time.Duration // running
	Sleep time.Duration // asleep
	Off   time.Duration // switched off: from the last reading of one boot to the next boot, and hibernated in either
	Boot  bool          // the machine was started again in between
}

// stepTolerance is how far the boot time computed from two readings may move before a system that does not name its boots
// is taken to have started again. Clock discipline moves it by seconds; a boot by more than a machine needs to start.
const stepTolerance = 15 * time.Second

// shortest is a gap between the two clocks that is looked into. Hibernating takes longer; what is shorter is sleep, or the
// time between the reading of one clock and of the other.
const shortest = 5 * time.Second

// Between says what the machine did from reading a to the later reading b. stopped tells whether the agent left a as
// its last word, because it was told to stop: only then can the time up to the next boot be called off. Otherwise nobody
// knows when the machine went down, and that time is in none of the three sums. The wall clock is used across a boot only,
// and within one where the system does not name its boots.
func Between(a, b Reading, stopped bool) Span {
	if sameBoot(a, b) {
		return within(a, b)
	}
	s := within(Reading{}, b)
	s.Boot = true
	if gap := b.Wall.Add(-b.SinceBoot).Sub(a.Wall); stopped && gap > 0 {
		s.Off += gap
	}
	return s
}

// SinceStart is what the machine did since its boot, up to the reading.
func (r Reading) SinceStart() Span { return within(Reading{}, r) }

// within is the span between two readings of one boot.
func within(a, b Reading) Span {
	awake := max(0, b.Awake-a.Awake)
	gap := max(0, (b.SinceBoot-a.SinceBoot)-awake)
	off := min(max(0, b.Down-a.Down), gap)
	standby := min(max(0, b.Standby-a.Standby), awake)
	return Span{On: awake - standby, Sleep: gap - off + standby, Off: off}
}

func sameBoot(a, b Reading) bool {
	if b.Awake < a.Awake || b.SinceBoot < a.SinceBoot {
		return false
	}
	if a.Boot != "" && b.Boot != "" {
		return a.Boot == b.Boot
	}
	moved := b.Wall.Add(-b.SinceBoot).Sub(a.Wall.Add(-a.SinceBoot))
	return moved.Abs() <= stepTolerance
}
