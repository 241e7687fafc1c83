package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

func open(t *testing.T, name string) *relational.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func fresh(t *testing.T) *relational.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "veille #1?.db")) // a name with characters that mean something in an address
}

func second[A, B any](_ A, b B) B { return b }

func TestAFileThatIsNotOursIsRefusedAndLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte("this is not a database, and it is longer than a header would be: "+fmt.Sprint(make([]int, 200))), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(junk)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), junk); err == nil {
		t.Error("junk was opened")
	}
	if after, err := os.ReadFile(junk); err != nil || string(after) != string(before) {
		t.Error("junk was changed")
	}
	if _, err := sqlite.Open(t.Context(), filepath.Join(dir, "nowhere", "veille.db")); err == nil {
		t.Error("a file in a folder that is not there was opened")
	}
	newer := filepath.Join(dir, "newer.db")
	open(t, newer)
	db, err := sql.Open("sqlite", newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), newer); err == nil {
		t.Error("a database of a newer program was opened")
	}
}

// raw runs statements past the store.
func raw(t *testing.T, name, text string) error {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), text)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return err
}

// counts is how many rows each table has.
func counts(t *testing.T, name string) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]int{}
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		all[table] = 0
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for table := range all {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all[table] = n
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
