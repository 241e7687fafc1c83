package relational_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// engine is a kind of database that a ledger is kept in. The tests of this package are run on each.
type engine struct {
	name  string
	empty func(testing.TB) place // makes an empty database
}

// each runs a test on an empty database of each engine.
func each(t *testing.T, test func(*testing.T, place)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			test(t, e.place(t))
		})
	}
}

// eachBench runs a benchmark on an empty database of each engine.
func eachBench(b *testing.B, bench func(*testing.B, place)) {
	b.Helper()
	for _, e := range engines() {
		b.Run(e.name, func(b *testing.B) { bench(b, e.place(b)) })
	}
}

func (e engine) place(t testing.TB) place {
	t.Helper()
	at := e.empty(t)
	at.engine = e
	return at
}

// place is where a ledger is: a test can open it, as several programs can at once, and look at it past the store.
type place struct {
	engine engine
	store  func(context.Context) (*relational.Store, error)
	driver string // of database/sql
	source string // of the database, for that driver
	check  func(context.Context) (relational.Findings, error)
	// names is a query for the names of all tables, and hidden is what the engine adds to each row of a table that could tell their order.
	names    string
	hidden   string
	blob     string // how bytes are written, with %s for them in hexadecimal
	refuse   string // lets a table, %s, take no more rows
	take     string // lets it take rows again
	force    string // before a statement, lets it do what triggers and keys forbid
	locked   string // locks the database so that nobody else writes until the transaction ends; empty: to begin one is enough
	restless bool   // rows lie in the order in which they came until a night has passed
	// readable is all that can be read of the database by one who has it.
	readable func(testing.TB) string
}

// another is another empty database of the same engine.
func (at place) another(t testing.TB) place {
	t.Helper()
	return at.engine.place(t)
}

// open opens the ledger. The test closes it at its end, if it is still open.
func (at place) open(t testing.TB) *relational.Store {
	t.Helper()
	s, err := at.store(context.WithoutCancel(t.Context()))
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

// past is the database without the ledger.
func (at place) past(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(at.driver, at.source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// raw runs statements past the store, on a connection of its own.
func (at place) raw(t testing.TB, text string) error {
	t.Helper()
	db := at.past(t)
	_, err := db.ExecContext(t.Context(), text)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return err
}

// forced runs statements that nobody could run by mistake: past the triggers and the keys of the database.
func (at place) forced(t testing.TB, text string) error {
	t.Helper()
	return at.raw(t, at.force+text)
}

// noMore lets a table take no more rows, and again lets it take some.
func (at place) noMore(t testing.TB, table string) {
	t.Helper()
	if err := at.raw(t, strings.ReplaceAll(at.refuse, "%s", table)); err != nil {
		t.Fatal(err)
	}
}

func (at place) again(t testing.TB, table string) {
	t.Helper()
	if err := at.raw(t, strings.ReplaceAll(at.take, "%s", table)); err != nil {
		t.Fatal(err)
	}
}

// lock lets nobody else write until it is released.
func (at place) lock(t testing.TB) (release func()) {
	t.Helper()
	db := at.past(t)
	tx, err := db.BeginTx(t.Context(), nil)
	if err == nil && at.locked != "" {
		_, err = tx.ExecContext(t.Context(), at.locked)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = errors.Join(tx.Rollback(), db.Close()) }
}

// sleep lets a night pass, where rows lie in the order in which they came until then.
func (at place) sleep(t testing.TB, s *relational.Store) {
	t.Helper()
	if !at.restless {
		return
	}
	if _, err := s.Finish(t.Context(), collector.Run{On: "2026-11-23"}, collector.Horizon{}); err != nil {
		t.Fatal(err)
	}
}

// bytes is how bytes are written in SQL.
func (at place) bytes(b ...byte) string { return fmt.Sprintf(at.blob, hex.EncodeToString(b)) }

// found is what Check finds.
func (at place) found(t testing.TB) relational.Findings {
	t.Helper()
	f, err := at.check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// table is the rows of a table, or of a query in brackets with a name, each column so that it sorts as the engine sorts it.
func (at place) table(t testing.TB, db *sql.DB, name string) (columns []string, rows [][]string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), "SELECT "+at.hidden+"* FROM "+name)
	if err != nil { // it has none
		if found, err = db.QueryContext(t.Context(), "SELECT * FROM "+name); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { _ = found.Close() }()
	if columns, err = found.Columns(); err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = fmt.Sprint(v)
			switch v := v.(type) {
			case int64:
				row[i] = sorted(v)
			case []byte:
				row[i] = string(v)
			}
		}
		rows = append(rows, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return columns, rows
}

// sorted is a number as text that sorts as numbers do.
func sorted(n int64) string { return fmt.Sprintf("%020d", uint64(n)+1<<63) }

// tables are the names of all tables.
func (at place) tables(t testing.TB, db *sql.DB) (names []string) {
	t.Helper()
	_, rows := at.table(t, db, "("+at.names+") AS x")
	for _, row := range rows {
		names = append(names, row[len(row)-1])
	}
	slices.Sort(names)
	return names
}

// counts is how many rows each table has.
func (at place) counts(t testing.TB) map[string]int {
	t.Helper()
	db := at.past(t)
	var parts []string
	for _, name := range at.tables(t, db) {
		parts = append(parts, fmt.Sprintf(`SELECT '%s', count(*) FROM "%s"`, name, name))
	}
	rows, err := db.QueryContext(t.Context(), strings.Join(parts, " UNION ALL "))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(rows.Close(), db.Close()) }()
	all := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		all[name] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// rows are all rows of all tables but some, as text.
func (at place) rows(t testing.TB, db *sql.DB, but ...string) string {
	t.Helper()
	var text strings.Builder
	for _, name := range at.tables(t, db) {
		if !slices.Contains(but, name) {
			_, rows := at.table(t, db, `"`+name+`"`)
			fmt.Fprintln(&text, name, rows)
		}
	}
	return text.String()
}
