package relational

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"veille/collector"
)

// Embedded is the series of the ledger itself: the hours of shared machines and servers are read from its days, the scores of pages and websites
// from what is kept of those, and what meters said from their posts, so that nothing is kept twice; all other points from their table.
type Embedded struct{ store *Store }

// Embedded is the series in this ledger.
func (s *Store) Embedded() Embedded { return Embedded{s} }

// Append writes points, all of them or, after an error, none. Points of hours, pages and websites are refused: they are what the ledger says.
func (e Embedded) Append(ctx context.Context, points []collector.Point) error {
	for _, p := range points {
		if hourly(p.Measurement) {
			return fmt.Errorf("points of %s are those of the ledger's days, and cannot be written", p.Measurement)
		}
		if ofWebsites(p.Measurement) {
			return fmt.Errorf("points of %s are those of the runs of websites, and cannot be written: keep a run", p.Measurement)
		}
		if ofMeters(p.Measurement) {
			return fmt.Errorf("points of %s are those that meters post, and cannot be written", p.Measurement)
		}
	}
	return e.store.Append(ctx, points)
}

func hourly(m collector.Measurement) bool {
	return m == collector.HourEnergy || m == collector.HourSeconds
}

func ofWebsites(m collector.Measurement) bool {
	return m == collector.PageScore || m == collector.SiteScore
}

// Range answers a query.
func (e Embedded) Range(ctx context.Context, q collector.Query) (points []collector.Point, err error) {
	switch {
	case hourly(q.Measurement):
		points, err = e.store.hours(ctx, q)
	case ofWebsites(q.Measurement):
		points, err = e.store.webPoints(ctx, q)
	case ofMeters(q.Measurement):
		points, err = e.store.meterPoints(ctx, q)
	default:
		return e.store.Range(ctx, q)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", q.Measurement, err)
	}
	return inOrder(points), nil
}

// inOrder sorts points by their moments and tags.
func inOrder(points []collector.Point) []collector.Point {
	type joined struct {
		collector.Point
		tags string
	}
	all := make([]joined, len(points))
	for i, p := range points {
		all[i] = joined{p, joinTags(p.Tags)}
	}
	slices.SortStableFunc(all, func(a, b joined) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.tags, b.tags)) })
	for i, x := range all {
		points[i] = x.Point
	}
	return points
}

// hours are the points of hours that a query asks for.
func (s *Store) hours(ctx context.Context, q collector.Query) ([]collector.Point, error) {
	// A moment belongs to a date that is a day off at most, wherever the site is.
	first, last := q.From.Add(-24*time.Hour).Unix()/86_400, q.To.Add(24*time.Hour).Unix()/86_400
	where, args := "d.day BETWEEN ? AND ?", []any{first, last}
	if tag := q.Tags.Get("site"); tag != "" {
		where, args = where+" AND d.place IN (SELECT id FROM place WHERE site = ?)", append(args, number(tag))
	}
	if tag := q.Tags.Get("machine"); tag != "" {
		where, args = where+" AND d.machine = ?", append(args, number(tag))
	}
	rows, err := s.read.QueryContext(ctx, "SELECT "+dayColumns+" WHERE "+where+" AND p.use IN ('shared', 'server')", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	d := s.reader()
	var points []collector.Point
	for rows.Next() {
		r, err := d.scan(rows)
		if err != nil {
			return nil, err
		}
		for _, c := range r.changes() {
			all, err := c.Points()
			if err != nil {
				return nil, err
			}
			for _, p := range all {
				p.Version = 0 // there is one of each
				if p.Measurement == q.Measurement && !p.Time.Before(q.From) && p.Time.Before(q.To) && matches(p.Tags, q.Tags) {
					points = append(points, p)
				}
			}
		}
	}
	return points, rows.Err()
}

// number is the number in a tag; 0, which nothing has, where there is none.
func number(tag string) int64 {
	n, err := strconv.ParseInt(tag, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
