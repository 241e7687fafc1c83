package crawl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"veille/collector"
	"veille/ecoindex/site"
	"veille/ecoindex/survey"
	"veille/ecoindex/web"
)

// attempt is one session of the measure of one website.
type attempt struct {
	*Crawler
	website collector.Website
	job     *job
	files   files
	bare    bool      // no browser is there
	newest  time.Time // of the run before; zero for none
}

// measure measures a website from where its journal ends, and keeps what came of it. An error that isStop is an interruption.
func (c *Crawler) measure(ctx context.Context, j *job) error {
	a := &attempt{Crawler: c, website: j.website, job: j, files: c.filesOf(j.website.ID)}
	if err := os.MkdirAll(string(a.files), 0o700); err != nil {
		return fmt.Errorf("make a folder for the journals: %w", err)
	}
	release, err := c.Lock(a.files.path(lockName))
	if err != nil {
		return err
	}
	defer func() { _ = release() }() // which the end of the program does too
	if u, err := a.files.underWay(); err == nil && u.Run != nil {
		return a.settle(ctx, u, nil, nil)
	}
	old, err := c.Ledger.WebPages(ctx, a.website.ID)
	if err != nil {
		return err
	}
	a.newest = a.lastOf(old)
	s, then, err := a.survey(ctx)
	if problem, ok := errors.AsType[*inVainError](err); ok {
		return a.giveUp(ctx, problem.text)
	}
	if err != nil {
		return err
	}
	u := underWay{Kind: a.website.Kind, Rules: a.website.Rules}
	on := c.Now()
	run := a.runOf(s, then, a.stamp())
	u.Run, u.Plan = &run, planAfter(a.website, on, len(old) == 0)
	if err := a.files.write(stateNow, u); err != nil { // from here on the run has its time, whatever happens
		return err
	}
	return a.settle(ctx, u, s, then)
}

// lastOf is the time of the run before, as the ledger and the folder have it.
func (a *attempt) lastOf(old []collector.WebPage) time.Time {
	var at time.Time
	if last, err := a.files.last(); err == nil {
		at = last.At
	}
	for i := range old {
		if old[i].SeenAt.After(at) {
			at = old[i].SeenAt
		}
	}
	return at
}

// stamp is when something is measured now, as it is kept: the date alone, at midnight UTC, since a webmaster who asks for a measure is at his
// desk. Measures of one date are told apart by their order, in seconds.
func (a *attempt) stamp() time.Time {
	y, m, d := a.Now().Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if !a.newest.Before(at) && a.newest.Before(at.AddDate(0, 0, 1)) {
		return a.newest.Add(time.Second)
	}
	return at
}

// settle keeps a run that has come to its end. s and then are nil where the journal is to be read for them.
func (a *attempt) settle(ctx context.Context, u underWay, s *survey.Survey, then past) error {
	if s == nil {
		var err error
		if s, then, err = a.reread(); err != nil {
			a.Log.WarnContext(ctx, "result of a website dropped, its journal is of no use", "website", a.website.ID, "err", err)
			return a.files.forget()
		}
	}
	old, err := a.Ledger.WebPages(ctx, a.website.ID)
	if err != nil {
		return err
	}
	pages := a.pagesOf(s, *u.Run, then, old)
	u.Plan.Asked = a.askedAgain()
	err = a.Ledger.KeepRun(ctx, *u.Run, u.Plan, pages, a.scoresOf(s, *u.Run, then))
	if errors.Is(err, collector.ErrNotFound) {
		a.Log.InfoContext(ctx, "result of a website dropped, it was removed meanwhile", "website", a.website.ID)
		return os.RemoveAll(string(a.files))
	}
	switch {
	case err == nil:
		return a.files.finish(*u.Run)
	case ctx.Err() == nil && a.Now().Sub(u.Run.At) > longestKept:
		return a.giveUp(ctx, "what was found could not be kept: "+err.Error())
	}
	return err
}

// longestKept is for how long it is tried to keep a result. Then it is one that the ledger will never take.
const longestKept = 2 * 24 * time.Hour

// askedAgain tells whether somebody asked for the website after its measure had begun.
func (a *attempt) askedAgain() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.job.again
}

// reread reads the journals of a run that has come to its end.
func (a *attempt) reread() (s *survey.Survey, then past, err error) {
	this, err := site.OpenJournal(a.files.path(journalNow))
	if err != nil {
		return nil, nil, err
	}
	s, err = survey.Read(this)
	if err := errors.Join(err, this.Close()); err != nil {
		return nil, nil, err
	}
	if !a.files.has(journalLast) {
		return s, nil, nil
	}
	last, err := site.OpenJournal(a.files.path(journalLast))
	if err != nil {
		return nil, nil, err
	}
	then, err = pastOf(last)
	if err := errors.Join(err, last.Close()); err != nil { // then all pages count as measured anew, with the times they have
		return s, nil, nil //nolint:nilerr // the next measure says it
	}
	return s, then, nil
}

// giveUp plans a website that could not be measured.
func (a *attempt) giveUp(ctx context.Context, problem string) error {
	p := planInVain(a.website, a.Now(), problem)
	p.Asked = a.askedAgain()
	if !a.job.asked { // when somebody asks is nobody's business: the problem is in the ledger
		a.Log.WarnContext(ctx, "website not measured", "website", a.website.ID, "problem", p.Problem, "next_on", p.NextOn)
	}
	if err := a.Ledger.PlanWebsite(ctx, a.website.ID, p); err != nil && !errors.Is(err, collector.ErrNotFound) {
		return err
	}
	return a.files.forget()
}

// inVainError says why a website could not be measured, as a sentence.
type inVainError struct{ text string }

func (v *inVainError) Error() string { return v.text }

// survey looks at the pages that the journal does not have.
func (a *attempt) survey(ctx context.Context) (s *survey.Survey, then past, err error) {
	first, err := web.ParseAddress(a.website.Rules.URL)
	if err != nil {
		return nil, nil, &inVainError{err.Error()}
	}
	hosts, err := a.Ledger.AllowedHosts(ctx, a.website.Organisation)
	if err != nil {
		return nil, nil, err
	}
	tools, err := a.Open(a.website, hosts)
	if err != nil {
		return nil, nil, &inVainError{err.Error()}
	}
	defer tools.Close()
	if tools.Browser == nil && a.website.Rules.Mode == modeBrowser {
		return nil, nil, &inVainError{"its pages are to be measured with a browser, and there is none; install Chromium, or measure it without"}
	}
	a.bare = tools.Browser == nil
	o := a.options(first, tools)
	j, err := a.journals(ctx, o.Rules)
	if err != nil {
		return nil, nil, err
	}
	o.Before = j.last
	s, err = survey.Run(ctx, j.this, o)
	if err == nil {
		err = a.lacking(j.this, first, s)
	} else if _, ours := errors.AsType[*fs.PathError](err); ctx.Err() == nil && !ours { // of the journal: of the site no file is opened
		err = &inVainError{err.Error()}
	}
	then = j.past
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return s, then, errors.Join(err, j.Close())
}

// options say how the website is surveyed.
func (a *attempt) options(first *url.URL, tools Tools) survey.Options {
	r := a.website.Rules
	o := survey.Options{
		Options: site.Options{
			Rules:    site.Rules{Start: []*url.URL{first}, Hosts: r.Hosts, Under: r.Under, Exclude: r.Exclude, Depth: r.Depth, MaxPages: r.MaxPages, DropQuery: r.DropQuery},
			Delay:    delayOf(a.website),
			Progress: a.looked,
		},
		Static: tools.Static, Sample: r.Sample, Now: a.stamp, Measured: a.shown,
		Seed: uint64(a.website.ID), //nolint:gosec // numbers are positive. The same pages are measured every time: what changes is the site
	}
	if wantsBrowser(a.website) && !a.bare {
		o.Browser, o.Protocol = tools.Browser, tools.Protocol
	}
	if a.website.Kind == collector.KindPage {
		o.Rules = site.Rules{Start: o.Start, MaxPages: 1, Depth: 1}
		o.NoMaps, o.Sample = true, 1
	} else if r.Mode == modeBrowser {
		o.Sample = max(r.MaxPages, 1)
	}
	return o
}

func (a *attempt) looked(p site.Progress) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.job.state.Looked, a.job.state.Failed, a.job.state.Waiting = p.Looked, p.Failed, p.Waiting
}

func (a *attempt) shown(done, of int, _ string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.job.state.Shown, a.job.state.ToShow = done, of
}
