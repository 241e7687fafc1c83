package browser_test

import (
	"context"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/ecoindex/browser"
	"veille/ecoindex/browser/browsertest"
	"veille/ecoindex/web"
)

// needBrowser skips a test unless REQUIRE names the browser; then it must be there.
func needBrowser(t testing.TB) {
	t.Helper()
	if required := os.Getenv("REQUIRE"); required != "all" && !strings.Contains(required, "browser") {
		t.Skip("REQUIRE does not name the browser")
	}
	if _, err := browser.Find(""); err != nil {
		t.Fatal(err)
	}
}

func measurer(t testing.TB, o browser.Options) *browser.Measurer {
	t.Helper()
	needBrowser(t)
	o.AllowPrivate = true
	m := browser.New(o)
	t.Cleanup(m.Close)
	return m
}

func protocol(t testing.TB, name string) browser.Protocol {
	t.Helper()
	p, err := browser.ParseProtocol(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// atOnce is how many fixtures are measured at a time: most of a visit is waiting.
const atOnce = 12

// each sees every fixture on a site of its own, some at a time, and checks what see gave.
func each[T any](t *testing.T, see func(context.Context, string) (T, error), check func(*testing.T, *browsertest.Site, browsertest.Page, T)) {
	t.Helper()
	var all sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for _, p := range browsertest.Pages() {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			site, err := browsertest.NewSite()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = site.Close() }()
			got, err := see(t.Context(), site.URL(p.Path))
			if err != nil {
				t.Errorf("%s: %v", p.Path, err)
				return
			}
			check(t, site, p, got)
		})
	}
	all.Wait()
}

func TestEveryFixtureHasTheCountsOfTheReferenceToTheByte(t *testing.T) {
	for _, tt := range []struct{ protocol, browser string }{
		{"ecoindex-2026", "chromium"}, {"adaptive", "chromium"}, {"adaptive", "chromium-headless-shell"},
	} {
		t.Run(tt.protocol+" with "+tt.browser, func(t *testing.T) {
			began := time.Now()
			m := measurer(t, browser.Options{Path: tt.browser, Protocol: protocol(t, tt.protocol), Parallel: atOnce})
			each(t, m.Measure, func(t *testing.T, site *browsertest.Site, want browsertest.Page, got web.Page) {
				if got.DOM != want.DOM || got.Requests != want.Requests || got.DOMFrames == nil || *got.DOMFrames != want.Frames {
					t.Errorf("%s (%s): %d elements, %d requests, %v in frames; want %d, %d, %d\n%s", want.Path, want.About,
						got.DOM, got.Requests, deref(got.DOMFrames), want.DOM, want.Requests, want.Frames, list(got))
				}
				if size := sizeOf(site, want); want.Stable && got.SizeKB != size {
					t.Errorf("%s (%s): %v kB; want %v, as the server wrote\n%s", want.Path, want.About, got.SizeKB, size, list(got))
				}
			})
			t.Logf("%d pages in %v", len(browsertest.Pages()), time.Since(began).Round(100*time.Millisecond))
		})
	}
}

// sizeOf is the size in kB that a page must have: what the server wrote, less what the browser does not tell. Of answers that
// break off the reference has no size; we count what came of them. A declared icon is fetched, and not counted.
func sizeOf(site *browsertest.Site, p browsertest.Page) float64 {
	bytes := site.Bytes()
	switch p.Path {
	case "/icon.html":
		bytes -= site.Written("/a/icon.png")
	case "/cut.html":
	case "/object-missing.html":
		bytes -= int64(p.Unseen) - 102 // its head came
	default:
		bytes -= int64(p.Unseen)
	}
	return float64(bytes) / 1000
}

func deref(n *int) float64 {
	if n == nil {
		return math.NaN()
	}
	return float64(*n)
}

// list names the requests of a page, one a line.
func list(p web.Page) string {
	var b strings.Builder
	for _, r := range p.Resources {
		b.WriteString("\t" + string(r.Kind) + " " + r.URL + " " + strconv.FormatInt(r.Bytes, 10) + " " + r.Problem + "\n")
	}
	return b.String()
}

// Of the plugin two things are not followed: it emulates neither the screen nor the ratio of pixels.
func TestTheLighthouseProtocolCountsAsThePlugin(t *testing.T) {
	m := measurer(t, browser.Options{Protocol: protocol(t, "lighthouse"), Parallel: atOnce})
	each(t, m.Measure, func(t *testing.T, _ *browsertest.Site, p browsertest.Page, got web.Page) {
		if w := p.Lighthouse; p.Path != "/screen.html" && (got.DOM != w.DOM || got.Requests != w.Requests) {
			t.Errorf("%s (%s): %d elements, %d requests; want %+v\n%s", p.Path, p.About, got.DOM, got.Requests, w, list(got))
		}
	})
}

// The published text counts the requests that ended well, and no redirect.
func TestThePublishedProtocolCountsWhatEndedWellInALargeViewport(t *testing.T) {
	without := map[string]int{ // requests that failed, had not ended or were redirected
		"/object-missing.html": 1, "/worker-shared.html": 1, "/redirect-image.html": 3, "/redirect/2/landing.html": 2, "/refused.html": 1,
		"/cut.html": 1, "/cors-blocked.html": 1, "/cors-denied.html": 1, "/beacon.html": 1, "/video-long.html": 1, "/events.html": 1,
		"/unfinished.html": 1, "/aborted.html": 1, "/unread.html": 1, "/socket.html": 1,
	}
	m := measurer(t, browser.Options{Protocol: protocol(t, "published"), Parallel: atOnce})
	each(t, m.Measure, func(t *testing.T, site *browsertest.Site, p browsertest.Page, got web.Page) {
		if got.DOM != p.Published.DOM || got.Requests != p.Published.Requests-without[p.Path] {
			t.Errorf("%s (%s): %d elements, %d requests; want %+v, without %d\n%s", p.Path, p.About, got.DOM, got.Requests, p.Published, without[p.Path], list(got))
		}
		if p.Path == "/plain.html" && got.SizeKB <= float64(site.Bytes())/1000 {
			t.Errorf("%v kB; want more than the %d bytes written: the length of the HTML is added", got.SizeKB, site.Bytes())
		}
	})
}
