package relational_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/crawl"
	"veille/collector/lease"
	"veille/ecoindex/static"
)

// library is a site of two pages that counts how often each path is asked for.
type library struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{asked: map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.asked[r.URL.Path]++
		l.mu.Unlock()
		if r.URL.Path != "/" && r.URL.Path != "/books" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, "<!doctype html><html lang=fr><title>Bibliothèque</title><a href=/books>Livres</a>")
	}))
	t.Cleanup(l.Close)
	return l
}

// pages is how often each page was asked for.
func (l *library) pages() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return map[string]int{"/": l.asked["/"], "/books": l.asked["/books"]}
}

// Two collectors share a ledger and no folder. Whatever somebody asks for one of them measures, and once that one has gone the other.
func TestTwoCollectorsOfALedgerMeasureAWebsiteOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		site := newLibrary(t)
		c := newTown(t, at)
		w := c.added(collector.Website{
			Organisation: 1, Kind: collector.KindSite, Name: "Bibliothèque", EveryDays: 7, AddedOn: "2026-11-16", NextOn: "2126-11-16",
			Rules: collector.WebsiteRules{URL: site.URL + "/", Mode: "static", MaxPages: 10, Depth: 3},
		})
		c.must(c.AskWebsite(t.Context(), w.ID))
		var ends []context.CancelFunc
		var running sync.WaitGroup
		first := make(chan int, 2) // who measures, in their order
		for n := range 2 {
			s := at.open(t)
			crawler := crawl.New(crawl.Parts{Ledger: s, Folder: t.TempDir(), Version: "9.9", Log: slog.New(slog.DiscardHandler), Open: func(collector.Website, []string) (crawl.Tools, error) {
				m := static.New(static.Options{AllowPrivate: true, UserAgent: "test"})
				return crawl.Tools{Static: m, Protocol: "static", Close: m.Close}, nil
			}})
			ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
			ends = append(ends, end)
			running.Go(func() {
				lease.KeepFor(ctx, s, collector.Lease{Job: "crawl", Holder: fmt.Sprint("collector ", n), For: 3 * time.Second}, func(ctx context.Context) {
					first <- n
					crawler.Ask(w.ID) // it looks at once
					crawler.Run(ctx)
				})
			})
		}
		defer running.Wait()
		defer func() { ends[0](); ends[1]() }() // whatever becomes of the test
		for round := 1; round <= 2; round++ {
			who := <-first
			c.measured(w.ID, round)
			<-time.After(time.Second) // the other has asked for the lease meanwhile
			if got, want := site.pages(), map[string]int{"/": round, "/books": round}; !maps.Equal(got, want) {
				t.Errorf("in round %d pages were asked for %v times, want %v", round, got, want)
			}
			c.must(c.AskWebsite(t.Context(), w.ID))
			ends[who]()
		}
	})
}

// measured waits until a website was measured so many times.
func (c town) measured(website int64, times int) {
	c.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		runs, err := c.WebRuns(c.t.Context(), website, time.Time{})
		c.must(err)
		if w, err := c.Website(c.t.Context(), website); len(runs) == times && err == nil && !w.Asked {
			return
		}
	}
	c.t.Fatalf("website %d was not measured %d times", website, times)
}
