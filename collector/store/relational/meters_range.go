package relational

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"veille/collector"
)

func ofMeters(m collector.Measurement) bool {
	return m == collector.MeterEnergy || m == collector.MeterPower
}

// meterPoints are the points of meters that a query asks for: those of blocks, and those of posts that are not folded yet.
func (s *Store) meterPoints(ctx context.Context, q collector.Query) ([]collector.Point, error) {
	wanted, err := s.metersFor(ctx, q)
	if err != nil || len(wanted) == 0 || !q.From.Before(q.To) {
		return nil, err
	}
	where, args := "b.day BETWEEN ? AND ?", []any{dayAt(q.From.UnixMilli()), dayAt(q.To.UnixMilli())}
	if len(wanted) == 1 {
		for id := range wanted {
			where, args = where+" AND b.meter = ?", append(args, id)
		}
	}
	// One statement sees one state of the database: a post is folded for it, or it is not.
	rows, err := s.read.QueryContext(ctx, "SELECT 0 AS step, b.meter AS meter, b.day AS day, b.body FROM meter_block b WHERE "+where+
		" UNION ALL SELECT 1, p.id, 0, p.body FROM meter_post p WHERE p.id > (SELECT folded FROM meter_state) ORDER BY step, meter, day", args...)
	if err != nil {
		return nil, s.noticed(err)
	}
	defer func() { _ = rows.Close() }()
	said := map[int64][]collector.MeterSample{}
	for rows.Next() {
		if err := s.meterRow(rows, wanted, q, said); err != nil {
			return nil, s.noticed(err)
		}
	}
	var points []collector.Point
	for id, all := range said {
		for _, x := range merged(all) {
			points = append(points, wanted[id].Point(x))
		}
	}
	return points, s.noticed(rows.Err())
}

// meterRow takes what a query asks for of one block or post.
func (s *Store) meterRow(rows *sql.Rows, wanted map[int64]collector.Meter, q collector.Query, said map[int64][]collector.MeterSample) error {
	var step, number, day int64
	var body sql.RawBytes
	if err := rows.Scan(&step, &number, &day, &body); err != nil {
		return err
	}
	from, to := firstMilli(q.From), firstMilli(q.To)
	take := func(x collector.MeterSample) {
		if x.At >= from && x.At < to && wanted[x.Meter].ID != 0 {
			said[x.Meter] = append(said[x.Meter], x)
		}
	}
	if step == 1 {
		if err := unpackPost(body, take); err != nil {
			return fmt.Errorf("post %d of meters: %w", number, err)
		}
		return nil
	}
	if wanted[number].ID == 0 {
		return nil
	}
	all, err := s.unblock(blockKey{number, day}, body)
	for _, x := range all {
		take(x)
	}
	return err
}

// metersFor are the meters that a query asks for, by number.
func (s *Store) metersFor(ctx context.Context, q collector.Query) (map[int64]collector.Meter, error) {
	all, err := list(ctx, s.read, scanMeter, meters)
	if err != nil {
		return nil, s.noticed(err)
	}
	wanted := map[int64]collector.Meter{}
	for _, m := range all {
		if p := m.Point(collector.MeterSample{}); p.Measurement == q.Measurement && matches(p.Tags, q.Tags) {
			wanted[m.ID] = m
		}
	}
	return wanted, nil
}

// firstMilli is the first millisecond that is not before a moment.
func firstMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}
