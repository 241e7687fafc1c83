package settings

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
)

func organisationPage() page {
	return page{name: "organisation", roles: keepers(), load: loadOrganisation, forms: []form{
		{command: "org set", fields: []field{
			{name: "contact"}, {name: "dpo"}, {name: "address"}, {name: "siren"}, {name: "open-data", kind: pick, options: []string{"true", "false"}}, {name: "licence"},
		}},
	}}
}

func loadOrganisation(a asker) (l loaded, err error) {
	var all []struct {
		Name, Contact, DPO, Address, SIREN, Licence string
		OpenData                                    bool `json:"open_data"`
	}
	if err := a.list(&all, "org show", nil); err != nil {
		return l, err
	}
	t := frame.Table{ID: "organisation", Caption: a.q.Say("settings.organisation.caption"), Columns: columns(a.q, "organisation", "contact", "dpo", "address", "siren", "opendata", "licence")}
	l.state = a.q.Say("settings.state.organisation.none")
	for _, o := range all {
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(o.Name), frame.Text(o.Contact), frame.Text(o.DPO), frame.Text(o.Address), frame.Text(o.SIREN), a.yes(o.OpenData), a.licence(o.Licence)})
		l.values = map[string]string{"contact": o.Contact, "dpo": o.DPO, "address": o.Address, "siren": o.SIREN, "open-data": strconv.FormatBool(o.OpenData), "licence": o.Licence}
		l.state = a.q.Say("settings.state.organisation", o.Name, o.Contact)
		if o.Contact == "" {
			l.state = a.q.Say("settings.state.organisation.silent", o.Name)
		}
	}
	l.tables = []frame.Table{t}
	return l, nil
}

// licence is that of open data: without one, the usual one.
func (a asker) licence(name string) frame.Cell {
	return frame.Text(cmp.Or(name, a.q.Say("settings.licence.usual")))
}

func sitesPage() page {
	name := field{name: "name", arg: true, needed: true}
	group := field{name: "group", kind: pick, arg: true, needed: true}
	return page{name: "sites", roles: keepers(), load: loadSites, forms: []form{
		{command: "site add", roles: deployers(), fields: []field{name, {name: "time-zone"}}},
		{command: "site set", roles: deployers(), here: true, fields: []field{
			{name: "time-zone"}, {name: "open", kind: pick, options: []string{"true", "false"}}, {name: "scope", kind: pick, options: collector.SiteScopes()}, {name: "code"}, {name: "commune"},
		}},
		{command: "group add", here: true, fields: []field{name, {name: "kind", kind: pick, needed: true, options: []string{"building", "room"}}}},
		{command: "group rename", here: true, fields: []field{group, name}},
		{command: "group remove", here: true, remove: true, fields: []field{group}},
	}}
}

func loadSites(a asker) (loaded, error) {
	l, all, here, err := a.atSite()
	if err != nil {
		return l, err
	}
	public := 0
	t := frame.Table{ID: "sites", Caption: a.q.Say("settings.sites.caption"), Columns: columns(a.q, "site", "number", "timezone", "public", "scope", "code", "commune"), Empty: a.q.Say("settings.state.sites.none")}
	for _, s := range all {
		if s.Open {
			public++
		}
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(s.Name), frame.Num(float64(s.Number)), frame.Text(s.TimeZone), a.yes(s.Open), a.coded("option.scope", s.Scope), frame.Text(s.Code), frame.Text(s.Commune)})
	}
	l.state = a.count("settings.state.sites", len(all), a.q.Count(public))
	l.tables = []frame.Table{t}
	if here.Name == "" {
		return l, nil
	}
	var groups []struct {
		Kind, Name string
		Machines   int
	}
	if err := a.list(&groups, "group list", map[string]any{"site": here.Name}); err != nil {
		return l, err
	}
	g := frame.Table{
		ID: "groups", Caption: a.q.Say("settings.groups.caption", here.Name), Columns: columns(a.q, "group", "kind", "machines"),
		Empty: a.q.Say("settings.groups.none", here.Name),
	}
	for _, x := range groups {
		g.Rows = append(g.Rows, []frame.Cell{frame.Text(x.Name), frame.Text(a.called("option.kind", x.Kind)), frame.Num(float64(x.Machines))})
		l.choices["group"] = append(l.choices["group"], choice{x.Name, x.Name})
	}
	l.tables = append(l.tables, g)
	return l, nil
}

func calendarsPage() page {
	all := field{name: "all", kind: check}
	days := []field{{name: "first", kind: date, arg: true}, {name: "last", kind: date, arg: true}}
	return page{name: "calendars", roles: keepers(), load: loadCalendars, forms: []form{
		{command: "calendar set", here: true, fields: []field{{name: "open-hours"}, {name: "territory", kind: pick, options: territories()}, all}, mend: func(o *order) {
			if hours := o.take("open-hours"); hours != "" {
				o.flags["open"] = hours
			}
		}},
		{command: "calendar import", here: true, fields: []field{
			{name: "calendar", kind: file, needed: true}, {name: "zone", kind: pick, options: []string{"A", "B", "C", "Corse"}}, {name: "dry-run", kind: check}, all,
		}},
		{command: "calendar close", here: true, fields: append(days[:2:2], field{name: "why"}, all), mend: func(o *order) {
			if why := o.take("why"); why != "" {
				o.flags["name"] = why
			}
		}},
		{command: "calendar reopen", here: true, fields: append(days[:2:2], all)},
	}}
}

// territories are those whose public holidays the collector knows.
func territories() []string {
	return []string{
		"auto", "metropole", "alsace-moselle", "guadeloupe", "martinique", "guyane", "reunion", "mayotte", "saint-barthelemy", "saint-martin",
		"saint-pierre-et-miquelon", "polynesie", "nouvelle-caledonie", "wallis-et-futuna", "none",
	}
}

// year is the calendar of a site as calendar show says it.
type year struct {
	Year int `json:"year"`
	Open []struct {
		Weekday int    `json:"weekday"`
		From    string `json:"from"`
		To      string `json:"to"`
	} `json:"open"`
	Default   bool      `json:"default_hours"`
	Territory string    `json:"territory"`
	Closed    []closure `json:"closed"`
}

// closure is days on which a site is closed.
type closure struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Name   string `json:"name"`
	Source string `json:"source"`
}

func loadCalendars(a asker) (loaded, error) {
	l, all, here, err := a.atSite()
	if err != nil {
		return l, err
	}
	l.state = a.count("settings.state.calendars", len(all))
	if here.Name == "" || !strings.HasSuffix(a.q.HTTP.URL.Path, "/calendars") { // the index needs the state alone
		return l, nil
	}
	var now, next year
	if err := a.list(&now, "calendar show", map[string]any{"site": here.Name}); err != nil {
		return l, err
	}
	if err := a.list(&next, "calendar show", map[string]any{"site": here.Name, "year": fmt.Sprint(now.Year + 1)}); err != nil {
		return l, err
	}
	hours := "settings.hours.caption"
	if now.Default {
		hours = "settings.hours.caption.default"
	}
	h := frame.Table{ID: "hours", Caption: a.q.Say(hours, here.Name), Columns: columns(a.q, "weekday", "from", "to"), Empty: a.q.Say("settings.hours.none")}
	for _, o := range now.Open {
		h.Rows = append(h.Rows, []frame.Cell{frame.Text(a.q.Say(fmt.Sprintf("settings.weekday.%d", o.Weekday))), frame.Text(o.From), frame.Text(o.To)})
	}
	l.tables = []frame.Table{h, closures(a, here, now, next)}
	return l, nil
}

// closures are the days of two years on which a site is closed, each once.
func closures(a asker, here site, years ...year) frame.Table {
	t := frame.Table{
		ID: "closures", Caption: a.q.Say("settings.closures.caption", here.Name, fmt.Sprint(years[0].Year), fmt.Sprint(years[0].Year+1), a.called("option.territory", years[0].Territory)),
		Columns: columns(a.q, "firstday", "lastday", "why", "origin"), Empty: a.q.Say("settings.closures.none"),
	}
	seen := map[closure]bool{}
	for _, y := range years {
		for _, c := range y.Closed {
			if seen[c] {
				continue
			}
			seen[c] = true
			t.Rows = append(t.Rows, []frame.Cell{a.day(c.From), a.day(c.To), frame.Text(c.Name), frame.Text(a.called("origin", c.Source))})
		}
	}
	return t
}
