package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Backup writes a whole copy of the database to a new file while others read and write: what was on disk when it began. The copy is
// complete under its name, or not there at all. Keys are not in it: they are in files of their own. Nor are sessions and invitations: kept for
// years, backups would tell who had signed in on which days.
func (s *Store) Backup(ctx context.Context, name string) error {
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: choose another name, or take it away first", name)
	}
	part := name + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a backup that was cut short
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // so that it is never readable by others
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	err = copyTo(ctx, source(s.name, ""), part)
	if err == nil {
		err = endEverySession(ctx, part)
	}
	if err == nil {
		err = os.Rename(part, name)
	}
	if err == nil {
		err = syncFile(filepath.Dir(name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", name, err), os.Remove(part))
	}
	return nil
}

// copyTo copies a database, with what is in its log, to an empty file, and brings that to the disk. from is as source or readOnly say: a
// connection of its own, since those that read may write nothing.
func copyTo(ctx context.Context, from, name string) error {
	db, err := sql.Open("sqlite", from)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", name)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return syncFile(name)
}

// syncFile brings a file, or the names in a folder, to the disk.
func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

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

// Check reads the whole file: the structure of each page, the links between tables, and the checksum of each day, roll-up, run and
// audit of a website, and that what persons have said is such as may be said, kept reports and baselines included. It changes nothing; the collector may be running. progress is told how many rows were read, of how many; nil: nobody is.
func Check(ctx context.Context, name string, progress func(done, of int)) (f Findings, err error) {
	file, err := os.Open(name) // SQLite's own message does not say why it cannot
	if err != nil {
		return f, fmt.Errorf("check the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return f, fmt.Errorf("check the database: %w", err)
	}
	db, err := toRead(ctx, name, &f.Version)
	if err != nil {
		return f, fmt.Errorf("check %s: %w", name, err)
	}
	defer func() { _ = db.Close() }()
	c := checking{db: db, words: newWords(), findings: &f, progress: progress}
	for _, step := range []func(context.Context) error{c.structure, c.days, c.rollUps, c.fixed, c.websites, c.said} {
		if err := step(ctx); err != nil {
			if ctx.Err() != nil {
				return f, fmt.Errorf("check %s: %w", name, err)
			}
			f.Problems = append(f.Problems, err.Error())
		}
	}
	return f, nil
}

// toRead opens a database that is not to be changed, and reads its version. To share it with others SQLite writes beside it; where it
// cannot, because the disk or the folder is read-only, it is read as a file that nobody changes, unless there is a log beside it.
func toRead(ctx context.Context, name string, version *int) (db *sql.DB, err error) {
	for _, more := range []string{"", "&immutable=1"} {
		if db, err = sql.Open("sqlite", readOnly(name)+more); err != nil {
			return nil, err
		}
		err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(version)
		if err == nil {
			return db, nil
		}
		_ = db.Close()
		if e, ok := errors.AsType[*driver.Error](err); !ok || e.Code()&0xff != lib.SQLITE_CANTOPEN {
			return nil, fmt.Errorf("%w: it is no SQLite database, or its first page is damaged", err)
		}
		if _, wrong := os.Stat(name + "-wal"); wrong == nil {
			return nil, fmt.Errorf("%w: it has a log of writes beside it (-wal), and its folder cannot be written to: copy both to another folder, and check them there", err)
		}
	}
	return nil, err
}

// checking is one run of Check.
type checking struct {
	db       *sql.DB
	words    words
	findings *Findings
	progress func(done, of int)
}

func (c checking) structure(ctx context.Context) error {
	for _, pragma := range []string{fmt.Sprintf("integrity_check(%d)", mostProblems), "foreign_key_check"} {
		if err := c.answers(ctx, "PRAGMA "+pragma); err != nil {
			return fmt.Errorf("check the pages: %w", err)
		}
	}
	if c.findings.Version >= versionOfDays {
		return c.db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM machine), (SELECT count(*) FROM day)").Scan(&c.findings.Machines, &c.findings.Days)
	}
	return nil
}

// answers takes each row that is not "ok" for a problem.
func (c checking) answers(ctx context.Context, pragma string) error {
	rows, err := c.db.QueryContext(ctx, pragma)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for n := 0; rows.Next() && n < mostProblems; n++ {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = v.String
		}
		if text := strings.Join(words, " "); text != "ok" {
			c.findings.Problems = append(c.findings.Problems, "SQLite says: "+text)
		}
	}
	return rows.Err()
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

// Restore puts a backup in the place of the database, which nobody may have open. What was there stays beside it, under the name that
// it answers; "" where there was nothing. A backup in which Check finds a problem is refused. Sessions and invitations do not come back,
// which backups of older programs have: some may have been ended since.
func Restore(ctx context.Context, backup, name string) (before string, err error) {
	f, err := Check(ctx, backup, nil)
	if err != nil {
		return "", err
	}
	if known, err := steps(); err != nil || f.Version < 1 || f.Version > len(known) {
		return "", errors.Join(err, fmt.Errorf("%s has version %d, this program knows 1 to %d: use the program that made it, or a newer one", backup, f.Version, len(known)))
	}
	if len(f.Problems) > 0 {
		return "", fmt.Errorf("%s is damaged: %s; use another backup", backup, f.Problems[0])
	}
	part := name + ".part"
	err = copyWhole(ctx, backup, part)
	if err == nil && f.Version >= versionOfBooks {
		err = endEverySession(ctx, part)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("copy the backup: %w", err), os.Remove(part))
	}
	if err := unused(ctx, name); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	if before, err = setAside(name); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, name); err != nil {
		return before, fmt.Errorf("put the backup in place: %w", err)
	}
	return before, syncFile(filepath.Dir(name))
}

// endEverySession ends all sessions of a database that nobody has open, and takes back all invitations. What they were is overwritten in the
// file, and is in no journal beside it: where this is cut short, the file is of no use.
func endEverySession(ctx context.Context, name string) error {
	db, err := sql.Open("sqlite", address(name)+"?_pragma=secure_delete(1)&_pragma=journal_mode(MEMORY)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "DELETE FROM session; DELETE FROM invitation")
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	return syncFile(name)
}

// unused is an error when another program has the database open: renamed under its hands, what it writes would be lost. The log of a
// database that nobody uses becomes part of it. One that is damaged is taken as it is.
func unused(ctx context.Context, name string) error {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := sql.Open("sqlite", address(name)+"?_pragma=busy_timeout(1000)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode=DELETE")
	err = errors.Join(err, db.Close())
	if e, ok := errors.AsType[*driver.Error](err); ok && e.Code()&0xff == lib.SQLITE_BUSY {
		return fmt.Errorf("%s is used by another program: wait until it has ended, or end it", name)
	}
	return nil
}

// setAside renames a database and its logs, which belong to it. Where there is none, logs that one has left are set aside too: they
// would be taken for those of the next.
func setAside(name string) (before string, err error) {
	found := false
	for _, end := range []string{"", "-wal", "-shm"} {
		_, err := os.Stat(name + end)
		found = found || !errors.Is(err, fs.ErrNotExist)
	}
	if !found {
		return "", nil
	}
	for n := 1; ; n++ {
		before = fmt.Sprintf("%s.before-%d", name, n)
		if _, err := os.Stat(before); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	for _, end := range []string{"-wal", "-shm", ""} { // the database last: until then it is where it was
		if err := os.Rename(name+end, before+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("set the database aside: %w", err)
		}
	}
	return before, nil
}

// copyWhole copies a database with what is in its log.
func copyWhole(ctx context.Context, from, to string) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return err
	}
	return copyTo(ctx, readOnly(from), to)
}
