package relational

import (
	"context"
	"database/sql"
	"fmt"
	"time"

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
	e, ok := entryIn(j.ctx)
	if !ok {
		return j
	}
	do := j.do
	j.clean = false // the entry may fail after do has written
	j.do = func(ctx context.Context, b *batch) error {
		if err := do(ctx, b); err != nil {
			return err
		}
		return b.note(ctx, e)
	}
	return j
}

// entryIn is the entry that a context brings with it, if any.
func entryIn(ctx context.Context) (e collector.Entry, ok bool) {
	e, ok = ctx.Value(entryKey{}).(collector.Entry)
	return e, ok
}

// note keeps an entry in the audit log.
func (b *batch) note(ctx context.Context, e collector.Entry) error {
	_, err := b.ExecContext(ctx, "INSERT INTO audit (date, organisation, who, what, subject, reason) VALUES (?, ?, ?, ?, ?, ?)",
		e.On, e.Organisation, e.Who, e.What, e.Subject, e.Reason)
	if err != nil {
		return fmt.Errorf("keep it in the audit log: %w", err)
	}
	return nil
}

// Note keeps an entry in the audit log, for what is not a write of this Store: call it before.
func (s *Store) Note(ctx context.Context, e collector.Entry) error {
	return s.update(Noting(ctx, e), func(context.Context, *sql.Tx) error { return nil })
}

// Entries are the entries of the audit log from a date to another, both included and "" for no bound, the oldest first: those of an
// organisation, or all for 0.
func (s *Store) Entries(ctx context.Context, organisation int64, from, to collector.Date) ([]collector.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, date, organisation, who, what, subject, reason FROM audit
		WHERE (CAST(?1 AS bigint) = 0 OR organisation = ?1) AND date >= ?2 AND (?3 = '' OR date <= ?3) ORDER BY id`, organisation, from, to)
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
// before it and whom no entry names. Entries of the last twelve months stay, whatever the date is, by the clock of the database.
func prune(ctx context.Context, tx *sql.Tx, before collector.Date, gone *collector.Deleted) error {
	kept, err := yearAgo(ctx, tx)
	if err != nil {
		return fmt.Errorf("prune the audit log: %w", err)
	}
	for _, step := range []struct {
		count *int64
		text  string
		args  []any
	}{
		{&gone.Entries, "DELETE FROM audit WHERE date < ? AND date <= ?", []any{before, kept}},
		{&gone.Keys, "DELETE FROM user_key WHERE expires_on < ?1 OR revoked_on <> '' AND revoked_on < ?1", []any{before}},
		{&gone.Users, `DELETE FROM "user" WHERE removed_on <> '' AND removed_on < ? AND lower(name) NOT IN (SELECT lower(who) FROM audit)
			AND id NOT IN (SELECT "user" FROM user_key)`, []any{before}},
	} {
		result, err := tx.ExecContext(ctx, step.text, step.args...)
		if err != nil {
			return fmt.Errorf("prune the audit log: %w", err)
		}
		if *step.count, err = result.RowsAffected(); err != nil {
			return err
		}
	}
	return nil
}

// yearAgo is the date of twelve months ago in UTC, by the clock of the database: that by which its tables refuse to let entries go.
func yearAgo(ctx context.Context, db querier) (collector.Date, error) {
	var today string
	if err := db.QueryRowContext(ctx, "SELECT CAST(CURRENT_DATE AS text)").Scan(&today); err != nil {
		return "", err
	}
	t, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return "", fmt.Errorf("read the date of the database: %w", err)
	}
	return collector.DateOf(t.AddDate(0, -12, 0)), nil
}
