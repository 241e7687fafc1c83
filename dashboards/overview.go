package dashboards

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"veille/collector"
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
	Web   []webRow       // the worst first
	More  int            // websites beside those
	zone  *time.Location // of the site
}

// MachinesShown is the number of machines, as a number that can be written.
func (o overviewPage) MachinesShown() float64 { return float64(o.Total.Machines) }

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
	if err := errors.Join(h.fillHours(r.Context(), &data, at), h.fillWeb(r.Context(), &data)); err != nil {
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

// webShown is how many websites the first page shows.
const webShown = 10

func (h *Handler) fillWeb(ctx context.Context, data *overviewPage) error {
	rows, err := h.webRows(ctx)
	if err != nil {
		return err
	}
	n := min(len(rows), webShown)
	data.Web, data.More = rows[:n], len(rows)-n
	return nil
}

func (h *Handler) method(w http.ResponseWriter, r *http.Request) {
	l := h.choose(r)
	h.render(w, r, http.StatusOK, "method."+l.Code+".html", h.page(l, "method.title", "/method", ""))
}
