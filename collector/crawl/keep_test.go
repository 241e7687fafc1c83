package crawl_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"veille/collector"
	"veille/collector/crawl"
	"veille/collector/store/sqlite"
)

func TestAddressesThatASiteMakesUpAreKeptWithTheRun(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		places := []string{"/to?a=\u0085x", "/to?b=\x85\xff", "/to/\u0085", "/to?c=\u202e é", "/to#\u0085"}
		var n int
		switch {
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			for n := range places {
				_, _ = fmt.Fprintf(w, "<a href=/from/%d>x</a><a href=\"%s\">x</a>", n, places[n]+"&l")
			}
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case len(r.URL.Path) > 6 && r.URL.Path[:6] == "/from/":
			_, _ = fmt.Sscan(r.URL.Path[6:], &n)
			w.Header()["Location"] = []string{places[n]}
			w.WriteHeader(http.StatusFound)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprintf(w, "<title>%q</title>", r.URL)
		}
	}))
	defer s.Close()
	store, err := sqlite.Open(t.Context(), t.TempDir()+"/veille.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	w := aWebsite(1, func(w *collector.Website) { w.Organisation, w.Rules.URL = 0, s.URL+"/" })
	if w, err = store.AddWebsite(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	p := parts(t, nil, real)
	p.Ledger = store
	if err := crawl.New(p).Measure(t.Context(), w.ID); err != nil {
		t.Fatal(err)
	}
	pages, err := store.WebPages(t.Context(), w.ID)
	if err != nil || len(pages) < 9 {
		t.Errorf("%d pages, %v", len(pages), err)
	}
}
