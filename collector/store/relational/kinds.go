package relational

import (
	"context"
	"errors"
	"fmt"
)

// forgetKinds deletes the descriptions that no machine-day has any more: a rare one would tell of its machine when all else is gone. To
// look through all days takes seconds, so it is done beside the writer, which meanwhile remembers what it gives.
func (s *Store) forgetKinds(ctx context.Context) error {
	look := &lookout{given: map[int64]bool{}}
	err := s.enqueue(job{ctx: ctx, clean: true, do: func(_ context.Context, b *batch) error {
		b.names.looks[look] = true
		return nil
	}})
	if err != nil {
		return fmt.Errorf("look for descriptions of no machine: %w", err)
	}
	unused, wrong := s.unusedKinds(ctx)
	err = s.enqueue(job{ctx: context.WithoutCancel(ctx), do: func(ctx context.Context, b *batch) error {
		text := "DELETE FROM kind WHERE id = ?1"
		if look.others { // what they gave is in the days only; nobody gives any while this is done
			text += " AND NOT EXISTS (SELECT 1 FROM day WHERE day.kind = ?1)"
		}
		for _, kind := range unused {
			if look.given[kind] {
				continue
			}
			b.names.forget()
			if _, err := b.ExecContext(ctx, text, kind); err != nil {
				return err
			}
		}
		return nil
	}})
	end := s.enqueue(job{ctx: context.WithoutCancel(ctx), clean: true, do: func(_ context.Context, b *batch) error { // not before: it may be done twice
		delete(b.names.looks, look)
		return nil
	}})
	if err := errors.Join(wrong, err, end); err != nil {
		return fmt.Errorf("delete descriptions of no machine: %w", err)
	}
	return nil
}

// unusedKinds are the kinds that no row of days has.
func (s *Store) unusedKinds(ctx context.Context) (all []int64, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id FROM kind EXCEPT SELECT kind FROM day ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind int64
		if err := rows.Scan(&kind); err != nil {
			return nil, err
		}
		all = append(all, kind)
	}
	return all, rows.Err()
}
