package energy

import (
	"context"
	"html/template"
	"slices"
	"time"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// steps are what an administrator does before there is anything to see.
func steps(q frame.Request) []string {
	return []string{q.Say("energy.steps.site"), q.Say("energy.steps.token"), q.Say("energy.steps.agent")}
}

// whenFirst says when the month that runs is fixed, and the one before, if it may still be.
func (p *Pages) whenFirst(q frame.Request) []string {
	today := p.today()
	running := today.Month()
	says := []string{q.Say("energy.first.running", q.Month(running), q.Day(daysAfter(running, privacy.FirstDay)), q.Day(daysAfter(running, privacy.LastDay)))}
	if last := running.Plus(-1); today <= daysAfter(last, privacy.LastDay) {
		says = append(says, q.Say("energy.first.last", q.Month(last), q.Day(daysAfter(last, privacy.LastDay))))
	}
	return says
}

// daysAfter is the date so many days after the last of a month.
func daysAfter(m collector.Month, days int) collector.Date {
	_, last, err := m.Dates()
	if err != nil {
		return ""
	}
	t, err := last.Midnight(time.UTC)
	if err != nil {
		return ""
	}
	return collector.DateOf(t.AddDate(0, 0, days))
}

// daysShown is how many days of shared machines and servers are shown while no month is fixed.
const daysShown = 30

// first is what a page shows while no month is fixed: when the first one will be, and what shared machines and servers have told so far.
func (p *Pages) first(ctx context.Context, q frame.Request, view *frame.View, data *shown, n privacy.Node, sites []collector.Site) error {
	data.FirstSays = p.whenFirst(q)
	today := p.today()
	now, err := today.Midnight(time.UTC)
	if err != nil {
		return err
	}
	question := privacy.DayQuestion{
		Organisation: q.Reader.Organisation, Node: n, From: collector.DateOf(now.AddDate(0, 0, -daysShown)), To: today,
	}
	var days []privacy.Day
	for _, question.Simulated = range []bool{false, true} {
		if days, err = p.door.Days(ctx, q.Reader, question); err != nil || len(days) > 0 {
			break
		}
	}
	if none(err) != nil {
		return err
	}
	view.Simulated = len(days) > 0 && question.Simulated
	if len(days) == 0 {
		return p.firstHours(ctx, q, data, sites)
	}
	data.More = append(data.More, hoursLinks(q, sites, len(sites) > 1)...)
	data.HasDays = true
	view.From, view.To = string(days[0].Date), string(days[len(days)-1].Date)
	for _, use := range []collector.Use{"shared", "server"} {
		if f, ok := soFar(q, use, days); ok {
			view.Figures = append(view.Figures, f)
		}
	}
	view.Tables = append(view.Tables, daysTable(q, days))
	data.Days = daysTrend(q, days, question.To)
	return nil
}

// firstHours leads to the hours of sites whose machines have sent some, where no day is counted yet; where there are none, it says what to do.
func (p *Pages) firstHours(ctx context.Context, q frame.Request, data *shown, sites []collector.Site) error {
	var some []collector.Site
	if q.Reader.RemovedOn == "" { // the pages of hours are not there for others
		for _, s := range sites {
			points, err := p.points(ctx, s, p.now().Add(-hoursShown*time.Hour), p.now().Add(time.Hour))
			if err != nil {
				return err
			}
			if len(points) > 0 {
				some = append(some, s)
			}
			if len(some) == mostLinks {
				break
			}
		}
	}
	data.HoursOnly, data.Next, data.Tokens = len(some) > 0, len(some) == 0, q.Reader.Has(collector.RoleIT)
	data.More = append(data.More, hoursLinks(q, some, len(sites) > 1)...)
	return nil
}

// hoursLinks lead to the hours of sites, by name where there are several.
func hoursLinks(q frame.Request, sites []collector.Site, named bool) (all []link) {
	for _, s := range sites[:min(len(sites), mostLinks)] {
		text := q.Say("energy.more.hours")
		if named {
			text = q.Say("energy.more.hours.of", s.Name)
		}
		all = append(all, link{Path: sitePath(s.ID) + "/hours", Text: text})
	}
	return all
}

// mostLinks is how many pages of hours are named.
const mostLinks = 8

// dayOf is what machines took on a day, with their displays.
func dayOf(d *privacy.Day) (kwh balance.Range, covered float64, methods []string) {
	t := privacy.Fold(d.Sum)
	var known, length int64
	for _, p := range t.Parts {
		kwh.Value += p.MWh.Wh() / 1000
		kwh.Low += p.LowMWh.Wh() / 1000
		kwh.High += p.HighMWh.Wh() / 1000
		known += p.CoveredS
		length += p.Length()
	}
	if length > 0 {
		covered = min(1, float64(known)/float64(length))
	}
	return kwh, covered, t.Methods
}

// soFar is what machines of a use took in all of the days; false where there are none.
func soFar(q frame.Request, use collector.Use, days []privacy.Day) (frame.Figure, bool) {
	all := privacy.Day{Use: use}
	n := 0
	for i := range days {
		if days[i].Use == use {
			all.Sum.Add(days[i].Sum)
			all.Machines = max(all.Machines, days[i].Machines)
			n++
		}
	}
	if n == 0 {
		return frame.Figure{}, false
	}
	kwh, covered, how := dayOf(&all)
	f := figureOf(q, "so_far_"+string(use), unitKWh, "hours", &kwh)
	if covered == 0 {
		f = figureOf(q, "so_far_"+string(use), unitKWh, "hours", nil)
	}
	f.Coverage, f.Methods = &covered, how
	f.Note = q.Say("energy.first.note", q.Count(n), q.Count(all.Machines), q.Methods(how))
	return f, true
}

// daysTable are the days, the newest first. The columns of a use that there is not are left to programs.
func daysTable(q frame.Request, days []privacy.Day) frame.Table {
	largest := 0.0
	has := map[collector.Use]bool{}
	rows := map[collector.Date]map[collector.Use]*privacy.Day{}
	var dates []collector.Date
	for i := range days {
		d := &days[i]
		kwh, _, _ := dayOf(d)
		largest, has[d.Use] = max(largest, kwh.Value), true
		if rows[d.Date] == nil {
			rows[d.Date] = map[collector.Use]*privacy.Day{}
			dates = append(dates, d.Date)
		}
		rows[d.Date][d.Use] = d
	}
	t := frame.Table{ID: "days", Caption: q.Say("energy.days.caption"), Columns: []frame.Column{column(q, "day", "", 0)}}
	for _, use := range []collector.Use{"shared", "server"} {
		for _, id := range []string{"machines", "kwh", "low", "high", "covered", "methods"} {
			c := column(q, string(use)+"_"+id, map[string]string{"kwh": unitKWh, "low": unitKWh, "high": unitKWh, "covered": unitShare}[id], 0)
			if c.Unit == unitKWh {
				c.Decimals = decimals(largest)
			}
			c.Hidden = !has[use] || id == "methods"
			t.Columns = append(t.Columns, c)
		}
	}
	for _, date := range slices.Backward(dates) {
		row := append([]frame.Cell{frame.Text(q.Day(date))}, dayCells(q, rows[date]["shared"])...)
		t.Rows = append(t.Rows, append(row, dayCells(q, rows[date]["server"])...))
	}
	return t
}

// dayCells are those of a day of one use; empty ones where it is nil.
func dayCells(q frame.Request, d *privacy.Day) []frame.Cell {
	if d == nil {
		return make([]frame.Cell, 6)
	}
	kwh, covered, how := dayOf(d)
	row := []frame.Cell{frame.Num(float64(d.Machines))}
	if covered == 0 {
		row = append(row, bounds(nil)...)
	} else {
		row = append(row, bounds(&kwh)...)
	}
	return append(row, percentCell(covered, d.Machines), frame.Text(q.Methods(how)))
}

// daysTrend draws what all of these machines took on each day. A day of which nothing came is a gap.
func daysTrend(q frame.Request, days []privacy.Day, to collector.Date) template.HTML {
	byDate := map[collector.Date]*privacy.Day{}
	for i := range days {
		if byDate[days[i].Date] == nil {
			byDate[days[i].Date] = &privacy.Day{Date: days[i].Date}
		}
		byDate[days[i].Date].Sum.Add(days[i].Sum)
	}
	t := chart.Trend{ID: "days-drawn", Title: q.Say("energy.days.title"), Desc: q.Say("energy.days.desc"), Unit: unitKWh, Number: tickNumber(q.Language)}
	for at := days[0].Date; at <= to && len(t.Now) <= daysShown; at = next(at) {
		point := chart.Point{Label: string(at[8:]), Missing: true}
		if d := byDate[at]; d != nil {
			if kwh, covered, how := dayOf(d); covered > 0 {
				point = chart.Point{Label: point.Label, Value: kwh.Value, Low: kwh.Low, High: kwh.High, Estimated: anyEstimated(how), Text: inWords(q.Language, kwh)}
			}
		}
		t.Now = append(t.Now, point)
	}
	return t.SVG()
}

// next is the date after one.
func next(d collector.Date) collector.Date {
	t, err := d.Midnight(time.UTC)
	if err != nil {
		return "9999-12-31"
	}
	return collector.DateOf(t.AddDate(0, 0, 1))
}
