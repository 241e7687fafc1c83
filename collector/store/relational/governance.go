package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// Steps are the steps of an organisation's governance, the last first.
func (s *Store) Steps(ctx context.Context, organisation int64) ([]collector.Step, error) {
	all, err := list(ctx, s.read, scanStep, governance+" WHERE organisation = ? ORDER BY on_date DESC, id DESC", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the steps of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const governance = "SELECT id, organisation, kind, on_date, title, owner, note FROM step"

func scanStep(rows *sql.Rows) (x collector.Step, err error) {
	err = rows.Scan(&x.ID, &x.Organisation, &x.Kind, &x.On, &x.Title, &x.Owner, &x.Note)
	return x, err
}

// AddStep keeps a new step, and answers it with its number, which no other step will have. It answers ErrNotFound when there is no such
// organisation.
func (s *Store) AddStep(ctx context.Context, x collector.Step) (collector.Step, error) {
	err := x.Validate()
	if err == nil {
		x.ID, err = s.add(ctx, "INSERT INTO step (organisation, kind, on_date, title, owner, note) SELECT id, ?2, ?3, ?4, ?5, ?6 FROM organisation WHERE id = ?1",
			x.Organisation, x.Kind, x.On, x.Title, x.Owner, x.Note)
	}
	if err != nil {
		return collector.Step{}, fmt.Errorf("add a step of organisation %d: %w", x.Organisation, err)
	}
	return x, nil
}

// RemoveStep deletes a step of an organisation, with the evidence and the remark that are of it, or answers ErrNotFound.
func (s *Store) RemoveStep(ctx context.Context, organisation, id int64) error {
	if err := s.removeWhole(ctx, "step", organisation, id); err != nil {
		return fmt.Errorf("remove step %d of organisation %d: %w", id, organisation, err)
	}
	return nil
}

// removeWhole deletes a row of the table of actions or of steps, and what is kept about it.
func (s *Store) removeWhole(ctx context.Context, table string, organisation, id int64) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE organisation = ? AND id = ?", organisation, id)); err != nil {
			return err
		}
		about := fmt.Sprintf("%s %d", table, id)
		for _, from := range []string{"evidence", "remark"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+from+" WHERE organisation = ? AND about = ?", organisation, about); err != nil {
				return err
			}
		}
		return nil
	})
}

// ofIts holds where ?2 is no action and no step, or one of organisation ?1.
const ofIts = `(lower(substr(?2, 1, 7)) <> 'action ' OR EXISTS (SELECT 1 FROM action a WHERE a.organisation = ?1 AND 'action ' || a.id = ?2))
	AND (lower(substr(?2, 1, 5)) <> 'step ' OR EXISTS (SELECT 1 FROM step x WHERE x.organisation = ?1 AND 'step ' || x.id = ?2))`

// Evidence is that of an organisation, in the order in which it was added.
func (s *Store) Evidence(ctx context.Context, organisation int64) ([]collector.Evidence, error) {
	all, err := list(ctx, s.read, scanEvidence, evidence+" WHERE organisation = ? ORDER BY id", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the evidence of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const evidence = "SELECT id, organisation, about, title, place, on_date, sha256, note FROM evidence"

func scanEvidence(rows *sql.Rows) (e collector.Evidence, err error) {
	err = rows.Scan(&e.ID, &e.Organisation, &e.Of, &e.Title, &e.Where, &e.On, &e.SHA256, &e.Note)
	return e, err
}

// AddEvidence keeps new evidence, and answers it with its number. It answers ErrNotFound when there is no such organisation, or it has no
// such action or step.
func (s *Store) AddEvidence(ctx context.Context, e collector.Evidence) (collector.Evidence, error) {
	err := e.Validate()
	if err == nil {
		e.ID, err = s.add(ctx, `INSERT INTO evidence (organisation, about, title, place, on_date, sha256, note) SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM organisation
			WHERE id = ?1 AND `+ofIts, e.Organisation, e.Of, e.Title, e.Where, e.On, e.SHA256, e.Note)
	}
	if err != nil {
		return collector.Evidence{}, fmt.Errorf("add evidence of %.60q of organisation %d: %w", e.Of, e.Organisation, err)
	}
	return e, nil
}

// RemoveEvidence deletes evidence of an organisation, or answers ErrNotFound.
func (s *Store) RemoveEvidence(ctx context.Context, organisation, id int64) error {
	if err := s.run(ctx, "DELETE FROM evidence WHERE organisation = ? AND id = ?", organisation, id); err != nil {
		return fmt.Errorf("remove evidence %d of organisation %d: %w", id, organisation, err)
	}
	return nil
}

// Remarks are those of an organisation, by what they are of.
func (s *Store) Remarks(ctx context.Context, organisation int64) ([]collector.Remark, error) {
	all, err := list(ctx, s.read, scanRemark, remarks+" WHERE organisation = ? ORDER BY about", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the remarks of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const remarks = "SELECT organisation, about, text, not_applicable, by_function, on_date FROM remark"

func scanRemark(rows *sql.Rows) (r collector.Remark, err error) {
	err = rows.Scan(&r.Organisation, &r.Of, &r.Text, &r.NotApplicable, &r.By, &r.On)
	return r, err
}

// SetRemark keeps a remark in the place of the one of the same line, if any. It answers ErrNotFound when there is no such organisation, or it
// has no such action or step.
func (s *Store) SetRemark(ctx context.Context, r collector.Remark) error {
	err := r.Validate()
	if err == nil {
		err = s.run(ctx, `INSERT INTO remark (organisation, about, text, not_applicable, by_function, on_date) SELECT id, ?2, ?3, ?4, ?5, ?6 FROM organisation
			WHERE id = ?1 AND `+ofIts+` ON CONFLICT (organisation, about) DO UPDATE SET text = excluded.text, not_applicable = excluded.not_applicable, by_function = excluded.by_function,
			on_date = excluded.on_date`, r.Organisation, r.Of, r.Text, r.NotApplicable, r.By, r.On)
	}
	if err != nil {
		return fmt.Errorf("set the remark of %.60q of organisation %d: %w", r.Of, r.Organisation, err)
	}
	return nil
}

// RemoveRemark deletes the remark of a line, or answers ErrNotFound.
func (s *Store) RemoveRemark(ctx context.Context, organisation int64, of string) error {
	if err := s.run(ctx, "DELETE FROM remark WHERE organisation = ? AND about = ?", organisation, of); err != nil {
		return fmt.Errorf("remove the remark of %.60q of organisation %d: %w", of, organisation, err)
	}
	return nil
}
