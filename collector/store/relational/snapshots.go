package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// Snapshots are the reports that were kept of an organisation, the last first, without their JSON.
func (s *Store) Snapshots(ctx context.Context, organisation int64) ([]collector.Snapshot, error) {
	all, err := list(ctx, s.read, scanSnapshot, "SELECT "+snapshotColumns+", NULL FROM snapshot WHERE organisation = ? ORDER BY id DESC", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the kept reports of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const (
	snapshotColumns = "id, organisation, template, from_month, to_month, made_on, method, simulated, sha256"
	snapshots       = "SELECT " + snapshotColumns + ", body FROM snapshot"
)

func scanSnapshot(rows *sql.Rows) (x collector.Snapshot, err error) {
	err = rows.Scan(&x.ID, &x.Organisation, &x.Template, &x.From, &x.To, &x.MadeOn, &x.Method, &x.Simulated, &x.SHA256, &x.JSON)
	return x, err
}

// Snapshot is one of an organisation, with its JSON, or ErrNotFound.
func (s *Store) Snapshot(ctx context.Context, organisation, id int64) (collector.Snapshot, error) {
	all, err := list(ctx, s.read, scanSnapshot, snapshots+" WHERE organisation = ? AND id = ?", organisation, id)
	if err == nil && len(all) == 0 {
		err = collector.ErrNotFound
	}
	if err != nil {
		return collector.Snapshot{}, fmt.Errorf("kept report %d of organisation %d: %w", id, organisation, err)
	}
	return all[0], nil
}

// AddSnapshot keeps a report, and answers it with its number; ErrExists where the same one was kept already, ErrNotFound when there is no such
// organisation. Nothing removes or changes one.
func (s *Store) AddSnapshot(ctx context.Context, x collector.Snapshot) (collector.Snapshot, error) {
	err := x.Validate()
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			if err := only(ctx, tx, `SELECT EXISTS (SELECT 1 FROM organisation WHERE id = ?1), EXISTS (SELECT 1 FROM snapshot WHERE organisation = ?1 AND sha256 = ?2)`,
				x.Organisation, x.SHA256); err != nil {
				return err
			}
			return tx.QueryRowContext(ctx, `INSERT INTO snapshot (organisation, template, from_month, to_month, made_on, method, simulated, sha256, body)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, x.Organisation, x.Template, x.From, x.To, x.MadeOn, x.Method, x.Simulated, x.SHA256, x.JSON).Scan(&x.ID)
		})
	}
	if err != nil {
		return collector.Snapshot{}, fmt.Errorf("keep report %.60q of organisation %d: %w", x.Template, x.Organisation, err)
	}
	return x, nil
}

// only answers ErrNotFound where what something is kept of is not there, the first of the two that a query asks, and ErrExists where it is
// kept already, the second.
func only(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	var there, kept bool
	if err := tx.QueryRowContext(ctx, query, args...).Scan(&there, &kept); err != nil {
		return err
	}
	switch {
	case !there:
		return collector.ErrNotFound
	case kept:
		return collector.ErrExists
	}
	return nil
}

// Baselines are those that were kept of the actions of an organisation, by action.
func (s *Store) Baselines(ctx context.Context, organisation int64) ([]collector.Baseline, error) {
	all, err := list(ctx, s.read, scanBaseline, baselines+" WHERE a.organisation = ? ORDER BY b.action", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the baselines of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const baselines = "SELECT b.action, a.organisation, b.kept_on, b.sha256, b.body FROM baseline b JOIN action a ON a.id = b.action"

func scanBaseline(rows *sql.Rows) (b collector.Baseline, err error) {
	err = rows.Scan(&b.Action, &b.Organisation, &b.KeptOn, &b.SHA256, &b.JSON)
	return b, err
}

// KeepBaseline keeps the baseline of an action, or answers ErrExists where it has one: it is never changed. It goes with its action. It answers
// ErrNotFound when the organisation has no such action.
func (s *Store) KeepBaseline(ctx context.Context, b collector.Baseline) error {
	err := b.Validate()
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			if err := only(ctx, tx, "SELECT EXISTS (SELECT 1 FROM action WHERE organisation = ?1 AND id = ?2), EXISTS (SELECT 1 FROM baseline WHERE action = ?2)",
				b.Organisation, b.Action); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO baseline (action, kept_on, sha256, body) VALUES (?, ?, ?, ?)", b.Action, b.KeptOn, b.SHA256, b.JSON)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep the baseline of action %d of organisation %d: %w", b.Action, b.Organisation, err)
	}
	return nil
}
