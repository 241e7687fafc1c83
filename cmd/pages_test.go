package cmd_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// leaf is an address at which a collector has a page.
type leaf struct {
	at    string // in French or English
	shape string // its path with N for each number, and the keys of its query
}

var numbered = regexp.MustCompile(`/[0-9]+(/|$)`)

// shapeOf is what an address has in common with others that show the like.
func shapeOf(at *url.URL) string {
	path := numbered.ReplaceAllString(at.Path, "/N$1")
	keys := []string{}
	for key := range at.Query() {
		if key != "lang" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if len(keys) == 0 {
		return path
	}
	return path + "?" + strings.Join(keys, "&")
}

// inLanguage is an address in one of our languages.
func inLanguage(at url.URL, language string) string {
	values := at.Query()
	values.Set("lang", language)
	at.RawQuery, at.Fragment = values.Encode(), ""
	return at.String()
}

// walk are the pages to which links of ours lead from some of them, so many of each shape at most, each in both languages. All that a link leads
// to must be there, what is no page too.
func walk(t *testing.T, address string, most int, from ...string) (pages []leaf) {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	met, seen := map[string]int{}, map[string]bool{}
	var wait []*url.URL
	add := func(link string) {
		to, err := base.Parse(link)
		if err != nil {
			t.Errorf("%q is no address: %v", link, err)
			return
		}
		if plain := inLanguage(*to, ""); to.Host == base.Host && !seen[plain] && met[shapeOf(to)] < most {
			seen[plain] = true
			met[shapeOf(to)]++
			wait = append(wait, to)
		}
	}
	for _, path := range from {
		add(path)
	}
	for len(wait) > 0 {
		to := wait[0]
		wait = wait[1:]
		for _, language := range []string{"fr", "en"} {
			at := inLanguage(*to, language)
			status, header, _ := get(t, plain(), at)
			if status != http.StatusOK {
				t.Errorf("a link leads to %s, which is answered %d", at, status)
			}
			if !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
				break
			}
			pages = append(pages, leaf{at, shapeOf(to)})
			for _, link := range read(t, at).Find("a[href]").EachIter() {
				add(link.AttrOr("href", ""))
			}
		}
	}
	return pages
}

// pages are all pages of a world, for who has signed in and for who has not.
func (w world) pages(t *testing.T, most int) []leaf {
	t.Helper()
	all := walk(t, w.signed, most, "/", "/settings", "/public/sites")
	return append(all, walk(t, w.address, most, "/public/sites", "/sign-in")...)
}

// addresses of pages.
func addresses(pages []leaf) (all []string) {
	for _, p := range pages {
		all = append(all, p.at)
	}
	return all
}

// shapes are those of the pages of people of each role. A world with something of everything has links to all of these. No link leads to the
// lists of all templates and measures of a website before there are many: see webPaths.
func shapes() []string {
	return []string{
		"/", "/sites", "/sites/N", "/sites/N/groups/N", "/sites/N/hours", "/levers", "/actions", "/actions/N", "/equipment",
		"/machines", "/machines/kinds", "/machines/N",
		"/settings", "/settings/organisation", "/settings/sites", "/settings/calendars", "/settings/prices", "/settings/factors", "/settings/targets",
		"/settings/actions", "/settings/equipment", "/settings/users", "/settings/tokens", "/settings/metering",
		"/web", "/web/N", "/web/N/pages", "/web/N/practices", "/web/N/rules", "/web/N/rgesn",
		"/web/N/page?url", "/web/N/page/practices?url",
		"/method", "/data", "/accessibility", "/eco-design", "/public/sites", "/public/sites/N", "/sign-in",
	}
}

func TestEveryPageOfARegionIsForEverybodyAndSmall(t *testing.T) {
	t.Parallel()
	w := region(t)
	pages := w.pages(t, 2)
	for _, shape := range shapes() {
		if !slices.ContainsFunc(pages, func(p leaf) bool { return p.shape == shape }) {
			t.Errorf("no link leads to %s", shape)
		}
	}
	small(t, addresses(pages))
	t.Run("browser", func(t *testing.T) { look(t, w, pages) })
}

func TestEveryPageOfOneMachineIsForEverybodyAndSmall(t *testing.T) {
	t.Parallel()
	w := oneMachine(t)
	pages := w.pages(t, 1)
	small(t, addresses(pages))
	t.Run("browser", func(t *testing.T) { look(t, w, pages) })
}

func TestEveryPageOfTheFirstDayIsForEverybodyAndSmall(t *testing.T) {
	t.Parallel()
	w := empty(t)
	pages := w.pages(t, 1)
	if len(pages) < 2*30 {
		t.Errorf("only %d pages were found", len(pages))
	}
	small(t, addresses(pages))
	t.Run("browser", func(t *testing.T) { look(t, w, pages) })
}

// look opens pages in a browser, with axe-core, by day and by night, on a desk and on a telephone.
func look(t *testing.T, w world, pages []leaf) {
	t.Helper()
	if !hasChromium(t) {
		return
	}
	script := axe(t)
	b := newWindow(t)
	for i, p := range pages {
		b.wears(t, []int{1280, 360}[i/2%2], []string{"light", "dark"}[(i+i/4)%2])
		b.open(t, p.at)
		b.isPlain(t, p.at)
		b.isFor(t, p.at, script)
	}
	b.wears(t, 360, "dark")
	b.open(t, w.signed+"machines/1?lang=en")
	b.arrive(t, func() {
		_ = eval[any](t, b.tab, `document.querySelector("#reason").value = "machines that never sleep"; document.querySelector("main form").submit()`)
	})
	b.isPlain(t, "the machines of a site")
	b.isFor(t, "the machines of a site", script)
	if shown := eval[string](t, b.tab, "document.body.textContent"); !strings.Contains(shown, "machines that never sleep") {
		t.Errorf("the reason is not shown again: %s", shown)
	}
	manage(t, w.data, "user", "add", "guest", "--role", "reader")
	b.open(t, strings.TrimSuffix(w.address, "/")+strings.TrimSpace(manage(t, w.data, "user", "invite", "guest"))+"&lang=fr")
	b.isPlain(t, "the invitation")
	b.isFor(t, "the invitation", script)
	b.open(t, w.signed+"?lang=en")
	b.heard = nil
	_ = eval[any](t, b.tab, script+";0")
	_ = eval[any](t, b.tab, `document.documentElement.lang = ""; console.error("said by the test"); fetch("http://127.0.0.2:9/").catch(() => 0)`)
	if found := eval[[]violation](t, b.tab, runAxe); len(found) != 1 || found[0].ID != "html-has-lang" {
		t.Errorf("a page without a language is found to have %+v", found)
	}
	if said := fmt.Sprint(b.heard); !strings.Contains(said, "said by the test") || !strings.Contains(said, "connect-src") {
		t.Errorf("what a page should not do is not heard: %s", said)
	}
}
