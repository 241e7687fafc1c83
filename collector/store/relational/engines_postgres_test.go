package relational_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"testing"

	servers "veille/collector/store/engines"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
)

// server is the PostgreSQL of all tests of this package, and databases are its databases.
var (
	server    *servers.PostgreSQL
	databases pool
)

func TestMain(m *testing.M) {
	sql.Register("veille-postgres", postgres.Driver{})
	var err error
	if server, err = servers.StartPostgres(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// engines is what a ledger is kept in.
func engines() []engine {
	return []engine{{"sqlite", inAFile}, {"postgres", onAServer}}
}

// onAServer is an empty database of the server.
func onAServer(t testing.TB) place {
	t.Helper()
	return inDatabase(databases.one(t))
}

func inDatabase(url string) place {
	at := place{
		store:  func(ctx context.Context) (*relational.Store, error) { return postgres.Open(ctx, url) },
		driver: "veille-postgres", source: url,
		// writing is who wrote last, whoever that was
		names:  "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> 'writing'",
		hidden: "lpad((ctid::text::point)[0]::text, 10, '0') || lpad((ctid::text::point)[1]::text, 10, '0') AS hidden, lpad(xmin::text, 10, '0') AS hidden_writer, ",
		blob:   `'\x%s'::bytea`,
		refuse: "CREATE FUNCTION no_more_%s() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''full''; END'; CREATE TRIGGER no_more BEFORE INSERT ON %s EXECUTE FUNCTION no_more_%s()",
		take:   "DROP TRIGGER no_more ON %s; DROP FUNCTION no_more_%s()",
		force:  "SET session_replication_role = replica;",
		locked: "UPDATE writing SET writer = writer", restless: true,
	}
	at.check = func(ctx context.Context) (f relational.Findings, err error) {
		db, err := sql.Open(at.driver, at.source)
		if err != nil {
			return f, err
		}
		if err = db.QueryRowContext(ctx, "SELECT version FROM writing").Scan(&f.Version); err == nil {
			err = relational.Check(ctx, db, &f, nil)
		}
		return f, errors.Join(err, db.Close())
	}
	// What is in the files of the server only its administrator can read.
	at.readable = func(t testing.TB) string { t.Helper(); return at.rows(t, at.past(t)) }
	return at
}
