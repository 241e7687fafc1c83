package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/estimate"
	"veille/ecoindex/practice"
	"veille/ecoindex/report"
	"veille/ecoindex/site"
	"veille/ecoindex/survey"
)

// teller tells a person at a terminal how far it is.
type teller struct {
	out  io.Writer // nil when nobody looks
	in   report.Language
	mu   sync.Mutex
	last time.Time
}

func newTeller(stderr io.Writer, in report.Language) *teller {
	if command.Terminal(stderr) {
		return &teller{out: stderr, in: in}
	}
	return &teller{in: in}
}

func (t *teller) line(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); t.out != nil && now.Sub(t.last) > 200*time.Millisecond {
		t.last = now
		_, _ = io.WriteString(t.out, "\r\x1b[K"+text)
	}
}

func (t *teller) crawled(p site.Progress) {
	t.line(t.in.Say("%d pages looked at, %d failed, %d more known", p.Looked, p.Failed, p.Waiting))
}

func (t *teller) measured(done, of int, _ string) {
	t.line(t.in.Say("browser: %d of %d pages", done, of))
}

func (t *teller) end() {
	if t.out != nil {
		_, _ = io.WriteString(t.out, "\r\x1b[K")
	}
}

// siteJSON is what site --json prints.
type siteJSON struct {
	Site      string              `json:"site"`
	Mode      string              `json:"mode"`
	Crawl     site.Summary        `json:"crawl"`
	Score     scoreJSON           `json:"score"`
	Templates []templateJSON      `json:"templates"`
	Practices []practiceJSON      `json:"practices"`
	Pages     []pageJSON          `json:"pages"`
	Failed    []survey.Failure    `json:"failed"`
	Rules     []ruleJSON          `json:"rules"`         // of the whole site
	RGESN     []practice.Proposal `json:"rgesn"`         // proposed statuses, which a person confirms
	Access    *practice.Statement `json:"accessibility"` // what the site says of its own; null for nothing
}

// scoreJSON is what the site scores: of all pages that were looked at, as a browser would find them where one was sent to some.
type scoreJSON struct {
	Pages    int                   `json:"pages"`
	Measured int                   `json:"measured"` // by a browser
	Mean     figureJSON            `json:"mean"`
	Median   figureJSON            `json:"median"`
	Grades   map[string]figureJSON `json:"grades"` // pages of each
}

// figureJSON is a figure with the range in which it lies in 95 sites of 100; null where nothing is known of it.
type figureJSON struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// templateJSON is a template: what its pages have on average.
type templateJSON struct {
	Template int     `json:"template"`
	Pages    int     `json:"pages"`
	Measured int     `json:"measured"`
	Score    float64 `json:"score"`
	DOM      float64 `json:"dom"`
	Requests float64 `json:"requests"`
	SizeKB   float64 `json:"size_kb"`
	Share    float64 `json:"share"` // of all points that the site lacks
	Example  string  `json:"example"`
}

// practiceJSON is a practice that pages of the site fail.
type practiceJSON struct {
	ID     string   `json:"id"`
	RWEB   []string `json:"rweb"`
	Title  string   `json:"title"`
	Advice string   `json:"advice"`
	Pages  int      `json:"pages"`
	Points float64  `json:"points"` // that the pages gain together
	SizeKB float64  `json:"size_kb"`
	Worst  string   `json:"worst"` // the page that gains most
}

// ruleJSON is a rule of the whole site.
type ruleJSON struct {
	practice.SiteFinding
	RWEB   []string `json:"rweb"`
	Title  string   `json:"title"`
	Advice string   `json:"advice"`
	Unit   string   `json:"unit"`
	Most   float64  `json:"most"`
}

// pageJSON is a page.
type pageJSON struct {
	URL       string          `json:"url"`
	Template  int             `json:"template"`
	Score     float64         `json:"score"`
	Grade     string          `json:"grade"`
	Static    survey.Figures  `json:"static"`
	Browser   *survey.Shown   `json:"browser"`
	Practices []practice.Kept `json:"practices"`
}

func figure(f estimate.Figure) figureJSON {
	out := figureJSON{Value: f.Value}
	if f.Range != nil {
		out.Low, out.High = &f.Range.Low, &f.Range.High
	}
	return out
}

// print writes the survey, and ends with the status of the gate.
func (j *siteJob) print(s *survey.Survey) error {
	if s.Estimate == nil {
		for _, f := range s.Failed {
			_, _ = fmt.Fprintln(j.stderr, report.Clean(j.in.Say("not looked at: %s: %s", f.URL, j.in.Cause(string(f.Code), f.Text))))
		}
		for _, r := range s.Summary.Robots {
			_, _ = fmt.Fprintln(j.stderr, report.Clean(j.in.Say("left alone: %s", j.in.Quote(r))))
		}
		return command.WithStatus(notMeasured, errors.New(j.in.Say("no page of the site could be looked at")))
	}
	out := j.collect(s)
	var err error
	if j.asJSON {
		err = json.NewEncoder(j.stdout).Encode(out)
	} else {
		err = out.text(j.stdout, j.in)
	}
	if err == nil && out.Score.Mean.Value < j.failed {
		return command.WithStatus(broken, errors.New(j.in.Say("the mean score of the site is %s, under %s", j.in.Number(out.Score.Mean.Value, 1), j.in.Amount(j.failed, ""))))
	}
	return err
}

// collect makes of a survey what is printed.
func (j *siteJob) collect(s *survey.Survey) siteJSON {
	audit := s.Audit()
	out := siteJSON{
		Mode: j.mode, Crawl: s.Summary, Failed: s.Failed, Pages: []pageJSON{}, Templates: []templateJSON{},
		Practices: practicesOf(audit.Practices, j.in), Rules: rulesOf(audit.Rules, j.in), RGESN: audit.RGESN, Access: audit.Access,
	}
	e := s.Estimate
	out.Site = s.Pages[0].URL
	out.Score = scoreJSON{Pages: e.Pages, Measured: e.Measured, Mean: figure(e.Mean), Median: figure(e.Median), Grades: map[string]figureJSON{}}
	for g, f := range e.Grades {
		out.Score.Grades[string(g)] = figure(f)
	}
	example := map[int]string{}
	for i := range s.Pages {
		p := &s.Pages[i]
		if example[p.Group] == "" {
			example[p.Group] = p.URL
		}
		r := pageJSON{URL: p.URL, Template: p.Group, Score: p.Score, Grade: string(ecoindex.GradeOfRounded(p.Score)), Static: p.Figures, Browser: p.Browser, Practices: p.Failed}
		out.Pages = append(out.Pages, r)
	}
	for _, g := range e.Groups {
		out.Templates = append(out.Templates, templateJSON{g.Group, g.Pages, g.Measured, g.Score, g.DOM, g.Requests, g.SizeKB, g.Share, example[g.Group]})
	}
	return out
}

// practicesOf are the practices that pages fail, those with most to gain first.
func practicesOf(all []practice.SitePractice, in report.Language) []practiceJSON {
	checks := map[string]practice.Check{}
	for _, c := range practice.Checks() {
		checks[c.ID] = c
	}
	out := make([]practiceJSON, 0, len(all))
	for _, p := range all {
		c := checks[p.ID]
		out = append(out, practiceJSON{
			ID: p.ID, RWEB: c.RWEB, Title: pick(in, c.Title), Advice: pick(in, c.Advice), Pages: p.Pages, Points: p.Points, SizeKB: float64(p.Bytes) / 1000, Worst: p.Worst,
		})
	}
	return out
}

// rulesOf is what became of the rules of the whole site.
func rulesOf(all []practice.SiteFinding, in report.Language) []ruleJSON {
	checks := map[string]practice.SiteCheck{}
	for _, c := range practice.SiteChecks() {
		checks[c.ID] = c
	}
	out := make([]ruleJSON, 0, len(all))
	for _, f := range all {
		c := checks[f.ID]
		out = append(out, ruleJSON{SiteFinding: f, RWEB: c.RWEB, Title: pick(in, c.Title), Advice: pick(in, c.Advice), Unit: c.Unit, Most: c.Most})
	}
	return out
}
