package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// statements are those that each post of a machine runs: an engine takes longer to read them than to run them.
type statements struct {
	machine  *sql.Stmt // of the reading side
	before   *sql.Stmt
	several  *sql.Stmt
	revision *sql.Stmt
	put      *sql.Stmt
	putMany  *sql.Stmt
	heard    *sql.Stmt
	returned *sql.Stmt
}

// many is how many rows putMany puts at once: to run a statement takes longer than to put a row.
const many = 7

// rowsBefore is what is kept of a machine on the days that were chosen by the words in front.
const rowsBefore = `SELECT d.day, d.place, d.kind, d.body, p.site, p.site_group, p.use, p.simulated FROM `

func (s *statements) prepare(ctx context.Context, write, read *sql.DB, each string) error {
	for _, p := range []struct {
		into *(*sql.Stmt)
		db   *sql.DB
		text string
	}{
		{&s.machine, read, `SELECT m.id, m.use, m.class, m.os, m.cpu, m.ram, m.agent, m.enrolled_on, m.seen_on, m.site_group,
			s.id, s.organisation, s.name, s.time_zone, s.open FROM machine m JOIN site s ON s.id = m.site WHERE m.credential = ? AND m.revoked_on = ''`},
		{&s.before, write, rowsBefore + "day d JOIN place p ON p.id = d.place WHERE d.day = ? AND d.machine = ?"},
		{&s.several, write, rowsBefore + each + " CROSS JOIN day d JOIN place p ON p.id = d.place WHERE d.day = j.value AND d.machine = ?"},
		{&s.revision, write, "SELECT last FROM revision"},
		{&s.put, write, putRows(1)},
		{&s.putMany, write, putRows(many)},
		{&s.heard, write, `UPDATE machine SET kept = kept + ?1, seen_on = CASE WHEN seen_on < ?2 THEN ?2 ELSE seen_on END, apart = (SELECT max(id) FROM machine)
			WHERE id = ?3 AND kept >= ?4 AND use = ?5 AND replaced_by IS NULL RETURNING kept - ?1`},
		{&s.returned, write, `UPDATE machine SET kept = kept + ?1, seen_on = CASE WHEN seen_on < ?2 THEN ?2 ELSE seen_on END, replaced_by = NULL,
			apart = (SELECT max(id) FROM machine) WHERE id = ?3 AND kept >= ?4 AND use = ?5 RETURNING kept - ?1`},
	} {
		stmt, err := p.db.PrepareContext(ctx, p.text) //nolint:sqlclosecheck // close does
		if err != nil {
			return errors.Join(fmt.Errorf("prepare a statement: %w", err), s.close())
		}
		*p.into = stmt
	}
	return nil
}

// putRows puts so many rows of days, in the place of those that are there.
func putRows(n int) string {
	return "INSERT INTO day (day, machine, place, kind, revision, body) VALUES (?, ?, ?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?, ?, ?)", n-1) +
		" ON CONFLICT (day, machine, place) DO UPDATE SET kind = excluded.kind, revision = excluded.revision, body = excluded.body"
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{s.machine, s.before, s.several, s.revision, s.put, s.putMany, s.heard, s.returned} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}
