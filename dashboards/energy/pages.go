package energy

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// shown is what the templates of these pages need beside the figures and tables of a view.
type shown struct {
	Machines  bool // the reader may see figures of machines
	Sites     bool // the organisation has some
	Fixed     bool // there is a month to show
	Whole     bool // the organisation has a row of its own
	Period    string
	Trend     template.HTML
	NoTrend   string // why there is none
	Week      template.HTML
	Actions   bool // some were done here
	Targets   bool // there are some
	Action    string
	Up        []link // what the page is in, from the top
	More      []link // where to go on
	Times     []link // the same page of other months, or of figures of the other kind
	Pager     pager
	Days      template.HTML // of shared machines and servers, where no month is fixed
	HasDays   bool
	Steps     []string // what an administrator does first
	FirstSays []string // when the first month is fixed
	HoursOnly bool     // machines have sent hours today, and no day is counted
	Next      bool     // nothing came that can be shown: what to do is said
	Tokens    bool     // the reader may make tokens
	Websites  int      // in all
	Hours     bars     // of the page of hours
	HasHours  bool     // some are drawn
}

// Minor tells whether a figure stands in the list below the others.
func (shown) Minor(id string) bool {
	return slices.Contains([]string{"outside", "per_machine", "machines", "servers"}, id)
}

// link leads to a page of ours.
type link struct {
	Path string
	More []any // names and values of parameters
	Text string
}

// At is its address in the language of a page.
func (l link) At(p frame.Page) string { return p.To(l.Path, l.More...) }

// keep are the parameters that the same page has in the other language.
func keep(q frame.Request, r *reading) url.Values {
	v := url.Values{}
	if r.chosen {
		v.Set("to", string(r.to))
	}
	if r.simulated && q.Param("simulated") == "1" {
		v.Set("simulated", "1")
	}
	return v
}

// told is the part of a view that pages of all nodes have: a year of workstations beside the year before, servers, actions.
func (p *Pages) told(ctx context.Context, q frame.Request, r *reading, path string) (frame.View, *shown, error) {
	data := &shown{Machines: true, Sites: true, Fixed: !r.empty(), Times: times(q, r, path)}
	view := frame.View{Simulated: r.simulated, Data: data, Keep: keep(q, r)}
	if r.empty() {
		return view, data, nil
	}
	s, servers := r.story(r.node, balance.Workstations), r.story(r.node, balance.Servers)
	months := s.months()
	view.From, view.To = string(months[0]), string(r.to)
	data.Period = period(q, months[0], r.to)
	actions, err := p.actions(ctx, q.Reader, r.node)
	if err != nil {
		return view, nil, err
	}
	effects, err := p.effects(ctx, q, r, actions)
	if err != nil {
		return view, nil, err
	}
	view.Figures = s.headline(q)
	if len(actions) > 0 {
		view.Figures = append(view.Figures[:2:2], append([]frame.Figure{effects.figure(q)}, view.Figures[2:]...)...)
		data.Action = mine(q, effects.first.Action)
	}
	if s.year.HiddenMonths > 0 && s.shown() {
		view.Notices = append(view.Notices, q.Say("energy.notice.hidden", countMonths(q, s.year.HiddenMonths), why(q.Language, s.year.Hidden)))
	}
	view.Tables = []frame.Table{s.monthsTable(q), s.partsTable(q)}
	data.Trend, data.Week = s.trend(q, actions), s.week(q)
	if data.Trend == "" {
		data.NoTrend = s.undrawn(q)
	}
	if servers.shown() || servers.last.Months > 0 {
		view.Tables = append(view.Tables, serversTable(q, &servers))
		view.Figures = append(view.Figures, serversFigure(q, &servers))
	}
	if len(actions) > 0 {
		view.Tables = append(view.Tables, effectsTable(q, effects.listed))
		data.Actions = true
	}
	return view, data, nil
}

// times are links to the same page of the year before, of the last year, and of figures of the other kind.
func times(q frame.Request, r *reading, path string) (all []link) {
	if r.empty() {
		return nil
	}
	var kind []any
	if r.simulated && r.elsewhere {
		kind = []any{"simulated", 1}
	}
	add := func(text string, more ...any) {
		all = append(all, link{Path: path, More: append(more, kind...), Text: text})
	}
	earlier := r.to.Plus(-yearMonths)
	for i := range r.answers {
		if r.answers[i].To == earlier {
			add(q.Say("energy.times.before", q.Month(earlier)), "to", earlier)
		}
	}
	if r.chosen {
		add(q.Say("energy.times.last"))
	}
	switch {
	case r.elsewhere && r.simulated:
		all = append(all, link{Path: path, Text: q.Say("energy.times.real")})
	case r.elsewhere:
		all = append(all, link{Path: path, More: []any{"simulated", 1}, Text: q.Say("energy.times.simulated")})
	}
	return all
}

// pager is which part of a long table a page shows.
type pager struct {
	Page, Pages     int // from 1
	First, Last, Of int // rows, from 1
	Before, After   *link
}

// paged takes the part of a list that a page for people shows by ?page=N, and counts on. Programs and spreadsheets get the whole list.
func paged[T any](q frame.Request, list []T, size int, path string, keep url.Values) ([]T, pager) {
	p := pager{Page: 1, Pages: max(1, (len(list)+size-1)/size), Of: len(list)}
	if !q.ForPeople() {
		return list, p
	}
	if n, err := strconv.Atoi(q.Param("page")); err == nil {
		p.Page = min(max(1, n), p.Pages)
	}
	from, to := (p.Page-1)*size, min(len(list), p.Page*size)
	p.First, p.Last = min(from+1, to), to
	at := func(page int) *link {
		l := &link{Path: path}
		for name := range keep {
			l.More = append(l.More, name, keep.Get(name))
		}
		l.More = append(l.More, "page", page)
		return l
	}
	if p.Page > 1 {
		p.Before = at(p.Page - 1)
		keep.Set("page", strconv.Itoa(p.Page))
	}
	if p.Page < p.Pages {
		p.After = at(p.Page + 1)
	}
	return list[from:to], p
}

// sitePage is the page of a site.
func (p *Pages) sitePage(ctx context.Context, q frame.Request) (frame.View, error) {
	site, err := p.site(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	r, err := p.read(ctx, q, privacy.Site(site.ID))
	if err != nil {
		return frame.View{}, err
	}
	view, data, err := p.told(ctx, q, r, sitePath(site.ID))
	if err != nil {
		return frame.View{}, err
	}
	view.Title = site.Name
	data.Up = upTo(q)
	if site.Open {
		data.More = append(data.More, link{Path: fmt.Sprintf("/public/sites/%d", site.ID), Text: q.Say("energy.more.public")})
	}
	if r.empty() {
		err := p.first(ctx, q, &view, data, r.node, []collector.Site{site})
		return view, err
	}
	data.More = append([]link{{Path: sitePath(site.ID) + "/hours", Text: q.Say("energy.more.hours")}}, data.More...)
	if err := p.addTargets(ctx, q, r, &view, data, []collector.Site{site}); err != nil {
		return frame.View{}, err
	}
	names, err := p.groupNames(ctx, site.ID)
	if err != nil {
		return frame.View{}, err
	}
	var groups []place
	for _, n := range r.children() {
		groups = append(groups, place{
			groupName(q, names, n.Group), fmt.Sprintf("/sites/%d/groups/%d", n.Site, n.Group), r.story(n, balance.Workstations),
		})
	}
	groups, data.Pager = paged(q, groups, rowsShown, sitePath(site.ID), view.Keep)
	view.Tables = append(view.Tables, placesTable(q, "groups", groups))
	return view, nil
}

// upTo are the links to what a page of a site is in.
func upTo(q frame.Request) []link {
	if q.Reader.Site != 0 {
		return nil
	}
	return []link{{Path: "/sites", Text: q.Say("nav.sites")}}
}

// groupPage is the page of a group of a site.
func (p *Pages) groupPage(ctx context.Context, q frame.Request) (frame.View, error) {
	site, err := p.site(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	group, err := q.ID("group")
	if err != nil {
		return frame.View{}, err
	}
	r, err := p.read(ctx, q, privacy.Group(site.ID, group))
	if err != nil {
		return frame.View{}, err
	}
	path := fmt.Sprintf("/sites/%d/groups/%d", site.ID, group)
	view, data, err := p.told(ctx, q, r, path)
	if err != nil {
		return frame.View{}, err
	}
	names, err := p.groupNames(ctx, site.ID)
	if err != nil {
		return frame.View{}, err
	}
	view.Title = groupName(q, names, group) + " – " + site.Name
	data.Up = append(upTo(q), link{Path: sitePath(site.ID), Text: site.Name})
	if r.empty() {
		err := p.first(ctx, q, &view, data, r.node, []collector.Site{site})
		return view, err
	}
	var classes []place
	for _, n := range r.children() {
		classes = append(classes, place{q.Known("energy.class.", n.Class, n.Class), "", r.story(n, balance.Workstations)})
	}
	classes, data.Pager = paged(q, classes, rowsShown, path, view.Keep)
	view.Tables = append(view.Tables, placesTable(q, "classes", classes))
	return view, nil
}
