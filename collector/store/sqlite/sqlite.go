// Package sqlite keeps a ledger in one SQLite file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // in pure Go

	"veille/collector/store/relational"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the file, makes it where it is missing, and brings its tables up to date. The folder must exist. Several
// processes may have the same file open.
func Open(ctx context.Context, name string) (*relational.Store, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) // SQLite's own message does not say why it cannot
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write, err := sql.Open("sqlite", source(name, "&_txlock=immediate&_pragma=secure_delete(1)&_pragma=journal_size_limit(67108864)&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)"))
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", name, err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", name, err), write.Close())
	}
	read, err := sql.Open("sqlite", source(name, "&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", name, err), write.Close())
	}
	read.SetMaxOpenConns(max(2, runtime.NumCPU()))
	store, err := relational.New(ctx, &engine{name: name, write: write, read: read})
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", name, err)
	}
	return store, nil
}

// source names the file with the settings every connection has: a write-ahead log that is synced at each commit. The one that writes
// overwrites what it deletes, and brings 16 MB of the log to the file at once: a page that many machines write to is then written once.
func source(name, more string) string {
	return address(name) + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" + more
}

// readOnly names the file for those who change nothing of it, not even how it is written to.
func readOnly(name string) string { return address(name) + "?mode=ro&_pragma=busy_timeout(5000)" }

// address is the name of a file as a URI.
func address(name string) string {
	absolute, err := filepath.Abs(name)
	if err != nil {
		absolute = name
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}
	return u.String()
}

// migrate runs the numbered files that the database has not seen, each in one transaction.
func migrate(ctx context.Context, db *sql.DB) error {
	names, err := steps()
	if err != nil {
		return err
	}
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read its version: %w; is it a Veille database?", err)
	}
	if version > len(names) {
		return fmt.Errorf("it has version %d, this program knows %d: use the newer program", version, len(names))
	}
	for i := version; i < len(names); i++ {
		text, err := migrations.ReadFile(names[i])
		if err != nil {
			return fmt.Errorf("read %s: %w", names[i], err)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		// Another process may have been here first; its transaction is over when this one begins.
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err == nil && version == i {
			if err := step(ctx, tx, i+1, string(text)); err != nil {
				return errors.Join(fmt.Errorf("migrate by %s: %w", names[i], err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("migrate by %s: %w", names[i], err)
		}
	}
	return nil
}

// Behind tells whether a database is of an earlier version, whose tables Open would change: not where there is none yet.
func Behind(ctx context.Context, name string) (bool, error) {
	names, err := steps()
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	version := 0
	db, err := toRead(ctx, name, &version)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return false, fmt.Errorf("read the version of %s: %w", name, err)
	}
	return version > 0 && version < len(names), nil
}

// steps are the files of the migrations, one for each version of the tables that this program knows.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	return names, nil
}

// step brings the tables to a version, by its file, and by what no SQL can do.
func step(ctx context.Context, tx *sql.Tx, version int, text string) error {
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	if err := relational.Upgrade(ctx, tx, version); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}
