package influx

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veille/collector"
)

// Delete deletes the points that a query asks for, and nothing else. A DELETE of InfluxDB 1.8 deletes from all policies of a database: where another
// policy has such points too, which are somebody else's, nothing is deleted, and a person is asked.
func (s *Store) Delete(ctx context.Context, q collector.Query) error {
	if !q.From.Before(q.To) {
		return nil
	}
	at, err := s.place(ctx, q.Measurement.Keeping())
	if err != nil {
		return err
	}
	doing := fmt.Sprintf("delete points of %s from %s of", q.Measurement, at.provided)
	if at.major == 1 {
		if err := s.alone(ctx, q); err != nil {
			return s.trouble(doing, err)
		}
		return s.trouble(doing, s.influxQL(ctx, place{db: at.db}, "DELETE FROM "+ident(string(q.Measurement))+" WHERE "+where(q), nil))
	}
	predicate, err := predicate(q)
	if err != nil {
		return s.trouble(doing, err)
	}
	first, last := time.Unix(0, nanoseconds(q.From)).UTC(), time.Unix(0, nanoseconds(q.To)-1).UTC() // both ends are deleted
	return s.trouble(doing, s.client.DeleteAPI().DeleteWithName(ctx, s.org, at.bucket, first, last, predicate))
}

// alone tells, by an error, whether another policy has points that a DELETE would take along.
func (s *Store) alone(ctx context.Context, q collector.Query) error {
	have, err := s.durations(ctx)
	if err != nil {
		return err
	}
	for policy := range have {
		if policy == string(q.Measurement.Keeping()) {
			continue
		}
		from := ident(s.name) + "." + ident(policy) + "." + ident(string(q.Measurement))
		found := false
		err := s.influxQL(ctx, place{}, "SELECT * FROM "+from+" WHERE "+where(q)+" LIMIT 1", func(int, table) error {
			found = true
			return nil
		})
		if err != nil {
			return err
		}
		if found {
			return s.help("%s has such points too, and InfluxDB 1.8 deletes from all policies at once: give Veille a database of its own, or let an administrator delete there first", from)
		}
	}
	return nil
}

// predicate is the condition of a query for the deletes of InfluxDB 2.x.
func predicate(q collector.Query) (string, error) {
	var b strings.Builder
	b.WriteString("_measurement=" + ident(string(q.Measurement)))
	for _, tag := range q.Tags {
		if tag.Value == "" {
			return "", fmt.Errorf("points that have no tag %q cannot be named when InfluxDB 2 deletes", tag.Name)
		}
		b.WriteString(" AND " + ident(guard(tag.Name)) + "=" + ident(guard(tag.Value)))
	}
	return b.String(), nil
}
