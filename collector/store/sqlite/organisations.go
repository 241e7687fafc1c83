package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// AddOrganisation makes an organisation where it is missing, and answers its number.
func (s *Store) AddOrganisation(ctx context.Context, name string) (id int64, err error) {
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO organisation (name) VALUES (?) ON CONFLICT DO NOTHING", name); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT id FROM organisation WHERE name = ?", name).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("add organisation %q: %w", name, err)
	}
	return id, nil
}
