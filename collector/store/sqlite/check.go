package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"veille/collector/store/relational"
)

// mostProblems is how many problems of one kind are named.
const mostProblems = 20

// Check reads the whole file: the structure of each page, the links between tables, and what relational.Check reads. It changes nothing; the
// collector may be running. progress is told how many rows were read, of how many; nil: nobody is.
func Check(ctx context.Context, name string, progress func(done, of int)) (f relational.Findings, err error) {
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
	known, err := steps()
	if err != nil {
		return f, err
	}
	if f.Version < 1 || f.Version > len(known) { // in what is empty, or not known, no mistake could be found
		return f, fmt.Errorf("check the database: %s has version %d, this program knows 1 to %d: use the program that made it, or a newer one; 0 is no ledger of Veille", name, f.Version, len(known))
	}
	if err := structure(ctx, db, &f); err != nil {
		if ctx.Err() != nil {
			return f, fmt.Errorf("check %s: %w", name, err)
		}
		f.Problems = append(f.Problems, err.Error())
	}
	if err := relational.Check(ctx, db, &f, progress); err != nil {
		return f, fmt.Errorf("check %s: %w", name, err)
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

func structure(ctx context.Context, db *sql.DB, f *relational.Findings) error {
	for _, pragma := range []string{fmt.Sprintf("integrity_check(%d)", mostProblems), "foreign_key_check"} {
		if err := answers(ctx, db, f, "PRAGMA "+pragma); err != nil {
			return fmt.Errorf("check the pages: %w", err)
		}
	}
	return nil
}

// answers takes each row that is not "ok" for a problem.
func answers(ctx context.Context, db *sql.DB, f *relational.Findings, pragma string) error {
	rows, err := db.QueryContext(ctx, pragma)
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
			f.Problems = append(f.Problems, "SQLite says: "+text)
		}
	}
	return rows.Err()
}
