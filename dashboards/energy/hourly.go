package energy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"veille/collector"
	"veille/collector/balance"
	"veille/dashboards/frame"
)

// hoursShown is how many hours the page of a site shows.
const hoursShown = 24

// hoursPage shows shared machines and servers of a site hour by hour. Machines of persons are not in the series it reads.
func (p *Pages) hoursPage(ctx context.Context, q frame.Request) (frame.View, error) {
	if q.Reader.RemovedOn != "" {
		return frame.View{}, collector.ErrNotFound
	}
	site, err := p.site(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	zone, err := site.Zone()
	if err != nil {
		return frame.View{}, err
	}
	at := p.now()
	points, err := p.points(ctx, site, firstHour(at, zone, hoursShown), at.Add(time.Hour))
	if err != nil {
		return frame.View{}, err
	}
	all := hoursOf(points, zone, at, hoursShown)
	t := total(all)
	data := &shown{Machines: true, Sites: true, Up: append(upTo(q), link{Path: sitePath(site.ID), Text: site.Name})}
	view := frame.View{
		Title: q.Say("energy.hours.title") + " – " + site.Name, Simulated: t.Simulated, Data: data,
		From: string(collector.DateOf(all[0].Start)), To: string(collector.DateOf(all[len(all)-1].Start)),
		Figures: []frame.Figure{t.figure(q)}, Tables: []frame.Table{hoursTable(q, all, t)},
	}
	if t.Machines == 0 {
		view.Figures[0].Missing = q.Say("energy.hours.none")
	}
	if t.CoveredS > 0 {
		data.Hours, data.HasHours = chartOf(q.Language, all), true
	}
	return view, nil
}

// points are those of the machines of a site from one moment to another.
func (p *Pages) points(ctx context.Context, site collector.Site, from, to time.Time) (all []collector.Point, err error) {
	for _, m := range []collector.Measurement{collector.HourEnergy, collector.HourSeconds} {
		some, err := p.series.Range(ctx, collector.Query{
			Measurement: m, From: from, To: to, Tags: collector.NewTags(collector.Tag{Name: "site", Value: strconv.FormatInt(site.ID, 10)}),
		})
		if err != nil {
			return nil, fmt.Errorf("read the hours of site %d: %w", site.ID, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// figure is what all of the hours have taken.
func (t sum) figure(q frame.Request) frame.Figure {
	f := figureOf(q, "last_hours", unitKWh, "hours", nil)
	switch {
	case t.Machines == 0:
		return f
	case t.CoveredS == 0:
		f.Missing = q.Say("energy.hours.unknown")
		return f
	}
	f = figureOf(q, "last_hours", unitKWh, "hours", &balance.Range{Value: t.Wh / 1000, Low: t.Low / 1000, High: t.High / 1000})
	f.Methods, f.Coverage = t.Methods(), new(t.Coverage)
	key := "energy.hours.summary"
	if t.Machines == 1 {
		key = "energy.hours.summary.one"
		f.Note = q.Say(key, q.Percent(t.Measured()))
		return f
	}
	f.Note = q.Say(key, q.Count(t.Machines), q.Percent(t.Measured()))
	return f
}

// hoursTable are the hours of which something was received, the newest first.
func hoursTable(q frame.Request, all []hour, t sum) frame.Table {
	most := 0.0
	for _, h := range all {
		most = max(most, h.Machine.Wh/1000, h.CPU.Wh/1000)
	}
	places := decimals(most)
	columns := append([]frame.Column{column(q, "hour", "", 0)}, ranged(q, "kwh", "low", "high", unitKWh, places)...)
	cpu := ranged(q, "cpu", "cpu_low", "cpu_high", unitKWh, places)
	display := ranged(q, "display", "display_low", "display_high", unitKWh, places)
	machines := column(q, "machines_seen", "", 0)
	cpu[0].Hidden, display[0].Hidden, machines.Hidden = !t.HasCPU, !t.Screens, t.Machines == 1
	columns = append(append(columns, cpu...), display...)
	table := frame.Table{
		ID: "hours", Caption: q.Say("energy.hours.caption"), Empty: q.Say("energy.hours.none"),
		Columns: append(columns, column(q, "methods", "", 0), column(q, "covered", unitShare, 0), machines),
	}
	for _, h := range slices.Backward(all) {
		if h.Machines() == 0 {
			continue
		}
		how := q.Methods(h.Machine.Methods())
		if h.Machine.CoveredS == 0 {
			how = q.Say("method.none")
		}
		row := append([]frame.Cell{frame.Text(q.Time(h.Start))}, h.Machine.cells(q, places)...)
		row = append(append(row, h.CPU.cells(q, places)...), h.Display.cells(q, places)...)
		table.Rows = append(table.Rows, append(row, frame.Text(how), percentCell(h.Coverage(), h.Machines()), frame.Num(float64(h.Machines()))))
	}
	return table
}

// cells are an energy in kWh with its range; empty ones where it is not known.
func (e energy) cells(q frame.Request, decimals int) []frame.Cell {
	if e.CoveredS == 0 {
		return bounds(nil)
	}
	return between(q, &balance.Range{Value: e.Wh / 1000, Low: e.Low / 1000, High: e.High / 1000}, decimals)
}
