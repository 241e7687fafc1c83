package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex/browser"
	"veille/ecoindex/report"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
	"veille/ecoindex/survey"
	"veille/ecoindex/web"
)

// siteJob is what one call of site was asked to do.
type siteJob struct {
	look     lookFlags
	mode     string
	contact  string
	pages    int
	depth    int
	under    string
	exclude  []string
	hosts    []string
	drop     bool
	delay    time.Duration
	sample   int
	journal  string
	since    string
	asJSON   bool
	failed   float64
	stdout   io.Writer
	stderr   io.Writer
	parallel int
	lang     langFlag
	in       report.Language
}

// The modes of site, beside those of page.
const modeTwoSpeed = "two-speed"

func siteCommand(stdout, stderr io.Writer) command.Command {
	j := &siteJob{stdout: stdout, stderr: stderr}
	return command.Command{
		Name:    "site",
		Args:    "URL...",
		Summary: "find the pages of a site politely, look at all of them, and say what the site scores and what to mend first",
		Example: "site --contact webmaster@example.org https://www.example.org/\n" +
			"site --contact webmaster@example.org --mode static --max-pages 2000 --journal crawl.ndjson https://www.example.org/\n" +
			"site --contact webmaster@example.org --lang fr https://www.example.org/\n" +
			"site --contact webmaster@example.org --since last.ndjson --journal this.ndjson --json https://www.example.org/docs/ --under /docs",
		Exits: gateExits,
		Flags: j.flags,
		Run:   j.run,
	}
}

func (j *siteJob) flags(fs *pflag.FlagSet) {
	fs.StringVar(&j.mode, "mode", modeTwoSpeed, "`two-speed` looks at all pages without running scripts, and sends a browser to some of each template; static sends none; browser sends it to all")
	command.Values(fs, "mode", modeTwoSpeed, modeStatic, modeBrowser)
	fs.StringVar(&j.contact, "contact", "", "an `address` or a page by which the site's people reach you; it is in the User-Agent. Needed but for a site on this machine")
	fs.IntVar(&j.pages, "max-pages", 500, "look at this `number` of pages at most")
	fs.IntVar(&j.depth, "depth", 20, "follow this `number` of links from the first page at most")
	fs.StringVar(&j.under, "under", "", "only pages whose path begins with this `path`")
	fs.StringArrayVar(&j.exclude, "exclude", nil, "leave out pages whose path and query are like this `pattern`, in which * stands for anything; may be repeated")
	fs.StringArrayVar(&j.hosts, "host", nil, "another `host` of the site; may be repeated")
	fs.BoolVar(&j.drop, "drop-query", false, "take addresses that differ in their query only as one page")
	fs.DurationVar(&j.delay, "delay", time.Second, "leave the site alone for this `time` after each page; a longer one that robots.txt asks for is kept")
	fs.IntVar(&j.parallel, "parallel", 1, "look at this `number` of pages at once: more than 1 on sites of your own only")
	fs.IntVar(&j.sample, "sample", 0, "send the browser to this `number` of pages (default: two of each template, and the square root of all)")
	fs.StringVar(&j.journal, "journal", "", "keep how far it is in this `file`; the same command goes on from there")
	fs.StringVar(&j.since, "since", "", "the `file` of the last crawl: pages that have not changed since are not measured again")
	fs.BoolVar(&j.asJSON, "json", false, "print a JSON object")
	j.lang.declare(fs)
	fs.StringVar(&j.look.path, "browser", "", "the `path` of Chromium or Chrome (default: the one that is installed)")
	fs.Int64Var(&j.look.memory, "max-memory", 2000, "`megabytes` the browser may take")
	fs.DurationVar(&j.look.timeout, "timeout", time.Minute, "the longest `time` one page may take")
	fs.BoolVar(&j.look.public, "public-only", false, "refuse every address outside the public internet, also of redirects and of what pages fetch")
	fs.Float64Var(&j.failed, "fail-under", 0, "end with status 1 where the mean `score` of the site is lower")
}

func (j *siteJob) run(ctx context.Context, args []string) error {
	rules, err := j.check(args)
	if err != nil {
		return err
	}
	if j.in, err = j.lang.speak(); err != nil {
		return err
	}
	journal, since, clean, err := j.files()
	if err != nil {
		return err
	}
	defer clean()
	o := survey.Options{Options: site.Options{Rules: rules, Delay: j.delay, Parallel: j.parallel, Before: since}, Sample: j.sample, Seed: 1}
	if j.delay == 0 {
		o.Delay = -1
	}
	looks := static.New(static.Options{AllowPrivate: !j.look.public, PageTimeout: j.look.timeout, UserAgent: j.agent(), Shared: 32 << 20})
	defer looks.Close()
	o.Static = looks
	if j.mode != modeStatic {
		if _, err := browser.Find(j.look.path); err != nil {
			return command.WithStatus(notMeasured, err)
		}
		b := browser.New(browser.Options{AllowPrivate: !j.look.public, Path: j.look.path, Parallel: 1, RestartEvery: 100, MaxMemory: j.look.memory * 1e6, PageTimeout: j.look.timeout})
		defer b.Close()
		o.Browser, o.Protocol = b, browser.Protocols()[0].Name
		if j.mode == modeBrowser {
			o.Sample = j.pages
		}
	}
	tell := newTeller(j.stderr, j.in)
	o.Progress, o.Measured = tell.crawled, tell.measured
	s, err := survey.Run(ctx, journal, o)
	tell.end()
	if err != nil {
		return j.interrupted(err)
	}
	return j.print(s)
}

// interrupted says how to go on.
func (j *siteJob) interrupted(err error) error {
	if j.journal != "" {
		err = fmt.Errorf("%w; what was found is in %s: the same command goes on from there", err, j.journal)
	}
	return command.WithStatus(notMeasured, err)
}

// check refuses what cannot be understood before anything is asked of a site.
func (j *siteJob) check(args []string) (site.Rules, error) {
	r := site.Rules{Hosts: j.hosts, Under: j.under, Exclude: j.exclude, Depth: j.depth, MaxPages: j.pages, DropQuery: j.drop}
	if len(args) == 0 {
		return r, command.Usage("no address given; give the first page of a site, such as https://www.example.org/")
	}
	own := true
	for _, a := range args {
		u, err := web.ParseAddress(a)
		if err != nil {
			return r, command.Usage("%w", err)
		}
		r.Start, own = append(r.Start, u), own && web.Loopback(u.Hostname())
	}
	switch {
	case j.mode != modeTwoSpeed && j.mode != modeStatic && j.mode != modeBrowser:
		return r, command.Usage("--mode %q is not known; give two-speed, static or browser", j.mode)
	case j.contact == "" && !own:
		return r, command.Usage("--contact is missing: a site that is asked for all of its pages wants to know whom to write to; give a mail address or a page of yours")
	case strings.ContainsAny(j.contact, "\r\n()"):
		return r, command.Usage("--contact %q is no address", j.contact)
	case j.pages < 1 || j.pages > 100_000:
		return r, command.Usage("--max-pages %d is not possible; give 1 to 100000", j.pages)
	case j.depth < 1 || j.depth > 1000:
		return r, command.Usage("--depth %d is not possible; give 1 to 1000", j.depth)
	case j.delay < 0 || j.delay > time.Hour:
		return r, command.Usage("--delay %v is not possible; give 0s to 1h", j.delay)
	case j.parallel < 1 || j.parallel > 64:
		return r, command.Usage("--parallel %d is not possible; give 1 to 64", j.parallel)
	case j.sample < 0:
		return r, command.Usage("--sample %d is not possible; give 1 or more", j.sample)
	case j.since != "" && j.since == j.journal:
		return r, command.Usage("--since and --journal are the same file; give another one to --journal")
	}
	return r, nil
}

// agent is how we call ourselves.
func (j *siteJob) agent() string {
	contact := j.contact
	if strings.Contains(contact, "@") && !strings.Contains(contact, ":") {
		contact = "mailto:" + contact
	}
	if contact == "" {
		return "Mozilla/5.0 (compatible; VeilleEcoIndex/1.0)"
	}
	return "Mozilla/5.0 (compatible; VeilleEcoIndex/1.0; +" + contact + ")"
}

// files are the journals of this crawl and of the last one, and what to do at the end.
func (j *siteJob) files() (journal, since *site.Journal, clean func(), err error) {
	var closers []func() error
	clean = func() {
		for _, c := range closers {
			_ = c() // what is kept is on its way to the disk already
		}
	}
	name := j.journal
	if name == "" {
		dir, err := os.MkdirTemp("", "veille-site-")
		if err != nil {
			return nil, nil, nil, fmt.Errorf("make a folder for the journal: %w; give a file with --journal", err)
		}
		name = filepath.Join(dir, "crawl.ndjson")
		closers = append(closers, func() error { return os.RemoveAll(dir) })
	}
	if journal, err = site.OpenJournal(name); err == nil {
		closers = append([]func() error{journal.Close}, closers...)
		if j.since != "" {
			if _, err = os.Stat(j.since); err == nil {
				if since, err = site.OpenJournal(j.since); err == nil {
					closers = append([]func() error{since.Close}, closers...)
				}
			}
		}
	}
	if err != nil {
		clean()
		return nil, nil, nil, command.Usage("%w", err)
	}
	return journal, since, clean, nil
}
