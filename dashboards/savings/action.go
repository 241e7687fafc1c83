package savings

import (
	"context"
	"html/template"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// actionData is what templates/savings_action.html needs beside figures.
type actionData struct {
	Measure, Place, PlaceHref, On, Owner, Note string
	Baseline, Kept, Until, Serves              string
	Verdict                                    string
	Told                                       bool
	Trend                                      template.HTML
	Methods                                    string
	Doubts                                     []string // what else may be in the figures
}

// action is the page of one action.
func (p *Pages) action(ctx context.Context, q frame.Request) (frame.View, error) {
	id, err := q.ID("action")
	if err != nil {
		return frame.View{}, err
	}
	actions, err := p.mine(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	i := slices.IndexFunc(actions, func(a collector.Action) bool { return a.ID == id })
	if i < 0 {
		return frame.View{}, collector.ErrNotFound
	}
	all, answers, err := p.tell(ctx, q.Reader, actions[i:i+1])
	if err != nil {
		return frame.View{}, err
	}
	t := all[0]
	names, err := p.places(ctx, q.Language, q.Reader, t.Site)
	if err != nil {
		return frame.View{}, err
	}
	return frame.View{
		Title: t.Name, From: string(t.BaseFrom), To: string(max(t.Base, answers.last())), Simulated: answers.simulated && len(t.months) > 0,
		Figures: effectFigures(q.Language, t),
		Tables:  []frame.Table{partsTable(q.Language, t), monthsTable(q.Language, t, answers.last())},
		Data: actionData{
			Measure: q.Known("savings.measure.", t.Measure, t.Measure), Place: names.full(balance.NodeOf(t.Action)), PlaceHref: names.href(balance.NodeOf(t.Action)),
			On: q.Day(t.On), Owner: t.Owner, Note: t.Note, Baseline: q.Say("savings.from_to", q.Month(t.BaseFrom), q.Month(t.Base)),
			Kept: keptWords(q.Language, t), Until: untilWords(q.Language, t.Action), Serves: t.Serves,
			Verdict: verdict(q.Language, t), Told: t.why == "", Trend: effectTrend(q.Language, t, answers.last()),
			Methods: q.Methods(t.effect.After.Methods), Doubts: doubts(q.Language, t, overlaps(t.Action, actions)),
		},
	}, nil
}

// keptWords say since when the baseline is kept, or that it is not yet.
func keptWords(l frame.Language, t told) string {
	if t.kept == "" {
		return l.Say("savings.baseline.not_kept")
	}
	return l.Say("savings.baseline.kept", l.Day(t.kept))
}

// untilWords say until when an action goes on; "" where nobody has said.
func untilWords(l frame.Language, a collector.Action) string {
	if a.Until == "" {
		return ""
	}
	return l.Say("savings.action.until", l.Day(a.Until))
}

// overlaps tells whether another action of the same place, or of what it is in, was done since the baseline began.
func overlaps(a collector.Action, all []collector.Action) bool {
	return slices.ContainsFunc(all, func(b collector.Action) bool {
		return b.ID != a.ID && b.On.Month() >= a.BaseFrom && (b.Site == 0 || a.Site == 0 || b.Site == a.Site && (b.Group == 0 || a.Group == 0 || b.Group == a.Group))
	})
}

// doubts are what else may be in the effect, or is not in it.
func doubts(l frame.Language, t told, several bool) (all []string) {
	if t.why != "" {
		return nil
	}
	e := t.effect
	parts := make([]string, len(e.LeftOut))
	for i, part := range e.LeftOut {
		parts[i] = l.Known("savings.part.", part, part)
	}
	for _, x := range []struct {
		true bool
		said string
	}{
		{several, l.Say("savings.doubt.several")},
		{e.Assumed, l.Say("savings.doubt.assumed")},
		{e.Mix, l.Say("savings.doubt.mix")},
		{e.Methods, l.Say("savings.doubt.methods")},
		{e.Left > 0, l.Say("savings.left_out", l.Percent(e.Left))},
		{e.New > 0, l.Say("savings.doubt.new", l.Percent(e.New))},
		{len(parts) > 0, l.Say("savings.doubt.left_out", strings.Join(parts, ", "))},
	} {
		if x.true {
			all = append(all, x.said)
		}
	}
	return all
}

// effectFigures are what an action saved.
func effectFigures(l frame.Language, t told) []frame.Figure {
	e, missing := t.effect, ""
	if t.why != "" {
		missing = verdict(l, t)
		e = balance.Effect{}
	}
	ranged := func(r *balance.Range, known bool) *balance.Range {
		if !known {
			return nil
		}
		return r
	}
	noPrice, noFactor, noYear := missing, missing, missing
	if missing == "" {
		noPrice, noFactor, noYear = l.Say("savings.no_price"), l.Say("savings.no_factor"), l.Say("savings.no_year")
	}
	energy := obtained(perhaps("kwh", l.Say("savings.avoided_so_far"), ranged(&e.KWh, t.why == ""), kWh, "effect", missing), e.After)
	share := frame.Figure{ID: "percent", Label: l.Say("savings.avoided_share"), Unit: "%", How: "effect", Missing: missing, Decimals: 1}
	if c := percentOf(e.Percent, 100, e.After.Machines); t.why == "" {
		share.Value = c.Number
	}
	if t.why != "" {
		energy.Coverage = nil
	}
	price := perhaps("euros", l.Say("savings.avoided_money"), e.Euros, euros, "money", noPrice)
	if e.Euros != nil {
		price.Note = taxWords(l, e.Tax)
	}
	figures := []frame.Figure{
		energy, share, price, perhaps("carbon", l.Say("savings.avoided_carbon"), e.Carbon, kgCO2, "carbon", noFactor),
		perhaps("year.kwh", l.Say("savings.avoided_year"), e.YearKWh, kWh, "effect", noYear),
	}
	if t.ExpectedKWh > 0 {
		figures = append(figures, frame.Figure{
			ID: "expected.kwh", Label: l.Say("savings.expected_year"), Value: new(t.ExpectedKWh), Unit: kWh, How: "effect", Decimals: decimals(t.ExpectedKWh),
		})
	}
	if t.why == "" {
		figures = append(figures,
			count("months.before", l.Say("savings.months_before"), e.Before.Months, "effect"), count("months.after", l.Say("savings.months_after"), e.After.Months, "effect"),
			count("machines.before", l.Say("savings.machines_before"), e.Before.Machines, "effect"),
			count("machines.after", l.Say("savings.machines_after"), e.After.Machines, "effect"),
		)
	}
	return figures
}

// partsTable is the effect in each part of the day.
func partsTable(l frame.Language, t told) frame.Table {
	table := frame.Table{ID: "parts", Caption: l.Say("savings.parts.caption"), Empty: l.Say("savings.parts.none")}
	table.Columns = slices.Concat([]frame.Column{
		{ID: "part", Title: l.Say("savings.part")},
		{ID: "id", Title: "id", Hidden: true},
		{ID: "before_w", Title: l.Say("savings.watts_before"), Unit: "W", Decimals: 1},
		{ID: "after_w", Title: l.Say("savings.watts_after"), Unit: "W", Decimals: 1},
	}, columns(l, "kwh", l.Say("savings.avoided"), kWh, true))
	if t.why != "" {
		return table
	}
	for _, p := range t.effect.Parts {
		table.Rows = append(table.Rows, append([]frame.Cell{
			frame.Text(l.Known("savings.part.", p.Part, p.Part)), frame.Text(p.Part), frame.Num(p.Before), frame.Num(p.After),
		}, cells(&p.KWh)...))
	}
	return table
}

// perDay is the watt-hours that a machine took in a day; false where nothing is shown.
func perDay(a balance.Account) (balance.Range, bool) {
	if a.Months == 0 || a.MachineDays == 0 {
		return balance.Range{}, false
	}
	of := 1000 / float64(a.MachineDays)
	return balance.Range{Value: a.KWh.Value * of, Low: a.KWh.Low * of, High: a.KWh.High * of}, true
}

// monthsTable is the months since the baseline began.
func monthsTable(l frame.Language, t told, last collector.Month) frame.Table {
	table := frame.Table{ID: "months", Caption: l.Say("savings.months.caption"), Empty: l.Say("savings.nothing")}
	table.Columns = slices.Concat(
		[]frame.Column{{ID: "month", Title: l.Say("savings.month")}, {ID: "id", Title: "id", Hidden: true}, {ID: "phase", Title: l.Say("savings.phase")}},
		columns(l, "wh_per_day", l.Say("savings.per_day"), "Wh", true), columns(l, "kwh", l.Say("savings.kwh"), kWh, false),
		[]frame.Column{{ID: "machines", Title: l.Say("savings.machines")}, {ID: "coverage", Title: l.Say("savings.coverage"), Unit: "%"}},
	)
	for _, m := range span(t.BaseFrom, last) {
		row := []frame.Cell{frame.Text(l.Month(m)), frame.Text(string(m)), frame.Text(l.Say("savings.phase." + phase(t.Action, m)))}
		account := monthOf(t.months, m)
		r, ok := perDay(account)
		if !ok {
			if account.HiddenMonths > 0 {
				row[2] = frame.Text(l.Say("savings.month_hidden", row[2].Text, why(l, account.Hidden)))
			}
			table.Rows = append(table.Rows, append(row, make([]frame.Cell, 8)...))
			continue
		}
		table.Rows = append(table.Rows, slices.Concat(row, cells(&r), cells(&account.KWh), []frame.Cell{
			frame.Num(float64(account.Machines)), percentOf(account.Known*account.Covered, 1, account.Machines),
		}))
	}
	return table
}

// monthOf is the account of a month; one of nothing where there is none.
func monthOf(all []balance.Account, m collector.Month) balance.Account {
	i := slices.IndexFunc(all, func(a balance.Account) bool { return a.From == m })
	if i < 0 {
		return balance.Account{}
	}
	return all[i]
}

// effectTrend draws what a machine took in a day, month by month, with the action; nothing where no month is shown.
func effectTrend(l frame.Language, t told, last collector.Month) template.HTML {
	trend := chart.Trend{
		ID: "action", Title: l.Say("savings.months.chart"), Desc: l.Say("savings.months.desc"), Unit: "Wh",
		NowLabel: l.Say("savings.per_day.brief"), Number: func(x float64) string { return l.Number(x, 0) },
	}
	shown := false
	for i, m := range span(t.BaseFrom, last) {
		account := monthOf(t.months, m)
		r, ok := perDay(account)
		shown = shown || ok
		trend.Now = append(trend.Now, chart.Point{
			Label: brief(m), Value: r.Value, Low: r.Low, High: r.High, Missing: !ok, Estimated: estimated(account.Methods), Text: inWords(l, r, "Wh"),
		})
		if m == t.On.Month() {
			trend.Events = []chart.Event{{At: i, Label: t.Name}}
		}
	}
	if !shown {
		return ""
	}
	return trend.SVG()
}

// brief is a month as there is room for it below a drawing: 03/26.
func brief(m collector.Month) string {
	if len(m) != len("2006-01") {
		return string(m)
	}
	return string(m[5:] + "/" + m[2:4])
}
