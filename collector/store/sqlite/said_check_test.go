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
	done, err := c.AddAction(c.t.Context(), action(a, site, room.ID, "2026-03-02"))
	c.must(err)
	c.must(c.ReplaceEquipment(c.t.Context(), a, site, []collector.Equipment{devices("notebook", "", "new", 30), devices("tablet", "2024-09", "reused", 2)}))
	c.must(c.SetPassword(c.t.Context(), u.ID, "$argon2id$"))
	c.must(c.AddSession(c.t.Context(), session(1, u.ID, "2026-12-05")))
	c.must(c.Invite(c.t.Context(), invitation(2, u.ID, "2026-12-05")))
	c.tellLabel(c.sites[0], done.ID)
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
	return fmt.Sprint(prices, factors, targets, actions, equipment, sites, c.toldLabel(a), "signed in:", signedIn, invited, hash)
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
	if err := c.raw("DELETE FROM snapshot"); err == nil || !strings.Contains(err.Error(), "never removed") {
		t.Errorf("a kept report is removed from what came back: %v", err)
	}
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
	if after := of(c.toldAll()); after != before || !strings.Contains(before, "marché 2026") || !strings.Contains(before, "bilan social") {
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
		{"UPDATE action SET serves = 'trees'", "UPDATE action SET serves = ''", "no line of the label report"},
		{"UPDATE equipment SET state = 'lost'", "UPDATE equipment SET state = ''", "none of in-service"},
		{"UPDATE organisation SET siren = '123456789'", "UPDATE organisation SET siren = ''", "SIREN"},
		{"UPDATE site SET scope = 'Lycée'", "UPDATE site SET scope = ''", "scope"},
		{"UPDATE quantity SET value = -1", "UPDATE quantity SET value = 1200", "not a number from 0"},
		{"UPDATE step SET kind = 'party'", "UPDATE step SET kind = 'charter'", "none of charter"},
		{"UPDATE evidence SET sha256 = 'abc'", "UPDATE evidence SET sha256 = ''", "SHA-256"},
		{"UPDATE remark SET on_date = ''", "UPDATE remark SET on_date = '2026-10-01'", "together"},
		{"UPDATE meter_reading SET to_date = '2020-01-01'", "UPDATE meter_reading SET to_date = '2026-01-31'", "before the first"},
		{"UPDATE rgesn_grid SET criteria = '[]'", `UPDATE rgesn_grid SET criteria = '[{"id":"6.3","priority":"priority","status":"validated"}]'`, "0 criteria"},
		{"UPDATE rgesn_grid SET criteria = '{'", `UPDATE rgesn_grid SET criteria = '[{"id":"6.3","priority":"priority","status":"validated"}]'`, "read the criteria"},
		{"UPDATE template SET text = char(7)", "UPDATE template SET text = 'id: lnr-2022'", "control character"},
		{"DROP TRIGGER snapshot_update; UPDATE snapshot SET body = '{}'", fmt.Sprintf("UPDATE snapshot SET body = '%s'", report(1).JSON), "its own SHA-256"},
		{"DROP TRIGGER baseline_update; UPDATE baseline SET body = '{}'", fmt.Sprintf("UPDATE baseline SET body = '%s'", baseline(1, 1).JSON), "not that of the baseline"},
		{"PRAGMA foreign_keys = 0; UPDATE rgesn_grid SET website = 77", "UPDATE rgesn_grid SET website = 1", "rgesn_grid"},
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
				if n > 0 && slices.Contains(append(labelTables(), "price", "factor", "target", "action", "equipment", "password", "session", "invitation"), name) {
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

// backTo makes a database of an earlier version of one that has nothing in it.
func (c town) backTo(version int) {
	c.t.Helper()
	for _, table := range labelTables() {
		c.must(c.raw("DROP TABLE " + table))
	}
	for _, column := range []string{"organisation DROP siren", "organisation DROP open_data", "organisation DROP licence", "site DROP scope", "site DROP code", "site DROP commune", "action DROP until_date", "action DROP expected_kwh", "action DROP serves"} {
		c.must(c.raw("ALTER TABLE " + column))
	}
	c.must(c.raw(`DROP TABLE equipment;
		CREATE TABLE equipment (site INTEGER NOT NULL REFERENCES site, class TEXT NOT NULL, bought TEXT NOT NULL, way TEXT NOT NULL, count INTEGER NOT NULL, source TEXT NOT NULL,
		PRIMARY KEY (site, class, bought, way)) WITHOUT ROWID`))
	if version < 8 {
		for _, table := range []string{"password", "invitation", "session", "price", "factor", "target", "action", "equipment"} {
			c.must(c.raw("DROP TABLE " + table))
		}
		c.must(c.raw("ALTER TABLE site DROP COLUMN open"))
	}
	c.must(c.raw(fmt.Sprintf("PRAGMA user_version = %d", version)))
}

func TestADatabaseOfAVersionBeforeIsCheckedAndRestoredAsItIs(t *testing.T) {
	for _, version := range []int{7, 8} {
		c := town{t: t, file: filepath.Join(t.TempDir(), "veille.db")}
		c.Store = open(t, c.file)
		c.must(c.Close())
		c.backTo(version)
		if f, err := sqlite.Check(t.Context(), c.file, nil); err != nil || f.Problems != nil || f.Version != version {
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
		if names := tables(t, db); !slices.Contains(names, "session") || !slices.Contains(names, "snapshot") {
			t.Errorf("restored and opened it has %v", names)
		}
		c.must(db.Close())
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
