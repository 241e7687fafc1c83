package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"veille/collector"
	"veille/collector/store/relational"
)

// redo does anew in a copy what was done in the database since, as far as that can be read. Nobody has either open.
func redo(ctx context.Context, name, backup string) (done relational.Redone, err error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return done, nil
	}
	undone, left := undoneIn(ctx, name)
	store, err := Open(ctx, backup)
	if err != nil {
		return done, errors.Join(left, err)
	}
	done, err = store.Redo(ctx, undone)
	return done, errors.Join(left, err, store.Close())
}

// undoneIn reads from a database what an older copy would undo. With an error it answers what it could read; numbers only where nothing is wrong.
func undoneIn(ctx context.Context, name string) (u relational.Undone, err error) {
	version := 0
	db, err := toRead(ctx, name, &version)
	if err != nil {
		return u, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = db.Close() }()
	if version < 1 {
		return u, fmt.Errorf("read %s: there is nothing in it", name)
	}
	var errs []error
	for _, x := range []struct {
		table string // without it nothing of the kind was ever done there
		read  func() error
	}{
		{"audit", func() (err error) { u.Erasures, err = erasures(ctx, db); return err }},
		{"erased", func() error {
			return db.QueryRowContext(ctx, "SELECT max(last, (SELECT coalesce(max(id), 0) FROM machine)) FROM erased").Scan(&u.Last)
		}},
		{"day", func() (err error) { u.Personal, err = personal(ctx, db); return err }},
		{"tombstone", func() (err error) { u.Tombstones, err = tombstones(ctx, db); return err }},
	} {
		tables := 0
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", x.table).Scan(&tables)
		if err == nil && tables > 0 {
			err = x.read()
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return u, fmt.Errorf("read %s: %w", name, err)
	}
	if u.Numbers, err = (&engine{read: db}).Numbers(ctx); err != nil {
		return u, fmt.Errorf("read %s: %w", name, err)
	}
	return u, nil
}

// erasures are the entries of the audit log that say that a machine was erased.
func erasures(ctx context.Context, db *sql.DB) (all []collector.Entry, err error) {
	var e collector.Entry
	err = each(ctx, db, func() { all = append(all, e) }, "SELECT date, organisation, who, what, subject, reason FROM audit WHERE what = '"+relational.Erases+"' ORDER BY id",
		&e.On, &e.Organisation, &e.Who, &e.What, &e.Subject, &e.Reason)
	return all, err
}

// personal are the machines that are a person's, or were said to be one since that is.
func personal(ctx context.Context, db *sql.DB) (all []relational.Belonging, err error) {
	var b relational.Belonging
	var pseudonym []byte
	err = each(ctx, db, func() { copy(b.Pseudonym[:], pseudonym); all = append(all, b) },
		`WITH RECURSIVE same (id, now) AS (SELECT id, id FROM machine UNION SELECT same.id, m.replaced_by FROM same JOIN machine m ON m.id = same.now WHERE m.replaced_by IS NOT NULL)
		SELECT m.id, m.pseudonym, m.use FROM machine m JOIN same ON same.id = m.id JOIN machine n ON n.id = same.now
			WHERE n.replaced_by IS NULL AND n.use NOT IN ('shared', 'server') ORDER BY m.id`, &b.ID, &pseudonym, &b.Use)
	return all, err
}

// tombstones are those that no destination has forgotten.
func tombstones(ctx context.Context, db *sql.DB) (all []collector.Tombstone, err error) {
	var t collector.Tombstone
	err = each(ctx, db, func() { all = append(all, t) }, "SELECT id, gone, number FROM tombstone ORDER BY id", &t.ID, &t.Gone, &t.Number)
	return all, err
}

// each reads the rows of a query, one after the other, and calls take after each.
func each(ctx context.Context, db *sql.DB, take func(), query string, into ...any) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		take()
	}
	return rows.Err()
}
