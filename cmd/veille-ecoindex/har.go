package main

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/har"
	"veille/ecoindex/report"
)

// harJob is what one call of har was asked to do.
type harJob struct {
	options har.Options
	flags   *pflag.FlagSet
	output  outputFlags
	limits  limitFlags
	stdout  io.Writer
	stderr  io.Writer
}

func harCommand(stdout, stderr io.Writer) command.Command {
	job := harJob{stdout: stdout, stderr: stderr}
	return command.Command{
		Name:    "har",
		Args:    "FILE",
		Summary: "score a recording that a browser saved as HAR, for pages that this program cannot reach",
		Example: "har page.har --dom 282\nhar --json --page page_2 --fail-under 60 journey.har --dom 1200",
		Exits:   gateExits,
		Flags: func(fs *pflag.FlagSet) {
			job.flags = fs
			fs.IntVar(&job.options.DOM, "dom", 0, "`number` of elements, which a recording does not tell (required); in the browser's console: document.querySelectorAll('*').length - document.querySelectorAll('svg *').length")
			fs.StringVar(&job.options.Page, "page", "", "the `id` of the page, when the recording has several")
			job.limits.declare(fs)
			job.output.declare(fs)
		},
		Run: job.run,
	}
}

func (j *harJob) run(_ context.Context, files []string) error {
	if len(files) != 1 {
		return command.Usage("%d files given; give one, such as page.har", len(files))
	}
	if !j.flags.Changed("dom") {
		return command.Usage("--dom is missing; a recording does not tell the number of elements")
	}
	if j.options.DOM < 0 {
		return command.Usage("--dom %d is not a number of elements; give 0 or more", j.options.DOM)
	}
	if err := j.limits.check(); err != nil {
		return err
	}
	file, err := os.Open(files[0])
	if err != nil {
		return command.Usage("read the recording: %w", err)
	}
	defer func() { _ = file.Close() }()
	out, err := j.output.open(j.stdout, j.stderr, ecoindex.FromRounded, j.limits.file)
	if err != nil {
		return err
	}
	g := gate{output: out, limits: &j.limits, progress: startProgress(j.stderr, 1, out.in)}
	began := time.Now()
	p := report.Page{Asked: files[0], Mode: "har", Protocol: har.Protocol}
	j.options.Name = files[0]
	p.Page, p.Err = har.Read(file, j.options)
	if which, ok := errors.AsType[*har.PageError](p.Err); ok {
		return command.Usage("%w", which)
	}
	if p.Err == nil {
		p.Result, p.Err = ecoindex.Compute(p.Page.Measure())
	}
	p.Took = time.Since(began)
	g.take(p)
	return g.end()
}
