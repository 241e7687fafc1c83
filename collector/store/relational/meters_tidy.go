package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"veille/collector"
)

// How long what meters said is kept.
const (
	keepBlocks    = 90 // days
	keepMeterDays = 6  // years
)

// TidyMeters deletes what plugs said behind machines that have become a person's own, and ends their rules; what meters said before the day that was 90
// days ago, but for the last reading of a counter that may say more and is no plug, with which what it counts next is reckoned, and which nobody is told; and
// accounts of more than six years ago. What came is accounted for before. What is deleted is overwritten.
func (s *Store) TidyMeters(ctx context.Context, today collector.Date) error {
	on, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return fmt.Errorf("delete what meters said: %q is not a date like 2006-01-02", today)
	}
	n, err := s.dropBarred(ctx, today)
	if err != nil {
		return fmt.Errorf("delete what plugs of personal machines said: %w", err)
	}
	var failed []error // one does not keep the others
	try := func(what string, err error) {
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", what, err))
		}
	}
	try("account for what meters said", s.settle(ctx))
	before := on.AddDate(0, 0, -keepBlocks)
	scrubbed, err := s.scrubPosts(ctx, before.UnixMilli())
	try("delete from posts what meters said that are gone, or long ago", err)
	try("delete what meters said long ago", s.dropOld(ctx, before))
	try("delete accounts of meters of long ago", s.dropAccounts(ctx, collector.DateOf(on.AddDate(-keepMeterDays, 0, 0))))
	if n > 0 || scrubbed > 0 {
		try("overwrite what meters said", s.engine.Overwrite(ctx))
	}
	return errors.Join(failed...)
}

// dropAccounts deletes the accounts of before a date, and what is left of meters of which none is left.
func (s *Store) dropAccounts(ctx context.Context, before collector.Date) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM meter_day WHERE date < ?", before); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE meter SET past = '' WHERE past <> '' AND NOT EXISTS (SELECT 1 FROM meter_day d WHERE d.meter = meter.id)")
		return err
	})
}

// dropBarred deletes the meters of plugs that are barred, or are to be, with all that they said, and what destinations refused of meters that are gone.
func (s *Store) dropBarred(ctx context.Context, today collector.Date) (n int, err error) {
	const rules = "SELECT id FROM meter_rule r WHERE r.id IN " + barred + " AND (r.removed_on = '' OR r.barred = 0 OR EXISTS (SELECT 1 FROM meter m WHERE m.rule = r.id))"
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		found, err := list(ctx, tx, scanInt, rules)
		if err != nil {
			return err
		}
		if n = len(found); n > 0 {
			err = barPlugs(ctx, tx, "id IN "+barred)
		}
		for _, rule := range found {
			if err == nil {
				_, err = tx.ExecContext(ctx, "DELETE FROM meter WHERE rule = ?", rule)
			}
			if err == nil {
				_, err = tx.ExecContext(ctx, "UPDATE meter_rule SET removed_on = CASE removed_on WHEN '' THEN ? ELSE removed_on END WHERE id = ?", today, rule)
			}
		}
		if err == nil && n > 0 {
			_, err = tx.ExecContext(ctx, "UPDATE meter_state SET rules = rules + 1, turn = turn + 1")
		}
		if err != nil {
			return err
		}
		return forgetRefusedMeters(ctx, tx)
	})
	return n, err
}

// scrubPosts takes out of posts what meters said that are gone, and, of those that are folded, what was said before a moment: a destination that was away
// for as long deletes such readings itself.
func (s *Store) scrubPosts(ctx context.Context, before int64) (n int, err error) {
	st, err := s.meterState(ctx)
	if err != nil {
		return 0, err
	}
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
				if !known[x.Meter] && x.Meter <= newest || p.id <= st.folded && x.At < before {
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
