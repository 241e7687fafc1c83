package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
// took before, or some of all that the ledger has for it. If it refuses those too it needs help, and nothing goes into quarantine; so it is after more
// than a thousand refused points within an hour. ready brings all the points, each of which the destination can keep; nil: it has to be seen.
func (o *Outbox) give(ctx context.Context, points []collector.Point, ready func(context.Context) error) error {
	t := trial{o: o, ready: ready}
	if ready == nil || len(o.refused.lines) > 0 {
		t.ready, points = nil, t.valid(o.refused.without(points))
	}
	t.all = points
	err := t.try(ctx, points)
	if err == nil && t.alone > 0 && t.taken == 0 && !t.asked {
		err = t.any(ctx, errors.New(t.found[len(t.found)-1].Reason))
	}
	if t.doubtful {
		return err
	}
	if err != nil {
		o.witness = nil // a part may have been taken, of it newer ones
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
	ready    func(context.Context) error // brings all, once; nil: nothing is ready
	taken    int
	found    []collector.RefusedPoint
	alone    int  // of found, those that the destination refused alone
	asked    bool // whether it takes any at all
	doubtful bool // it does not, or that is not known: nothing goes into quarantine
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
		Destination: t.o.Name, On: dated(p, t.o.Now()), Measurement: p.Measurement, Point: line(p), Reason: t.o.unnamed(plain(err.Error())),
	})
}

// dated is the date by which a refused point is kept for as long as what it tells: its own, where that is a matter of days. Of what is kept for
// years it is today's, or it would go the first night and be refused anew.
func dated(p collector.Point, now time.Time) collector.Date {
	if p.Measurement.Keeping() == collector.KeepHours {
		return collector.DateOf(p.Time.UTC())
	}
	return collector.DateOf(now)
}

// try gives points, and halves of them where some are refused: of n points of which all are refused it makes 2n requests at most.
func (t *trial) try(ctx context.Context, points []collector.Point) error {
	if len(points) == 0 {
		return nil
	}
	err := t.bring(ctx, points)
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

func (t *trial) bring(ctx context.Context, points []collector.Point) error {
	if ready := t.ready; ready != nil {
		t.ready = nil
		return ready(ctx)
	}
	return t.o.to.Append(ctx, points)
}

// enough tells whether to go on after a point was refused.
func (t *trial) enough(ctx context.Context, why error) error {
	if t.taken == 0 && !t.asked && (t.o.witness != nil || t.alone == suspicious) {
		if err := t.any(ctx, why); err != nil {
			return err
		}
	}
	if t.o.refusedWithin(len(t.found)) > mostAnHour {
		return refusing{needsHelp(fmt.Sprintf("%s refused more than %d points within an hour, the last because: %v; veille-collector outbox refused lists them", t.o.Name, mostAnHour, why))}
	}
	return nil
}

// any is an error where the destination takes nothing at all, or where that cannot be found out.
func (t *trial) any(ctx context.Context, why error) error {
	t.asked = true
	none, err := t.none(ctx)
	if err == nil && none {
		err = t.o.refusesAll(why)
	}
	t.doubtful = err != nil
	return err
}

// none tells whether the destination takes nothing any more: neither what it took before nor, where that is not known, anything of the request, nor
// what else the ledger has for it.
func (t *trial) none(ctx context.Context) (bool, error) {
	if t.o.witness == nil {
		if t.alone < len(t.all) {
			if all, err := t.sample(ctx); err != nil || !all {
				return false, err
			}
		}
		return t.o.takesNothing(ctx)
	}
	err := t.o.to.Append(ctx, []collector.Point{*t.o.witness})
	if err != nil && collector.TroubleOf(err) != collector.Unusable {
		return false, err
	}
	return err != nil, nil
}

// takesNothing tells whether the destination refuses whatever the ledger has for it: of each stream what it was brought first, and what waits. One
// point may be wrong, and be all that waits.
func (o *Outbox) takesNothing(ctx context.Context) (bool, error) {
	for _, s := range streams() {
		for _, after := range slices.Compact([]int64{0, o.positions[s].Acked}) {
			points, _, _, err := o.Mirror.Next(ctx, s, after)
			if err != nil {
				return false, err
			}
			if points = o.refused.without(points); len(points) == 0 {
				continue
			}
			t := trial{o: o, all: points}
			if all, err := t.sample(ctx); err != nil || !all {
				return false, err
			}
		}
	}
	return true, nil
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
	for i := range min(suspicious, len(t.all)) {
		p := t.all[(2*i+1)*len(t.all)/(2*min(suspicious, len(t.all)))]
		err := t.o.to.Append(ctx, []collector.Point{p})
		switch {
		case err == nil:
			t.taken++
			t.o.witness = &p
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
