package settings

import (
	"context"
	"encoding/json"
	"fmt"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

func metersPage() page {
	return page{name: "meters", roles: keepers(), load: loadMeters, forms: []form{
		importing("meter import", "readings"),
		{command: "meter remove", remove: true, fields: []field{{name: "meter", arg: true, needed: true}, {name: "site", kind: oneSite, needed: true}}},
	}}
}

func loadMeters(a asker) (l loaded, err error) {
	var all []struct {
		Site, Meter, Source string
		From, To            collector.Date
		Readings            int
		KWh                 float64
	}
	if err := a.list(&all, "meter list", nil); err != nil {
		return l, err
	}
	if l.choices, err = a.anySite(); err != nil {
		return l, err
	}
	t := frame.Table{ID: "meters", Caption: a.q.Say("settings.meters.caption"), Columns: columns(a.q, "meter", "site", "from", "to", "readings", "kwh", "source"), Empty: a.q.Say("settings.state.meters.none")}
	for _, x := range all {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Meter), frame.Text(x.Site), a.day(string(x.From)), a.day(string(x.To)), frame.Num(float64(x.Readings)), frame.Num(x.KWh), frame.Text(x.Source),
		})
	}
	l.state = a.count("settings.state.meters", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

func gridsPage() page {
	website := field{name: "website", kind: pick, needed: true, many: true}
	filled := website
	filled.name, filled.arg = "grid-website", true
	return page{name: "grids", roles: keepers(), load: loadGrids, forms: []form{
		importing("grid import", "grid", website, field{name: "on", kind: date, needed: true}),
		{command: "grid remove", remove: true, fields: []field{filled}},
	}}
}

func loadGrids(a asker) (l loaded, err error) {
	var all []struct {
		Website         int64
		Name, Source    string
		On              collector.Date
		Criteria        int
		Score, ToAssess *float64
	}
	if err := a.list(&all, "grid list", nil); err != nil {
		return l, err
	}
	var websites []struct {
		Number     int64
		Name, Kind string
	}
	if err := a.list(&websites, "website list", nil); err != nil {
		return l, err
	}
	t := frame.Table{
		ID: "grids", Caption: a.q.Say("settings.grids.caption"), Empty: a.q.Say("settings.state.grids.none"),
		Columns: decimals(decimals(columns(a.q, "website", "on", "criteria", "score", "toassess", "source"), "score", 1), "toassess", 1),
	}
	l.choices = map[string][]choice{}
	for _, x := range all {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Name), a.day(string(x.On)), frame.Num(float64(x.Criteria)), {Number: x.Score}, {Number: x.ToAssess}, frame.Text(x.Source),
		})
		l.choices["grid-website"] = append(l.choices["grid-website"], choice{a.number(x.Website), x.Name})
	}
	for _, w := range websites {
		l.choices["website"] = append(l.choices["website"], choice{a.number(w.Number), w.Name})
	}
	l.state = a.count("settings.state.grids", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

func templatesPage() page {
	return page{name: "templates", roles: keepers(), load: loadTemplates, forms: []form{
		importing("template add", "template"),
		{command: "template remove", remove: true, fields: []field{{name: "own-template", kind: pick, arg: true, needed: true}}},
	}}
}

func loadTemplates(a asker) (l loaded, err error) {
	var all []struct {
		ID, Version string
		Title       label.Words
		Own         bool
	}
	if err := a.list(&all, "template list", nil); err != nil {
		return l, err
	}
	t := frame.Table{ID: "templates", Caption: a.q.Say("settings.templates.caption"), Columns: columns(a.q, "templatetitle", "id", "version", "owntemplate", "textfile"), Empty: a.q.Say("settings.state.templates.none")}
	l.choices = map[string][]choice{}
	own := 0
	for _, x := range all {
		file := frame.Text(x.ID + ".yaml")
		file.Href = root + "/templates/" + x.ID
		title := x.Title.In(a.q.Code)
		if title == "" {
			title = a.q.Say("settings.template.broken")
		}
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(title), frame.Text(x.ID), frame.Text(x.Version), a.yes(x.Own), file})
		if x.Own {
			own++
			l.choices["own-template"] = append(l.choices["own-template"], choice{x.ID, x.ID})
		}
	}
	l.state = a.q.Say("settings.state.templates", a.q.Count(len(all)), a.q.Count(own))
	l.tables = []frame.Table{t}
	return l, nil
}

// template is the text of a template, to begin another one from.
func (p *Pages) template(ctx context.Context, q frame.Request) (frame.Sent, error) {
	id := q.HTTP.PathValue("template")
	printed, asJSON, err := p.commands.Give(ctx, *q.Reader, "template show", []string{id}, nil, "")
	if err != nil {
		return frame.Sent{}, fmt.Errorf("read the template %.60q: %w", id, err)
	}
	var shown struct{ Text string }
	if json.Unmarshal(asJSON, &shown) == nil && shown.Text != "" {
		printed = shown.Text
	}
	return frame.Sent{Name: id + ".yaml", Type: "application/yaml; charset=utf-8", Bytes: []byte(printed)}, nil
}
