package relational

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"veille/collector"
)

// keepErased keeps that machines were erased, for destinations that have points of them. It belongs into the transaction that erases them.
func keepErased(ctx context.Context, tx *sql.Tx, machines []int64) error {
	for _, m := range machines {
		if _, err := tx.ExecContext(ctx, "INSERT INTO erased_machine (machine, on_date) VALUES (?, ?)", m, collector.DateOf(time.Now().UTC())); err != nil {
			return fmt.Errorf("keep for destinations that machine %d was erased: %w", m, err)
		}
	}
	return nil
}

// Tombstones are the machines that were erased after a number, at most n of them, in the order of their numbers.
func (s *Store) Tombstones(ctx context.Context, after int64, n int) ([]collector.Tombstone, error) {
	all, err := list(ctx, s.read, func(rows *sql.Rows) (t collector.Tombstone, err error) {
		err = rows.Scan(&t.ID, &t.Machine)
		return t, err
	}, "SELECT id, machine FROM erased_machine WHERE id > ? ORDER BY id LIMIT ?", after, n)
	if err != nil {
		return nil, fmt.Errorf("read which machines were erased: %w", err)
	}
	return all, nil
}

// ForgetTombstones deletes the tombstones of before a date that all destinations have followed: no point of an hour is kept for longer.
func (s *Store) ForgetTombstones(ctx context.Context, before collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM erased_machine WHERE on_date < ? AND NOT EXISTS (SELECT 1 FROM outbox_delivery d WHERE NOT EXISTS (
			SELECT 1 FROM outbox_position p WHERE p.destination = d.destination AND p.stream = ? AND p.settled >= erased_machine.id))`, before, collector.StreamErased)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget which machines were erased before %s: %w", before, err)
	}
	return nil
}
