package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/report"
)

// outputFlags say how the figures are read and written.
type outputFlags struct {
	reading   readingFlags
	asJSON    bool
	asCSV     bool
	resources bool
	junit     string
	sarif     string
}

func (f *outputFlags) declare(fs *pflag.FlagSet) {
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object per page, on one line; \"practices\" is null where none were looked for")
	fs.BoolVar(&f.asCSV, "csv", false, "print a table of comma-separated values")
	fs.StringVar(&f.junit, "junit", "", "write a JUnit report into this `file` too")
	fs.StringVar(&f.sarif, "sarif", "", "write a SARIF report into this `file` too")
	fs.BoolVar(&f.resources, "resources", false, "with --json, list every request")
	f.reading.declare(fs)
}

// output is where the pages are written to: standard output in one format, and reports in files.
type output struct {
	basis   ecoindex.Basis
	in      report.Language
	writers []report.Writer
	files   []*os.File
	stderr  io.Writer
}

// open makes ready to write. Where the flags say nothing of the basis, it is that of the protocol; the findings of SARIF
// are attached to the file of the budgets, when there is one: code hosts refuse findings at addresses.
func (f *outputFlags) open(stdout, stderr io.Writer, basis ecoindex.Basis, budgets string) (*output, error) {
	o, err := f.reading.options()
	if err != nil {
		return nil, err
	}
	if !f.reading.set.Changed("grade-from") {
		o.Basis = basis
	}
	if f.asJSON && f.asCSV {
		return nil, command.Usage("--json and --csv both write to standard output; give one of them")
	}
	o.Resources, o.Version, o.Anchor, o.Started, o.Color = f.resources, command.Version(), budgets, time.Now(), colored(stdout)
	out := &output{basis: o.Basis, in: o.Language, stderr: stderr}
	switch {
	case f.asJSON:
		out.writers = append(out.writers, report.NewJSON(stdout, o))
	case f.asCSV:
		out.writers = append(out.writers, report.NewCSV(stdout, o))
	default:
		out.writers = append(out.writers, report.NewText(stdout, o))
	}
	for _, extra := range []struct {
		flag, name string
		make       func(io.Writer) report.Writer
	}{
		{"--junit", f.junit, func(w io.Writer) report.Writer { return report.NewJUnit(w, o) }},
		{"--sarif", f.sarif, func(w io.Writer) report.Writer { return report.NewSARIF(w, o) }},
	} {
		if extra.name == "" {
			continue
		}
		file, err := os.Create(extra.name)
		if err != nil {
			return nil, command.Usage("%s: %w", extra.flag, err)
		}
		out.files = append(out.files, file)
		out.writers = append(out.writers, extra.make(file))
	}
	return out, nil
}

// colored says whether text to w may have colours.
func colored(w io.Writer) bool {
	return command.Terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func (o *output) write(p report.Page) error {
	var errs []error
	for _, w := range o.writers {
		errs = append(errs, w.Write(p))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (o *output) close() error {
	var errs []error
	for _, w := range o.writers {
		errs = append(errs, w.Close())
	}
	for _, f := range o.files {
		errs = append(errs, f.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
