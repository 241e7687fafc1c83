package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"veille/collector"
)

// CreateSite adds a site to the organisation, which is made where it is missing. It answers ErrExists when the organisation
// has a site of that name.
func (s *Store) CreateSite(ctx context.Context, organisation, name, timeZone string) (collector.Site, error) {
	site := collector.Site{Name: name, TimeZone: timeZone}
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO organisation (name) VALUES (?) ON CONFLICT DO NOTHING", organisation)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT id FROM organisation WHERE name = ?", organisation).Scan(&site.Organisation)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `INSERT INTO site (organisation, name, time_zone) VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, site.Organisation, name, timeZone).Scan(&site.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return collector.ErrExists
		}
		return err
	})
	if err != nil {
		return collector.Site{}, fmt.Errorf("create site %q: %w", name, err)
	}
	return site, nil
}

// Sites are all sites, by name.
func (s *Store) Sites(ctx context.Context) ([]collector.Site, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, organisation, name, time_zone FROM site ORDER BY name, id")
	if err != nil {
		return nil, fmt.Errorf("list the sites: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var sites []collector.Site
	for rows.Next() {
		var x collector.Site
		if err := rows.Scan(&x.ID, &x.Organisation, &x.Name, &x.TimeZone); err != nil {
			return nil, fmt.Errorf("list the sites: %w", err)
		}
		sites = append(sites, x)
	}
	return sites, rows.Err()
}

// CreateToken keeps the hash of a new token.
func (s *Store) CreateToken(ctx context.Context, t collector.Token) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO token (hash, site, quota, expires_on) VALUES (?, ?, ?, ?)",
			t.Hash[:], t.Site, t.Quota, t.ExpiresOn)
		return err
	})
	if err != nil {
		return fmt.Errorf("create a token: %w", err)
	}
	return nil
}

// Enrol gives a machine a password and a place at the token's site. A machine whose pseudonym is known stays the same
// machine, with the new password, and takes nothing from the token's quota. It answers ErrToken when the token does not
// allow it.
func (s *Store) Enrol(ctx context.Context, e collector.Enrolment) (collector.Machine, error) {
	m := collector.Machine{Use: e.Use, SeenOn: e.On}
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var quota, used, known int
		err := tx.QueryRowContext(ctx, `SELECT site, quota, used, (SELECT count(*) FROM machine WHERE pseudonym = ?)
			FROM token WHERE hash = ? AND expires_on > ?`, e.Pseudonym[:], e.Token[:], e.On).Scan(&m.Site.ID, &quota, &used, &known)
		if errors.Is(err, sql.ErrNoRows) || err == nil && known == 0 && used >= quota {
			return collector.ErrToken
		}
		if err != nil {
			return err
		}
		if known == 0 {
			if _, err := tx.ExecContext(ctx, "UPDATE token SET used = used + 1 WHERE hash = ?", e.Token[:]); err != nil {
				return err
			}
		}
		err = tx.QueryRowContext(ctx, `INSERT INTO machine (site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (pseudonym) DO UPDATE SET site = excluded.site, credential = excluded.credential, use = excluded.use, seen_on = excluded.seen_on
			RETURNING id, enrolled_on`, m.Site.ID, e.Pseudonym[:], e.Credential[:], e.Use, e.On, e.On).Scan(&m.ID, &m.EnrolledOn)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT organisation, name, time_zone FROM site WHERE id = ?", m.Site.ID).
			Scan(&m.Site.Organisation, &m.Site.Name, &m.Site.TimeZone)
	})
	if err != nil {
		return collector.Machine{}, fmt.Errorf("enrol a machine: %w", err)
	}
	return m, nil
}

const machineColumns = "m.id, m.use, m.enrolled_on, m.seen_on, s.id, s.organisation, s.name, s.time_zone"

func scanMachine(m *collector.Machine) []any {
	return []any{&m.ID, &m.Use, &m.EnrolledOn, &m.SeenOn, &m.Site.ID, &m.Site.Organisation, &m.Site.Name, &m.Site.TimeZone}
}

// Machine is the machine whose password has this SHA-256, or ErrNotFound.
func (s *Store) Machine(ctx context.Context, credential [32]byte) (collector.Machine, error) {
	var m collector.Machine
	err := s.read.QueryRowContext(ctx, "SELECT "+machineColumns+" FROM machine m JOIN site s ON s.id = m.site WHERE m.credential = ?",
		credential[:]).Scan(scanMachine(&m)...)
	if errors.Is(err, sql.ErrNoRows) {
		return m, collector.ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("find a machine: %w", err)
	}
	return m, nil
}

// Keep puts records of a machine on disk, all of them or, after an error, none. A record that covers more seconds than the
// one of the same date and hour takes its place; another is left out. today is when they were received.
func (s *Store) Keep(ctx context.Context, m collector.Machine, today collector.Date, records []collector.Record) ([]collector.Outcome, error) {
	outcomes := make([]collector.Outcome, len(records))
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for i, r := range records {
			outcome, err := keep(ctx, tx, m, r)
			if err != nil {
				return fmt.Errorf("record of %s: %w", r.Date, err)
			}
			outcomes[i] = outcome
		}
		_, err := tx.ExecContext(ctx, "UPDATE machine SET seen_on = ? WHERE id = ? AND seen_on < ?", today, m.ID, today)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep the records: %w", err)
	}
	return outcomes, nil
}

func keep(ctx context.Context, tx *sql.Tx, m collector.Machine, r collector.Record) (collector.Outcome, error) {
	r.Use = m.Use
	outcome, err := compare(ctx, tx, m.ID, &r)
	if err != nil || outcome == collector.Kept {
		return outcome, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	var revision int64
	if err := tx.QueryRowContext(ctx, "UPDATE revision SET last = last + 1 RETURNING last").Scan(&revision); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET covered_s = excluded.covered_s, revision = excluded.revision, body = excluded.body`,
		m.ID, r.Date, r.Hour, m.Site.ID, r.CoveredS(), revision, string(body))
	return outcome, err
}

// compare tells what r becomes beside the record of the same machine, date and hour, if there is one, and makes r
// supersede it.
func compare(ctx context.Context, tx *sql.Tx, machine int64, r *collector.Record) (collector.Outcome, error) {
	var covered int
	var body string
	err := tx.QueryRowContext(ctx, "SELECT covered_s, body FROM record WHERE machine = ? AND date = ? AND hour = ?",
		machine, r.Date, r.Hour).Scan(&covered, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return collector.Stored, nil
	case err != nil:
		return 0, err
	case covered >= r.CoveredS():
		return collector.Kept, nil
	}
	var before collector.Record
	if err := json.Unmarshal([]byte(body), &before); err != nil {
		return 0, fmt.Errorf("read the one before: %w", err)
	}
	*r = r.Supersede(before)
	return collector.Replaced, nil
}

// Changes are the records stored or replaced after a revision, in order, at most n.
func (s *Store) Changes(ctx context.Context, after int64, n int) ([]collector.Change, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT r.revision, r.machine, r.body, s.id, s.organisation, s.name, s.time_zone FROM record r
		JOIN site s ON s.id = r.site WHERE r.revision > ? ORDER BY r.revision LIMIT ?`, after, n)
	if err != nil {
		return nil, fmt.Errorf("read the changes: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var changes []collector.Change
	for rows.Next() {
		var c collector.Change
		var body string
		if err := rows.Scan(&c.Revision, &c.Machine, &body, &c.Site.ID, &c.Site.Organisation, &c.Site.Name, &c.Site.TimeZone); err != nil {
			return nil, fmt.Errorf("read the changes: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &c.Record); err != nil {
			return nil, fmt.Errorf("read change %d: %w", c.Revision, err)
		}
		changes = append(changes, c)
	}
	return changes, rows.Err()
}

// Position is the revision up to which a destination has followed the changes.
func (s *Store) Position(ctx context.Context, destination string) (int64, error) {
	var revision int64
	err := s.read.QueryRowContext(ctx, "SELECT revision FROM outbox WHERE destination = ?", destination).Scan(&revision)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read the position of %s: %w", destination, err)
	}
	return revision, nil
}

// Advance keeps the revision up to which a destination has followed the changes.
func (s *Store) Advance(ctx context.Context, destination string, revision int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO outbox (destination, revision) VALUES (?, ?)
			ON CONFLICT DO UPDATE SET revision = excluded.revision`, destination, revision)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the position of %s: %w", destination, err)
	}
	return nil
}
