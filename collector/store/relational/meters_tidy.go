package relational

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"veille/collector"
)

// How long what meters said is kept.
const (
	keepBlocks    = 90 // days
	keepMeterDays = 6  // years
)

// TidyMeters deletes what plugs said behind machines that have become a person's own, and ends their rules; what meters said more than 90 days ago, but
// for the three last days of each meter with something said, from which what it counts next is reckoned; and accounts of more than six years ago. What is
// deleted is overwritten.
func (s *Store) TidyMeters(ctx context.Context, today collector.Date) error {
	on, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return fmt.Errorf("delete what meters said: %q is not a date like 2006-01-02", today)
	}
	n, err := s.dropBarred(ctx, today)
	if err != nil {
		return fmt.Errorf("delete what plugs of personal machines said: %w", err)
	}
	scrubbed, err := s.scrubPosts(ctx)
	if err != nil {
		return fmt.Errorf("delete what meters that are gone said: %w", err)
	}
	if err := s.dropBlocks(ctx, on.Unix()/86_400-keepBlocks); err != nil {
		return fmt.Errorf("delete what meters said long ago: %w", err)
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM meter_day WHERE date < ?", collector.DateOf(on.AddDate(-keepMeterDays, 0, 0)))
		return err
	})
	if err != nil {
		return fmt.Errorf("delete accounts of meters of long ago: %w", err)
	}
	if n == 0 && scrubbed == 0 {
		return nil
	}
	return s.engine.Overwrite(ctx)
}

// dropBarred deletes the meters of plugs that are barred, or are to be, with all that they said.
func (s *Store) dropBarred(ctx context.Context, today collector.Date) (n int, err error) {
	const rules = "SELECT id FROM meter_rule r WHERE r.id IN " + barred + " AND (r.removed_on = '' OR r.barred = 0 OR EXISTS (SELECT 1 FROM meter m WHERE m.rule = r.id))"
	found, err := list(ctx, s.read, scanInt, rules)
	if err != nil || len(found) == 0 {
		return 0, s.noticed(err)
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		found, err := list(ctx, tx, scanInt, rules)
		if err != nil {
			return err
		}
		n = len(found)
		for _, rule := range found {
			for _, text := range []string{"DELETE FROM meter WHERE rule = ?", "UPDATE meter_rule SET barred = 1, removed_on = CASE removed_on WHEN '' THEN ? ELSE removed_on END WHERE id = ?"} {
				args := []any{rule}
				if text[0] == 'U' {
					args = []any{today, rule}
				}
				if _, err := tx.ExecContext(ctx, text, args...); err != nil {
					return err
				}
			}
		}
		_, err = tx.ExecContext(ctx, "UPDATE meter_state SET rules = rules + 1, turn = turn + 1")
		return err
	})
	return n, err
}

// scrubPosts takes out of posts what meters said that are gone.
func (s *Store) scrubPosts(ctx context.Context) (n int, err error) {
	last, err := s.engine.Numbers(ctx) // first: a meter that is made meanwhile is not gone
	if err != nil {
		return 0, err
	}
	there, err := list(ctx, s.read, scanInt, "SELECT id FROM meter")
	if err != nil {
		return 0, s.noticed(err)
	}
	known := map[int64]bool{}
	for _, m := range there {
		known[m] = true
	}
	newest := last["meter"]
	for after := int64(0); ; {
		found, err := s.posts(ctx, after, postsTogether, readTogether)
		if err != nil || len(found) == 0 {
			return n, err
		}
		for _, p := range found {
			after = p.id
			var left []collector.MeterSample
			gone := 0
			err := unpackPost(p.body, func(x collector.MeterSample) {
				if !known[x.Meter] && x.Meter <= newest {
					gone++
					return
				}
				left = append(left, x)
			})
			if err != nil {
				return n, fmt.Errorf("post %d: %w", p.id, s.noticed(err))
			}
			if gone == 0 {
				continue
			}
			body := packPost(left)
			err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, "UPDATE meter_post SET bytes = ?, body = ? WHERE id = ?", len(body), body, p.id)
				return err
			})
			if err != nil {
				return n, err
			}
			n++
		}
	}
}

// dropBlocks deletes the blocks of days before one, but for the last three of them of each meter.
func (s *Store) dropBlocks(ctx context.Context, before int64) error {
	found, err := list(ctx, s.read, scanInt, "SELECT DISTINCT meter FROM meter_block WHERE day < ?", before)
	if err != nil {
		return s.noticed(err)
	}
	for _, m := range found {
		kept, err := list(ctx, s.read, scanInt, "SELECT day FROM meter_block WHERE meter = ? AND day < ? ORDER BY day DESC LIMIT ?", m, before, around)
		if err != nil {
			return s.noticed(err)
		}
		if len(kept) < around {
			continue
		}
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM meter_block WHERE meter = ? AND day < ?", m, kept[around-1])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// GoneMeters are the numbers of meters that there were and that are gone, with all that they said: of points that destinations have of them nothing
// may be left.
func (s *Store) GoneMeters(ctx context.Context) (gone []int64, err error) {
	there, err := list(ctx, s.read, scanInt, "SELECT id FROM meter ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("find meters that are gone: %w", s.noticed(err))
	}
	last, err := s.engine.Numbers(ctx)
	if err != nil {
		return nil, fmt.Errorf("find meters that are gone: %w", err)
	}
	next := int64(1)
	for _, m := range append(there, last["meter"]+1) {
		for ; next < m; next++ {
			gone = append(gone, next)
		}
		next = max(next, m+1)
	}
	return gone, nil
}
