package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"veille/ecoindex"
)

// request is one that a measurer says it counted.
type request struct {
	path  string  // without the origin where it is the page's own
	bytes float64 // headers included
}

// tally is what one measurer counted on one page.
type tally struct {
	measure ecoindex.Measure
	result  ecoindex.Result
	problem string // why there is nothing

	counted []request // nil where the measurer does not say
	asked   []request // of the page's own origin
	unsized float64   // kB that stand for answers of which the reference has no size
}

// outcome is what one measurer found, and what that took.
type outcome struct {
	measurer measurer
	pages    []*page
	tallies  map[*page]tally
	cost     cost
	skipped  string // why it was not run
}

// measurer is one way of measuring pages.
type measurer struct {
	key, name string
	peer      bool                                        // not ours
	atOnce    int                                         // pages
	some      bool                                        // measures the pages marked "peer" only
	protocol  string                                      // of our program
	run       func(*visit, context.Context) (cost, error) // measures all pages of the visit; nil is a protocol of ours
}

// visit is one run of a measurer over pages.
type visit struct {
	*bench
	pages   []*page
	tallies map[string]tally // by address, as they come
}

const (
	ours      = "ecoindex-2026"
	staticKey = "static"
)

func measurers() []measurer {
	return []measurer{
		{key: staticKey, name: "veille, static", atOnce: 1, run: (*visit).static},
		{key: ours, name: "veille, ecoindex-2026", atOnce: 8, protocol: ours},
		{key: "same", name: "veille, ecoindex-2026, the plugin's pages", atOnce: 8, protocol: ours, some: true},
		{key: "adaptive", name: "veille, adaptive", atOnce: 8, protocol: "adaptive"},
		{key: "lighthouse", name: "veille, lighthouse", atOnce: 8, protocol: "lighthouse", some: true},
		{key: "plugin", name: "lighthouse-plugin-ecoindex", peer: true, atOnce: 1, some: true, run: (*visit).plugin},
		{key: "reference", name: "the reference, re-enacted", peer: true, atOnce: 2, run: (*visit).reference},
	}
}

func measurerKeys() []string {
	var keys []string
	for _, m := range measurers() {
		keys = append(keys, m.key)
	}
	return keys
}

// measure runs a measurer over pages. What keeps it from running is said in the outcome.
func (b *bench) measure(ctx context.Context, m measurer, pages []*page) outcome {
	for _, p := range pages {
		p.Take()
	}
	v := &visit{bench: b, pages: pages, tallies: map[string]tally{}}
	if m.run == nil {
		m.run = func(v *visit, ctx context.Context) (cost, error) { return v.browser(ctx, m) }
	}
	c, err := m.run(v, ctx)
	o := outcome{measurer: m, pages: pages, tallies: map[*page]tally{}, cost: c}
	if err != nil {
		o.skipped = err.Error()
	}
	for _, p := range pages {
		t, ok := v.tallies[p.url()]
		if !ok {
			t.problem = "it said nothing of this page"
		}
		t.asked = p.Take()
		o.tallies[p] = t
	}
	if len(v.tallies) > 0 {
		o.skipped = "" // the others it said something of
	}
	return o
}

func (v *visit) urls() []string {
	var urls []string
	for _, p := range v.pages {
		urls = append(urls, p.url())
	}
	return urls
}

// note keeps a page's figures and says how far the measurer is.
func (v *visit) note(url string, t tally) {
	if t.problem == "" {
		if r, err := ecoindex.Compute(t.measure); err != nil {
			t.problem = err.Error()
		} else {
			t.result = r
		}
	}
	v.tallies[url] = t
	v.progress.say("  %d of %d\r", len(v.tallies), len(v.pages))
}

func (v *visit) static(ctx context.Context) (cost, error) {
	return v.page(ctx, append([]string{"--mode", "static"}, v.urls()...)...)
}

func (v *visit) browser(ctx context.Context, m measurer) (cost, error) {
	args := []string{"--mode", "browser", "--protocol", m.protocol, "--parallel", strconv.Itoa(m.atOnce)}
	return v.page(ctx, append(args, v.urls()...)...)
}

// pageLine is a line of `veille-ecoindex page --json`.
type pageLine struct {
	URL      string
	DOM      int
	Requests int
	SizeKB   float64 `json:"size_kb"`
	Error    *struct{ Code, Message string }

	Resources []struct {
		URL   string
		Bytes float64
	}
}

func (l pageLine) tally() tally {
	if l.Error != nil {
		return tally{problem: l.Error.Code + ": " + l.Error.Message}
	}
	t := tally{measure: ecoindex.Measure{DOM: l.DOM, Requests: l.Requests, SizeKB: l.SizeKB}}
	for _, r := range l.Resources {
		t.counted = append(t.counted, request{path: local(l.URL, r.URL), bytes: r.Bytes})
	}
	return t
}

// page runs our program.
func (v *visit) page(ctx context.Context, args ...string) (cost, error) {
	var bad error
	c, err := watch(ctx, v.proc, job{
		args: append([]string{v.command, "page", "--json", "--resources"}, args...),
		line: func(text []byte, _ *peaks) {
			var line pageLine
			if err := json.Unmarshal(text, &line); err != nil {
				bad = fmt.Errorf("%s: not the JSON of a page: %w", v.command, err)
				return
			}
			v.note(line.URL, line.tally())
		},
	})
	return c, errors.Join(err, bad)
}

// reference runs the re-enactment of the reference, as many at once as its command has workers: one a processor.
func (v *visit) reference(ctx context.Context) (cost, error) {
	script, err := filepath.Abs("ecoindex/browser/browsertest/reference.mjs")
	if err != nil {
		return cost{}, err
	}
	peers := filepath.Join(v.tools, "peers")
	if _, err := os.Stat(peers); err != nil {
		return cost{}, errors.New("playwright-core is not installed; run bench/ecoindex/install.sh")
	}
	env := []string{"JOBS=2"}
	if shell, err := exec.LookPath("chromium-headless-shell"); err == nil { // what the reference starts
		env = append(env, "CHROMIUM="+shell)
	}
	var bad error
	c, err := watch(ctx, v.proc, job{
		args: append([]string{"node", script}, v.urls()...), dir: peers, env: env,
		line: func(text []byte, _ *peaks) {
			var line referenceLine
			if err := json.Unmarshal(text, &line); err != nil {
				bad = fmt.Errorf("the reference: not the JSON of a page: %w", err)
				return
			}
			v.note(line.URL, line.tally())
		},
	})
	return c, errors.Join(err, bad)
}

// referenceLine is a line of reference.mjs.
type referenceLine struct {
	URL      string
	DOM      int
	Requests int
	SizeKB   float64 `json:"size_kb"`
	Entries  []struct {
		URL   string
		Bytes float64 // -1 when the reference has none, and takes the length of the entry's text
	}
	Error string
}

func (l referenceLine) tally() tally {
	t := tally{problem: l.Error, measure: ecoindex.Measure{DOM: l.DOM, Requests: l.Requests, SizeKB: l.SizeKB}, counted: []request{}}
	known, all := 0.0, true
	for _, e := range l.Entries {
		t.counted = append(t.counted, request{path: local(l.URL, e.URL), bytes: max(e.Bytes, 0)})
		known, all = known+max(e.Bytes, 0), all && e.Bytes >= 0
	}
	if !all {
		t.unsized = l.SizeKB - known/1000
	}
	return t
}

// local is an address as the page's own origin sees it, or as it is when it is another's.
func local(page, address string) string {
	p, err := url.Parse(page)
	if err != nil {
		return address
	}
	a, err := url.Parse(address)
	if err != nil || a.Host != p.Host {
		return address
	}
	return a.Path
}

// plugin runs lighthouse-plugin-ecoindex with its own category only: with the four others of its default it is slower.
func (v *visit) plugin(ctx context.Context) (cost, error) {
	peers, err := filepath.Abs(filepath.Join(v.tools, "peers"))
	if err != nil {
		return cost{}, err
	}
	program := filepath.Join(peers, "node_modules", ".bin", "lighthouse-ecoindex")
	if _, err := os.Stat(program); err != nil {
		return cost{}, errors.New("it is not installed; run bench/ecoindex/install.sh")
	}
	folder, err := os.MkdirTemp("", "lighthouse-")
	if err != nil {
		return cost{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // what stays is in the folder for temporary files
	args := []string{"node", program, "collect", "--audit-category", "lighthouse-plugin-ecoindex-core", "-o", "json", "--output-path", "report"}
	for _, u := range v.urls() {
		args = append(args, "-u", u)
	}
	c, err := watch(ctx, v.proc, job{
		args: args, dir: folder, env: []string{"HOME=" + filepath.Join(peers, "home")},
		line: func([]byte, *peaks) {},
	})
	if err != nil {
		return c, err
	}
	return c, v.readReports(os.DirFS(folder))
}

func (v *visit) readReports(folder fs.FS) error {
	names, err := fs.Glob(folder, "report/*/*.report.json")
	if err != nil || len(names) == 0 {
		return errors.Join(errors.New("lighthouse-plugin-ecoindex wrote no report"), err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		tallies, err := readReport(text)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		for _, u := range slices.Sorted(maps.Keys(tallies)) {
			v.note(u, tallies[u])
		}
	}
	return nil
}
