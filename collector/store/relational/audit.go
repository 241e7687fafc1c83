package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// entryKey finds the entry that a context brings with it.
type entryKey struct{}

// Noting is a context with which each write of a Store keeps e in the audit log too, in the same transaction: both are kept, or
// neither is.
func Noting(ctx context.Context, e collector.Entry) context.Context {
	return context.WithValue(ctx, entryKey{}, e)
}

// noted is a write, and the entry that its context brings with it, if any.
func noted(j job) job {
	e, ok := j.ctx.Value(entryKey{}).(collector.Entry)
	if !ok {
		return j
	}
	do := j.do
	j.clean = false // the entry may fail after do has written
	j.do = func(ctx context.Context, b *batch) error {
		if err := do(ctx, b); err != nil {
			return err
		}
		_, err := b.ExecContext(ctx, "INSERT INTO audit (date, organisation, who, what, subject, reason) VALUES (?, ?, ?, ?, ?, ?)",
			e.On, e.Organisation, e.Who, e.What, e.Subject, e.Reason)
		if err != nil {
			return fmt.Errorf("keep it in the audit log: %w", err)
		}
		return nil
	}
	return j
}

// Note keeps an entry in the audit log, for what is not a write of this Store: call it before.
func (s *Store) Note(ctx context.Context, e collector.Entry) error {
	return s.update(Noting(ctx, e), func(context.Context, *sql.Tx) error { return nil })
}

// Entries are the entries of the audit log from a date to another, both included and "" for no bound, the oldest first: those of an
// organisation, or all for 0.
func (s *Store) Entries(ctx context.Context, organisation int64, from, to collector.Date) ([]collector.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, date, organisation, who, what, subject, reason FROM audit
		WHERE (? = 0 OR organisation = ?) AND date >= ? AND (? = '' OR date <= ?) ORDER BY id`, organisation, organisation, from, to, to)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []collector.Entry
	for rows.Next() {
		var e collector.Entry
		if err := rows.Scan(&e.ID, &e.On, &e.Organisation, &e.Who, &e.What, &e.Subject, &e.Reason); err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// prune deletes the entries of the audit log from before a date, the keys that have been useless since then, and the users who were removed
// before it and whom no entry names. Entries of the last twelve months stay, whatever the date is, by the clock of this machine.
func prune(ctx context.Context, tx *sql.Tx, before collector.Date, gone *collector.Deleted) error {
	for _, step := range []struct {
		count *int64
		text  string
	}{
		{&gone.Entries, "DELETE FROM audit WHERE date < ?1 AND date <= date('now', '-12 months')"},
		{&gone.Keys, "DELETE FROM user_key WHERE expires_on < ?1 OR revoked_on <> '' AND revoked_on < ?1"},
		{&gone.Users, `DELETE FROM user WHERE removed_on <> '' AND removed_on < ?1 AND name NOT IN (SELECT who FROM audit)
			AND id NOT IN (SELECT user FROM user_key)`},
	} {
		result, err := tx.ExecContext(ctx, step.text, before)
		if err != nil {
			return fmt.Errorf("prune the audit log: %w", err)
		}
		if *step.count, err = result.RowsAffected(); err != nil {
			return err
		}
	}
	return nil
}
