package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// The exit statuses of page beyond those of every program.
const (
	broken      = 1 // a budget is broken
	notMeasured = 3 // a page could not be measured; stronger than broken
)

// pageJob is what one call of page was asked to do.
type pageJob struct {
	mode        string
	asJSON      bool
	noFootprint bool
	timeout     time.Duration
	failUnder   float64
	failGrade   string

	worst     ecoindex.Grade // failGrade, read
	footprint *ecoindex.Footprint
	stdout    io.Writer
	stderr    io.Writer
}

func pageCommand(stdout, stderr io.Writer) command.Command {
	job := pageJob{stdout: stdout, stderr: stderr}
	return command.Command{
		Name:    "page",
		Args:    "URL...",
		Summary: "measure pages, without running their scripts",
		Example: "page https://www.example.org/\npage --json --fail-under 60 --fail-grade C https://www.example.org/ https://www.example.org/contact",
		Exits:   "\n  0 measured, budgets held; 1 a budget is broken; 2 wrong use, nothing was fetched; 3 a page could not be measured (wins over 1)",
		Flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&job.mode, "mode", "static", "how to measure; this version has `static` only: no script is run")
			fs.BoolVar(&job.asJSON, "json", false, "print one JSON object per page, on one line; \"practices\" is null: nothing is audited in this version")
			fs.Float64Var(&job.failUnder, "fail-under", 0, "exit 1 when a page has less than this `score`")
			fs.StringVar(&job.failGrade, "fail-grade", "", "exit 1 when a page has a `grade` worse than this one")
			fs.DurationVar(&job.timeout, "timeout", time.Minute, "the longest `time` one page may take")
			fs.BoolVar(&job.noFootprint, "no-footprint", false, "leave out greenhouse gases and water (null in JSON)")
		},
		Run: job.run,
	}
}

func (j *pageJob) run(ctx context.Context, urls []string) error {
	if err := j.check(urls); err != nil {
		return err
	}
	var err error
	if j.footprint, err = loadFootprint(j.noFootprint); err != nil {
		return err
	}
	// The person at the keyboard may look at any address this machine reaches.
	measurer := static.New(static.Options{AllowPrivate: true, PageTimeout: j.timeout})
	defer measurer.Close()
	progress := startProgress(j.stderr, len(urls))
	failed, over := false, false
	for _, u := range urls {
		progress.begin(u)
		measured := j.measure(ctx, measurer, u)
		progress.end()
		if err := j.write(measured); err != nil {
			return err
		}
		failed = failed || measured.err != nil
		over = over || j.breaks(measured)
	}
	switch {
	case failed:
		return command.WithStatus(notMeasured, command.ErrSilent)
	case over:
		return command.WithStatus(broken, command.ErrSilent)
	}
	return nil
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
	if j.mode != "static" {
		return command.Usage("--mode %q is not available; this version measures in static mode only, without running scripts", j.mode)
	}
	if !(j.failUnder >= 0 && j.failUnder <= 100) {
		return command.Usage("--fail-under %v is not a score; give a number from 0 to 100", j.failUnder)
	}
	if j.timeout <= 0 {
		return command.Usage("--timeout %v leaves no time; give one such as 30s", j.timeout)
	}
	if j.failGrade == "" {
		return nil
	}
	worst, err := ecoindex.ParseGrade(j.failGrade)
	if err != nil {
		return command.Usage("--fail-grade: %w", err)
	}
	j.worst = worst
	return nil
}

// measured is one page and its score, or why there is none.
type measured struct {
	url    string // as given
	page   web.Page
	result ecoindex.Result
	err    error
}

func (j *pageJob) measure(ctx context.Context, m *static.Measurer, u string) measured {
	page, err := m.Measure(ctx, u)
	if err != nil {
		return measured{url: u, err: err}
	}
	result, err := ecoindex.Compute(page.Measure())
	return measured{url: u, page: page, result: result, err: err}
}

// breaks says whether a page breaks a budget, and tells the reader of standard error which.
func (j *pageJob) breaks(m measured) bool {
	if m.err != nil {
		return false
	}
	var reasons []string
	if float64(m.result.Score) < j.failUnder {
		reasons = append(reasons, fmt.Sprintf("score %d is under %v", m.result.Score, j.failUnder))
	}
	if j.worst != "" && m.result.Grade.WorseThan(j.worst) {
		reasons = append(reasons, fmt.Sprintf("grade %s is worse than %s", m.result.Grade, j.worst))
	}
	if len(reasons) == 0 {
		return false
	}
	_, _ = fmt.Fprintf(j.stderr, "budget broken: %s: %s\n", m.url, strings.Join(reasons, ", ")) // the exit status says it too
	return true
}

// codeOf is the cause of an error, one word.
func codeOf(err error) string {
	if known, ok := errors.AsType[*web.Error](err); ok {
		return string(known.Code)
	}
	return "internal"
}
