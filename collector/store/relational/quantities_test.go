package relational_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

func TestAQuantityTakesThePlaceOfTheOneOfTheSameNameSiteAndMonths(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b, site := c.sites[0].Organisation, c.sites[2].Organisation, c.sites[1].ID
		set := func(q collector.Quantity) collector.Quantity {
			t.Helper()
			kept, err := c.SetQuantity(t.Context(), q)
			c.must(err)
			if q.ID = kept.ID; kept != q || kept.ID == 0 {
				t.Errorf("%+v; want %+v", kept, q)
			}
			return kept
		}
		all := set(quantity(a, 0, "staff", "2025-09", "2026-08", 1200))
		of := set(quantity(a, site, "staff", "2025-09", "2026-08", 200))
		early := set(quantity(a, 0, "staff", "2024-09", "2025-08", 1100))
		short := set(quantity(a, 0, "staff", "2025-09", "2025-09", 1150))
		area := set(quantity(a, 0, "area", "2025-09", "2026-08", 0.5))
		other := set(quantity(b, 0, "staff", "2025-09", "2026-08", 7))
		again := quantity(a, 0, "staff", "2025-09", "2026-08", 1300)
		again.Source, again.Owner, again.Note = "annuaire", "", ""
		if again = set(again); again.ID != all.ID {
			t.Errorf("what took its place has the number %d; want %d", again.ID, all.ID)
		}
		want := []collector.Quantity{area, early, short, again, of}
		if got, err := c.Quantities(t.Context(), a); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		for name, err := range map[string]error{
			"of nobody": second(c.SetQuantity(t.Context(), quantity(77, 0, "staff", "2025-09", "2026-08", 1))), "of the site of another": second(c.SetQuantity(t.Context(), quantity(a, c.sites[2].ID, "staff", "2025-09", "2026-08", 1))),
			"removed by another": c.RemoveQuantity(t.Context(), b, all.ID), "that is none, removed": c.RemoveQuantity(t.Context(), a, 77),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a quantity %s: %v", name, err)
			}
		}
		if got, err := c.SetQuantity(t.Context(), quantity(a, 0, "trees", "2025-09", "2026-08", 1)); err == nil || got.ID != 0 {
			t.Errorf("a quantity of trees: %+v", got)
		}
		c.must(c.RemoveQuantity(t.Context(), a, area.ID))
		if got, err := c.Quantities(t.Context(), a); err != nil || !slices.Equal(got, want[1:]) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Quantities(t.Context(), b); err != nil || !slices.Equal(got, []collector.Quantity{other}) {
			t.Errorf("of the other: %+v, %v", got, err)
		}
	})
}

func TestOfManyThatAreImportedAllAreKeptOrNone(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		ctx := t.Context()
		a, b, site := c.sites[0].Organisation, c.sites[2].Organisation, c.sites[0].ID
		foreign := c.sites[2].ID
		for name, x := range map[string]struct {
			table string
			bad   map[string]error // by a word of why
			good  func() error     // two rows, one of which leaves its organisation out
		}{
			"quantities": {
				"quantity", map[string]error{
					"not a number":       c.SetQuantities(ctx, a, []collector.Quantity{quantity(a, 0, "staff", "2025-09", "2026-08", 1), quantity(a, 0, "staff", "2025-09", "2026-08", -1)}),
					"number 2 of 2":      c.SetQuantities(ctx, a, []collector.Quantity{quantity(a, 0, "staff", "2025-09", "2026-08", 1), quantity(a, foreign, "staff", "2025-09", "2026-08", 1)}),
					"is of organisation": c.SetQuantities(ctx, a, []collector.Quantity{quantity(b, 0, "staff", "2025-09", "2026-08", 1)}),
					"not found":          c.SetQuantities(ctx, 77, []collector.Quantity{quantity(0, 0, "staff", "2025-09", "2026-08", 1)}),
				}, func() error {
					return c.SetQuantities(ctx, a, []collector.Quantity{quantity(0, 0, "staff", "2025-09", "2026-08", 1), quantity(a, site, "staff", "2025-09", "2026-08", 1)})
				},
			},
			"readings": {
				"meter_reading", map[string]error{
					"kWh are not":        c.PutReadings(ctx, a, []collector.Reading{reading(a, site, "1", "2026-01-01", "2026-01-31", 1), reading(a, site, "2", "2026-01-01", "2026-01-31", -1)}),
					"number 2 of 2":      c.PutReadings(ctx, a, []collector.Reading{reading(a, site, "1", "2026-01-01", "2026-01-31", 1), reading(a, foreign, "1", "2026-01-01", "2026-01-31", 1)}),
					"is of organisation": c.PutReadings(ctx, a, []collector.Reading{reading(b, foreign, "1", "2026-01-01", "2026-01-31", 1)}),
					"not found":          c.PutReadings(ctx, a, []collector.Reading{reading(0, 77, "1", "2026-01-01", "2026-01-31", 1)}),
				}, func() error {
					return c.PutReadings(ctx, a, []collector.Reading{reading(0, site, "1", "2026-01-01", "2026-01-31", 1), reading(a, site, "1", "2026-02-01", "2026-02-28", 1)})
				},
			},
			"prices": {
				"price", map[string]error{
					"euros a kWh":        c.SetPrices(ctx, a, []collector.Price{price(a, "2026-01", 0.2), price(a, "2026-02", 200)}),
					"is of organisation": c.SetPrices(ctx, a, []collector.Price{price(a, "2026-01", 0.2), price(b, "2026-02", 0.2)}),
					"not found":          c.SetPrices(ctx, 77, []collector.Price{price(0, "2026-01", 0.2)}),
				}, func() error {
					return c.SetPrices(ctx, a, []collector.Price{price(0, "2026-01", 0.2), price(a, "2026-02", 0.2)})
				},
			},
			"factors": {
				"factor", map[string]error{
					"is not named":       c.SetFactors(ctx, a, []collector.Factor{factor(a, "electricity", 32), factor(a, "Électricité", 32)}),
					"is of organisation": c.SetFactors(ctx, a, []collector.Factor{factor(a, "electricity", 32), factor(b, "electricity", 32)}),
					"not found":          c.SetFactors(ctx, 77, []collector.Factor{factor(0, "electricity", 32)}),
				}, func() error {
					return c.SetFactors(ctx, a, []collector.Factor{factor(0, "electricity", 32), factor(a, "made.tablet", 32)})
				},
			},
		} {
			for why, err := range x.bad {
				if err == nil || !strings.Contains(err.Error(), why) {
					t.Errorf("%s: %v; want %q", name, err, why)
				}
			}
			if n := c.at.counts(c.t)[x.table]; n != 0 {
				t.Errorf("%s that were refused have left %d rows", name, n)
			}
			for range 2 {
				c.must(x.good())
				if n := c.at.counts(c.t)[x.table]; n != 2 {
					t.Errorf("%d %s; want 2", n, name)
				}
			}
		}
	})
}

func TestAReadingTakesThePlaceOfTheOneOfTheSameMeterAndDates(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		one, two, foreign := c.sites[0].ID, c.sites[1].ID, c.sites[2].ID
		c.must(c.PutReadings(t.Context(), a, []collector.Reading{
			reading(a, two, "PDL", "2026-01-01", "2026-01-31", 5), reading(a, one, "PDL", "2026-02-01", "2026-02-28", 3), reading(a, one, "PDL", "2026-01-01", "2026-01-31", 2), reading(a, one, "Gaz", "2026-01-01", "2026-01-31", 1),
		}))
		c.must(c.PutReadings(t.Context(), b, []collector.Reading{reading(b, foreign, "PDL", "2026-01-01", "2026-01-31", 9)}))
		again := reading(a, one, "PDL", "2026-01-01", "2026-01-31", 2.5)
		again.Source = "facture"
		c.must(c.PutReadings(t.Context(), a, []collector.Reading{again}))
		want := []collector.Reading{reading(a, one, "Gaz", "2026-01-01", "2026-01-31", 1), again, reading(a, one, "PDL", "2026-02-01", "2026-02-28", 3), reading(a, two, "PDL", "2026-01-01", "2026-01-31", 5)}
		if got, err := c.Readings(t.Context(), a); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		for name, err := range map[string]error{
			"of the site of another": c.RemoveReadings(t.Context(), a, foreign, "PDL"), "by another": c.RemoveReadings(t.Context(), b, one, "PDL"), "of a meter that is none": c.RemoveReadings(t.Context(), a, two, "Gaz"),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("readings removed %s: %v", name, err)
			}
		}
		c.must(c.RemoveReadings(t.Context(), a, one, "PDL"))
		if got, err := c.Readings(t.Context(), a); err != nil || !slices.Equal(got, []collector.Reading{want[0], want[3]}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Readings(t.Context(), b); err != nil || len(got) != 1 {
			t.Errorf("of the other: %+v, %v", got, err)
		}
	})
}
