package dashboards

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/collector"
	"veille/ecoindex"
)

// hoursShown is how many hours the first page shows.
const hoursShown = 24

// overviewPage is the data of templates/overview.html.
type overviewPage struct {
	page
	Site      collector.Site
	Sites     []collector.Site // to choose from
	Hours     []hour           // those with data, the newest first
	Chart     chart
	Total     energy
	Coverage  float64 // share of the time of the machines seen that Total covers
	Machines  int     // most seen in one hour
	HasCPU    bool    // some processors were measured
	Simulated bool
	Pages     []pageRow
}

// MachinesShown is Machines, as a number that can be written.
func (o overviewPage) MachinesShown() float64 { return float64(o.Machines) }

// pageRow is a web page and its last score.
type pageRow struct {
	URL      string
	Problem  string
	Measured string // date and time; "" when it never was
	Mode     string
	Protocol string
	Score    int
	Grade    ecoindex.Grade
	DOM      int
	Requests int
	SizeKB   float64
}

// Elements is DOM, as a number that can be written.
func (p pageRow) Elements() float64 { return float64(p.DOM) }

func (h *Handler) overview(w http.ResponseWriter, r *http.Request) {
	l := h.choose(r)
	sites, err := h.ledger.Sites(r.Context())
	if err != nil {
		h.fail(w, r, err)
		return
	}
	data := overviewPage{Sites: sites}
	if len(sites) > 0 {
		data.Site = sites[0]
	}
	if id := r.URL.Query().Get("site"); id != "" {
		i := slices.IndexFunc(sites, func(s collector.Site) bool { return strconv.FormatInt(s.ID, 10) == id })
		if i < 0 {
			http.Error(w, l.Say("no_such_site"), http.StatusNotFound)
			return
		}
		data.Site = sites[i]
		data.Query = "&" + url.Values{"site": {id}}.Encode()
	}
	data.page = h.page(l, "overview.title", "/", data.Query)
	at := time.Now()
	if err := errors.Join(h.fillHours(r.Context(), &data, at), h.fillPages(r.Context(), &data, at)); err != nil {
		h.fail(w, r, err)
		return
	}
	h.render(w, r, "overview.html", data)
}

func (h *Handler) fillHours(ctx context.Context, data *overviewPage, at time.Time) error {
	zone := time.UTC
	var err error
	if data.Site.ID != 0 {
		if zone, err = data.Site.Zone(); err != nil {
			return err
		}
	}
	points, err := h.series.Range(ctx, collector.Query{
		Measurement: collector.HourEnergy, From: firstHour(at, zone, hoursShown), To: at.Add(time.Hour),
		Tags: collector.NewTags(collector.Tag{Name: "site", Value: strconv.FormatInt(data.Site.ID, 10)}),
	})
	if err != nil {
		return err
	}
	all := hoursOf(points, zone, at, hoursShown)
	data.Chart = chartOf(data.language, all)
	var expected float64
	data.Total, expected, data.Simulated = total(all)
	if expected > 0 {
		data.Coverage = min(1, data.Total.CoveredS/expected)
	}
	for _, x := range slices.Backward(all) {
		data.Machines = max(data.Machines, x.Machines())
		data.HasCPU = data.HasCPU || x.CPU.CoveredS > 0
		if x.Machines() > 0 {
			data.Hours = append(data.Hours, x)
		}
	}
	return nil
}

// scoresSince is how far back the last score of a page is looked for: pages are measured each week.
const scoresSince = 60 * 24 * time.Hour

func (h *Handler) fillPages(ctx context.Context, data *overviewPage, at time.Time) error {
	pages, err := h.ledger.Pages(ctx)
	if err != nil {
		return err
	}
	points, err := h.series.Range(ctx, collector.Query{Measurement: collector.PageScore, From: at.Add(-scoresSince), To: at.Add(time.Hour)})
	if err != nil {
		return err
	}
	last := map[string]collector.Point{}
	for _, p := range points { // in the order of time
		last[p.Tags.Get("url")] = p
	}
	for _, p := range pages {
		row := pageRow{URL: p.URL, Problem: p.Problem}
		if x, ok := last[p.URL]; ok {
			row.Measured = x.Time.Format("2006-01-02 15:04 UTC")
			row.Mode, row.Protocol = x.Tags.Get("mode"), x.Tags.Get("protocol")
			row.Score, row.Grade = int(x.Fields["score"]), ecoindex.GradeOf(x.Fields["score"])
			row.DOM, row.Requests, row.SizeKB = int(x.Fields["dom"]), int(x.Fields["requests"]), x.Fields["size_kb"]
		}
		data.Pages = append(data.Pages, row)
	}
	slices.SortStableFunc(data.Pages, func(a, b pageRow) int { return strings.Compare(a.URL, b.URL) })
	return nil
}

func (h *Handler) method(w http.ResponseWriter, r *http.Request) {
	l := h.choose(r)
	h.render(w, r, "method."+l.Code+".html", h.page(l, "method.title", "/method", ""))
}
