package relational

import (
	"context"
	"database/sql"
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
	all, err := list(ctx, s.read, scanSite, everySite+" ORDER BY name, id")
	if err != nil {
		return nil, fmt.Errorf("list the sites: %w", err)
	}
	return all, nil
}

const everySite = "SELECT id, organisation, name, time_zone, open, scope, code, commune FROM site"

func scanSite(rows *sql.Rows) (x collector.Site, err error) {
	err = rows.Scan(&x.ID, &x.Organisation, &x.Name, &x.TimeZone, &x.Open, &x.Scope, &x.Code, &x.Commune)
	return x, err
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
