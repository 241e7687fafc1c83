// Package browser measures a page with Chromium, as the EcoIndex reference does, and by other protocols that say their
// names.
//
// One browser serves many pages, each in a context of its own, as empty as that of a first visit. Every document and
// every worker of a page is attached before it runs, so that no request is missed. The browser is driven through its
// own protocol over two pipes: nothing listens on a port.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"veille/ecoindex/web"
)

// Options say how pages are measured, and within which limits. A field left at zero has its default.
type Options struct {
	// AllowPrivate lets pages reach this machine and private networks. Left false, every connection to an address
	// outside the public internet is refused, whatever name, redirect or page led there.
	AllowPrivate bool
	// AllowHosts are names of hosts that may lead to private networks all the same, as web.ParseHost reads them: see
	// web.Reach. Pages of other hosts may fetch from them too.
	AllowHosts []string

	Path         string // of the browser; default: what Find finds
	Protocol     Protocol
	Parallel     int           // pages measured at once; default 4
	RestartEvery int           // pages after which a new browser is started; default 100
	MaxMemory    int64         // bytes that the browser may take with all its pages; default 2 GB
	PageTimeout  time.Duration // for a page as a whole, from when its tab is open; default 60 s
	LoadTimeout  time.Duration // until it is loaded; default 30 s, as in the reference
	MaxRequests  int           // of a page; default 5000, above the worst twentieth of the web
	MaxBytes     int64         // of all its answers, decompressed; default 256 MB
	UserAgent    string        // default: the browser's own
	Access       web.Access    // for pages that not everybody may see

	dial  web.Dial // of the guard; a test puts a hole into it
	looks bool     // at more than the figures
}

func (o Options) withDefaults() Options {
	if o.Protocol.Name == "" {
		o.Protocol = Protocols()[0]
	}
	if o.dial == nil {
		o.dial = web.Reach{Hosts: o.AllowHosts}.Dial(net.Dialer{Timeout: 20 * time.Second})
	}
	o.Parallel = orDefault(o.Parallel, 4)
	o.RestartEvery = orDefault(o.RestartEvery, 100)
	o.MaxMemory = orDefault(o.MaxMemory, 2e9)
	o.PageTimeout = orDefault(o.PageTimeout, time.Minute)
	o.LoadTimeout = orDefault(o.LoadTimeout, 30*time.Second)
	o.MaxRequests = orDefault(o.MaxRequests, 5000)
	o.MaxBytes = orDefault(o.MaxBytes, 256e6)
	return o
}

func orDefault[T int | int64 | time.Duration](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}

// Measurer measures pages with one browser at a time, which it starts when the first page comes. It is safe for
// concurrent use; more pages than Options.Parallel wait for their turn.
type Measurer struct {
	options Options
	turn    chan struct{}
	ending  sync.WaitGroup // browsers that are being replaced

	mu      sync.Mutex
	current *process
	started int // pages that current was given
}

// New makes a Measurer. Call Close when it has served.
func New(o Options) *Measurer {
	o = o.withDefaults()
	return &Measurer{options: o, turn: make(chan struct{}, o.Parallel)}
}

// Close ends the browser. No page may be under way.
func (m *Measurer) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.retire()
	m.ending.Wait()
}

// retire lets the current browser end once its pages are measured.
func (m *Measurer) retire() {
	old := m.current
	m.current = nil
	if old == nil {
		return
	}
	m.ending.Go(func() {
		old.pages.Wait()
		old.close()
	})
}

// acquire answers a browser that runs, and counts a page in it.
func (m *Measurer) acquire(ctx context.Context) (*process, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current != nil && (m.current.useless() || m.started >= m.options.RestartEvery) {
		m.retire()
	}
	if m.current == nil {
		p, err := launch(ctx, m.options)
		if err != nil {
			return nil, err
		}
		m.current, m.started = p, 0
	}
	m.started++
	m.current.pages.Add(1)
	return m.current, nil
}

// Measure measures the page at address, as a first visit. Every error is a *web.Error. A page whose browser ended under
// it, or opened no tab for it, is measured once more in another: it may have been a neighbour's fault.
func (m *Measurer) Measure(ctx context.Context, address string) (web.Page, error) {
	first, _, err := m.visits(ctx, address, false)
	return first, err
}

// MeasureTwice measures the first visit and one that comes back with the cookies and the cache of the first. Of the
// second, what the cache answered is no request; Page.Cached says how many there were.
func (m *Measurer) MeasureTwice(ctx context.Context, address string) (first, repeat web.Page, err error) {
	return m.visits(ctx, address, true)
}

func (m *Measurer) visits(ctx context.Context, address string, twice bool) (first, repeat web.Page, err error) {
	u, err := web.ParseAddress(address)
	if err != nil {
		return web.Page{}, web.Page{}, fmt.Errorf("%w", err)
	}
	err = m.inTab(ctx, m.options, u.String(), func(t *tab) error {
		err := t.visit(u)
		if err == nil {
			first, err = t.count(u.String())
		}
		if err == nil && twice {
			repeat, err = t.comeBack(u)
		}
		if err != nil {
			return t.failed(u, err)
		}
		return nil
	})
	if err != nil {
		return web.Page{}, web.Page{}, err
	}
	return first, repeat, nil
}

// inTab runs work in a new tab.
func (m *Measurer) inTab(ctx context.Context, o Options, address string, work func(*tab) error) error {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return &web.Error{Code: web.CodeCancelled, URL: address, Text: "stopped before the page was measured; start again", Err: ctx.Err()}
	}
	defer func() { <-m.turn }()
	err := m.once(ctx, o, address, work)
	if (errors.Is(err, errGone) || errors.Is(err, errJammed)) && ctx.Err() == nil {
		err = m.once(ctx, o, address, work)
	}
	return err
}

func (m *Measurer) once(ctx context.Context, o Options, address string, work func(*tab) error) error {
	p, err := m.acquire(ctx)
	if err != nil {
		return asWebError(err, address)
	}
	defer p.pages.Done()
	t, err := p.open(ctx, o, o.Protocol)
	if err != nil {
		return asWebError(err, address)
	}
	defer t.close()
	return work(t)
}

// asWebError is the error of a page that could not even be asked for.
func asWebError(err error, address string) error {
	if known, ok := errors.AsType[*web.Error](err); ok {
		return known
	}
	code, text := web.CodeBrowser, fmt.Sprintf("the browser does not answer (%v); measure it again", err)
	switch {
	case errors.Is(err, context.Canceled):
		code, text = web.CodeCancelled, "stopped before the page was measured; start again"
	case errors.Is(err, errJammed), errors.Is(err, context.DeadlineExceeded):
		code, text = web.CodeTimeout, "the browser opened no tab in time; measure fewer pages at once"
	case errors.Is(err, errGone):
		code, text = web.CodeCrash, "the browser ended while it measured the page; measure it again, alone"
	}
	return &web.Error{Code: code, URL: address, Text: text, Err: err}
}
