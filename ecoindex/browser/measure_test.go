package browser_test

import (
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

// each measures every fixture on a site of its own, eight at a time.
func each(t *testing.T, m *browser.Measurer, check func(*testing.T, *browsertest.Site, browsertest.Page, web.Page)) {
	t.Helper()
	var all sync.WaitGroup
	turn := make(chan struct{}, 8)
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
			page, err := m.Measure(t.Context(), site.URL(p.Path))
			if err != nil {
				t.Errorf("%s: %v", p.Path, err)
				return
			}
			check(t, site, p, page)
		})
	}
	all.Wait()
}

func TestEveryFixtureHasTheCountsOfTheReferenceToTheByte(t *testing.T) {
	for _, name := range []string{"ecoindex-2026", "adaptive"} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			m := measurer(t, browser.Options{Protocol: protocol(t, name), Parallel: 8})
			each(t, m, func(t *testing.T, site *browsertest.Site, want browsertest.Page, got web.Page) {
				if got.DOM != want.DOM || got.Requests != want.Requests || got.DOMFrames == nil || *got.DOMFrames != want.Frames {
					t.Errorf("%s (%s): %d elements, %d requests, %v in frames; want %d, %d, %d\n%s", want.Path, want.About,
						got.DOM, got.Requests, deref(got.DOMFrames), want.DOM, want.Requests, want.Frames, list(got))
				}
				if size := float64(site.Bytes()-int64(want.Unseen)) / 1000; want.Stable && got.SizeKB != size {
					t.Errorf("%s (%s): %v kB; want %v, as the server wrote\n%s", want.Path, want.About, got.SizeKB, size, list(got))
				}
			})
			t.Logf("%d pages in %v", len(browsertest.Pages()), time.Since(began).Round(100*time.Millisecond))
		})
	}
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
