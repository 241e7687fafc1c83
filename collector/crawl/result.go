package crawl

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"veille/collector"
	"veille/ecoindex"
	"veille/ecoindex/estimate"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
	"veille/ecoindex/survey"
	"veille/ecoindex/web"
)

// What is kept of a run at most.
const (
	mostTemplates = 100
	mostNotes     = 50
)

// lacking says in vain for a survey that found nothing, or only what was found in a session before the site kept robots away.
func (a *attempt) lacking(j *site.Journal, first *url.URL, s *survey.Survey) error {
	for _, why := range s.Summary.Robots {
		if strings.HasPrefix(why, first.Scheme+"://"+first.Host+": ") {
			return &inVainError{why}
		}
	}
	if len(s.Pages) > 0 {
		return a.blind(s)
	}
	why := "no page was found; give the address of a page"
	switch {
	case len(s.Failed) > 0:
		why = "measure " + s.Failed[0].URL + ": " + s.Failed[0].Text
	case len(s.Summary.Robots) > 0:
		why = s.Summary.Robots[0]
	default:
		err := j.Read(func(k site.Kept) error {
			switch {
			case k.State == site.Refused && k.Reason == site.ByRobots:
				why = k.URL + ": robots.txt asks to stay away; ask the site's people to let VeilleEcoIndex in"
			case k.State == site.Alias && k.To == "":
				why = k.URL + " leads to another host, or out of the path that is measured; give the address where it leads"
			}
			return nil
		}, func(string, json.RawMessage) error { return nil })
		if err != nil {
			return err
		}
	}
	return &inVainError{why}
}

// blind says in vain where a browser was to look, and none ever ran: the site has no figures then that go with those before.
func (a *attempt) blind(s *survey.Survey) error {
	why := ""
	for i := range s.Pages {
		switch b := s.Pages[i].Browser; {
		case b == nil:
		case b.Code != web.CodeBrowser:
			return nil
		default:
			why = b.Text
		}
	}
	if why == "" {
		return nil
	}
	return &inVainError{"no page could be measured with a browser: " + why}
}

// runOf is what a survey says of the website.
func (a *attempt) runOf(s *survey.Survey, then past, at time.Time) collector.WebRun {
	r := collector.WebRun{
		Website: a.website.ID, At: at, Mode: cmp.Or(a.website.Rules.Mode, modeTwoSpeed), Protocol: static.Protocol, Version: a.Version,
		Pages: len(s.Pages), Failed: len(s.Failed), Grades: map[string]collector.WebFigure{}, Notes: a.notes(s), Audit: jsonOf(s.Audit()),
	}
	example := map[int]string{}
	for i := range s.Pages {
		p := &s.Pages[i]
		if example[p.Group] == "" {
			example[p.Group] = p.URL
		}
		if !then.looked(p) {
			r.Unchanged++
		}
		if measured(p) {
			r.Protocol = p.Browser.Protocol
		}
	}
	if a.bare && r.Protocol == static.Protocol { // as it was measured, whatever was asked for
		r.Mode = modeStatic
	}
	e := s.Estimate
	if e == nil {
		return r
	}
	r.Measured, r.Mean, r.Median = e.Measured, figure(e.Mean), figure(e.Median)
	for g, f := range e.Grades {
		r.Grades[string(g)] = figure(f)
	}
	for i := range e.Groups {
		g := &e.Groups[i]
		r.SizeKB += float64(g.Pages) * g.SizeKB
		if len(r.Templates) < mostTemplates {
			r.Templates = append(r.Templates, collector.WebTemplate{
				Group: g.Group, Example: example[g.Group], Pages: g.Pages, Measured: g.Measured,
				Score: g.Score, DOM: g.DOM, Requests: g.Requests, SizeKB: g.SizeKB, Share: g.Share,
			})
		}
	}
	return r
}

// notes are what a person is to know of a run.
func (a *attempt) notes(s *survey.Survey) []string {
	var all []string
	add := func(text string) {
		if len(all) < mostNotes {
			all = append(all, sentence(text))
		}
	}
	if a.bare && wantsBrowser(a.website) {
		add("no browser is installed where the collector runs: what scripts do was not seen; install Chromium there")
	}
	for _, text := range s.Summary.Robots {
		add(text)
	}
	if a.website.Kind == collector.KindSite {
		for _, m := range s.Summary.Sitemaps {
			if m.Failed != "" {
				add("the sitemap " + m.URL + " could not be read: " + m.Failed)
			}
		}
	}
	failed, first := 0, ""
	for i := range s.Pages {
		if b := s.Pages[i].Browser; b != nil && b.Code != "" {
			failed++
			if first == "" {
				first = s.Pages[i].URL + ": " + b.Text
			}
		}
	}
	if failed > 0 {
		add(fmt.Sprintf("%d pages could not be measured with the browser, such as %s", failed, first))
	}
	return all
}

func figure(f estimate.Figure) collector.WebFigure {
	w := collector.WebFigure{Value: f.Value}
	if f.Range != nil {
		w.Low, w.High = &f.Range.Low, &f.Range.High
	}
	return w
}

// measured tells whether a browser measured a page.
func measured(p *survey.Page) bool { return p.Browser != nil && p.Browser.Code == "" }

// looked and shown tell whether a page was looked at in this run, quickly and by a browser. Else it had not changed since the one before.
func (t past) looked(p *survey.Page) bool { return t[p.URL].looked != p.At }

func (t past) shown(p *survey.Page) bool { return measured(p) && t[p.URL].shown != p.Browser.At }

// second is a time of a survey as the ledger has it. In a journal of an earlier program it may be none: then it is that of the run.
func second(text string, run time.Time) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return run
	}
	return t.UTC().Truncate(time.Second)
}

// noTemplate is the group of a page that could not be looked at.
const noTemplate = -1

// pagesOf are the pages of a run. One that could not be looked at keeps the figures of the run before, with their time.
func (a *attempt) pagesOf(s *survey.Survey, r collector.WebRun, then past, old []collector.WebPage) []collector.WebPage {
	pages := make([]collector.WebPage, 0, len(s.Pages)+len(s.Failed))
	for i := range s.Pages {
		p := &s.Pages[i]
		w := collector.WebPage{
			Website: a.website.ID, URL: p.URL, Group: p.Group, Score: p.Score, Static: sizes(p.Figures), At: second(p.At, r.At), SeenAt: r.At,
		}
		if then.looked(p) {
			w.SeenAt = w.At
		}
		if measured(p) {
			b := sizes(p.Browser.Figures)
			w.Browser, w.At = &b, second(p.Browser.At, r.At)
		}
		if w.SeenAt.Before(w.At) { // the browser asks after the quick look
			w.SeenAt = w.At
		}
		w.Audit = jsonOf(p.PageKept)
		pages = append(pages, w)
	}
	before := map[string]*collector.WebPage{}
	for i := range old {
		before[old[i].URL] = &old[i]
	}
	for _, f := range s.Failed {
		w := collector.WebPage{Website: a.website.ID, URL: f.URL}
		if b := before[f.URL]; b != nil {
			w = *b
		}
		w.Group, w.SeenAt, w.Code, w.Problem = noTemplate, r.At, string(f.Code), sentence(f.Text)
		pages = append(pages, w)
	}
	return pages
}

// scoresOf are the scores of the pages that were measured anew, by address.
func (a *attempt) scoresOf(s *survey.Survey, r collector.WebRun, then past) map[string]collector.WebScore {
	scores := map[string]collector.WebScore{}
	for i := range s.Pages {
		p := &s.Pages[i]
		w := collector.WebScore{At: second(p.At, r.At), Mode: modeStatic, Protocol: static.Protocol, Version: a.Version, WebSizes: sizes(p.Figures)}
		switch {
		case then.shown(p):
			w.At, w.Mode, w.Protocol, w.WebSizes = second(p.Browser.At, r.At), modeBrowser, p.Browser.Protocol, sizes(p.Browser.Figures)
		case measured(p) || !then.looked(p):
			continue
		}
		result, err := ecoindex.Compute(ecoindex.Measure{DOM: w.DOM, Requests: w.Requests, SizeKB: w.SizeKB})
		if err != nil { // of figures that the estimate took
			continue
		}
		w.Raw = result.Raw
		scores[p.URL] = w
	}
	return scores
}

func sizes(f survey.Figures) collector.WebSizes {
	return collector.WebSizes{DOM: f.DOM, Requests: f.Requests, SizeKB: f.SizeKB}
}

// jsonOf is a value as JSON; empty for one that has none.
func jsonOf(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return text
}
