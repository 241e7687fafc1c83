package relational

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"veille/collector"
)

// longestLease is how long a lease may be asked for. One that ends later was given when the clock of the database was ahead: it is none.
const longestLease = time.Hour

// Lease takes the right to do a job, or has it go on: from now on nobody else gets it for as long as it says. It answers false while somebody
// else has it. The time is that of the database, which all collectors share, and never that of a collector. An error says that the database did
// not answer, or not in time: whether the lease was given is not known then.
//
// A collector counts from the moment before it asked. The database counts from a later one, so the collector's lease is over first, as long as
// their clocks go equally fast.
func (s *Store) Lease(ctx context.Context, l collector.Lease) (held bool, err error) {
	if l.Job == "" || l.Holder == "" || l.For <= 0 || l.For > longestLease {
		return false, fmt.Errorf("lease job %q to %q for %s: it needs a job, a holder, and a time of at most %s", l.Job, l.Holder, l.For, longestLease)
	}
	now, longest := s.engine.Now(), longestLease.Seconds()
	taken := 0 // most who ask only wait for another: they do not keep those who write waiting
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM lease WHERE job = ? AND holder <> ? AND until > "+now+" AND until <= "+now+" + ?", l.Job, l.Holder, longest).Scan(&taken)
	if err != nil {
		return false, fmt.Errorf("lease job %q: %w", l.Job, s.noticed(err))
	}
	if taken > 0 {
		return false, nil
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "INSERT INTO lease (job, holder, until) VALUES (?1, ?2, "+now+" + ?3) ON CONFLICT (job) DO UPDATE "+
			"SET holder = excluded.holder, until = excluded.until WHERE lease.holder = excluded.holder OR lease.until <= "+now+" OR lease.until > "+now+" + ?4",
			l.Job, l.Holder, l.For.Seconds(), longest)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		held = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lease job %q: %w", l.Job, err)
	}
	return held, nil
}

// Release gives the right to do a job back, so that nobody has to wait until it runs out. Who does not have it gives nothing back.
func (s *Store) Release(ctx context.Context, l collector.Lease) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM lease WHERE job = ? AND holder = ?", l.Job, l.Holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("release job %q: %w", l.Job, err)
	}
	return nil
}
