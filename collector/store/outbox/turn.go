package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"veille/collector"
)

// errStopped answers a comparison of a destination that waits for a person, and errPaused one that waits after a failure.
var (
	errStopped = errors.New("nothing is sent to it until a person has done what its last error asks for")
	errPaused  = errors.New("it did not take what was sent last, and is tried again later")
)

// streams are what an outbox follows. Machines that were erased come last: an hour that was read before its machine was erased has been sent
// then, and is deleted.
func streams() []collector.Stream {
	return []collector.Stream{collector.StreamHours, collector.StreamWebsites, collector.StreamMeters, collector.StreamErased}
}

// turn does once what is to be done, and says whether the destination has everything now, and after which time to come again.
func (o *Outbox) turn(ctx context.Context) (even bool, pause time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	even, pause, _ = o.deliver(ctx)
	return even, pause
}

// deliver is a turn of whoever holds mu.
func (o *Outbox) deliver(ctx context.Context) (even bool, pause time.Duration, err error) {
	if err := o.look(ctx); err != nil {
		return false, o.fail(ctx, fmt.Errorf("look at the ledger: %w", err)), err
	}
	if left := time.Until(o.notYet); left > 0 {
		o.say(ctx, false)
		if o.state.Stopped {
			return false, min(left, idle), errStopped // a person may ask for it to be tried again
		}
		return false, min(left, idle), errPaused
	}
	more, err := o.work(ctx)
	if err != nil {
		return false, o.fail(ctx, err), err
	}
	o.went(ctx, more)
	switch {
	case more:
		return false, 0, nil
	case len(o.marks) > 0 || o.broken:
		return true, settleTurn, nil
	}
	return true, idle, nil
}

// look reads what the ledger says of the destination: all of it at first, and when a person has asked for something.
func (o *Outbox) look(ctx context.Context) error {
	d, err := o.Ledger.Delivery(ctx, o.Name)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return err
	}
	d.Destination = o.Name
	if o.loaded && d.Asked == o.state.Asked {
		return nil
	}
	if !o.loaded { // whether what was acknowledged last is on its disk is not known
		if err := o.Ledger.Rewind(ctx, o.Name); err != nil {
			return err
		}
		if d.LagS > 0 {
			o.waiting = time.Now().Add(-time.Duration(d.LagS+max(0, o.Now().Unix()-d.Said)) * time.Second)
		}
	}
	o.marks = nil
	if err := o.reload(ctx); err != nil {
		return err
	}
	refused, err := o.Ledger.RefusedPoints(ctx, o.Name)
	if err != nil {
		return err
	}
	o.refused = newQuarantine(refused)
	o.state, o.loaded = d, true
	o.failures, o.notYet, o.tried, o.refusals = 0, time.Time{}, time.Time{}, nil
	return o.lost(ctx)
}

// reload reads the positions. What is not settled is in a minute.
func (o *Outbox) reload(ctx context.Context) (err error) {
	if o.positions, err = o.Ledger.Positions(ctx, o.Name); err != nil {
		return err
	}
	for stream, p := range o.positions {
		if p.Acked > p.Settled {
			o.marks = append(o.marks, mark{stream, p.Acked, time.Now()})
		}
	}
	return nil
}

// lost notes of which dates the destination never got the hours: they were deleted here while it was away.
func (o *Outbox) lost(ctx context.Context) error {
	oldest, err := o.Mirror.Oldest(ctx)
	if err != nil || o.state.WholeOn == "" || oldest <= o.state.WholeOn || o.state.LostFrom == o.state.WholeOn {
		return err
	}
	o.state.LostFrom, o.state.LostTo = o.state.WholeOn, plus(oldest, -1)
	o.Log.WarnContext(ctx, "hours were deleted here before the destination could take them: it may miss them for good",
		"destination", o.Name, "from", o.state.LostFrom, "to", o.state.LostTo)
	return nil
}

// work follows all streams for a while; more says that there is more to follow.
func (o *Outbox) work(ctx context.Context) (more bool, err error) {
	if o.failures > 0 {
		if err := o.lost(ctx); err != nil {
			return false, err
		}
	}
	if err := o.open(ctx); err != nil {
		return false, err
	}
	if err := o.settle(ctx); err != nil {
		return false, err
	}
	if o.state.Stopped {
		if err := o.probe(ctx); err != nil {
			return false, err
		}
	}
	for _, s := range streams() {
		some, err := o.follow(ctx, s)
		if err != nil {
			return false, err
		}
		more = more || some
	}
	return more, nil
}

// send brings a batch to the destination.
func (o *Outbox) send(ctx context.Context, b batch) error {
	for _, q := range b.deletes {
		o.witness = nil
		if err := o.to.Delete(ctx, q); err != nil {
			return err
		}
	}
	if len(b.points) == 0 {
		return nil
	}
	requests := (len(b.points) + together - 1) / together
	for points := range slices.Chunk(b.points, (len(b.points)+requests-1)/requests) {
		if err := o.give(ctx, points, b.ready); err != nil {
			return err
		}
	}
	return nil
}

// probe sends one point of what waits, or asks for the destination's name where nothing does, to see whether what a person had to do was done.
func (o *Outbox) probe(ctx context.Context) error {
	for _, s := range streams() {
		points, deletes, _, err := o.Mirror.Next(ctx, s, o.positions[s].Acked)
		if err != nil {
			return err
		}
		if len(deletes) > 0 {
			if err := o.to.Delete(ctx, deletes[0]); err != nil {
				return o.help(err)
			}
			break
		}
		if points = o.refused.without(points); len(points) > 0 {
			if err := o.probePoints(ctx, points); err != nil {
				return o.help(err)
			}
			break
		}
	}
	o.state.Stopped = false
	return nil
}

// probePoints sends one of some points, and others of all streams where that one is refused: it alone may be wrong.
func (o *Outbox) probePoints(ctx context.Context, points []collector.Point) error {
	err := o.to.Append(ctx, points[:1])
	if err == nil || collector.TroubleOf(err) != collector.Unusable {
		return err
	}
	none, wrong := o.takesNothing(ctx)
	if wrong != nil || !none {
		return wrong
	}
	return err
}

// help makes of what a destination says to a probe something that a person has to see to, unless it cannot be reached.
func (o *Outbox) help(err error) error {
	switch collector.TroubleOf(err) {
	case collector.TryLater:
		return err
	case collector.Unusable:
		return o.refusesAll(err)
	}
	return &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: err.Error()}
}

// fail notes a failure, and answers after which time to come again.
func (o *Outbox) fail(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return firstPause
	}
	pause := min(longPause, firstPause<<min(o.failures, 20))
	pause += time.Duration(rand.Int64N(int64(pause)/4 + 1)) //nolint:gosec // so that many do not come at once
	if e, ok := errors.AsType[*collector.DeliveryError](err); ok && e.After > 0 {
		pause = min(e.After, probeEvery)
	}
	o.broken = o.broken || connection(err)
	text := o.unnamed(err.Error())
	fresh := o.failures == 0 || o.state.Error != text
	o.failures++
	o.state.Error, o.state.Cause = text, causeOf(err)
	stopped := o.state.Stopped
	if collector.TroubleOf(err) == collector.NeedsHelp {
		o.state.Stopped, pause = true, probeEvery
		o.shut() // what a person does may need it to be opened anew
	}
	o.notYet = time.Now().Add(pause)
	switch {
	case o.state.Stopped && !stopped:
		o.Log.ErrorContext(ctx, "nothing is sent any more, what is to be sent is kept: do what the error asks for, then veille-collector outbox retry", "destination", o.Name, "err", text)
	case fresh && o.failures == 1 && !stopped:
		o.Log.ErrorContext(ctx, "points not delivered, they are kept and tried again", "destination", o.Name, "err", text)
	}
	o.say(ctx, fresh)
	return min(pause, idle)
}

// causeOf is what kind of thing an error tells of.
func causeOf(err error) collector.Cause {
	e, known := errors.AsType[*collector.DeliveryError](err)
	_, refuses := errors.AsType[refusing](err)
	switch {
	case !known:
		return collector.OwnLedger
	case refuses:
		return collector.Refusing
	case e.Trouble == collector.NeedsHelp:
		return collector.Unready
	case connection(err):
		return collector.Unreachable
	}
	return collector.Busy
}

// went notes that a turn went well.
func (o *Outbox) went(ctx context.Context, more bool) {
	if o.failures > 0 {
		o.Log.InfoContext(ctx, "points delivered again", "destination", o.Name)
	}
	change := o.failures > 0 || o.state.Error != ""
	o.failures, o.state.Error, o.state.Cause = 0, "", collector.NoCause
	if more && o.waiting.IsZero() {
		o.waiting = time.Now()
	}
	if today := collector.DateOf(o.Now()); !more {
		change = change || !o.waiting.IsZero() || o.state.WholeOn != today
		o.waiting, o.state.WholeOn = time.Time{}, today
	}
	o.say(ctx, change)
}

// plus is a date so many days later; the same date where it is none.
func plus(d collector.Date, days int) collector.Date {
	t, err := d.Midnight(time.UTC)
	if err != nil {
		return d
	}
	return collector.DateOf(t.AddDate(0, 0, days))
}
