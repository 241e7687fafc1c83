package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"veille/collector"
)

const (
	together   = 5000 // points in one request
	suspicious = 16   // points refused one after the other by a destination that never took any: does it take others?
	mostAnHour = 1000 // points are refused by a destination; more is for a person to see to
)

// give brings points to the destination. Those that it refuses are found by halves, put into quarantine, and left out from then on.
//
// A destination that takes nothing has another trouble than its points: where all points of a request are refused, it is sent one again that it
// took before. If it refuses that one too, or never took any, it needs help, and nothing goes into quarantine; so it is after more than a
// thousand refused points within an hour.
func (o *Outbox) give(ctx context.Context, points []collector.Point) error {
	t := trial{o: o}
	points = t.valid(o.refused.without(points))
	t.all = points
	err := t.try(ctx, points)
	if err == nil && t.alone > 0 && t.taken == 0 && !t.asked {
		t.hopeless, err = true, o.refusesAll(errors.New(t.found[len(t.found)-1].Reason))
	}
	if err != nil && !t.hopeless {
		o.witness = nil // a part may have been taken, of it newer ones
	}
	if t.hopeless {
		return err
	}
	if wrong := o.quarantine(ctx, t.found); wrong != nil && err == nil {
		err = wrong
	}
	return err
}

// trial is one request, and what became of it.
type trial struct {
	o        *Outbox
	all      []collector.Point
	taken    int
	found    []collector.RefusedPoint
	alone    int  // of found, those that the destination refused alone
	asked    bool // whether it takes any at all
	hopeless bool // it does not
}

// valid are the points that an engine can keep; the others are refused here.
func (t *trial) valid(points []collector.Point) []collector.Point {
	for i, p := range points {
		if p.Validate() == nil {
			continue
		}
		good := append([]collector.Point{}, points[:i]...)
		for _, p := range points[i:] {
			if err := p.Validate(); err != nil {
				t.refuse(p, err)
			} else {
				good = append(good, p)
			}
		}
		return good
	}
	return points
}

func (t *trial) refuse(p collector.Point, err error) {
	t.found = append(t.found, collector.RefusedPoint{
		Destination: t.o.Name, On: collector.DateOf(t.o.Now()), Measurement: p.Measurement, Point: line(p), Reason: t.o.unnamed(plain(err.Error())),
	})
}

// try gives points, and halves of them where some are refused: of n points of which all are refused it makes 2n requests at most.
func (t *trial) try(ctx context.Context, points []collector.Point) error {
	if len(points) == 0 {
		return nil
	}
	err := t.o.to.Append(ctx, points)
	switch {
	case err == nil:
		t.taken += len(points)
		last := points[len(points)-1]
		t.o.witness = &last
		t.o.state.Delivered += int64(len(points))
		return nil
	case collector.TroubleOf(err) != collector.Unusable:
		return err
	case len(points) == 1:
		t.refuse(points[0], err)
		t.alone++
		return t.enough(ctx, err)
	}
	half := len(points) / 2
	if err := t.try(ctx, points[:half]); err != nil {
		return err
	}
	return t.try(ctx, points[half:])
}

// enough tells whether to go on after a point was refused.
func (t *trial) enough(ctx context.Context, why error) error {
	if t.taken == 0 && !t.asked && (t.o.witness != nil || t.alone == suspicious) {
		t.asked = true
		if all, err := t.none(ctx); err != nil || all {
			t.hopeless = all
			return cmpError(err, t.o.refusesAll(why))
		}
	}
	if t.o.refusedWithin(len(t.found)) > mostAnHour {
		return refusing{needsHelp(fmt.Sprintf("%s refused more than %d points within an hour, the last because: %v; veille-collector outbox refused lists them", t.o.Name, mostAnHour, why))}
	}
	return nil
}

// none tells whether the destination takes nothing any more: neither what it took before nor, where that is not known, anything of the request.
func (t *trial) none(ctx context.Context) (bool, error) {
	if t.o.witness == nil {
		return t.sample(ctx)
	}
	err := t.o.to.Append(ctx, []collector.Point{*t.o.witness})
	if err != nil && collector.TroubleOf(err) != collector.Unusable {
		return false, err
	}
	return err != nil, nil
}

func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// refusing is the error of a destination that refuses all points, or too many.
type refusing struct{ error }

// Unwrap is what it says.
func (r refusing) Unwrap() error { return r.error }

func (o *Outbox) refusesAll(why error) error {
	return refusing{needsHelp(fmt.Sprintf("%s refuses every point, the last because: %v; put that right", o.Name, why))}
}

func needsHelp(reason string) error {
	return &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: reason + ", then veille-collector outbox retry"}
}

// sample asks for some points, spread over the request, whether they are all refused.
func (t *trial) sample(ctx context.Context) (all bool, err error) {
	for i := range suspicious {
		p := t.all[(2*i+1)*len(t.all)/(2*suspicious)]
		err := t.o.to.Append(ctx, []collector.Point{p})
		switch {
		case err == nil:
			t.taken++
			return false, nil
		case collector.TroubleOf(err) != collector.Unusable:
			return false, err
		}
	}
	return true, nil
}

// quarantine keeps points that were refused, and leaves them out from now on.
func (o *Outbox) quarantine(ctx context.Context, found []collector.RefusedPoint) error {
	if len(found) == 0 {
		return nil
	}
	if err := o.Ledger.Refuse(ctx, o.Name, found); err != nil {
		return err
	}
	for _, p := range found {
		o.refused.add(p.Point)
	}
	o.refusals = append(o.refusals, refusal{time.Now(), len(found)})
	o.Log.WarnContext(ctx, "the destination refuses points, they are in quarantine: veille-collector outbox refused", "destination", o.Name, "points", len(found))
	return nil
}

// refusal is how many points were refused at a moment.
type refusal struct {
	at     time.Time
	points int
}

// refusedWithin is how many points were refused within the last hour, with those of the request under way.
func (o *Outbox) refusedWithin(now int) int {
	for len(o.refusals) > 0 && time.Since(o.refusals[0].at) > time.Hour {
		o.refusals = o.refusals[1:]
	}
	for _, r := range o.refusals {
		now += r.points
	}
	return now
}
