package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNotEmpty says that a ledger that is to be copied to has something in it that did not come from there.
var ErrNotEmpty = errors.New("it has something in it already: give an empty database")

// Copy brings everything that is in a ledger to another one, which is empty or was left half copied from the same source, and compares both
// row by row at the end. Nobody may write to the first meanwhile. source says where it comes from, without a secret; progress is told of each
// table how many rows it has, nil: nobody is. After an error, it is called again and goes on where it was.
func Copy(ctx context.Context, from, to *Store, source string, progress func(table string, rows int64)) ([]Copied, error) {
	if err := to.beginMoving(ctx, source); err != nil {
		return nil, err
	}
	var all []Copied
	for _, t := range tablesCopied() {
		m := moving{copied: t, from: from, to: to, progress: progress}
		if err := m.copy(ctx); err != nil {
			return all, fmt.Errorf("copy table %s: %w; give the same command again to go on", t.name, err)
		}
	}
	if err := copyNumbers(ctx, from, to); err != nil {
		return all, fmt.Errorf("copy the numbers that were given: %w", err)
	}
	for _, t := range tablesCopied() {
		c, err := compare(ctx, t, from, to)
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, to.endMoving(ctx)
}

// Moving tells from where this ledger is being copied, if a copy of it was begun and has not ended; "" if not.
func (s *Store) Moving(ctx context.Context) (source string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT source FROM moving WHERE done = 0").Scan(&source)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("ask whether the ledger is being copied: %w", err)
	}
	return source, nil
}

func (s *Store) beginMoving(ctx context.Context, source string) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var begun string
		err := tx.QueryRowContext(ctx, "SELECT source FROM moving").Scan(&begun)
		switch {
		case err == nil && begun != source:
			return fmt.Errorf("a copy from %s was begun there, not from %s: go on with that, or give an empty database", begun, source)
		case err == nil:
			_, err = tx.ExecContext(ctx, "UPDATE moving SET done = 0")
			return err
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		var something bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM organisation) OR EXISTS (SELECT 1 FROM audit)").Scan(&something); err != nil {
			return err
		}
		if something {
			return ErrNotEmpty
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO moving (source, done) VALUES (?, 0)", source)
		return err
	})
}

func (s *Store) endMoving(ctx context.Context) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE moving SET done = 1")
		return err
	})
}
