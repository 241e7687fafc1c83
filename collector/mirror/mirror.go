// Package mirror says which points a destination is to have: hours of shared machines and servers, websites, meters, days of shared machines and
// servers by place, and months as the door to figures tells them to users of the organisation. Nothing else of machines of persons is a point.
package mirror

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/privacy"
)

// Ledger has what streams are made of.
type Ledger interface {
	// Changes are the records of shared machines and servers that were stored or replaced after a revision, in its order; at least n where
	// there are as many, and all of a revision.
	Changes(ctx context.Context, after int64, n int) ([]collector.Change, error)
	// RunsAfter are the runs of websites after a number as points, in its order; at least n points where there are as many.
	RunsAfter(ctx context.Context, after int64, n int) ([]collector.RunPoints, error)
	// MeterPosts are the posts of meters after a number as points, in its order; at most n.
	MeterPosts(ctx context.Context, after int64, n int) ([]collector.MeterPost, error)
	// Tombstones say what is gone since a number, in its order; at most n.
	Tombstones(ctx context.Context, after int64, n int) ([]collector.Tombstone, error)
	// HoursOf are the records, by date, of a machine while it was shared or a server; none of one that is a person's or was erased.
	HoursOf(ctx context.Context, machine int64) ([]collector.Change, error)
	// Behind is how many changes of a stream come after a number.
	Behind(ctx context.Context, stream collector.Stream, after int64) (int64, error)

	// Hours gives the records of shared machines and servers from one date to another, both included, by date.
	Hours(ctx context.Context, from, to collector.Date, yield func(collector.Change) error) error
	// MeterPoints gives the points of one measurement of meters from one day in UTC to another, the last one not included: of their days as they were
	// reckoned last, of all else what came a moment ago included.
	MeterPoints(ctx context.Context, m collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error
	// Extent says which dates there are records of.
	Extent(ctx context.Context) (collector.Extent, error)
	Organisations(ctx context.Context) ([]collector.Responsible, error)
}

// Websites answers queries for points of page_score and site_score.
type Websites interface {
	Range(ctx context.Context, q collector.Query) ([]collector.Point, error)
}

// Parts are what a mirror looks at.
type Parts struct {
	Ledger   Ledger
	Websites Websites
	Figures  privacy.Ledger        // cells of days, and the rows of fixed months
	Today    func() collector.Date // in the zone of the collector
	Now      func() time.Time      // default time.Now
}

// Mirror makes points. It keeps nothing but time zones, and any number of outboxes may use it at once.
type Mirror struct {
	Parts
	zones sync.Map // by name: *time.Location
}

// New is a mirror of these parts.
func New(p Parts) *Mirror {
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Mirror{Parts: p}
}

// pointsOf are the points of a change.
func (m *Mirror) pointsOf(c collector.Change) ([]collector.Point, error) {
	if !c.Record.Use.Hourly() {
		return nil, nil
	}
	if zone, ok := m.zones.Load(c.Site.TimeZone); ok {
		return c.PointsIn(zone.(*time.Location))
	}
	zone, err := c.Site.Zone()
	if err != nil {
		return nil, err
	}
	m.zones.Store(c.Site.TimeZone, zone)
	return c.PointsIn(zone)
}

// How much is read at once: a batch of points that a destination takes within a second, more or less.
const (
	hoursAtOnce  = 1640 // records, each of some three points
	pointsAtOnce = 5000
	postsAtOnce  = 16
	erasedAtOnce = 100 // tombstones
)

// Next is what comes after a number of a stream: what to delete, points to write after that, and the number up to which that is. Where there is
// nothing the number is the same. Deleting and writing again changes nothing.
func (m *Mirror) Next(ctx context.Context, stream collector.Stream, after int64) (points []collector.Point, deletes []collector.Query, upTo int64, err error) {
	upTo = after
	switch stream {
	case collector.StreamHours:
		points, upTo, err = m.nextHours(ctx, after)
	case collector.StreamWebsites:
		runs, failed := m.Ledger.RunsAfter(ctx, after, pointsAtOnce)
		err = failed
		for _, r := range runs {
			points, upTo = append(points, r.Points...), r.Run
		}
	case collector.StreamMeters:
		points, upTo, err = m.nextPosts(ctx, after)
	case collector.StreamErased:
		points, deletes, upTo, err = m.nextGone(ctx, after)
	default:
		err = fmt.Errorf("there is no stream %q", stream)
	}
	if err != nil {
		return nil, nil, after, fmt.Errorf("read what is new of %s: %w", stream, err)
	}
	return points, deletes, upTo, nil
}

// nextHours gives the points of hours that were stored or replaced.
func (m *Mirror) nextHours(ctx context.Context, after int64) (points []collector.Point, upTo int64, err error) {
	changes, err := m.Ledger.Changes(ctx, after, hoursAtOnce)
	if err != nil {
		return nil, after, err
	}
	if points, err = m.changed(changes); err != nil {
		return nil, after, err
	}
	upTo = after
	if n := len(changes); n > 0 {
		upTo = changes[n-1].Revision
	}
	return points, upTo, nil
}

// changed are the points of changes, but for those that are not fresh: some destinations refuse them.
func (m *Mirror) changed(changes []collector.Change) (points []collector.Point, err error) {
	points = make([]collector.Point, 0, 4*len(changes))
	for _, c := range changes {
		some, err := m.pointsOf(c)
		if err != nil {
			return nil, fmt.Errorf("points of change %d: %w", c.Revision, err)
		}
		points = append(points, m.fresh(some)...)
	}
	return points, nil
}

// fresh are the points of some that a destination is not about to delete by itself.
func (m *Mirror) fresh(points []collector.Point) []collector.Point {
	served := m.Now().Add(24*time.Hour - collector.KeepHours.For())
	if !slices.ContainsFunc(points, func(p collector.Point) bool { return !p.Time.After(served) }) {
		return points
	}
	return slices.DeleteFunc(slices.Clone(points), func(p collector.Point) bool { return !p.Time.After(served) })
}

// nextGone deletes everything that a destination has of what is gone, and writes what the ledger has of it now: a machine that became a person's may
// be shared again since, and some engines cannot delete what was before a moment only.
func (m *Mirror) nextGone(ctx context.Context, after int64) (points []collector.Point, deletes []collector.Query, upTo int64, err error) {
	gone, err := m.Ledger.Tombstones(ctx, after, erasedAtOnce)
	if err != nil {
		return nil, nil, after, err
	}
	upTo = after
	for _, t := range gone {
		if len(points) >= pointsAtOnce {
			break
		}
		deletes = append(deletes, everythingOf(t)...)
		if t.Gone == collector.GoneMachine {
			changes, err := m.Ledger.HoursOf(ctx, t.Number)
			if err != nil {
				return nil, nil, after, err
			}
			some, err := m.changed(changes)
			if err != nil {
				return nil, nil, after, err
			}
			points = append(points, some...)
		}
		upTo = t.ID
	}
	return points, deletes, upTo, nil
}

// nextPosts reads posts until they make a batch: one may have a point, another thousands.
func (m *Mirror) nextPosts(ctx context.Context, after int64) (points []collector.Point, upTo int64, err error) {
	upTo = after
	for len(points) < pointsAtOnce {
		posts, err := m.Ledger.MeterPosts(ctx, upTo, postsAtOnce)
		if err != nil {
			return nil, after, err
		}
		for _, p := range posts {
			points, upTo = append(points, m.fresh(p.Points)...), p.ID
		}
		if len(posts) < postsAtOnce {
			break
		}
	}
	return points, upTo, nil
}

// everythingOf asks for everything that a destination has of what is gone.
func everythingOf(t collector.Tombstone) (all []collector.Query) {
	of := []collector.Measurement{collector.HourEnergy, collector.HourSeconds}
	if t.Gone == collector.GoneWebsite {
		of = []collector.Measurement{collector.PageScore, collector.SiteScore}
	}
	for _, m := range of {
		all = append(all, collector.Query{
			Measurement: m, Tags: collector.Tags{{Name: string(t.Gone), Value: number(t.Number)}},
			From: time.Unix(0, 0).UTC(), To: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), // engines count nanoseconds, in 64 bits
		})
	}
	return all
}

// Behind is how many changes of a stream come after a number.
func (m *Mirror) Behind(ctx context.Context, stream collector.Stream, after int64) (int64, error) {
	return m.Ledger.Behind(ctx, stream, after)
}

// Oldest is the first date of which the ledger has records; "": it has none.
func (m *Mirror) Oldest(ctx context.Context) (collector.Date, error) {
	extent, err := m.Ledger.Extent(ctx)
	return extent.Oldest, err
}
