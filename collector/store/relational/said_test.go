package relational_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

func price(organisation int64, from collector.Month, euros float64) collector.Price {
	return collector.Price{Organisation: organisation, From: from, EuroPerKWh: euros, Tax: "excluded", Source: "marché 2026"}
}

func factor(organisation int64, id string, value float64) collector.Factor {
	return collector.Factor{
		Organisation: organisation, ID: id, Value: value, Low: value / 2, High: 2 * value, Unit: "gCO2e/kWh", Year: 2025, Source: "Base Empreinte", Link: "https://example.org/f",
		Licence: "Licence Ouverte 2.0", Verified: true,
	}
}

func target(organisation, site int64) collector.Target {
	return collector.Target{Organisation: organisation, Site: site, Indicator: "kwh", Value: 1000.5, By: "2030-12", Note: "décret tertiaire"}
}

func action(organisation, site, group int64, on collector.Date) collector.Action {
	return collector.Action{
		Organisation: organisation, Site: site, Group: group, Name: "Veille à 20 minutes", Measure: "sleep-policy", On: on, BaseFrom: "2025-09", Base: "2026-02", Owner: "DSI", Note: "par GPO",
	}
}

func TestAPriceHoldsFromItsMonthAndIsReplacedByOneFromTheSame(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		early, late, other := price(a, "2025-01", 0.21), price(a, "2026-02", 0.1875), price(b, "2026-02", 0.3)
		c.must(c.SetPrice(t.Context(), late))
		c.must(c.SetPrice(t.Context(), early))
		c.must(c.SetPrice(t.Context(), other))
		late.EuroPerKWh, late.Tax, late.Source = 0.1999, "included", "facture"
		c.must(c.SetPrice(t.Context(), late))
		if all, err := c.Prices(t.Context(), a); err != nil || !slices.Equal(all, []collector.Price{early, late}) {
			t.Errorf("%+v, %v", all, err)
		}
		for name, err := range map[string]error{
			"of nobody":                c.SetPrice(t.Context(), price(77, "2026-02", 0.2)),
			"that nobody has said":     c.RemovePrice(t.Context(), a, "2026-03"),
			"of another, of the month": c.RemovePrice(t.Context(), b, "2025-01"),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a price %s: %v", name, err)
			}
		}
		if err := c.SetPrice(t.Context(), price(a, "2026-13", 0.2)); err == nil {
			t.Error("a price from a month that there is not")
		}
		c.must(c.RemovePrice(t.Context(), a, "2025-01"))
		if all, err := c.Prices(t.Context(), a); err != nil || !slices.Equal(all, []collector.Price{late}) {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err := c.Prices(t.Context(), b); err != nil || !slices.Equal(all, []collector.Price{other}) {
			t.Errorf("of the other: %+v, %v", all, err)
		}
	})
}

func TestAnOrganisationHasFactorsOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		made, power, other := factor(a, "made.notebook", 150), factor(a, "electricity", 32), factor(b, "electricity", 50)
		for _, f := range []collector.Factor{made, power, other} {
			c.must(c.SetFactor(t.Context(), f))
		}
		power = factor(a, "electricity", 40)
		power.Verified, power.Year, power.Unit, power.Source, power.Link, power.Licence = false, 2026, "gCO2e par kWh", "RTE", "", ""
		c.must(c.SetFactor(t.Context(), power))
		if all, err := c.Factors(t.Context(), a); err != nil || !slices.Equal(all, []collector.Factor{power, made}) {
			t.Errorf("%+v, %v", all, err)
		}
		for name, err := range map[string]error{
			"that comes with the program": c.SetFactor(t.Context(), factor(0, "electricity", 32)),
			"that nobody has set":         c.RemoveFactor(t.Context(), a, "life.notebook"),
			"of another":                  c.RemoveFactor(t.Context(), b, "made.notebook"),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a factor %s: %v", name, err)
			}
		}
		if err := c.SetFactor(t.Context(), factor(a, "Électricité", 32)); err == nil {
			t.Error("a factor that has no such name")
		}
		c.must(c.RemoveFactor(t.Context(), a, "electricity"))
		if all, err := c.Factors(t.Context(), a); err != nil || !slices.Equal(all, []collector.Factor{made}) {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err := c.Factors(t.Context(), b); err != nil || !slices.Equal(all, []collector.Factor{other}) {
			t.Errorf("of the other: %+v, %v", all, err)
		}
	})
}

func TestATargetIsOfAnOrganisationOrOfASiteOfIts(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		var all []collector.Target
		for _, x := range []collector.Target{target(a, c.sites[1].ID), target(a, 0), target(b, 0)} {
			kept, err := c.AddTarget(t.Context(), x)
			c.must(err)
			if x.ID = kept.ID; kept != x || kept.ID == 0 {
				t.Errorf("%+v; want %+v", kept, x)
			}
			all = append(all, kept)
		}
		if got, err := c.Targets(t.Context(), a); err != nil || !slices.Equal(got, all[:2]) {
			t.Errorf("%+v, %v; want %+v", got, err, all[:2])
		}
		for name, err := range map[string]error{
			"of the site of another": second(c.AddTarget(t.Context(), target(a, c.sites[2].ID))),
			"of no site":             second(c.AddTarget(t.Context(), target(a, 77))),
			"of nobody":              second(c.AddTarget(t.Context(), target(77, 0))),
			"removed by another":     c.RemoveTarget(t.Context(), b, all[0].ID),
			"that is none, removed":  c.RemoveTarget(t.Context(), a, 77),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a target %s: %v", name, err)
			}
		}
		wrong := target(a, 0)
		wrong.Indicator = "trees"
		if got, err := c.AddTarget(t.Context(), wrong); err == nil {
			t.Errorf("a target of nothing: %+v", got)
		}
		c.must(c.RemoveTarget(t.Context(), a, all[0].ID))
		if got, err := c.Targets(t.Context(), a); err != nil || !slices.Equal(got, all[1:2]) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAnActionIsOfAnOrganisationASiteOrAGroup(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		room, foreign, gone := c.room(0, "Salle 12"), c.room(2, "Salle 12"), c.room(0, "Salle 13")
		c.must(c.RemoveGroup(t.Context(), gone.ID, "2026-11-16"))
		long := action(a, c.sites[0].ID, room.ID, "2026-03-02")
		long.Until, long.ExpectedKWh, long.Serves = "2027-03-01", 5000.5, "U1"
		var all []collector.Action
		for _, x := range []collector.Action{
			long, action(a, 0, 0, "2026-04-01"), action(a, c.sites[1].ID, 0, "2026-03-02"), action(b, c.sites[2].ID, foreign.ID, "2026-05-01"),
		} {
			kept, err := c.AddAction(t.Context(), x)
			c.must(err)
			if x.ID = kept.ID; kept != x || kept.ID == 0 {
				t.Errorf("%+v; want %+v", kept, x)
			}
			all = append(all, kept)
		}
		want := []collector.Action{all[1], all[2], all[0]} // the last date first
		if got, err := c.Actions(t.Context(), a); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		for name, x := range map[string]collector.Action{
			"at the site of another":     action(a, c.sites[2].ID, 0, "2026-03-02"),
			"of the group of another":    action(a, c.sites[0].ID, foreign.ID, "2026-03-02"),
			"of a group of another site": action(a, c.sites[1].ID, room.ID, "2026-03-02"),
			"of a group that was":        action(a, c.sites[0].ID, gone.ID, "2026-03-02"),
			"of nobody":                  action(77, 0, 0, "2026-03-02"),
		} {
			if _, err := c.AddAction(t.Context(), x); !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("an action %s: %v", name, err)
			}
		}
		if got, err := c.AddAction(t.Context(), action(a, 0, 0, "2026-02-02")); err == nil {
			t.Errorf("an action within its own baseline: %+v", got)
		}
		if err := c.RemoveAction(t.Context(), b, all[0].ID); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("removed by another: %v", err)
		}
		c.must(c.RemoveAction(t.Context(), a, all[1].ID))
		c.must(c.RemoveGroup(t.Context(), room.ID, "2026-11-16")) // what was done there stays
		if got, err := c.Actions(t.Context(), a); err != nil || !slices.Equal(got, want[1:]) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func devices(class string, bought collector.Month, as string, count int) collector.Equipment {
	return collector.Equipment{Class: class, Bought: bought, As: as, Count: count, Source: "glpi.csv"}
}

func TestTheEquipmentOfASiteIsReplacedAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		put := func(organisation int64, site int, lines ...collector.Equipment) error {
			return c.ReplaceEquipment(t.Context(), organisation, c.sites[site].ID, lines)
		}
		got := func(organisation int64) []collector.Equipment {
			t.Helper()
			all, err := c.Equipment(t.Context(), organisation)
			c.must(err)
			return all
		}
		c.must(put(a, 0, devices("tablet", "", "new", 1)))
		c.must(put(a, 1, devices("server", "2020-01", "new", 3)))
		c.must(put(b, 2, devices("monitor", "2021-09", "reused", 9)))
		lines := []collector.Equipment{
			devices("notebook", "2022-09", "new", 30), devices("notebook", "2022-09", "refurbished", 5), devices("desktop", "2019-09", "new", 12),
			devices("notebook", "2022-09", "new", 4), devices("notebook", "", "new", 2),
		}
		lines[3].Source = "achats.csv" // of two sources it is under the first
		want := []collector.Equipment{
			devices("desktop", "2019-09", "new", 12), devices("notebook", "", "new", 2), devices("notebook", "2022-09", "new", 34), devices("notebook", "2022-09", "refurbished", 5),
			devices("server", "2020-01", "new", 3),
		}
		for i, site := range []int{0, 0, 0, 0, 1} {
			want[i].Organisation, want[i].Site = a, c.sites[site].ID
		}
		for range 2 {
			c.must(put(a, 0, lines...))
			if all := got(a); !slices.Equal(all, want) {
				t.Errorf("%+v; want %+v", all, want)
			}
		}
		many := devices("notebook", "2022-09", "new", 900_000)
		of := func(organisation int64, site int) collector.Equipment {
			e := devices("tablet", "", "new", 1)
			e.Organisation, e.Site = organisation, c.sites[site].ID
			return e
		}
		for name, err := range map[string]error{
			"a line that is none": put(a, 0, devices("tablet", "", "new", 1), devices("tablet", "", "stolen", 1)), "more than there can be": put(a, 0, many, many),
			"a line of another site": put(a, 0, of(a, 1)), "a line of another organisation": put(a, 0, of(b, 0)),
		} {
			if err == nil || !strings.Contains(err.Error(), "line ") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := put(b, 0, lines...); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("the site of another: %v", err)
		}
		if all := got(a); !slices.Equal(all, want) {
			t.Errorf("what was refused has changed it: %+v", all)
		}
		c.must(put(a, 0, of(a, 0)))
		c.must(put(a, 0))
		if all := got(a); !slices.Equal(all, want[4:]) || len(got(b)) != 1 {
			t.Errorf("%+v, and of the other %+v", all, got(b))
		}
	})
}

func TestLinesOfEquipmentThatEndedOtherwiseAreOfDifferentKinds(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, site := c.sites[0].Organisation, c.sites[0].ID
		line := func(state string, ecolabel bool, left collector.Month, to string, count int) collector.Equipment {
			e := devices("notebook", "2019-09", "new", count)
			e.Organisation, e.Site, e.State, e.Ecolabel, e.Left, e.To = a, site, state, ecolabel, left, to
			return e
		}
		c.must(c.ReplaceEquipment(t.Context(), a, site, []collector.Equipment{
			line("stock", false, "", "", 1), line("retired", false, "2025-07", "recycling", 2), line("retired", false, "2025-07", "reuse-outside", 3), line("retired", false, "2025-06", "recycling", 4),
			line("retired", false, "", "", 5), line("", true, "", "", 6), line("", false, "", "", 7), line("in-service", false, "", "", 8), line("retired", false, "2025-07", "recycling", 20), line("in-service", true, "", "", 60),
		}))
		want := []collector.Equipment{
			line("", false, "", "", 15), line("", true, "", "", 66), line("retired", false, "", "", 5), line("retired", false, "2025-06", "recycling", 4), line("retired", false, "2025-07", "recycling", 22),
			line("retired", false, "2025-07", "reuse-outside", 3), line("stock", false, "", "", 1),
		}
		got, err := c.Equipment(t.Context(), a)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if err := c.ReplaceEquipment(t.Context(), a, site, []collector.Equipment{line("", false, "2025-07", "", 1)}); err == nil || !strings.Contains(err.Error(), "line 1: only retired") {
			t.Errorf("devices in service that have left: %v", err)
		}
		c.must(c.ReplaceEquipment(t.Context(), a, site, got))
		if again, err := c.Equipment(t.Context(), a); err != nil || !slices.Equal(again, want) {
			t.Errorf("what was read, kept again: %+v, %v", again, err)
		}
	})
}

func TestASiteSaysWhatItIsToOthers(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		site := c.sites[1]
		site.Open, site.Scope, site.Code, site.Commune = true, "lycees", "0350030B", "2A004"
		said := site
		said.Name, said.TimeZone = "Another", "UTC" // which it is not asked
		c.must(c.SetSite(t.Context(), said))
		want := []collector.Site{c.sites[0], site, c.sites[2]}
		if got, err := c.Sites(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		census, err := c.Census(t.Context())
		c.must(err)
		if len(census) != 3 || census[1].Site != site || census[0].Site != c.sites[0] {
			t.Errorf("the census: %+v", census)
		}
		for name, x := range map[string]collector.Site{"that is none": {ID: 77, Organisation: site.Organisation}, "of another": {ID: site.ID, Organisation: c.sites[2].Organisation}, "of nobody": {ID: site.ID}} {
			if err := c.SetSite(t.Context(), x); !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a site %s: %v", name, err)
			}
		}
		said.Commune = "35"
		if err := c.SetSite(t.Context(), said); err == nil || !strings.Contains(err.Error(), "INSEE") {
			t.Errorf("a commune that is none: %v", err)
		}
		site.Open = false
		c.must(c.SetSite(t.Context(), site))
		if got, err := c.Sites(t.Context()); err != nil || got[1] != site {
			t.Errorf("closed: %+v, %v; want %+v", got, err, site)
		}
	})
}

func TestAnOrganisationSaysItsNumberAndWhatItPublishes(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		want := collector.Responsible{
			Organisation: collector.Organisation{ID: c.sites[0].Organisation, Name: "A"}, Contact: "dpo@example.org", DPO: "Déléguée", Address: "1 rue\nParis", SIREN: "732829320", OpenData: true, Licence: "ODbL 1.0",
		}
		c.must(c.SetOrganisation(t.Context(), want))
		other := collector.Responsible{Organisation: collector.Organisation{ID: c.sites[2].Organisation, Name: "B"}}
		if got, err := c.Organisations(t.Context()); err != nil || !slices.Equal(got, []collector.Responsible{want, other}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Organisation(t.Context(), "A"); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		wrong := want
		wrong.SIREN = "732829321"
		if err := c.SetOrganisation(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "SIREN") {
			t.Errorf("a number that is none: %v", err)
		}
		if got, err := c.Organisation(t.Context(), "A"); err != nil || got != want {
			t.Errorf("what was refused has changed it: %+v, %v", got, err)
		}
	})
}

func TestASiteIsOpenToAllWhereSomebodySaidSo(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		m, err := c.enrol(2, 50, 60)
		c.must(err)
		c.must(second(c.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", collector.WholeDay, 600)})))
		for _, open := range []bool{true, false} {
			said := c.sites[1]
			said.Open = open
			c.must(c.SetSite(t.Context(), said))
			var where []bool
			sites, err := c.Sites(t.Context())
			c.must(err)
			for _, s := range sites {
				where = append(where, s.Open)
			}
			if !slices.Equal(where, []bool{false, open, false}) {
				t.Errorf("open are %v", where)
			}
			machines, err := c.Machines(t.Context(), c.sites[1].ID)
			c.must(err)
			spoken, err := c.Machine(t.Context(), key(60))
			c.must(err)
			census, err := c.Census(t.Context())
			c.must(err)
			tree, _, err := c.Figures().Tree(t.Context(), c.sites[1].Organisation)
			c.must(err)
			for name, is := range map[string]bool{
				"its machine": machines[0].Site.Open, "who speaks": spoken.Site.Open, "its records": everything(t, c.Store)[0].Site.Open, "the tree": tree[1].Open,
				"the census": slices.ContainsFunc(census, func(x relational.Census) bool { return x.Site.ID == c.sites[1].ID && x.Site.Open }),
			} {
				if is != open {
					t.Errorf("%s says %v; want %v", name, is, open)
				}
			}
		}
	})
}
