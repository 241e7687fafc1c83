package relational

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"veille/collector"
)

// Readings are those of meters of an organisation, by site, meter and date: those that people imported, and beside them those of meters that post by the
// door, whose source is collector.MeteredSource.
func (s *Store) Readings(ctx context.Context, organisation int64) ([]collector.Reading, error) {
	imported, err := s.ImportedReadings(ctx, organisation)
	if err != nil {
		return nil, err
	}
	metered, err := s.meteredReadings(ctx, organisation)
	if err != nil {
		return nil, fmt.Errorf("list the meter readings of organisation %d: %w", organisation, s.noticed(err))
	}
	if len(metered) == 0 {
		return imported, nil
	}
	all := append(imported, metered...)
	slices.SortStableFunc(all, func(a, b collector.Reading) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return all, nil
}

// ImportedReadings are those of Readings that people imported.
func (s *Store) ImportedReadings(ctx context.Context, organisation int64) ([]collector.Reading, error) {
	all, err := list(ctx, s.read, scanReading, readings+" WHERE s.organisation = ? ORDER BY r.site, r.meter, r.from_date, r.to_date", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the meter readings of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const readings = "SELECT s.organisation, r.site, r.meter, r.from_date, r.to_date, r.kwh, r.source FROM site s JOIN meter_reading r ON r.site = s.id"

func scanReading(rows *sql.Rows) (r collector.Reading, err error) {
	err = rows.Scan(&r.Organisation, &r.Site, &r.Meter, &r.From, &r.To, &r.KWh, &r.Source)
	return r, err
}

// PutReadings keeps readings, each in the place of the one of the same site, meter and dates, all of them or none. One may leave out its
// organisation, and is refused where it has another. It answers ErrNotFound when the organisation has no such site.
func (s *Store) PutReadings(ctx context.Context, organisation int64, all []collector.Reading) error {
	err := putAll(ctx, s, all, `INSERT INTO meter_reading (site, meter, from_date, to_date, kwh, source) SELECT id, ?3, ?4, ?5, ?6, ?7 FROM site
		WHERE organisation = ?1 AND id = ?2 ON CONFLICT (site, meter, from_date, to_date) DO UPDATE SET kwh = excluded.kwh, source = excluded.source`,
		func(r collector.Reading) ([]any, error) {
			err := ownOr(&r.Organisation, organisation)
			if err == nil {
				err = r.Validate()
			}
			return []any{r.Organisation, r.Site, r.Meter, r.From, r.To, r.KWh, r.Source}, err
		})
	if err != nil {
		return fmt.Errorf("keep the meter readings of organisation %d: %w", organisation, err)
	}
	return nil
}

// RemoveReadings deletes all readings of a meter of a site, or answers ErrNotFound.
func (s *Store) RemoveReadings(ctx context.Context, organisation, site int64, meter string) error {
	err := s.run(ctx, "DELETE FROM meter_reading WHERE site = (SELECT id FROM site WHERE id = ? AND organisation = ?) AND meter = ?", site, organisation, meter)
	if err != nil {
		return fmt.Errorf("remove meter %.60q of site %d: %w", meter, site, err)
	}
	return nil
}
