package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// Targets are where an organisation wants to be, in the order in which they were added.
func (s *Store) Targets(ctx context.Context, organisation int64) ([]collector.Target, error) {
	all, err := list(ctx, s.read, scanTarget, targets+" WHERE organisation = ? ORDER BY id", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the targets of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const targets = "SELECT id, organisation, coalesce(site, 0), indicator, value, by_month, note FROM target"

func scanTarget(rows *sql.Rows) (t collector.Target, err error) {
	err = rows.Scan(&t.ID, &t.Organisation, &t.Site, &t.Indicator, &t.Value, &t.By, &t.Note)
	return t, err
}

// AddTarget keeps a new target, and answers it with its number. It answers ErrNotFound when there is no such organisation, or it has no
// such site.
func (s *Store) AddTarget(ctx context.Context, t collector.Target) (collector.Target, error) {
	err := t.Validate()
	if err == nil {
		t.ID, err = s.add(ctx, `INSERT INTO target (organisation, site, indicator, value, by_month, note) SELECT id, nullif(CAST(?2 AS bigint), 0), ?3, ?4, ?5, ?6 FROM organisation
			WHERE id = ?1 AND `+ofSite,
			t.Organisation, t.Site, t.Indicator, t.Value, t.By, t.Note)
	}
	if err != nil {
		return collector.Target{}, fmt.Errorf("add a target of organisation %d: %w", t.Organisation, err)
	}
	return t, nil
}

// RemoveTarget deletes a target of an organisation, or answers ErrNotFound.
func (s *Store) RemoveTarget(ctx context.Context, organisation, id int64) error {
	if err := s.run(ctx, "DELETE FROM target WHERE organisation = ? AND id = ?", organisation, id); err != nil {
		return fmt.Errorf("remove target %d of organisation %d: %w", id, organisation, err)
	}
	return nil
}

// Actions are what an organisation did to use less, the last first. A group of one may have been removed since: EveryGroup has its name.
func (s *Store) Actions(ctx context.Context, organisation int64) ([]collector.Action, error) {
	all, err := list(ctx, s.read, scanAction, actions+" WHERE organisation = ? ORDER BY on_date DESC, id DESC", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the actions of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const (
	actionColumns  = "id, organisation, coalesce(site, 0), coalesce(site_group, 0), name, measure, on_date, base_from, base_to, owner, note"
	actions        = "SELECT " + actionColumns + ", until_date, expected_kwh, serves FROM action"
	actionsOfBooks = "SELECT " + actionColumns + ", '', 0.0, '' FROM action" // of the version before there were label reports
)

func scanAction(rows *sql.Rows) (a collector.Action, err error) {
	err = rows.Scan(&a.ID, &a.Organisation, &a.Site, &a.Group, &a.Name, &a.Measure, &a.On, &a.BaseFrom, &a.Base, &a.Owner, &a.Note, &a.Until, &a.ExpectedKWh, &a.Serves)
	return a, err
}

// AddAction keeps a new action, and answers it with its number. It answers ErrNotFound when there is no such organisation, it has no such
// site, or the site no such group.
func (s *Store) AddAction(ctx context.Context, a collector.Action) (collector.Action, error) {
	err := a.Validate()
	if err == nil {
		a.ID, err = s.add(ctx, `INSERT INTO action (organisation, site, site_group, name, measure, on_date, base_from, base_to, owner, note, until_date, expected_kwh, serves)
			SELECT id, nullif(CAST(?2 AS bigint), 0), nullif(CAST(?3 AS bigint), 0), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM organisation
			WHERE id = ?1 AND `+ofSite+`
			AND (CAST(?3 AS bigint) = 0 OR EXISTS (SELECT 1 FROM site_group g WHERE g.id = ?3 AND g.site = ?2 AND g.removed_on = ''))`,
			a.Organisation, a.Site, a.Group, a.Name, a.Measure, a.On, a.BaseFrom, a.Base, a.Owner, a.Note, a.Until, a.ExpectedKWh, a.Serves)
	}
	if err != nil {
		return collector.Action{}, fmt.Errorf("add action %q of organisation %d: %w", a.Name, a.Organisation, err)
	}
	return a, nil
}

// RemoveAction deletes an action of an organisation, with its baseline and the evidence and the remark that are of it, or answers ErrNotFound.
func (s *Store) RemoveAction(ctx context.Context, organisation, id int64) error {
	if err := s.removeWhole(ctx, "action", organisation, id); err != nil { // the baseline goes with it, as its table says
		return fmt.Errorf("remove action %d of organisation %d: %w", id, organisation, err)
	}
	return nil
}
