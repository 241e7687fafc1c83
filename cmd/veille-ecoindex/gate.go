package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/budget"
	"veille/ecoindex/report"
)

// limitFlags say what pages may cost.
type limitFlags struct {
	failUnder float64
	failGrade string
	file      string

	all   budget.Budget
	rules budget.File
}

func (f *limitFlags) declare(fs *pflag.FlagSet) {
	fs.Float64Var(&f.failUnder, "fail-under", 0, "exit 1 when a page has less than this `score`")
	fs.StringVar(&f.failGrade, "fail-grade", "", "exit 1 when a page has a `grade` worse than this one")
	fs.StringVar(&f.file, "budget", "", "exit 1 when a page costs more than the rules of this YAML `file` say: a list of url (with *), score, grade, dom, requests, size_kb")
}

func (f *limitFlags) check() error {
	if !(f.failUnder >= 0 && f.failUnder <= 100) {
		return command.Usage("--fail-under %v is not a score; give a number from 0 to 100", f.failUnder)
	}
	f.all.Score = f.failUnder
	if f.failGrade != "" {
		worst, err := ecoindex.ParseGrade(f.failGrade)
		if err != nil {
			return command.Usage("--fail-grade: %w", err)
		}
		f.all.Grade = worst
	}
	if f.file == "" {
		return nil
	}
	data, err := readSmall(f.file)
	if err != nil {
		return command.Usage("--budget: %w", err)
	}
	if f.rules, err = budget.Parse(data); err != nil {
		return command.Usage("--budget %s: %w", f.file, err)
	}
	return nil
}

// breaches are the limits that a page breaks: those of the flags, and where they say nothing those of the file.
func (f *limitFlags) breaches(p report.Page, basis ecoindex.Basis) []report.Breach {
	if p.Err != nil {
		return nil
	}
	limits := f.all
	rule, ok := f.rules.For(p.Asked)
	if !ok { // a recording was asked for by the name of its file
		rule, ok = f.rules.For(p.Page.URL)
	}
	if ok {
		limits = limits.Over(rule)
	}
	var list []report.Breach
	for _, b := range limits.Broken(p.Page.Measure(), p.Result.Graded(basis)) {
		list = append(list, report.Breach{What: string(b.What), Text: b.String(), Got: b.Got, Want: b.Want})
	}
	return list
}

// gate reports pages, and keeps whether they may pass.
type gate struct {
	output   *output
	limits   *limitFlags
	progress *progress
	failed   bool
	over     bool
	err      error // of the output
}

// take reports a page.
func (g *gate) take(p report.Page) {
	p.Breaches = g.limits.breaches(p, g.output.basis)
	g.failed = g.failed || p.Err != nil
	g.over = g.over || len(p.Breaches) > 0
	g.progress.clear()
	if err := g.output.write(p); err != nil && g.err == nil {
		g.err = err
	}
	for _, b := range p.Breaches {
		in := g.output.in
		_, _ = fmt.Fprintln(g.output.stderr, in.Say("budget broken: %s", in.Say("%s: %s", p.Asked, in.Breach(b)))) // the exit status says it too
	}
	g.progress.advance()
}

// end closes the reports and answers the exit status.
func (g *gate) end() error {
	g.progress.end()
	if err := g.output.close(); err != nil && g.err == nil {
		g.err = err
	}
	switch {
	case g.err != nil:
		return g.err
	case g.failed:
		return command.WithStatus(notMeasured, command.ErrSilent)
	case g.over:
		return command.WithStatus(broken, command.ErrSilent)
	}
	return nil
}

// inOrder works on the items, some at a time, and hands the results over in the order of the items, each as soon as
// those before it are there.
func inOrder[In, Out any](ctx context.Context, parallel int, items []In, work func(context.Context, In) Out, take func(Out)) {
	results := make([]chan Out, len(items))
	next := make(chan int)
	var workers sync.WaitGroup
	for i := range results {
		results[i] = make(chan Out, 1)
	}
	for range min(parallel, len(items)) {
		workers.Go(func() {
			for i := range next {
				results[i] <- work(ctx, items[i])
			}
		})
	}
	workers.Go(func() {
		for i := range items {
			next <- i
		}
		close(next)
	})
	for _, result := range results {
		take(<-result)
	}
	workers.Wait()
}
