package settings

import (
	"cmp"
	"html"
	"html/template"
	"slices"
	"strconv"

	"veille/collector"
	"veille/dashboards/frame"
)

// outside is a link to another server; "" where there is no address.
func outside(href, words string) template.HTML {
	if href == "" {
		return ""
	}
	return template.HTML(`<a href="` + html.EscapeString(href) + `">` + html.EscapeString(words) + `</a>`) //nolint:gosec // both are escaped, and the address is one of the web
}

func targetsPage() page {
	return page{name: "targets", roles: keepers(), load: loadTargets, forms: []form{
		{command: "target add", fields: []field{
			{name: "indicator", kind: pick, needed: true},
			{name: "value", kind: number, needed: true},
			{name: "by", kind: month, needed: true},
			{name: "site", kind: oneSite},
			{name: "note"},
		}},
		{command: "target remove", remove: true, fields: []field{{name: "target", kind: pick, arg: true, needed: true}}},
	}}
}

func loadTargets(a asker) (l loaded, err error) {
	var all []struct {
		ID              int64
		Indicator, Site string
		Value           float64
		By              collector.Month
		Note            string
	}
	if err := a.list(&all, "target list", nil); err != nil {
		return l, err
	}
	if l.choices, err = a.anySite(); err != nil {
		return l, err
	}
	lines, err := a.lines()
	if err != nil {
		return l, err
	}
	for _, id := range collector.Indicators() {
		l.choices["indicator"] = append(l.choices["indicator"], choice{id, a.called("option.indicator", id)})
	}
	for _, x := range lines {
		l.choices["indicator"] = append(l.choices["indicator"], choice{x.Value, a.q.Say("settings.line", x.Value, x.Words)})
	}
	t := frame.Table{
		ID: "targets", Caption: a.q.Say("settings.targets.caption"), Columns: decimals(columns(a.q, "indicator", "value", "by", "site", "note"), "value", 1),
		Empty: a.q.Say("settings.state.targets.none"),
	}
	for _, x := range all {
		name, by := x.Indicator, a.q.Month(x.By)
		if i := slices.IndexFunc(l.choices["indicator"], func(c choice) bool { return c.Value == x.Indicator }); i >= 0 {
			name = l.choices["indicator"][i].Words
		}
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(name), frame.Num(x.Value), frame.Text(by), a.where(x.Site), frame.Text(x.Note)})
		l.choices["target"] = append(l.choices["target"], choice{strconv.FormatInt(x.ID, 10), a.q.Say("settings.target", name, a.q.Number(x.Value, 1), by, a.where(x.Site).Text)})
	}
	l.state = a.count("settings.state.targets", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

// said is a cell of a number; an empty one of 0, which nobody says.
func said(x float64) frame.Cell {
	if x == 0 {
		return frame.Cell{}
	}
	return frame.Num(x)
}

// month is a cell of a month; an empty one of none.
func (a asker) month(m collector.Month) frame.Cell {
	if m == "" {
		return frame.Cell{}
	}
	return frame.Text(a.q.Month(m))
}

// where is a site, or all of them.
func (a asker) where(site string) frame.Cell {
	if site == "" {
		return frame.Text(a.q.Say("settings.everywhere"))
	}
	return frame.Text(site)
}

func actionsPage() page {
	return page{name: "actions", roles: keepers(), load: loadActions, forms: []form{
		{command: "action add", fields: []field{
			{name: "action-name", arg: true, needed: true},
			{name: "measure", kind: pick, needed: true, options: collector.Measures()},
			{name: "on", kind: date, needed: true},
			{name: "base-from", kind: month, needed: true},
			{name: "base-to", kind: month, needed: true},
			{name: "site", kind: oneSite},
			{name: "group-name"},
			{name: "until", kind: date},
			{name: "expected-kwh", kind: number},
			{name: "serves", kind: oneLine},
			{name: "owner"},
			{name: "note"},
		}, mend: func(o *order) {
			o.flags["baseline"] = o.take("base-from") + ":" + o.take("base-to")
			if group := o.take("group-name"); group != "" {
				o.flags["group"] = group
			}
		}},
		{command: "action remove", remove: true, fields: []field{{name: "action", kind: pick, arg: true, needed: true}}},
	}}
}

func loadActions(a asker) (l loaded, err error) {
	var all []struct {
		ID                                int64
		Name, Measure, Site, Group, Owner string
		Note                              string
		On                                collector.Date
		BaseFrom                          collector.Month `json:"base_from"`
		BaseTo                            collector.Month `json:"base_to"`
		Until                             collector.Date
		ExpectedKWh                       float64 `json:"expected_kwh"`
		Serves                            string
	}
	if err := a.list(&all, "action list", nil); err != nil {
		return l, err
	}
	if l.choices, err = a.anySite(); err != nil {
		return l, err
	}
	if l.choices["line"], err = a.lines(); err != nil {
		return l, err
	}
	t := frame.Table{
		ID: "actions", Caption: a.q.Say("settings.actions.caption"), Columns: columns(a.q, "action", "measure", "on", "basefrom", "baseto", "site", "group", "until", "expected", "serves", "owner", "number", "note"),
		Empty: a.q.Say("settings.state.actions.none"),
	}
	hide(t.Columns, "basefrom", "baseto", "group", "note")
	for _, x := range all {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Name), frame.Text(a.called("option.measure", x.Measure)), frame.Text(a.q.Day(x.On)), frame.Text(a.q.Month(x.BaseFrom)),
			frame.Text(a.q.Month(x.BaseTo)), a.where(x.Site), frame.Text(x.Group), a.day(string(x.Until)), said(x.ExpectedKWh), frame.Text(x.Serves), frame.Text(x.Owner), frame.Num(float64(x.ID)), frame.Text(x.Note),
		})
		l.choices["action"] = append(l.choices["action"], choice{strconv.FormatInt(x.ID, 10), x.Name + ", " + a.q.Day(x.On)})
	}
	l.state = a.count("settings.state.actions", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

func equipmentPage() page {
	return page{name: "equipment", roles: keepers(), load: loadEquipment, forms: []form{
		{command: "inventory import", fields: []field{
			{name: "inventory", kind: file, needed: true}, {name: "preset", kind: pick, options: []string{"veille", "glpi", "ocs"}}, {name: "dry-run", kind: check},
		}},
	}}
}

func loadEquipment(a asker) (l loaded, err error) {
	var all []struct {
		Site, Class, As, Source, State, To string
		Bought, Left                       collector.Month
		Count                              int
		Ecolabel                           bool
	}
	if err := a.list(&all, "inventory list", nil); err != nil {
		return l, err
	}
	t := frame.Table{
		ID: "equipment", Caption: a.q.Say("settings.equipment.caption"), Columns: columns(a.q, "site", "class", "bought", "as", "count", "stock", "left", "end", "ecolabel", "source"),
		Empty: a.q.Say("settings.state.equipment.none"),
	}
	hide(t.Columns, "left", "end", "ecolabel")
	sum := 0
	for _, x := range all {
		state := cmp.Or(x.State, collector.EquipmentStates()[0])
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Site), frame.Text(a.called("class", x.Class)), a.month(x.Bought), frame.Text(a.called("as", x.As)), frame.Num(float64(x.Count)),
			frame.Text(a.called("state", state)), a.month(x.Left), a.coded("end", x.To), a.yes(x.Ecolabel), frame.Text(x.Source),
		})
		sum += x.Count
	}
	l.state = a.count("settings.state.equipment", sum)
	l.tables = []frame.Table{t}
	return l, nil
}
