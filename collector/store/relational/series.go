package relational

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"veille/collector"
)

// separator stands between two tags. It is no character that a tag can hold.
const separator = "\x1f"

// Append writes points, all of them or, after an error, none.
func (s *Store) Append(ctx context.Context, points []collector.Point) error {
	for _, p := range points {
		if err := p.Validate(); err != nil {
			return err
		}
	}
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, `INSERT INTO point (measurement, time, tags, field, value) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (measurement, time, tags, field) DO UPDATE SET value = excluded.value`)
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		for _, p := range points {
			for field, value := range p.Fields {
				if _, err := insert.ExecContext(ctx, p.Measurement, p.Time.UnixNano(), joinTags(p.Tags), field, value); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append %d points: %w", len(points), err)
	}
	return nil
}

// Range answers a query.
func (s *Store) Range(ctx context.Context, q collector.Query) ([]collector.Point, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT time, tags, field, value FROM point
		WHERE measurement = ? AND time >= ? AND time < ? ORDER BY time, tags`, q.Measurement, q.From.UnixNano(), q.To.UnixNano())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", q.Measurement, err)
	}
	defer func() { _ = rows.Close() }()
	var points []collector.Point
	var last struct { // the point of the row before
		at     int64
		joined string
		wanted bool
	}
	for first := true; rows.Next(); first = false {
		var at int64
		var joined, field string
		var value float64
		if err := rows.Scan(&at, &joined, &field, &value); err != nil {
			return nil, fmt.Errorf("read %s: %w", q.Measurement, err)
		}
		if first || at != last.at || joined != last.joined {
			tags := splitTags(joined)
			last.at, last.joined, last.wanted = at, joined, matches(tags, q.Tags)
			if last.wanted {
				points = append(points, collector.Point{
					Measurement: q.Measurement, Tags: tags, Time: time.Unix(0, at).UTC(), Fields: collector.Fields{},
				})
			}
		}
		if last.wanted {
			points[len(points)-1].Fields[field] = value
		}
	}
	return points, rows.Err()
}

func matches(have, want collector.Tags) bool {
	for _, tag := range want {
		if have.Get(tag.Name) != tag.Value {
			return false
		}
	}
	return true
}

func joinTags(tags collector.Tags) string {
	var b strings.Builder
	for i, tag := range tags {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(tag.Name + "=" + tag.Value)
	}
	return b.String()
}

func splitTags(joined string) collector.Tags {
	var tags collector.Tags
	for pair := range strings.SplitSeq(joined, separator) {
		if name, value, ok := strings.Cut(pair, "="); ok {
			tags = append(tags, collector.Tag{Name: name, Value: value})
		}
	}
	return tags
}
