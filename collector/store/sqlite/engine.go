package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"veille/collector/store/relational"
)

// engine is an open file: one connection that writes, and some that read.
type engine struct {
	name        string // of the file
	write, read *sql.DB
	version     int64 // of what is in the file, when this program began its last transaction
}

func (e *engine) Write() *sql.DB { return e.write }

func (e *engine) Read() *sql.DB { return e.read }

// Begin has nothing to wait for: transactions that write begin by locking the file.
func (e *engine) Begin(ctx context.Context, tx *sql.Tx) (others bool, err error) {
	var version int64
	if err := tx.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
		return false, err
	}
	others = version != e.version
	e.version = version
	return others, nil
}

// Now is to the millisecond. Every program that has the file open is on one machine, so its clock is the database's.
func (e *engine) Now() string { return "unixepoch('subsec')" }

// Damaged knows what SQLite says of pages that are not as it wrote them.
func (e *engine) Damaged(err error) bool {
	wrong, ok := errors.AsType[*driver.Error](err)
	return ok && (wrong.Code()&0xff == lib.SQLITE_CORRUPT || wrong.Code()&0xff == lib.SQLITE_NOTADB)
}

// Trouble is whatever SQLite itself says.
func (e *engine) Trouble(err error) bool {
	_, ok := errors.AsType[*driver.Error](err)
	return ok
}

// Aborts is always false: a statement that fails undoes itself and nothing else, and after a full disk the commit fails.
func (e *engine) Aborts(error) bool { return false }

// Refusal knows the constraints of SQLite.
func (e *engine) Refusal(err error) relational.Refusal {
	wrong, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return relational.NoRefusal
	}
	switch wrong.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return relational.Taken
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return relational.Missing
	case lib.SQLITE_CONSTRAINT_CHECK, lib.SQLITE_CONSTRAINT_NOTNULL:
		return relational.Unfit
	}
	return relational.NoRefusal
}

// Gathers is nil: a statement costs no more than what it does.
func (e *engine) Gathers() *relational.Gathering { return nil }

// Each is a function of SQLite.
func (e *engine) Each() string { return "json_each(?) j" }

// Bytes are those of the file and its log.
func (e *engine) Bytes(context.Context) (n int64, err error) {
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(e.name + end); err == nil {
			n += info.Size()
		}
	}
	return n, nil
}

// Tidy has nothing to do: rows lie in the order of their keys, and no row says who wrote it.
func (e *engine) Tidy(context.Context) error { return nil }

// Overwrite writes what is in the write-ahead log to the file, and empties it, unless somebody reads from it just now: then it is for
// the next time.
func (e *engine) Overwrite(ctx context.Context) error {
	if _, err := e.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("empty the write-ahead log: %w", err)
	}
	return nil
}

// Numbers are what SQLite keeps for columns that are AUTOINCREMENT.
func (e *engine) Numbers(ctx context.Context) (last map[string]int64, err error) {
	rows, err := e.read.QueryContext(ctx, "SELECT name, seq FROM sqlite_sequence")
	if err != nil {
		return nil, fmt.Errorf("read the numbers that were given: %w", err)
	}
	defer func() { _ = rows.Close() }()
	last = map[string]int64{}
	for rows.Next() {
		var table string
		var number int64
		if err := rows.Scan(&table, &number); err != nil {
			return nil, fmt.Errorf("read the numbers that were given: %w", err)
		}
		last[table] = number
	}
	return last, rows.Err()
}

// SetNumbers writes them, where they are higher than what is there.
func (e *engine) SetNumbers(ctx context.Context, last map[string]int64) error {
	for table, number := range last {
		for _, text := range []string{
			"INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
			"UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1 AND EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)",
		} {
			if _, err := e.write.ExecContext(ctx, text, table, number); err != nil {
				return fmt.Errorf("set the numbers that were given: %w", err)
			}
		}
	}
	return nil
}

// Close closes the file.
func (e *engine) Close() error { return errors.Join(e.read.Close(), e.write.Close()) }
