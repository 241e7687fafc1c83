package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"veille/collector"
)

// Templates are those that an organisation has typed in, by id.
func (s *Store) Templates(ctx context.Context, organisation int64) ([]collector.Template, error) {
	all, err := list(ctx, s.read, scanTemplate, templates+" WHERE organisation = ? ORDER BY id", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the templates of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const templates = "SELECT organisation, id, version, text, added_on FROM template"

func scanTemplate(rows *sql.Rows) (t collector.Template, err error) {
	err = rows.Scan(&t.Organisation, &t.ID, &t.Version, &t.Text, &t.AddedOn)
	return t, err
}

// PutTemplate keeps a template in the place of the one of the same id, if any. It answers ErrNotFound when there is no such organisation.
func (s *Store) PutTemplate(ctx context.Context, t collector.Template) error {
	err := t.Validate()
	if err == nil {
		err = s.run(ctx, `INSERT INTO template (organisation, id, version, text, added_on) SELECT id, ?2, ?3, ?4, ?5 FROM organisation WHERE id = ?1
			ON CONFLICT (organisation, id) DO UPDATE SET version = excluded.version, text = excluded.text, added_on = excluded.added_on`, t.Organisation, t.ID, t.Version, t.Text, t.AddedOn)
	}
	if err != nil {
		return fmt.Errorf("keep template %.60q of organisation %d: %w", t.ID, t.Organisation, err)
	}
	return nil
}

// RemoveTemplate deletes a template of an organisation, or answers ErrNotFound.
func (s *Store) RemoveTemplate(ctx context.Context, organisation int64, id string) error {
	if err := s.run(ctx, "DELETE FROM template WHERE organisation = ? AND id = ?", organisation, id); err != nil {
		return fmt.Errorf("remove template %.60q of organisation %d: %w", id, organisation, err)
	}
	return nil
}

// Grids are the last validated grids of websites of an organisation, by website.
func (s *Store) Grids(ctx context.Context, organisation int64) ([]collector.Grid, error) {
	all, err := list(ctx, s.read, scanGrid, grids+" WHERE w.organisation = ? ORDER BY g.website", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the grids of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const grids = "SELECT coalesce(w.organisation, 0), g.website, g.on_date, g.source, g.criteria FROM rgesn_grid g JOIN website w ON w.id = g.website"

func scanGrid(rows *sql.Rows) (g collector.Grid, err error) {
	var criteria string
	if err := rows.Scan(&g.Organisation, &g.Website, &g.On, &g.Source, &criteria); err != nil {
		return g, err
	}
	if err := json.Unmarshal([]byte(criteria), &g.Criteria); err != nil {
		return g, fmt.Errorf("read the criteria of website %d: %w", g.Website, err)
	}
	return g, nil
}

// PutGrid keeps a grid in the place of the one of the same website, if any. It answers ErrNotFound when the organisation has no such website.
func (s *Store) PutGrid(ctx context.Context, g collector.Grid) error {
	err := g.Validate()
	var criteria []byte
	if err == nil {
		criteria, err = json.Marshal(g.Criteria)
	}
	if err == nil {
		err = s.run(ctx, `INSERT INTO rgesn_grid (website, on_date, source, criteria) SELECT id, ?3, ?4, ?5 FROM website WHERE organisation = ?1 AND id = ?2
			ON CONFLICT (website) DO UPDATE SET on_date = excluded.on_date, source = excluded.source, criteria = excluded.criteria`,
			g.Organisation, g.Website, g.On, g.Source, string(criteria))
	}
	if err != nil {
		return fmt.Errorf("keep the grid of website %d of organisation %d: %w", g.Website, g.Organisation, err)
	}
	return nil
}

// RemoveGrid deletes the grid of a website of an organisation, or answers ErrNotFound.
func (s *Store) RemoveGrid(ctx context.Context, organisation, website int64) error {
	err := s.run(ctx, "DELETE FROM rgesn_grid WHERE website = (SELECT id FROM website WHERE id = ? AND organisation = ?)", website, organisation)
	if err != nil {
		return fmt.Errorf("remove the grid of website %d of organisation %d: %w", website, organisation, err)
	}
	return nil
}
