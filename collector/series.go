package collector

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Series is a store of points: an engine of the organisation's own, or the ledger. Points come back to the last digit.
type Series interface {
	// Append puts points on disk, all of them or, after an error, perhaps some: putting them again changes nothing. Its errors are a
	// DeliveryError where the destination is to blame.
	Append(ctx context.Context, points []Point) error
	// Range answers a query: points without their versions.
	Range(ctx context.Context, q Query) ([]Point, error)
	Close() error
}

// Destination is a series of somebody else's that points are delivered to.
type Destination interface {
	Series
	// Tally counts what the destination has of a measurement on each day, in UTC, from From on and before To; days without a point are
	// absent. Its sums of fields are those of the newest versions.
	Tally(ctx context.Context, q Query) ([]Tally, error)
	// Delete deletes what a query asks for. An engine that can only delete whole series deletes those that lie in the query as a whole, and
	// says in its own documentation what is left, until when.
	Delete(ctx context.Context, q Query) error
	// Started names the run of the destination's process: another answer than before means that it was started anew, and may have lost what it
	// had acknowledged last. An engine that puts everything on disk before it answers says "".
	Started(ctx context.Context) (string, error)
}

// Advised is a destination that knows what should be set up otherwise there, though it takes points.
type Advised interface {
	// Advice are sentences for people, each with what to do; none when all is well. It asks nobody: it tells what was last seen while points
	// were brought, and may change with each delivery. No secret is in it.
	Advice() []string
}

// Forgetful is a destination that deletes by itself what is old there, and drops what is sent of that age.
type Forgetful interface {
	// KeepsFrom is the first date, in UTC, of which it keeps everything, for the next day at least; "" where it forgets nothing. Older days are no
	// difference, whatever it has of them.
	KeepsFrom() Date
}

// Tally is how many points a measurement has on one day in UTC, and the sum of each field.
type Tally struct {
	Day    Date
	Points int64
	Sums   map[string]float64
}

// Trouble is what kind of reason a destination has for not taking points.
type Trouble int

// The kinds.
const (
	TryLater  Trouble = iota // it cannot be reached, is too busy or has no room: the same may work later
	Unusable                 // something in what was sent is wrong: all else would be taken
	NeedsHelp                // a person has to do something first: it knows the password no more, or the bucket is gone
)

// DeliveryError says why a destination did not take points, in a sentence for people that ends with what to do.
type DeliveryError struct {
	Trouble Trouble
	Reason  string        // what was tried, on what, why not, and what to do; no secret is in it
	After   time.Duration // how long it said to wait; 0: it did not say
	Err     error         // what the library said; may be nil
}

// Error tells the reason.
func (e *DeliveryError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return fmt.Sprintf("%s (%v)", e.Reason, e.Err)
}

// Unwrap is what the library said.
func (e *DeliveryError) Unwrap() error { return e.Err }

// TroubleOf is what kind of trouble an error tells of: TryLater where it does not say.
func TroubleOf(err error) Trouble {
	if e, ok := errors.AsType[*DeliveryError](err); ok {
		return e.Trouble
	}
	return TryLater
}

// Keeping is how long points of a measurement are kept.
type Keeping string

// How long points are kept: those that describe one machine, and what meters said one by one, as long as a machine's days; all others as long as those
// of groups. Readings minute by minute tell when a building, or the room behind a plug, wakes up; their sums by day do not.
const (
	KeepHours Keeping = "hours" // 90 days
	KeepYears Keeping = "years" // six years
)

// For is how long that is.
func (k Keeping) For() time.Duration {
	if k == KeepHours {
		return 90 * 24 * time.Hour
	}
	return 2192 * 24 * time.Hour // six years, with their leap days
}

// Keeping is how long points of a measurement are kept.
func (m Measurement) Keeping() Keeping {
	switch m {
	case HourEnergy, HourSeconds, MeterEnergy, MeterPower:
		return KeepHours
	default:
		return KeepYears
	}
}

// Measurements are all that there are, in the order of their names.
func Measurements() []Measurement {
	return []Measurement{
		DayEnergy, DayMeter, DaySeconds, HourEnergy, HourSeconds, MeterEnergy, MeterPower, MonthEnergy, MonthSeconds, PageScore, SiteScore,
	}
}
