package dashboards

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"veille/collector"
	"veille/dashboards/frame"
	"veille/ecoindex"
	"veille/ecoindex/practice"
)

// How many of each the first page about a page shows, and its lists.
const (
	mostFailed  = 6
	failedShown = 12
	mostScores  = 8
	scoresShown = 40
)

// webpagePage is the data of templates/webpage.html.
type webpagePage struct {
	sitePage
	Page      pageRow
	Shares    []share // what each of the three measures costs
	Next      *next   // what the next better grade needs; nil for A
	By        method
	Version   string // of the program that measured
	Failed    []failedRow
	AllFailed int
	Passed    int
	Audited   bool
	Trend     trend
	Scores    []collector.WebScore // the newest first
	MoreTimes bool
	Queue     queued
	Asked     bool // just now
}

// share is what one of the three measures costs.
type share struct {
	Name   string // a key
	Figure float64
	KB     bool
	Lost   float64 // points
}

// next is what to take away for the next better grade: each alone is enough.
type next struct {
	Grade ecoindex.Grade
	ecoindex.Savings
}

// failedRow is a practice that a page fails.
type failedRow struct {
	rule
	practice.Kept
}

// KeptPercent is what to take away of all three.
func (n next) KeptPercent() float64 { return n.Share / 100 }

// pageOf finds the page that a request asks for, by its address or by the key of a long one.
func (h *Handler) pageOf(r *http.Request, s site) (collector.WebPage, error) {
	address := r.URL.Query().Get("url")
	if key := r.URL.Query().Get("key"); address == "" && key != "" {
		pages, err := h.Web.WebPages(r.Context(), s.ID)
		if err != nil {
			return collector.WebPage{}, err
		}
		i := slices.IndexFunc(pages, func(p collector.WebPage) bool { return len(p.URL) > frame.MostLink && keyOf(p.URL) == key })
		if i < 0 {
			return collector.WebPage{}, fmt.Errorf("find the page of key %q of website %d: %w", key, s.ID, collector.ErrNotFound)
		}
		address = pages[i].URL
	}
	if address == "" && s.Kind == collector.KindPage { // there is one; a redirect may have given it another address
		pages, err := h.Web.WebPages(r.Context(), s.ID)
		if err != nil {
			return collector.WebPage{}, err
		}
		if len(pages) > 0 {
			address = pages[0].URL
		}
	}
	return h.Web.WebPage(r.Context(), s.ID, address)
}

// aPage finds the page that a request asks for, and begins a page of ours about it.
func (h *Handler) aPage(r *http.Request, s site, heading, path string) (sitePage, collector.WebPage, error) {
	found, err := h.pageOf(r, s)
	if err != nil {
		return sitePage{}, found, err
	}
	return h.sitePage(r, s, heading, s.path()+path, pageQuery(found.URL)), found, nil
}

func (h *Handler) webpage(w http.ResponseWriter, r *http.Request, s site) error {
	base, found, err := h.aPage(r, s, "webpage.title", "/page")
	if err != nil {
		return err
	}
	last, err := h.Web.LastWebRun(r.Context(), s.ID)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return err
	}
	scores, err := h.scores(r, s, found.URL)
	if err != nil {
		return err
	}
	data := webpagePage{sitePage: base, Page: rowOf(&found, &last), Asked: r.URL.Query().Get("queued") == "1"}
	data.Queue.Looked, data.Queue.Waiting, data.Queue.Under = h.Queue.Measuring(s.ID)
	if err := data.fill(); err != nil {
		return err
	}
	if i := slices.IndexFunc(scores, func(x collector.WebScore) bool { return (x.Mode == "browser") == (found.Browser != nil) }); i >= 0 {
		data.By, data.Version = method{scores[i].Mode, scores[i].Protocol}, scores[i].Version
	}
	failed, kept, err := h.failed(&found)
	if err != nil {
		return err
	}
	data.Failed, data.AllFailed, data.Passed, data.Audited = failed[:min(len(failed), mostFailed)], len(failed), kept.Passed, len(found.Audit) > 0
	data.Scores, data.MoreTimes = scores[:min(len(scores), mostScores)], len(scores) > mostScores
	data.Trend = trendOf(base, scoresDrawn(scores))
	h.frame.Render(w, r, http.StatusOK, "webpage.html", data)
	return nil
}

// fill computes what each measure costs, and what the next grade needs. A page that could not be looked at has none of it.
func (d *webpagePage) fill() error {
	if d.Page.Code != "" {
		return nil
	}
	sizes := d.Page.Sizes()
	m := ecoindex.Measure{DOM: sizes.DOM, Requests: sizes.Requests, SizeKB: sizes.SizeKB}
	result, err := ecoindex.Compute(m)
	if err != nil {
		return fmt.Errorf("score the page %s: %w", d.Page.URL, err)
	}
	lost := result.Lost
	d.Shares = []share{
		{"dom", float64(m.DOM), false, lost.DOM}, {"requests", float64(m.Requests), false, lost.Requests}, {"size", m.SizeKB, true, lost.Size},
	}
	if g, ok := result.Grade.Better(); ok && d.Page.How != "expected" { // what nobody measured is not what would have to be mended
		d.Next = &next{Grade: g}
		d.Next.Savings, err = ecoindex.ToReach(m, g, ecoindex.FromRounded)
	}
	return err
}

// failed are the practices that a page fails, those with most to gain first.
func (h *Handler) failed(p *collector.WebPage) ([]failedRow, practice.PageKept, error) {
	var kept practice.PageKept
	if len(p.Audit) == 0 {
		return nil, kept, nil
	}
	if err := json.Unmarshal(p.Audit, &kept); err != nil {
		return nil, kept, fmt.Errorf("read the audit of the page %s: %w", p.URL, err)
	}
	rows := make([]failedRow, 0, len(kept.Failed))
	for _, k := range kept.Failed {
		rows = append(rows, failedRow{find(h.practices.page, k.ID), k})
	}
	slices.SortStableFunc(rows, func(a, b failedRow) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.Bytes, a.Bytes))
	})
	return rows, kept, nil
}

// scores are the measures of a page, the newest first.
func (h *Handler) scores(r *http.Request, s site, address string) ([]collector.WebScore, error) {
	scores, err := h.Web.WebScores(r.Context(), s.ID, address, since())
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return nil, err
	}
	slices.SortStableFunc(scores, func(a, b collector.WebScore) int { return b.At.Compare(a.At) })
	return scores, nil
}

// scoresDrawn are measures of a page in the order of their time, as measures to draw.
func scoresDrawn(scores []collector.WebScore) []scored {
	all := make([]scored, 0, len(scores))
	for i := range scores {
		all = append(all, scored{At: scores[i].At, Value: scores[i].Raw, method: method{scores[i].Mode, scores[i].Protocol}})
	}
	slices.SortStableFunc(all, func(a, b scored) int { return a.At.Compare(b.At) })
	return all
}

// pageList shows a part of a list about a page.
func pageList[T any](h *Handler, w http.ResponseWriter, r *http.Request, base sitePage, found *collector.WebPage, name string, all []T, size int) {
	var extra []any
	for key, values := range pageQuery(found.URL) {
		extra = append(extra, key, values[0])
	}
	rows, p := cut(r, all, size, base.Path, extra...)
	base.Query += p.query()
	h.frame.Render(w, r, http.StatusOK, "webpage_"+name+".html", listPage[T]{sitePage: base, Rows: rows, Pager: p, URL: found.URL})
}

func (h *Handler) webpagePractices(w http.ResponseWriter, r *http.Request, s site) error {
	base, found, err := h.aPage(r, s, "webpage.practices", "/page/practices")
	if err != nil {
		return err
	}
	rows, _, err := h.failed(&found)
	if err != nil {
		return err
	}
	pageList(h, w, r, base, &found, "practices", rows, failedShown)
	return nil
}

func (h *Handler) webpageHistory(w http.ResponseWriter, r *http.Request, s site) error {
	base, found, err := h.aPage(r, s, "webpage.history", "/page/history")
	if err != nil {
		return err
	}
	scores, err := h.scores(r, s, found.URL)
	if err != nil {
		return err
	}
	pageList(h, w, r, base, &found, "history", scores, scoresShown)
	return nil
}
