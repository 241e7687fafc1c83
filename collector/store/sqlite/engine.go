package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
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

// Bytes are those of the file and its log.
func (e *engine) Bytes(context.Context) (n int64, err error) {
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(e.name + end); err == nil {
			n += info.Size()
		}
	}
	return n, nil
}

// Overwrite writes what is in the write-ahead log to the file, and empties it, unless somebody reads from it just now: then it is for
// the next time.
func (e *engine) Overwrite(ctx context.Context) error {
	if _, err := e.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("empty the write-ahead log: %w", err)
	}
	return nil
}

// Close closes the file.
func (e *engine) Close() error { return errors.Join(e.read.Close(), e.write.Close()) }
