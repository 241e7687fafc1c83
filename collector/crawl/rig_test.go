package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/crawl"
	"veille/ecoindex/static"
	"veille/ecoindex/survey"
	"veille/ecoindex/web"
)

// ledger keeps everything in memory.
type ledger struct {
	mu       sync.Mutex
	websites map[int64]collector.Website
	runs     []collector.WebRun
	pages    map[int64][]collector.WebPage
	scores   map[string]map[time.Time]collector.WebScore
	plans    []collector.WebPlan
	calls    int
	ends     map[int64][]time.Time // when runs were kept, by website
	kept     func() error          // called at the end of KeepRun, where set
	keeps    func() error          // likewise at its beginning
}

func newLedger(all ...collector.Website) *ledger {
	l := &ledger{websites: map[int64]collector.Website{}, pages: map[int64][]collector.WebPage{}, scores: map[string]map[time.Time]collector.WebScore{}, ends: map[int64][]time.Time{}}
	for _, w := range all {
		l.websites[w.ID] = w
	}
	return l
}

func (l *ledger) Websites(context.Context) ([]collector.Website, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	var all []collector.Website
	for _, w := range l.websites {
		all = append(all, w)
	}
	return all, nil
}

func (l *ledger) Website(_ context.Context, id int64) (collector.Website, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, ok := l.websites[id]
	if !ok {
		return w, fmt.Errorf("website %d: %w", id, collector.ErrNotFound)
	}
	return w, nil
}

func (l *ledger) AskedWebsites(context.Context) ([]int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []int64
	for id, w := range l.websites {
		if w.Asked {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all, nil
}

func (l *ledger) PlanWebsite(ctx context.Context, id int64, p collector.WebPlan) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return l.plan(id, p)
}

func (l *ledger) plan(id int64, p collector.WebPlan) error {
	w, ok := l.websites[id]
	if !ok {
		return collector.ErrNotFound
	}
	w.NextOn, w.Tries, w.Problem, w.Asked = p.NextOn, p.Tries, p.Problem, p.Asked
	l.websites[id] = w
	l.plans = append(l.plans, p)
	return nil
}

func (l *ledger) KeepRun(ctx context.Context, r collector.WebRun, p collector.WebPlan, pages []collector.WebPage, scores map[string]collector.WebScore) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if l.keeps != nil {
		if err := l.keeps(); err != nil {
			return err
		}
	}
	if err := l.plan(r.Website, p); err != nil {
		return err
	}
	if !slices.ContainsFunc(l.runs, func(o collector.WebRun) bool { return o.Website == r.Website && o.At.Equal(r.At) }) {
		l.runs = append(l.runs, r)
		l.ends[r.Website] = append(l.ends[r.Website], time.Now())
	}
	l.pages[r.Website] = pages
	for u, s := range scores {
		if l.scores[u] == nil {
			l.scores[u] = map[time.Time]collector.WebScore{}
		}
		l.scores[u][s.At] = s
	}
	if l.kept != nil {
		return l.kept()
	}
	return nil
}

func (l *ledger) WebPages(_ context.Context, id int64) ([]collector.WebPage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.pages[id]), nil
}

func (l *ledger) AllowedHosts(context.Context, int64) ([]string, error) { return nil, nil }

func (l *ledger) change(id int64, f func(*collector.Website)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.websites[id]
	f(&w)
	l.websites[id] = w
}

func (l *ledger) remove(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.websites, id)
}

func (l *ledger) runsOf(id int64) []collector.WebRun {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []collector.WebRun
	for _, r := range l.runs {
		if r.Website == id {
			all = append(all, r)
		}
	}
	return all
}

// session is one opening of the tools.
type session struct {
	website    int64
	host       string
	browser    bool
	begin, end time.Time
}

// world is a web of sites of some pages each, of which a look takes a while. Its clocks are those of the bubble.
type world struct {
	mu       sync.Mutex
	takes    time.Duration
	pages    map[string]int // of a site, by its host; default 1
	down     map[string]bool
	looked   map[string]int // by address
	sessions []*session
	most     int // at once
	now      func() time.Time
}

func newWorld() *world {
	return &world{takes: time.Second, pages: map[string]int{}, down: map[string]bool{}, looked: map[string]int{}, now: utc}
}

func utc() time.Time { return time.Now().UTC() }

func (w *world) Open(site collector.Website, _ []string) (crawl.Tools, error) {
	u, err := url.Parse(site.Rules.URL)
	if err != nil {
		return crawl.Tools{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &session{website: site.ID, host: u.Host, browser: site.Rules.Mode != "static", begin: w.now()}
	w.sessions = append(w.sessions, s)
	open := 0
	for _, o := range w.sessions {
		if o.end.IsZero() {
			open++
		}
	}
	w.most = max(w.most, open)
	t := crawl.Tools{Static: w, Protocol: "test-2026", Close: func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		s.end = w.now()
	}}
	if s.browser {
		t.Browser = shown{w}
	}
	return t, nil
}

// shown is the browser of the world: it finds more than a quick look.
type shown struct{ *world }

func (b shown) Look(ctx context.Context, address string) (*web.Sight, error) {
	s, err := b.world.Look(ctx, address)
	if err == nil {
		s.DOM += 50
	}
	return s, err
}

func (w *world) Look(ctx context.Context, address string) (*web.Sight, error) {
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-time.After(w.takes):
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked[address]++
	if w.down[u.Host] {
		return nil, &web.Error{Code: web.CodeConnect, URL: address, Text: "nobody answers at " + u.Host}
	}
	var html strings.Builder
	for n := range max(w.pages[u.Host], 1) - 1 {
		if u.Path != "/" {
			break
		}
		fmt.Fprintf(&html, "<a href=/%d>x</a>", n+1)
	}
	return &web.Sight{Page: web.Page{URL: address, DOM: 100, Requests: 10, SizeKB: 500}, HTML: []byte("<!doctype html><title>x</title>" + html.String())}, nil
}

func (w *world) Changed(context.Context, string, static.Validators) (static.Validators, bool, error) {
	return static.Validators{}, true, nil
}

func (w *world) Fetch(_ context.Context, address string, _ int64) (static.Answer, error) {
	return static.Answer{URL: address, Status: 404, Body: io.NopCloser(strings.NewReader(""))}, nil
}

var _ survey.Static = (*world)(nil)

// starts are when the measures of a website began.
func (w *world) starts(id int64) []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []time.Time
	for _, s := range w.sessions {
		if s.website == id {
			all = append(all, s.begin)
		}
	}
	return all
}

func aWebsite(id int64, change ...func(*collector.Website)) collector.Website {
	w := collector.Website{
		ID: id, Organisation: 1, Kind: collector.KindSite, Name: fmt.Sprintf("site %d", id), EveryDays: 7, AddedOn: "2000-01-01", NextOn: "2000-01-01",
		Rules: collector.WebsiteRules{URL: fmt.Sprintf("https://site%d.example/", id), Mode: "static", MaxPages: 100, Depth: 5},
	}
	for _, f := range change {
		f(&w)
	}
	return w
}

func parts(t *testing.T, l *ledger, open crawl.Open) crawl.Parts {
	t.Helper()
	return crawl.Parts{Ledger: l, Open: open, Folder: t.TempDir(), Version: "9.9", Now: utc, Log: slog.New(slog.DiscardHandler)}
}

// runFor lets a crawler run for a while.
func runFor(ctx context.Context, c *crawl.Crawler, d time.Duration) {
	ctx, stop := context.WithTimeout(ctx, d)
	defer stop()
	c.Run(ctx)
}

var errDisk = errors.New("no space left on device")
