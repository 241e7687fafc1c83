package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// Healthy is nil when the database can be read, and what was written last came to the disk; where it did not, something is written to
// see whether it does now.
func (s *Store) Healthy(ctx context.Context) error {
	if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM revision").Scan(new(int)); err != nil {
		return fmt.Errorf("read the database: %w", s.noticed(err))
	}
	if !s.failing.Load() || s.broken.Load() { // a broken database is told of by Intact
		return nil
	}
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE revision SET last = last")
		return err
	})
	if err != nil {
		return fmt.Errorf("write to the database: %w", err)
	}
	return nil
}

// Intact is nil unless something that was read or written showed that the database is damaged. It forgets that when the database is opened anew.
func (s *Store) Intact(context.Context) error {
	if err := s.damaged.Load(); err != nil {
		return *err
	}
	return nil
}

// noticed remembers an error that tells of a damaged database, and says what to do about it. Where the engine cannot use the pages nothing is
// written any more: that could make it worse, and what was written would be lost when a backup takes its place. A body that
// is not as it was written concerns one machine-day, and all others go on.
func (s *Store) noticed(err error) error {
	if err == nil {
		return nil
	}
	pages := s.engine.Damaged(err)
	if !pages && !errors.Is(err, errDamaged) || s.broken.Load() {
		return err
	}
	if pages {
		err = fmt.Errorf("the database is damaged, and nothing is written to it any more: stop all collectors, see veille-collector check, and restore the newest backup: %w", err)
		s.damaged.Store(&err)
		s.broken.Store(true)
		return err
	}
	s.damaged.CompareAndSwap(nil, &err)
	return err
}

// Size is how much there is of everything.
type Size struct {
	Bytes         int64 // that the database takes on its disk
	Machines      int64 // enrolled
	MachineDays   int64 // rows
	MachineMonths int64
	GroupDays     int64
	GroupMonths   int64 // fixed
	Quarantine    int64
	Stale         int64 // dates to be rolled up
	Dates         int64 // from the first day of groups that is kept to the last
}

// Size counts. It reads an index of each table: some hundred milliseconds for a year of fifty thousand machines.
func (s *Store) Size(ctx context.Context) (z Size, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM machine), (SELECT count(*) FROM day), (SELECT count(*) FROM machine_month),
		(SELECT count(*) FROM group_day), (SELECT count(*) FROM fixed_month), (SELECT count(*) FROM quarantine), (SELECT count(*) FROM stale),
		(SELECT coalesce(1 + max(day) - min(day), 0) FROM group_day)`).
		Scan(&z.Machines, &z.MachineDays, &z.MachineMonths, &z.GroupDays, &z.GroupMonths, &z.Quarantine, &z.Stale, &z.Dates)
	if err != nil {
		return z, fmt.Errorf("count what there is: %w", err)
	}
	if z.Bytes, err = s.engine.Bytes(ctx); err != nil {
		return z, fmt.Errorf("ask how large the database is: %w", err)
	}
	return z, nil
}

// TrustDate says that no machine can have been heard after a date, which a person said is right: a clock that was ahead would else make
// each later start doubt the true one.
func (s *Store) TrustDate(ctx context.Context, today collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, column := range []string{"enrolled_on", "seen_on", "kind_on"} {
			if _, err := tx.ExecContext(ctx, "UPDATE machine SET "+column+" = ?1 WHERE "+column+" > ?1", today); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("set dates that are to come to %s: %w", today, err)
	}
	return nil
}

// NewestDate is the newest date that the ledger knows: on which a machine was heard, or a roll-up ran; "" for a new one.
func (s *Store) NewestDate(ctx context.Context) (newest collector.Date, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(seen_on), '') FROM machine").Scan(&newest)
	if err != nil {
		return "", fmt.Errorf("find the newest date: %w", err)
	}
	run, err := s.LastRun(ctx)
	return max(newest, run.On), err
}
