package relational_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
)

func entry(on collector.Date, who string) collector.Entry {
	return collector.Entry{On: on, Organisation: 1, Who: who, What: "site add", Subject: "x", Reason: "y"}
}

func TestAChangeAndItsEntryAreKeptTogetherOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		noting := relational.Noting(t.Context(), entry("2026-11-16", "anne"))
		if _, err := c.CreateSite(noting, "A", "Site 9", "Europe/Paris"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateSite(noting, "A", "Site 9", "Europe/Paris"); !errors.Is(err, collector.ErrExists) {
			t.Fatal(err)
		}
		all, err := c.Entries(t.Context(), 0, "", "")
		if err != nil || len(all) != 1 || all[0].ID == 0 {
			t.Fatalf("%+v, %v; want one entry", all, err)
		}
		if all[0].ID = 0; all[0] != entry("2026-11-16", "anne") {
			t.Errorf("%+v", all[0])
		}
		// An entry that cannot be kept undoes the change.
		at.noMore(t, "audit")
		if _, err := c.CreateSite(noting, "A", "Site 10", "Europe/Paris"); err == nil || !c.Trouble(err) {
			t.Errorf("a change without an entry: %v", err)
		}
		if sites, err := c.Sites(t.Context()); err != nil || len(sites) != 4 {
			t.Errorf("%d sites, %v; want 4", len(sites), err)
		}
	})
}

func TestTheAuditLogIsOnlyAddedTo(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		today := collector.DateOf(time.Now())
		c.must(c.Note(t.Context(), entry(today, "anne")))
		only := map[string][]string{
			"sqlite":   {"INSERT OR REPLACE INTO audit VALUES (1, '2026-11-16', 1, 'bob', '', '', '')", "REPLACE INTO audit VALUES (1, '2026-11-16', 1, 'bob', '', '', '')"},
			"postgres": {"TRUNCATE audit", "TRUNCATE audit RESTART IDENTITY CASCADE"},
		}
		for _, text := range append(only[at.engine.name], []string{
			"UPDATE audit SET who = 'bob'", "UPDATE audit SET date = '2020-01-01'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1",
			"INSERT INTO audit VALUES (1, '2026-11-16', 1, 'bob', '', '', '') ON CONFLICT (id) DO UPDATE SET who = 'bob'",
		}...) {
			if err := c.raw(text); err == nil || !strings.Contains(err.Error(), "audit log") {
				t.Errorf("%s: %v", text, err)
			}
		}
		if all, err := c.Entries(t.Context(), 0, "", ""); err != nil || len(all) != 1 || all[0].Who != "anne" || all[0].On != today {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestEntriesAreThoseOfAnOrganisationAndOfSomeDates(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		for i, on := range []collector.Date{"2026-11-14", "2026-11-15", "2026-11-16"} {
			e := entry(on, "anne")
			e.Organisation = int64(i)
			c.must(c.Note(t.Context(), e))
		}
		for _, x := range []struct {
			organisation int64
			from, to     collector.Date
			want         int
		}{{0, "", "", 3}, {1, "", "", 1}, {3, "", "", 0}, {0, "2026-11-15", "", 2}, {0, "", "2026-11-14", 1}, {0, "2026-11-15", "2026-11-15", 1}, {2, "", "2026-11-15", 0}} {
			if all, err := c.Entries(t.Context(), x.organisation, x.from, x.to); err != nil || len(all) != x.want {
				t.Errorf("%+v: %d entries, %v", x, len(all), err)
			}
		}
	})
}

func TestPeopleAreForgottenAfterTwelveMonths(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		now := time.Now().UTC()
		today, old, young := collector.DateOf(now), collector.DateOf(now.AddDate(-1, 0, -3)), collector.DateOf(now.AddDate(0, -11, 0))
		user := func(name string, removed collector.Date) {
			u, err := c.AddUser(t.Context(), collector.User{Organisation: 1, Name: name, Roles: []collector.Role{"it"}, AddedOn: "2020-01-01"})
			c.must(err)
			c.must(c.CreateUserKey(t.Context(), relational.UserKey{Hash: [32]byte([]byte(name + strings.Repeat("-", 32))[:32]), User: u.ID, CreatedOn: "2020-01-01", ExpiresOn: "2999-01-01"}))
			if removed != "" {
				c.must(c.RemoveUser(t.Context(), u.ID, removed))
			}
		}
		user("gone", old)
		user("named", old)
		user("left", young)
		user("here", "")
		for _, e := range []collector.Entry{entry(old, "gone"), entry(young, "named"), entry(today, "here")} {
			c.must(c.Note(t.Context(), e))
		}
		year := collector.DateOf(time.Now().AddDate(0, -12, 0))
		run, err := c.Finish(t.Context(), collector.Run{On: today}, collector.Horizon{Entries: year})
		if err != nil || run.Deleted != (collector.Deleted{Entries: 1, Keys: 2, Users: 1}) {
			t.Errorf("%+v, %v", run, err)
		}
		var names []string
		users, err := c.Users(t.Context())
		c.must(err)
		for _, u := range users {
			names = append(names, u.Name)
		}
		if !slices.Equal(names, []string{"here", "left", "named"}) {
			t.Errorf("%v are left", names)
		}
		// A clock that is years ahead takes nothing from the log.
		if run, err := c.Finish(t.Context(), collector.Run{On: "2999-01-01"}, collector.Horizon{Entries: "2998-01-01"}); err != nil || run.Deleted.Entries != 0 {
			t.Errorf("%+v, %v", run, err)
		}
		if all, err := c.Entries(t.Context(), 0, "", ""); err != nil || len(all) != 2 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
