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

// policies makes the database and its policies in InfluxDB 1.8 where they are missing, and looks whether they keep points for long enough and whether
// they may be written to.
func (s *Store) policies(ctx context.Context) error {
	have, err := s.made(ctx)
	if err != nil {
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
	for _, k := range keepings() { // an empty request is looked at as any other: right, database, policy
		at := s.placeIn(1, k)
		if err := s.write(ctx, at, "\n"); err != nil {
			return s.trouble("write nothing into "+at.provided+" of", err)
		}
	}
	return nil
}

// made are the durations of the policies of the database; what is missing is made first.
func (s *Store) made(ctx context.Context) (map[string]time.Duration, error) {
	have, err := s.durations(ctx)
	missing := false
	if a, ok := errors.AsType[*answer](err); ok && strings.Contains(a.said, "database not found") {
		missing, err = true, s.make(ctx, s.createDatabase())
	}
	for _, k := range keepings() {
		if _, ok := have[string(k)]; !ok && err == nil {
			missing, err = true, s.make(ctx, s.createPolicy(k))
		}
	}
	if err != nil || !missing {
		return have, err
	}
	return s.durations(ctx)
}

// tellOfMore tells of a class that InfluxDB keeps for longer than Veille does. Nobody has to do anything: the collector deletes every night what has
// served its time.
func (s *Store) tellOfMore(ctx context.Context, k collector.Keeping, kept time.Duration) {
	if kept == 0 || kept > k.For() {
		s.log.InfoContext(ctx, "points are kept in InfluxDB for longer than Veille keeps them, which deletes them there in time", "at", s.at(), "class", string(k),
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
