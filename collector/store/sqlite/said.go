package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// versionOfBooks is the version from which on there are prices, factors, targets, actions and equipment.
const versionOfBooks = 8

// said checks what persons have said. It has no checksums, but a price that nobody may set was set by nobody.
func (c checking) said(ctx context.Context) error {
	if c.findings.Version < versionOfBooks {
		return nil
	}
	return errors.Join(
		valid(ctx, c, "price", prices, scanPrice), valid(ctx, c, "factor", factors, scanFactor), valid(ctx, c, "target", targets, scanTarget),
		valid(ctx, c, "action", actions, scanAction), valid(ctx, c, "equipment", equipment, scanEquipment),
	)
}

// valid finds rows that are none.
func valid[T interface{ Validate() error }](ctx context.Context, c checking, what, query string, scan func(*sql.Rows) (T, error)) error {
	rows, err := c.db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("read each %s: %w", what, err)
	}
	defer func() { _ = rows.Close() }()
	bad := 0
	for rows.Next() {
		x, err := scan(rows)
		if err == nil {
			err = x.Validate()
		}
		bad = c.note(bad, err, "%s %+v", what, x)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read each %s: %w", what, err)
	}
	return nil
}
