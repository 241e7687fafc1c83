// Package transfer brings the points of one series to another, and proves that they are there.
package transfer

import (
	"context"
	"fmt"
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
}

// Options say what is brought.
type Options struct {
	From, To time.Time // midnights in UTC: days from From on and before To
	// Progress is told which day has been compared; nil: nobody is.
	Progress func(m collector.Measurement, day collector.Date)
}

// window is how many days are compared together.
const window = 31

// together is how many points are appended at once.
const together = 20_000

// Run brings to a series all points that it has not, or has otherwise, of all measurements, day by day, and compares counts and sums
// afterwards. What was interrupted goes on where it was when it is called again: days that are alike are not sent. An error names the first
// day that could not be brought, or that still differs.
func Run(ctx context.Context, from, to collector.Destination, o Options) ([]Result, error) {
	var all []Result
	for _, m := range collector.Measurements() {
		t := transfer{from: from, to: to, o: o, r: Result{Measurement: m, Sums: map[string]float64{}}}
		for day := o.From; day.Before(o.To); day = day.AddDate(0, 0, window) {
			end := day.AddDate(0, 0, window)
			if end.After(o.To) {
				end = o.To
			}
			if err := t.days(ctx, collector.Query{Measurement: m, From: day, To: end}); err != nil {
				return append(all, t.r), err
			}
		}
		all = append(all, t.r)
	}
	return all, nil
}

type transfer struct {
	from, to collector.Destination
	o        Options
	r        Result
}

// days brings the days of a query.
func (t *transfer) days(ctx context.Context, q collector.Query) error {
	have, err := t.from.Tally(ctx, q)
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
		if err := t.send(ctx, q.Measurement, day.Day); err != nil {
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
			return fmt.Errorf("%s of %s: the source has %d points, and after they were sent there are %d, or their sums differ: somebody else writes there, or the "+
				"destination keeps for a shorter time", q.Measurement, day.Day, day.Points, there[day.Day].Points)
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

// send brings one day.
func (t *transfer) send(ctx context.Context, m collector.Measurement, day collector.Date) error {
	start, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return fmt.Errorf("%q is no date: %w", day, err)
	}
	points, err := t.from.Range(ctx, collector.Query{Measurement: m, From: start, To: start.AddDate(0, 0, 1)})
	if err != nil {
		return err
	}
	for len(points) > 0 {
		n := min(together, len(points))
		if err := t.to.Append(ctx, points[:n]); err != nil {
			return err
		}
		points = points[n:]
	}
	return nil
}
