package relational_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
)

func TestATemplateTakesThePlaceOfTheOneOfTheSameName(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		for _, x := range []collector.Template{template(a, "reen"), template(a, "lnr-2022"), template(b, "reen")} {
			c.must(c.PutTemplate(t.Context(), x))
		}
		again := collector.Template{Organisation: a, ID: "reen", Version: "3", Text: "id: reen\nlines: []\n", AddedOn: "2026-11-01"}
		c.must(c.PutTemplate(t.Context(), again))
		if got, err := c.Templates(t.Context(), a); err != nil || !slices.Equal(got, []collector.Template{template(a, "lnr-2022"), again}) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := c.PutTemplate(t.Context(), template(a, "LNR 2022")); err == nil {
			t.Error("a template that has no such name is kept")
		}
		for name, err := range map[string]error{"of nobody": c.PutTemplate(t.Context(), template(77, "reen")), "that is none, removed": c.RemoveTemplate(t.Context(), a, "other"), "removed by another": c.RemoveTemplate(t.Context(), b, "lnr-2022")} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a template %s: %v", name, err)
			}
		}
		c.must(c.RemoveTemplate(t.Context(), a, "reen"))
		if got, err := c.Templates(t.Context(), a); err != nil || !slices.Equal(got, []collector.Template{template(a, "lnr-2022")}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Templates(t.Context(), b); err != nil || !slices.Equal(got, []collector.Template{template(b, "reen")}) {
			t.Errorf("of the other: %+v, %v", got, err)
		}
	})
}

func TestAWebsiteHasOneGridWhichGoesWithIt(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		one, two, foreign := c.page(a, "un.example"), c.page(a, "deux.example"), c.page(b, "trois.example")
		for _, g := range []collector.Grid{grid(a, two.ID), grid(a, one.ID), grid(b, foreign.ID)} {
			c.must(c.PutGrid(t.Context(), g))
		}
		again := grid(a, one.ID)
		again.On, again.Source = "2026-09-09", ""
		again.Criteria = []collector.Criterion{{ID: "9.1", Priority: "moderate", Status: "not-applicable"}, {ID: "1.1", Priority: "recommended", Status: "underway"}}
		c.must(c.PutGrid(t.Context(), again))
		if got, err := c.Grids(t.Context(), a); err != nil || !reflect.DeepEqual(got, []collector.Grid{again, grid(a, two.ID)}) {
			t.Errorf("%+v, %v", got, err)
		}
		empty := grid(a, one.ID)
		empty.Criteria = nil
		if err := c.PutGrid(t.Context(), empty); err == nil {
			t.Error("a grid without criteria is kept")
		}
		for name, err := range map[string]error{
			"of the website of another": c.PutGrid(t.Context(), grid(a, foreign.ID)), "of no website": c.PutGrid(t.Context(), grid(a, 77)), "of nobody": c.PutGrid(t.Context(), grid(0, one.ID)),
			"removed by another": c.RemoveGrid(t.Context(), b, one.ID), "that is none, removed": c.RemoveGrid(t.Context(), a, 77),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a grid %s: %v", name, err)
			}
		}
		c.must(c.RemoveGrid(t.Context(), a, one.ID))
		c.must(c.RemoveWebsite(t.Context(), two.ID))
		if got, err := c.Grids(t.Context(), a); err != nil || got != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Grids(t.Context(), b); err != nil || len(got) != 1 {
			t.Errorf("of the other: %+v, %v", got, err)
		}
	})
}
