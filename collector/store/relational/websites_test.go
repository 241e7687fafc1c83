package relational_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

func aWebsite(organisation int64, name, url string) collector.Website {
	return collector.Website{
		Organisation: organisation, Kind: collector.KindSite, Name: name, Contact: "web@example.org", EveryDays: 7, Open: true, AddedOn: "2026-11-16", NextOn: "2026-11-17",
		Rules: collector.WebsiteRules{URL: url, Mode: "two-speed", MaxPages: 500, Depth: 9, Exclude: []string{"/a*", "?b"}, Hosts: []string{"b.example"}, DropQuery: true, Delay: 1e9, Sample: 12},
	}
}

// added is the website as it is kept, with its number.
func (c town) added(w collector.Website) collector.Website {
	c.t.Helper()
	w, err := c.AddWebsite(c.t.Context(), w)
	c.must(err)
	return w
}

func TestAWebsiteIsKeptAsItIs(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "L'académie", "https://a.example/"))
		bare := c.added(collector.Website{Kind: collector.KindPage, Name: "b", EveryDays: 365, Rules: collector.WebsiteRules{URL: "https://b.example/"}})
		for _, want := range []collector.Website{w, bare} {
			if got, err := c.Website(t.Context(), want.ID); err != nil || want.ID == 0 || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		}
		if all, err := c.Websites(t.Context()); err != nil || !reflect.DeepEqual(all, []collector.Website{bare, w}) {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := c.Website(t.Context(), 99); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("no website: %v", err)
		}
	})
}

func TestAnOrganisationHasEachNameAndEachAddressOfAKindOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		b := c.sites[2].Organisation
		first := c.added(aWebsite(1, "one", "https://a.example/"))
		page := aWebsite(1, "a page", "https://a.example/")
		page.Kind = collector.KindPage
		for name, w := range map[string]collector.Website{
			"another kind": page, "another organisation": aWebsite(b, "one", "https://a.example/"), "nobody's": aWebsite(0, "one", "https://a.example/"),
		} {
			if _, err := c.AddWebsite(t.Context(), w); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, w := range map[string]collector.Website{
			"the same name": aWebsite(1, "one", "https://other.example/"), "the same address": aWebsite(1, "other", "https://a.example/"),
			"nobody's too": aWebsite(0, "one", "https://other.example/"),
		} {
			if _, err := c.AddWebsite(t.Context(), w); !errors.Is(err, collector.ErrExists) || c.Trouble(err) {
				t.Errorf("%s: %v; want ErrExists", name, err)
			}
		}
		other := c.added(aWebsite(1, "two", "https://b.example/"))
		other.Name = "one"
		if err := c.SetWebsite(t.Context(), other); !errors.Is(err, collector.ErrExists) {
			t.Errorf("renamed: %v; want ErrExists", err)
		}
		other.Name, other.Rules.URL = "two", first.Rules.URL
		if err := c.SetWebsite(t.Context(), other); !errors.Is(err, collector.ErrExists) {
			t.Errorf("moved: %v; want ErrExists", err)
		}
		var names []string
		all, err := c.Websites(t.Context())
		c.must(err)
		for _, w := range all {
			names = append(names, w.Name)
		}
		if !slices.Equal(names, []string{"one", "a page", "one", "two", "one"}) {
			t.Errorf("%q; want them by organisation, then name", names)
		}
	})
}

func TestAWebsiteThatCannotBeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		for name, change := range map[string]func(*collector.Website){
			"a header in the contact": func(w *collector.Website) { w.Contact = "a\r\nCookie: b" },
			"a control character":     func(w *collector.Website) { w.Name = "a\x1fb" },
			"half a letter":           func(w *collector.Website) { w.Name = "\xc3" },
			"a long address":          func(w *collector.Website) { w.Rules.URL = "https://a.example/" + strings.Repeat("a", 9000) },
			"no name":                 func(w *collector.Website) { w.Name = "" },
			"no address":              func(w *collector.Website) { w.Rules.URL = "" },
			"no kind":                 func(w *collector.Website) { w.Kind = "" },
			"never":                   func(w *collector.Website) { w.EveryDays = 0 },
			"seldom":                  func(w *collector.Website) { w.EveryDays = 366 },
			"no such organisation":    func(w *collector.Website) { w.Organisation = 99 },
		} {
			w := aWebsite(1, "a", "https://a.example/")
			change(&w)
			if _, err := c.AddWebsite(t.Context(), w); err == nil || c.Trouble(err) {
				t.Errorf("%s: added, %v; want an answer that is no trouble of the file", name, err)
			}
		}
		if all, err := c.Websites(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestWhatPeopleSayOfAWebsiteAndWhatMeasuringWritesAreApart(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "one", "https://a.example/"))
		if err := c.PlanWebsite(t.Context(), w.ID, collector.WebPlan{NextOn: "2026-11-18", Tries: 2, Problem: "nobody answers"}); err != nil {
			t.Fatal(err)
		}
		c.must(c.AskWebsite(t.Context(), w.ID))
		said := collector.Website{
			ID: w.ID, Name: "two", Contact: "", EveryDays: 30, NextOn: "2026-12-01", Rules: collector.WebsiteRules{URL: "https://c.example/", Mode: "static"},
			Organisation: 2, Kind: collector.KindPage, AddedOn: "1999-01-01", Tries: 9, Problem: "none", // not kept
		}
		entry := collector.Entry{On: "2026-11-22", Organisation: 1, Who: "web", What: "website set", Subject: "two"}
		c.must(c.SetWebsite(relational.Noting(t.Context(), entry), said))
		want := said
		want.Organisation, want.Kind, want.AddedOn, want.Asked, want.Tries, want.Problem = 1, collector.KindSite, w.AddedOn, true, 2, "nobody answers"
		if got, err := c.Website(t.Context(), w.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if all, err := c.Entries(t.Context(), 1, "", ""); err != nil || len(all) != 1 || all[0].Subject != "two" {
			t.Errorf("the audit log says %+v, %v", all, err)
		}
		c.must(c.PlanWebsite(t.Context(), w.ID, collector.WebPlan{NextOn: "2026-12-02"}))
		want.Asked, want.Tries, want.Problem, want.NextOn = false, 0, "", "2026-12-02"
		if got, err := c.Website(t.Context(), w.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	})
}

func TestThoseThatWereAskedForAreToldUntilTheyAreMeasured(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		var ids []int64
		for _, name := range []string{"a", "b", "c"} {
			ids = append(ids, c.added(aWebsite(1, name, "https://"+name+".example/")).ID)
		}
		asked := func(want ...int64) {
			t.Helper()
			if got, err := c.AskedWebsites(t.Context()); err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
		}
		asked()
		c.must(c.AskWebsite(t.Context(), ids[2]))
		c.must(c.AskWebsite(t.Context(), ids[0]))
		c.must(c.AskWebsite(t.Context(), ids[0]))
		asked(ids[0], ids[2])
		c.must(c.PlanWebsite(t.Context(), ids[0], collector.WebPlan{Problem: "in vain", Tries: 1}))
		asked(ids[2])
		c.must(c.KeepRun(t.Context(), aRun(ids[2], 1), collector.WebPlan{NextOn: "2026-12-01"}, nil, nil))
		asked()
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", "https://a.example/"))
		for name, err := range map[string]error{
			"set": c.SetWebsite(t.Context(), aWebsite(1, "b", "https://b.example/")), "remove": c.RemoveWebsite(t.Context(), 9), "ask": c.AskWebsite(t.Context(), 9),
			"plan": c.PlanWebsite(t.Context(), 9, collector.WebPlan{}), "keep": c.KeepRun(t.Context(), aRun(9, 1), collector.WebPlan{}, nil, nil),
			"last run": second(c.LastWebRun(t.Context(), w.ID)), "page": second(c.WebPage(t.Context(), w.ID, "https://a.example/")),
			"forbid": c.ForbidHost(t.Context(), 1, "a"), "allow": c.AllowHost(t.Context(), 9, "a"),
		} {
			if !errors.Is(err, collector.ErrNotFound) || c.Trouble(err) {
				t.Errorf("%s: %v; want ErrNotFound", name, err)
			}
		}
	})
}

func TestAHostIsAllowedForOneOrganisation(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		b := c.sites[2].Organisation
		for _, host := range []string{"intranet.b.example", "intranet.a.example", "intranet.a.example"} {
			c.must(c.AllowHost(t.Context(), 1, host))
		}
		c.must(c.AllowHost(t.Context(), b, "intranet.b.example"))
		c.must(c.ForbidHost(t.Context(), 1, "intranet.b.example"))
		for organisation, want := range map[int64][]string{1: {"intranet.a.example"}, b: {"intranet.b.example"}, 9: nil} {
			if got, err := c.AllowedHosts(t.Context(), organisation); err != nil || !slices.Equal(got, want) {
				t.Errorf("%d: %v, %v; want %v", organisation, got, err, want)
			}
		}
		if err := c.AllowHost(t.Context(), 1, "a\nb"); err == nil {
			t.Error("a host of two lines is allowed")
		}
	})
}

func TestANumberOfAWebsiteIsNotGivenTwice(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", "https://a.example/"))
		c.must(c.RemoveWebsite(t.Context(), w.ID))
		if again := c.added(aWebsite(1, "a", "https://a.example/")); again.ID == w.ID {
			t.Errorf("both are %d", w.ID)
		}
	})
}

func TestAWebsiteThatIsAskedForWhileItIsMeasuredStaysAskedFor(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		for i, again := range []bool{true, false} {
			for name, plan := range map[string]func(collector.WebPlan) error{
				"a run":  func(p collector.WebPlan) error { return c.KeepRun(t.Context(), aRun(w.ID, i), p, nil, nil) },
				"a plan": func(p collector.WebPlan) error { return c.PlanWebsite(t.Context(), w.ID, p) },
			} {
				c.must(c.AskWebsite(t.Context(), w.ID))
				c.must(plan(collector.WebPlan{NextOn: "2030-01-01", Asked: again}))
				if got, err := c.AskedWebsites(t.Context()); err != nil || (len(got) == 1) != again {
					t.Errorf("after %s with %t: %v, %v", name, again, got, err)
				}
			}
		}
	})
}
