package outbox_test

import (
	"cmp"
	"context"
	"io"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/store/outbox"
)

// change is what a stream has under one number.
type change struct {
	number  int64
	points  []collector.Point
	deletes []collector.Query
}

// world is a ledger and its mirror in memory: what a destination is to have, and how far it has followed.
type world struct {
	mu        sync.Mutex
	last      int64
	number    map[string]int64 // of the last change of a point
	gone      map[int64]bool   // changes that another one has taken the place of
	changes   map[collector.Stream][]change
	points    map[string]collector.Point // what is to be there, by name
	positions map[string]map[collector.Stream]collector.Position
	delivery  map[string]collector.Delivery
	refused   map[string][]collector.RefusedPoint
	oldest    collector.Date
	advance   error // of the next Advance
	read      int   // calls of Next
}

func newWorld() *world {
	return &world{
		number: map[string]int64{}, gone: map[int64]bool{},
		changes: map[collector.Stream][]change{}, points: map[string]collector.Point{}, positions: map[string]map[collector.Stream]collector.Position{},
		delivery: map[string]collector.Delivery{}, refused: map[string][]collector.RefusedPoint{},
	}
}

// worldOf is a world with an hour of so many machines, the number of each of which is its energy too, and a place for them.
func worldOf(t *testing.T, machines int) (*world, *place) {
	w := newWorld()
	for i := range machines {
		w.add(collector.StreamHours, hour(i, 1, 1, float64(i)))
	}
	return w, newPlace(t)
}

func nameOf(p collector.Point) string {
	name := string(p.Measurement) + strconv.FormatInt(p.Time.Unix(), 10)
	for _, tag := range p.Tags {
		name += " " + tag.Name + "=" + tag.Value
	}
	return name
}

func at(day, hour int) time.Time { return time.Date(1999, 12, day, hour, 0, 0, 0, time.UTC) }

// hour is a point of a machine.
func hour(machine, day, hour int, wh float64) collector.Point {
	return collector.Point{
		Measurement: collector.HourEnergy, Time: at(day, hour), Tags: collector.Tags{{Name: "machine", Value: strconv.Itoa(machine)}, {Name: "site", Value: "1"}},
		Fields: collector.Fields{"wh": wh}, Version: int(wh) % collector.MaxVersion,
	}
}

// add says that a point is as it is from now on. A change of the same point before is no more.
func (w *world) add(s collector.Stream, points ...collector.Point) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range points {
		name := nameOf(p)
		w.last++
		w.points[name], w.gone[w.number[name]], w.number[name] = p, true, w.last
		w.changes[s] = append(w.changes[s], change{number: w.last, points: []collector.Point{p}})
	}
}

// erase lets a machine be forgotten.
func (w *world) erase(machine int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	of := func(p collector.Point) bool { return p.Tags.Get("machine") == strconv.Itoa(machine) }
	for name, p := range w.points {
		if of(p) {
			w.gone[w.number[name]] = true
		}
	}
	maps.DeleteFunc(w.points, func(_ string, p collector.Point) bool { return of(p) })
	w.last++
	q := collector.Query{Measurement: collector.HourEnergy, Tags: collector.Tags{{Name: "machine", Value: strconv.Itoa(machine)}}, From: time.Unix(0, 0), To: at(31, 0).AddDate(100, 0, 0)}
	w.changes[collector.StreamErased] = append(w.changes[collector.StreamErased], change{number: w.last, deletes: []collector.Query{q}})
}

func (w *world) Next(_ context.Context, s collector.Stream, after int64) (points []collector.Point, deletes []collector.Query, upTo int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read++
	upTo = after
	for c := range w.after(s, after) {
		if points, deletes, upTo = append(points, c.points...), append(deletes, c.deletes...), c.number; len(points)+len(deletes) == 100 {
			break
		}
	}
	return points, deletes, upTo, nil
}

func (w *world) Behind(_ context.Context, s collector.Stream, after int64) (n int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range w.after(s, after) {
		n++
	}
	return n, nil
}

// after are the changes of a stream after a number.
func (w *world) after(s collector.Stream, after int64) iter.Seq[change] {
	return func(yield func(change) bool) {
		all := w.changes[s]
		i, _ := slices.BinarySearchFunc(all, after+1, func(c change, n int64) int { return cmp.Compare(c.number, n) })
		for _, c := range all[i:] {
			if !w.gone[c.number] && !yield(c) {
				return
			}
		}
	}
}

func (w *world) Oldest(context.Context) (collector.Date, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.oldest, nil
}

// serve deletes what is of before a date.
func (w *world) serve(oldest collector.Date) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.oldest = oldest
}

func (w *world) Points(_ context.Context, m collector.Measurement, day collector.Date, yield func(collector.Point) error) error {
	w.mu.Lock()
	all := slices.Collect(maps.Values(w.points))
	w.mu.Unlock()
	for _, p := range all {
		if p.Measurement == m && collector.DateOf(p.Time) == day {
			if err := yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) Tallies(_ context.Context, m collector.Measurement, from, to collector.Date) ([]collector.Tally, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return tally(w.points, m, from, to), nil
}

func tally(points map[string]collector.Point, m collector.Measurement, from, to collector.Date) (all []collector.Tally) {
	days := map[collector.Date]*collector.Counter{}
	for _, p := range points {
		if day := collector.DateOf(p.Time); p.Measurement == m && day >= from && day < to {
			if days[day] == nil {
				days[day] = new(collector.Counter)
			}
			days[day].Add(p)
		}
	}
	for day, n := range days {
		all = append(all, n.Tally(day))
	}
	return all
}

func (w *world) Positions(_ context.Context, name string) (map[collector.Stream]collector.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[collector.Stream]collector.Position{}
	maps.Copy(all, w.positions[name])
	return all, nil
}

func (w *world) Advance(_ context.Context, name string, s collector.Stream, from, to int64) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.advance; err != nil {
		return false, err
	}
	if w.positions[name] == nil {
		w.positions[name] = map[collector.Stream]collector.Position{}
	}
	p := w.positions[name][s]
	if p.Acked != from {
		return false, nil
	}
	p.Acked = to
	w.positions[name][s] = p
	return true, nil
}

func (w *world) SettleTo(_ context.Context, name string, s collector.Stream, settled int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.positions[name][s]
	p.Settled = max(p.Settled, min(settled, p.Acked))
	w.positions[name][s] = p
	return nil
}

func (w *world) Rewind(_ context.Context, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, p := range w.positions[name] {
		p.Acked = p.Settled
		w.positions[name][s] = p
	}
	return nil
}

func (w *world) Delivery(_ context.Context, name string) (collector.Delivery, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d, ok := w.delivery[name]
	if !ok {
		return d, collector.ErrNotFound
	}
	d.Refused = int64(len(w.refused[name]))
	return d, nil
}

func (w *world) KeepDelivery(_ context.Context, d collector.Delivery) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.delivery[d.Destination]; old.Asked != d.Asked {
		d.Asked, d.Stopped, d.ComparedOn = old.Asked, old.Stopped, old.ComparedOn
	}
	w.delivery[d.Destination] = d
	return nil
}

func (w *world) Refuse(_ context.Context, name string, points []collector.RefusedPoint) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range points {
		if !slices.ContainsFunc(w.refused[name], func(x collector.RefusedPoint) bool { return x.Point == p.Point }) {
			w.refused[name] = append(w.refused[name], p)
		}
	}
	return nil
}

func (w *world) RefusedPoints(_ context.Context, name string) ([]collector.RefusedPoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.refused[name]), nil
}

// retry is what a person asks for; again, from the beginning.
func (w *world) retry(again bool) {
	const name = "series"
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.delivery[name]
	d.Asked++
	d.Stopped, d.Error = false, ""
	if again {
		w.positions[name], w.refused[name], d.ComparedOn = nil, nil, ""
	}
	w.delivery[name] = d
}

// position is how far the destination has followed a stream.
func (w *world) position(s collector.Stream) collector.Position {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.positions["series"][s]
}

// quarantine is what the destination refused.
func (w *world) quarantine() []collector.RefusedPoint {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.refused["series"])
}

// state is how the destination is doing, as the ledger has it.
func (w *world) state(t *testing.T) collector.Delivery {
	t.Helper()
	d, err := w.Delivery(t.Context(), "series")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// made is the outbox of a place, with where its log goes.
func made(w *world, p *place, log io.Writer) *outbox.Outbox {
	return outbox.New(outbox.Parts{Name: "series", Ledger: w, Mirror: w, Open: p.open, Log: slog.New(slog.NewTextHandler(log, nil))})
}

// run runs an outbox until the test ends or stop is called.
func run(t *testing.T, o *outbox.Outbox) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

// wait lets the time of a bubble go on, and everything in it that is due be done.
func wait(d time.Duration) {
	nap(d)
	synctest.Wait()
}

// nap lets time go on.
func nap(d time.Duration) { <-time.After(d) }
