package wall

import (
	"html/template"
	"math"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// posterData is what templates/wall_site.html needs beside figures.
type posterData struct {
	Told                     bool   // there are figures
	Why                      string // why there are none
	Period, Methods          string
	Responsible              collector.Responsible
	HoursSVG, TrendSVG       template.HTML
	Others                   []string // ids of the figures beside the first
	Least                    int      // machines of which a figure is at least
	MayBeMixed, NothingKnown bool
}

// poster is the page of a site.
func poster(l frame.Language, site collector.Site, responsible collector.Responsible, t told, simulated bool) frame.View {
	view := frame.View{Title: site.Name, From: string(t.from), To: string(t.to), Simulated: simulated}
	data := posterData{Told: t.all.Months > 0, Responsible: responsible, Methods: l.Methods(t.all.Methods), Least: privacy.Public}
	switch {
	case t.from == "":
		data.Why = l.Say("wall.why.none")
	case len(t.months) == 0:
		data.Why = l.Say("wall.why.no_machine")
	case !data.Told:
		data.Why = why(l, t.all.Hidden)
	case t.all.HiddenMonths > 0:
		view.Notices = []string{l.Say("wall.hidden_months", l.Count(t.all.HiddenMonths), why(l, t.all.Hidden))}
	}
	if data.Told {
		data.Period = l.Say("wall.period", l.Month(t.from), l.Month(t.to))
		view.Figures = figures(l, t)
		for _, f := range view.Figures[1:] {
			data.Others = append(data.Others, f.ID)
		}
		view.Tables = []frame.Table{hoursTable(l, t.all), monthsTable(l, t)}
		data.HoursSVG, data.TrendSVG = hoursChart(l, t.all), trend(l, t)
		data.MayBeMixed = mixed(t.all)
	} else {
		view.Figures = []frame.Figure{{ID: "kwh", Label: l.Say("wall.kwh"), Unit: "kWh", Missing: data.Why, How: "privacy"}}
	}
	view.Data = data
	return view
}

// mixed tells whether parts of the day are not told apart.
func mixed(a balance.Account) bool {
	return slices.ContainsFunc(a.Parts, func(p balance.Part) bool { return p.Part == privacy.Mixed })
}

// decimals are as many as a figure needs to be told from another of its size.
func decimals(x float64) int {
	if x = math.Abs(x); x >= 100 || x == 0 {
		return 0
	} else if x >= 10 {
		return 1
	}
	return 2
}

// measured tells whether any energy is known: where none is, the account has ranges of nothing, which are no figures.
func measured(a balance.Account) bool { return a.Covered > 0 || a.KWh.High > 0 }

// energy is the energy of an account; nil where none is known.
func energy(a balance.Account) *balance.Range {
	if !measured(a) {
		return nil
	}
	return &a.KWh
}

// figure is a range as a figure of the page; one that is missing for a reason where there is none.
func figure(id, label string, r *balance.Range, unit, how, missing string) frame.Figure {
	if r == nil {
		return frame.Figure{ID: id, Label: label, Unit: unit, How: how, Missing: missing}
	}
	return frame.Figure{ID: id, Label: label, Value: &r.Value, Low: &r.Low, High: &r.High, Unit: unit, How: how, Decimals: decimals(r.High)}
}

// figures are those of the page, the most important first.
func figures(l frame.Language, t told) []frame.Figure {
	a := t.all
	unknown, mixed, noPrice, noFactor := l.Say("wall.no_energy"), l.Say("wall.outside.mixed"), l.Say("wall.no_price"), l.Say("wall.no_factor")
	if !measured(a) {
		a.Outside, a.Euros, a.Carbon = nil, nil, nil
		mixed, noPrice, noFactor = unknown, unknown, unknown
	}
	obtained := func(f frame.Figure, of balance.Account) frame.Figure {
		if f.Value == nil {
			return f
		}
		f.Methods = of.Methods
		if percent, ok := privacy.Percent(of.Known*of.Covered, 1, of.Machines); ok {
			f.Coverage = new(percent / 100)
		}
		return f
	}
	away, unsure := outsideOf(a)
	outside := obtained(figure("outside", l.Say("wall.outside"), away, "kWh", "outside", mixed), a)
	if unsure > 0 {
		outside.Note = l.Say("wall.outside.unsure", l.Percent(unsure))
	}
	share := frame.Figure{ID: "outside.percent", Label: l.Say("wall.outside.share"), Unit: "%", How: "outside", Missing: mixed}
	if away != nil {
		share.Missing = ""
		if percent, ok := privacy.Percent(away.Value, a.KWh.Value, a.Machines); ok {
			share.Value = &percent
		}
	}
	money := figure("euros", l.Say("wall.euros"), a.Euros, "€", "money", noPrice)
	if a.Euros != nil {
		money.Note = l.Known("wall.tax.", a.Tax, a.Tax)
	}
	all := []frame.Figure{
		obtained(figure("kwh", l.Say("wall.kwh"), energy(a), "kWh", "energy", unknown), a), outside, share, money,
		figure("carbon", l.Say("wall.carbon"), a.Carbon, "kgCO2e", "carbon", noFactor),
		{ID: "machines", Label: l.Say("wall.machines"), Value: new(float64(a.Machines)), How: "energy"},
	}
	if t.servers != nil {
		all = append(all, obtained(figure("servers.kwh", l.Say("wall.servers"), energy(*t.servers), "kWh", "energy", unknown), *t.servers))
	}
	return all
}

// littleMixed is the most of the energy, from 0 to 1, of which it may be unsure in which part of the day it was used.
const littleMixed = 0.1

// outsideOf is the energy that was used outside of open hours. Where parts of the day are not told apart in a little of it, that counts in the
// high bound, and unsure is its share of all, from 0 to 1; where they are not in more, nil.
func outsideOf(a balance.Account) (r *balance.Range, unsure float64) {
	if a.Outside != nil || a.KWh.Value <= 0 || a.Covered == 0 {
		return a.Outside, 0
	}
	r = new(balance.Range)
	for _, p := range a.Parts {
		switch p.Part {
		case collector.Parts()[0]: // open hours
		case privacy.Mixed:
			r.High += p.KWh.High
			unsure += p.KWh.Value / a.KWh.Value
		default:
			r.Value, r.Low, r.High = r.Value+p.KWh.Value, r.Low+p.KWh.Low, r.High+p.KWh.High
		}
	}
	if unsure > littleMixed {
		return nil, 0
	}
	return r, unsure
}

// state is the hours of one machine in one state.
type state struct {
	id    string // class of the drawing
	hours float64
}

// states are the hours of one machine in each state in a part of the day: the mean of all machines and days, times the days of the months.
func states(a balance.Account, p balance.Part) []state {
	per := 0.0
	if a.MachineDays > 0 {
		per = float64(a.Days) / float64(a.MachineDays)
	}
	return []state{
		{"on", p.On * per},
		{"display-off", p.DisplayOff * per},
		{"sleep", p.Sleep * per},
		{"off", p.Off * per},
		{"unknown", p.UnknownTime * per},
	}
}

// hoursTable is the hours of one machine by part of the day and state, and the energy of all machines then.
func hoursTable(l frame.Language, a balance.Account) frame.Table {
	table := frame.Table{ID: "hours", Caption: l.Say("wall.hours.caption"), Columns: []frame.Column{{ID: "part", Title: l.Say("wall.part")}, {ID: "id", Title: "id", Hidden: true}}}
	for _, s := range states(a, balance.Part{}) {
		table.Columns = append(table.Columns, frame.Column{ID: strings.ReplaceAll(s.id, "-", "_"), Title: l.Say("wall.state." + s.id), Unit: "h"})
	}
	table.Columns = append(table.Columns, frame.Column{ID: "kwh", Title: "kWh", Unit: "kWh"}, frame.Column{ID: "kwh_low", Title: l.Say("wall.low"), Unit: "kWh"},
		frame.Column{ID: "kwh_high", Title: l.Say("wall.high"), Unit: "kWh"})
	for _, p := range a.Parts {
		row := []frame.Cell{frame.Text(l.Known("wall.part.", p.Part, p.Part)), frame.Text(p.Part)}
		for _, s := range states(a, p) {
			row = append(row, frame.Num(math.Round(s.hours)))
		}
		kwh := make([]frame.Cell, 3) // empty where no energy is known
		if p.Covered > 0 || p.KWh.High > 0 {
			kwh = []frame.Cell{frame.Num(p.KWh.Value), frame.Num(p.KWh.Low), frame.Num(p.KWh.High)}
		}
		table.Rows = append(table.Rows, append(row, kwh...))
	}
	return table
}

// hoursChart draws the same.
func hoursChart(l frame.Language, a balance.Account) template.HTML {
	stacks := chart.Stacks{ID: "hours", Title: l.Say("wall.hours.caption"), Desc: l.Say("wall.hours.desc")}
	for _, p := range a.Parts {
		bar, total := chart.Stack{Label: l.Known("wall.part.", p.Part, p.Part)}, 0.0
		for _, s := range states(a, p) {
			total += s.hours
			bar.Shares = append(bar.Shares, chart.Share{Name: l.Say("wall.name." + s.id), Style: s.id, Value: s.hours, Text: l.Number(s.hours, 0) + "\u00a0h"})
		}
		bar.Text = l.Number(total, 0) + "\u00a0h"
		stacks.Bars = append(stacks.Bars, bar)
	}
	return stacks.SVG()
}

// monthsTable is the energy by month.
func monthsTable(l frame.Language, t told) frame.Table {
	table := frame.Table{ID: "months", Caption: l.Say("wall.months.caption"), Columns: []frame.Column{
		{ID: "month", Title: l.Say("wall.month")},
		{ID: "id", Title: "id", Hidden: true},
		{ID: "kwh", Title: "kWh", Unit: "kWh"},
		{ID: "kwh_low", Title: l.Say("wall.low"), Unit: "kWh"},
		{ID: "kwh_high", Title: l.Say("wall.high"), Unit: "kWh"},
		{ID: "coverage", Title: l.Say("wall.coverage"), Unit: "%"},
		{ID: "remark", Title: l.Say("wall.remark")},
	}}
	for _, m := range t.span() {
		row, a := []frame.Cell{frame.Text(l.Month(m)), frame.Text(string(m))}, t.month(m)
		remark := frame.Cell{}
		if a.HiddenMonths > 0 {
			remark = frame.Text(why(l, a.Hidden))
		}
		if a.Months > 0 && !measured(a) && a.HiddenMonths == 0 {
			remark = frame.Text(l.Say("wall.no_energy"))
		}
		if a.Months == 0 || !measured(a) {
			table.Rows = append(table.Rows, append(row, frame.Cell{}, frame.Cell{}, frame.Cell{}, frame.Cell{}, remark))
			continue
		}
		covered := frame.Cell{}
		if percent, ok := privacy.Percent(a.Known*a.Covered, 1, a.Machines); ok {
			covered = frame.Num(percent)
		}
		table.Rows = append(table.Rows, append(row, frame.Num(a.KWh.Value), frame.Num(a.KWh.Low), frame.Num(a.KWh.High), covered, remark))
	}
	return table
}

// trend draws the same.
func trend(l frame.Language, t told) template.HTML {
	lines := chart.Trend{
		ID: "months", Title: l.Say("wall.months.caption"), Desc: l.Say("wall.months.desc"), Unit: "kWh",
		Number: func(x float64) string { return l.Number(x, 0) },
	}
	for _, m := range t.span() {
		a := t.month(m)
		lines.Now = append(lines.Now, chart.Point{
			Label: brief(m), Value: a.KWh.Value, Low: a.KWh.Low, High: a.KWh.High, Missing: a.Months == 0 || !measured(a),
			Estimated: slices.ContainsFunc(a.Methods, func(m string) bool { return strings.Contains(m, "model") }), Text: l.Number(a.KWh.Value, 0) + "\u00a0kWh",
		})
	}
	return lines.SVG()
}

// brief is a month as there is room for it below a drawing: 03/26.
func brief(m collector.Month) string {
	if len(m) != len("2006-01") {
		return string(m)
	}
	return string(m[5:] + "/" + m[2:4])
}

// why is a reason for which the door hides figures, in words.
func why(l frame.Language, w privacy.Why) string {
	switch w {
	case privacy.TooFew:
		return l.Say("wall.why.few", l.Count(privacy.Public))
	case privacy.Dominates:
		return l.Say("wall.why.dominates")
	case privacy.ToProtect:
		return l.Say("wall.why.protect")
	}
	return l.Say("wall.why.above")
}
