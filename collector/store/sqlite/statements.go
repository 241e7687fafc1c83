package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// statements are those that each post of a machine runs: SQLite takes longer to read them than to run them.
type statements struct {
	machine  *sql.Stmt // of the reading side
	before   *sql.Stmt
	revision *sql.Stmt
	put      *sql.Stmt
	heard    *sql.Stmt
}

// keeper keeps records of one machine, in one transaction, which closes its statements.
type keeper struct {
	machine                      collector.Machine
	before, revision, put, heard *sql.Stmt
}

func (s *statements) keeper(ctx context.Context, tx *sql.Tx, m collector.Machine) keeper {
	return keeper{m, tx.StmtContext(ctx, s.before), tx.StmtContext(ctx, s.revision), tx.StmtContext(ctx, s.put), tx.StmtContext(ctx, s.heard)}
}

func (s *statements) prepare(ctx context.Context, write, read *sql.DB) error {
	for _, p := range []struct {
		into *(*sql.Stmt)
		db   *sql.DB
		text string
	}{
		{&s.machine, read, "SELECT " + machineColumns + " WHERE m.credential = ? AND m.revoked_on = ''"},
		{&s.before, write, "SELECT covered_s, body FROM record WHERE machine = ? AND date = ? AND hour = ?"},
		{&s.revision, write, "UPDATE revision SET last = last + 1 RETURNING last"},
		{&s.put, write, `INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (machine, date, hour) DO UPDATE SET covered_s = excluded.covered_s, revision = excluded.revision, body = excluded.body`},
		{&s.heard, write, `UPDATE machine SET kept = kept + ?, seen_on = max(seen_on, ?), replaced_by = NULL,
			apart = (SELECT max(id) FROM machine) WHERE id = ? RETURNING kept - ?`},
	} {
		stmt, err := p.db.PrepareContext(ctx, p.text) //nolint:sqlclosecheck // close does
		if err != nil {
			return errors.Join(fmt.Errorf("prepare a statement: %w", err), s.close())
		}
		*p.into = stmt
	}
	return nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{s.machine, s.before, s.revision, s.put, s.heard} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}
