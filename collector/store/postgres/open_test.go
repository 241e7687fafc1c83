package postgres_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"veille/collector/store/engines"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
)

// shared is the PostgreSQL of all tests that neither end it nor change how it is set up.
var shared *engines.PostgreSQL

func TestMain(m *testing.M) {
	os.Exit(withServer(m))
}

func withServer(m *testing.M) (code int) {
	var err error
	if shared, err = engines.StartPostgres(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := shared.Close(); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	return m.Run()
}

// server is one that a test sets up for itself.
type server struct{ *engines.PostgreSQL }

// run runs a statement past the ledger.
func run(t *testing.T, url, text string) {
	t.Helper()
	if err := tryRun(t.Context(), url, text); err != nil {
		t.Fatal(err)
	}
}

func tryRun(ctx context.Context, url, text string) error {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }()
	_, err = db.Exec(ctx, text)
	return err
}

func open(t *testing.T, url string) *relational.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// withPassword makes a user who needs a password from here on.
func (p server) withPassword(t *testing.T) (url string) {
	t.Helper()
	url = p.Database(t)
	run(t, url, "CREATE USER guarded PASSWORD 'right-5tTz'")
	run(t, url, "GRANT ALL ON SCHEMA public TO guarded")
	hba := p.Dir + "/data/pg_hba.conf"
	was, err := os.ReadFile(hba)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hba, append([]byte("host all guarded 127.0.0.1/32 scram-sha-256\n"), was...), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, url, "SELECT pg_reload_conf()")
	return url
}

func TestWhatKeepsALedgerFromBeingOpenedIsSaidWithoutThePassword(t *testing.T) {
	p := server{engines.Postgres(t)}
	url := p.withPassword(t)
	guarded := func(password string) string {
		return strings.Replace(url, "veille@", "guarded:"+password+"@", 1)
	}
	nobody, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := nobody.Addr().String()
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	newer := p.Database(t)
	open(t, newer)
	run(t, newer, "UPDATE writing SET version = 999")
	latin := "veille_latin"
	run(t, url, "CREATE DATABASE "+latin+" TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'")
	for name, x := range map[string]struct{ url, want string }{
		"wrong password":   {guarded("wrong-7xQq"), "the server refuses the password of user guarded"},
		"no such user":     {strings.Replace(url, "veille@", "stranger:wrong-7xQq@", 1), `role "stranger" does not exist`},
		"no such database": {p.URL("nowhere"), "there is no database nowhere: make it by createdb --owner veille"},
		"nobody listens":   {strings.Replace(url, p.Address, silent, 1), "nobody listens at " + silent},
		"no such machine":  {"postgres://veille:wrong-7xQq@nowhere.invalid/veille", "nowhere.invalid"},
		"no TLS there":     {strings.Replace(url, "sslmode=disable", "sslmode=require", 1), "the server has no TLS"},
		"newer tables":     {newer, "a newer program has changed the tables of the ledger: use that program here too: its tables have version 999, this program knows"},
		"another encoding": {p.URL(latin), "the database has encoding LATIN1, and UTF8 is needed"},
		"another scheme":   {"mysql://veille:wrong-7xQq@127.0.0.1/veille", "write it as postgres://USER@HOST"},
		"half an address":  {"postgres://veille:wrong-7xQq#@127.0.0.1/veille", "write it as postgres://USER@HOST"},
		"no such schema":   {url + "&search_path=ours", "the database has no schema ours, in which the tables are to be: make it by CREATE SCHEMA ours"},
		"two schemas":      {url + "&search_path=a,b", "give one schema"},
		"another answer":   {url + "&options=-c%20work_mem%3Dmuch", `(22023): mend that there, where its log says more, and try again`},
		"a wrong setting":  {"postgres://veille:wrong-7xQq@127.0.0.1/veille?sslmode=wrong", "sslmode"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := postgres.Open(t.Context(), x.url)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), x.want) {
				t.Errorf("%v; want %q", err, x.want)
			}
			if strings.Contains(fmt.Sprintf("%v %s", err, err), "wrong-7xQq") {
				t.Errorf("the password is said: %v", err)
			}
		})
	}
	s, err := postgres.Open(t.Context(), guarded("right-5tTz"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Setenv("PGPASSWORD", "right-5tTz")
	open(t, strings.Replace(url, "veille@", "guarded@", 1))
	if !postgres.Secret(guarded("right-5tTz")) || !postgres.Secret(url+"&password=x") || postgres.Secret(url) {
		t.Error("addresses with a password are not told from those without")
	}
}

func TestAServerThatMayLoseWhatItAcknowledgesIsRefused(t *testing.T) {
	p := engines.Postgres(t)
	url := p.Database(t)
	for setting, text := range map[string]string{"fsync": "the server has fsync off", "full_page_writes": "full_page_writes off"} {
		run(t, url, "ALTER SYSTEM SET "+setting+" = off")
		run(t, url, "SELECT pg_reload_conf()")
		s, err := postgres.Open(t.Context(), url)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s off: %v", setting, err)
		}
		run(t, url, "ALTER SYSTEM RESET "+setting)
		run(t, url, "SELECT pg_reload_conf()")
	}
	run(t, url, "ALTER DATABASE "+named(url)+" SET synchronous_commit = off")
	s := open(t, url)
	if _, err := s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris"); err != nil {
		t.Fatal(err)
	}
	var waits string
	if err := postgres.Writing(t.Context(), url, "SELECT current_setting('synchronous_commit')", &waits); err != nil || waits != "on" {
		t.Errorf("commits are %q, %v; want them on disk before they are acknowledged", waits, err)
	}
}

// named is the name of the database of an address.
func named(url string) string { return url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")] }

func TestAServerThatKeepsTheMomentOfEachWriteIsRefused(t *testing.T) {
	p := engines.Postgres(t)
	url := p.Database(t)
	open(t, url)
	run(t, url, "ALTER SYSTEM SET track_commit_timestamp = on")
	p.Kill()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "the server has track_commit_timestamp on") || !strings.Contains(err.Error(), "set it to off in postgresql.conf") {
		t.Errorf("%v", err)
	}
}

func TestTablesAreFoundWhereTheyAreWhateverTheServerWouldLookThrough(t *testing.T) {
	url := shared.Database(t)
	s := open(t, url)
	enrolled(t, s, 1)
	run(t, url, "CREATE SCHEMA before; CREATE SCHEMA veille; CREATE TABLE before.site (LIKE site); CREATE TABLE veille.machine (LIKE machine); ALTER DATABASE "+named(url)+" SET search_path = before, public")
	if sites, err := open(t, url).Sites(t.Context()); err != nil || len(sites) != 1 {
		t.Errorf("%d sites, %v", len(sites), err)
	}
	if _, err := postgres.Open(t.Context(), url+"&search_path=before"); err == nil || !strings.Contains(err.Error(), `relation "site" already exists`) {
		t.Errorf("where somebody else has a table: %v", err)
	}
	sound(t, url, 0)
}

func TestASchemaOfItsOwnKeepsALedgerApart(t *testing.T) {
	url := shared.Database(t)
	run(t, url, "CREATE SCHEMA ours")
	enrolled(t, open(t, url+"&search_path=ours"), 2)
	if where := column(t, url, "SELECT DISTINCT schemaname::text FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"); !slices.Equal(where, []string{"ours"}) {
		t.Errorf("there are tables in %v", where)
	}
	sound(t, url+"&search_path=ours", 0)
}

func TestABackupIsTheServersOwn(t *testing.T) {
	p := server{engines.Postgres(t)}
	url := p.withPassword(t)
	s := open(t, strings.Replace(url, "veille@", "guarded:right-5tTz@", 1))
	err := s.Backup(t.Context(), "/backups/of today's.dump")
	if err == nil || !strings.Contains(err.Error(), "pg_dump --format=custom --exclude-table-data=session --exclude-table-data=invitation --file='/backups/of today'\\''s.dump' --dbname=postgres://guarded@") ||
		strings.Contains(err.Error(), "right-5tTz") {
		t.Errorf("%v", err)
	}
}
