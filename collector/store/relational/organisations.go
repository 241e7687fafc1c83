package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// AddOrganisation makes an organisation where it is missing, and answers its number.
func (s *Store) AddOrganisation(ctx context.Context, name string) (id int64, err error) {
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO organisation (name) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM organisation WHERE name = ?1)", name); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT id FROM organisation WHERE name = ?", name).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("add organisation %q: %w", name, err)
	}
	return id, nil
}

// Organisations are all organisations, by name.
func (s *Store) Organisations(ctx context.Context) ([]collector.Responsible, error) {
	all, err := list(ctx, s.read, scanOrganisation, organisations+" ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("list the organisations: %w", err)
	}
	return all, nil
}

const organisations = "SELECT id, name, contact, dpo, address, siren, open_data, licence FROM organisation"

func scanOrganisation(rows *sql.Rows) (r collector.Responsible, err error) {
	err = rows.Scan(&r.ID, &r.Name, &r.Contact, &r.DPO, &r.Address, &r.SIREN, &r.OpenData, &r.Licence)
	return r, err
}

// Organisation is the organisation of that name, or ErrNotFound.
func (s *Store) Organisation(ctx context.Context, name string) (collector.Responsible, error) {
	all, err := list(ctx, s.read, scanOrganisation, organisations+" WHERE name = ?", name)
	if err != nil {
		return collector.Responsible{}, fmt.Errorf("find organisation %q: %w", name, err)
	}
	if len(all) == 0 {
		return collector.Responsible{}, fmt.Errorf("organisation %q: %w", name, collector.ErrNotFound)
	}
	return all[0], nil
}

// SetOrganisation keeps what r says, its name included, of the organisation with its number. It answers ErrNotFound when
// there is none, and ErrExists when another has that name.
func (s *Store) SetOrganisation(ctx context.Context, r collector.Responsible) error {
	err := r.Validate()
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			var others int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM organisation WHERE name = ? AND id <> ?", r.Name, r.ID).Scan(&others); err != nil {
				return err
			}
			if others > 0 {
				return collector.ErrExists
			}
			return one(tx.ExecContext(ctx, "UPDATE organisation SET name = ?, contact = ?, dpo = ?, address = ?, siren = ?, open_data = ?, licence = ? WHERE id = ?",
				r.Name, r.Contact, r.DPO, r.Address, r.SIREN, r.OpenData, r.Licence, r.ID))
		})
	}
	if err != nil {
		return fmt.Errorf("keep organisation %q: %w", r.Name, err)
	}
	return nil
}
