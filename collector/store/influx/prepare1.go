package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"veille/collector"
)

// policies makes the database and its policies in InfluxDB 1.8 where they are missing, and looks whether they keep points for long enough.
func (s *Store) policies(ctx context.Context) error {
	have, err := s.durations(ctx)
	if a, ok := errors.AsType[*answer](err); ok && strings.Contains(a.said, "database not found") {
		if err := s.make(ctx, s.createDatabase()); err != nil {
			return err
		}
		have, err = s.durations(ctx)
	}
	if err != nil {
		return err
	}
	for _, k := range keepings() {
		if _, ok := have[string(k)]; !ok {
			if err := s.make(ctx, s.createPolicy(k)); err != nil {
				return err
			}
		}
	}
	if have, err = s.durations(ctx); err != nil {
		return err
	}
	for _, k := range keepings() {
		kept, ok := have[string(k)]
		if !ok {
			return s.help("what answers there took %q, and has no such policy: it is no InfluxDB; for VictoriaMetrics the address begins with victoria+", s.createPolicy(k))
		}
		if kept != 0 && kept < k.For() {
			return s.help("its policy %s keeps points for %s, and Veille's are kept for %s, so that it would drop what is older: let an administrator say "+
				"ALTER RETENTION POLICY %s ON %s DURATION %s", k, days(kept), days(k.For()), ident(string(k)), ident(s.name), days(k.For()))
		}
		s.tellOfMore(ctx, k, kept)
	}
	return nil
}

// tellOfMore tells of a class that is kept for longer than it may be: the collector deletes what is too old all the same.
func (s *Store) tellOfMore(ctx context.Context, k collector.Keeping, kept time.Duration) {
	if kept == 0 || kept > k.For() {
		s.log.InfoContext(ctx, "points are kept in InfluxDB for longer than Veille keeps them, so it does not forget them by itself in time", "at", s.at(), "class", string(k),
			"kept", kept.String(), "needed", k.For().String())
	}
}

// durations are the policies of the database, by name; 0 is for ever.
func (s *Store) durations(ctx context.Context) (map[string]time.Duration, error) {
	have := map[string]time.Duration{}
	err := s.influxQL(ctx, place{}, "SHOW RETENTION POLICIES ON "+ident(s.name), func(_ int, x table) error {
		name, duration := x.column("name"), x.column("duration")
		if name < 0 || duration < 0 {
			return fmt.Errorf("columns %.200q are not those of policies", x.Columns)
		}
		for _, row := range x.Values {
			words, err := row.words()
			if err != nil || len(words) <= max(name, duration) {
				return fmt.Errorf("policy %.200q cannot be read: %w", row.raw, err)
			}
			d, err := time.ParseDuration(words[duration])
			if err != nil {
				return fmt.Errorf("duration of policy %.60q: %w", words[name], err)
			}
			have[words[name]] = d
		}
		return nil
	})
	return have, err
}

// make gives a statement that only an administrator may give.
func (s *Store) make(ctx context.Context, statement string) error {
	err := s.influxQL(ctx, place{}, statement, nil)
	a, ok := errors.AsType[*answer](err)
	if ok && a.status == http.StatusForbidden {
		return s.help("the database or a policy is missing, and the token may not make it (%s): %s", a.said, s.statements())
	}
	if err == nil {
		s.log.InfoContext(ctx, "made in InfluxDB", "at", s.at(), "statement", statement)
	}
	return err
}
