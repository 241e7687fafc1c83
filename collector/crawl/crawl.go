// Package crawl decides which page to visit when, politely, and records the result.
//
// Websites and pages that organisations registered are measured every so many days, in the night, each at its own time. How far a measure
// is stands in a journal, so that one that was interrupted goes on where it ended. Of the pages figures and findings are kept, never text.
package crawl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"veille/collector"
	"veille/ecoindex/survey"
)

// Ledger has the websites, and keeps what their measures give. What is not there is collector.ErrNotFound.
type Ledger interface {
	Websites(ctx context.Context) ([]collector.Website, error)
	Website(ctx context.Context, id int64) (collector.Website, error)
	AskedWebsites(ctx context.Context) ([]int64, error) // those that somebody asked for, the first first
	// PlanWebsite says when a website is measured again; it is asked for no more, unless the plan says so.
	PlanWebsite(ctx context.Context, id int64, p collector.WebPlan) error
	// KeepRun keeps a run, its pages in place of those of the run before, and the scores by address; and plans as PlanWebsite does. It
	// returns when they are on the disk. A run that is there already, by its website and its time, is kept once.
	KeepRun(ctx context.Context, r collector.WebRun, p collector.WebPlan, pages []collector.WebPage, scores map[string]collector.WebScore) error
	WebPages(ctx context.Context, website int64) ([]collector.WebPage, error)
	AllowedHosts(ctx context.Context, organisation int64) ([]string, error) // of a private network, that may be reached all the same
}

// Tools measure a website.
type Tools struct {
	Static   survey.Static
	Browser  survey.Browser // nil where the mode of the website wants none
	Protocol string         // of the browser
	Close    func()
}

// Open opens the tools for a website. hosts may be reached though they are of a private network. An error says why there are none, and is the
// problem of the website.
type Open func(w collector.Website, hosts []string) (Tools, error)

// Parts are what a crawler is made of.
type Parts struct {
	Ledger   Ledger
	Open     Open
	Folder   string // for the journals: one folder in it for each website
	Version  string // of the program, for results
	Workers  int    // websites that are measured at once; default 2
	Browsers int    // of them, those that use a browser: each takes as much memory as its tools allow it; default 1
	// Lock keeps other programs away from a website, by a file of that name, until it is released or the program ends; default: nobody else is
	// there.
	Lock func(name string) (release func() error, err error)
	Now  func() time.Time // in the zone whose nights are meant; default time.Now
	Log  *slog.Logger
}

// Crawler measures websites. It is safe for concurrent use. Two of them must not share a folder at the same time.
type Crawler struct {
	Parts
	wake chan struct{}

	mu    sync.Mutex // of what follows
	under map[int64]*job
	rests map[int64]rest
}

// job is a website that is being measured.
type job struct {
	website collector.Website
	asked   bool // for it somebody waits: it does not end with the night
	again   bool // somebody asked after pages were looked at: it is measured once more
	stop    context.CancelCauseFunc
	state   Progress
}

// rest is until when a website is not begun again, by a clock that nobody sets: whatever the calendar or the ledger say, nothing is measured
// in a circle.
type rest struct{ asked, night time.Time }

// Progress is how far the measure of a website is.
type Progress struct {
	Website                 int64
	Since                   time.Time // in this session
	Asked                   bool      // somebody asked for it
	Looked, Failed, Waiting int       // pages of the quick look
	Shown, ToShow           int       // pages that the browser was sent to, and will have been; 0 before it begins
}

// Left is how many pages wait: to be looked at, and then to be shown to the browser.
func (p Progress) Left() int { return p.Waiting + p.ToShow - p.Shown }

// New makes a crawler.
func New(p Parts) *Crawler {
	p.Workers, p.Browsers = cmp.Or(p.Workers, 2), cmp.Or(p.Browsers, 1)
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Lock == nil {
		p.Lock = func(string) (func() error, error) { return func() error { return nil }, nil }
	}
	return &Crawler{Parts: p, wake: make(chan struct{}, 1), under: map[int64]*job{}, rests: map[int64]rest{}}
}

// Ask says that the ledger knows of somebody who asked for a website: it is begun at once where there is room.
func (c *Crawler) Ask(id int64) {
	c.mu.Lock()
	r := c.rests[id]
	r.asked = time.Time{}
	c.rests[id] = r
	if j := c.under[id]; j != nil && j.state.Looked+j.state.Failed > 0 {
		j.again = true
	}
	c.mu.Unlock()
	c.awake()
}

func (c *Crawler) awake() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// State says what is being measured, by number.
func (c *Crawler) State() []Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []Progress{}
	for _, j := range c.under {
		all = append(all, j.state)
	}
	slices.SortFunc(all, func(a, b Progress) int { return cmp.Compare(a.Website, b.Website) })
	return all
}

// Measure measures a website now, or goes on where its measure was interrupted. That it could not be measured is no error but its Problem
// in the ledger. The error is of what keeps us from measuring or from keeping the result, or says that it is being measured already.
func (c *Crawler) Measure(ctx context.Context, id int64) error {
	w, err := c.Ledger.Website(ctx, id)
	if err != nil {
		return fmt.Errorf("measure website %d: %w", id, err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	j, err := c.claim(w, true, stop)
	if err != nil {
		return fmt.Errorf("measure website %d: %w", id, err)
	}
	err = c.measure(ctx, j)
	c.release(j, err)
	if err != nil {
		return fmt.Errorf("measure website %d: %w", id, err)
	}
	return nil
}

// Why a website is not begun.
var (
	errUnder   = errors.New("it is being measured at this moment; wait for it to end")
	errHost    = errors.New("another website of the same host is being measured; wait for it to end")
	errWorkers = errors.New("as many websites as may be are being measured; wait for one to end")
)

// claim takes a website, unless it must wait.
func (c *Crawler) claim(w collector.Website, asked bool, stop context.CancelCauseFunc) (*job, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.under[w.ID] != nil {
		return nil, errUnder
	}
	browsers, hosts := 0, hostsOf(w)
	for _, j := range c.under {
		if wantsBrowser(j.website) {
			browsers++
		}
		for _, h := range hostsOf(j.website) {
			if slices.Contains(hosts, h) {
				return nil, errHost
			}
		}
	}
	if len(c.under) >= c.Workers || wantsBrowser(w) && browsers >= c.Browsers {
		return nil, errWorkers
	}
	j := &job{website: w, asked: asked, stop: stop, state: Progress{Website: w.ID, Since: c.Now(), Asked: asked}}
	c.under[w.ID] = j
	return j, nil
}

// For how long a website is left alone.
const (
	restAsked   = time.Minute    // after a measure, though somebody asks again
	restNight   = 12 * time.Hour // after a measure, though it is due again
	restTrouble = time.Hour      // after trouble of ours, such as a full disk
)

// release gives a website back. err is what measure answered.
func (c *Crawler) release(j *job, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.under, j.website.ID)
	now := time.Now()
	switch {
	case err == nil:
		c.rests[j.website.ID] = rest{now.Add(restAsked), now.Add(restNight)}
	case !isStop(err):
		c.rests[j.website.ID] = rest{now.Add(restTrouble), now.Add(restTrouble)}
	}
}

// rested tells whether a website may be begun again.
func (c *Crawler) rested(id int64, asked bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := c.rests[id].night
	if asked {
		until = c.rests[id].asked
	}
	return !time.Now().Before(until)
}
