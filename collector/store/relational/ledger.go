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
		_, err := tx.ExecContext(ctx, "INSERT INTO organisation (name) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM organisation WHERE name = ?1)", organisation)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT id FROM organisation WHERE name = ?", organisation).Scan(&site.Organisation)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `INSERT INTO site (organisation, name, time_zone) SELECT ?1, ?2, ?3
			WHERE NOT EXISTS (SELECT 1 FROM site WHERE organisation = ?1 AND name = ?2) RETURNING id`, site.Organisation, name, timeZone).Scan(&site.ID)
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
