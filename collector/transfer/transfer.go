// Package transfer brings the points of one series to another, and proves that they are there.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"veille/collector"
)

// Result is what was done with one measurement.
type Result struct {
	Measurement collector.Measurement `json:"measurement"`
	Days        int                   `json:"days"`   // in UTC, of which the source has points
	Sent        int                   `json:"sent"`   // days that were sent; all others were there already
	Points      int64                 `json:"points"` // that both have
	Sums        map[string]float64    `json:"sums"`   // of each field, over all days
	// Gone is of how many machines, websites or meters nothing was brought and nothing is there, since they are gone. Deleted is of how many of them
	// the destination had something.
	Gone    int `json:"gone"`
	Deleted int `json:"deleted"`
}

// Options say what is brought.
type Options struct {
	From, To time.Time // midnights in UTC: days from From on and before To
	// Today is a midnight in UTC. What has served by then, or is about to, is left aside: see [collector.Measurement.Keeping]. The zero value: nothing has.
	Today time.Time
	// Gone asks for everything of what is gone, by one tag each: it is not brought, and is deleted at the destination. nil: nothing is gone.
	Gone func(context.Context) ([]collector.Query, error)
	// Without is what else is not brought: a measurement, or what has one tag of it.
	Without []collector.Query
	// Progress is told which day has been compared; nil: nobody is.
	Progress func(m collector.Measurement, day collector.Date)
}

// window is how many days are compared together.
const window = 31

// together is how many points are appended at once.
const together = 20_000

// Run brings to a series all points that it has not, or has otherwise, of all measurements, day by day, and compares counts and sums
// afterwards. What was interrupted goes on where it was when it is called again: days that are alike are not sent. An error names the first
// day that could not be brought, or that still differs. What is gone is asked for, and deleted, before and after: something may go meanwhile.
func Run(ctx context.Context, from, to collector.Destination, o Options) ([]Result, error) {
	gone, before, err := o.forget(ctx, to)
	if err != nil {
		return nil, err
	}
	var all []Result
	for _, m := range collector.Measurements() {
		t := transfer{from: from, to: to, o: o, out: map[collector.Tag]bool{}, r: Result{Measurement: m, Sums: map[string]float64{}}}
		if t.leaveOut(append(gone, o.Without...)) {
			continue
		}
		if err := t.run(ctx); err != nil {
			return append(all, t.r), err
		}
		all = append(all, t.r)
	}
	gone, after, err := o.forget(ctx, to)
	for i := range all {
		r := &all[i]
		r.Deleted = before[r.Measurement] + after[r.Measurement]
		for _, q := range gone {
			if q.Measurement == r.Measurement {
				r.Gone++
			}
		}
	}
	return all, err
}

// transfer is what is done with one measurement.
type transfer struct {
	from, to collector.Destination
	o        Options
	out      map[collector.Tag]bool // points that have one of them are not brought
	r        Result
}

// leaveOut notes what is not brought of the measurement, and tells whether that is all of it.
func (t *transfer) leaveOut(some []collector.Query) (all bool) {
	for _, q := range some {
		if q.Measurement != t.r.Measurement {
			continue
		}
		if len(q.Tags) == 0 {
			return true
		}
		t.out[q.Tags[0]] = true
	}
	return false
}

// run brings the measurement.
func (t *transfer) run(ctx context.Context) error {
	day := t.o.From
	if kept := t.o.Today.Add(24*time.Hour - t.r.Measurement.Keeping().For()); kept.After(day) {
		day = kept // what is older would be refused, or forgotten tomorrow
	}
	for ; day.Before(t.o.To); day = day.AddDate(0, 0, window) {
		end := day.AddDate(0, 0, window)
		if end.After(t.o.To) {
			end = t.o.To
		}
		if err := t.days(ctx, collector.Query{Measurement: t.r.Measurement, From: day, To: end}); err != nil {
			return err
		}
	}
	return nil
}

// days brings the days of a query.
func (t *transfer) days(ctx context.Context, q collector.Query) error {
	have, err := t.have(ctx, q)
	if err != nil {
		return fmt.Errorf("count %s at the source: %w", q.Measurement, err)
	}
	if len(have) == 0 {
		return nil
	}
	there, err := tallies(ctx, t.to, q)
	if err != nil {
		return err
	}
	sent := false
	for _, day := range have {
		if day.Same(there[day.Day]) {
			continue
		}
		if err := t.send(ctx, day.Day); err != nil {
			return fmt.Errorf("bring %s of %s: %w; give the same command again to go on", q.Measurement, day.Day, err)
		}
		sent = true
		t.r.Sent++
	}
	if sent {
		if there, err = tallies(ctx, t.to, q); err != nil {
			return err
		}
	}
	for _, day := range have {
		if !day.Same(there[day.Day]) {
			return fmt.Errorf("%s of %s: the source has %d points, and after they were sent the destination has %d, or other sums: where something still writes to one of "+
				"them, end that, or leave out with --until the days that it writes; where the destination keeps for a shorter time, make that longer, or begin later with --since; then give the same "+
				"command again", q.Measurement, day.Day, day.Points, there[day.Day].Points)
		}
		t.count(day)
	}
	return nil
}

func (t *transfer) count(day collector.Tally) {
	t.r.Days++
	t.r.Points += day.Points
	for field, sum := range day.Sums {
		t.r.Sums[field] += sum
	}
	if t.o.Progress != nil {
		t.o.Progress(t.r.Measurement, day.Day)
	}
}

func tallies(ctx context.Context, of collector.Destination, q collector.Query) (map[collector.Date]collector.Tally, error) {
	all, err := of.Tally(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("count %s at the destination: %w", q.Measurement, err)
	}
	days := make(map[collector.Date]collector.Tally, len(all))
	for _, day := range all {
		days[day.Day] = day
	}
	return days, nil
}

// have are the tallies of what is to be brought.
func (t *transfer) have(ctx context.Context, q collector.Query) ([]collector.Tally, error) {
	all, err := t.from.Tally(ctx, q)
	if err != nil || len(t.out) == 0 {
		return all, err
	}
	var kept []collector.Tally
	for _, day := range all { // an engine cannot count what has none of some tags
		points, err := t.read(ctx, day.Day)
		if err != nil {
			return nil, err
		}
		var c collector.Counter
		for _, p := range points {
			c.Add(p)
		}
		if len(points) > 0 {
			kept = append(kept, c.Tally(day.Day))
		}
	}
	return kept, nil
}

// read reads what is to be brought of one day.
func (t *transfer) read(ctx context.Context, day collector.Date) ([]collector.Point, error) {
	start, err := day.Midnight(time.UTC)
	if err != nil {
		return nil, err
	}
	points, err := t.from.Range(ctx, collector.Query{Measurement: t.r.Measurement, From: start, To: start.AddDate(0, 0, 1)})
	if err != nil || len(t.out) == 0 {
		return points, err
	}
	return slices.DeleteFunc(points, func(p collector.Point) bool {
		return slices.ContainsFunc(p.Tags, func(tag collector.Tag) bool { return t.out[tag] })
	}), nil
}

// send brings one day.
func (t *transfer) send(ctx context.Context, day collector.Date) error {
	points, err := t.read(ctx, day)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(points, together) {
		if err := t.to.Append(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes at the destination what is gone, and asks it whether it has nothing of that any more. deleted is of how many it had something, by
// measurement.
func (o Options) forget(ctx context.Context, to collector.Destination) (gone []collector.Query, deleted map[collector.Measurement]int, err error) {
	if o.Gone == nil {
		return nil, nil, nil
	}
	if gone, err = o.Gone(ctx); err != nil {
		return nil, nil, err
	}
	deleted = map[collector.Measurement]int{}
	for _, q := range gone {
		had, err := forget(ctx, to, q)
		if err != nil {
			return nil, nil, fmt.Errorf("delete %s of %s %s at the destination: %w", q.Measurement, q.Tags[0].Name, q.Tags[0].Value, err)
		}
		if had {
			deleted[q.Measurement]++
		}
	}
	return gone, deleted, nil
}

// forget deletes what a query asks for, where there is any.
func forget(ctx context.Context, to collector.Destination, q collector.Query) (had bool, err error) {
	there, err := to.Tally(ctx, q)
	if err != nil || len(there) == 0 {
		return false, err
	}
	if err := to.Delete(ctx, q); err != nil {
		return true, err
	}
	if there, err = to.Tally(ctx, q); err == nil && len(there) > 0 {
		err = errors.New("it is gone, and after it was deleted the destination has it still: delete it there by hand, or bring the points to another database")
	}
	return true, err
}
