package energy

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/dashboards/frame"
)

// column is a column of one of our tables. Its title is a word of ours.
func column(q frame.Request, id, unit string, decimals int) frame.Column {
	return frame.Column{ID: id, Title: q.Say("energy.column." + id), Unit: unit, Decimals: decimals}
}

// beside is a column that programs and spreadsheets get, and a page does not show.
func beside(q frame.Request, id, unit string) frame.Column {
	c := column(q, id, unit, 0)
	c.Hidden = true
	return c
}

// known is a cell of a number that may be absent.
func known(x *float64) frame.Cell { return frame.Cell{Number: x} }

// bounds are the cells of a range, for programs and spreadsheets; empty ones where it is nil.
func bounds(r *balance.Range) []frame.Cell {
	if r == nil {
		return make([]frame.Cell, 3)
	}
	return []frame.Cell{frame.Num(r.Value), frame.Num(r.Low), frame.Num(r.High)}
}

// ranged are the columns of a figure, and of its bounds, which a page writes beside it.
func ranged(q frame.Request, id, low, high, unit string, decimals int) []frame.Column {
	c := column(q, id, unit, decimals)
	c.Title = q.Say("energy.column.ranged", c.Title)
	return []frame.Column{c, beside(q, low, unit), beside(q, high, unit)}
}

// between are the cells of such columns: 8,663 (6,931–11,262).
func between(q frame.Request, r *balance.Range, decimals int) []frame.Cell {
	cells := bounds(r)
	if r != nil {
		cells[0].Mark = template.HTML(template.HTMLEscapeString( //nolint:gosec // escaped
			q.Number(r.Value, decimals) + " (" + q.Number(r.Low, decimals) + "–" + q.Number(r.High, decimals) + ")"))
	}
	return cells
}

// tidy leaves columns without any text or number to programs: a page has no room for nothing.
func tidy(t frame.Table, ids ...string) frame.Table {
	for i, c := range t.Columns {
		if slices.Contains(ids, c.ID) && !slices.ContainsFunc(t.Rows, func(row []frame.Cell) bool { return row[i].Text != "" || row[i].Number != nil }) {
			t.Columns[i].Hidden = true
		}
	}
	return t
}

// monthsTable are the months of a story beside those of the year before. A month of which nothing may be told says so.
func (s *story) monthsTable(q frame.Request) frame.Table {
	places := decimals(largest(s.now))
	columns := append([]frame.Column{column(q, "month", "", 0)}, ranged(q, "kwh", "low", "high", unitKWh, places)...)
	t := frame.Table{ID: "months", Caption: q.Say("energy.months.caption"), Columns: append(columns, []frame.Column{
		column(q, "before", unitKWh, places), beside(q, "before_low", unitKWh), beside(q, "before_high", unitKWh),
		beside(q, "outside", unitKWh), beside(q, "outside_low", unitKWh), beside(q, "outside_high", unitKWh),
		beside(q, "euros", unitEuro), beside(q, "euros_low", unitEuro), beside(q, "euros_high", unitEuro), beside(q, "tax", ""),
		beside(q, "carbon", unitCarbon), beside(q, "carbon_low", unitCarbon), beside(q, "carbon_high", unitCarbon),
		beside(q, "machines", ""), beside(q, "known", unitShare), beside(q, "methods", ""), column(q, "note", "", 0),
	}...)}
	for _, m := range s.months() {
		a, before := of(s.now, m), of(s.before, m.Plus(-yearMonths))
		row := []frame.Cell{frame.Text(q.Month(m))}
		if a == nil || a.Months == 0 {
			row = append(append(row, make([]frame.Cell, 3)...), past(before)...)
			row = append(row, make([]frame.Cell, len(t.Columns)-len(row)-1)...)
			t.Rows = append(t.Rows, append(row, frame.Text(noteOf(q, a))))
			continue
		}
		row = append(append(append(row, between(q, energyOf(a), places)...), past(before)...), bounds(a.Outside)...)
		row = append(append(row, bounds(a.Euros)...), frame.Text(tax(q, a)))
		row = append(append(row, bounds(a.Carbon)...), frame.Num(float64(a.Machines)), percentCell(a.Known, a.Machines))
		t.Rows = append(t.Rows, append(row, frame.Text(q.Methods(a.Methods)), frame.Text(noteOf(q, a))))
	}
	return tidy(t, "before", "note")
}

// past are the cells of the same month a year before.
func past(a *balance.Account) []frame.Cell { return bounds(energyOf(a)) }

// noteOf says what is missing in a month; "" for nothing.
func noteOf(q frame.Request, a *balance.Account) string {
	switch {
	case a == nil:
		return q.Say("energy.note.none")
	case a.Months == 0:
		return q.Say("energy.note.hidden", why(q.Language, a.Hidden))
	case energyOf(a) == nil:
		return q.Say("energy.unknown_energy")
	case a.HiddenMonths > 0:
		return q.Say("energy.note.partly", why(q.Language, a.Hidden))
	}
	return ""
}

// tax says whether it is in the price; "" where there is none.
func tax(q frame.Request, a *balance.Account) string {
	if a.Euros == nil {
		return ""
	}
	return q.Say("energy.tax." + a.Tax)
}

// percentCell is a share of the time, of 1, in whole percents.
func percentCell(share float64, machines int) frame.Cell {
	if machines == 0 {
		return frame.Cell{}
	}
	p := math.Round(100 * share)
	if p == 100 && share < 1 { // only the whole is written as 100 %
		p = 99
	}
	return frame.Num(p)
}

// largest is the largest figure of accounts, in kWh.
func largest(all []balance.Account) float64 {
	if len(all) == 0 {
		return 0
	}
	return slices.MaxFunc(all, func(a, b balance.Account) int { return cmp.Compare(a.KWh.Value, b.KWh.Value) }).KWh.Value
}

// partsTable are the parts of the day of a mean day of one machine, and what they took in the year.
func (s *story) partsTable(q frame.Request) frame.Table {
	places := decimals(s.year.KWh.Value)
	t := frame.Table{ID: "parts", Caption: q.Say("energy.parts.caption"), Columns: []frame.Column{
		column(q, "part", "", 0), column(q, "hours", "", 0), beside(q, "on", unitHours), beside(q, "display_off", unitHours), beside(q, "sleep", unitHours),
		beside(q, "off", unitHours), beside(q, "unknown", unitHours),
	}}
	if !s.shown() {
		t.Empty = s.missing(q)
	}
	t.Columns = append(t.Columns, ranged(q, "kwh", "low", "high", unitKWh, places)...)
	if s.year.MachineDays == 0 {
		return t
	}
	for _, p := range s.year.Parts {
		row := []frame.Cell{frame.Text(partName(q, p.Part)), {}}
		var words []string
		for _, state := range states(&p) {
			hours := state.hours / float64(s.year.MachineDays)
			row = append(row, frame.Num(hours))
			if hours > 0 {
				words = append(words, q.Say("energy.column."+state.id)+"\u00a0"+q.Number(hours, 1))
			}
		}
		row[1] = frame.Text(strings.Join(words, ", "))
		t.Rows = append(t.Rows, append(row, between(q, partEnergy(&p), places)...))
	}
	return t
}

// state is hours of machines in one state.
type state struct {
	id, style string // of its words, and of its drawing
	hours     float64
}

// states are those of a part of the day, in one order for tables and drawings.
func states(p *balance.Part) []state {
	return []state{
		{"on", "on", p.On}, {"display_off", "display-off", p.DisplayOff}, {"sleep", "sleep", p.Sleep}, {"off", "off", p.Off}, {"unknown", "unknown", p.UnknownTime},
	}
}

// partEnergy is the energy of a part of the day; nil where nobody knows it.
func partEnergy(p *balance.Part) *balance.Range {
	if p.Covered == 0 && p.KWh.High == 0 {
		return nil
	}
	return &p.KWh
}

func partName(q frame.Request, part string) string {
	return q.Known("energy.part.", part, part)
}

// serversTable is what servers took in the year, and in the one before: that they run at night is no waste.
func serversTable(q frame.Request, s *story) frame.Table {
	places := decimals(s.year.KWh.Value)
	columns := append([]frame.Column{column(q, "period", "", 0)}, ranged(q, "kwh", "low", "high", unitKWh, places)...)
	t := frame.Table{
		ID: "servers", Caption: q.Say("energy.servers.caption"),
		Columns: append(columns, column(q, "machines", "", 0), column(q, "known", unitShare, 0), column(q, "methods", "", 0)),
	}
	for _, a := range []balance.Account{s.year, s.last} {
		if a.Months > 0 {
			row := append([]frame.Cell{frame.Text(period(q, a.From, a.To))}, between(q, energyOf(&a), places)...)
			t.Rows = append(t.Rows, append(row, frame.Num(float64(a.Machines)), percentCell(a.Known, a.Machines), frame.Text(q.Methods(a.Methods))))
		}
	}
	return t
}

// serversFigure is what servers took in the year, beside the one before.
func serversFigure(q frame.Request, s *story) frame.Figure {
	f := figureOf(q, "servers", unitKWh, "energy", energyOf(&s.year))
	f.Note = q.Say("energy.servers.intro")
	switch {
	case !s.shown():
		f.Missing = s.missing(q)
	case f.Value == nil:
		f.Missing = q.Say("energy.unknown_energy")
	default:
		f.Methods, f.Coverage = s.year.Methods, coverage(&s.year)
	}
	if before := energyOf(&s.last); before != nil {
		f.Note = q.Say("energy.servers.before", inWords(q.Language, *before)) + " " + f.Note
	}
	return f
}

// countMonths writes how many months: 1 month, 2 months.
func countMonths(q frame.Request, n int) string {
	if n == 1 {
		return q.Say("energy.count.month")
	}
	return q.Say("energy.count.months", q.Count(n))
}

// period writes months from one to another.
func period(q frame.Request, from, to collector.Month) string {
	if from == to {
		return q.Month(to)
	}
	return q.Say("energy.period", q.Month(from), q.Month(to))
}

// brief writes months from one to another where there is little room.
func brief(q frame.Request, from, to collector.Month) string {
	write := func(m collector.Month) string {
		if _, _, err := m.Dates(); err != nil {
			return string(m)
		}
		return q.Say("energy.short."+string(m[5:])) + " " + string(m[:4])
	}
	if from == to {
		return write(to)
	}
	return write(from) + "–" + write(to)
}
