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
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'writing' UNION ALL SELECT 'version ' || version FROM writing`)
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

// A row of an index takes 2,704 bytes. A text that may be longer stands in one as its digest only; these cannot.
func TestNoTextThatMayBeLongStandsInAnIndexAsItIs(t *testing.T) {
	url := shared.Database(t)
	open(t, url)
	short := map[string]string{
		"machine.use": "a word of ours", "place.use": "a word of ours", "machine.class": "a word of ours", "machine.cpu": "a word of ours", "machine.ram": "a word of ours", "group_day.class": "a word of ours",
		"fixed_month.class": "a word of ours", "web_method.mode": "a word of ours", "website.kind": "a word of ours", "equipment.class": "a word of ours", "equipment.way": "a word of ours",
		"equipment.state": "a word of ours", "equipment.end": "a word of ours", "quantity.name": "a word of ours", "tombstone.gone": "a word of ours",
		"price.from_month": "a month", "equipment.bought": "a month", "equipment.left_month": "a month", "quantity.from_month": "a month", "quantity.to_month": "a month",
		"meter_day.date": "a date", "meter_reading.from_date": "a date", "meter_reading.to_date": "a date",
		"factor.id": "up to 62 bytes", "template.id": "up to 40 bytes", "remark.about": "an id", "evidence.about": "an id", "meter_reading.meter": "a line of up to 300 bytes",
		"meter.tag_values": "up to 200 bytes", "quarantine.date": "up to 64 bytes", "snapshot.sha256": "64 digits", "key_print.name": "a file of ours", "lease.job": "a job, and at most a destination",
		"outbox_position.destination": "an address of a command line", "outbox_position.stream": "a word of ours", "outbox_delivery.destination": "an address of a command line",
		"outbox_refused.destination": "an address of a command line", "point.measurement": "nobody writes points into it any more", "point.tags": "as before", "point.field": "as before",
	}
	for _, x := range column(t, url, `SELECT DISTINCT c.relname || '.' || a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid AND x.relam = (SELECT oid FROM pg_am WHERE amname = 'btree')
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE c.relnamespace = 'public'::regnamespace AND a.atttypid = 'text'::regtype`) {
		if short[x] == "" {
			t.Errorf("%s is in an index as it is: say here why it is short, or put digest_of(…) into the index", x)
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
