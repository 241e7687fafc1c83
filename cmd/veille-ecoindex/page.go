package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex/browser"
	"veille/ecoindex/report"
	"veille/ecoindex/web"
)

// The exit statuses of page, har and journey beyond those of every program.
const (
	broken      = 1 // a budget is broken
	notMeasured = 3 // a page could not be measured; stronger than broken
)

const gateExits = "\n  0 measured, budgets held; 1 a budget is broken; 2 wrong use, nothing was fetched; 3 a page could not be measured (wins over 1)"

// pageJob is what one call of page was asked to do.
type pageJob struct {
	look   lookFlags
	output outputFlags
	limits limitFlags
	runs   int
	repeat bool
	stdout io.Writer
	stderr io.Writer
}

func pageCommand(stdout, stderr io.Writer) command.Command {
	job := pageJob{stdout: stdout, stderr: stderr}
	return command.Command{
		Name:    "page",
		Args:    "URL...",
		Summary: "measure pages",
		Example: "page https://www.example.org/\n" +
			"page --protocol adaptive --fail-under 60 --fail-grade C --junit report.xml https://www.example.org/ https://www.example.org/contact\n" +
			"page --runs 3 --repeat-visit --json https://www.example.org/\n" +
			"page --lang fr https://www.example.org/\n" +
			"page --mode static --csv https://www.example.org/ > pages.csv",
		Exits: gateExits,
		Flags: func(fs *pflag.FlagSet) {
			job.look.declare(fs)
			fs.IntVar(&job.runs, "runs", 1, "measure each page this `number` of times: shown is the run of median score, with the spread; runs that failed are not in it")
			fs.BoolVar(&job.repeat, "repeat-visit", false, "measure also the visit of somebody who comes back, with what the browser kept")
			job.limits.declare(fs)
			job.output.declare(fs)
		},
		Run: job.run,
	}
}

func (j *pageJob) run(ctx context.Context, urls []string) error {
	if err := j.check(urls); err != nil {
		return err
	}
	out, err := j.output.open(j.stdout, j.stderr, j.look.chosen.Basis, j.limits.file)
	if err != nil {
		return err
	}
	look, err := j.look.start(out.in)
	if err != nil {
		return err
	}
	defer look.close()
	g := gate{output: out, limits: &j.limits, progress: startProgress(j.stderr, len(urls), out.in)}
	inOrder(ctx, j.look.parallel, urls, func(ctx context.Context, url string) report.Page {
		runs := make([]report.Page, 0, j.runs)
		for range j.runs {
			runs = append(runs, look.measure(ctx, url, j.repeat))
		}
		return report.Median(runs)
	}, g.take)
	return g.end()
}

// check refuses what cannot be understood before anything is fetched.
func (j *pageJob) check(urls []string) error {
	if len(urls) == 0 {
		return command.Usage("no address given; give at least one, such as https://www.example.org/")
	}
	for _, u := range urls {
		if _, err := web.ParseAddress(u); err != nil {
			return command.Usage("%w", err)
		}
	}
	if j.runs < 1 || j.runs > 100 {
		return command.Usage("--runs %d is not possible; give 1 to 100", j.runs)
	}
	if err := j.look.check(); err != nil {
		return err
	}
	if j.repeat && j.look.mode != modeBrowser {
		return command.Usage("--repeat-visit needs a browser, which has a cache; leave out --mode %s", j.look.mode)
	}
	return j.limits.check()
}

// journeyJob is what one call of journey was asked to do.
type journeyJob struct {
	look   lookFlags
	output outputFlags
	limits limitFlags
	lookup func(string) (string, bool)
	stdout io.Writer
	stderr io.Writer
}

func journeyCommand(stdout, stderr io.Writer, lookup func(string) (string, bool)) command.Command {
	job := journeyJob{stdout: stdout, stderr: stderr, lookup: lookup}
	return command.Command{
		Name:    "journey",
		Args:    "FILE...",
		Summary: "do what a visitor does, and measure on the way: before and after a consent, behind a form",
		Example: "journey appointment.yaml\n" +
			"journey --json --fail-grade C appointment.yaml search.yaml",
		Exits: gateExits,
		Flags: func(fs *pflag.FlagSet) {
			job.look.declareBrowser(fs)
			job.limits.declare(fs)
			job.output.declare(fs)
		},
		Run: job.run,
	}
}

func (j *journeyJob) run(ctx context.Context, files []string) error {
	if len(files) == 0 {
		return command.Usage("no file given; give a journey in YAML:\n%s", exampleJourney)
	}
	j.look.mode = modeBrowser
	if err := j.look.check(); err != nil {
		return err
	}
	if err := j.limits.check(); err != nil {
		return err
	}
	journeys := make([]browser.Journey, 0, len(files))
	for _, name := range files {
		data, err := readSmall(name)
		if err != nil {
			return command.Usage("read the journey: %w", err)
		}
		one, err := browser.ParseJourney(data, j.lookup)
		if err != nil {
			return command.Usage("%s: %w", name, err)
		}
		journeys = append(journeys, one)
	}
	out, err := j.output.open(j.stdout, j.stderr, j.look.chosen.Basis, j.limits.file)
	if err != nil {
		return err
	}
	look, err := j.look.start(out.in)
	if err != nil {
		return err
	}
	defer look.close()
	g := gate{output: out, limits: &j.limits, progress: startProgress(j.stderr, len(journeys), out.in)}
	inOrder(ctx, j.look.parallel, journeys, look.follow, func(pages []report.Page) {
		for _, p := range pages {
			g.take(p)
		}
	})
	return g.end()
}

const exampleJourney = `  url: https://www.example.org/
  steps:
    - consent: "#accept"     # measured before and after
    - type: {into: "#q", text: lycée}
    - click: "button[type=submit]"
    - wait: ".results"       # a selector, or a time such as 2s
    - scroll: bottom
    - measure: results`

// follow does a journey. What was measured before a step that failed is kept.
func (l *look) follow(ctx context.Context, j browser.Journey) []report.Page {
	began := time.Now()
	stages, err := l.browser.Follow(ctx, j)
	pages := make([]report.Page, 0, len(stages)+1)
	for _, s := range stages {
		p := l.page(s.Page.URL, s.Page, nil)
		p.Step, p.Took = s.Name, time.Since(began)
		pages = append(pages, p)
	}
	if err != nil {
		p := l.page(j.URL, web.Page{}, err)
		p.Step, p.Took = fmt.Sprintf("after %d measures", len(stages)), time.Since(began)
		pages = append(pages, p)
	}
	return pages
}
