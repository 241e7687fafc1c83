package relational

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// madeTogether is how many meters are made in one transaction, while records of machines wait to be written.
const madeTogether = 200

// MetersOf are the meters of these keys, in their order; those that are new get a number, some in each transaction. A meter without one could not be
// made: its rule is gone, or its site has collector.MostMeters, which does not take the writer's time.
func (s *Store) MetersOf(ctx context.Context, keys []collector.MeterKey) ([]collector.Meter, error) {
	all := make([]collector.Meter, len(keys))
	for at := 0; at < len(keys); at += madeTogether {
		end := min(at+madeTogether, len(keys))
		if err := s.someMeters(ctx, keys[at:end], all[at:end]); err != nil {
			return nil, fmt.Errorf("find or make meters: %w", s.noticed(err))
		}
	}
	return all, nil
}

// someMeters finds or makes the meters of some keys.
func (s *Store) someMeters(ctx context.Context, keys []collector.MeterKey, into []collector.Meter) error {
	missing, err := findMeters(ctx, s.read, keys, into)
	if err != nil || len(missing) == 0 {
		return err
	}
	room, err := roomFor(ctx, s.read, missing)
	if err != nil || !slices.ContainsFunc(missing, room.has) {
		return err
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		missing, err := findMeters(ctx, tx, keys, into)
		if err != nil {
			return err
		}
		room, err := roomFor(ctx, tx, missing)
		if err != nil {
			return err
		}
		made := []any{}
		for _, k := range missing {
			if room.take(k) {
				made = append(made, k.Rule, k.Values)
			}
		}
		if len(made) == 0 {
			return nil
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO meter (rule, tag_values) VALUES (?, ?)"+strings.Repeat(", (?, ?)", len(made)/2-1), made...)
		return err
	})
	if err == nil {
		_, err = findMeters(ctx, s.read, keys, into)
	}
	return err
}

// findMeters finds the meters of keys, as many as there are, and answers the keys of which there are none, each once.
func findMeters(ctx context.Context, db lister, keys []collector.MeterKey, into []collector.Meter) (missing []collector.MeterKey, err error) {
	values := map[int64][]any{}
	for _, k := range keys {
		values[k.Rule] = append(values[k.Rule], k.Values)
	}
	known := map[collector.MeterKey]collector.Meter{}
	for rule, of := range values {
		found, err := list(ctx, db, scanKeyed, meters+" AND m.rule = ? AND m.tag_values IN ("+marks(len(of))+")", append([]any{rule}, of...)...)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			known[x.key] = x.meter
		}
	}
	asked := map[collector.MeterKey]bool{}
	for i, k := range keys {
		if into[i] = known[k]; into[i].ID == 0 && !asked[k] {
			asked[k] = true
			missing = append(missing, k)
		}
	}
	return missing, nil
}

type lister interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// keyed is a meter and its key.
type keyed struct {
	key   collector.MeterKey
	meter collector.Meter
}

func scanKeyed(rows *sql.Rows) (x keyed, err error) {
	m := &x.meter
	err = rows.Scan(&m.ID, &m.Rule, &x.key.Values, &m.Site, &m.Name, &m.Kind, &m.Unit)
	x.key.Rule, m.Name = m.Rule, meterName(m.Name, x.key.Values)
	return x, err
}

// roomForMeters is how many more meters sites may have.
type roomForMeters struct {
	site map[int64]int64 // of each rule that takes lines
	left map[int64]int64 // of each site
}

func (r roomForMeters) has(k collector.MeterKey) bool { return r.left[r.site[k.Rule]] > 0 }

// take takes the room for one meter, if there is some.
func (r roomForMeters) take(k collector.MeterKey) bool {
	if !r.has(k) {
		return false
	}
	r.left[r.site[k.Rule]]--
	return true
}

// roomFor counts the meters of the sites that keys are of, once for each site.
func roomFor(ctx context.Context, db lister, keys []collector.MeterKey) (room roomForMeters, err error) {
	var rules []any
	for _, k := range keys {
		if !slices.Contains(rules, any(k.Rule)) {
			rules = append(rules, k.Rule)
		}
	}
	room = roomForMeters{map[int64]int64{}, map[int64]int64{}}
	for some := range slices.Chunk(rules, 500) {
		_, err := list(ctx, db, func(rows *sql.Rows) (rule int64, err error) {
			var site, n int64
			err = rows.Scan(&rule, &site, &n)
			room.site[rule], room.left[site] = site, collector.MostMeters-n
			return rule, err
		}, `WITH x AS (SELECT id, site FROM meter_rule WHERE removed_on = '' AND barred = 0 AND id IN (`+marks(len(some))+`)), n AS (
			SELECT r.site, count(*) AS n FROM meter m JOIN meter_rule r ON r.id = m.rule WHERE r.site IN (SELECT site FROM x) GROUP BY r.site)
			SELECT x.id, x.site, coalesce(n.n, 0) FROM x LEFT JOIN n ON n.site = x.site`, some...)
		if err != nil {
			return room, err
		}
	}
	return room, nil
}

// MetersAt are the numbers of all meters that a site has, by key: collector.MostMeters at most.
func (s *Store) MetersAt(ctx context.Context, site int64) (map[collector.MeterKey]int64, error) {
	all := map[collector.MeterKey]int64{}
	_, err := list(ctx, s.read, func(rows *sql.Rows) (id int64, err error) {
		var k collector.MeterKey
		err = rows.Scan(&id, &k.Rule, &k.Values)
		all[k] = id
		return id, err
	}, "SELECT m.id, m.rule, m.tag_values FROM meter m JOIN meter_rule r ON r.id = m.rule WHERE r.site = ?", site)
	if err != nil {
		return nil, fmt.Errorf("list the meters of site %d: %w", site, s.noticed(err))
	}
	return all, nil
}

// MeterSamplesOn is how many samples there are of the meters of a site on a day in UTC, counted from 1970: those that are folded.
func (s *Store) MeterSamplesOn(ctx context.Context, site, day int64) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(sum(b.samples), 0) FROM meter_block b WHERE b.day = ?
		AND b.meter IN (SELECT m.id FROM meter m JOIN meter_rule r ON r.id = m.rule WHERE r.site = ?)`, day, site).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what meters of site %d said on %s: %w", site, dateOf(day), s.noticed(err))
	}
	return n, nil
}

// CountMeters is how many meters lines came of.
func (s *Store) CountMeters(ctx context.Context) (n int64, err error) {
	if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM meter").Scan(&n); err != nil {
		return 0, fmt.Errorf("count the meters: %w", s.noticed(err))
	}
	return n, nil
}
