package outbox_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"veille/collector"
)

// fault is how a destination fails.
type fault int

const (
	well      fault = iota
	busy            // 429, and says for how long
	down            // 503
	gone            // nobody answers
	locked          // 401, until somebody helps
	nowhere         // 404, likewise
	half            // it takes a part, and the connection breaks
	late            // it takes all, and the connection breaks
	refuses         // 400, whatever comes
	faults          // how many there are
	forgetful = 100 // it loses what it has acknowledged last when it is started anew; see restart
)

// place is a destination in memory that fails in every way.
type place struct {
	mu      sync.Mutex
	t       testing.TB
	points  map[string]collector.Point
	written map[string]time.Time // when a point was written last
	log     map[string][]writing // all that was written of a point, until it was deleted
	fault   fault
	bad     func(collector.Point) bool   // points that it never takes
	says    func(collector.Point) string // why; nil: a sentence
	lies    int64                        // added to every count
	stuck   bool                         // it deletes nothing by time
	whole   bool                         // by time it deletes series only that lie in it as a whole
	pulled  func()                       // called after series were deleted over all time; nil: nothing is
	started int
	sizes   []int

	shut   error // what opening it says; nil: it is opened
	opened int   // how often it was
	closed int
	advice []string
}

func newPlace(t testing.TB) *place {
	return &place{t: t, points: map[string]collector.Point{}, written: map[string]time.Time{}, log: map[string][]writing{}, bad: func(collector.Point) bool { return false }}
}

func trouble(kind collector.Trouble, after time.Duration, err error) error {
	return &collector.DeliveryError{Trouble: kind, Reason: "write to the place: it did not work; try again", After: after, Err: err}
}

// answer is what it says while it fails.
func (p *place) answer() error {
	switch p.fault {
	case busy:
		return trouble(collector.TryLater, 90*time.Second, nil)
	case down:
		return trouble(collector.TryLater, 0, nil)
	case gone:
		return trouble(collector.TryLater, 0, &net.OpError{Op: "dial", Err: errors.New("refused")})
	case half, late:
		return trouble(collector.TryLater, 0, io.ErrUnexpectedEOF)
	case locked, nowhere:
		return trouble(collector.NeedsHelp, 0, nil)
	case refuses:
		return trouble(collector.Unusable, 0, nil)
	default:
		return nil
	}
}

func (p *place) Append(ctx context.Context, points []collector.Point) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sizes = append(p.sizes, len(points))
	wrong := p.answer()
	take := points
	switch p.fault {
	case half:
		take = points[:len(points)/2]
	case well, late:
	default:
		return wrong
	}
	for _, x := range take {
		if p.bad(x) {
			if wrong == nil {
				wrong = trouble(collector.Unusable, 0, errors.New(p.why(x)))
			}
			continue
		}
		name := nameOf(x)
		p.points[name], p.written[name], p.log[name] = x, time.Now(), append(p.log[name], writing{x, time.Now()})
	}
	return wrong
}

// Ready lets points be taken later, if all can be kept.
func (p *place) Ready(points []collector.Point) (send func(context.Context) error, err error) {
	for _, x := range points {
		if err := x.Validate(); err != nil {
			return nil, trouble(collector.Unusable, 0, err)
		}
	}
	return func(ctx context.Context) error { return p.Append(ctx, points) }, nil
}

func (p *place) Range(_ context.Context, q collector.Query) (all []collector.Point, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.points {
		if x.Measurement == q.Measurement && !x.Time.Before(q.From) && x.Time.Before(q.To) {
			all = append(all, x)
		}
	}
	return all, p.answer()
}

func (p *place) Close() error {
	p.be(func() { p.closed++ })
	return nil
}

// Advice is what it should have otherwise.
func (p *place) Advice() (all []string) {
	p.be(func() { all = slices.Clone(p.advice) })
	return all
}

// open opens it.
func (p *place) open(context.Context) (collector.Destination, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut != nil {
		return nil, p.shut
	}
	p.opened++
	return p, nil
}

func (p *place) Tally(_ context.Context, q collector.Query) ([]collector.Tally, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.answer(); err != nil && p.fault != refuses {
		return nil, err
	}
	all := tally(p.points, q.Measurement, collector.DateOf(q.From), collector.DateOf(q.To))
	for i := range all {
		all[i].Points += p.lies
	}
	return all, nil
}

func (p *place) Delete(_ context.Context, q collector.Query) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.answer(); err != nil {
		return err
	}
	longer := map[string]bool{} // series that do not lie in the query as a whole
	for _, x := range p.points {
		if p.whole && len(q.Tags) == 0 && (x.Time.Before(q.From) || !x.Time.Before(q.To)) {
			longer[seriesOf(x)] = true
		}
	}
	maps.DeleteFunc(p.points, func(name string, x collector.Point) bool {
		if longer[seriesOf(x)] || p.stuck && len(q.Tags) == 0 || x.Measurement != q.Measurement || x.Time.Before(q.From) || !x.Time.Before(q.To) {
			return false
		}
		for _, tag := range q.Tags {
			if x.Tags.Get(tag.Name) != tag.Value {
				return false
			}
		}
		delete(p.log, name)
		return true
	})
	return nil
}

// DeleteSeries deletes all points that have just these tags.
func (p *place) DeleteSeries(_ context.Context, of collector.Measurement, tags []collector.Tags) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.answer(); err != nil || !p.whole {
		return err
	}
	for _, t := range tags {
		maps.DeleteFunc(p.points, func(name string, x collector.Point) bool {
			gone := seriesOf(x) == seriesOf(collector.Point{Measurement: of, Tags: t})
			if gone {
				delete(p.log, name)
			}
			return gone
		})
	}
	if p.pulled != nil {
		p.pulled()
	}
	return nil
}

func (p *place) Started(context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == gone {
		return "", p.answer()
	}
	return strconv.Itoa(p.started), nil
}

// seriesOf is a name of all points that have the same tags.
func seriesOf(p collector.Point) string {
	p.Time = time.Time{}
	return nameOf(p)
}

// restart loses what was written within the last seconds.
func (p *place) restart(lost time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started++
	for name, all := range p.log {
		kept := slices.DeleteFunc(all, func(x writing) bool { return time.Since(x.at) < lost })
		if p.log[name] = kept; len(kept) == 0 {
			delete(p.points, name)
			continue
		}
		p.points[name] = kept[len(kept)-1].point
	}
}

// writing is a point that was written at a moment.
type writing struct {
	point collector.Point
	at    time.Time
}

// why is what it says of a point that it does not take.
func (p *place) why(x collector.Point) string {
	if p.says == nil {
		return "field type conflict"
	}
	return p.says(x)
}

func (p *place) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// be changes something of it.
func (p *place) be(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// requests is how often it was asked to write.
func (p *place) requests() int { return len(p.taken()) }

// taken is how many points each request had.
func (p *place) taken() (all []int) {
	p.be(func() { all = slices.Clone(p.sizes) })
	return all
}

// largest is how many points the largest request had.
func (p *place) largest() int { return slices.Max(p.taken()) }

// at is when a point was written last.
func (p *place) at(x collector.Point) (at time.Time) {
	p.be(func() { at = p.written[nameOf(x)] })
	return at
}

// value is what a point says.
func (p *place) value(x collector.Point) (wh float64) {
	p.be(func() { wh = p.points[nameOf(x)].Fields["wh"] })
	return wh
}

// empty takes everything away from it.
func (p *place) empty() { p.be(func() { clear(p.points) }) }

// has is how many points it has.
func (p *place) has() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.points)
}

// same fails where the place has not exactly what it is to have, those aside that it never takes.
func (p *place) same(t *testing.T, w *world) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	want := 0
	for name, x := range w.points {
		if p.bad(x) {
			continue
		}
		want++
		if got, ok := p.points[name]; (!ok || got.Fields["wh"] != x.Fields["wh"]) && !t.Failed() {
			t.Errorf("%s: has %v, %t; is to have %v", name, got.Fields, ok, x.Fields)
		}
	}
	if len(p.points) != want {
		t.Errorf("it has %d points, and is to have %d", len(p.points), want)
	}
}
