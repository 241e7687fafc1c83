package sqlite_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// posting keeps records of a machine until stopped, and answers how many were acknowledged.
func posting(t *testing.T, s *relational.Store, m collector.Machine, acked *atomic.Int64) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			date := collector.Date(fmt.Sprintf("20%02d-%02d-%02d", 10+n/24/28/12%80, 1+n/24/28%12, 1+n/24%28))
			if _, err := s.Keep(context.WithoutCancel(ctx), m, "2026-11-17", acked.Load(), []collector.Record{ledgertest.Record(date, n%24, 60)}); err != nil {
				t.Error(err)
				return
			}
			acked.Add(1)
		}
	})
	return func() { cancel(); running.Wait() }
}

func TestABackupMadeWhileRecordsComeHasAllThatWereAcknowledgedWhenItBegan(t *testing.T) {
	s := fresh(t)
	m := ledgertest.Enrolled(t, s, 1)
	var acked atomic.Int64
	stop := posting(t, s, m, &acked)
	dir := t.TempDir()
	for i := range 5 {
		before := acked.Load()
		name := filepath.Join(dir, fmt.Sprintf("backup %d.db", i))
		if err := s.Backup(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		after := acked.Load()
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v; want a file of its owner alone", info.Mode(), err)
		}
		f, err := sqlite.Check(t.Context(), name, nil)
		if err != nil || f.Problems != nil || f.Records < int(before) || f.Records > int(after)+1 {
			t.Errorf("backup %d: %+v, %v; want %d to %d records", i, f, err, before, after)
		}
	}
	stop()
	if err := s.Backup(t.Context(), filepath.Join(dir, "backup 0.db")); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a backup in the place of another: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.part")); err != nil || left != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestABackupThatFailsLeavesNothingOfItsOwnNorOfOneThatWasKilled(t *testing.T) {
	s := fresh(t)
	name := filepath.Join(t.TempDir(), "copy.db")
	for _, end := range []string{".part", ".part-journal"} {
		must(t, os.WriteFile(name+end, []byte("half of one"), 0o600))
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Backup(gone, name); err == nil {
		t.Error("it was made")
	}
	if left := beside(t, filepath.Dir(name)); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestNothingIsNotFoundWithoutFault(t *testing.T) {
	dir := t.TempDir()
	empty, newer, strange := filepath.Join(dir, "empty.db"), filepath.Join(dir, "newer.db"), filepath.Join(dir, "strange.db")
	must(t, os.WriteFile(empty, nil, 0o600))
	must(t, open(t, newer).Close())
	for name, text := range map[string]string{newer: "PRAGMA user_version = 99", strange: "CREATE TABLE x (y)"} {
		db, err := sql.Open("sqlite", name)
		must(t, err)
		_, err = db.ExecContext(t.Context(), text)
		must(t, err)
		must(t, db.Close())
	}
	for _, name := range []string{empty, newer, strange} {
		if f, err := sqlite.Check(t.Context(), name, nil); err == nil || !strings.Contains(err.Error(), "this program knows 1 to ") {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func TestABackupIsRestoredAndWhatWasThereIsSetAside(t *testing.T) {
	name := filepath.Join(t.TempDir(), "veille.db")
	s := open(t, name)
	m := ledgertest.Enrolled(t, s, 1)
	keep := func(hour int) {
		t.Helper()
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{ledgertest.Record("2026-11-16", hour, 60)}); err != nil {
			t.Fatal(err)
		}
	}
	keep(9)
	backup := name + ".backup"
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	keep(10)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{name + ".before-1", name + ".before-2"} {
		done, err := sqlite.Restore(t.Context(), backup, name)
		before := done.Before
		if err != nil || before != want || done.Left != nil || done.Erased != nil || done.Personal != nil {
			t.Fatalf("%+v, %v; want %q", done, err, want)
		}
		again := open(t, name)
		if all := ledgertest.Everything(t, again); len(all) != 1 || all[0].Record.Hour != 9 {
			t.Errorf("%+v; want the record of the backup", all)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if f, err := sqlite.Check(t.Context(), before, nil); err != nil || f.Records != 2-i {
			t.Errorf("%s: %+v, %v", before, f, err)
		}
	}
	if done, err := sqlite.Restore(t.Context(), backup, filepath.Join(t.TempDir(), "veille.db")); err != nil || done.Before != "" || done.Left != nil {
		t.Errorf("into an empty folder: %+v, %v", done, err)
	}
}

func TestABackupThatIsDamagedOrNoneIsRefusedAndNothingIsTouched(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "veille.db")
	s, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	m := ledgertest.Enrolled(t, s, 1)
	if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{ledgertest.Record("2026-11-16", 9, 60)}); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "good")
	if err := s.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Clone(text)
	newer[60+3] = 99 // user_version
	for what, backup := range map[string][]byte{"cut": text[:len(text)/2], "of zeros": make([]byte, 8192), "text": []byte("not a database at all"), "empty": {}, "newer": newer} {
		bad := filepath.Join(dir, "bad")
		if err := os.WriteFile(bad, backup, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Restore(t.Context(), bad, name); err == nil {
			t.Errorf("a backup that is %s was restored", what)
		}
		if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, was) {
			t.Fatalf("a backup that is %s has changed the database, %v", what, err)
		}
	}
	if _, err := sqlite.Restore(t.Context(), filepath.Join(dir, "nothing"), name); err == nil {
		t.Error("a backup that is not there was restored")
	}
}

// Each page is damaged in turn, by one byte; whatever a person could be shown wrongly is found.
func TestADamagedPageIsFoundAndSaid(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "veille.db")
	s, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	m := ledgertest.Enrolled(t, s, 1)
	for day := range 28 {
		var records []collector.Record
		for hour := range 24 {
			records = append(records, ledgertest.Record(collector.Date(fmt.Sprintf("2026-10-%02d", 1+day)), hour, 60+hour))
		}
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, records); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	var root int
	if err := db.QueryRowContext(t.Context(), "SELECT rootpage FROM sqlite_schema WHERE name = 'day'").Scan(&root); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	found, tried := 0, 0
	for page := range len(text) / 4096 {
		for _, at := range []int{0, 4000} { // its header, and the cells, which are at its end
			damaged := bytes.Clone(text)
			for i := range 8 {
				damaged[page*4096+at+i] ^= 0xa5
			}
			if err := os.WriteFile(name, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := sqlite.Check(t.Context(), name, nil)
			tried++
			if err != nil || f.Problems != nil {
				found++
			} else if f.Records != 28*24 {
				t.Errorf("page %d, byte %d: %d records and no problem", page+1, at, f.Records)
			}
		}
	}
	t.Logf("%d of %d damages found; the others are in space that holds nothing", found, tried)
	if found < tried/3 {
		t.Errorf("%d of %d damages found", found, tried)
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := sqlite.Check(t.Context(), name, nil); err != nil || f.Problems != nil || f.Records != 28*24 || f.Days != 28 {
		t.Errorf("undamaged: %+v, %v", f, err)
	}
}

func TestABackupHasNoTraceOfWhoHasSignedInOrWasInvited(t *testing.T) {
	name := filepath.Join(t.TempDir(), "veille.db")
	s := open(t, name)
	organisation, err := s.AddOrganisation(t.Context(), "A")
	must(t, err)
	var hashes [][32]byte
	var first int64
	for n := range 300 { // several pages
		u, err := s.AddUser(t.Context(), collector.User{Organisation: organisation, Name: fmt.Sprint("person ", n), Roles: []collector.Role{"officer"}, AddedOn: "2026-11-16"})
		must(t, err)
		if n == 0 {
			first = u.ID
		}
		came, invited := sha256.Sum256(fmt.Append(nil, "cookie", n)), sha256.Sum256(fmt.Append(nil, "invitation", n))
		must(t, s.AddSession(t.Context(), collector.Session{Hash: came, User: u.ID, ExpiresOn: "2026-12-05"}))
		must(t, s.Invite(t.Context(), collector.Invitation{Hash: invited, User: u.ID, ExpiresOn: "2026-12-05"}))
		hashes = append(hashes, came, invited)
	}
	found := func(file string) (n int) {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, hash := range hashes {
			if bytes.Contains(text, hash[:8]) {
				n++
			}
		}
		return n
	}
	backup := name + ".backup"
	must(t, s.Backup(t.Context(), backup))
	if n := found(backup); n != 0 {
		t.Errorf("%d of %d hashes are in the backup", n, len(hashes))
	}
	if left, err := filepath.Glob(backup + "?*"); err != nil || left != nil {
		t.Errorf("beside the backup: %v, %v", left, err)
	}
	if f, err := sqlite.Check(t.Context(), backup, nil); err != nil || f.Problems != nil {
		t.Errorf("the backup: %+v, %v", f, err)
	}
	came, err := s.Session(t.Context(), hashes[0], "2026-12-05")
	must(t, err)
	invited, err := s.Invited(t.Context(), hashes[1], "2026-12-05")
	if must(t, err); came.ID != first || invited.ID != first {
		t.Error("a backup ends a session")
	}
	must(t, s.Close())
	if n := found(name); n != len(hashes) {
		t.Errorf("%d of %d hashes are in the database: nothing was tried", n, len(hashes))
	}
}
