package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Web is how a site is reached.
type Web interface {
	// Text asks for robots.txt or a sitemap, redirects followed. An error says that there was no answer.
	Text(ctx context.Context, address string) (Text, error)
	// Visit looks at a page. before is the result of the last crawl, nil for none: a page that has not changed since need not be looked at.
	// An error ends the crawl; a page that could not be looked at is no error: see View.
	Visit(ctx context.Context, address string, before json.RawMessage) (View, error)
}

// Text is an answer that is read to its end, and closed.
type Text struct {
	URL    string
	Status int
	Body   io.ReadCloser
}

// View is what a visit gives.
type View struct {
	URL       string          // where the page was found, after redirects
	Failed    bool            // it could not be looked at: Result says why
	Again     bool            // of one that failed: that may pass, for it is of the network or of the server as a whole
	After     time.Duration   // likewise: for which the server wants to be left alone; 0 where it does not say
	Unchanged bool            // since the last crawl, whose links and result hold
	HTML      []byte          // for its links
	Header    http.Header     // likewise
	Result    json.RawMessage // what is kept of the page at URL, without what led there: an object
}

// Options say how a site is crawled. A field left at zero has its default.
type Options struct {
	Rules
	Agent    string        // the product token that robots.txt knows us by; default "VeilleEcoIndex"
	Delay    time.Duration // from the end of one page to the beginning of the next; default 1 s, below zero none. A longer one of robots.txt is kept
	Parallel int           // pages at a time; default 1. More than one is for sites of one's own
	Before   *Journal      // of the last crawl; nil for none
	NoMaps   bool          // sitemaps are of no use: no address is wanted beside the first ones
	Progress func(Progress)
	Wait     func(ctx context.Context, d time.Duration) error // default: lets the time pass
}

// Progress is how far a crawl is.
type Progress struct {
	Looked, Failed, Waiting int
	URL                     string // the last page that was looked at
}

// Summary is what came of a crawl.
type Summary struct {
	Pages     int            `json:"pages"`     // looked at, in all sessions of the crawl
	Failed    int            `json:"failed"`    // looked at in vain
	Unchanged int            `json:"unchanged"` // not measured anew, since they have not changed, in this session
	Aliases   int            `json:"aliases"`   // addresses that lead to another one
	Found     int            `json:"found"`     // addresses of pages
	Left      map[Reason]int `json:"left"`      // addresses that were not taken, by reason, each as often as it was found
	Robots    []string       `json:"robots"`    // hosts that were left alone, and why
	Sitemaps  []Report       `json:"sitemaps"`
	Delay     time.Duration  `json:"delay"` // the longest that was kept
}

// Report is what was found of a sitemap.
type Report struct {
	URL      string    `json:"url"`
	URLs     int       `json:"urls"` // of pages, in it
	Problems []Problem `json:"problems,omitempty"`
	Failed   string    `json:"failed,omitempty"` // why it could not be read
}

func (o Options) withDefaults() Options {
	o.Rules = o.Rules.withDefaults()
	if o.Agent == "" {
		o.Agent = "VeilleEcoIndex"
	}
	if o.Delay == 0 {
		o.Delay = time.Second
	}
	o.Delay, o.Parallel = max(o.Delay, 0), max(o.Parallel, 1)
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	return o
}

// Rest leaves the site alone for as long as between two pages.
func (o Options) Rest(ctx context.Context) error {
	o = o.withDefaults()
	return o.Wait(ctx, o.Delay)
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Crawl looks at the pages of a site, from where the journal ends: a page that is in it is not looked at again, but for one that failed for
// what may pass, which is looked at once more at the end. It ends when no page is left, or with an error, after which it may be called again:
// see ErrTrouble.
func Crawl(ctx context.Context, w Web, j *Journal, o Options) (Summary, error) {
	o = o.withDefaults()
	if len(o.Start) == 0 {
		return Summary{}, errors.New("crawl a site: no address to begin with was given")
	}
	c := &crawl{Options: o, web: w, journal: j, frontier: newFrontier(o.Rules), robots: map[string]*Robots{}}
	seeded, err := j.restore(c.frontier)
	if err == nil && o.Before != nil {
		err = c.remember()
	}
	if err == nil {
		err = c.resume(ctx)
	}
	if err == nil {
		err = c.ask(ctx, seeded)
	}
	if err == nil {
		err = c.run(ctx)
	}
	if err != nil {
		err = fmt.Errorf("crawl %s: %w", o.Start[0], err)
	}
	return c.sum(), err
}

// remember finds the pages of the last crawl of the site, whatever its rules were.
func (c *crawl) remember() error {
	c.past = map[string]int64{}
	return c.Before.each(func(l line, at int64) error {
		if l.Site != nil {
			return c.frontier.begins(*l.Site)
		}
		if l.Page != nil && l.Page.State == Seen {
			c.past[l.Page.URL] = at
		}
		return nil
	})
}

// crawl is one session.
type crawl struct {
	Options
	web     Web
	journal *Journal
	past    map[string]int64 // where the pages of the last crawl are in its journal

	asking  sync.Mutex         // of what follows: hosts are asked what they wish one after the other
	robots  map[string]*Robots // by scheme and host
	summary Summary

	mu        sync.Mutex // of what follows
	frontier  *frontier
	unchanged int
	under     int // pages that are being looked at
	row       int // pages that failed one after the other for what may pass
}

// run looks at pages until none is left.
func (c *crawl) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	more := sync.NewCond(&c.mu)
	defer context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		more.Broadcast()
	})()
	var workers sync.WaitGroup
	for range c.Parallel {
		workers.Go(func() {
			for {
				n, ok := c.take(ctx, more)
				if !ok {
					return
				}
				if err := c.visit(ctx, n); err != nil {
					stop(err)
				}
				c.mu.Lock()
				c.under--
				c.mu.Unlock()
				more.Broadcast()
				if err := c.Wait(ctx, c.pause(n)); err != nil {
					stop(err)
				}
				c.rested(n)
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// take is a page to look at; not ok when none is left, or the crawl ends.
func (c *crawl) take(ctx context.Context, more *sync.Cond) (n int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ctx.Err() == nil {
		if n := c.frontier.next(c.under); n >= 0 {
			c.under++
			return n, true
		}
		if c.under == 0 {
			return 0, false
		}
		more.Wait()
	}
	return 0, false
}

// visit looks at a page and keeps what came of it.
func (c *crawl) visit(ctx context.Context, n int) error {
	c.mu.Lock()
	u := c.frontier.entries[n].url
	c.mu.Unlock()
	p := page{Number: n, URL: u.String(), State: Seen}
	r, err := c.wishes(ctx, u)
	if err != nil {
		return err
	}
	if !r.Allowed(c.Agent, u) {
		p.State, p.Reason = Refused, ByRobots
		return c.keep(p, false)
	}
	before, err := c.last(u)
	if err != nil {
		return err
	}
	v, err := c.web.Visit(ctx, u.String(), before.Result)
	if err != nil {
		return err
	}
	p.Result = v.Result
	c.answered(v)
	switch {
	case v.Failed:
		return c.fail(p, v)
	case v.Unchanged:
		p.Links, p.Result = before.Links, before.Result
		return c.keep(p, true)
	}
	return c.arrive(p, v)
}

// arrive keeps a page that was looked at under the address where it was found: its own, another of the site, or none.
func (c *crawl) arrive(p page, v View) error {
	found, err := url.Parse(v.URL)
	if err != nil {
		return fmt.Errorf("read the address of %s: %w", p.URL, err)
	}
	taken, reason := c.admit(found)
	switch {
	case reason != "": // it leads out of the site
		return c.keep(page{Number: p.Number, URL: p.URL, State: Alias, Reason: reason}, false)
	case taken.String() == p.URL:
		return c.keep(c.read(p, found, v), false)
	}
	// What was looked at is another page of the site.
	if err := c.keep(page{Number: p.Number, URL: p.URL, State: Alias, To: taken.String()}, false); err != nil {
		return err
	}
	c.mu.Lock()
	p.Number, p.URL = c.frontier.entries[p.Number].to, taken.String()
	c.mu.Unlock()
	if p.Number < 0 {
		return nil
	}
	return c.keep(c.read(p, found, v), false)
}

// read reads where a page leads that was looked at.
func (c *crawl) read(p page, at *url.URL, v View) page {
	links := ReadLinks(at, v.HTML, v.Header)
	for _, l := range links.Follow {
		if taken, reason := c.admit(l); reason == "" {
			p.Links = append(p.Links, taken.String())
		}
	}
	if links.Canonical != nil {
		if taken, reason := c.admit(links.Canonical); reason == "" && taken.String() != p.URL {
			p.Copy = taken.String()
		}
	}
	return p
}

// last is what the last crawl kept of an address; the zero value for nothing.
func (c *crawl) last(u *url.URL) (page, error) {
	at, ok := c.past[u.String()]
	if !ok {
		return page{}, nil
	}
	return c.Before.at(at)
}

// keep enters what became of a page in the journal, then in the frontier.
func (c *crawl) keep(p page, unchanged bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.frontier.entries[p.Number].state; s != Waiting && s != Later { // another address led there meanwhile
		return nil
	}
	at, err := c.journal.write(line{Page: &p})
	if err != nil {
		return err
	}
	c.frontier.done(p, at)
	c.frontier.entries[p.Number].resting = p.State == Later
	if unchanged {
		c.unchanged++
	}
	n := c.frontier.counts
	c.Progress(Progress{URL: p.URL, Looked: n[Seen] + n[Alias], Failed: n[Failed], Waiting: n[Waiting] + n[Later]})
	return nil
}

// sum is what came of the crawl so far.
func (c *crawl) sum() Summary {
	s := c.summary
	s.Left, s.Found, s.Unchanged = c.frontier.left, len(c.frontier.entries), c.unchanged
	n := c.frontier.counts
	s.Pages, s.Failed, s.Aliases = n[Seen], n[Failed], n[Alias]
	return s
}
