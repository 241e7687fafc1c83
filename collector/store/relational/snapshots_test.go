package relational_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/storetest"
)

func TestAReportIsKeptOnceAndToldWithItsJSONWhereOneIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		first, err := c.AddSnapshot(t.Context(), report(a))
		c.must(err)
		later := report(a)
		later.SHA256, later.Template, later.Simulated = strings.Repeat("0f", 32), "reen", false
		later.JSON = []byte(`{"sha256":"` + later.SHA256 + `","é":1}`)
		second, err := c.AddSnapshot(t.Context(), later)
		c.must(err)
		other, err := c.AddSnapshot(t.Context(), report(b)) // the same, of another
		c.must(err)
		if later.ID = second.ID; !reflect.DeepEqual(second, later) || second.ID <= first.ID {
			t.Errorf("%+v; want %+v", second, later)
		}
		if got, err := c.Snapshot(t.Context(), a, second.ID); err != nil || !reflect.DeepEqual(got, later) {
			t.Errorf("%+v, %v", got, err)
		}
		again := report(a)
		again.MadeOn = "2026-10-02"
		if got, err := c.AddSnapshot(t.Context(), again); !errors.Is(err, collector.ErrExists) || got.ID != 0 {
			t.Errorf("kept again: %+v, %v", got, err)
		}
		want := []collector.Snapshot{second, first}
		for i := range want {
			want[i].JSON = nil
		}
		if got, err := c.Snapshots(t.Context(), a); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		_, unknown := c.Snapshot(t.Context(), a, 77)
		_, foreign := c.Snapshot(t.Context(), a, other.ID)
		_, nobody := c.AddSnapshot(t.Context(), report(77))
		for name, err := range map[string]error{"that is none": unknown, "of another": foreign, "of nobody": nobody} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a report %s: %v", name, err)
			}
		}
		empty := report(a)
		empty.JSON = nil
		if _, err := c.AddSnapshot(t.Context(), empty); err == nil {
			t.Error("a report that says nothing is kept")
		}
	})
}

func TestTheBaselineOfAnActionIsKeptOnceAndGoesWithIt(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		first, err := c.AddAction(t.Context(), action(a, 0, 0, "2026-03-02"))
		c.must(err)
		last, err := c.AddAction(t.Context(), action(a, 0, 0, "2026-03-02"))
		c.must(err)
		c.must(c.KeepBaseline(t.Context(), baseline(a, last.ID)))
		c.must(c.KeepBaseline(t.Context(), baseline(a, first.ID)))
		again := baseline(a, first.ID)
		again.KeptOn = "2026-04-01"
		if err := c.KeepBaseline(t.Context(), again); !errors.Is(err, collector.ErrExists) {
			t.Errorf("kept again: %v", err)
		}
		if got, err := c.Baselines(t.Context(), a); err != nil || !reflect.DeepEqual(got, []collector.Baseline{baseline(a, first.ID), baseline(a, last.ID)}) {
			t.Errorf("%+v, %v", got, err)
		}
		for name, err := range map[string]error{"by another": c.KeepBaseline(t.Context(), baseline(b, first.ID)), "of no action": c.KeepBaseline(t.Context(), baseline(a, 77))} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a baseline %s: %v", name, err)
			}
		}
		changed := baseline(a, first.ID)
		changed.JSON = []byte(`{"form":2}`)
		if err := c.KeepBaseline(t.Context(), changed); err == nil || errors.Is(err, collector.ErrExists) {
			t.Errorf("a baseline that is not as its hash says: %v", err)
		}
		c.must(c.RemoveAction(t.Context(), a, first.ID))
		if got, err := c.Baselines(t.Context(), a); err != nil || !reflect.DeepEqual(got, []collector.Baseline{baseline(a, last.ID)}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Baselines(t.Context(), b); err != nil || got != nil {
			t.Errorf("of the other: %+v, %v", got, err)
		}
	})
}

func TestNobodyWhoWritesThroughSQLChangesAReportOrABaselineThatWasKept(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		storetest.Tell(t, c, "A", c.sites[0])
		before := storetest.Told(t, c, "A")
		hash := report(1).SHA256
		statements := map[string]string{
			"UPDATE snapshot SET made_on = '2020-01-01'":                       "never changed",
			"UPDATE snapshot SET body = '{}', sha256 = 'abc' WHERE id = 1":     "never changed",
			"DELETE FROM snapshot":                                             "never removed",
			"DELETE FROM snapshot WHERE id = 1":                                "never removed",
			"UPDATE baseline SET kept_on = '2020-01-01'":                       "never changed",
			"UPDATE baseline SET body = '{}', sha256 = 'abc' WHERE action = 1": "never changed",
			"DELETE FROM baseline":                                             "goes with its action",
		}
		maps.Copy(statements, map[string]map[string]string{
			"sqlite": {
				"REPLACE INTO snapshot SELECT * FROM snapshot":                                                                                                          "never replaced",
				"UPDATE OR REPLACE snapshot SET id = 2":                                                                                                                 "never changed",
				"REPLACE INTO baseline SELECT action, '2020-01-01', '', '' FROM baseline":                                                                               "never replaced",
				"PRAGMA recursive_triggers = 0; REPLACE INTO baseline VALUES (1, '', '', '')":                                                                           "never replaced",
				"REPLACE INTO snapshot SELECT id, organisation, template, from_month, to_month, made_on, method, simulated, 'abc', '{}' FROM snapshot":                  "never replaced",
				fmt.Sprintf("REPLACE INTO snapshot SELECT 7, organisation, template, from_month, to_month, made_on, method, simulated, '%s', '{}' FROM snapshot", hash): "never replaced",
			},
			"postgres": {
				"INSERT INTO snapshot SELECT * FROM snapshot ON CONFLICT (id) DO UPDATE SET body = '{}'":                                     "never",
				"INSERT INTO baseline SELECT action, '2020-01-01', '', '' FROM baseline ON CONFLICT (action) DO UPDATE SET kept_on = '2020'": "never",
				"TRUNCATE snapshot":         "never removed",
				"TRUNCATE snapshot CASCADE": "never removed",
				"TRUNCATE baseline":         "goes with its action",
			},
		}[at.engine.name])
		for statement, why := range statements {
			if err := c.raw(statement); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v; want %q", statement, err, why)
			}
		}
		if after := storetest.Told(t, c, "A"); after != before || !strings.Contains(before, hash) {
			t.Errorf("%s\nwas\n%s", after, before)
		}
	})
}
