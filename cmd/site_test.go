package cmd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// manual is a site of so many pages, each of which links to some others and shares a style sheet, and counts what it is asked for.
type manual struct {
	*httptest.Server
	held  chan struct{} // told of each page that is held back
	mu    sync.Mutex
	asked map[string]int
	limit int // at 1 nothing is answered any more, until who asks gives up; each page that is answered takes one off; 0: all are
}

// answers says that a page was asked for, and whether it is to be answered.
func (m *manual) answers(path string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[path]++
	if m.limit > 1 && path != "/s.css" && path != "/robots.txt" && path != "/sitemap.xml" {
		m.limit--
	}
	return m.limit != 1
}

// lets sets the limit.
func (m *manual) lets(limit int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limit = limit
}

func newManual(t *testing.T, pages int) *manual {
	t.Helper()
	m := &manual{held: make(chan struct{}, 1), asked: map[string]int{}}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !m.answers(r.URL.Path) {
			m.held <- struct{}{}
			<-r.Context().Done()
			return
		}
		if r.URL.Path == "/s.css" {
			w.Header().Set("Content-Type", "text/css")
			_, _ = fmt.Fprint(w, "p { color: navy }")
			return
		}
		n, err := strconv.Atoi(strings.Trim(r.URL.Path, "/p"))
		if r.URL.Path == "/" {
			n, err = 0, nil
		}
		if err != nil || n >= pages {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!doctype html><html lang=en><title>Page %d</title><link rel=stylesheet href=/s.css>%s", n, strings.Repeat("<p>A sentence about it.</p>", 20+n%7))
		for _, to := range []int{2*n + 1, 2*n + 2, n / 3} {
			if to == 0 {
				_, _ = fmt.Fprint(w, "<a href=/>first</a>")
			} else if to < pages {
				_, _ = fmt.Fprintf(w, "<a href=/p%d>%d</a>", to, to)
			}
		}
	}))
	t.Cleanup(m.Close)
	return m
}

// most is how often the page that was asked for most often was.
func (m *manual) most() (times, pages int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path, n := range m.asked {
		if path == "/" || strings.HasPrefix(path, "/p") {
			times, pages = max(times, n), pages+1
		}
	}
	return times, pages
}

// A crawl is killed again and again; what is in its journal then is what a crawl would have that nobody killed.
func TestACrawlThatIsKilledGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	const pages = 400
	m := newManual(t, pages)
	journal := filepath.Join(t.TempDir(), "crawl.ndjson")
	crawl := func() *process {
		return launch(t, command(t, "veille-ecoindex", "site", "--mode", "static", "--delay", "0s", "--max-pages", "1000", "--journal", journal, "--json", m.URL+"/"))
	}
	const kills = 6
	for range kills {
		m.lets(50)
		c := crawl()
		<-m.held
		c.kill(t)
	}
	m.lets(0)
	c := crawl()
	var out struct {
		Crawl struct{ Pages, Failed int }
		Pages []struct{ URL string }
	}
	if err := json.NewDecoder(c.out).Decode(&out); err != nil {
		t.Fatalf("%v\n%s", err, c.log)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v\n%s", err, c.log)
	}
	seen := map[string]bool{}
	for _, p := range out.Pages {
		seen[p.URL] = true
	}
	times, asked := m.most()
	if len(seen) != pages || len(out.Pages) != pages || out.Crawl.Pages != pages || out.Crawl.Failed != 0 || asked > pages+1 || times > 1+kills {
		t.Errorf("%d pages, each once: %t; %d failed, %d addresses asked for, one of them %d times", len(seen), len(seen) == len(out.Pages), out.Crawl.Failed, asked, times)
	}
	total := 0
	for path, n := range m.asked {
		if path == "/" || strings.HasPrefix(path, "/p") {
			total += n
		}
	}
	if total > pages+kills { // the page that was being looked at, each time
		t.Errorf("%d pages were asked for, of %d, after %d kills", total, pages, kills)
	}
}

func TestASiteIsLeftAloneBetweenItsPages(t *testing.T) {
	t.Parallel()
	m := newManual(t, 4)
	begin := time.Now()
	c := launch(t, command(t, "veille-ecoindex", "site", "--mode", "static", "--delay", "200ms", m.URL+"/"))
	out := c.rest()
	if err := c.Wait(); err != nil || !strings.Contains(out, "4 pages looked at") || time.Since(begin) < 800*time.Millisecond {
		t.Errorf("%v, %v: %s%s", time.Since(begin), err, out, c.log)
	}
}
