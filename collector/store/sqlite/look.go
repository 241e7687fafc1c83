package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	driver "modernc.org/sqlite"

	"veille/collector/store/relational"
)

// Look tells the version of a file, and whether the structure of its pages is sound: it reads the whole file, and no row of it. It changes nothing, and
// no file comes to be beside it where nobody uses the database. See Check for all the rest.
func Look(ctx context.Context, name string) (l relational.Looked, err error) {
	known, err := steps()
	if err != nil {
		return l, err
	}
	alone := !logged(name)
	l.Known = len(known)
	err = looked(ctx, name, &l)
	if alone && logged(name) && (err != nil || l.Problems != nil) { // somebody began to write meanwhile: what was read may be half of it
		l = relational.Looked{Known: len(known)}
		err = looked(ctx, name, &l)
	}
	return l, err
}

func looked(ctx context.Context, name string, l *relational.Looked) error {
	db, err := still(ctx, name, &l.Version)
	if err != nil {
		return fmt.Errorf("look at %s: %w", name, err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table'").Scan(&l.Tables); err != nil {
		return fmt.Errorf("look at %s: %w", name, err)
	}
	var f relational.Findings
	err = answers(ctx, db, &f, fmt.Sprintf("PRAGMA quick_check(%d)", mostProblems))
	if _, said := errors.AsType[*driver.Error](err); said && ctx.Err() == nil {
		f.Problems, err = append(f.Problems, "SQLite says: "+err.Error()), nil
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", name, err)
	}
	l.Problems = f.Problems
	return nil
}

// Read opens a ledger for those who only read, and changes nothing: what would write answers an error. Its tables must have the version that this
// program knows: see Look.
func Read(ctx context.Context, name string) (*relational.Store, error) {
	known, err := steps()
	if err != nil {
		return nil, err
	}
	version := 0
	db, err := still(ctx, name, &version)
	if err != nil {
		return nil, fmt.Errorf("read the database %s: %w", name, err)
	}
	if version != len(known) {
		return nil, errors.Join(fmt.Errorf("read the database %s: it has version %d, this program reads %d", name, version, len(known)), db.Close())
	}
	store, err := relational.New(ctx, &engine{name: name, write: db, read: db})
	if err != nil {
		return nil, fmt.Errorf("read the database %s: %w", name, err)
	}
	return store, nil
}

// still opens a database that is not to be changed. Where no log is beside it nobody has it open, and it is read as a file that nobody changes: else
// SQLite would make one, and leave it there.
func still(ctx context.Context, name string, version *int) (*sql.DB, error) {
	f, err := os.Open(name) // SQLite's own message does not say why it cannot
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	if logged(name) {
		return toRead(ctx, name, version)
	}
	db, err := sql.Open("sqlite", readOnly(name)+"&immutable=1")
	if err != nil {
		return nil, err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(version); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: it is no SQLite database, or its first page is damaged", err), db.Close())
	}
	return db, nil
}

// logged tells whether a log of writes is beside a database.
func logged(name string) bool {
	for _, end := range []string{"-wal", "-journal"} {
		if _, err := os.Stat(name + end); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}
