package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// past is a ledger of which there are backups.
type past struct {
	*relational.Store
	t       *testing.T
	name    string
	backups int
}

// newPast is a ledger with a site, whose token is Key(1), and the machine 1, a server.
func newPast(t *testing.T) *past {
	t.Helper()
	p := &past{t: t, name: filepath.Join(t.TempDir(), "veille.db")}
	p.Store = open(t, p.name)
	p.hours(ledgertest.Enrolled(t, p.Store, 100))
	return p
}

// enrol enrols the machine with this install key, and a new password.
func (p *past) enrol(install byte, use collector.Use, password byte) collector.Machine {
	p.t.Helper()
	e, err := p.Enrol(p.t.Context(), collector.Enrolment{
		Token: ledgertest.Key(1), Pseudonym: ledgertest.Key(install), Credential: ledgertest.Key(password), Use: use, On: "2026-11-16",
	})
	must(p.t, err)
	return e.Machine
}

// hours keeps two hours of a machine, or a day of a person's.
func (p *past) hours(m collector.Machine) {
	p.t.Helper()
	records := []collector.Record{ledgertest.Record("2026-11-16", 9, 60), ledgertest.Record("2026-11-16", 10, 60)}
	if !m.Use.Hourly() {
		records = records[:1]
		records[0].Hour = collector.WholeDay
	}
	_, err := p.Keep(p.t.Context(), m, "2026-11-17", 0, records)
	must(p.t, err)
}

// erase erases a machine as the command does.
func (p *past) erase(machine int64) {
	p.t.Helper()
	e := collector.Entry{On: "2026-11-18", Organisation: 1, Who: "command", What: "erase", Subject: fmt.Sprintf("machine %d", machine), Reason: "a request"}
	_, err := p.Erase(relational.Noting(p.t.Context(), e), machine)
	must(p.t, err)
}

func (p *past) backup() (name string) {
	p.t.Helper()
	p.backups++
	name = fmt.Sprintf("%s.backup-%d", p.name, p.backups)
	must(p.t, p.Backup(p.t.Context(), name))
	return name
}

func (p *past) restore(backup string) sqlite.Restored {
	p.t.Helper()
	must(p.t, p.Close())
	done, err := sqlite.Restore(p.t.Context(), backup, p.name)
	must(p.t, err)
	if left, err := filepath.Glob(p.name + ".part*"); err != nil || left != nil {
		p.t.Errorf("left behind: %v, %v", left, err)
	}
	if f, err := sqlite.Check(p.t.Context(), p.name, nil); err != nil || f.Problems != nil {
		p.t.Errorf("%+v, %v", f, err)
	}
	p.Store = open(p.t, p.name)
	return done
}

// has is how many records there are of each machine, of hours and of days.
func (p *past) has() string {
	p.t.Helper()
	all := map[string]int{}
	for _, c := range ledgertest.Everything(p.t, p.Store) {
		what := "hours"
		if c.Record.Hour == collector.WholeDay {
			what = "days"
		}
		all[fmt.Sprintf("%d %s %s", c.Machine, c.Record.Use, what)]++
	}
	return fmt.Sprint(all)
}

// gone are the machines that destinations are to delete, each once.
func (p *past) gone() (all []int64) {
	p.t.Helper()
	buried, err := p.Tombstones(p.t.Context(), 0, 1000)
	must(p.t, err)
	for _, x := range buried {
		all = append(all, x.Number)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestWhatWasErasedSinceABackupStaysErasedWhenItIsRestored(t *testing.T) {
	p := newPast(t)
	for install := byte(11); install < 15; install++ { // machines 2 to 5
		p.hours(p.enrol(install, "shared", install))
	}
	p.hours(p.enrol(15, "individual", 15)) // 6
	later := p.enrol(16, "individual", 16) // 7
	p.erase(5)
	backup := p.backup()
	must(t, p.Replace(t.Context(), later.ID, 3)) // one person's machine, whose earlier number had hours: told of as it is erased
	for _, machine := range []int64{1, later.ID, 6} {
		p.erase(machine)
	}
	p.enrol(12, "individual", 20) // machine 3 was erased: a new one, 8, that is erased too
	p.erase(8)
	p.enrol(11, "individual", 21) // machine 2
	for range 2 {                 // the second time what was there is the first copy
		done := p.restore(backup)
		if slices.Sort(done.Erased); !slices.Equal(done.Erased, []int64{1, 3, 6, 7}) || !slices.Equal(done.Personal, []int64{2}) || done.Left != nil {
			t.Errorf("%+v; want 1, 3, 6 and 7 erased, and 2 to be a person's", done)
		}
		if got := p.has(); got != "map[2 individual days:1 4 shared hours:2]" {
			t.Errorf("there is %s", got)
		}
		if got := p.gone(); !slices.Equal(got, []int64{1, 2, 3, 5}) {
			t.Errorf("destinations delete %v", got)
		}
		entries, err := p.Entries(t.Context(), 1, "", "")
		var erased []string
		for _, e := range entries {
			if e.What == "erase" && e.Reason == "a request" && e.On == "2026-11-18" {
				erased = append(erased, e.Subject)
			}
		}
		if slices.Sort(erased); err != nil || !slices.Equal(erased, []string{"machine 1", "machine 3", "machine 5", "machine 6", "machine 7", "machine 8"}) {
			t.Errorf("the audit log has %q, %v", erased, err)
		}
		if stale, err := p.Stale(t.Context()); err != nil || !slices.Equal(stale, []collector.Date{"2026-11-16"}) {
			t.Errorf("%v is rolled up again, %v", stale, err)
		}
	}
	if m := p.enrol(30, "shared", 30); m.ID != 9 {
		t.Errorf("a machine has the number %d, which was given before", m.ID)
	}
}

func TestTombstonesComeAfterWhatDestinationsHaveFollowedInTheBackup(t *testing.T) {
	p := newPast(t)
	p.hours(p.enrol(11, "shared", 11))
	p.hours(p.enrol(12, "shared", 12))
	p.erase(1)
	followed, err := p.Tombstones(t.Context(), 0, 10)
	must(t, err)
	if moved, err := p.Advance(t.Context(), "a", collector.StreamErased, 0, followed[0].ID); err != nil || !moved {
		t.Fatal(moved, err)
	}
	backup := p.backup()
	p.enrol(11, "individual", 21)
	p.enrol(11, "shared", 31) // again: its hours of before are gone
	p.erase(3)
	p.restore(backup)
	at, err := p.Positions(t.Context(), "a")
	must(t, err)
	next, err := p.Tombstones(t.Context(), at[collector.StreamErased].Acked, 100)
	must(t, err)
	var got []int64
	for _, x := range next {
		got = append(got, x.Number)
	}
	if slices.Sort(got); !slices.Equal(slices.Compact(got), []int64{2, 3}) {
		t.Errorf("the destination deletes %v; want machines 2 and 3, and not 1 again", got)
	}
}

// The wrong backup was restored first, and machines were enrolled and erased in what it made.
func TestAMachineOfANewerBackupIsNotErasedForOneThatHadItsNumberMeanwhile(t *testing.T) {
	p := newPast(t)
	p.enrol(11, "individual", 10) // 2
	old := p.backup()
	p.hours(p.enrol(11, "shared", 11)) // it is no person's any more
	newer := p.backup()
	p.hours(p.enrol(12, "shared", 12)) // 3
	p.erase(3)
	p.restore(old)
	if m := p.enrol(13, "shared", 13); m.ID != 4 {
		t.Fatalf("the next machine is %d; want a number that none had", m.ID)
	}
	p.erase(4)
	if done := p.restore(newer); len(done.Erased) > 0 || len(done.Personal) > 0 || done.Left != nil {
		t.Errorf("%+v; want nothing erased, and nothing to be a person's", done)
	}
	if got := p.has(); got != "map[1 server hours:2 2 shared hours:2]" {
		t.Errorf("there is %s", got)
	}
	must(t, p.Close())
	p.Store = open(t, p.name)
	p.erase(2)
	p.restore(old)
	if done := p.restore(newer); !slices.Equal(done.Erased, []int64{2}) { // by way of a copy that never had it
		t.Errorf("%+v; want machine 2 erased", done)
	}
}

func TestABackupIsRestoredInThePlaceOfADamagedDatabaseAndItIsSaidWhatThatMeans(t *testing.T) {
	for what, damage := range map[string]func(text []byte, audit int) []byte{
		"no database at all": func([]byte, int) []byte { return bytes.Repeat([]byte("no"), 8192) },
		"cut short":          func(text []byte, _ int) []byte { return text[:5000] },
		"empty":              func([]byte, int) []byte { return nil },
		"damaged where the audit log is": func(text []byte, audit int) []byte {
			copy(text[audit:], bytes.Repeat([]byte{0xff}, 4096))
			return text
		},
	} {
		t.Run(what, func(t *testing.T) {
			p := newPast(t)
			backup := p.backup()
			p.erase(1)
			must(t, p.Close())
			text, err := os.ReadFile(p.name)
			must(t, err)
			must(t, os.WriteFile(p.name, damage(text, 4096*(rootOf(t, p.name, "audit")-1)), 0o600))
			done, err := sqlite.Restore(t.Context(), backup, p.name)
			if err != nil || done.Before != p.name+".before-1" || len(done.Erased) > 0 {
				t.Fatalf("%+v, %v", done, err)
			}
			if done.Left == nil || !strings.Contains(done.Left.Error(), p.name) {
				t.Errorf("of what was there it says %v", done.Left)
			}
			p.Store = open(t, p.name)
			if got := p.has(); got != "map[1 server hours:2]" {
				t.Errorf("there is %s", got)
			}
			if got := p.gone(); len(got) > 0 != strings.HasSuffix(what, "audit log is") { // what can be read is heeded
				t.Errorf("destinations delete %v", got)
			}
		})
	}
}

// rootOf is the number of the first page of a table.
func rootOf(t *testing.T, name, table string) (root int) {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	must(t, err)
	must(t, errors.Join(db.QueryRowContext(t.Context(), "SELECT rootpage FROM sqlite_schema WHERE name = ?", table).Scan(&root), db.Close()))
	return root
}
