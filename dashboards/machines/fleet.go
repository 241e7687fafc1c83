package machines

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"

	"veille/collector"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

const (
	sitesShown = 20 // in one part of the table
	barsShown  = 15 // in the drawing
)

// fleetData is what the template of the fleet needs beside its figures.
type fleetData struct {
	On      collector.Date
	Silence template.HTML // "": there is nothing to draw
	Some    int           // how many sites are drawn; 0: all
	Pager   pager
	// Delivered tells whether points are delivered to other databases.
	Delivered bool
	Todos     []todo // what is to be done about destinations
}

// siteRow is a site with what was counted there.
type siteRow struct {
	site  collector.Site
	fleet collector.SiteFleet
}

// late is how many machines have been silent for more than 30 days.
func (r siteRow) late() int { return of(r.fleet.Silent, "90", "longer") }

// showFleet is the page /machines.
func (p *Pages) showFleet(ctx context.Context, q frame.Request) (frame.View, error) {
	sites, fleet, err := p.seen(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	rows := rowsOf(sites, fleet)
	v := counted(q, fleet)
	v.Figures = headline(q.Language, together(fleet.Sites), fleet.Month)
	data := fleetData{On: fleet.On}
	if q.ForPeople() {
		if len(rows) > barsShown {
			data.Some = barsShown
		}
		rows, data.Pager = cut(q.Param("page"), rows, sitesShown)
		if data.Pager.Page > 1 {
			v.Keep = url.Values{"page": {fmt.Sprint(data.Pager.Page)}}
		}
		if data.Pager.Page == 1 && fleet.On != "" {
			data.Silence = silence(q.Language, rows)
		}
	}
	v.Tables = []frame.Table{sitesTable(q.Language, rows)}
	destinations, err := p.ledger.Deliveries(ctx)
	if err != nil {
		return frame.View{}, fmt.Errorf("ask how destinations are doing: %w", err)
	}
	data.Todos, data.Delivered = deliveries(q.Language, &v, destinations, p.now()), len(destinations) > 0
	v.Data = data
	return v, nil
}

// rowsOf are all sites, those with the most machines that have long been silent first.
func rowsOf(sites []collector.Site, fleet collector.Fleet) []siteRow {
	rows := make([]siteRow, 0, len(sites))
	for _, s := range sites {
		row := siteRow{site: s}
		if i := slices.IndexFunc(fleet.Sites, func(f collector.SiteFleet) bool { return f.Site == s.ID }); i >= 0 {
			row.fleet = fleet.Sites[i]
		}
		rows = append(rows, row)
	}
	compare := frame.Alphabet()
	slices.SortFunc(rows, func(a, b siteRow) int {
		return cmp.Or(cmp.Compare(b.late(), a.late()), compare(a.site.Name, b.site.Name), cmp.Compare(a.site.ID, b.site.ID))
	})
	return rows
}

// headline is the figures of machines that were counted.
func headline(l frame.Language, c collector.SiteFleet, month collector.Month) []frame.Figure {
	machines, set := machinesOf(c), all(c.SleepAfter)-of(c.SleepAfter, "")
	name, older, unknown := newest(c.Agents)
	count := func(id string, n int, note string) frame.Figure {
		return frame.Figure{ID: id, Label: l.Say("machines.figure." + id), Value: new(float64(n)), Note: note}
	}
	rate := func(id string, part, whole int, missing string) frame.Figure {
		f := frame.Figure{ID: id, Label: l.Say("machines.figure." + id), Value: share(part, whole), Unit: "%", How: "machines", Missing: missing}
		if f.Value != nil {
			f.Missing, f.Note = "", shareWords(l, part, whole)
		}
		return f
	}
	week := of(c.Silent, "7")
	none := l.Say("machines.no_machine")
	never := rate("never_sleeps", of(c.SleepAfter, "never"), set, l.Say("machines.no_setting"))
	if never.Value != nil {
		key := "machines.of_known"
		if set == 1 {
			key += ".one"
		}
		never.Note = l.Say(key, l.Count(of(c.SleepAfter, "never")), l.Count(set), l.Month(month))
	}
	doubtful := ""
	if c.Doubtful > 0 {
		doubtful = l.Say("machines.doubtful.note")
	}
	old := count("old_agents", older, "")
	switch {
	case name == "":
		old.Value, old.Missing = nil, l.Say("machines.no_version")
	case unknown > 0:
		old.Note = l.Say("machines.newest_but", name, l.Count(unknown))
	default:
		old.Note = l.Say("machines.newest", name)
	}
	return []frame.Figure{
		count("machines", machines, ""),
		rate("spoke_7", week, machines, none),
		rate("spoke_30", week+of(c.Silent, "30"), machines, none),
		never, old,
		count("doubtful", c.Doubtful, doubtful),
		count("revoked", c.Revoked, ""),
	}
}

// shareWords is a part of a whole in words.
func shareWords(l frame.Language, part, whole int) string {
	return l.Say("machines.of", l.Count(part), l.Count(whole))
}

// sitesTable is the table of sites.
func sitesTable(l frame.Language, rows []siteRow) frame.Table {
	t := frame.Table{ID: "sites", Caption: l.Say("machines.sites.caption"), Empty: l.Say("machines.sites.none")}
	t.Columns = append(t.Columns, frame.Column{ID: "site", Title: l.Say("machines.sites.site")}, frame.Column{ID: "number", Hidden: true, Title: l.Say("machines.sites.number")})
	for _, use := range uses() {
		t.Columns = append(t.Columns, frame.Column{ID: string(use), Title: l.Say("machines.use." + string(use))})
	}
	for _, s := range silences() {
		t.Columns = append(t.Columns, frame.Column{ID: "spoke_" + s, Title: l.Say("machines.silent." + s)})
	}
	t.Columns = append(t.Columns, frame.Column{ID: "never_sleeps", Title: l.Say("machines.sites.never"), Unit: "%"})
	for _, r := range rows {
		row := []frame.Cell{frame.Link(r.site.Name, fmt.Sprintf("/machines/%d", r.site.ID)), frame.Num(float64(r.site.ID))}
		for _, use := range uses() {
			row = append(row, frame.Num(float64(r.fleet.Machines[use])))
		}
		for _, s := range silences() {
			row = append(row, frame.Num(float64(of(r.fleet.Silent, s))))
		}
		never := share(of(r.fleet.SleepAfter, "never"), all(r.fleet.SleepAfter)-of(r.fleet.SleepAfter, ""))
		t.Rows = append(t.Rows, append(row, frame.Cell{Number: never}))
	}
	return t
}

// silence draws how long ago the machines of the first sites last spoke.
func silence(l frame.Language, rows []siteRow) template.HTML {
	s := chart.Stacks{ID: "silence", Title: l.Say("machines.silence.title"), Desc: l.Say("machines.silence.desc")}
	for _, r := range rows[:min(len(rows), barsShown)] {
		if all(r.fleet.Silent) == 0 {
			continue
		}
		bar := chart.Stack{Label: r.site.Name, Text: l.Count(all(r.fleet.Silent))}
		for i, word := range silences() {
			n := of(r.fleet.Silent, word)
			bar.Shares = append(bar.Shares, chart.Share{
				Name: l.Say("machines.silent." + word), Style: []string{"on", "display-off", "sleep", "unknown"}[i], Value: float64(n), Text: l.Count(n),
			})
		}
		s.Bars = append(s.Bars, bar)
	}
	if len(s.Bars) == 0 {
		return ""
	}
	return s.SVG()
}
