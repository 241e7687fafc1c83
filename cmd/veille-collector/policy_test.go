package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	agent "veille/agent/calendar"
	"veille/collector"
	"veille/collector/calendar"
	"veille/collector/store/sqlite"
)

func TestAPolicyHasAnotherNumberWhenItSaysAnotherThing(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	site, err := store.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	policy := func(today collector.Date, other bool) collector.Policy {
		t.Helper()
		p, err := policies{store}.Policy(t.Context(), site, today, 0)
		if err != nil || (p.Serial > last) != other || p.Serial < last {
			t.Fatalf("number %d after %d, %v; want another %t", p.Serial, last, err, other)
		}
		last = p.Serial
		return p
	}
	policy("2026-11-22", true)
	policy("2026-12-31", false)
	policy("2027-01-01", true)
	for name, edit := range map[string]func() error{
		"a closure": func() error {
			return store.EditCalendar(t.Context(), site.ID, func(c collector.Calendar) (collector.Calendar, error) {
				return calendar.Close(c, collector.Days{From: "2027-05-07", To: "2027-05-07"}, "Pont")
			})
		},
		"a limit": func() error { return store.SetLimits(t.Context(), site.ID, collector.Limits{Pause: true}) },
		"a contact": func() error {
			r, err := store.Organisation(t.Context(), "Région")
			if err != nil {
				return err
			}
			r.Contact = "dpo@example.org"
			return store.SetOrganisation(t.Context(), r)
		},
	} {
		if err := edit(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		policy("2027-01-01", true)
		policy("2027-01-02", false)
	}
	if p := policy("2027-06-01", false); p.Contact != "dpo@example.org" || !p.Limits.Pause || p.Site != "Lycée" || p.Serial < time.Now().Unix()-60 {
		t.Errorf("%+v", p)
	}
	// A name of a closure is for the administrators: agents are not told, and their policy stays.
	err = store.EditCalendar(t.Context(), site.ID, func(c collector.Calendar) (collector.Calendar, error) {
		return calendar.Close(c, collector.Days{From: "2027-05-07", To: "2027-05-07"}, "Another name")
	})
	if err != nil {
		t.Fatal(err)
	}
	policy("2027-06-01", false)
}

func TestARestoredLedgerTakesBackAPauseThatItNoLongerKnows(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	site, err := store.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := policies{store}.Policy(t.Context(), site, "2026-11-22", 0)
	if err != nil {
		t.Fatal(err)
	}
	paused := ours.Serial + 5 // which agents were given after the backup was made
	again, err := policies{store}.Policy(t.Context(), site, "2026-11-22", paused)
	if err != nil || again.Serial <= paused || again.Limits.Pause {
		t.Errorf("%+v, %v; want a number after %d", again, err, paused)
	}
}

// The collector and its agents hold to the same rule, each with code of its own.
func TestTheCollectorAllowsTheHoursThatAgentsFollow(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 9))
	minute := func() int { return random.IntN(24*12+1) * 5 }
	clock := func(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }
	allowed := 0
	for range 20_000 {
		var here []collector.OpenHours
		var there []agent.Hours
		for range 1 + random.IntN(3) {
			weekday, from, to := 1+random.IntN(2), minute(), minute()
			here = append(here, collector.OpenHours{Weekday: weekday, From: clock(from), To: clock(to)})
			there = append(there, agent.Hours{Weekday: time.Weekday(weekday), From: from, To: to})
		}
		mine := calendar.Check(here)
		c, theirs := agent.New(time.UTC, there, nil)
		if theirs == nil {
			theirs = agent.Check(c)
		}
		if (mine == nil) != (theirs == nil) {
			t.Fatalf("%v: the collector says %v, agents %v", here, mine, theirs)
		}
		if mine == nil {
			allowed++
		}
	}
	if allowed < 1000 || allowed > 19_000 {
		t.Errorf("%d of 20000 were allowed: too few of one kind to tell", allowed)
	}
}

func TestAgentsFollowTheClocksOfEachSite(t *testing.T) {
	for _, name := range []string{
		"Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte", "America/St_Barthelemy",
		"America/Marigot", "America/Miquelon", "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Noumea", "Pacific/Wallis", "Africa/Casablanca", "UTC",
	} {
		p, err := calendar.Policy(collector.Site{Name: "x", TimeZone: name}, collector.Responsible{}, collector.Calendar{}, collector.Limits{}, "2026-11-22")
		if err != nil {
			t.Fatal(err)
		}
		changes := make([]agent.Change, 0, len(p.Clock))
		for _, c := range p.Clock {
			changes = append(changes, agent.Change{From: c.From, Offset: time.Duration(c.OffsetS) * time.Second})
		}
		zone, err := agent.Zone(name, changes)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := time.Date(2025, 1, 1, 0, 0, 0, 0, want); at.Year() < 2029; at = at.Add(7 * time.Hour) {
			if a, b := at.In(zone).Format(time.DateTime), at.Format(time.DateTime); a != b {
				t.Fatalf("%s: an agent shows %s at %s", name, a, b)
			}
		}
	}
}
