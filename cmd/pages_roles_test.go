package cmd_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// mayOpen tells whether a role opens the page at a path.
func mayOpen(role, path string) bool {
	path = strings.TrimPrefix(path, "/api/v1")
	if rest, ok := strings.CutPrefix(path, "/csv/"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		path = "/" + rest
	}
	path, _, _ = strings.Cut(path, "?")
	for _, rule := range []struct{ root, roles string }{
		{"/sites", "it officer reader"},
		{"/levers", "it officer reader"},
		{"/what-if", "it officer reader"},
		{"/reports", "it officer reader"},
		{"/actions", "it officer reader"},
		{"/equipment", "it officer reader"},
		{"/machines", "it"},
		{"/settings/users", "it"},
		{"/settings/tokens", "it"},
		{"/settings/metering", "it"},
		{"/settings", "it officer"},
	} {
		if path == rule.root || strings.HasPrefix(path, rule.root+"/") {
			ofAll := rule.root == "/reports" // they are of the whole organisation
			return role == "all" || role == "one-site" && !ofAll || strings.HasPrefix(role, foreign) || slices.Contains(strings.Fields(rule.roles), role)
		}
	}
	return true
}

// addressesOf are those of pages, tables and figures with the numbers of a site, an action and a website in them, and of groups with any number.
func addressesOf(site, action, web int64) []string {
	paths := []string{
		fmt.Sprintf("/sites/%d", site), fmt.Sprintf("/sites/%d/hours", site), fmt.Sprintf("/machines/%d", site), fmt.Sprintf("/actions/%d", action), fmt.Sprintf("/csv/months/sites/%d", site),
		fmt.Sprintf("/settings/sites?site=%d", site), fmt.Sprintf("/settings/calendars?site=%d", site), fmt.Sprintf("/settings/metering?site=%d", site), fmt.Sprintf("/csv/silence/machines/%d", site), fmt.Sprintf("/csv/months/actions/%d", action),
	}
	for group := range 12 {
		paths = append(paths, fmt.Sprintf("/sites/%d/groups/%d", site, group))
	}
	for _, more := range []string{"", "/pages", "/practices", "/rules", "/rgesn", "/templates", "/history", "/page", "/page/practices", "/page/history", "/badge.svg", "/data.json", "/page.json"} {
		paths = append(paths, fmt.Sprintf("/web/%d%s", web, more))
	}
	return paths
}

// denied looks at the answer to an address of somebody else's: 404 as for what does not exist, 403 where the role does not open such pages at all.
func (r *province) denied(t *testing.T, p person, path string, a reply, secrets []string) {
	t.Helper()
	want := http.StatusNotFound
	if !mayOpen(p.name, path) {
		want = http.StatusForbidden
	}
	if a.status != want {
		t.Errorf("%s asks for %s and is answered %d, want %d: %.300s", p.name, path, a.status, want, a.text)
	}
	if said := names(a.text, secrets); said != "" {
		t.Errorf("%s asks for %s and is told of %q", p.name, path, said)
	}
}

// names is the first of names that is in a text; "" for none.
func names(text string, all []string) string {
	i := slices.IndexFunc(all, func(name string) bool { return strings.Contains(text, name) })
	if i < 0 {
		return ""
	}
	return all[i]
}

// Two organisations on one collector, with users of each role, see and change nothing of each other.
func TestOrganisationsOfOneCollectorHaveNothingOfEachOther(t *testing.T) {
	t.Parallel()
	r := newProvince(t, "40", "150")
	t.Run("WhatIsAnotherOrganisationsIsNotThere", r.notThere)
	t.Run("NoPageOfARoleTellsOfAnotherOrganisation", r.tellsNothing)
	t.Run("AFormThatNoPageOfTheReaderSentChangesNothing", r.foreignForms)
	t.Run("FormsWithTheNamesOfAnotherOrganisationChangeNothing", r.foreignNames)
}

func (r *province) notThere(t *testing.T) {
	logged := 0
	ofA := append([]string{"Corail"}, r.siteNames...)
	for _, p := range r.people {
		secrets, paths := []string{foreign}, addressesOf(r.site, r.action, r.web)
		switch {
		case strings.HasPrefix(p.name, foreign):
			secrets, paths = ofA, addressesOf(2, r.action-1, r.webA[0])
		case p.name == "one-site":
			secrets = append(secrets, r.siteNames[1], "Page de l’autre")
			paths = append(paths, addressesOf(2, r.action, r.webA[1])...)
		}
		nowhere := r.page(t, p, "/sites-that-never-were?lang=en")
		logged++
		for _, path := range paths {
			a := r.page(t, p, path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang=en")
			r.denied(t, p, path, a, secrets)
			if a.status == http.StatusNotFound {
				logged++
				if a.text != nowhere.text {
					t.Errorf("%s asks for %s and sees that it is there: %.300s", p.name, path, a.text)
				}
			}
			if api := apiOf(path); api != "" {
				answer := r.call(t, p, api)
				r.denied(t, p, api, answer, secrets)
				if answer.status == http.StatusNotFound {
					logged++
				}
			}
		}
	}
	lines := func() int { return strings.Count(r.running.log.String(), "asked for what is not there, or not theirs") }
	until(t, "a line in the log for each", func() bool { return lines() >= logged })
	if got := lines(); got != logged || logged < 100 {
		t.Errorf("%d times what was not there was asked for, and the log has %d lines", logged, got)
	}
	for line := range strings.SplitSeq(r.running.log.String(), "\n") {
		if strings.Contains(line, "not theirs") && (strings.Contains(line, "one-site") || strings.Contains(line, foreign)) {
			t.Errorf("the log says who asked: %s", line)
		}
	}
}

func (r *province) tellsNothing(t *testing.T) {
	all := slices.Collect(maps.Keys(r.crawl(t, r.people["all"])))
	for _, p := range r.people {
		secrets := []string{foreign}
		switch {
		case strings.HasPrefix(p.name, foreign):
			secrets = append([]string{"Corail"}, r.siteNames...)
		case p.name == "one-site":
			secrets = append(secrets, r.siteNames[1], "Page de l’autre")
		}
		look := func(path string, a reply) {
			text := strings.ReplaceAll(a.text, p.name, "") // the page says who has signed in
			if said := names(text, secrets); said != "" && !strings.Contains(path, "/public/") {
				t.Errorf("%s reads %q at %s", p.name, said, path)
			}
		}
		mine := r.crawl(t, p)
		for path, a := range mine {
			look(path, a)
			if !mayOpen(p.name, path) {
				t.Errorf("%s may open %s", p.name, path)
			}
			if api := apiOf(path); api != "" {
				answer := r.call(t, p, api)
				look(api, answer)
				if answer.status != http.StatusOK {
					t.Errorf("%s asks for %s and is answered %d: %.200s", p.name, api, answer.status, answer.text)
				}
			}
		}
		for _, path := range all { // each address that the organisation has, whatever the role is shown
			if a := r.page(t, p, path); !mayOpen(p.name, path) && a.status != http.StatusForbidden || a.status >= 500 {
				t.Errorf("%s asks for %s and is answered %d", p.name, path, a.status)
			} else {
				look(path, a)
			}
		}
	}
}

// filled is the form with what a page has put in it.
func filled(form *goquery.Selection) url.Values {
	values := url.Values{}
	for _, input := range form.Find("input[name]").EachIter() {
		if kind := input.AttrOr("type", "text"); kind == "checkbox" && input.AttrOr("name", "") != "sure" || kind == "file" {
			continue
		}
		values.Set(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	for _, list := range form.Find("select[name]").EachIter() {
		options := list.Find("option")
		values.Set(list.AttrOr("name", ""), options.Last().AttrOr("value", ""))
	}
	return values
}

// foreignValue is what is put into a field that names something: what another organisation has under that name.
func (r *province) foreignValue(field string) (values []string) {
	switch field {
	case "at", "site":
		return []string{"Lycée " + foreign, fmt.Sprint(r.site)}
	case "group", "group-name":
		return []string{"Salles " + foreign}
	case "action":
		return []string{fmt.Sprint(r.action)}
	case "target":
		return []string{"2"}
	case "user":
		return []string{foreign + "-all"}
	case "token-number":
		return []string{"1", "2", "3"}
	}
	return nil
}

// ordinary is what is put into a field that names nothing.
func ordinary(field, value string) string {
	for name, good := range map[string]string{
		"name": "Neuf", "user-name": "neuf", "machines": "1", "days": "1", "value": "1", "from": "2030-01", "by": "2030-12", "euro": "0.5", "on": "2030-01-01", "base-from": "2029-01",
		"base-to": "2029-12", "action-name": "Neuve", "first": "2030-01-02", "last": "2030-01-03", "open-hours": "1-5 08:00-18:00", "why": "x", "unit": "kgCO2e/kWh", "year": "2020", "source": "x",
		"meter-name": "Neuf", "measurement": "m", "line-field": "f",
	} {
		if field == name && value == "" {
			return good
		}
	}
	return value
}

func (r *province) foreignNames(t *testing.T) {
	b, me := r.people[foreign+"-all"], r.people["all"]
	before := r.state(t, b, "Lycée "+foreign)
	sent := 0
	for _, page := range []string{"organisation", "sites", "calendars", "prices", "factors", "targets", "actions", "equipment", "users", "tokens", "metering"} {
		for _, form := range r.page(t, me, "/settings/"+page+"?lang=en").doc(t).Find("main form[method=post]").EachIter() {
			base := filled(form)
			for field := range base {
				for _, value := range r.foreignValue(field) {
					values := url.Values{}
					for name, old := range base {
						values.Set(name, ordinary(name, old[0]))
					}
					values.Set(field, value)
					a := r.send(t, me.browser, http.MethodPost, form.AttrOr("action", ""), nil, values)
					sent++
					if a.status >= 500 || a.status < 400 && field != "token-number" && field != "group-name" && field != "target" {
						t.Errorf("/settings/%s: %s with %s = %s is answered %d %.200s", page, values.Get("do"), field, value, a.status, a.text)
					}
				}
			}
		}
	}
	if after := r.state(t, b, "Lycée "+foreign); after != before {
		t.Errorf("what the other organisation has was\n%s\nand is\n%s", before, after)
	}
	if sent < 20 {
		t.Errorf("only %d forms were sent", sent)
	}
}

func (r *province) foreignForms(t *testing.T) {
	me, other := r.people["all"], r.people["officer"]
	theirs := r.page(t, other, "/").doc(t).Find("input[name=token]").AttrOr("value", "")
	before := r.state(t, me, "1")
	sent := 0
	for path := range r.crawl(t, me) {
		a := r.page(t, me, path)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || strings.Contains(path, "page=") {
			continue
		}
		for _, form := range a.doc(t).Find("form[method=post]").EachIter() {
			values := filled(form)
			for name := range values {
				values.Set(name, ordinary(name, values.Get(name)))
			}
			to, mine := form.AttrOr("action", ""), values.Get("token")
			if mine == "" || theirs == "" || mine == theirs {
				t.Fatalf("%s has the token %q, and somebody else %q", path, mine, theirs)
			}
			for what, c := range map[string]struct {
				token   string
				headers map[string]string
			}{
				"no token":            {"", nil},
				"somebody's token":    {theirs, nil},
				"another origin":      {mine, map[string]string{"Origin": "https://elsewhere.example"}},
				"another site":        {mine, map[string]string{"Sec-Fetch-Site": "cross-site"}},
				"another port":        {mine, map[string]string{"Origin": "http://127.0.0.1:1"}},
				"a page without name": {mine, map[string]string{"Origin": "null"}},
			} {
				values.Set("token", c.token)
				if got := r.send(t, me.browser, http.MethodPost, to, c.headers, values); got.status != http.StatusForbidden {
					t.Errorf("a form of %s to %s with %s is answered %d", path, to, what, got.status)
				}
				sent++
			}
		}
	}
	if after := r.state(t, me, "1"); after != before {
		t.Errorf("what there was\n%s\nis\n%s", before, after)
	}
	if sent < 200 {
		t.Errorf("only %d forms were sent", sent)
	}
}
