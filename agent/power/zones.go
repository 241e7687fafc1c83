package power

import (
	"errors"
	"fmt"
	"slices"
)

// zone is a part of the machine that has an energy counter of its own, with the parts inside it that have one too.
type zone struct {
	name   string // package-0
	read   func() (Energy, error)
	limit  Energy // where the counter wraps to zero; 0 when unknown
	most   Power  // more than the zone can draw; 0 when unknown
	inside []*zone

	last Energy
	lost bool   // the last reading failed: the next one only starts again from there
	used Energy // in the interval that is being read
}

// start reads the counter for the first time.
func (z *zone) start() (err error) {
	z.last, err = z.read()
	return err
}

// advance reads the counter again, and keeps what was used since.
func (z *zone) advance(over Interval) error {
	z.used = 0
	now, err := z.read()
	if err != nil {
		z.lost = true
		return err
	}
	used, err := advance(z.last, now, z.limit, z.most, over)
	if z.lost {
		err = ErrLost
	}
	z.last, z.lost = now, false
	if err != nil {
		return fmt.Errorf("%s: %w", z.name, err)
	}
	z.used = used
	return nil
}

// cut is zones of which none is inside another, so that adding them up counts nothing twice. There is no other way to
// make one than cutAt, and no other way to add zones up than sum.
type cut struct{ zones []*zone }

// cutAt walks down from the roots and takes the first zones on each way that fit.
func cutAt(roots []*zone, fits func(*zone) bool) cut {
	var c cut
	for _, z := range roots {
		if fits(z) {
			c.zones = append(c.zones, z)
		} else {
			c.zones = append(c.zones, cutAt(z.inside, fits).zones...)
		}
	}
	return c
}

// names are those of the zones.
func (c cut) names() []string {
	var list []string
	for _, z := range c.zones {
		list = append(list, z.name)
	}
	return list
}

// start reads all zones for the first time.
func (c cut) start() error {
	for _, z := range c.zones {
		if err := z.start(); err != nil {
			return err
		}
	}
	return nil
}

// advance reads all zones again. When one of them has no answer there is none: the sum of the others would be too low.
func (c cut) advance(over Interval) error {
	var errs []error
	for _, z := range c.zones {
		errs = append(errs, z.advance(over))
	}
	return errors.Join(errs...)
}

// sum is what was used in all zones in the interval that was read last.
func (c cut) sum() Energy {
	var total Energy
	for _, z := range c.zones {
		total += z.used
	}
	return total
}

// without is the cut without one of its zones.
func (c cut) without(gone *zone) cut { return cut{without(c.zones, gone)} }

func without(zones []*zone, gone *zone) []*zone {
	return slices.DeleteFunc(slices.Clone(zones), func(z *zone) bool { return z == gone })
}

// unwired is the memory that has counted nothing, neither before nor since it was read last: zones without a counter
// behind them. As dead counters they would silence the packages too.
func (c cut) unwired(memory func(*zone) bool) []*zone {
	var list []*zone
	for _, z := range c.zones {
		if !memory(z) || z.last != 0 || z.lost {
			continue
		}
		if now, err := z.read(); err == nil && now == 0 {
			list = append(list, z)
		}
	}
	return list
}

// packageError is how far the figure of a processor package may be off, in percent (docs/method.md).
const packageError = 5

// ErrTwins is the answer while nobody knows whether the counters of two dies are one.
var ErrTwins = errors.New("the dies of a package count alike, and too little yet to tell whether they are one counter")

const (
	// twinsWithin is how far two readings of one counter lie apart that were taken one after the other.
	twinsWithin = Joule
	// twinsFrom is a reading from which on two counters that are not one would differ by more.
	twinsFrom = 100 * Joule
)

// twin is a zone that shows the counter of another.
type twin struct{ zone, of *zone }

// twinsAmong are the zones that show the counter of one before them in the list and of the same kin: their readings are
// the same, and so is what they counted since the last. It is unsure as long as too little was counted to tell.
func twinsAmong(zones []*zone, kin func(*zone) string) (twins []twin, unsure bool) {
	var apart []*zone
	for _, z := range zones {
		i := slices.IndexFunc(apart, func(other *zone) bool {
			return kin(z) == kin(other) && near(z.last, other.last) && near(z.used, other.used)
		})
		switch {
		case i < 0:
			apart = append(apart, z)
		case z.last < twinsFrom || z.used == 0:
			unsure = true
		default:
			twins = append(twins, twin{z, apart[i]})
		}
	}
	return twins, unsure
}

func near(a, b Energy) bool { return max(a-b, b-a) <= twinsWithin }
