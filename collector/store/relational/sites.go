package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// SetTimeZone keeps the time zone of a site, an IANA name. Records stay as they are, with the dates and hours that they were counted
// by. It answers ErrNotFound when there is no such site.
func (s *Store) SetTimeZone(ctx context.Context, site int64, zone string) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "UPDATE site SET time_zone = ? WHERE id = ?", zone, site))
	})
	if err != nil {
		return fmt.Errorf("set the time zone of site %d: %w", site, err)
	}
	return nil
}

// SetSite keeps what a site says of itself: Open, Scope, Code, Commune. Its name and time zone stay. It answers ErrNotFound when its
// organisation has no such site.
func (s *Store) SetSite(ctx context.Context, site collector.Site) error {
	err := site.Validate()
	if err == nil {
		err = s.run(ctx, "UPDATE site SET open = ?, scope = ?, code = ?, commune = ? WHERE id = ? AND organisation = ?",
			site.Open, site.Scope, site.Code, site.Commune, site.ID, site.Organisation)
	}
	if err != nil {
		return fmt.Errorf("keep what site %d says of itself: %w", site.ID, err)
	}
	return nil
}

// KeysInUse tells which of the keys that are kept beside the database it has been used with: that of the organisation, once a
// machine was enrolled, revoked ones included; and that of policies, once a policy was given to one. A database of a version that
// had no policies yet may have machines and have used the first only.
func (s *Store) KeysInUse(ctx context.Context) (organisation, policies bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM machine), EXISTS (SELECT 1 FROM policy)").Scan(&organisation, &policies)
	if err != nil {
		return false, false, fmt.Errorf("ask which keys are in use: %w", err)
	}
	return organisation, organisation && policies, nil
}
