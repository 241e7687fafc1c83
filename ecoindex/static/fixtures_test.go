package static_test

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"veille/ecoindex/browser/browsertest"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// more are the fixtures of which the static mode counts more than the reference, and why; of the others with a script it
// counts less, or as much.
func more() map[string]string {
	return map[string]string{
		"/frame-removed.html": "a script takes a frame away",
		"/replaced.html":      "a script leads to a page with fewer elements",
	}
}

func TestPagesWithoutScriptAreCountedAsTheReferenceCountsThem(t *testing.T) {
	site, err := browsertest.NewSite()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = site.Close() })
	equal := 0
	for _, p := range browsertest.Pages() {
		t.Run(p.Path, func(t *testing.T) {
			site.Reset()
			got, err := measurer(t, static.Options{}).Measure(t.Context(), site.URL(p.Path))
			if err != nil {
				t.Fatal(err)
			}
			size, want := int64(math.Round(got.SizeKB*1000)), site.Bytes()-int64(p.Unseen)
			if runsScript(t, got) {
				if less := got.DOM <= p.DOM && got.Requests <= p.Requests; less == (more()[p.Path] != "") {
					t.Errorf("%d elements and %d requests; the reference has %d and %d", got.DOM, got.Requests, p.DOM, p.Requests)
				}
				return
			}
			equal++
			if got.DOM != p.DOM || got.Requests != p.Requests || (p.Stable && size != want) {
				t.Errorf("%s\n%d elements, %d requests, %d bytes; the reference has %d, %d and %d", p.About, got.DOM, got.Requests, size, p.DOM, p.Requests, want)
			}
		})
	}
	if equal < 34 {
		t.Errorf("%d fixtures have no script; want 34", equal)
	}
}

// runsScript says whether there is a script in one of the documents of a page.
func runsScript(t *testing.T, p web.Page) bool {
	t.Helper()
	for _, r := range p.Resources {
		if r.Kind != web.Document && r.Kind != web.Frame {
			continue
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || strings.Contains(string(text), "<script") {
			return true
		}
	}
	return false
}
