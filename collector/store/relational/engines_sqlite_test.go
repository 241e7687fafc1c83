package relational_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// inAFile is a file that does not exist yet.
func inAFile(t testing.TB) place {
	t.Helper()
	name := filepath.Join(t.TempDir(), "veille.db")
	const triggers = "snapshot_update snapshot_delete baseline_update fixed_month_stays fixed_month_is_whole"
	force := "PRAGMA foreign_keys = 0;"
	for trigger := range strings.FieldsSeq(triggers) {
		force += fmt.Sprintf("DROP TRIGGER IF EXISTS %s;", trigger)
	}
	return place{
		store:  func(ctx context.Context) (*relational.Store, error) { return sqlite.Open(ctx, name) },
		driver: "sqlite", source: "file:" + name + "?_txlock=immediate&_pragma=busy_timeout(5000)",
		check:  func(ctx context.Context) (relational.Findings, error) { return sqlite.Check(ctx, name, nil) },
		names:  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
		hidden: "rowid AS hidden, ",
		blob:   "x'%s'",
		refuse: "CREATE TRIGGER no_more_%s BEFORE INSERT ON %s BEGIN SELECT raise(ABORT, 'full'); END",
		take:   "DROP TRIGGER no_more_%s",
		force:  force,
		readable: func(t testing.TB) (all string) {
			t.Helper()
			for _, file := range []string{name, name + "-wal"} {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				all += string(text)
			}
			return all
		},
	}
}
