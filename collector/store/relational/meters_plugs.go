package relational

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// behindMachine chooses the rules of plugs behind a machine, also those of when it was not installed anew yet.
const behindMachine = `machine IN (WITH RECURSIVE behind (id) AS (SELECT CAST(? AS bigint) UNION SELECT m.id FROM machine m JOIN behind b ON m.replaced_by = b.id) SELECT id FROM behind)`

// closePlugs bars the plugs behind a machine that is a person's now, for ever: were it shared again, what such a plug said of between would not be
// told from the rest. It belongs into the transaction in which the machine becomes so.
func closePlugs(ctx context.Context, tx *sql.Tx, machine int64) error {
	err := barPlugs(ctx, tx, behindMachine+" AND EXISTS (SELECT 1 FROM machine m WHERE m.id = ? AND "+onePersons+")", machine, machine)
	if err != nil {
		return fmt.Errorf("close the plugs of machine %d: %w", machine, err)
	}
	return nil
}

// closePlugsAt does so of a site whose limits make each machine a person's. It belongs into the transaction in which they do.
func closePlugsAt(ctx context.Context, tx *sql.Tx, site int64) error {
	if err := barPlugs(ctx, tx, "site = ? AND id IN "+barred, site); err != nil {
		return fmt.Errorf("close the plugs of site %d: %w", site, err)
	}
	return nil
}

// forgetPlugs deletes what plugs behind a machine said that is to be erased, and bars them. It belongs into the transaction in which the machine goes.
func forgetPlugs(ctx context.Context, tx *sql.Tx, machine int64) error {
	err := barPlugs(ctx, tx, "machine = ?", machine)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM meter WHERE rule IN (SELECT id FROM meter_rule WHERE machine = ?)", machine)
	}
	if err == nil {
		err = forgetRefusedMeters(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("delete what plugs of machine %d said: %w", machine, err)
	}
	return nil
}

// barPlugs bars the rules of plugs that a condition chooses, with what other meters said of them, and tells the doors. What they said themselves is told no
// more at once, and deleted the coming night.
func barPlugs(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	found, err := list(ctx, tx, scanMeterRule, meterRules+" WHERE r.barred = 0 AND r.id IN (SELECT id FROM meter_rule WHERE kind = 'plug' AND "+where+")", args...)
	if err != nil || len(found) == 0 {
		return err
	}
	for _, r := range found {
		if _, err := tx.ExecContext(ctx, "UPDATE meter_rule SET barred = 1 WHERE id = ?", r.ID); err != nil {
			return err
		}
		if err := dropBeside(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := forgetRefusedMeters(ctx, tx); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE meter_state SET rules = rules + 1, turn = turn + 1")
	return err
}

// dropBeside deletes the meters of other rules than those of plugs that are of nothing but what a plug says: they were there before it was added.
func dropBeside(ctx context.Context, tx *sql.Tx, plug collector.MeterRule) error {
	type beside struct {
		meter int64
		of    collector.MeterRule
	}
	found, err := list(ctx, tx, func(rows *sql.Rows) (x beside, err error) {
		var tags, by, values string
		err = rows.Scan(&x.meter, &x.of.Measurement, &tags, &by, &values)
		x.of.Tags = splitTags(tags)
		named := strings.Split(values, separator)
		for i, name := range strings.Split(by, separator) {
			if i < len(named) {
				x.of.Tags = append(x.of.Tags, collector.Tag{Name: name, Value: named[i]})
			}
		}
		return x, err
	}, `SELECT m.id, r.measurement, r.tags, r.by_tags, m.tag_values FROM meter m JOIN meter_rule r ON r.id = m.rule
		WHERE r.site = ? AND r.measurement = ? AND r.kind <> 'plug'`, plug.Site, plug.Measurement)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(x beside) bool { return !x.of.Narrows(plug) })
	for _, x := range found {
		if _, err := tx.ExecContext(ctx, "DELETE FROM meter WHERE id = ?", x.meter); err != nil {
			return err
		}
	}
	return nil
}

// endPlugs ends the plugs behind a machine that is at another site now, where they are not. It belongs into the transaction in which it moves.
func endPlugs(ctx context.Context, tx *sql.Tx, machine int64, on collector.Date) error {
	result, err := tx.ExecContext(ctx, "UPDATE meter_rule SET removed_on = ? WHERE removed_on = '' AND "+behindMachine+
		" AND site <> (SELECT site FROM machine WHERE id = ?)", on, machine, machine)
	if err != nil {
		return fmt.Errorf("end the plugs of machine %d: %w", machine, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("end the plugs of machine %d: %w", machine, err)
	}
	if n == 0 {
		return nil
	}
	return ruled(ctx, tx)
}
