package energy

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"veille/collector"
	reports "veille/collector/label" // a drawing has a label of its own in this package
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// targets are those of an organisation that the reader may see, on the page of a node: those of all of it, and of its sites.
func (p *Pages) targets(ctx context.Context, who *collector.User, n privacy.Node) ([]collector.Target, error) {
	all, err := p.ledger.Targets(ctx, who.Organisation)
	if err != nil {
		return nil, fmt.Errorf("read the targets: %w", err)
	}
	all = slices.DeleteFunc(slices.Clone(all), func(t collector.Target) bool {
		return t.Organisation != who.Organisation || n.Level == privacy.OneSite && t.Site != n.Site || n.Level > privacy.OneSite
	})
	slices.SortStableFunc(all, func(a, b collector.Target) int { return strings.Compare(string(a.By), string(b.By)) })
	return all, nil
}

// mostTargets is how many targets a page shows, the nearest first.
const mostTargets = 4

// targetsTable says where we are against each target. told are the sites and all of the organisation, by the number of the site.
func targetsTable(q frame.Request, all []collector.Target, told func(site int64) (name string, s story)) frame.Table {
	t := frame.Table{ID: "targets", Caption: q.Say("energy.targets.caption"), Empty: q.Say("energy.targets.empty"), Columns: []frame.Column{
		column(q, "target", "", 0), column(q, "where", "", 0), beside(q, "by", ""), column(q, "aim", "", 1), column(q, "reached", "", 1),
		column(q, "reached_low", "", 1), column(q, "reached_high", "", 1), beside(q, "unit", ""), column(q, "state", "", 0), beside(q, "note", ""),
	}}
	t.Columns[5].Hidden, t.Columns[6].Hidden = true, true
	for _, target := range all[:min(len(all), mostTargets)] {
		name, s := told(target.Site)
		if !slices.Contains(collector.Indicators(), target.Indicator) {
			t.Rows = append(t.Rows, ofReport(q, target, name))
			continue
		}
		unit := unitOf(target.Indicator)
		row := []frame.Cell{
			frame.Text(q.Say("energy.indicator." + target.Indicator)), frame.Text(name), frame.Text(q.Month(target.By)), aimed(q, target, unit),
		}
		now, low, high, missing := s.indicator(q, target.Indicator)
		state := missing
		if now != nil {
			state = stateOf(q, target.Value, *now, unit)
		}
		row = append(row, withUnit(q, now, unit), known(low), known(high), frame.Text(unit), frame.Text(state), frame.Text(target.Note))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ofReport is the row of a target of a line of the label report: the report tells where we are. One of a line that is gone is called by its id.
func ofReport(q frame.Request, target collector.Target, where string) []frame.Cell {
	name, unit := target.Indicator, ""
	lines, _ := reports.Indicators() // what cannot be read has no words
	if i := slices.IndexFunc(lines, func(l reports.Indicator) bool { return l.ID == target.Indicator }); i >= 0 {
		name, unit = q.Say("energy.target.line", lines[i].ID, lines[i].Title.In(q.Code)), lines[i].Unit
	}
	aim := frame.Num(target.Value)
	words := q.Number(target.Value, decimals(target.Value))
	if unit != "" {
		words += "\u00a0" + unit
	}
	aim.Mark = template.HTML(template.HTMLEscapeString(q.Say("energy.target.aim", words, q.Month(target.By)))) //nolint:gosec // escaped
	state := frame.Text(q.Say("energy.target.report"))
	if q.Reader != nil && q.Reader.Site == 0 {
		state.Href = "/reports"
	}
	return []frame.Cell{
		frame.Text(name), frame.Text(where), frame.Text(q.Month(target.By)), aim, {}, {}, {}, frame.Text(unit), state, frame.Text(target.Note),
	}
}

// amount writes a figure with its unit. A share has a tenth at most.
func amount(q frame.Request, x float64, unit string) string {
	places := decimals(x)
	if unit == unitShare {
		places = min(places, 1)
	}
	return q.Number(x, places) + "\u00a0" + unit
}

// aimed is the cell of what a target aims at: a page writes the month beside it.
func aimed(q frame.Request, t collector.Target, unit string) frame.Cell {
	c := frame.Num(t.Value)
	c.Mark = template.HTML(template.HTMLEscapeString(q.Say("energy.target.aim", amount(q, t.Value, unit), q.Month(t.By)))) //nolint:gosec // escaped
	return c
}

// withUnit is a cell of a number that a page writes with its unit; an empty one where it is absent.
func withUnit(q frame.Request, x *float64, unit string) frame.Cell {
	c := known(x)
	if x != nil {
		c.Mark = template.HTML(template.HTMLEscapeString(amount(q, *x, unit))) //nolint:gosec // escaped
	}
	return c
}

// unitOf is the unit of an indicator.
func unitOf(indicator string) string {
	switch indicator {
	case "outside_share":
		return unitShare
	case "carbon":
		return unitCarbon
	}
	return unitKWh
}

// stateOf says how far a figure is from where it should be. All of the indicators are better where they are lower.
func stateOf(q frame.Request, aim, now float64, unit string) string {
	if now <= aim {
		return q.Say("energy.target.kept")
	}
	return q.Say("energy.target.over", amount(q, now-aim, unit))
}

// indicator is where a story is, with its range; missing says why it cannot be told. Sums of a year need twelve whole months.
func (s *story) indicator(q frame.Request, id string) (now, low, high *float64, missing string) {
	y := &s.year
	switch {
	case !s.shown():
		return nil, nil, nil, s.missing(q)
	case energyOf(y) == nil:
		return nil, nil, nil, q.Say("energy.unknown_energy")
	case (id == "kwh" || id == "carbon") && s.whole() < yearMonths:
		return nil, nil, nil, q.Say("energy.target.months", countMonths(q, s.whole()))
	}
	switch id {
	case "kwh":
		return &y.KWh.Value, &y.KWh.Low, &y.KWh.High, ""
	case "carbon":
		if y.Carbon != nil {
			return &y.Carbon.Value, &y.Carbon.Low, &y.Carbon.High, ""
		}
		return nil, nil, nil, q.Say("energy.no_factor")
	case "outside_share":
		if share, _, ok := outsideShare(y); ok {
			return &share, nil, nil, ""
		}
		return nil, nil, nil, q.Say("energy.mixed")
	case "kwh_per_machine":
		if r, ok := perMachine(y); ok {
			return &r.Value, &r.Low, &r.High, ""
		}
	}
	return nil, nil, nil, q.Say("energy.nothing.short")
}

// whole is how many months have figures of all machines.
func (s *story) whole() (n int) {
	for i := range s.now {
		if s.now[i].HiddenMonths == 0 && energyOf(&s.now[i]) != nil {
			n++
		}
	}
	return n
}
