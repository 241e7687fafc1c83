package power

import (
	"errors"
	"time"
)

// Why an interval of a counter gives no energy. Each is an answer: the interval is then not covered, never zero.
var (
	ErrReset     = errors.New("the counter started again")
	ErrSuspended = errors.New("the machine slept, and nobody knows whether the counter went on")
	ErrDead      = errors.New("the counter stands still")
	ErrLost      = errors.New("the counter could not be read at the start of the interval")
)

const (
	// maxZonePower is more than one processor package draws; the largest sold in 2025 are allowed 500 W.
	maxZonePower = 1000 * Watt
	// deadAfter is how long a counter may stand still. A processor that runs at all uses energy each millisecond.
	deadAfter = 10 * time.Second
)

// interval is what is known of the time between two readings of a counter.
type interval struct {
	elapsed   time.Duration // awake
	suspended bool          // the machine slept in between
}

// advance is the energy counted between two readings of a counter that wraps to zero at limit (0: never). A smaller
// reading is a wrap if the energy this would mean can have been used in the time, else a reset.
func advance(last, now, limit Energy, over interval) (Energy, error) {
	used := now - last
	if used < 0 && limit > 0 {
		used += limit
	}
	switch {
	case over.suspended:
		return 0, ErrSuspended
	case now < 0 || used < 0 || used > maxZonePower.Over(over.elapsed):
		return 0, ErrReset
	case used == 0 && over.elapsed >= deadAfter:
		return 0, ErrDead
	}
	return used, nil
}
