package survey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/ecoindex"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// secret is in the text of each page, and in nothing that is kept.
const secret = "Monsieur Kerbrat"

// school is a site of three templates of so many pages each, with a page that is missing and one that redirects.
func school(t *testing.T, pages int) *httptest.Server {
	t.Helper()
	body := map[string]func(n int) string{
		"news": func(n int) string {
			return strings.Repeat("<article class=news><h2>News</h2><img src=/n.png></article>", 5+n%4)
		},
		"people": func(n int) string {
			return "<table class=people>" + strings.Repeat("<tr><td class=name>"+secret+"<td>1", 30+n) + "</table>"
		},
		"courses": func(int) string {
			return "<ul class=courses>" + strings.Repeat("<li class=course><a href=#>x</a>", 10) + "</ul>"
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, number, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
		switch {
		case strings.Contains(r.URL.Path, "."):
			w.Header().Set("Content-Type", map[bool]string{true: "text/css", false: "image/png"}[strings.HasSuffix(r.URL.Path, ".css")])
			_, _ = fmt.Fprint(w, strings.Repeat("p { margin: 0 }\n", 200))
			return
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/news/1", http.StatusMovedPermanently)
			return
		case r.URL.Path != "/" && body[kind] == nil:
			http.NotFound(w, r)
			return
		}
		etag := `"` + r.URL.Path + `"`
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Etag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprint(w, "<!doctype html><html lang=fr><title>x</title><link rel=stylesheet href=/s.css>")
		if r.URL.Path == "/" {
			_, _ = fmt.Fprint(w, "<a href=/missing>x</a><a href=/moved>x</a>")
			for kind := range body {
				for n := range pages {
					_, _ = fmt.Fprintf(w, "<a href=/%s/%d>x</a>", kind, n+1)
				}
			}
			return
		}
		n := 0
		_, _ = fmt.Sscan(number, &n)
		_, _ = fmt.Fprintf(w, "<link rel=stylesheet href=/%s.css>%s", kind, body[kind](n))
	}))
	t.Cleanup(s.Close)
	return s
}

// fake is a browser that finds more than a quick look does, by template.
type fake struct {
	looks  Static
	asked  []string
	cancel context.CancelFunc // called at a measure, where set
	at     int
}

func (f *fake) Look(ctx context.Context, address string) (*web.Sight, error) {
	f.asked = append(f.asked, address)
	if len(f.asked) == f.at {
		f.cancel()
	}
	if ctx.Err() != nil {
		return nil, &web.Error{Code: web.CodeCancelled}
	}
	if strings.HasSuffix(address, "/news/2") {
		return nil, &web.Error{Code: web.CodeTimeout, URL: address, Text: "too slow"}
	}
	s, err := f.looks.Look(ctx, address)
	if err != nil {
		return nil, err
	}
	s.DOM += 100
	if strings.Contains(address, "/courses/") {
		s.Requests += 20
	}
	s.Shown = &web.Shown{Height: 900}
	return s, nil
}

// options survey the school with a browser.
func options(t *testing.T, s *httptest.Server) (Options, *fake) {
	t.Helper()
	first, err := url.Parse(s.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	looks := static.New(static.Options{AllowPrivate: true})
	t.Cleanup(looks.Close)
	f := &fake{looks: looks}
	return Options{Options: site.Options{Rules: site.Rules{Start: []*url.URL{first}}, Delay: -1}, Static: looks, Browser: f, Seed: 1}, f
}

func journal(t *testing.T, name string) *site.Journal {
	t.Helper()
	j, err := site.OpenJournal(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestASurveySaysWhatABrowserWouldFindEverywhere(t *testing.T) {
	s := school(t, 12)
	o, f := options(t, s)
	got, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "j")), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Pages) != 37 || len(got.Failed) != 1 || got.Failed[0].Code != web.CodeStatus || got.Summary.Aliases != 1 {
		t.Errorf("%d pages, %+v failed, %+v", len(got.Pages), got.Failed, got.Summary)
	}
	groups := map[int]map[string]bool{}
	truth := 0.0
	for i := range got.Pages {
		p := &got.Pages[i]
		kind, _, _ := strings.Cut(strings.TrimPrefix(p.URL, s.URL+"/"), "/")
		if groups[p.Group] == nil {
			groups[p.Group] = map[string]bool{}
		}
		groups[p.Group][kind] = true
		m := p.Measure()
		m.DOM += 100
		if kind == "courses" {
			m.Requests += 20
		}
		r, err := ecoindex.Compute(m)
		if err != nil {
			t.Fatal(err)
		}
		truth += float64(r.Score) / 37
	}
	if len(groups) != 4 {
		t.Errorf("templates %v", groups)
	}
	e := got.Estimate
	if e.Mean.Range == nil || truth < e.Mean.Range.Low-0.01 || truth > e.Mean.Range.High+0.01 || e.Measured < len(f.asked)-1 {
		t.Errorf("mean %+v, the truth is %.2f; %d measured, %d asked for", e.Mean, truth, e.Measured, len(f.asked))
	}
}

func TestASurveyThatIsInterruptedMeasuresNothingTwice(t *testing.T) {
	s := school(t, 12)
	o, f := options(t, s)
	o.Sample = 20
	name := filepath.Join(t.TempDir(), "j")
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel, f.at = cancel, 8
	if _, err := Run(ctx, journal(t, name), o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	got, err := Run(t.Context(), journal(t, name), o)
	if err != nil || len(f.asked) != 21 { // the eighth was asked for twice: it has no result of the first time
		t.Errorf("%d pages were asked for, %v", len(f.asked), err)
	}
	n := 0
	for i := range got.Pages {
		if got.Pages[i].Browser != nil {
			n++
		}
	}
	if n != 20 {
		t.Errorf("%d pages have a measure; want 20", n)
	}
}

func TestOfAPageNothingIsKeptOfItsText(t *testing.T) {
	s := school(t, 3)
	o, _ := options(t, s)
	name := filepath.Join(t.TempDir(), "j")
	if _, err := Run(t.Context(), journal(t, name), o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil || strings.Contains(string(text), "Kerbrat") || !strings.Contains(string(text), "text-compression") {
		t.Errorf("the journal: %v\n%.2000s", err, text)
	}
}

func TestAPageThatHasNotChangedIsNotLookedAtAgain(t *testing.T) {
	s := school(t, 4)
	o, _ := options(t, s)
	o.Browser = nil
	before := journal(t, filepath.Join(t.TempDir(), "last"))
	first, err := Run(t.Context(), before, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Before = before
	second, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "this")), o)
	if err != nil || second.Summary.Unchanged != 12 || // all but the one that an address leads to
		second.Estimate.Mean != first.Estimate.Mean || len(second.Pages) != len(first.Pages) {
		t.Errorf("%v: %d unchanged of %d; mean %v, and %v before", err, second.Summary.Unchanged, len(second.Pages), second.Estimate.Mean, first.Estimate.Mean)
	}
}

func TestTheSiteIsLeftAloneBetweenTheBrowsersPagesToo(t *testing.T) {
	s := school(t, 3)
	o, f := options(t, s)
	o.Delay = 3 * time.Second
	before, waits := 0, []time.Duration{}
	o.Wait = func(_ context.Context, d time.Duration) error {
		if len(f.asked) > 0 {
			waits = append(waits, d)
		} else {
			before++
		}
		return nil
	}
	if _, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "j")), o); err != nil {
		t.Fatal(err)
	}
	if len(waits) != len(f.asked) || len(waits) == 0 || waits[0] != 3*time.Second || before < 11 {
		t.Errorf("%d pages were asked for by the browser, and it waited %v; %d times before", len(f.asked), waits, before)
	}
}
