// Package survey looks at all pages of a site, quickly at each and with a browser at some, and says what the site scores.
package survey

import (
	"context"
	"errors"
	"hash/maphash"
	"time"

	"veille/ecoindex/estimate"
	"veille/ecoindex/practice"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
	"veille/ecoindex/template"
	"veille/ecoindex/web"
)

// Static looks at pages without running their scripts: a static.Measurer.
type Static interface {
	Look(ctx context.Context, address string) (*web.Sight, error)
	Changed(ctx context.Context, address string, before static.Validators) (static.Validators, bool, error)
	Fetch(ctx context.Context, address string, most int64) (static.Answer, error)
}

// Browser looks at pages as the reference measures them: a browser.Measurer.
type Browser interface {
	Look(ctx context.Context, address string) (*web.Sight, error)
}

// Options say how a site is surveyed.
type Options struct {
	site.Options
	Static   Static
	Browser  Browser // nil: no page is measured with a browser
	Protocol string  // by which it measures, kept with each measure; a measure by another one is not carried over
	Sample   int     // pages to measure with it; 0: as many as the square root of all, and two of each template
	Seed     uint64  // which of the pages of a template are measured is drawn by it
	// Remeasure is how old the browser's measure of a page may be that has not changed since the last survey, Before; default 28 days,
	// below zero none is carried over.
	Remeasure time.Duration
	Now       func() time.Time // default time.Now
	// Measured is told of each page that the browser has measured or tried to.
	Measured func(done, of int, url string)
}

func (o Options) withDefaults() Options {
	if o.Remeasure == 0 {
		o.Remeasure = 28 * 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Measured == nil {
		o.Measured = func(int, int, string) {}
	}
	return o
}

// stamp is the time now.
func (o *Options) stamp() string { return o.Now().UTC().Format(time.RFC3339) }

// Page is what is known of a page of the site.
type Page struct {
	URL     string
	Result         // of the quick look; its practices are those of the browser where it looked
	Browser *Shown // of the browser; nil where none was sent
	Group   int    // its template, as template.Groups numbers them
	Score   float64

	hash uint64 // of the result of the quick look, as it was kept
}

// Survey is what came of it.
type Survey struct {
	Summary  site.Summary
	Pages    []Page             // that were looked at, in the order in which they were found
	Failed   []Failure          // that could not be looked at
	Estimate *estimate.Estimate // of all pages; nil where there is none

	site    practice.Site
	crawl   *crawled     // nil where the journal does not say
	numbers []int32      // of Pages, in site.Pages
	seed    maphash.Seed // of the hashes
	parts   []string     // addresses of what the error page shows
}

// mostRows bounds the reading of a journal: a survey holds a few kilobytes a page.
const mostRows = 200_000

// Run surveys a site, from where the journal ends: nothing that is in it is done again. After an error what was found until then may be
// read with Read.
func Run(ctx context.Context, j *site.Journal, o Options) (*Survey, error) {
	o = o.withDefaults()
	v := &visitor{static: o.Static, memory: practice.NewMemory(), stamp: o.stamp}
	summary, err := site.Crawl(ctx, v, j, o.Options)
	if err != nil {
		return nil, errors.Join(err, interrupted(v, j, &summary, &o))
	}
	s, err := Read(j)
	if err != nil {
		return nil, err
	}
	s.Summary = summary
	if err := s.ended(v, j, &o); err != nil || len(s.Pages) == 0 {
		return s, err
	}
	if summary.Delay > 0 { // what robots.txt asks for holds for the browser too
		o.Delay = summary.Delay
	}
	if err := s.askErrorPage(ctx, v, j, o); err != nil {
		return s, err
	}
	if o.Browser == nil {
		return s, nil
	}
	if err := s.carry(j, o); err != nil {
		return s, err
	}
	if err := s.send(ctx, j, v.memory, o); err != nil {
		return s, err
	}
	return s, s.estimate()
}

// group finds the templates of the pages.
func (s *Survey) group() {
	pages := make([]template.Page, len(s.Pages))
	for i := range s.Pages {
		pages[i].URL = s.Pages[i].URL
		if p, err := template.ParsePrint(s.Pages[i].Print); err == nil { // one of another version is like no other
			pages[i].Print = p
		}
	}
	var groups template.Groups
	for i, g := range groups.Group(pages) {
		s.Pages[i].Group = g
	}
}

// rows are the pages as estimates see them.
func (s *Survey) rows() []estimate.Page {
	rows := make([]estimate.Page, len(s.Pages))
	for i := range s.Pages {
		p := &s.Pages[i]
		rows[i] = estimate.Page{URL: p.URL, Group: p.Group, Static: p.Measure()}
		if p.Browser != nil && p.Browser.Code == "" {
			m := p.Browser.Measure()
			rows[i].Browser = &m
		}
	}
	return rows
}

// estimate says what the site scores.
func (s *Survey) estimate() error {
	if len(s.Pages) == 0 {
		return nil
	}
	e, err := estimate.Of(s.rows())
	if err != nil {
		return err
	}
	for i := range s.Pages {
		s.Pages[i].Score = e.Scores[i]
	}
	s.Estimate = &e
	return nil
}
