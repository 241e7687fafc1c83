package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/cmd/internal/command"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// stored are the databases that programs of earlier versions left: see collector/store/sqlite/recorded_test.go.
func stored(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "collector", "store", "sqlite", "testdata", "version-*.db.gz"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%q, %v", files, err)
	}
	return files
}

// rowsOf is a checksum of the rows of each table of a file, and how many there are; of the tables that are not left out.
func rowsOf(t *testing.T, name string, out ...string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+name+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all := map[string]string{}
	for _, table := range column(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('"+strings.Join(out, "', '")+"')") {
		fields := column(t, db, "SELECT 'quote(' || name || ')' FROM pragma_table_info('"+table+"')")
		rows := column(t, db, "SELECT "+strings.Join(fields, " || ',' || ")+" FROM "+table+" ORDER BY 1")
		all[table] = fmt.Sprintf("%d rows, %x", len(rows), sha256.Sum256([]byte(strings.Join(rows, "\n"))))
	}
	return all
}

func column(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// differ names the tables whose rows are not the same.
func differ(a, b map[string]string) (names []string) {
	for table, rows := range a {
		if b[table] != rows {
			names = append(names, fmt.Sprintf("%s: %s and %s", table, rows, b[table]))
		}
	}
	if len(a) != len(b) {
		names = append(names, fmt.Sprintf("%d and %d tables", len(a), len(b)))
	}
	return names
}

// stop ends a collector as systemd does.
func stop(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()); err != nil {
		t.Errorf("the collector ended with %v", err)
	}
}

// figures are those of all days that a ledger has, rolled up on a date of then, as pages and reports read them.
func figures(t *testing.T, name string) (all []string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := rollup.New(s, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler)).Run(t.Context(), "2026-11-23", rollup.Options{}); err != nil {
		t.Fatal(err)
	}
	for c, err := range s.Figures().Cells(t.Context(), 1, "2026-01-01", "2026-12-31") {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	for _, site := range []int64{1, 2} {
		months, err := s.Figures().MachineMonths(t.Context(), site, "2026-11")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range months {
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(text))
		}
	}
	return all
}

// What no upgrade and no restore keeps as it was: what is written by the day, and who was signed in.
func changing() []string {
	return []string{"audit", "session", "invitation", "run", "stale", "closed", "group_day", "machine_month", "outbox", "lease", "revision"}
}

// The program itself, as systemd starts it, brings the database of every earlier version up to date; a backup that is made while it runs comes back
// as the same ledger; and the figures are the same, from whichever version they come.
func TestServeBringsTheDatabaseOfEachVersionUpToDateAndItsBackupIsTheSameLedger(t *testing.T) {
	var first []string
	for _, file := range stored(t) {
		name := ledgertest.Unzipped(t, file)
		dir := filepath.Dir(name)
		c, at := served(t, "--data", dir, "--new-keys")
		d := ward{t, dir}.asked("--listen", at)
		for _, f := range d.Checks {
			if f.State == wrong && f.Check != "clock" && f.Found != "clock" && !strings.HasSuffix(f.Found, "clock") { // those days are long ago, when this is read
				t.Errorf("%s: %+v", file, f)
			}
		}
		copied := filepath.Join(t.TempDir(), "copy.db")
		if said := saidBy(t, "backup", "--data", dir, copied); !strings.HasPrefix(said, copied+": ") {
			t.Errorf("%s: %s", file, said)
		}
		stop(t, c)
		for _, x := range []string{name, copied} {
			if f, err := sqlite.Check(t.Context(), x, nil); err != nil || f.Problems != nil || f.Version != newestVersion(t, name) || f.Records != 21 {
				t.Errorf("%s, %s: %+v, %v", file, x, f, err)
			}
		}
		again := filepath.Join(t.TempDir(), "data")
		if said := saidBy(t, "restore", "--data", again, copied); !strings.Contains(said, "is restored") {
			t.Errorf("%s: %s", file, said)
		}
		if wrong := differ(rowsOf(t, name, changing()...), rowsOf(t, filepath.Join(again, "veille.db"), changing()...)); wrong != nil {
			t.Errorf("%s: after a backup and its restoration: %q", file, wrong)
		}
		got, restored := figures(t, name), figures(t, filepath.Join(again, "veille.db"))
		if first == nil {
			first = got
		}
		for _, other := range [][]string{first, restored} {
			if len(got) < 9 || strings.Join(got, "\n") != strings.Join(other, "\n") {
				t.Errorf("%s: the figures are\n%q\nand\n%q", file, got, other)
			}
		}
	}
}

// newestVersion is the version that this program knows.
func newestVersion(t *testing.T, name string) int {
	t.Helper()
	l, err := sqlite.Look(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return l.Known
}

// saidBy is what a command prints.
func saidBy(t *testing.T, args ...string) string {
	t.Helper()
	var text strings.Builder
	p := program(&text, &text)
	p.Stdout, p.Stderr, p.Lookup = &text, &text, func(string) (string, bool) { return "", false }
	p.Run(t.Context(), args)
	return text.String()
}

// crowded is the oldest stored database with many more machines, so that bringing it up to date takes a while.
func crowded(t *testing.T) (name string) {
	t.Helper()
	name = ledgertest.Unzipped(t, filepath.Join("..", "..", "collector", "store", "sqlite", "testdata", "version-2.db.gz"))
	runIn(ward{t, filepath.Dir(name)}, `WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1509)
			INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) SELECT i, 1, cast('p' || i AS BLOB), cast('c' || i AS BLOB), 'individual', '2026-11-22', '2026-11-22' FROM n;
		INSERT INTO record (machine, date, hour, site, covered_s, revision, body) SELECT m.id, r.date, r.hour, 1, r.covered_s, 1000 + 3 * m.id + row_number() OVER (PARTITION BY m.id ORDER BY r.date), r.body
			FROM machine m JOIN record r ON r.machine = 1 WHERE m.id >= 10;
		UPDATE revision SET last = 100000`)
	return name
}

// copyOf is a copy of a file in a folder of its own.
func copyOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(other, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return other
}

// A collector that is killed while it brings a database up to date goes on where it was when it is started again, and nothing is lost.
func TestAnUpgradeThatIsKilledAgainAndAgainLosesNothing(t *testing.T) {
	name := crowded(t)
	whole := copyOf(t, name)
	start := time.Now()
	c, _ := served(t, "--data", filepath.Dir(whole), "--new-keys")
	takes := time.Since(start)
	stop(t, c)
	versions := map[int]bool{}
	const kills = 8
	for i := range kills {
		c := exec.CommandContext(t.Context(), "veille-collector", "serve", "--listen", "127.0.0.1:0", "--data", filepath.Dir(name), "--new-keys")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(takes * time.Duration(i+1) / (kills + 2))
		_ = c.Process.Kill()
		_ = c.Wait()
		l, err := sqlite.Look(t.Context(), name)
		if err != nil || l.Problems != nil || l.Version < 2 {
			t.Fatalf("killed for the %d. time: %+v, %v", i+1, l, err)
		}
		versions[l.Version] = true
	}
	t.Logf("an upgrade takes %v; after the kills the database was of versions %v", takes.Round(time.Millisecond), versions)
	c, _ = served(t, "--data", filepath.Dir(name), "--new-keys")
	stop(t, c)
	f, err := sqlite.Check(t.Context(), name, nil)
	if err != nil || f.Problems != nil || f.Version != newestVersion(t, name) || f.Records != 21+3*1500 {
		t.Errorf("%+v, %v", f, err)
	}
	if wrong := differ(rowsOf(t, whole, append(changing(), "key_print")...), rowsOf(t, name, append(changing(), "key_print")...)); wrong != nil {
		t.Errorf("killed and not killed: %q", wrong)
	}
}

func TestADatabaseOfANewerProgramIsRefusedAndLeftAsItIs(t *testing.T) {
	w := healthy(t)
	runIn(w, "PRAGMA user_version = 99")
	before := filesIn(t, w.dir)
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"site", "list"}, {"backup"}} {
		if args = append(args, "--data", w.dir); args[0] == "backup" {
			args = append(args, filepath.Join(t.TempDir(), "copy.db"))
		}
		out, err := exec.CommandContext(t.Context(), "veille-collector", args...).CombinedOutput()
		if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != command.Failed || !strings.Contains(string(out), "it has version 99, this program knows ") || !strings.Contains(string(out), "use the newer program") {
			t.Errorf("%q: %v, %s", args, err, out)
		}
	}
	if after := filesIn(t, w.dir); after["veille.db"] != before["veille.db"] {
		t.Error("it was written to")
	}
}
