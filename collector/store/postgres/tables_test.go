package postgres_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/collector/store/sqlite"
)

func TestBothEnginesHaveTheSameTablesUnderTheSameVersion(t *testing.T) {
	url, name := shared.Database(t), filepath.Join(t.TempDir(), "veille.db")
	open(t, url)
	s, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	types := strings.NewReplacer("INTEGER", "bigint", "TEXT", "text", "REAL", "double precision", "BLOB", "bytea")
	rows, err := db.QueryContext(t.Context(), `SELECT m.name || '.' || c.name || ' ' || c.type || CASE WHEN c."notnull" OR c.pk THEN ' NOT NULL' ELSE '' END
		FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		UNION ALL SELECT 'version ' || user_version FROM pragma_user_version`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var want []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		want = append(want, types.Replace(line))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	got := column(t, url, `SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('version', 'writing') UNION ALL SELECT 'version ' || version FROM version`)
	slices.Sort(got)
	slices.Sort(want)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("SQLite has %s, and PostgreSQL has not", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("PostgreSQL has %s, and SQLite has not", line)
		}
	}
}

func TestEveryTextIsComparedByItsBytes(t *testing.T) {
	url := shared.Database(t)
	s := open(t, url)
	if by := column(t, url, "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"); len(by) > 0 {
		t.Errorf("these are compared as a language does: %v", by)
	}
	for _, name := range []string{"é", "e", "Z", "a", "f", "_", "E"} {
		if _, err := s.CreateSite(t.Context(), "Région", name, "Europe/Paris"); err != nil {
			t.Fatal(err)
		}
	}
	sites, err := s.Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, x := range sites {
		order = append(order, x.Name)
	}
	if got := fmt.Sprint(order); got != "[E Z _ a e f é]" {
		t.Errorf("sites come as %s", got)
	}
	if here := column(t, url, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['Z', 'a', 'é', 'f']) x"); here[0] == "Zafé" {
		t.Log("the server of this test sorts by bytes itself: the test sees less")
	}
}
