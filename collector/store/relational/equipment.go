package relational

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"veille/collector"
)

// Equipment is the devices of an organisation, counted, by site, class, month of purchase and way: those in service first, whose State is "", then
// those that were retired and those in stock.
func (s *Store) Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error) {
	all, err := list(ctx, s.read, scanEquipment, equipment+" WHERE s.organisation = ? ORDER BY e.site, e.class, e.bought, e.way, e.state, e.ecolabel, e.left_month, e.end", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the equipment of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const (
	equipmentColumns = "s.organisation, e.site, e.class, e.bought, e.way, e.count, e.source"
	ofEquipment      = " FROM site s JOIN equipment e ON e.site = s.id"
	equipment        = "SELECT " + equipmentColumns + ", e.state, e.ecolabel, e.left_month, e.end" + ofEquipment
	equipmentOfBooks = "SELECT " + equipmentColumns + ", '', 0, '', ''" + ofEquipment // of the version before there were states
)

func scanEquipment(rows *sql.Rows) (e collector.Equipment, err error) {
	err = rows.Scan(&e.Organisation, &e.Site, &e.Class, &e.Bought, &e.As, &e.Count, &e.Source, &e.State, &e.Ecolabel, &e.Left, &e.To)
	return e, err
}

// ReplaceEquipment keeps these lines in the place of all that a site had, or changes nothing: the same lines given twice are there once.
// Lines that differ in their count and their source only are added up, under the source of the first. A line may leave out its organisation and its site,
// and is refused where it has others. It answers ErrNotFound when the organisation has no such site.
func (s *Store) ReplaceEquipment(ctx context.Context, organisation, site int64, lines []collector.Equipment) error {
	return s.ReplaceInventory(ctx, organisation, map[int64][]collector.Equipment{site: lines})
}

// ReplaceInventory is ReplaceEquipment of several sites, by number, in one write: all of them are replaced, or none.
func (s *Store) ReplaceInventory(ctx context.Context, organisation int64, sites map[int64][]collector.Equipment) error {
	ids := slices.Sorted(maps.Keys(sites))
	sums := make(map[int64][]collector.Equipment, len(sites))
	for _, site := range ids {
		var err error
		if sums[site], err = addUp(organisation, site, sites[site]); err != nil {
			return fmt.Errorf("replace the equipment of site %d: %w", site, err)
		}
	}
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, site := range ids {
			if err := putEquipment(ctx, tx, organisation, site, sums[site]); err != nil {
				return fmt.Errorf("replace the equipment of site %d: %w", site, err)
			}
		}
		return nil
	})
}

// addUp adds up the lines of one kind, and refuses those that are none, or of another site.
func addUp(organisation, site int64, lines []collector.Equipment) (sums []collector.Equipment, err error) {
	at := map[collector.Equipment]int{} // by all but count and source
	for i, e := range lines {
		if e.Site != 0 && e.Site != site || e.Organisation != 0 && e.Organisation != organisation {
			return nil, fmt.Errorf("line %d is of site %d of organisation %d", i+1, e.Site, e.Organisation)
		}
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if e.State == collector.EquipmentStates()[0] {
			e.State = "" // in service has two spellings
		}
		k := e
		k.Organisation, k.Site, k.Count, k.Source = 0, 0, 0, ""
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
	insert, err := tx.PrepareContext(ctx, "INSERT INTO equipment (site, class, bought, way, state, ecolabel, left_month, \"end\", count, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	for _, e := range lines {
		if _, err := insert.ExecContext(ctx, site, e.Class, e.Bought, e.As, e.State, e.Ecolabel, e.Left, e.To, e.Count, e.Source); err != nil {
			return err
		}
	}
	return nil
}
