package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// VersionOfBooks is the version from which on there are prices, factors, targets, actions and equipment.
const VersionOfBooks = 8

// versionOfLabel is the version from which on there is what label reports are made of, and reports that were kept.
const versionOfLabel = 9

// said checks what persons have said. It has no checksums, but a price that nobody may set was set by nobody.
func (c checking) said(ctx context.Context) error {
	if c.findings.Version < VersionOfBooks {
		return nil
	}
	actions, equipment := actions, equipment
	if c.findings.Version < versionOfLabel {
		actions, equipment = actionsOfBooks, equipmentOfBooks
	}
	err := errors.Join(
		valid(ctx, c, "price", prices, scanPrice), valid(ctx, c, "factor", factors, scanFactor), valid(ctx, c, "target", targets, scanTarget),
		valid(ctx, c, "action", actions, scanAction), valid(ctx, c, "equipment", equipment, scanEquipment),
	)
	if c.findings.Version < versionOfLabel {
		return err
	}
	return errors.Join(
		err, valid(ctx, c, "organisation", organisations, scanOrganisation), valid(ctx, c, "site", everySite, scanSite),
		valid(ctx, c, "quantity", quantities, scanQuantity), valid(ctx, c, "step", governance, scanStep), valid(ctx, c, "evidence", evidence, scanEvidence),
		valid(ctx, c, "remark", remarks, scanRemark), valid(ctx, c, "reading", readings, scanReading), valid(ctx, c, "grid", grids, scanGrid),
		valid(ctx, c, "template", templates, scanTemplate), valid(ctx, c, "kept report", snapshots, scanSnapshot), valid(ctx, c, "baseline", baselines, scanBaseline),
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
		if err != nil {
			bad = c.note(bad, err, "%s %.300s", what, fmt.Sprintf("%+v", x)) // a report is long
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read each %s: %w", what, err)
	}
	return nil
}
