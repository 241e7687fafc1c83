package dashboards

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
	"veille/ecoindex"
)

// websitesShown is how many websites a page of the list has.
const websitesShown = 25

// websitesPage is the data of templates/websites.html.
type websitesPage struct {
	page
	Rows  []webRow // the worst first
	Pager pager
}

// webRow is a website in a list.
type webRow struct {
	collector.Website
	Run *run // the last; nil when there was none
}

// Path is where the pages about it begin.
func (w webRow) Path() string { return site{Website: w.Website}.path() }

// When is the date of the last measure.
func (w webRow) When() collector.Date { return dateOf(w.Run.At) }

// run is a measure of a website, and how it differs from the one before.
type run struct {
	collector.WebRun
	Change change
}

// Grade is the one of the mean, rounded as a score is.
func (r *run) Grade() ecoindex.Grade { return ecoindex.GradeOfRounded(r.Mean.Value) }

// By names how it was measured. Figures that were measured in two ways are not compared.
func (r *run) By() method { return method{r.Mode, r.Protocol} }

// Expected is how many pages no browser was sent to though one was sent to others.
func (r *run) Expected() int { return max(0, r.Pages-r.Measured) }

// method is how something was measured.
type method struct{ Mode, Protocol string }

// change is how a figure differs from the one before.
type change struct {
	Word  string // a key: "better", "worse", "within", "same", "otherwise"; "" where there was none before
	Delta float64
}

// changeOf compares two measures. Those whose ranges overlap are not told apart.
func changeOf(now, before collector.WebRun) change {
	c := change{Delta: now.Mean.Value - before.Mean.Value}
	switch {
	case now.Mode != before.Mode || now.Protocol != before.Protocol:
		c.Word = "otherwise"
	case math.Round(10*c.Delta) == 0:
		c.Word = "same"
	case overlap(now.Mean, before.Mean):
		c.Word = "within"
	case c.Delta > 0:
		c.Word = "better"
	default:
		c.Word = "worse"
	}
	return c
}

// overlap tells whether two figures may be the same. Of those without a range nobody can tell: they are taken for exact.
func overlap(a, b collector.WebFigure) bool {
	low := func(f collector.WebFigure) float64 { return value(f.Low, f.Value) }
	high := func(f collector.WebFigure) float64 { return value(f.High, f.Value) }
	return low(a) <= high(b) && low(b) <= high(a)
}

func value(p *float64, otherwise float64) float64 {
	if p == nil {
		return otherwise
	}
	return *p
}

// webRows are the websites of the reader, the worst first, those without a measure last.
func (h *Handler) webRows(ctx context.Context) ([]webRow, error) {
	all, err := h.Web.Websites(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	last, err := h.Web.LastRuns(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]webRow, 0, len(all))
	reader := frame.ReaderOf(ctx).User
	for i := range all {
		if sees(reader, all[i]) {
			rows = append(rows, webRow{Website: all[i], Run: runOf(last[all[i].ID])})
		}
	}
	slices.SortStableFunc(rows, func(a, b webRow) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

// rank orders websites: by their mean, those without one last.
func (w webRow) rank() float64 {
	if w.Run == nil {
		return math.Inf(1)
	}
	return w.Run.Mean.Value
}

// runOf is the last of runs, the newest of which is the first; nil for none.
func runOf(runs []collector.WebRun) *run {
	if len(runs) == 0 {
		return nil
	}
	r := &run{WebRun: runs[0]}
	if len(runs) > 1 {
		r.Change = changeOf(runs[0], runs[1])
	}
	return r
}

func (h *Handler) websites(w http.ResponseWriter, r *http.Request) error {
	rows, err := h.webRows(r.Context())
	if err != nil {
		return err
	}
	data := websitesPage{page: h.page(r, "web.title", "/web", "")}
	data.Rows, data.Pager = cut(r, rows, websitesShown, "/web")
	data.Query = data.Pager.query()
	h.frame.Render(w, r, http.StatusOK, "websites.html", data)
	return nil
}
