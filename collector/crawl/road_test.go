package crawl_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/crawl"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// secret is in the text of each page, and in nothing that is kept.
const secret = "Monsieur Kerbrat"

// school is a real site on this machine.
type school struct {
	*httptest.Server
	mu     sync.Mutex
	asked  map[string]int // answered with something, by path
	all    int
	on     func(n int) // called at each request with its number, where set
	down   map[string]bool
	robots string
}

const schoolPages = 13

func newSchool(t *testing.T) *school {
	t.Helper()
	s := &school{asked: map[string]int{}, down: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *school) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.all++
	n, on, down := s.all, s.on, s.down[r.URL.Path]
	s.mu.Unlock()
	if on != nil {
		on(n)
	}
	switch {
	case down:
		http.Error(w, secret, http.StatusServiceUnavailable)
		return
	case r.URL.Path == "/robots.txt":
		_, _ = fmt.Fprint(w, s.robots)
		return
	case r.URL.Path == "/s.css":
		w.Header().Set("Content-Type", "text/css")
		_, _ = fmt.Fprint(w, "p { margin: 0 }")
		return
	case r.URL.Path != "/" && !strings.HasPrefix(r.URL.Path, "/p/"):
		http.NotFound(w, r)
		return
	}
	etag := `"` + r.URL.Path + `"`
	w.Header().Set("Etag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.mu.Lock()
	s.asked[r.URL.Path]++
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "<!doctype html><html lang=fr><title>%s</title><link rel=stylesheet href=/s.css><p>%s</p>", secret, secret)
	if r.URL.Path == "/" {
		for n := range schoolPages - 1 {
			_, _ = fmt.Fprintf(w, "<a href=/p/%d>%s</a>", n, secret)
		}
	}
}

// real are the tools that the collector uses, on this machine.
func real(site collector.Website, _ []string) (crawl.Tools, error) {
	m := static.New(static.Options{AllowPrivate: true, UserAgent: crawl.UserAgent(site, "9.9")})
	t := crawl.Tools{Static: m, Protocol: "test-2026", Close: m.Close}
	if site.Rules.Mode != "static" {
		t.Browser = more{m}
	}
	return t, nil
}

// more is a browser that finds more than a quick look; where the address ends in /3 it does not answer.
type more struct{ *static.Measurer }

func (b more) Look(ctx context.Context, address string) (*web.Sight, error) {
	if strings.HasSuffix(address, "/3") {
		return nil, &web.Error{Code: web.CodeTimeout, URL: address, Text: "too slow"}
	}
	s, err := b.Measurer.Look(ctx, address)
	if err == nil {
		s.DOM += 100
	}
	return s, err
}

func (s *school) website(change ...func(*collector.Website)) collector.Website {
	return aWebsite(1, append([]func(*collector.Website){func(w *collector.Website) { w.Rules.URL = s.URL + "/" }}, change...)...)
}

func TestAMeasureThatIsKilledAnywhereGoesOnAndDoesNothingTwice(t *testing.T) {
	count := newSchool(t)
	l := newLedger(count.website())
	if err := crawl.New(parts(t, l, real)).Measure(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want := l.runs[0]
	if want.Pages != schoolPages || want.Failed != 0 || want.Mean.Value <= 0 || len(l.scores) != schoolPages {
		t.Fatalf("%+v, %d scores", want, len(l.scores))
	}
	for at := 1; at <= count.all; at++ {
		s := newSchool(t)
		l := newLedger(s.website())
		ctx, kill := context.WithCancel(t.Context())
		s.on = func(n int) {
			if n == at {
				kill()
			}
		}
		p := parts(t, l, real)
		if err := crawl.New(p).Measure(ctx, 1); err == nil || len(l.runs)+len(l.plans) != 0 {
			t.Fatalf("killed at %d: %v, %d runs, plans %v", at, err, len(l.runs), l.plans)
		}
		s.on = nil
		if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 1 {
			t.Fatalf("killed at %d: %v, %d runs", at, err, len(l.runs))
		}
		twice := 0
		for path, n := range s.asked {
			if twice += n - 1; n > 2 {
				t.Errorf("killed at %d: %s was asked for %d times", at, path, n)
			}
		}
		if got := l.runs[0]; twice > 1 || got.Pages != want.Pages || got.Mean.Value != want.Mean.Value || len(l.scores) != schoolPages {
			t.Errorf("killed at %d: %d pages were asked for twice, %+v", at, twice, got)
		}
	}
}

func TestARunThatWasKeptJustBeforeTheProgramEndedIsKeptOnce(t *testing.T) {
	for _, before := range []bool{true, false} {
		s := newSchool(t)
		l := newLedger(s.website())
		fail := func() error { return errDisk }
		if before {
			l.keeps = fail
		} else {
			l.kept = fail
		}
		p := parts(t, l, real)
		if err := crawl.New(p).Measure(t.Context(), 1); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		l.keeps, l.kept = nil, nil
		asked := s.all
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		p.Now = func() time.Time { return time.Date(2040, 1, 1, 12, 0, 0, 0, time.UTC) } // by day
		crawl.New(p).Run(ctx)
		stop()
		w := l.websites[1]
		if len(l.runs) != 1 || s.all != asked || w.NextOn != collector.DateOf(l.runs[0].At.AddDate(0, 0, 6)) || len(l.scores) != schoolPages {
			t.Errorf("before %t: %d runs, %d requests more, %+v", before, len(l.runs), s.all-asked, w)
		}
		if _, err := os.Stat(filepath.Join(p.Folder, "1", "this.ndjson")); !os.IsNotExist(err) {
			t.Errorf("before %t: the journal is under way still: %v", before, err)
		}
	}
}

func TestAJournalThatIsOfNoUseIsBegunAnewOnce(t *testing.T) {
	damage := map[string]func(folder string, l *ledger) error{
		"garbage in the middle": func(folder string, _ *ledger) error { return spoil(filepath.Join(folder, "this.ndjson"), 700) },
		"garbage before":        func(folder string, _ *ledger) error { return spoil(filepath.Join(folder, "this.ndjson"), 0) },
		"no state":              func(folder string, _ *ledger) error { return os.Remove(filepath.Join(folder, "this.json")) },
		"garbage in the state":  func(folder string, _ *ledger) error { return spoil(filepath.Join(folder, "this.json"), 3) },
		"other rules": func(_ string, l *ledger) error {
			l.change(1, func(w *collector.Website) { w.Rules.Exclude = []string{"/none"} })
			return nil
		},
	}
	for name, f := range damage {
		s := newSchool(t)
		l := newLedger(s.website())
		ctx, kill := context.WithCancel(t.Context())
		s.on = func(n int) {
			if n == 9 {
				kill()
			}
		}
		p := parts(t, l, real)
		_ = crawl.New(p).Measure(ctx, 1) // it is killed
		s.on = nil
		if err := f(filepath.Join(p.Folder, "1"), l); err != nil {
			t.Fatal(err)
		}
		if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 1 || l.runs[0].Pages != schoolPages || s.asked["/"] != 2 {
			t.Errorf("%s: %v, %d runs, asked for %v", name, err, len(l.runs), s.asked)
		}
		if err := spoil(filepath.Join(p.Folder, "1", "last.ndjson"), 700); err != nil {
			t.Fatal(err)
		}
		p.Now = func() time.Time { return utc().Add(7 * day) }
		if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 2 || l.runs[1].Unchanged != 0 || s.asked["/"] != 3 {
			t.Errorf("%s, then the last one: %v, %+v, asked for %v", name, err, l.runs, s.asked)
		}
	}
}

// spoil overwrites some bytes of a file.
func spoil(name string, at int64) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("\x00garbage\x00"), at)
	return errors.Join(err, f.Close())
}

func TestAPageThatHasNotChangedKeepsItsFiguresAndAFailedOneTheLastThatItHad(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website())
	p := parts(t, l, real)
	begin := utc().Truncate(day)
	p.Now = func() time.Time { return begin.Add(9 * time.Hour) }
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.down["/p/5"] = true
	later := begin.Add(7 * day)
	p.Now = func() time.Time { return later.Add(14*time.Hour + 7*time.Minute) }
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	r := l.runs[1]
	if r.Unchanged != schoolPages-1 || r.Pages != schoolPages-1 || r.Failed != 1 || !r.At.Equal(later) {
		t.Errorf("%+v", r)
	}
	for _, one := range l.pages[1] {
		failed := strings.HasSuffix(one.URL, "/p/5")
		if !one.At.Equal(begin) || !one.SeenAt.Equal(later) || one.Score <= 0 || failed != (one.Code == "status") || failed != (one.Problem != "") || len(l.scores[one.URL]) != 1 {
			t.Errorf("%+v, %d scores", one, len(l.scores[one.URL]))
		}
	}
	if w := l.websites[1]; w.Tries != 0 || w.Problem != "" || w.NextOn != collector.DateOf(later.AddDate(0, 0, 7)) {
		t.Errorf("%+v", w)
	}
}

func TestOfASinglePageNothingIsAskedForBeside(t *testing.T) {
	s := newSchool(t)
	s.robots = "Sitemap: " + s.URL + "/map.xml\nUser-agent: *\nDisallow: /private\n"
	l := newLedger(s.website(func(w *collector.Website) { w.Kind = collector.KindPage }))
	if err := crawl.New(parts(t, l, real)).Measure(t.Context(), 1); err != nil || len(l.runs) != 1 || l.runs[0].Pages != 1 || len(l.runs[0].Notes) != 0 {
		t.Errorf("%v, %+v", err, l.runs)
	}
	if s.all != 3 { // robots.txt, the page and its style sheet
		t.Errorf("%d requests", s.all)
	}
}

func TestASiteThatKeepsRobotsAwayIsTriedAgainTomorrow(t *testing.T) {
	for robots, want := range map[string]string{"down": "status 503", "User-agent: *\nDisallow: /\n": "robots.txt asks to stay away"} {
		s := newSchool(t)
		s.robots, s.down["/robots.txt"] = robots, robots == "down"
		l := newLedger(s.website())
		if err := crawl.New(parts(t, l, real)).Measure(t.Context(), 1); err != nil || len(l.runs) != 0 || len(s.asked) != 0 {
			t.Errorf("%v, %+v, asked for %v", err, l.runs, s.asked)
		}
		if w := l.websites[1]; w.Tries != 1 || !strings.Contains(w.Problem, want) || w.NextOn != collector.DateOf(utc().Add(day)) {
			t.Errorf("%+v", w)
		}
	}
}

func TestWithoutItsBrowserAWebsiteIsNotMeasured(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website(func(w *collector.Website) { w.Rules.Mode = "browser" }))
	open := func(w collector.Website, hosts []string) (crawl.Tools, error) {
		tools, err := real(w, hosts)
		tools.Browser = nil
		return tools, err
	}
	if err := crawl.New(parts(t, l, open)).Measure(t.Context(), 1); err != nil || len(l.runs) != 0 || s.all != 0 || !strings.Contains(l.websites[1].Problem, "browser") {
		t.Errorf("%v, %+v", err, l.websites[1])
	}
}

func TestABrowsersFiguresAreKeptWithItsProtocolAndNothingOfTheText(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website(func(w *collector.Website) { w.Rules.Mode = "browser"; w.Contact = "w@example.org" }))
	p := parts(t, l, real)
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	r := l.runs[0]
	if r.Protocol != "test-2026" || r.Version != "9.9" || r.Measured != schoolPages-1 || len(r.Notes) != 1 || len(r.Grades) != 7 || len(r.Templates) == 0 || !json.Valid(r.Audit) {
		t.Errorf("%+v", r)
	}
	for _, one := range l.pages[1] {
		slow := strings.HasSuffix(one.URL, "/3")
		mode, protocol := "browser", "test-2026"
		if slow {
			mode, protocol = "static", "static"
		}
		for _, sc := range l.scores[one.URL] {
			if sc.Mode != mode || sc.Protocol != protocol || sc.Version != "9.9" || sc.Raw <= 0 || slow == (one.Browser != nil) || !slow && one.Browser.DOM != one.Static.DOM+100 {
				t.Errorf("%+v, %+v", one, sc)
			}
		}
		if len(l.scores[one.URL]) != 1 || !json.Valid(one.Audit) {
			t.Errorf("%+v has %d scores", one, len(l.scores[one.URL]))
		}
	}
	rows, err := json.Marshal([]any{l.runs, l.websites, l.pages[1]})
	if err != nil || strings.Contains(string(rows), "Kerbrat") {
		t.Errorf("%v in the ledger: %s", err, rows)
	}
	for _, one := range l.pages[1] {
		if strings.Contains(string(one.Audit), "Kerbrat") {
			t.Errorf("%s", one.Audit)
		}
	}
	holds(t, p.Folder, "Kerbrat")
	if info, stat := os.Stat(filepath.Join(p.Folder, "1")); stat != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", stat, info)
	}
}

// holds is an error where a file of a folder holds one of some texts, which none may.
func holds(t *testing.T, folder string, none ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(name)
		for _, x := range none {
			if strings.Contains(string(text), x) {
				t.Errorf("%s holds %q", name, x)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files in %s, %v", files, folder, err)
	}
}

func TestTheSameWebsiteIsNotMeasuredTwiceAtOnce(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website())
	c := crawl.New(parts(t, l, real))
	var second error
	s.on = func(n int) {
		if n == 3 {
			second = c.Measure(t.Context(), 1)
		}
	}
	if err := c.Measure(t.Context(), 1); err != nil || second == nil || len(l.runs) != 1 {
		t.Errorf("%v, %v, %d runs", err, second, len(l.runs))
	}
}
