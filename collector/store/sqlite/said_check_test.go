package sqlite_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/sqlite"
)

// tellAll says one of everything that persons say.
func (c town) tellAll() {
	c.t.Helper()
	a, site := c.sites[0].Organisation, c.sites[0].ID
	u := c.user("anne", 0)
	room := c.room(0, "Salle 12")
	c.must(c.SetPrice(c.t.Context(), price(a, "2026-01", 0.2)))
	c.must(c.SetFactor(c.t.Context(), factor(a, "electricity", 32)))
	c.must(second(c.AddTarget(c.t.Context(), target(a, site))))
	c.must(second(c.AddAction(c.t.Context(), action(a, site, room.ID, "2026-03-02"))))
	c.must(c.ReplaceEquipment(c.t.Context(), a, site, []collector.Equipment{devices("notebook", "", "new", 30), devices("tablet", "2024-09", "reused", 2)}))
	c.must(c.SetPassword(c.t.Context(), u.ID, "$argon2id$"))
	c.must(c.AddSession(c.t.Context(), session(1, u.ID, "2026-12-05")))
	c.must(c.Invite(c.t.Context(), invitation(2, u.ID, "2026-12-05")))
	c.must(c.SetOpen(c.t.Context(), site, true))
}

// toldAll is everything that tellAll says, as it is read.
func (c town) toldAll() string {
	c.t.Helper()
	a := c.sites[0].Organisation
	prices, err := c.Prices(c.t.Context(), a)
	c.must(err)
	factors, err := c.Factors(c.t.Context(), a)
	c.must(err)
	targets, err := c.Targets(c.t.Context(), a)
	c.must(err)
	actions, err := c.Actions(c.t.Context(), a)
	c.must(err)
	equipment, err := c.Equipment(c.t.Context(), a)
	c.must(err)
	sites, err := c.Sites(c.t.Context())
	c.must(err)
	signedIn, err := c.Session(c.t.Context(), key(1), "2026-12-05")
	c.must(err)
	invited, err := c.Invited(c.t.Context(), key(2), "2026-12-05")
	c.must(err)
	hash, err := c.Password(c.t.Context(), signedIn.ID)
	c.must(err)
	return fmt.Sprint(prices, factors, targets, actions, equipment, sites, "signed in:", signedIn, invited, hash)
}

func TestWhatPersonsHaveSaidIsInABackupAndComesBack(t *testing.T) {
	c := newTown(t)
	c.tellAll()
	of := func(text string) string { return strings.Split(text, "signed in:")[0] }
	before := of(c.toldAll())
	backup := c.file + ".backup"
	c.must(c.Backup(t.Context(), backup))
	c.must(c.RemovePrice(t.Context(), c.sites[0].Organisation, "2026-01"))
	c.must(c.ReplaceEquipment(t.Context(), c.sites[0].Organisation, c.sites[0].ID, nil))
	c.must(c.EndSession(t.Context(), key(1)))
	c.must(c.Close())
	c.must(second(sqlite.Restore(t.Context(), backup, c.file)))
	c.Store = open(t, c.file)
	for name, err := range map[string]error{
		"a session":     second(c.Session(t.Context(), key(1), "2026-11-16")), // it was ended after the backup
		"an invitation": second(c.Invited(t.Context(), key(2), "2026-11-16")),
	} {
		if !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("%s is back: %v", name, err)
		}
	}
	u, err := c.UserNamed(t.Context(), "anne")
	c.must(err)
	if hash, err := c.Password(t.Context(), u.ID); err != nil || hash != "$argon2id$" {
		t.Errorf("the password is %q, %v", hash, err)
	}
	c.must(c.AddSession(t.Context(), session(1, u.ID, "2026-12-05")))
	c.must(c.Invite(t.Context(), invitation(2, u.ID, "2026-12-05")))
	if after := of(c.toldAll()); after != before || !strings.Contains(before, "marché 2026") {
		t.Errorf("%s\nwas\n%s", after, before)
	}
}

func TestCheckFindsWhatNobodyMayHaveSaid(t *testing.T) {
	c := newTown(t)
	c.tellAll()
	check := func() string {
		t.Helper()
		f, err := sqlite.Check(t.Context(), c.file, nil)
		c.must(err)
		return strings.Join(f.Problems, "\n")
	}
	if found := check(); found != "" {
		t.Fatal(found)
	}
	for _, x := range [][3]string{
		{"UPDATE price SET euro_per_kwh = 200", "UPDATE price SET euro_per_kwh = 0.2", "200 euros a kWh"},
		{"UPDATE price SET euro_per_kwh = x'ff'", "UPDATE price SET euro_per_kwh = 0.2", "price"},
		{"UPDATE factor SET low = 99", "UPDATE factor SET low = 16", "within its range"},
		{"UPDATE target SET indicator = 'trees'", "UPDATE target SET indicator = 'kwh'", "trees"},
		{"UPDATE action SET base_to = '2030-01'", "UPDATE action SET base_to = '2026-02'", "the baseline ends"},
		{"UPDATE equipment SET count = -count", "UPDATE equipment SET count = -count", "-30 devices"},
		{"PRAGMA foreign_keys = 0; UPDATE session SET user = 77", "UPDATE session SET user = 1", "session"},
		{"PRAGMA foreign_keys = 0; UPDATE action SET site_group = 77", "UPDATE action SET site_group = 1", "action"},
		{"PRAGMA foreign_keys = 0; UPDATE target SET site = 77", "UPDATE target SET site = 1", "target"},
	} {
		c.must(c.raw(x[0]))
		if found := check(); !strings.Contains(found, x[2]) {
			t.Errorf("%s is %q; want %q", x[0], found, x[2])
		}
		c.must(c.raw(x[1]))
	}
	if found := check(); found != "" {
		t.Errorf("and when all is as it was: %s", found)
	}
}

func TestADatabaseOfAnyEarlierVersionHasNothingSaidAndTakesAll(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < 8 {
		t.Fatalf("%v, %v", files, err)
	}
	for version := 1; version < len(files); version++ {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			c := town{t: t, file: filepath.Join(t.TempDir(), "veille.db")}
			for i, file := range files[:version] {
				text, err := os.ReadFile(file)
				c.must(err)
				c.must(c.raw(string(text) + fmt.Sprintf("; PRAGMA user_version = %d", i+1)))
			}
			c.must(c.raw("INSERT INTO organisation (id, name) VALUES (1, 'A'); INSERT INTO site (id, organisation, name, time_zone) VALUES (1, 1, 'Site 1', 'Europe/Paris')"))
			c.Store = open(t, c.file)
			sites, err := c.Sites(t.Context())
			c.must(err)
			if c.sites = sites; !slices.Equal(sites, []collector.Site{{ID: 1, Organisation: 1, Name: "Site 1", TimeZone: "Europe/Paris"}}) {
				t.Fatalf("%+v; want the site, not open", sites)
			}
			for name, n := range c.counts() {
				if n > 0 && slices.Contains([]string{"price", "factor", "target", "action", "equipment", "password", "session", "invitation"}, name) {
					t.Errorf("%d rows of %s", n, name)
				}
			}
			c.tellAll()
			if told := c.toldAll(); !strings.Contains(told, "marché 2026") {
				t.Error(told)
			}
			if f, err := sqlite.Check(t.Context(), c.file, nil); err != nil || f.Problems != nil || f.Version != len(files) {
				t.Errorf("%+v, %v", f, err)
			}
		})
	}
}

func TestADatabaseOfTheVersionBeforeIsCheckedAndRestoredAsItIs(t *testing.T) {
	c := town{t: t, file: filepath.Join(t.TempDir(), "veille.db")}
	c.Store = open(t, c.file)
	c.must(c.Close())
	for _, table := range []string{"password", "invitation", "session", "price", "factor", "target", "action", "equipment"} {
		c.must(c.raw("DROP TABLE " + table))
	}
	c.must(c.raw("ALTER TABLE site DROP COLUMN open; PRAGMA user_version = 7"))
	if f, err := sqlite.Check(t.Context(), c.file, nil); err != nil || f.Problems != nil || f.Version != 7 {
		t.Errorf("%+v, %v", f, err)
	}
	if behind, err := sqlite.Behind(t.Context(), c.file); err != nil || !behind {
		t.Errorf("%v, %v; want it to be of an earlier version", behind, err)
	}
	name := filepath.Join(t.TempDir(), "veille.db")
	c.must(second(sqlite.Restore(t.Context(), c.file, name)))
	s := open(t, name)
	if _, err := s.UserNamed(t.Context(), "anne"); !errors.Is(err, collector.ErrNotFound) {
		t.Error(err)
	}
	db, err := sql.Open("sqlite", name)
	c.must(err)
	defer func() { c.must(db.Close()) }()
	if names := tables(t, db); !slices.Contains(names, "session") {
		t.Errorf("restored and opened it has %v", names)
	}
}

func TestSessionsInACopyThatWasMadeOtherwiseDoNotComeBack(t *testing.T) {
	c := newTown(t)
	hash := sha256.Sum256([]byte("cookie"))
	c.tellAll()
	u, err := c.UserNamed(t.Context(), "anne")
	c.must(err)
	c.must(c.AddSession(t.Context(), collector.Session{Hash: hash, User: u.ID, ExpiresOn: "2026-12-05"}))
	c.must(c.Close())
	name := filepath.Join(t.TempDir(), "veille.db")
	c.must(second(sqlite.Restore(t.Context(), c.file, name)))
	text, err := os.ReadFile(name)
	c.must(err)
	if bytes.Contains(text, hash[:]) {
		t.Error("the hash of a session is in the file")
	}
	c.Store = open(t, name)
	for what, err := range map[string]error{
		"a session":     second(c.Session(t.Context(), hash, "2026-11-16")),
		"an invitation": second(c.Invited(t.Context(), key(2), "2026-11-16")),
	} {
		if !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("%s is back: %v", what, err)
		}
	}
}
