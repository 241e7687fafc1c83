package engines

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgreSQL is a running server of a test program, with any number of databases.
type PostgreSQL struct {
	Address string // host:port
	Dir     string // its files

	missing error // why there is none
	bin     string
	number  atomic.Int64 // of the last database

	mu      sync.Mutex
	command *exec.Cmd
	models  []string // databases that others are copied from, by the name of what prepared them
}

// pgUser is the owner of everything on the servers of tests.
const pgUser = "veille"

// StartPostgres starts a server for a whole test program: its TestMain calls it before m.Run, and Close after. Where PostgreSQL is not
// installed there is no error, and Database leaves tests out, or fails them where REQUIRE says so.
func StartPostgres() (*PostgreSQL, error) {
	bin, missing := postgresPrograms()
	p := &PostgreSQL{bin: bin, missing: missing}
	if bin == "" {
		return p, nil
	}
	var err error
	if p.Dir, err = os.MkdirTemp("", "veille-postgres-"); err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	if err := p.initialise(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.Dir))
	}
	if err := p.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.Dir))
	}
	return p, nil
}

// Postgres is a server of one test, which ends it.
func Postgres(t testing.TB) *PostgreSQL {
	t.Helper()
	p, err := StartPostgres()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	p.needed(t)
	return p
}

// postgresPrograms is the folder of the newest PostgreSQL that is installed.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errors.Join(errors.New("postgres is not here: apt-get install postgresql"), err)
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func (p *PostgreSQL) needed(t testing.TB) {
	t.Helper()
	if p.missing == nil {
		return
	}
	if required := os.Getenv("REQUIRE"); required == "all" || strings.Contains(required, "postgres") {
		t.Fatal(p.missing)
	}
	t.Skip(p.missing)
}

// initialise makes the files of a server whose own order of letters is that of a language, where it can: what is to be sorted by bytes must say
// so. Files are synced as everywhere.
func (p *PostgreSQL) initialise() error {
	if err := giveAway(p.Dir); err != nil {
		return err
	}
	argv := []string{"--pgdata", p.data(), "--username", pgUser, "--auth", "trust", "--encoding", "UTF8", "--no-sync", "--locale", "C.UTF-8"}
	var text []byte
	for _, more := range [][]string{{"--locale-provider=icu", "--icu-locale=fr"}, nil} {
		command := exec.Command(filepath.Join(p.bin, "initdb"), append(more, argv...)...) //nolint:gosec,noctx // of this test
		command.Dir = p.Dir
		asPostgres(command)
		var err error
		if text, err = command.CombinedOutput(); err == nil {
			return nil
		}
		if err := os.RemoveAll(p.data()); err != nil {
			return fmt.Errorf("make a PostgreSQL: %w", err)
		}
	}
	return fmt.Errorf("make a PostgreSQL: %s", text)
}

func (p *PostgreSQL) data() string { return filepath.Join(p.Dir, "data") }

// Start starts the server, again after Kill, on the same files and address.
func (p *PostgreSQL) Start() error {
	if p.Address == "" {
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
		p.Address = l.Addr().String()
		if err := l.Close(); err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
	}
	wrong := errors.New("it was not asked")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if err := p.launch(); err != nil { // after Kill the first ones find that their predecessor's helpers are still there
			return err
		}
		if wrong = p.do("SELECT 1"); wrong == nil {
			return nil
		}
	}
	text, _ := os.ReadFile(filepath.Join(p.Dir, "server.log"))
	p.Kill()
	return fmt.Errorf("PostgreSQL was not ready within a minute: %w\n%s", wrong, text)
}

// launch starts the program, unless it runs.
func (p *PostgreSQL) launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command != nil && !ended(p.command) {
		return nil
	}
	log, err := os.OpenFile(filepath.Join(p.Dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	host, port, err := net.SplitHostPort(p.Address)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	p.command = exec.Command(filepath.Join(p.bin, "postgres"), "-D", p.data(), "-h", host, "-p", port, "-k", "", //nolint:gosec,noctx // Kill ends it
		"-c", "max_connections=500", "-c", "shared_buffers=64MB", "-c", "max_wal_size=512MB", "-c", "autovacuum_naptime=5s")
	p.command.Dir, p.command.Stdout, p.command.Stderr = p.Dir, log, log
	asPostgres(p.command)
	if err := errors.Join(p.command.Start(), log.Close()); err != nil {
		p.command = nil
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return nil
}

// Kill ends the server as kill -9 does: at once, with nothing written that was not.
func (p *PostgreSQL) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command != nil {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
		p.command = nil
	}
}

// Close ends the server and deletes its files.
func (p *PostgreSQL) Close() error {
	if p.bin == "" {
		return nil
	}
	p.Kill()
	var err error
	for range 50 { // its helpers find out that it has ended, and write until then
		if err = os.RemoveAll(p.Dir); err == nil {
			break
		}
		<-time.After(100 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("delete the files of PostgreSQL: %w", err)
	}
	return nil
}

// URL is the address of a database, without a password: nobody needs one here.
func (p *PostgreSQL) URL(name string) string {
	return "postgres://" + pgUser + "@" + p.Address + "/" + name + "?sslmode=disable"
}

// Database makes an empty database, and answers its address. The test deletes it.
func (p *PostgreSQL) Database(t testing.TB) string {
	t.Helper()
	return p.copied(t, "template0")
}

// Prepared makes a database that is as prepare leaves one, and answers its address: prepare is called once for each of its names, and what it
// has made is copied. It has closed what it opened when it returns. The test deletes the database.
func (p *PostgreSQL) Prepared(t testing.TB, name string, prepare func(url string) error) string {
	t.Helper()
	p.needed(t)
	model := "model_" + name
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.models, model) {
		err := p.do("CREATE DATABASE " + model + " TEMPLATE template0")
		if err == nil {
			err = prepare(p.URL(model))
		}
		if err != nil {
			t.Fatal(err)
		}
		p.models = append(p.models, model)
	}
	return p.copied(t, model)
}

func (p *PostgreSQL) copied(t testing.TB, from string) string {
	t.Helper()
	p.needed(t)
	name := fmt.Sprintf("test_%d", p.number.Add(1))
	if err := p.do("CREATE DATABASE " + name + " TEMPLATE " + from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.do("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") }) // the server may be dead
	return p.URL(name)
}

// do runs a statement on a connection of its own.
func (p *PostgreSQL) do(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	_, err = db.Exec(ctx, text)
	if err := errors.Join(err, db.Close(ctx)); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}
