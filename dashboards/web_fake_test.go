package dashboards_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/ecoindex/practice"
)

// fakeWeb is the websites there are.
type fakeWeb struct {
	websites []collector.Website
	webRuns  map[int64][]collector.WebRun // the oldest first
	webPages map[int64][]collector.WebPage
	scores   map[string][]collector.WebScore
	asked    []int64
	under    bool
	brackets bool // data holds them

	held, hold chan struct{} // where they are, a website says that it is asked for, and waits
}

func (f *fakeWeb) Websites(context.Context) ([]collector.Website, error) { return f.websites, nil }

func (f *fakeWeb) Website(_ context.Context, id int64) (collector.Website, error) {
	if f.hold != nil {
		f.held <- struct{}{}
		<-f.hold
	}
	for _, w := range f.websites {
		if w.ID == id {
			return w, nil
		}
	}
	return collector.Website{}, fmt.Errorf("website %d: %w", id, collector.ErrNotFound)
}

func (f *fakeWeb) LastRuns(context.Context) (map[int64][]collector.WebRun, error) {
	last := map[int64][]collector.WebRun{}
	for id, runs := range f.webRuns {
		for i := len(runs) - 1; i >= 0 && i >= len(runs)-2; i-- {
			run := runs[i]
			run.Audit = nil
			last[id] = append(last[id], run)
		}
	}
	return last, nil
}

func (f *fakeWeb) WebRuns(_ context.Context, website int64, from time.Time) (runs []collector.WebRun, err error) {
	for _, r := range f.webRuns[website] {
		if !r.At.Before(from) {
			r.Audit = nil
			runs = append(runs, r)
		}
	}
	return runs, nil
}

func (f *fakeWeb) LastWebRun(_ context.Context, website int64) (collector.WebRun, error) {
	runs := f.webRuns[website]
	if len(runs) == 0 {
		return collector.WebRun{}, fmt.Errorf("last run: %w", collector.ErrNotFound)
	}
	return runs[len(runs)-1], nil
}

func (f *fakeWeb) WebPages(_ context.Context, website int64) (pages []collector.WebPage, err error) {
	for _, p := range f.webPages[website] {
		p.Audit = nil
		pages = append(pages, p)
	}
	return pages, nil
}

func (f *fakeWeb) WebPage(_ context.Context, website int64, url string) (collector.WebPage, error) {
	for _, p := range f.webPages[website] {
		if p.URL == url {
			return p, nil
		}
	}
	return collector.WebPage{}, fmt.Errorf("page: %w", collector.ErrNotFound)
}

func (f *fakeWeb) WebScores(_ context.Context, _ int64, url string, _ time.Time) ([]collector.WebScore, error) {
	return f.scores[url], nil
}

func (f *fakeWeb) Ask(_ context.Context, website int64) error {
	if website == 99 {
		return errors.New("the queue is on fire")
	}
	f.asked = append(f.asked, website)
	return nil
}

func (f *fakeWeb) Measuring(int64) (looked, waiting int, under bool) { return 1234, 3766, f.under }

func known(value, low, high float64) collector.WebFigure {
	return collector.WebFigure{Value: value, Low: &low, High: &high}
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// monday is a moment of measuring, so many weeks ago.
func monday(weeks int) time.Time {
	return time.Date(2026, 11, 16, 2, 30, 0, 0, time.UTC).AddDate(0, 0, -7*weeks)
}

// city is a site of a believable size, a site that is not open, and a single page.
func city(t testing.TB) *world {
	return sized(t, 60, 4, 12, 5)
}

// large is as much as there may sensibly be.
func large(t testing.TB) *world { return sized(t, 5000, 30, 100, 6*52) }

func sized(t testing.TB, pages, templates, practices, weeks int) *world {
	w := believable()
	w.webRuns, w.webPages, w.scores = map[int64][]collector.WebRun{}, map[int64][]collector.WebPage{}, map[string][]collector.WebScore{}
	w.websites = []collector.Website{
		{
			ID: 1, Kind: collector.KindSite, Name: "www.ville.example", Organisation: 1, EveryDays: 7, Open: true, NextOn: "2026-11-23",
			Rules: collector.WebsiteRules{URL: "https://www.ville.example/", Mode: "two-speed", MaxPages: 5000},
		},
		{ID: 2, Kind: collector.KindSite, Name: "intranet", Organisation: 1, EveryDays: 7, NextOn: "2026-11-24", Problem: "dial tcp 10.1.2.3:443: refused", Rules: collector.WebsiteRules{URL: "https://intranet.example/"}},
		{ID: 3, Kind: collector.KindPage, Name: "page d’accueil", Organisation: 1, EveryDays: 7, NextOn: "2026-11-25", Rules: collector.WebsiteRules{URL: "https://autre.example/", Mode: "static"}},
	}
	at := func(i int) string {
		return fmt.Sprintf("https://www.ville.example/rubrique-%d/une-page-sur-un-sujet-de-la-ville-%d.html?page=%d", i%templates, i, i)
	}
	for i := range weeks {
		run := collector.WebRun{
			Website: 1, At: monday(weeks - 1 - i), Mode: "two-speed", Protocol: "ecoindex-2026", Version: "0.7.0", Pages: pages - 8, Measured: 24, Failed: 8, Unchanged: 30,
			Mean: known(62.4+float64(i%7), 59.1+float64(i%7), 65.8+float64(i%7)), Median: known(64.2, 60, 68), SizeKB: 123456,
			Grades: map[string]collector.WebFigure{"A": known(3, 1, 6), "B": known(12, 8, 17), "C": known(22, 15, 30), "D": known(10, 8, 12), "E": known(4, 2, 6), "F": known(1, 0, 3), "G": known(0, 0, 2)},
			Notes:  []string{"the sitemap https://www.ville.example/sitemap.xml was read to 50,000 addresses", "extern.example was left alone"},
		}
		if i < weeks/3 {
			run.Mode, run.Protocol, run.Measured, run.Mean = "static", "static", 0, collector.WebFigure{Value: 71}
		}
		for n := range templates {
			run.Templates = append(run.Templates, collector.WebTemplate{Group: n, Example: at(n), Pages: pages / templates, Measured: 3, Score: 40 + float64(n), DOM: 1234.5, Requests: 56.7, SizeKB: 2345.6, Share: 1 / float64(templates+n)})
		}
		if i >= weeks-2 {
			run.Audit = encoded(t, siteAudit(practices, at))
		}
		w.webRuns[1] = append(w.webRuns[1], run)
	}
	kept := encoded(t, pageAudit(practices, at))
	for i := range pages {
		p := collector.WebPage{
			Website: 1, URL: at(i), Group: i % templates, Score: 40 + float64(i%50), At: monday(0), SeenAt: monday(0),
			Static: collector.WebSizes{DOM: 800 + i, Requests: 40, SizeKB: 1234.5}, Audit: kept,
		}
		switch {
		case i < 8:
			p.Code, p.Problem = []string{"robots", "status", "timeout", "mime"}[i%4], "the server said no"
		case i%20 == 0:
			p.Browser = &collector.WebSizes{DOM: 950 + i, Requests: 62, SizeKB: 2345.6}
			p.Score = 40
		}
		w.webPages[1] = append(w.webPages[1], p)
	}
	for i := range weeks {
		mode, protocol := "static", "static"
		if i%3 == 0 {
			mode, protocol = "browser", "ecoindex-2026"
		}
		w.scores[at(20)] = append(w.scores[at(20)], collector.WebScore{At: monday(weeks - 1 - i), Mode: mode, Protocol: protocol, Version: "0.7.0", WebSizes: collector.WebSizes{DOM: 820 + i, Requests: 40, SizeKB: 1234.5}, Raw: 48.2 + float64(i%9)})
	}
	w.webPages[3] = []collector.WebPage{{Website: 3, URL: "https://autre.example/", Score: 91, Static: collector.WebSizes{DOM: 200, Requests: 5, SizeKB: 80}, At: monday(0), SeenAt: monday(0)}}
	w.webRuns[3] = []collector.WebRun{{Website: 3, At: monday(0), Mode: "static", Protocol: "static", Version: "0.7.0", Pages: 1, Mean: collector.WebFigure{Value: 91}, Median: collector.WebFigure{Value: 91}, Grades: map[string]collector.WebFigure{"A": {Value: 1}}}}
	return w
}

// page is the address of our page about a page that has all there may be.
func (f *fakeWeb) aPage() string { return f.webPages[1][20].URL }

func siteAudit(practices int, at func(int) string) practice.SiteAudit {
	a := practice.SiteAudit{Access: &practice.Statement{Mention: "total", URL: "https://www.ville.example/accessibilite", Rate: 72.5, Date: "2024-03-31", Plan: "https://www.ville.example/plan"}}
	for i, c := range practice.Checks() {
		if i < practices {
			a.Practices = append(a.Practices, practice.SitePractice{ID: c.ID, Pages: 40, Points: 300.5 - float64(i), Bytes: 12_345_678, Worst: at(8 + i)})
		}
	}
	for i, c := range practice.SiteChecks() {
		f := practice.SiteFinding{ID: c.ID, Status: []practice.Status{practice.Failed, practice.Failed, practice.Passed, practice.Nothing}[i%4], Measured: 12, Bytes: 345_678, More: 4}
		for n := range 20 {
			f.Offenders = append(f.Offenders, practice.KeptOffender{URL: at(n), Detail: "404 · 12 pages"})
		}
		a.Rules = append(a.Rules, f)
	}
	for i, c := range practice.RGESN() {
		a.RGESN = append(a.RGESN, practice.Proposal{Criterion: c.ID, Status: []practice.Proposed{practice.ProposedValidated, practice.ProposedNotValidated, practice.ProposedToAssess, practice.ProposedNothing}[i%4], Pages: 52, Passed: 12, Measured: 345.6, Worst: at(9)})
	}
	return a
}

func pageAudit(practices int, at func(int) string) practice.PageKept {
	k := practice.PageKept{Passed: 7, Failed: []practice.Kept{}}
	for i, c := range practice.Checks() {
		if i >= practices {
			break
		}
		one := practice.Kept{ID: c.ID, Measured: 12.5 + c.Most, Points: 4.2, Bytes: 234_567}
		for n := range 5 {
			one.Offenders = append(one.Offenders, practice.KeptOffender{URL: at(n) + ".js", Detail: "234 kB", Bytes: 234_567}, practice.KeptOffender{Where: "#content > ul.results", Detail: "700"})
		}
		one.Offenders = one.Offenders[:5]
		k.Failed = append(k.Failed, one)
	}
	return k
}

// hostile is a world in which every text that others write is an attack.
func hostile(t testing.TB) *world {
	const bad = `"><script>alert(1)</script><img src=x onerror=alert(1)>javascript:`
	w := city(t)
	w.brackets = true
	for i := range w.websites {
		w.websites[i].Name, w.websites[i].Problem, w.websites[i].Contact = bad, bad, bad
		if i == 2 {
			continue // found by its address
		}
		w.websites[i].Rules.URL = "javascript:alert(1)//" + bad
	}
	text := func(s string) string {
		return strings.NewReplacer("https://www.ville.example/", "javascript:alert(1)//", "234 kB", "<script>x</script>", "#content", "<svg onload=x>", "404", "<script>").Replace(s)
	}
	for i := range w.webRuns[1] {
		r := &w.webRuns[1][i]
		r.Notes, r.Protocol, r.Version, r.Mode = []string{bad, strings.Repeat(bad, 1000)}, bad, bad, bad
		for n := range r.Templates {
			r.Templates[n].Example = text(r.Templates[n].Example)
		}
		if len(r.Audit) == 0 {
			continue
		}
		r.Audit = encoded(t, json.RawMessage(strings.NewReplacer(`"dom-size"`, `"<script>alert(2)</script>"`).Replace(text(string(r.Audit)))))
	}
	for i := range w.webPages[1] {
		p := &w.webPages[1][i]
		p.Audit = []byte(text(string(p.Audit)))
		if p.Code != "" {
			p.Code, p.Problem = bad, bad
		}
		if i != 20 {
			p.URL = fmt.Sprintf("javascript:alert(%d)//%s", i, bad)
		}
		if i%7 == 3 {
			p.URL = "https://www.ville.example/" + strings.Repeat("é<", 5000) + fmt.Sprint(i)
		}
	}
	return w
}
