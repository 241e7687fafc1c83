package savings

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// actionsData is what templates/savings_actions.html needs beside figures.
type actionsData struct {
	SVG   template.HTML
	Pager frame.Pager
}

// told is what is told of an action.
type told struct {
	collector.Action
	months        []balance.Account // all, from the baseline on
	before, after []balance.Account
	kept          collector.Date // on which its baseline was kept; "": it is not yet
	effect        balance.Effect
	why           string // of balance: why its effect cannot be told; "": it can
}

// mine are the actions that a reader may see: of his organisation, or of the only site that he is of.
func (p *Pages) mine(ctx context.Context, user *collector.User) ([]collector.Action, error) {
	actions, err := p.ledger.Actions(ctx, user.Organisation)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(actions), func(a collector.Action) bool {
		return a.Organisation != user.Organisation || user.Site != 0 && a.Site != user.Site
	}), nil
}

// tell tells the effects of actions.
func (p *Pages) tell(ctx context.Context, user *collector.User, actions []collector.Action) ([]told, *asked, error) {
	book, err := p.book(ctx, user.Organisation)
	if err != nil {
		return nil, nil, err
	}
	from := p.today().Month()
	for _, a := range actions {
		from = min(from, a.BaseFrom)
	}
	answers, err := p.ask(ctx, user, max(from, p.today().Month().Plus(-mostMonth)))
	if err != nil {
		return nil, nil, err
	}
	kept, err := p.ledger.Baselines(ctx, user.Organisation)
	if err != nil {
		return nil, nil, err
	}
	all := make([]told, 0, len(actions))
	for _, a := range actions {
		place, err := answers.of(ctx, balance.NodeOf(a))
		if err != nil {
			return nil, nil, err
		}
		t, err := p.tellOne(book, a, kept, place, answers.last())
		if err != nil {
			return nil, nil, err
		}
		all = append(all, t)
	}
	return all, answers, nil
}

// tellOne tells the effect of an action, by its baseline and by what is told of its place.
func (p *Pages) tellOne(book balance.Book, a collector.Action, kept []collector.Baseline, place []privacy.Answer, last collector.Month) (told, error) {
	c, err := p.memory.Compare(book, a, kept, balance.NodeOf(a), place, max(last, a.On.Month()))
	if err != nil {
		return told{}, err
	}
	t := told{Action: a, before: c.Base.Self, kept: c.Base.Kept, effect: c.Effect, why: c.Why}
	for _, m := range c.Self {
		if m.From >= a.BaseFrom && !balance.IsBefore(a, m.From) {
			t.months = append(t.months, m)
		}
		if balance.IsAfter(a, m.From) {
			t.after = append(t.after, m)
		}
	}
	t.months = slices.Concat(c.Base.Self, t.months)
	return t, nil
}

// phase is where a month is: in the baseline of an action ("before"), after it ("after"), or neither (""), such as the month in which it was done.
func phase(a collector.Action, m collector.Month) string {
	switch {
	case balance.IsBefore(a, m):
		return "before"
	case balance.IsAfter(a, m):
		return "after"
	}
	return ""
}

// actions is the page of all actions with their effects so far.
func (p *Pages) actions(ctx context.Context, q frame.Request) (frame.View, error) {
	actions, err := p.mine(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	all, answers, err := p.tell(ctx, q.Reader, actions)
	if err != nil {
		return frame.View{}, err
	}
	var sites []int64
	for _, a := range actions {
		if a.Group != 0 && !slices.Contains(sites, a.Site) {
			sites = append(sites, a.Site)
		}
	}
	names, err := p.places(ctx, q.Language, q.Reader, sites...)
	if err != nil {
		return frame.View{}, err
	}
	table := actionsTable(names, all)
	rows, pager := frame.Cut(q, table.Rows, rowsShown)
	table.Rows = rows
	known := 0
	for _, t := range all {
		if t.why == "" {
			known++
		}
	}
	shown := all[max(0, pager.First-1):pager.Last]
	return frame.View{
		From: string(answers.first()), To: string(answers.last()), Simulated: answers.simulated && known > 0, Keep: pager.Keep(),
		Figures: []frame.Figure{
			count("actions", q.Say("savings.actions.count"), len(all), "effect"),
			count("told", q.Say("savings.actions.told"), known, "effect"),
		},
		Tables: []frame.Table{table}, Data: actionsData{SVG: effectBars(q.Language, shown), Pager: pager},
	}, nil
}

// actionsTable is all actions, the last first, with what each has saved so far.
func actionsTable(names places, all []told) frame.Table {
	l := names.Language
	table := frame.Table{ID: "actions", Caption: l.Say("savings.actions.caption"), Empty: l.Say("savings.actions.none")}
	table.Columns = slices.Concat(
		[]frame.Column{
			{ID: "action", Title: l.Say("savings.action")},
			{ID: "id", Title: "id", Hidden: true},
			{ID: "place", Title: l.Say("savings.place")},
			{ID: "measure", Title: l.Say("savings.measure"), Hidden: true},
			{ID: "on", Title: l.Say("savings.on"), Hidden: true},
			{ID: "on_text", Title: l.Say("savings.on")},
			{ID: "months", Title: l.Say("savings.months_after")},
		},
		columns(l, "kwh", l.Say("savings.avoided"), kWh, true),
		[]frame.Column{{ID: "percent", Title: "%", Unit: "%", Decimals: 1}},
		columns(l, "euros", l.Say("savings.euros"), euros, false), columns(l, "carbon", l.Say("savings.carbon"), kgCO2, false),
		[]frame.Column{
			{ID: "coverage", Title: l.Say("savings.coverage"), Unit: "%", Hidden: true},
			{ID: "methods", Title: l.Say("savings.methods"), Hidden: true},
			{ID: "remark", Title: l.Say("savings.remark")},
		},
	)
	for _, t := range all {
		row := []frame.Cell{
			frame.Link(t.Name, fmt.Sprintf("/actions/%d", t.ID)), frame.Num(float64(t.ID)), names.cell(balance.NodeOf(t.Action)),
			frame.Text(l.Known("savings.measure.", t.Measure, t.Measure)), frame.Text(string(t.On)), frame.Text(l.Day(t.On)), frame.Num(float64(len(t.after))),
		}
		row = append(row, effectCells(t)...)
		table.Rows = append(table.Rows, append(row, frame.Text(verdict(l, t))))
	}
	return table
}

// effectCells are the cells of what an action saved; empty ones where it cannot be told.
func effectCells(t told) []frame.Cell {
	if t.why != "" {
		return make([]frame.Cell, 3+1+3+3+2)
	}
	e := t.effect
	return slices.Concat(cells(&e.KWh), []frame.Cell{percentOf(e.Percent, 100, e.After.Machines)}, cells(e.Euros), cells(e.Carbon),
		[]frame.Cell{percentOf(e.After.Known*e.After.Covered, 1, e.After.Machines), frame.Text(strings.Join(e.After.Methods, " "))})
}

// verdict says in words how sure the effect is, or why it cannot be told.
func verdict(l frame.Language, t told) string {
	switch {
	case t.why == balance.NoBaseline && hidden(t.before):
		return l.Say("savings.why.baseline_hidden")
	case t.why == balance.NoAfter && hidden(t.after):
		return l.Say("savings.why.after_hidden")
	case t.why != "":
		return l.Known("savings.effect.", t.why, t.why)
	case t.effect.Within:
		return l.Say("savings.effect.within")
	case t.effect.KWh.Value < 0:
		return l.Say("savings.effect.more")
	}
	return l.Say("savings.effect.less")
}

// hidden tells whether there are months, and none of them may be told of.
func hidden(months []balance.Account) bool {
	return len(months) > 0 && !slices.ContainsFunc(months, func(a balance.Account) bool { return a.Months > 0 })
}

// effectBars draws what actions saved; nothing where nothing is known of any.
func effectBars(l frame.Language, all []told) template.HTML {
	bars := chart.Bars{ID: "actions", Title: l.Say("savings.actions.chart"), Desc: l.Say("savings.actions.desc")}
	for _, t := range all {
		if r := t.effect.KWh; t.why == "" {
			bars.Bars = append(bars.Bars, chart.Bar{Label: t.Name, Value: r.Value, Low: r.Low, High: r.High, Estimated: true, Text: inWords(l, r, kWh)})
		}
	}
	if len(bars.Bars) == 0 {
		return ""
	}
	return bars.SVG()
}
