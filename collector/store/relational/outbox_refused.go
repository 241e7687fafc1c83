package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// mostRefusedPoints is how many points of one destination are kept in quarantine: whatever is wrong with them, it shows in these.
const mostRefusedPoints = 10_000

// Refuse keeps points of one destination that it never takes. A point that is there already is not counted again. The oldest go beyond ten
// thousand; how many went is counted.
func (s *Store) Refuse(ctx context.Context, destination string, points []collector.RefusedPoint) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO outbox_delivery (destination) VALUES (?) ON CONFLICT (destination) DO NOTHING", destination); err != nil {
			return err
		}
		for _, p := range points {
			if err := refuse(ctx, tx, destination, p); err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM outbox_refused WHERE destination = ? AND id <= coalesce(
			(SELECT id FROM outbox_refused WHERE destination = ? ORDER BY id DESC LIMIT 1 OFFSET ?), 0)`, destination, destination, mostRefusedPoints)
		if err != nil {
			return err
		}
		gone, err := result.RowsAffected()
		if err != nil || gone == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE outbox_delivery SET refused_gone = refused_gone + ? WHERE destination = ?", gone, destination)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep %d points that %s refused: %w", len(points), destination, err)
	}
	return nil
}

// refuse keeps one point. An engine tells a point from others by it or by its digest, so that no statement names the columns.
func refuse(ctx context.Context, tx *sql.Tx, destination string, p collector.RefusedPoint) error {
	result, err := tx.ExecContext(ctx, "INSERT INTO outbox_refused (destination, on_date, measurement, point, reason) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		destination, p.On, p.Measurement, p.Point, p.Reason)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE outbox_refused SET on_date = ?, reason = ? WHERE destination = ? AND point = ?", p.On, p.Reason, destination, p.Point)
	return err
}

// RefusedPoints are the points in quarantine of a destination, of all where it is "", the oldest first.
func (s *Store) RefusedPoints(ctx context.Context, destination string) ([]collector.RefusedPoint, error) {
	where, args := "", []any{}
	if destination != "" {
		where, args = " WHERE destination = ?", append(args, destination)
	}
	all, err := list(ctx, s.read, func(rows *sql.Rows) (p collector.RefusedPoint, err error) {
		err = rows.Scan(&p.ID, &p.Destination, &p.On, &p.Measurement, &p.Point, &p.Reason)
		return p, err
	}, "SELECT id, destination, on_date, measurement, point, reason FROM outbox_refused"+where+" ORDER BY destination, id", args...)
	if err != nil {
		return nil, fmt.Errorf("list the points that were refused: %w", err)
	}
	return all, nil
}

// ForgetRefused empties the quarantine of a destination, and answers how many points were in it: the next nightly comparison tries them again.
// It answers ErrNotFound where there is none of the name.
func (s *Store) ForgetRefused(ctx context.Context, destination string) (n int64, err error) {
	err = s.ask(ctx, "forget what "+destination+" refused", destination, func(ctx context.Context, tx *sql.Tx) error {
		return forgetRefused(ctx, tx, destination, &n)
	})
	return n, err
}

func forgetRefused(ctx context.Context, tx *sql.Tx, destination string, n *int64) error {
	result, err := tx.ExecContext(ctx, "DELETE FROM outbox_refused WHERE destination = ?", destination)
	if err != nil {
		return err
	}
	if n != nil {
		if *n, err = result.RowsAffected(); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE outbox_delivery SET refused_gone = 0 WHERE destination = ?", destination)
	return err
}
