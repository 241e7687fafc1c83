package power

import (
	"errors"
	"time"
)

// Why an interval of a counter gives no energy. Each is an answer: the interval is then not covered, never zero.
var (
	ErrReset     = errors.New("the counter started again")
	ErrJump      = errors.New("the counter moved by more than such a part can use")
	ErrSuspended = errors.New("the machine slept, and nobody knows whether the counter went on")
	ErrDead      = errors.New("the counter stands still")
	ErrLost      = errors.New("the counter could not be read at the start of the interval")
	ErrTooLong   = errors.New("the counter may have gone round more than once in the interval; sample more often")
)

const (
	// maxZonePower is more than any one zone draws; the largest processor sold in 2025 is allowed 500 W.
	maxZonePower = 1000 * Watt
	// deadAfter is how long a counter may stand still, a little less than the shortest period of sampling. A processor
	// that runs at all uses energy each millisecond.
	deadAfter = 900 * time.Millisecond
)

// Interval is what is known of the time between two readings of a meter.
type Interval struct {
	Elapsed   time.Duration // awake
	Suspended bool          // the machine slept, or was started again, in between
}

// tells says whether a counter that works must have moved.
func (i Interval) tells() bool { return i.Elapsed >= deadAfter && !i.Suspended }

// advance is the energy counted between two readings of a counter that wraps to zero at limit (0: never), in a zone that
// cannot draw more than most (0: unknown). A smaller reading is a wrap if the energy this would mean can have been used in
// the time, else a reset.
func advance(last, now, limit Energy, most Power, over Interval) (Energy, error) {
	if most <= 0 || most > maxZonePower {
		most = maxZonePower
	}
	used := now - last
	back := used < 0
	if back && limit > 0 {
		used += limit
	}
	switch {
	case over.Suspended:
		return 0, ErrSuspended
	case !back && now >= 0 && used > most.Over(over.Elapsed):
		return 0, ErrJump
	case now < 0 || used < 0 || used > most.Over(over.Elapsed):
		return 0, ErrReset
	case limit > 0 && limit <= most.Over(over.Elapsed)-used:
		return 0, ErrTooLong
	case used == 0 && over.tells():
		return 0, ErrDead
	}
	return used, nil
}
