package relational

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"veille/collector"
)

// bury keeps that something is gone, for destinations that have points of it. It belongs into the transaction in which it goes.
func bury(ctx context.Context, tx *sql.Tx, gone collector.Gone, number int64) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO tombstone (gone, number, on_date) VALUES (?, ?, ?)", gone, number, collector.DateOf(time.Now().UTC()))
	if err != nil {
		return fmt.Errorf("keep for destinations that %s %d is gone: %w", gone, number, err)
	}
	return nil
}

// Tombstones are those after a number, at most n of them, in the order of their numbers.
func (s *Store) Tombstones(ctx context.Context, after int64, n int) ([]collector.Tombstone, error) {
	all, err := list(ctx, s.read, func(rows *sql.Rows) (t collector.Tombstone, err error) {
		err = rows.Scan(&t.ID, &t.Gone, &t.Number)
		return t, err
	}, "SELECT id, gone, number FROM tombstone WHERE id > ? ORDER BY id LIMIT ?", after, n)
	if err != nil {
		return nil, fmt.Errorf("read what is gone: %w", err)
	}
	return all, nil
}

// HoursOf are the records, by date, of a machine while it was shared or a server, under one of its numbers: what destinations may have of it. There
// are none of a machine that is a person's, or was erased.
func (s *Store) HoursOf(ctx context.Context, machine int64) ([]collector.Change, error) {
	return s.recordsOf(ctx, machine, " AND p.use IN ('shared', 'server')")
}

// ForgetTombstones deletes the tombstones of before a date that all destinations have followed.
func (s *Store) ForgetTombstones(ctx context.Context, before collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM tombstone WHERE on_date < ? AND NOT EXISTS (SELECT 1 FROM outbox_delivery d WHERE NOT EXISTS (
			SELECT 1 FROM outbox_position p WHERE p.destination = d.destination AND p.stream = ? AND p.settled >= tombstone.id))`, before, collector.StreamErased)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget what was gone before %s: %w", before, err)
	}
	return nil
}

// forgetRefusedOf deletes the points of something that destinations refused, and those whose reason names it: engines repeat what they do not take.
func forgetRefusedOf(ctx context.Context, tx *sql.Tx, gone collector.Gone, number int64) error {
	name := string(gone) + "="
	found, err := list(ctx, tx, scanNamed, "SELECT id, point, reason FROM outbox_refused WHERE point LIKE ? OR reason LIKE ?", "%"+name+"%", "%"+name+"%")
	if err != nil {
		return fmt.Errorf("find refused points of %s %d: %w", gone, number, err)
	}
	is, err := regexp.Compile(`\b` + name + `\W{0,2}` + strconv.FormatInt(number, 10) + `\b`) // quotes, escaped or not, may be before it
	if err != nil {
		return err
	}
	for _, x := range found {
		if !is.MatchString(x.point) && !is.MatchString(x.reason) {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM outbox_refused WHERE id = ?", x.id); err != nil {
			return fmt.Errorf("delete refused points of %s %d: %w", gone, number, err)
		}
	}
	return nil
}

// forgetRefusedMeters deletes the points that destinations refused of meters that are gone, or of which nothing is to be told, and those whose reason names
// one.
func forgetRefusedMeters(ctx context.Context, tx *sql.Tx) error {
	found, err := list(ctx, tx, scanNamed, "SELECT id, point, reason FROM outbox_refused WHERE point LIKE '%meter=%' OR reason LIKE '%meter=%'")
	if err != nil || len(found) == 0 {
		return err
	}
	told, err := list(ctx, tx, scanMeter, meters)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(told))
	for _, m := range told {
		known[strconv.FormatInt(m.ID, 10)] = true
	}
	of, err := regexp.Compile(`\bmeter=\W{0,2}(\d+)\b`)
	if err != nil {
		return err
	}
	for _, x := range found {
		for _, of := range of.FindAllStringSubmatch(x.point+" "+x.reason, -1) {
			if known[of[1]] {
				continue
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM outbox_refused WHERE id = ?", x.id); err != nil {
				return fmt.Errorf("delete refused points of meter %s: %w", of[1], err)
			}
			break
		}
	}
	return nil
}

// named is a refused point, and the texts in which it may name what it is of.
type named struct {
	id            int64
	point, reason string
}

func scanNamed(rows *sql.Rows) (x named, err error) {
	err = rows.Scan(&x.id, &x.point, &x.reason)
	return x, err
}
