package crawl_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"veille/collector"
	"veille/collector/crawl"
	"veille/ecoindex/survey"
	"veille/ecoindex/web"
)

func TestWhoAsksWhileAMeasureIsUnderWayIsNotForgotten(t *testing.T) {
	for after, want := range map[time.Duration]int{
		time.Millisecond: 1, // nothing was looked at yet: the measure under way is the answer
		5 * time.Second:  2,
		time.Hour:        2,
	} {
		for _, down := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				l, w := newLedger(aWebsite(1, func(w *collector.Website) { w.Asked = true })), newWorld()
				w.pages["site1.example"], w.down["site1.example"] = 10, down
				p := parts(t, l, w.Open)
				p.Now = func() time.Time { return utc().Add(12 * time.Hour) } // by day
				c := crawl.New(p)
				ask := time.AfterFunc(after, func() {
					l.change(1, func(w *collector.Website) { w.Asked = true })
					c.Ask(1)
				})
				defer ask.Stop()
				runFor(t.Context(), c, 2*time.Hour)
				if n := len(w.starts(1)); !down && n != want || down && n > want || l.websites[1].Asked {
					t.Errorf("asked again after %v, down %t: measured %d times, %+v", after, down, n, l.websites[1])
				}
			})
		}
	}
}

func TestARunThatIsNeverTakenKeepsNoWebsiteFromBeingMeasuredForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(aWebsite(1)), newWorld()
		l.keeps = func() error { return errors.New("a value is outside of what can be kept") }
		c := crawl.New(parts(t, l, w.Open))
		runFor(t.Context(), c, 4*day)
		site := l.websites[1]
		if site.Tries == 0 || !strings.Contains(site.Problem, "outside of what can be kept") {
			t.Errorf("after four days: %+v", site)
		}
		l.mu.Lock()
		l.keeps = nil
		l.mu.Unlock()
		runFor(t.Context(), c, 4*day)
		if len(l.runs) != 1 || len(w.starts(1)) < 2 || l.websites[1].Problem != "" {
			t.Errorf("then: %d runs, begun %d times, %+v", len(l.runs), len(w.starts(1)), l.websites[1])
		}
	})
}

func TestFiguresOfABrowserThatIsGoneAreNotCalledStatic(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website(func(w *collector.Website) { w.Rules.Mode = "two-speed" }))
	ctx, kill := context.WithCancel(t.Context())
	p := parts(t, l, func(w collector.Website, hosts []string) (crawl.Tools, error) {
		tools, err := real(w, hosts)
		tools.Browser = atMost{tools.Browser, new(int), kill}
		return tools, err
	})
	if err := crawl.New(p).Measure(ctx, 1); err == nil || len(l.runs) != 0 {
		t.Fatalf("%v, %+v", err, l.runs)
	}
	p.Open = func(w collector.Website, hosts []string) (crawl.Tools, error) {
		tools, err := real(w, hosts)
		tools.Browser = nil
		return tools, err
	}
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 1 {
		t.Fatalf("%v, %+v", err, l.runs)
	}
	if r := l.runs[0]; r.Measured == 0 || r.Mode != "two-speed" || r.Protocol != "test-2026" {
		t.Errorf("%d pages with a browser, in mode %s by %s", r.Measured, r.Mode, r.Protocol)
	}
}

// atMost is a browser during whose third look the program ends.
type atMost struct {
	survey.Browser
	looks *int
	end   func()
}

func (b atMost) Look(ctx context.Context, address string) (*web.Sight, error) {
	if *b.looks++; *b.looks == 3 {
		b.end()
		return nil, context.Cause(ctx)
	}
	return b.Browser.Look(ctx, address)
}

func TestASiteThatKeepsRobotsAwayInTheMiddleIsNotTakenForASmallOne(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website())
	ctx, kill := context.WithCancel(t.Context())
	s.on = func(n int) {
		if n == 8 {
			kill()
		}
	}
	p := parts(t, l, real)
	_ = crawl.New(p).Measure(ctx, 1) // it is killed
	s.on = nil
	s.down["/robots.txt"] = true
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 0 || !strings.Contains(l.websites[1].Problem, "status 503") {
		t.Errorf("%v, %+v, %+v", err, l.runs, l.websites[1])
	}
	s.down["/robots.txt"] = false
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 1 || l.runs[0].Pages != schoolPages {
		t.Errorf("%v, %+v", err, l.runs)
	}
}

func TestPagesThatTheBrowserIsStillToBeSentToAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pages = 10
		l, w := newLedger(aWebsite(1, func(w *collector.Website) { w.Asked, w.Rules.Mode = true, "browser" })), newWorld()
		w.pages["site1.example"] = pages
		c := crawl.New(parts(t, l, w.Open))
		var mu sync.Mutex
		var left []int
		look := func() {
			mu.Lock()
			defer mu.Unlock()
			for _, p := range c.State() {
				if p.Looked == pages && p.Left() > 0 {
					left = append(left, p.Left())
				}
			}
		}
		for at := range 60 {
			defer time.AfterFunc(time.Duration(at)*time.Second, look).Stop()
		}
		runFor(t.Context(), c, time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if len(l.runs) != 1 || len(left) == 0 || left[0] != pages-1 {
			t.Errorf("%d runs, %v", len(l.runs), left)
		}
	})
}

func TestAProblemIsOneLineThatATerminalShowsAsItIs(t *testing.T) {
	l := newLedger(aWebsite(1))
	open := func(collector.Website, []string) (crawl.Tools, error) {
		return crawl.Tools{}, errors.New("a\nb\x1b[31m\u0085\u202ec\u2066\xff " + strings.Repeat("é", 999))
	}
	if err := crawl.New(parts(t, l, open)).Measure(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if got := l.websites[1].Problem; !strings.HasPrefix(got, "a b [31m  c   é") || len(got) > 500 || !utf8.ValidString(got) {
		t.Errorf("%q", got)
	}
}

func TestNoPageWasMeasuredAfterItWasLastAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(aWebsite(1, func(w *collector.Website) { w.Rules.Mode = "browser" })), newWorld()
		w.pages["site1.example"] = 5
		if err := crawl.New(parts(t, l, w.Open)).Measure(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		for _, p := range l.pages[1] {
			if p.Browser == nil || p.SeenAt.Before(p.At) {
				t.Errorf("%s was measured at %v, and last asked for at %v", p.URL, p.At, p.SeenAt)
			}
		}
	})
}
