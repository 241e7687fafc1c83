package dashboards

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"veille/collector"
	"veille/ecoindex"
	"veille/ecoindex/practice"
)

// How many of each the first page about a website shows; the rest are on pages of their own.
const (
	mostWorst     = 5
	mostPractices = 5
	mostTemplates = 5
	mostRules     = 4
	mostRuns      = 6
	mostReasons   = 4
	mostNotes     = 4
)

// websitePage is the data of templates/website.html.
type websitePage struct {
	sitePage
	Run       *run // the last; nil when there was none
	Strip     strip
	Trend     trend
	Runs      []*run // the newest first
	MoreRuns  bool
	Worst     []pageRow
	Templates []collector.WebTemplate
	Practices []practiceRow
	Rules     []ruleRow // that are not kept
	RGESN     []proposed
	Access    *practice.Statement
	Disagrees bool // what the site says of its accessibility with its rate
	Reasons   []reason
	Queue     queued
	Asked     bool // just now
	Audited   bool
	more      audited
	templates int
}

// AllPractices is how many practices pages of the site fail.
func (p websitePage) AllPractices() int { return len(p.more.practices) }

// AllTemplates is how many templates the site has.
func (p websitePage) AllTemplates() int { return p.templates }

// Notes are the first sentences that the measure left.
func (p websitePage) Notes() []string { return p.Run.Notes[:min(len(p.Run.Notes), mostNotes)] }

// MoreNotes is how many there are beside them.
func (p websitePage) MoreNotes() int { return max(0, len(p.Run.Notes)-mostNotes) }

// queued is what the measuring of a website is doing.
type queued struct {
	Looked, Waiting int
	Under           bool
}

// reason is why pages were not looked at.
type reason struct {
	Code    string
	Pages   int
	Example string
}

// pageRow is a page in a list.
type pageRow struct {
	*collector.WebPage
	Grade ecoindex.Grade // "" for a page that could not be looked at
	How   string         // "browser", "expected" or "static"
}

// rowOf says how the score of a page was obtained: where a browser was sent to others, it is expected by them.
func rowOf(p *collector.WebPage, r *collector.WebRun) pageRow {
	row := pageRow{WebPage: p, How: "static"}
	switch {
	case p.Browser != nil:
		row.How = "browser"
	case r != nil && r.Measured > 0:
		row.How = "expected"
	}
	if p.Code == "" {
		row.Grade = ecoindex.GradeOfRounded(p.Score)
	}
	return row
}

// Sizes are the figures of the best look at the page.
func (p pageRow) Sizes() collector.WebSizes {
	if p.Browser != nil {
		return *p.Browser
	}
	return p.Static
}

// pageRows are the pages of a website, the worst first, and those that could not be looked at.
func pageRows(pages []collector.WebPage, r *collector.WebRun) (good, failed []pageRow) {
	for i := range pages {
		if pages[i].Code != "" {
			failed = append(failed, rowOf(&pages[i], r))
			continue
		}
		good = append(good, rowOf(&pages[i], r))
	}
	slices.SortFunc(good, func(a, b pageRow) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(a.URL, b.URL))
	})
	slices.SortFunc(failed, func(a, b pageRow) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.URL, b.URL))
	})
	return good, failed
}

func (h *Handler) website(w http.ResponseWriter, r *http.Request, s site) error {
	data := websitePage{sitePage: h.sitePage(r, s, "website.title", s.path(), nil), Asked: r.URL.Query().Get("queued") == "1"}
	data.Title = s.Name
	data.Queue.Looked, data.Queue.Waiting, data.Queue.Under = h.Queue.Measuring(s.ID)
	last, err := h.Web.LastWebRun(r.Context(), s.ID)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return err
	}
	var latest *collector.WebRun
	if err == nil {
		latest = &last
		if err := h.fillRun(r, &data, latest); err != nil {
			return err
		}
	}
	pages, err := h.Web.WebPages(r.Context(), s.ID)
	if err != nil {
		return err
	}
	good, failed := pageRows(pages, latest)
	data.Worst, data.Reasons = good[:min(len(good), mostWorst)], reasons(failed)
	h.frame.Render(w, r, http.StatusOK, "website.html", data)
	return nil
}

// fillRun adds what the last run gave, and those before it.
func (h *Handler) fillRun(r *http.Request, data *websitePage, last *collector.WebRun) error {
	runs, err := h.runs(r, data.Site.ID)
	if err != nil {
		return err
	}
	data.Run = &run{WebRun: *last}
	if i := slices.IndexFunc(runs, func(x *run) bool { return x.At.Equal(last.At) }); i >= 0 {
		data.Run.Change = runs[i].Change
	}
	data.Strip = stripOf(last.Grades)
	data.Trend, data.Runs, data.MoreRuns = trendOf(data.sitePage, runsDrawn(runs)), runs[:min(len(runs), mostRuns)], len(runs) > mostRuns
	data.templates = len(last.Templates)
	data.Templates = last.Templates[:min(len(last.Templates), mostTemplates)]
	data.more, err = h.audited(last)
	if err != nil {
		return err
	}
	a := data.more
	data.Audited = a.known
	data.Practices = a.practices[:min(len(a.practices), mostPractices)]
	broken := a.broken()
	data.Rules = broken[:min(len(broken), mostRules)]
	data.RGESN = proposals(a.rgesn)
	data.Access, data.Disagrees = a.access, a.access != nil && a.access.Conflict || disagrees(a.access)
	return nil
}

// runs are the measures of a website with what each changed, the newest first.
func (h *Handler) runs(r *http.Request, website int64) ([]*run, error) {
	all, err := h.Web.WebRuns(r.Context(), website, since())
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b collector.WebRun) int { return b.At.Compare(a.At) })
	list := make([]*run, 0, len(all))
	for i := range all {
		list = append(list, runOf(all[i:min(len(all), i+2)]))
	}
	return list, nil
}

// reasons are why pages were not looked at, the most frequent first.
func reasons(failed []pageRow) []reason {
	var list []reason
	for i := range failed { // sorted by code
		if n := len(list); n > 0 && list[n-1].Code == failed[i].Code {
			list[n-1].Pages++
			continue
		}
		list = append(list, reason{failed[i].Code, 1, failed[i].URL})
	}
	slices.SortStableFunc(list, func(a, b reason) int { return b.Pages - a.Pages })
	return list[:min(len(list), mostReasons)]
}

// audited is what a run says that its website could do better.
type audited struct {
	known     bool
	practices []practiceRow
	rules     []ruleRow
	rgesn     []criterionRow
	access    *practice.Statement
}

// practiceRow is a practice that pages fail.
type practiceRow struct {
	rule
	practice.SitePractice
	Part int // of the list on which it is
}

// ruleRow is what became of a rule of whole sites.
type ruleRow struct {
	rule
	practice.SiteFinding
}

// mostBroken is how many offenders of a rule are shown.
const mostBroken = 3

// Worst are the first offenders.
func (r ruleRow) Worst() []practice.KeptOffender {
	return r.Offenders[:min(len(r.Offenders), mostBroken)]
}

// Others is how many there are beside them.
func (r ruleRow) Others() int { return r.More + len(r.Offenders) - len(r.Worst()) }

// criterionRow is what is proposed for a criterion of the RGESN.
type criterionRow struct {
	practice.Proposal
	practice.Criterion
}

// audited reads what a run found.
func (h *Handler) audited(r *collector.WebRun) (audited, error) {
	if len(r.Audit) == 0 {
		return audited{}, nil
	}
	var a practice.SiteAudit
	if err := json.Unmarshal(r.Audit, &a); err != nil {
		return audited{}, fmt.Errorf("read the audit of website %d of %s: %w", r.Website, r.At, err)
	}
	out := audited{known: true, access: a.Access}
	for i, p := range a.Practices {
		out.practices = append(out.practices, practiceRow{find(h.practices.page, p.ID), p, i/practicesShown + 1})
	}
	for _, f := range a.Rules {
		out.rules = append(out.rules, ruleRow{find(h.practices.site, f.ID), f})
	}
	for _, p := range a.RGESN {
		out.rgesn = append(out.rgesn, criterionRow{p, h.practices.rgesn[p.Criterion]})
	}
	return out, nil
}

// broken are the rules that are not kept.
func (a audited) broken() (list []ruleRow) {
	for _, r := range a.rules {
		if r.Status == practice.Failed {
			list = append(list, r)
		}
	}
	return list
}

// proposed is how many criteria of the RGESN have one proposal.
type proposed struct {
	Status   practice.Proposed
	Criteria int
}

// proposals counts criteria by what is proposed, each of the four once.
func proposals(list []criterionRow) (out []proposed) {
	if len(list) == 0 {
		return nil
	}
	for _, status := range []practice.Proposed{practice.ProposedNotValidated, practice.ProposedToAssess, practice.ProposedValidated, practice.ProposedNothing} {
		p := proposed{Status: status}
		for i := range list {
			if list[i].Status == status {
				p.Criteria++
			}
		}
		out = append(out, p)
	}
	return out
}

// disagrees tells whether a site mentions another conformity than its rate means: total is 100 %, partial from 50 %, none below
// (RGAA 4.1).
func disagrees(s *practice.Statement) bool {
	if s == nil || s.Rate == 0 || s.Mention == "" {
		return false
	}
	means := "none"
	switch {
	case s.Rate >= 100:
		means = "total"
	case s.Rate >= 50:
		means = "partial"
	}
	return s.Mention != means
}
