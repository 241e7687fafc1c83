package power

import "errors"

// Meter counts the energy of this machine, or of a part of it.
type Meter interface {
	// Advance answers what was used since the last call, or since the meter was made: at most one figure of a scope, and
	// an error for what could not be said. A failed reading, a reset or a sleep leaves the interval uncovered; it is
	// never zero. The next interval starts here in every case.
	Advance(over Interval) ([]Figure, error)
}

// ErrNoMeter says that a meter is not there. It is an answer, not a failure.
var ErrNoMeter = errors.New("not there")

// ErrIdle says that a meter is there and has nothing to count now, as a battery on mains. It is an answer, not a failure.
var ErrIdle = errors.New("nothing to count now")
