package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// Equipment is the devices of an organisation, counted, by site, class, month of purchase and way.
func (s *Store) Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error) {
	all, err := list(ctx, s.read, scanEquipment, equipment+" WHERE s.organisation = ? ORDER BY e.site, e.class, e.bought, e.way", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the equipment of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const equipment = "SELECT s.organisation, e.site, e.class, e.bought, e.way, e.count, e.source FROM site s JOIN equipment e ON e.site = s.id"

func scanEquipment(rows *sql.Rows) (e collector.Equipment, err error) {
	err = rows.Scan(&e.Organisation, &e.Site, &e.Class, &e.Bought, &e.As, &e.Count, &e.Source)
	return e, err
}

// ReplaceEquipment keeps these lines in the place of all that a site had, or changes nothing: the same lines given twice are there once.
// Lines of the same class, month and way are added up, under the source of the first. A line may leave out its organisation and its site,
// and is refused where it has others. It answers ErrNotFound when the organisation has no such site.
func (s *Store) ReplaceEquipment(ctx context.Context, organisation, site int64, lines []collector.Equipment) error {
	sums, err := addUp(organisation, site, lines)
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return putEquipment(ctx, tx, organisation, site, sums) })
	}
	if err != nil {
		return fmt.Errorf("replace the equipment of site %d: %w", site, err)
	}
	return nil
}

// addUp adds up the lines of one kind, and refuses those that are none, or of another site.
func addUp(organisation, site int64, lines []collector.Equipment) (sums []collector.Equipment, err error) {
	at := map[[3]string]int{} // by class, month and way
	for i, e := range lines {
		if e.Site != 0 && e.Site != site || e.Organisation != 0 && e.Organisation != organisation {
			return nil, fmt.Errorf("line %d is of site %d of organisation %d", i+1, e.Site, e.Organisation)
		}
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		k := [3]string{e.Class, string(e.Bought), e.As}
		if n, known := at[k]; known {
			sums[n].Count += e.Count
			if err := sums[n].Validate(); err != nil {
				return nil, fmt.Errorf("line %d and those like it: %w", i+1, err)
			}
			continue
		}
		at[k] = len(sums)
		sums = append(sums, e)
	}
	return sums, nil
}

func putEquipment(ctx context.Context, tx *sql.Tx, organisation, site int64, lines []collector.Equipment) error {
	var is bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM site WHERE id = ? AND organisation = ?)", site, organisation).Scan(&is)
	if err == nil && !is {
		err = collector.ErrNotFound
	}
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM equipment WHERE site = ?", site); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO equipment (site, class, bought, way, count, source) VALUES (?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	for _, e := range lines {
		if _, err := insert.ExecContext(ctx, site, e.Class, e.Bought, e.As, e.Count, e.Source); err != nil {
			return err
		}
	}
	return nil
}
