package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const home = "https://www.example.org/"

// world is a web in memory.
type world struct {
	mu     sync.Mutex
	pages  map[string]string // HTML by address
	moved  map[string]string // redirects
	texts  map[string]string // robots.txt and sitemaps; "503" is a status
	old    map[string]bool   // pages that have not changed
	fails  map[string]int    // how often an address fails for what may pass, from now on
	after  map[string]time.Duration
	visits []string
	die    int // the visit at which the crawl is interrupted; 0: none
}

var errKilled = errors.New("killed")

func (w *world) Text(_ context.Context, address string) (Text, error) {
	text, ok := w.texts[address]
	t := Text{URL: address, Status: 200, Body: io.NopCloser(strings.NewReader(text))}
	switch {
	case !ok:
		t.Status = 404
	case text == "503":
		t.Status = 503
	case text == "gone":
		return Text{}, errors.New("no such host")
	}
	return t, nil
}

func (w *world) Visit(_ context.Context, address string, before json.RawMessage) (View, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.visits = append(w.visits, address)
	if len(w.visits) == w.die {
		return View{}, errKilled
	}
	if w.fails[address] > 0 {
		w.fails[address]--
		return View{URL: address, Failed: true, Again: true, After: w.after[address], Result: json.RawMessage(`{"code":"status"}`)}, nil
	}
	for w.moved[address] != "" {
		address = w.moved[address]
	}
	html, ok := w.pages[address]
	v := View{URL: address, HTML: []byte(html), Header: http.Header{}, Result: json.RawMessage(fmt.Sprintf(`{"of":%q}`, address))}
	v.Failed = !ok
	v.Unchanged = ok && before != nil && w.old[address]
	return v, nil
}

// link is an HTML that links to some addresses.
func link(to ...string) string {
	var b strings.Builder
	for _, a := range to {
		fmt.Fprintf(&b, "<a href=%q>more</a>", a)
	}
	return b.String()
}

// rules begin at home.
func start(t *testing.T) Rules {
	t.Helper()
	u, err := url.Parse(home)
	if err != nil {
		t.Fatal(err)
	}
	return Rules{Start: []*url.URL{u}}
}

func journal(t *testing.T, name string) *Journal {
	t.Helper()
	j, err := OpenJournal(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// crawls is a crawl without delays, in a new journal.
func crawls(t *testing.T, w *world, o Options) (Summary, map[string]page) {
	t.Helper()
	j := journal(t, filepath.Join(t.TempDir(), "crawl.ndjson"))
	if o.Start == nil {
		o.Start = start(t).Start
	}
	if o.Delay == 0 {
		o.Delay = -1
	}
	s, err := Crawl(t.Context(), w, j, o)
	if err != nil {
		t.Fatal(err)
	}
	return s, kept(t, j)
}

// kept is what a journal has, by address; a page is in it once, but for one to be looked at later.
func kept(t *testing.T, j *Journal) map[string]page {
	t.Helper()
	all := map[string]page{}
	err := j.each(func(l line, _ int64) error {
		if l.Page != nil {
			if before, twice := all[l.Page.URL]; twice && before.State != Later {
				t.Errorf("%s is in the journal twice", l.Page.URL)
			}
			all[l.Page.URL] = *l.Page
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// seenOnly are the paths of the pages that were looked at.
func seenOnly(all map[string]page) (paths []string) {
	for _, address := range slices.Sorted(maps.Keys(all)) {
		if all[address].State == Seen {
			paths = append(paths, strings.TrimPrefix(address, home))
		}
	}
	return paths
}

func TestEveryPageThatIsLinkedOrListedIsLookedAtOnce(t *testing.T) {
	w := &world{
		pages: map[string]string{
			home:             link("a", "/b?utm_source=x", "https://other.example.org/", "a#top", "doc.pdf", "mailto:x@example.org"),
			home + "a":       link("/b", "c"),
			home + "b":       link("/", "old"),
			home + "c":       `<link rel=canonical href=/a>` + link("d"),
			home + "d":       "",
			home + "orphan":  "",
			home + "private": "",
		},
		moved: map[string]string{home + "old": home + "new"},
		texts: map[string]string{
			home + "robots.txt": "User-agent: *\nDisallow: /private\nSitemap: " + home + "map.xml\n",
			home + "map.xml":    `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>` + home + `orphan</loc></url><url><loc>` + home + `private</loc></url><url><loc>` + home + `gone</loc></url></urlset>`,
		},
	}
	w.pages[home+"new"] = ""
	s, all := crawls(t, w, Options{})
	if got, want := seenOnly(all), []string{"", "a", "b", "c", "d", "new", "orphan"}; !slices.Equal(got, want) {
		t.Errorf("looked at %q; want %q", got, want)
	}
	for path, want := range map[string]page{"old": {State: Alias, To: home + "new"}, "private": {State: Refused, Reason: ByRobots}, "gone": {State: Failed}} {
		if got := all[home+path]; got.State != want.State || got.To != want.To || got.Reason != want.Reason {
			t.Errorf("%s is %+v; want %+v", path, got, want)
		}
	}
	if string(all[home+"new"].Result) != `{"of":"`+home+`new"}` {
		t.Errorf("new has %s", all[home+"new"].Result)
	}
	if all[home+"c"].Copy != home+"a" {
		t.Errorf("c is %+v", all[home+"c"])
	}
	if s.Pages != 7 || s.Failed != 1 || s.Aliases != 1 || s.Left[Outside] != 0 || len(s.Sitemaps) != 1 || s.Sitemaps[0].URLs != 3 {
		t.Errorf("%+v", s)
	}
	if slices.Contains(w.visits, home+"private") || len(w.visits) != 8 { // a redirect is looked at where it leads
		t.Errorf("visited %q", w.visits)
	}
}

// maze is a site whose pages link to each other at random, some of them redirects, copies or nothing at all.
func maze(random *rand.Rand, n int) *world {
	w := &world{pages: map[string]string{}, moved: map[string]string{}, texts: map[string]string{}}
	name := func(i int) string {
		if i == 0 {
			return home
		}
		return fmt.Sprintf("%sp%d", home, i)
	}
	for i := range n {
		var to []string
		if i+1 < n {
			to = append(to, name(i+1)) // so that all are found
		}
		for range random.IntN(6) {
			to = append(to, name(random.IntN(n)))
		}
		html := link(to...)
		switch {
		case i > 0 && random.IntN(12) == 0:
			html += `<link rel=canonical href="` + name(random.IntN(n)) + `">`
		case i > 0 && i+1 < n && random.IntN(12) == 0:
			w.moved[name(i)] = name(i + 1)
		}
		if random.IntN(15) > 0 || i == 0 {
			w.pages[name(i)] = html
		}
	}
	return w
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestManyAtOnceFindWhatOneFinds(t *testing.T) {
	for seed := range uint64(20) {
		w := maze(rand.New(rand.NewPCG(seed, 9)), 80)
		_, want := crawls(t, w, Options{})
		_, got := crawls(t, w, Options{Parallel: 8})
		if a, b := seenOnly(got), seenOnly(want); !slices.Equal(a, b) {
			t.Errorf("seed %d: eight saw %q, one saw %q", seed, a, b)
		}
	}
}

func TestAPageThatHasNotChangedKeepsItsResultAndItsLinks(t *testing.T) {
	w := &world{pages: map[string]string{home: link("a"), home + "a": link("b"), home + "b": ""}, old: map[string]bool{}}
	before := journal(t, filepath.Join(t.TempDir(), "last"))
	if _, err := Crawl(t.Context(), w, before, Options{Rules: start(t), Delay: -1}); err != nil {
		t.Fatal(err)
	}
	w.old[home], w.old[home+"b"] = true, true
	w.pages[home+"a"] = link("b", "c")
	w.pages[home+"c"] = ""
	s, all := crawls(t, w, Options{Before: before})
	deep := Options{Before: before}
	deep.Depth = 2
	if s, _ := crawls(t, w, deep); s.Unchanged != 2 { // by other rules than those of the last time
		t.Errorf("by other rules: %+v", s)
	}
	if s.Unchanged != 2 || s.Pages != 4 || !slices.Equal(all[home].Links, []string{home + "a"}) || string(all[home].Result) != `{"of":"`+home+`"}` {
		t.Errorf("%+v\n%+v", s, all)
	}
}

func TestASiteWhoseRobotsAreNotKnownIsLeftAlone(t *testing.T) {
	other := &world{ // each scheme has its own
		pages: map[string]string{home: link("http://www.example.org/b"), "http://www.example.org/b": ""},
		texts: map[string]string{"http://www.example.org/robots.txt": "503"},
	}
	if _, all := crawls(t, other, Options{}); all[home].State != Seen || all["http://www.example.org/b"].Reason != ByRobots {
		t.Errorf("by another scheme: %+v", all)
	}
	for _, text := range []string{"503", "gone"} {
		w := &world{pages: map[string]string{home: ""}, texts: map[string]string{home + "robots.txt": text}}
		s, all := crawls(t, w, Options{})
		if s.Pages != 0 || len(w.visits) != 0 || len(s.Robots) != 1 || all[home].Reason != ByRobots {
			t.Errorf("%s: %+v, visited %q", text, s, w.visits)
		}
	}
}

func TestAHostIsLeftAloneAsLongAsItAsks(t *testing.T) {
	for robots, want := range map[string]time.Duration{"": time.Second, "User-agent: *\nCrawl-delay: 7\n": 7 * time.Second} {
		w := &world{pages: map[string]string{home: link("a"), home + "a": ""}, texts: map[string]string{home + "robots.txt": robots}}
		var waited []time.Duration
		_, _ = crawls(t, w, Options{Delay: time.Second, Wait: func(_ context.Context, d time.Duration) error {
			waited = append(waited, d)
			return nil
		}})
		if len(waited) != 4 || waited[2] != want || waited[3] != want {
			t.Errorf("%q: waited %v after robots.txt, the sitemap and each page; want %v", robots, waited, want)
		}
	}
}

func TestASiteWithoutEndEnds(t *testing.T) {
	for name, w := range map[string]func(string) string{
		"deeper and deeper":  func(path string) string { return link(path + "x/") },
		"a calendar":         func(path string) string { return link("/?day=1"+path, "/?day=2"+path, "/?day="+fmt.Sprint(len(path))) },
		"all of its numbers": func(string) string { return link("/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9") },
	} {
		o := Options{Rules: start(t), Delay: -1}
		o.MaxPages, o.Depth = 30, 12
		v := &endless{page: w}
		s, err := Crawl(t.Context(), v, journal(t, filepath.Join(t.TempDir(), "j")), o)
		if err != nil || s.Pages > 30 || s.Pages < 9 || s.Found > 600 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// endless is a web whose pages are made as they are asked for.
type endless struct {
	world
	page func(path string) string
}

func (e *endless) Visit(_ context.Context, address string, _ json.RawMessage) (View, error) {
	return View{URL: address, HTML: []byte(e.page(strings.TrimPrefix(address, strings.TrimSuffix(home, "/")))), Result: json.RawMessage("{}")}, nil
}

func TestAJournalOfAnotherSiteIsRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "j")
	w := &world{pages: map[string]string{home: ""}}
	if _, err := Crawl(t.Context(), w, journal(t, name), Options{Rules: start(t), Delay: -1}); err != nil {
		t.Fatal(err)
	}
	other, _ := url.Parse("https://www.example.com/")
	if _, err := Crawl(t.Context(), w, journal(t, name), Options{Rules: Rules{Start: []*url.URL{other}}, Delay: -1}); err == nil || !strings.Contains(err.Error(), "give another file") {
		t.Errorf("another site: %v", err)
	}
	for _, text := range []string{"hello\n", "{}\n", `{"site":{"version":9,"start":["` + home + `"]}}` + "\n", `{"site":{"version":1,"start":["` + home + `"]}}` + "\n" + `{"page":{"n":7,"url":"x","state":"seen"}}` + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Crawl(t.Context(), w, journal(t, name), Options{Rules: start(t), Delay: -1}); err == nil || !strings.Contains(err.Error(), "another file") {
			t.Errorf("%q: %v", text, err)
		}
		if string(read(t, name)) != text {
			t.Errorf("%q was changed to %q", text, read(t, name))
		}
	}
}

func TestACopyIsOneOfAPageThatWasLookedAt(t *testing.T) {
	copied := func(of string) string { return `<link rel=canonical href="` + of + `">` }
	w := &world{
		pages: map[string]string{
			home:            link("a", "b", "c", "d", "e", "f", "slash"),
			home + "a":      copied("/b") + "A",
			home + "b":      copied("/b"),
			home + "c":      copied("/d"), // each of the other
			home + "d":      copied("/c"),
			home + "e":      copied("/gone"),
			home + "f":      copied("/old"),   // which leads to b
			home + "slash/": copied("/slash"), // which leads back
		},
		moved: map[string]string{home + "old": home + "b", home + "slash": home + "slash/"},
	}
	j := journal(t, filepath.Join(t.TempDir(), "j"))
	if _, err := Crawl(t.Context(), w, j, Options{Rules: start(t), Delay: -1}); err != nil {
		t.Fatal(err)
	}
	got := map[string]State{}
	err := j.Read(func(k Kept) error {
		got[strings.TrimPrefix(k.URL, home)] = k.State
		return nil
	}, nil)
	want := map[string]State{"": Seen, "a": Copy, "b": Seen, "c": Seen, "d": Seen, "e": Seen, "f": Copy, "old": Alias, "slash": Alias, "slash/": Seen, "gone": Failed}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
