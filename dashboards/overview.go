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
	Site  collector.Site
	Sites []collector.Site // to choose from
	Hours []hour           // those of which something was received, the newest first
	Chart chart
	Total sum
	Pages []pageRow
	zone  *time.Location // of the site
}

// MachinesShown is the number of machines, as a number that can be written.
func (o overviewPage) MachinesShown() float64 { return float64(o.Total.Machines) }

// pageRow is a web page and its last score.
type pageRow struct {
	URL      string
	Problem  string
	Measured time.Time // in the zone of the site; zero when it never was
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
			h.say(w, r, http.StatusNotFound, "no_such_site")
			return
		}
		data.Site = sites[i]
		data.Query = "&" + url.Values{"site": {id}}.Encode()
	}
	data.page = h.page(l, "overview.title", "/", data.Query)
	if data.Site.Name != "" {
		data.Title = data.Site.Name + " – " + data.Title
	}
	at := time.Now()
	if err := errors.Join(h.fillHours(r.Context(), &data, at), h.fillPages(r.Context(), &data, at)); err != nil {
		h.fail(w, r, err)
		return
	}
	h.render(w, r, http.StatusOK, "overview.html", data)
}

func (h *Handler) fillHours(ctx context.Context, data *overviewPage, at time.Time) error {
	data.zone = time.UTC
	if data.Site.ID != 0 {
		zone, err := data.Site.Zone()
		if err != nil {
			return err
		}
		data.zone = zone
	}
	var points []collector.Point
	for _, m := range []collector.Measurement{collector.HourEnergy, collector.HourSeconds} {
		some, err := h.series.Range(ctx, collector.Query{
			Measurement: m, From: firstHour(at, data.zone, hoursShown), To: at.Add(time.Hour),
			Tags: collector.NewTags(collector.Tag{Name: "site", Value: strconv.FormatInt(data.Site.ID, 10)}),
		})
		if err != nil {
			return err
		}
		points = append(points, some...)
	}
	all := hoursOf(points, data.zone, at, hoursShown)
	data.Chart, data.Total = chartOf(data.language, all), total(all)
	for _, x := range slices.Backward(all) {
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
			row.Measured = x.Time.In(data.zone)
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
	h.render(w, r, http.StatusOK, "method."+l.Code+".html", h.page(l, "method.title", "/method", ""))
}
