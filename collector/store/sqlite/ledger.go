package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"

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

// Keep puts records of a machine on disk, all of them or, after an error, none. A record that covers more seconds than the
// one of the same date and hour takes its place; another is left out. today is when they were received, acked how many of
// its records the machine was told that we have put on disk: where these are fewer, nothing is kept, and the error is a
// RestoredError. A machine that speaks has not been replaced by another, whatever was said. Of personal machines it keeps the
// date on which they spoke, and not in which order: see Changes.
func (s *Store) Keep(ctx context.Context, m collector.Machine, today collector.Date, acked int64, records []collector.Record) (collector.Receipt, error) {
	receipt := collector.Receipt{Outcomes: make([]collector.Outcome, len(records))}
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		added, k := int64(0), s.hot.keeper(ctx, tx, m)
		for i, r := range records {
			outcome, err := k.keep(ctx, r)
			if err != nil {
				return fmt.Errorf("record of %s: %w", r.Date, err)
			}
			receipt.Outcomes[i] = outcome
			if outcome != collector.Kept {
				added++
			}
		}
		err := k.heard.QueryRowContext(ctx, added, today, m.ID, added).Scan(&receipt.Before)
		switch {
		case err != nil:
			return err
		case receipt.Before < acked:
			return collector.RestoredError{Before: receipt.Before}
		}
		return describe(ctx, tx, m, records)
	})
	if err != nil {
		return collector.Receipt{}, fmt.Errorf("keep the records: %w", err)
	}
	return receipt, nil
}

// describe keeps what the newest record says of its machine's kind, unless a later one has said something else.
func describe(ctx context.Context, tx *sql.Tx, m collector.Machine, records []collector.Record) error {
	var newest collector.Record
	for _, r := range records {
		if r.Date > newest.Date || r.Date == newest.Date && r.Hour > newest.Hour {
			newest = r
		}
	}
	kind := collector.Kind{Class: newest.Class, OS: newest.OS, CPU: newest.CPU, RAM: newest.RAM, Agent: newest.Agent}
	if len(records) == 0 || kind == m.Kind {
		return nil
	}
	return setKind(ctx, tx, m.ID, kind, newest.Date)
}

// keep puts one record on disk.
func (k keeper) keep(ctx context.Context, r collector.Record) (collector.Outcome, error) {
	r.Use = k.machine.Use
	outcome, err := k.compare(ctx, &r)
	if err != nil || outcome == collector.Kept {
		return outcome, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	revision, err := k.number(ctx, r)
	if err != nil {
		return 0, err
	}
	_, err = k.put.ExecContext(ctx, k.machine.ID, r.Date, r.Hour, k.machine.Site.ID, r.CoveredS(), revision, string(body))
	return outcome, err
}

// number is the revision of a record: the next one, for those that may be described by the hour. Numbers in the order of their
// arrival would tell which of two persons came first on each day, so a record of a personal machine, or of the time when a machine
// was one, has a random one below zero and takes none of the others, which would leave a gap. Two records get the same with a
// chance of one in a thousand among a hundred million; the second is then not kept, and its machine sends it again.
func (k keeper) number(ctx context.Context, r collector.Record) (revision int64, err error) {
	if !k.machine.Use.Hourly() || !r.Use.Hourly() {
		return -1 - rand.Int64N(1<<62), nil
	}
	err = k.revision.QueryRowContext(ctx).Scan(&revision)
	return revision, err
}

// compare tells what r becomes beside the record of the same machine, date and hour, if there is one, and makes r
// supersede it.
func (k keeper) compare(ctx context.Context, r *collector.Record) (collector.Outcome, error) {
	var covered int
	var body string
	err := k.before.QueryRowContext(ctx, k.machine.ID, r.Date, r.Hour).Scan(&covered, &body)
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

// Changes are the records stored or replaced after a revision, in order, at most n. Revisions above zero are the order in which
// records of hourly machines came. Records of personal machines came in an order that is kept nowhere: their revisions are random
// and below zero, so whoever follows the changes from 0 is not given them (they make no point), and whoever wants all records
// begins at math.MinInt64.
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
