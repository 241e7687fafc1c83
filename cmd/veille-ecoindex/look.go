package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/browser"
	"veille/ecoindex/practice"
	"veille/ecoindex/report"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// The modes.
const (
	modeBrowser = "browser"
	modeStatic  = "static"
)

// lookFlags say how pages are looked at.
type lookFlags struct {
	mode        string
	protocol    string
	path        string
	parallel    int
	restart     int
	memory      int64
	timeout     time.Duration
	headers     []string
	cookies     []string
	basic       string
	public      bool
	screenshots string

	chosen browser.Protocol
	access web.Access
}

func (f *lookFlags) declare(fs *pflag.FlagSet) {
	fs.StringVar(&f.mode, "mode", modeBrowser, "how to look: `browser` runs the page in Chromium; static reads its HTML and style sheets, runs no script, and is some hundred times faster")
	command.Values(fs, "mode", modeBrowser, modeStatic)
	f.declareBrowser(fs)
}

func (f *lookFlags) declareBrowser(fs *pflag.FlagSet) {
	var protocols strings.Builder
	var names []string
	for _, p := range browser.Protocols() {
		names = append(names, p.Name)
		protocols.WriteString("\n  " + p.Name + ": " + p.About)
	}
	fs.StringVar(&f.protocol, "protocol", "", "how a browser visits and counts, by `name` (default ecoindex-2026):"+protocols.String())
	command.Values(fs, "protocol", names...)
	fs.StringVar(&f.path, "browser", "", "the `path` of Chromium or Chrome (default: the one that is installed)")
	fs.IntVar(&f.parallel, "parallel", 4, "measure this `number` of pages at once")
	fs.IntVar(&f.restart, "restart-every", 100, "start a new browser after this `number` of pages")
	fs.Int64Var(&f.memory, "max-memory", 2000, "`megabytes` the browser may take; the page that takes most when it takes more is given up")
	fs.DurationVar(&f.timeout, "timeout", time.Minute, "the longest `time` one page or journey may take")
	fs.StringArrayVar(&f.headers, "header", nil, "send this `\"Name: value\"` to the page's own site; may be repeated")
	fs.StringArrayVar(&f.cookies, "cookie", nil, "give the page this `name=value`; may be repeated")
	fs.StringVar(&f.basic, "basic-auth", "", "sign in with this `user:password`, to the page's own site only; better set by VEILLE_BASIC_AUTH, which others cannot see")
	fs.BoolVar(&f.public, "public-only", false, "refuse every address outside the public internet, also of redirects and of what pages fetch")
	fs.StringVar(&f.screenshots, "screenshots", "", "write a picture of each page that could not be measured into this `folder`")
}

func (f *lookFlags) check() error {
	if f.mode != modeBrowser && f.mode != modeStatic {
		return command.Usage("--mode %q is not known; give browser or static", f.mode)
	}
	if f.mode == modeStatic && f.protocol != "" && f.protocol != static.Protocol {
		return command.Usage("--protocol %q is one of a browser; leave out --mode static, or the protocol", f.protocol)
	}
	var err error
	if f.mode == modeBrowser {
		if f.chosen, err = browser.ParseProtocol(f.protocol); err != nil {
			return command.Usage("--protocol: %w", err)
		}
	}
	switch {
	case f.parallel < 1 || f.parallel > 64:
		return command.Usage("--parallel %d is not possible; give 1 to 64", f.parallel)
	case f.restart < 1:
		return command.Usage("--restart-every %d is not possible; give 1 or more", f.restart)
	case f.memory < 200:
		return command.Usage("--max-memory %d is too little for a browser; give 200 or more", f.memory)
	case f.timeout <= 0:
		return command.Usage("--timeout %v leaves no time; give one such as 30s", f.timeout)
	}
	return f.checkAccess()
}

func (f *lookFlags) checkAccess() error {
	f.access = web.Access{Headers: map[string]string{}, Cookies: map[string]string{}}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(name, " \t") || strings.ContainsAny(h, "\r\n") {
			return command.Usage("--header %q is not a header; give one such as \"Accept-Language: fr\"", h)
		}
		f.access.Headers[name] = strings.TrimSpace(value)
	}
	for _, c := range f.cookies {
		name, value, ok := strings.Cut(c, "=")
		if !ok || name == "" || strings.ContainsAny(c, ";\r\n") {
			return command.Usage("--cookie is not of the form name=value; give one such as consent=no")
		}
		f.access.Cookies[name] = value
	}
	if f.basic != "" {
		user, secret, ok := strings.Cut(f.basic, ":")
		if !ok || user == "" {
			return command.Usage("--basic-auth is not of the form user:password")
		}
		f.access.User, f.access.Secret = user, secret
	}
	return nil
}

// look measures pages one way.
type look struct {
	flags   *lookFlags
	in      report.Language
	browser *browser.Measurer // nil in static mode
	static  *static.Measurer  // nil in browser mode
}

// start makes ready to measure. Without a browser where one is needed, nothing can be measured.
func (f *lookFlags) start(in report.Language) (*look, error) {
	if f.screenshots != "" {
		if err := os.MkdirAll(f.screenshots, 0o755); err != nil {
			return nil, command.Usage("--screenshots: %w", err)
		}
	}
	if f.mode == modeStatic {
		return &look{flags: f, in: in, static: static.New(static.Options{AllowPrivate: !f.public, PageTimeout: f.timeout, Access: f.access})}, nil
	}
	if _, err := browser.Find(f.path); err != nil {
		return nil, command.WithStatus(notMeasured, err)
	}
	return &look{flags: f, in: in, browser: browser.New(browser.Options{
		AllowPrivate: !f.public, Path: f.path, Protocol: f.chosen, Parallel: f.parallel, RestartEvery: f.restart,
		MaxMemory: f.memory * 1e6, PageTimeout: f.timeout, LoadTimeout: min(f.timeout, 30*time.Second), Access: f.access,
	})}, nil
}

func (l *look) close() {
	if l.static != nil {
		l.static.Close()
		return
	}
	l.browser.Close()
}

// measure measures a page once.
func (l *look) measure(ctx context.Context, url string, twice bool) report.Page {
	began := time.Now()
	var page, repeat web.Page
	var found []report.Practice
	var err error
	if twice {
		page, repeat, err = l.browser.MeasureTwice(ctx, url)
	} else {
		page, found, err = l.audit(ctx, url)
	}
	p := l.page(url, page, err)
	p.Practices = found
	p.Took = time.Since(began)
	if twice && p.Err == nil {
		result, err := ecoindex.Compute(repeat.Measure())
		if err != nil {
			p.Err = err
			return p
		}
		p.Repeat = &report.Repeat{Page: repeat, Result: result, Cached: repeat.Cached}
	}
	return p
}

// audit measures a page, and looks for what it could do better.
func (l *look) audit(ctx context.Context, url string) (web.Page, []report.Practice, error) {
	see := l.looks()
	s, err := see(ctx, url)
	if err != nil {
		return web.Page{}, nil, err
	}
	all, err := practice.Page(s, nil)
	if err != nil { // a page that no parser reads to its end has its figures all the same
		s.Notes = append(s.Notes, "practices not looked at: "+err.Error())
		return s.Page, nil, nil //nolint:nilerr // the note says it
	}
	return s.Page, practicesFound(all, l.in), nil
}

// looks is how a page is seen.
func (l *look) looks() func(context.Context, string) (*web.Sight, error) {
	if l.static != nil {
		return l.static.Look
	}
	return l.browser.Look
}

// practicesFound are those that fail, in a language.
func practicesFound(all []practice.Result, in report.Language) []report.Practice {
	found := []report.Practice{}
	for i := range all {
		r := &all[i]
		if r.Status != practice.Failed {
			continue
		}
		p := report.Practice{
			ID: r.ID, RWEB: r.RWEB, Title: pick(in, r.Title), Advice: pick(in, r.Advice), Measured: r.Measured, Most: r.Most, Unit: r.Unit,
			Points: r.Points, SizeKB: float64(r.Saves.Bytes) / 1000, Requests: r.Saves.Requests, Offenders: []report.Offender{},
		}
		for _, o := range r.Offenders[:min(len(r.Offenders), offendersKept)] {
			p.Offenders = append(p.Offenders, report.Offender{URL: o.URL, Where: o.Where, Detail: o.Detail, Bytes: o.Bytes})
		}
		found = append(found, p)
	}
	return found
}

// offendersKept is how many of what fails a practice are reported of a page.
const offendersKept = 20

// page is what is reported of a measure.
func (l *look) page(url string, page web.Page, err error) report.Page {
	p := report.Page{Asked: url, Mode: l.flags.mode, Protocol: static.Protocol, Page: page, Err: err}
	if l.browser != nil {
		p.Protocol = l.flags.chosen.Name
	}
	if p.Err == nil {
		p.Result, p.Err = ecoindex.Compute(page.Measure())
	}
	if known, ok := errors.AsType[*web.Error](p.Err); ok && len(known.Screenshot) > 0 && l.flags.screenshots != "" {
		sum := sha256.Sum256([]byte(url))
		name := filepath.Join(l.flags.screenshots, hex.EncodeToString(sum[:8])+".png")
		if os.WriteFile(name, known.Screenshot, 0o644) == nil {
			p.Screenshot = name
		}
	}
	return p
}
