package relational_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"

	"veille/collector/store/postgres"
)

// pool is databases that no test uses now. To make one takes longer than most tests do, so they are emptied and used again.
type pool struct {
	mu    sync.Mutex
	free  []string // addresses
	shape string   // of a database that is as the store makes it
	rows  string   // fills its tables as the store does, once they are empty
}

// lasting is a test that does not clean up.
type lasting struct{ testing.TB }

// Cleanup leaves everything to the end of the server.
func (lasting) Cleanup(func()) {}

// one is the address of an empty database, until the test ends.
func (p *pool) one(t testing.TB) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var url string
	if n := len(p.free) - 1; n >= 0 {
		url, p.free = p.free[n], p.free[:n]
	} else {
		url = server.Prepared(lasting{t}, "ledger", func(url string) error {
			s, err := postgres.Open(context.Background(), url)
			if err != nil {
				return err
			}
			return s.Close()
		})
		if p.shape == "" {
			p.learn(t, url)
		}
	}
	t.Cleanup(func() { p.back(t, url) })
	return url
}

// shape is a query for all that a database is made of, but for rows.
const shape = `SELECT coalesce(string_agg(x, ' ' ORDER BY x), '') FROM (
	SELECT relkind::text || relname::text AS x FROM pg_class WHERE relnamespace = current_schema()::regnamespace
	UNION ALL SELECT attrelid::regclass::text || '.' || attname::text || atttypid::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = current_schema()::regnamespace
	UNION ALL SELECT tgname::text || tgenabled::text FROM pg_trigger UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
	UNION ALL SELECT conname::text FROM pg_constraint WHERE connamespace = current_schema()::regnamespace) AS shape`

// empty empties all tables, past triggers and keys, and lets their numbers begin anew.
const empty = `DO 'DECLARE r record; BEGIN
	SET LOCAL session_replication_role = replica;
	FOR r IN SELECT relname FROM pg_class WHERE relkind = ''r'' AND relnamespace = current_schema()::regnamespace LOOP EXECUTE format(''DELETE FROM %I'', r.relname); END LOOP;
	PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = ''S'' AND relnamespace = current_schema()::regnamespace;
END';`

// learn remembers how a new database is.
func (p *pool) learn(t testing.TB, url string) {
	t.Helper()
	db := inDatabase(url).past(t)
	if err := db.QueryRowContext(t.Context(), shape).Scan(&p.shape); err != nil {
		t.Fatal(err)
	}
	tables, err := db.QueryContext(t.Context(), "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY oid")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tables.Close() }()
	for tables.Next() {
		var table string
		var rows sql.NullString
		if err := tables.Scan(&table); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT quote_literal(json_agg(x)::text) FROM "%s" AS x`, table)).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if rows.Valid {
			p.rows += fmt.Sprintf(`INSERT INTO "%s" SELECT * FROM json_populate_recordset(NULL::"%s", %s);`, table, table, rows.String)
		}
	}
	if err := tables.Err(); err != nil {
		t.Fatal(err)
	}
}

// back empties a database for the next test, unless this one has changed more than rows.
func (p *pool) back(t testing.TB, url string) {
	t.Helper()
	ctx := context.Background() // that of the test has ended
	at := inDatabase(url)
	db, err := sql.Open(at.driver, at.source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var now string
	if err := db.QueryRowContext(ctx, shape).Scan(&now); err != nil || now != p.shape {
		return
	}
	if _, err := db.ExecContext(ctx, empty+p.rows); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, url)
}
