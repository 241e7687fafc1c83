package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Findings are what Check has found.
type Findings struct {
	Version  int      // of the tables
	Machines int      // enrolled
	Days     int      // rows of machine-days
	Records  int      // in them
	RollUps  int      // rows of roll-ups
	Problems []string // sentences; none: everything that can be checked is as it was written
}

// mostProblems is how many problems of one kind are named.
const mostProblems = 20

// Check reads a whole ledger of which f says the version, and adds what it finds to f: the checksum of each day, roll-up, run and audit of a
// website, and whether what persons have said is such as may be said, kept reports and baselines included. It changes nothing. progress is
// told how many rows were read, of how many; nil: nobody is.
func Check(ctx context.Context, db *sql.DB, f *Findings, progress func(done, of int)) error {
	c := checking{db: db, words: newWords(), findings: f, progress: progress}
	for _, step := range []func(context.Context) error{c.count, c.days, c.rollUps, c.fixed, c.websites, c.meters, c.said} {
		if err := step(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			f.Problems = append(f.Problems, err.Error())
		}
	}
	return nil
}

// checking is one run of Check.
type checking struct {
	db       *sql.DB
	words    words
	findings *Findings
	progress func(done, of int)
}

func (c checking) count(ctx context.Context) error {
	if c.findings.Version < versionOfDays {
		return nil
	}
	return c.db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM machine), (SELECT count(*) FROM day)").Scan(&c.findings.Machines, &c.findings.Days)
}

func (c checking) days(ctx context.Context) error {
	if c.findings.Version < versionOfDays {
		return nil
	}
	rows, err := c.db.QueryContext(ctx, "SELECT d.day, d.machine, d.place, d.body, k.id IS NOT NULL, p.id IS NOT NULL, m.id IS NOT NULL FROM day d "+
		"LEFT JOIN kind k ON k.id = d.kind LEFT JOIN place p ON p.id = d.place LEFT JOIN machine m ON m.id = d.machine")
	if err != nil {
		return fmt.Errorf("read the days: %w", err)
	}
	defer func() { _ = rows.Close() }()
	bad, done := 0, 0
	for rows.Next() {
		var k key
		var body sql.RawBytes
		var kind, place, machine bool
		if err := rows.Scan(&k.day, &k.machine, &k.place, &body, &kind, &place, &machine); err != nil {
			return fmt.Errorf("read the days: %w", err)
		}
		records, err := c.words.unpack(k, body)
		if err == nil && (!kind || !place || !machine) {
			err = errors.New("its kind, its place or its machine is missing")
		}
		if bad = c.note(bad, err, "%s of machine %d", dateOf(k.day), k.machine); err == nil {
			c.findings.Records += len(records)
		}
		if done++; c.progress != nil && done%10_000 == 0 {
			c.progress(done, c.findings.Days)
		}
	}
	return rows.Err()
}

func (c checking) rollUps(ctx context.Context) error {
	if c.findings.Version < versionOfDays {
		return nil
	}
	for _, table := range []string{"group_day", "machine_month"} {
		when := "month"
		if table == "group_day" {
			when = "day"
		}
		number := "0"
		if table == "machine_month" {
			number = "machine"
		}
		if err := c.sums(ctx, "SELECT "+when+", place, class, "+number+", body FROM "+table, table); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
	}
	return nil
}

func (c checking) sums(ctx context.Context, query, table string) error {
	rows, err := c.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for bad := 0; rows.Next(); {
		var at, place, machine int64
		var class string
		var body sql.RawBytes
		if err := rows.Scan(&at, &place, &class, &machine, &body); err != nil {
			return err
		}
		k := classKey(at, place, class)
		if machine != 0 {
			k = key{at, machine, place}
		}
		_, err := c.words.unpackSum(k, body)
		bad = c.note(bad, err, "%s, row %d, place %d, %s", table, at, place, class)
		c.findings.RollUps++
	}
	return rows.Err()
}

// note keeps a problem, unless there were many of its kind.
func (c checking) note(bad int, err error, format string, args ...any) int {
	if err == nil {
		return bad
	}
	if bad < mostProblems {
		c.findings.Problems = append(c.findings.Problems, fmt.Sprintf(format, args...)+": "+err.Error())
	}
	return bad + 1
}
