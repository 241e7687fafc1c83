package survey

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
)

// place is a site of a few pages that does nothing wrong, until a test changes it.
type place struct {
	*httptest.Server
	mu      sync.Mutex
	pages   map[string]string            // what is in the body, by path
	heads   map[string]string            // what is in the head
	headers map[string]map[string]string // that an answer has beside the usual ones
	moved   map[string]string
	files   map[string]string // style sheets
	sitemap []string          // paths
	robots  string
	missing func(w http.ResponseWriter)
	asked   map[string]int // requests, by path
}

const lasting = "public, max-age=31536000"

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{
		pages: map[string]string{"/": links("/a", "/b", "/c"), "/a": links("/"), "/b": "b", "/c": "c"},
		heads: map[string]string{}, headers: map[string]map[string]string{"/s.css": {"Cache-Control": lasting}}, moved: map[string]string{},
		files:   map[string]string{"/s.css": strings.Repeat("p { margin: 0 }\n", 100)},
		sitemap: []string{"/", "/a", "/b", "/c"}, asked: map[string]int{},
		missing: func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<title>Nothing here</title><link rel=stylesheet href=/s.css>"))
		},
	}
	for path := range p.pages {
		p.heads[path] = named(path)
	}
	p.Server = httptest.NewServer(p)
	p.robots = "User-agent: *\nDisallow: /private\nSitemap: " + p.URL + "/sitemap.xml\n"
	t.Cleanup(p.Close)
	return p
}

func named(path string) string {
	return "<title>Page " + path + "</title><meta name=description content='About " + path + "'>"
}

func links(to ...string) string {
	var b strings.Builder
	for _, one := range to {
		fmt.Fprintf(&b, "<a href=%s>more</a> ", one)
	}
	return b.String()
}

// add adds a page that is linked to by others.
func (p *place) add(path, body string, from ...string) {
	p.pages[path], p.heads[path] = body, named(path)
	for _, other := range from {
		p.pages[other] += links(path)
	}
}

func (p *place) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := r.URL.Path
	p.asked[path]++
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	body, page := p.pages[path]
	switch {
	case path == "/robots.txt":
		_, _ = w.Write([]byte(p.robots))
	case path == "/sitemap.xml" && len(p.sitemap) > 0:
		_, _ = fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
		for _, one := range p.sitemap {
			_, _ = fmt.Fprintf(w, "<url><loc>%s%s</loc></url>", p.URL, one)
		}
		_, _ = fmt.Fprint(w, "</urlset>")
	case p.moved[path] != "":
		http.Redirect(w, r, p.moved[path], http.StatusMovedPermanently)
	case page:
		h.Set("Etag", `"`+path+`"`)
		h.Set("Last-Modified", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		p.dress(h, path)
		if r.Header.Get("If-None-Match") == h.Get("Etag") {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprintf(w, "<!doctype html><html lang=fr><head>%s<link rel=stylesheet href=/s.css></head><body>%s</body>", p.heads[path], body)
	case p.files[path] != "":
		h.Set("Content-Type", "text/css")
		p.dress(h, path)
		_, _ = fmt.Fprint(w, p.files[path])
	default:
		p.missing(w)
	}
}

func (p *place) dress(h http.Header, path string) {
	for name, value := range p.headers[path] {
		h.Set(name, value)
	}
}

// options survey the place without a browser.
func (p *place) options(t *testing.T) Options {
	t.Helper()
	first, err := url.Parse(p.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	looks := static.New(static.Options{AllowPrivate: true, Shared: 1 << 20})
	t.Cleanup(looks.Close)
	return Options{Options: site.Options{Rules: site.Rules{Start: []*url.URL{first}}, Delay: -1}, Static: looks}
}

// audit surveys the place, and answers what the rules say by their ids.
func (p *place) audit(t *testing.T, o Options) map[string]practice.SiteFinding {
	t.Helper()
	s, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "j")), o)
	if err != nil {
		t.Fatal(err)
	}
	return rulesOf(s)
}

func rulesOf(s *Survey) map[string]practice.SiteFinding {
	all := map[string]practice.SiteFinding{}
	for _, f := range s.Audit().Rules {
		all[f.ID] = f
	}
	return all
}

func TestEveryRulePassesASiteThatDoesNothingWrong(t *testing.T) {
	p := newPlace(t)
	got := p.audit(t, p.options(t))
	if len(got) != len(practice.SiteChecks()) || len(got) < 15 {
		t.Errorf("%d findings", len(got))
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if f := got[id]; f.Status != practice.Passed {
			t.Errorf("%+v", f)
		}
	}
}

// wrong is something that a site does wrong.
type wrong struct {
	rule     string
	change   func(*place)
	measured float64
	first    string   // path of the worst offender
	details  []string // of the offenders, after the address of the site was taken out
	bytes    [2]int64 // at least and at most
}

func wrongs() []wrong {
	return slices.Concat(wrongSitemaps(), wrongLinks(), wrongAssets(), wrongContents())
}

func wrongSitemaps() []wrong {
	return []wrong{
		{"sitemap-missing", func(p *place) { p.sitemap, p.robots = nil, "" }, 1, "/", []string{"pages: 4"}, [2]int64{}},
		{"sitemap-errors", func(p *place) { p.robots += "Sitemap: " + p.URL + "/old.xml\n" }, 1, "/old.xml", []string{"status 404"}, [2]int64{}},
		{"sitemap-errors", func(p *place) { p.sitemap = append(p.sitemap, "/e\xff") }, 1, "/sitemap.xml", []string{"bad-character"}, [2]int64{}},
		{"sitemap-entries", func(p *place) {
			p.moved["/moved"] = "/a"
			p.add("/hidden", "x", "/a")
			p.heads["/hidden"] += "<meta name=robots content='noindex, follow'>"
			p.add("/copy", "x", "/a")
			p.heads["/copy"] += "<link rel=canonical href=/a>"
			p.sitemap = append(p.sitemap, "/moved", "/gone", "/private", "/hidden", "/copy")
		}, 5, "/gone", []string{"404", "robots.txt", "→ /a", "= /a", "noindex"}, [2]int64{}},
		{"unlisted-pages", func(p *place) { p.sitemap = p.sitemap[:3]; p.pages["/a"] += links("/c?utm_source=x", "/c") }, 1, "/c", []string{"pages: 2"}, [2]int64{}},
		{"orphan-pages", func(p *place) {
			p.add("/island", links("/island", "/beach", "/"))
			p.add("/beach", links("/"))
			p.sitemap = append(p.sitemap, "/island", "/beach")
		}, 2, "/island", []string{"pages: 0", "pages: 1"}, [2]int64{}},
	}
}

func wrongLinks() []wrong {
	return []wrong{
		{"internal-redirects", func(p *place) {
			p.moved["/moved"], p.moved["/out"] = "/a", strings.Replace(p.URL, "127.0.0.1", "localhost", 1)+"/a" // another host
			p.pages["/"] += links("/moved")
			p.pages["/b"] += links("/moved", "/moved#x", "/out")
		}, 2, "/moved", []string{"→ /a · pages: 2", "→ · pages: 1"}, [2]int64{}},
		{"broken-links", func(p *place) {
			p.pages["/"] += links("/gone")
			p.pages["/b"] += links("/gone", "/lost")
		}, 2, "/gone", []string{"404 · pages: 2", "404 · pages: 1"}, [2]int64{}},
		{"page-copies", func(p *place) {
			p.add("/print", "x", "/a", "/c")
			p.heads["/print"] += "<link rel=canonical href=/a>"
			p.add("/b/", "b", "/a")
			p.heads["/b/"] = named("/b")
			p.pages["/c"] += links("/b")
		}, 2, "/print", []string{"= /a · pages: 2", "= /b · pages: 1"}, [2]int64{}},
		{"deep-pages", func(p *place) {
			p.add("/1", "x", "/a")
			for i := range 5 {
				p.add(fmt.Sprintf("/%d", i+2), "x", fmt.Sprintf("/%d", i+1))
			}
			p.moved["/short"] = "/4"
		}, 2, "/6", []string{"7", "6"}, [2]int64{}},
	}
}

func wrongAssets() []wrong {
	return []wrong{
		{"shared-uncached", func(p *place) { delete(p.headers, "/s.css") }, 1, "/s.css", []string{"pages: 4 × 1.7 kB"}, [2]int64{3 * 1600, 3 * 2000}},
		{"duplicate-assets", func(p *place) {
			p.files["/t.css"], p.headers["/t.css"] = p.files["/s.css"], map[string]string{"Cache-Control": lasting}
			p.heads["/b"] += "<link rel=stylesheet href=/t.css>"
		}, 1, "/t.css", []string{"= /s.css · pages: 1"}, [2]int64{1600, 2000}},
	}
}

func wrongContents() []wrong {
	return []wrong{
		{"missing-titles", func(p *place) { p.heads["/a"] = "<title> </title>" }, 1, "/a", []string{""}, [2]int64{}},
		{"duplicate-titles", func(p *place) {
			p.heads["/c"] = "<title>Page\n /b</title><meta name=description content=c>"
		}, 2, "/b", []string{"pages: 2"}, [2]int64{}},
		{"duplicate-descriptions", func(p *place) {
			p.heads["/b"] = "<title>b</title><META content='About /a' NAME=Description>"
			p.heads["/c"] = "<title>c</title><meta content='About /a' name=description>"
		}, 3, "/a", []string{"pages: 3"}, [2]int64{}},
		{"error-page", func(p *place) { p.missing = func(w http.ResponseWriter) { _, _ = w.Write([]byte("oh")) } }, 0.002, noPage, []string{"200 · 0.0 kB"}, [2]int64{}},
		{"error-page", func(p *place) {
			p.missing = func(w http.ResponseWriter) {
				w.Header().Set("Set-Cookie", "x=y")
				w.Header().Set("Cache-Control", "private, No-Store")
				w.WriteHeader(http.StatusNotFound)
			}
		}, 0, noPage, []string{"404 · 0.0 kB · no-store · set-cookie"}, [2]int64{}},
		{"error-page", func(p *place) {
			p.missing = func(w http.ResponseWriter) {
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte(strings.Repeat("sorry ", 25_000)))
			}
		}, 150, noPage, []string{"404 · 150.0 kB"}, [2]int64{50_000, 50_000}},
		{"dynamic-pages", func(p *place) {
			p.headers["/a"], p.headers["/c"] = map[string]string{"Set-Cookie": "a=b"}, map[string]string{"Cache-Control": "no-store"}
		}, 50, "/a", []string{"pages: 1", "pages: 1"}, [2]int64{}},
		{"old-pages", func(p *place) {
			p.headers["/b"] = map[string]string{"Last-Modified": time.Now().AddDate(-2, 0, 0).UTC().Format(http.TimeFormat)}
		}, 25, "/b", []string{"pages: 1"}, [2]int64{}},
	}
}

func TestEachRuleFindsWhatASiteDoesWrong(t *testing.T) {
	tried := map[string]bool{}
	for _, tt := range wrongs() {
		tried[tt.rule] = true
		t.Run(tt.rule, func(t *testing.T) {
			p := newPlace(t)
			tt.change(p)
			got := p.audit(t, p.options(t))[tt.rule]
			var details []string
			for _, o := range got.Offenders {
				details = append(details, strings.ReplaceAll(o.Detail, p.URL, ""))
			}
			if got.Status != practice.Failed || got.Measured != tt.measured || !slices.Equal(details, tt.details) || got.Offenders[0].URL != p.URL+tt.first {
				t.Errorf("%+v", got)
			}
			if got.Bytes < tt.bytes[0] || got.Bytes > tt.bytes[1] {
				t.Errorf("%d bytes", got.Bytes)
			}
		})
	}
	for _, c := range practice.SiteChecks() {
		if !tried[c.ID] {
			t.Errorf("%s was tried on no site", c.ID)
		}
	}
}
