package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// Quantities are what people state of an organisation, by name, then by month.
func (s *Store) Quantities(ctx context.Context, organisation int64) ([]collector.Quantity, error) {
	all, err := list(ctx, s.read, scanQuantity, quantities+" WHERE organisation = ? ORDER BY name, from_month, to_month, coalesce(site, 0)", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the quantities of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const quantities = "SELECT id, organisation, coalesce(site, 0), name, from_month, to_month, value, source, owner, note FROM quantity"

func scanQuantity(rows *sql.Rows) (q collector.Quantity, err error) {
	err = rows.Scan(&q.ID, &q.Organisation, &q.Site, &q.Name, &q.From, &q.To, &q.Value, &q.Source, &q.Owner, &q.Note)
	return q, err
}

// ofSite holds where ?2 is no site, or one of organisation ?1.
const ofSite = "(CAST(?2 AS bigint) = 0 OR EXISTS (SELECT 1 FROM site WHERE site.id = ?2 AND site.organisation = ?1))"

const putQuantity = `INSERT INTO quantity (organisation, site, name, from_month, to_month, value, source, owner, note)
	SELECT id, nullif(CAST(?2 AS bigint), 0), ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM organisation WHERE id = ?1 AND ` + ofSite + `
	ON CONFLICT (organisation, name, coalesce(site, 0), from_month, to_month) DO UPDATE SET value = excluded.value, source = excluded.source, owner = excluded.owner, note = excluded.note`

func quantityArgs(q collector.Quantity) []any {
	return []any{q.Organisation, q.Site, q.Name, q.From, q.To, q.Value, q.Source, q.Owner, q.Note}
}

// SetQuantity keeps a quantity in the place of the one of the same name, site and months, if any, and answers it with its number. It answers
// ErrNotFound when there is no such organisation, or it has no such site.
func (s *Store) SetQuantity(ctx context.Context, q collector.Quantity) (collector.Quantity, error) {
	err := q.Validate()
	if err == nil {
		q.ID, err = s.add(ctx, putQuantity, quantityArgs(q)...)
	}
	if err != nil {
		return collector.Quantity{}, fmt.Errorf("set quantity %.60q of organisation %d: %w", q.Name, q.Organisation, err)
	}
	return q, nil
}

// SetQuantities keeps all of these as SetQuantity does, or none. One may leave out its organisation, and is refused where it has another.
func (s *Store) SetQuantities(ctx context.Context, organisation int64, all []collector.Quantity) error {
	err := putAll(ctx, s, all, putQuantity, func(q collector.Quantity) ([]any, error) {
		err := ownOr(&q.Organisation, organisation)
		if err == nil {
			err = q.Validate()
		}
		return quantityArgs(q), err
	})
	if err != nil {
		return fmt.Errorf("set the quantities of organisation %d: %w", organisation, err)
	}
	return nil
}

// RemoveQuantity deletes a quantity of an organisation, or answers ErrNotFound.
func (s *Store) RemoveQuantity(ctx context.Context, organisation, id int64) error {
	if err := s.run(ctx, "DELETE FROM quantity WHERE organisation = ? AND id = ?", organisation, id); err != nil {
		return fmt.Errorf("remove quantity %d of organisation %d: %w", id, organisation, err)
	}
	return nil
}

// ownOr fills in the organisation where it was left out, and refuses another.
func ownOr(said *int64, organisation int64) error {
	if *said != 0 && *said != organisation {
		return fmt.Errorf("it is of organisation %d", *said)
	}
	*said = organisation
	return nil
}

// putAll writes all of these by one statement, or none. Each is checked before anything is written, and changes a row, or that is ErrNotFound.
func putAll[T any](ctx context.Context, s *Store, all []T, statement string, args func(T) ([]any, error)) error {
	rows := make([][]any, len(all))
	for i, x := range all {
		var err error
		if rows[i], err = args(x); err != nil {
			return fmt.Errorf("number %d of %d: %w", i+1, len(all), err)
		}
	}
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		defer func() { _ = put.Close() }()
		for i, row := range rows {
			if err := one(put.ExecContext(ctx, row...)); err != nil {
				return fmt.Errorf("number %d of %d: %w", i+1, len(all), err)
			}
		}
		return nil
	})
}
