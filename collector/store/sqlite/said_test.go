package sqlite_test

import (
	"bytes"
	"crypto/sha256"
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
	"veille/collector/store/storetest"
)

// told is a database to which persons have said one of everything.
func told(t *testing.T) (name string, s *relational.Store) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "veille.db")
	s = open(t, name)
	site, err := s.CreateSite(t.Context(), "A", "Site 1", "Europe/Paris")
	must(t, err)
	storetest.Tell(t, s, "A", site)
	return name, s
}

// emptyAt is a database of an earlier version, with one organisation and its site.
func emptyAt(t *testing.T, version int) (name string, versions int) {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < max(version, 9) {
		t.Fatalf("%v, %v", files, err)
	}
	name = filepath.Join(t.TempDir(), "veille.db")
	for i, file := range files[:version] {
		text, err := os.ReadFile(file)
		must(t, err)
		must(t, raw(t, name, string(text)+fmt.Sprintf("; PRAGMA user_version = %d", i+1)))
	}
	must(t, raw(t, name, "INSERT INTO organisation (id, name) VALUES (1, 'A'); INSERT INTO site (id, organisation, name, time_zone) VALUES (1, 1, 'Site 1', 'Europe/Paris')"))
	return name, len(files)
}

func TestWhatPersonsHaveSaidIsInABackupAndComesBack(t *testing.T) {
	name, s := told(t)
	before := storetest.Told(t, s, "A")
	backup := name + ".backup"
	must(t, s.Backup(t.Context(), backup))
	must(t, s.RemovePrice(t.Context(), 1, "2026-01"))
	must(t, s.ReplaceEquipment(t.Context(), 1, 1, nil))
	must(t, s.EndSession(t.Context(), ledgertest.Key(1)))
	must(t, s.Close())
	must(t, second(sqlite.Restore(t.Context(), backup, name)))
	s = open(t, name)
	if err := raw(t, name, "DELETE FROM snapshot"); err == nil || !strings.Contains(err.Error(), "never removed") {
		t.Errorf("a kept report is removed from what came back: %v", err)
	}
	if session, invitation := storetest.SignedIn(t, s); !errors.Is(session, collector.ErrNotFound) || !errors.Is(invitation, collector.ErrNotFound) { // it was ended after the backup
		t.Errorf("who had signed in is back: %v, %v", session, invitation)
	}
	if after := storetest.Told(t, s, "A"); after != before || !strings.Contains(before, "marché 2026") || !strings.Contains(before, "bilan social") || !strings.Contains(before, "$argon2id$") {
		t.Errorf("%s\nwas\n%s", after, before)
	}
	storetest.SignIn(t, s)
	if session, invitation := storetest.SignedIn(t, s); session != nil || invitation != nil {
		t.Errorf("and nobody can sign in any more: %v, %v", session, invitation)
	}
}

func TestADatabaseOfAnyEarlierVersionHasNothingSaidAndTakesAll(t *testing.T) {
	_, versions := emptyAt(t, 1)
	for version := 1; version < versions; version++ {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			name, _ := emptyAt(t, version)
			s := open(t, name)
			sites, err := s.Sites(t.Context())
			must(t, err)
			if !slices.Equal(sites, []collector.Site{{ID: 1, Organisation: 1, Name: "Site 1", TimeZone: "Europe/Paris"}}) {
				t.Fatalf("%+v; want the site, not open", sites)
			}
			for table, n := range counts(t, name) {
				if n > 0 && slices.Contains(append(storetest.LabelTables(), "price", "factor", "target", "action", "equipment", "password", "session", "invitation"), table) {
					t.Errorf("%d rows of %s", n, table)
				}
			}
			storetest.Tell(t, s, "A", sites[0])
			if told := storetest.Told(t, s, "A"); !strings.Contains(told, "marché 2026") {
				t.Error(told)
			}
			if f, err := sqlite.Check(t.Context(), name, nil); err != nil || f.Problems != nil || f.Version != versions {
				t.Errorf("%+v, %v", f, err)
			}
		})
	}
}

func TestADatabaseOfAVersionBeforeIsCheckedAndRestoredAsItIs(t *testing.T) {
	_, versions := emptyAt(t, 1)
	for version := 7; version < versions; version++ {
		old, _ := emptyAt(t, version)
		if f, err := sqlite.Check(t.Context(), old, nil); err != nil || f.Problems != nil || f.Version != version {
			t.Errorf("%+v, %v", f, err)
		}
		if behind, err := sqlite.Behind(t.Context(), old); err != nil || !behind {
			t.Errorf("%v, %v; want it to be of an earlier version", behind, err)
		}
		name := filepath.Join(t.TempDir(), "veille.db")
		must(t, second(sqlite.Restore(t.Context(), old, name)))
		s := open(t, name)
		if _, err := s.UserNamed(t.Context(), "anne"); !errors.Is(err, collector.ErrNotFound) {
			t.Error(err)
		}
		all := counts(t, name)
		for _, table := range []string{"session", "snapshot"} {
			if _, there := all[table]; !there {
				t.Errorf("restored and opened it has %v", all)
			}
		}
	}
}

func TestSessionsInACopyThatWasMadeOtherwiseDoNotComeBack(t *testing.T) {
	old, s := told(t)
	hash := sha256.Sum256([]byte("cookie"))
	u, err := s.UserNamed(t.Context(), "anne")
	must(t, err)
	must(t, s.AddSession(t.Context(), collector.Session{Hash: hash, User: u.ID, ExpiresOn: "2026-12-05"}))
	must(t, s.Close())
	name := filepath.Join(t.TempDir(), "veille.db")
	must(t, second(sqlite.Restore(t.Context(), old, name)))
	text, err := os.ReadFile(name)
	must(t, err)
	if bytes.Contains(text, hash[:]) {
		t.Error("the hash of a session is in the file")
	}
	s = open(t, name)
	session, invitation := storetest.SignedIn(t, s)
	for what, err := range map[string]error{"a session": second(s.Session(t.Context(), hash, "2026-11-16")), "another": session, "an invitation": invitation} {
		if !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("%s is back: %v", what, err)
		}
	}
}

// Nothing in the file says in which order persons signed in once a night has passed: each hash where it lies, in its table and in the index of
// users.
func TestNothingInTheFileSaysInWhichOrderPersonsSignedIn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "veille.db")
	s := open(t, name)
	organisation, err := s.AddOrganisation(t.Context(), "A")
	must(t, err)
	var came [][32]byte
	for n := range 60 {
		u, err := s.AddUser(t.Context(), collector.User{Organisation: organisation, Name: fmt.Sprint("person ", n), Roles: []collector.Role{"officer"}, AddedOn: "2026-11-16"})
		must(t, err)
		hash := sha256.Sum256(fmt.Append(nil, "cookie", u.ID))
		came = append(came, hash)
		must(t, s.AddSession(t.Context(), collector.Session{Hash: hash, User: u.ID, ExpiresOn: "2026-12-05"}))
	}
	lies := func() (ordered int) { // pairs that lie in the order in which they came
		must(t, raw(t, name, "PRAGMA wal_checkpoint(TRUNCATE)"))
		text, err := os.ReadFile(name)
		must(t, err)
		var offsets []int
		for _, hash := range came {
			if n := bytes.Count(text, hash[:]); n != 2 {
				t.Fatalf("a hash is in the file %d times; want it in the table and in its index", n)
			}
			offsets = append(offsets, bytes.Index(text, hash[:]))
		}
		for i := range offsets {
			for j := range i {
				if offsets[j] < offsets[i] {
					ordered++
				}
			}
		}
		return ordered
	}
	const pairs = 60 * 59 / 2
	before := lies()
	must(t, second(s.Finish(t.Context(), collector.Run{On: "2026-11-23"}, collector.Horizon{})))
	if after := lies(); before > pairs/5 && before < pairs*4/5 || after < pairs*3/10 || after > pairs*7/10 {
		t.Errorf("of %d pairs %d lie in the order in which they came, and %d before the night", pairs, after, before)
	}
}
