// Package cost says what the agent itself takes from the machine.
package cost

import "time"

// Usage is what a process has taken since it started, all of its threads together, those that ended included.
type Usage struct {
	CPU          time.Duration // processor time, user's and kernel's
	Wakeups      int64         // times a thread gave up the processor to wait, each of which ends with being woken up
	KnowsWakeups bool          // false: the system does not count them, and Wakeups says nothing
}
