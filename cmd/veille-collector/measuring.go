package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/crawl"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/ecoindex/browser"
	"veille/ecoindex/static"
)

// notMeasured is the exit status of a website that could not be measured.
const notMeasured = 3

// maxParsed keeps the memory of the worst page below what the collector may take; pages larger than this, decompressed,
// are not measured.
const maxParsed = 1 << 20

// shared is how many bytes of what the pages of a site share are kept while it is measured.
const shared = 16 << 20

// measuring says how websites are measured on this server.
type measuring struct {
	private bool   // pages at private addresses are measured
	browser string // path of Chromium; "" for the one that is installed, "none" for none
	memory  int64  // megabytes that a browser may take
	workers int
}

func (m *measuring) flags(fs *pflag.FlagSet) {
	privateFlag(fs, &m.private)
	browserFlag(fs, &m.browser)
	fs.Int64Var(&m.memory, "browser-memory", 1000, "`megabytes` that the browser may take")
	fs.IntVar(&m.workers, "websites-at-once", 2, "`number` of websites that are measured at once, never two of the same host; one of them with a browser")
}

func (m *measuring) check() error {
	switch {
	case m.memory < 300:
		return command.Usage("--browser-memory %d is less than the 300 that a page takes", m.memory)
	case m.workers < 1 || m.workers > 16:
		return command.Usage("--websites-at-once %d is not possible; give 1 to 16", m.workers)
	}
	return nil
}

func privateFlag(fs *pflag.FlagSet, private *bool) {
	fs.BoolVar(private, "allow-private", false, "measure pages at private addresses too; only where everybody who may add a page may see them. "+
		"To allow one host of the intranet see website allow")
}

// measuringFlags declares on the server's command line how it measures; over the API the collector's own flags hold.
func (d *desk) measuringFlags(fs *pflag.FlagSet) {
	if d.call == nil {
		privateFlag(fs, &d.private)
		browserFlag(fs, &d.browser)
	}
}

func browserFlag(fs *pflag.FlagSet, path *string) {
	fs.StringVar(path, "browser", "", "the `path` of Chromium or Chrome, or none (default: the one that is installed; without one pages are measured without running their scripts)")
}

// crawler measures the websites of a store, whose folder it keeps its journals in.
func (m *measuring) crawler(store *relational.Store, folder string, log *slog.Logger) *crawl.Crawler {
	return crawl.New(crawl.Parts{
		Ledger: store, Open: m.open, Folder: filepath.Join(folder, "crawl"), Version: command.Version(), Workers: m.workers, Browsers: 1, Lock: lockWebsite, Log: log,
	})
}

// open makes what measures one website.
func (m *measuring) open(w collector.Website, hosts []string) (crawl.Tools, error) {
	tools := crawl.Tools{}
	path, err := m.chromium(w)
	if err != nil {
		return tools, err
	}
	looks := static.New(static.Options{
		AllowPrivate: m.private, AllowHosts: hosts, UserAgent: crawl.UserAgent(w, command.Version()), MaxParsed: maxParsed, Shared: shared,
	})
	tools.Static, tools.Close = looks, looks.Close
	if path == "" {
		return tools, nil
	}
	b := browser.New(browser.Options{AllowPrivate: m.private, AllowHosts: hosts, Path: path, Parallel: 1, MaxMemory: m.memory * 1e6})
	tools.Browser, tools.Protocol = b, browser.Protocols()[0].Name
	tools.Close = func() { b.Close(); looks.Close() }
	return tools, nil
}

// lockWebsite keeps other programs away from a website while it is measured.
func lockWebsite(name string) (func() error, error) {
	release, err := sqlite.Lock(name)
	if errors.Is(err, sqlite.ErrLocked) {
		return nil, errors.New("another program measures it just now; wait for it to end")
	}
	return release, err
}

// noBrowser is how --browser says that none is to be used.
const noBrowser = "none"

// chromium is the browser for a website; "" for none. Where none is installed, what can be said without one is said.
func (m *measuring) chromium(w collector.Website) (string, error) {
	if w.Rules.Mode == modeStatic || m.browser == noBrowser {
		return "", nil
	}
	path, err := browser.Find(m.browser)
	if err != nil && m.browser == "" {
		return "", nil
	}
	return path, err
}

// queue is what asks for websites to be measured as soon as may be.
type queue struct {
	store   *relational.Store
	crawler *crawl.Crawler
}

// Ask asks for a website.
func (q queue) Ask(ctx context.Context, website int64) error {
	if err := q.store.AskWebsite(ctx, website); err != nil {
		return err
	}
	q.crawler.Ask(website)
	return nil
}

// measure has a website measured: over the API by the collector, later; on the command line here and now, also while a collector serves.
func (d *desk) measure(ctx context.Context, l ledger, w collector.Website) error {
	if d.call != nil {
		if err := d.call.ask(ctx, w.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "%s: will be measured as soon as may be; see website show\n", w.Name)
		return err
	}
	if d.folder.dir == "" {
		return command.Usage("add --data DIR too: the journal of the crawl is kept there")
	}
	if os.Geteuid() == 0 && command.Terminal(d.stderr) {
		_, _ = fmt.Fprintln(d.stderr, "as root a browser has no sandbox of its own: measure only pages that you trust, or leave it to the collector (Measure again, on the website's page)")
	}
	m := measuring{private: d.private, browser: d.browser, memory: 1000, workers: 1}
	c := m.crawler(l.store, d.folder.dir, slog.New(slog.NewTextHandler(d.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err := c.Measure(ctx, w.ID); err != nil {
		return err
	}
	return d.tellMeasured(ctx, l, w.ID)
}

// Measuring is how far a measure of a website is, if one is under way.
func (q queue) Measuring(website int64) (looked, waiting int, under bool) {
	for _, p := range q.crawler.State() {
		if p.Website == website {
			return p.Looked, p.Left(), true
		}
	}
	return 0, 0, false
}

// tellMeasured says what came of a measure.
func (d *desk) tellMeasured(ctx context.Context, l ledger, id int64) error {
	w, err := l.store.Website(ctx, id)
	if err != nil {
		return err
	}
	if w.Problem != "" {
		return command.WithStatus(notMeasured, errors.New(w.Problem))
	}
	run, err := l.store.LastWebRun(ctx, id)
	if err != nil {
		return err
	}
	x := lineOf(w, &run)
	_, err = fmt.Fprintf(d.stdout, "%s: grade %s, score %.0f, %s mode, %s; next measure in the night of %s\n", w.Rules.URL, x.Grade, run.Mean.Value, run.Mode, count(run.Pages, "page"), w.NextOn)
	return err
}
