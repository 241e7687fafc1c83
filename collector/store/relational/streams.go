package relational

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"veille/collector"
)

// mostCounted is how many changes are counted at most: more is told as so many.
const mostCounted = 100_000

// Behind is how many changes of a stream come after a number, 100,000 at most: machine-days, runs, posts or tombstones.
func (s *Store) Behind(ctx context.Context, stream collector.Stream, after int64) (n int64, err error) {
	table := map[collector.Stream]string{
		collector.StreamHours:    "day WHERE revision > 0 AND revision > ?", // both, so that the index serves
		collector.StreamWebsites: "web_run WHERE id > ?",
		collector.StreamMeters:   "meter_post WHERE id > ?",
		collector.StreamErased:   "tombstone WHERE id > ?",
	}[stream]
	if table == "" {
		return 0, fmt.Errorf("count the changes of %q: there is no such stream", stream)
	}
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+table+" LIMIT ?) x", max(0, after), mostCounted).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the changes of %s: %w", stream, err)
	}
	return n, nil
}

// rowsAtOnce is how many machine-days are read before they are given: whoever takes them may wait for somebody else, and others read meanwhile.
const rowsAtOnce = 200

// Hours gives the records of shared machines and servers from one date to another, both included, by date and machine. It stops at the first
// error of yield, during which nothing is being read.
func (s *Store) Hours(ctx context.Context, from, to collector.Date, yield func(collector.Change) error) error {
	first, last, err := daysOf(from, to)
	if err != nil {
		return err
	}
	for at := (key{day: first}); at.day <= last; {
		rows, err := s.hoursAfter(ctx, at)
		if err != nil {
			return fmt.Errorf("read the hours: %w", err)
		}
		for _, r := range rows {
			for _, c := range r.changes() {
				if err := yield(c); err != nil {
					return err
				}
			}
		}
		if len(rows) < rowsAtOnce {
			at = key{day: at.day + 1}
		} else {
			at = rows[len(rows)-1].key
		}
	}
	return nil
}

// hoursAfter are some rows of a day of shared machines and servers, after that of a machine and place.
func (s *Store) hoursAfter(ctx context.Context, at key) ([]dayRow, error) {
	d := s.reader()
	return list(ctx, s.read, d.scan, "SELECT "+dayColumns+` WHERE d.day = ? AND (d.machine, d.place) > (?, ?) AND p.use IN ('shared', 'server')
		ORDER BY d.machine, d.place LIMIT ?`, at.day, at.machine, at.place, rowsAtOnce)
}

// RunsAfter are the runs of websites after a number, in order, as points: one of the run, and those of its pages. At least n points where there
// are as many.
func (s *Store) RunsAfter(ctx context.Context, after int64, n int) ([]collector.RunPoints, error) {
	type run struct {
		id    int64
		point collector.Point
		since sql.NullInt64 // the run before it
	}
	runs, err := list(ctx, s.read, func(rows *sql.Rows) (x run, err error) {
		var url string
		r, err := s.scanRun(rows, &url, &x.id, &x.since)
		x.point = sitePoint(r, url)
		return x, err
	}, "SELECT "+runColumns+`, w.url, r.id, (SELECT max(b.at) FROM web_run b WHERE b.website = r.website AND b.at < r.at)
		FROM web_run r JOIN website w ON w.id = r.website JOIN web_method m ON m.id = r.method WHERE r.id > ? ORDER BY r.id LIMIT ?`, after, n)
	if err != nil {
		return nil, fmt.Errorf("read the runs of websites: %w", err)
	}
	var all []collector.RunPoints
	for count := 0; count < n && len(all) < len(runs); {
		x := runs[len(all)]
		points, err := s.scorePoints(ctx, x.point, x.since)
		if err != nil {
			return nil, fmt.Errorf("read the pages of a run: %w", err)
		}
		all = append(all, collector.RunPoints{Run: x.id, Points: points})
		count += len(points)
	}
	return all, nil
}

// scorePoints are the point of a run and those of the scores that are of it: all that are not of a run before.
func (s *Store) scorePoints(ctx context.Context, run collector.Point, since sql.NullInt64) ([]collector.Point, error) {
	website, where, args := number(run.Tags.Get("website")), "", []any{}
	args = append(args, website, run.Time.Unix())
	if since.Valid {
		where, args = " AND s.at > ?", append(args, since.Int64)
	}
	pages, err := list(ctx, s.read, func(rows *sql.Rows) (collector.Point, error) {
		var url string
		x, err := scanScore(rows, &url)
		return pagePoint(website, url, x), err
	}, "SELECT a.url, "+scoreColumns+` FROM web_address a JOIN web_score s ON s.address = a.id JOIN web_method m ON m.id = s.method
		WHERE a.website = ? AND s.at <= ?`+where+" ORDER BY s.at, a.url", args...)
	return append([]collector.Point{run}, pages...), err
}

// MeterPoints gives the points of one measurement of meters from one day in UTC on and before another, by day and meter. What came before the call
// is among them. It stops at the first error of yield, during which nothing is being read.
func (s *Store) MeterPoints(ctx context.Context, m collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error {
	first, last, err := daysOf(from, to)
	if err != nil {
		return err
	}
	if m == collector.DayMeter {
		return s.meterDayPoints(ctx, first, last, yield)
	}
	for debt := (collector.MeterDebt{Posts: 1}); debt.Posts > 0; {
		if debt, err = s.FoldMeters(ctx); err != nil {
			return fmt.Errorf("read the meters: %w", err)
		}
	}
	wanted, err := s.metersFor(ctx, collector.Query{Measurement: m})
	if err != nil || len(wanted) == 0 {
		return err
	}
	for at := (blockKey{day: first}); ; {
		blocks, err := s.blocksAfter(ctx, at, last, wanted)
		if err != nil {
			return fmt.Errorf("read the meters: %w", s.noticed(err))
		}
		for _, b := range blocks {
			for _, x := range b.samples {
				if err := yield(wanted[b.meter].Point(x)); err != nil {
					return err
				}
			}
		}
		if len(blocks) < rowsAtOnce {
			return nil
		}
		at = blocks[len(blocks)-1].blockKey
	}
}

// blockRow is what a meter said on a day; nothing where it is not asked for.
type blockRow struct {
	blockKey
	samples []collector.MeterSample
}

// blocksAfter are some blocks after one, of days before last.
func (s *Store) blocksAfter(ctx context.Context, at blockKey, last int64, wanted map[int64]collector.Meter) ([]blockRow, error) {
	return list(ctx, s.read, func(rows *sql.Rows) (b blockRow, err error) {
		var body sql.RawBytes
		if err := rows.Scan(&b.meter, &b.day, &body); err != nil {
			return b, err
		}
		if _, ok := wanted[b.meter]; !ok {
			return b, nil
		}
		all, err := s.unblock(b.blockKey, body)
		b.samples = merged(all)
		return b, err
	}, "SELECT meter, day, body FROM meter_block WHERE (day, meter) > (?, ?) AND day < ? ORDER BY day, meter LIMIT ?", at.day, at.meter, last, rowsAtOnce)
}

// FollowedTo is up to which number all destinations have a stream on their disks; the highest number there is where there is no destination.
func (s *Store) FollowedTo(ctx context.Context, stream collector.Stream) (int64, error) {
	var n, least sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT count(*), min(coalesce(p.settled, 0)) FROM outbox_delivery d
		LEFT JOIN outbox_position p ON p.destination = d.destination AND p.stream = ?`, stream).Scan(&n, &least)
	if err != nil {
		return 0, fmt.Errorf("find how far all destinations have followed %s: %w", stream, err)
	}
	if n.Int64 == 0 {
		return math.MaxInt64, nil
	}
	return least.Int64, nil
}
