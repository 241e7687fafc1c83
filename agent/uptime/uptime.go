// Package uptime says how long the machine was on, asleep and off, from the clocks of the system.
package uptime

import "time"

// Reading is what the clocks of the system said at one moment.
type Reading struct {
	Wall      time.Time     // civil time; it may step, forwards or backwards
	Awake     time.Duration // time spent running since the boot: it stands still while the machine sleeps
	SinceBoot time.Duration // time since the boot, sleep included
	Boot      string        // names the boot, where the system gives it a name; random, different at each boot
}

// Span is what happened between two readings. Known time sums to On+Sleep+Off; the rest of the interval is unknown.
type Span struct {
	On    time.Duration // running
	Sleep time.Duration // asleep
	Off   time.Duration // switched off: from the last reading of one boot to the next boot
	Boot  bool          // the machine was started again in between
}

// stepTolerance is how far the boot time computed from two readings may move before a system that does not name its boots
// is taken to have started again. Clock discipline moves it by seconds; a boot by more than a machine needs to start.
const stepTolerance = 15 * time.Second

// Between says what the machine did from reading a to the later reading b. stopped tells whether the agent left a as
// its last word, because it was told to stop: only then can the time up to the next boot be called off. Otherwise nobody
// knows when the machine went down, and that time is in none of the three sums.
func Between(a, b Reading, stopped bool) Span {
	if sameBoot(a, b) {
		return Span{On: b.Awake - a.Awake, Sleep: max(0, (b.SinceBoot-a.SinceBoot)-(b.Awake-a.Awake))}
	}
	s := Span{On: b.Awake, Sleep: max(0, b.SinceBoot-b.Awake), Boot: true}
	if gap := b.Wall.Add(-b.SinceBoot).Sub(a.Wall); stopped && gap > 0 {
		s.Off = gap
	}
	return s
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
