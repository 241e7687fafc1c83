package uptime

import "time"

// SleepAfter is how long a machine on mains that nobody uses waits before it goes to sleep by itself. Its zero value is
// the answer of a system that does not say.
type SleepAfter struct {
	Known bool
	After time.Duration // 0, when known: never
}

// Never tells that the machine is known to stay awake until someone puts it to sleep.
func (s SleepAfter) Never() bool { return s.Known && s.After == 0 }

// Minutes is the wait in minutes, rounded up; 0 when it is not known or has no end.
func (s SleepAfter) Minutes() int { return int((s.After + time.Minute - 1) / time.Minute) }

// String is unknown, never, or the wait.
func (s SleepAfter) String() string {
	switch {
	case !s.Known:
		return "unknown"
	case s.After == 0:
		return "never"
	}
	return s.After.String()
}
