package energy

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// tickNumber writes a round number with the decimals that it has.
func tickNumber(l frame.Language) func(float64) string {
	return func(x float64) string {
		if near, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 5, 64), 64); err == nil {
			x = near // 0.1 + 0.2 is 0.3
		}
		_, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
		return l.Number(x, len(fraction))
	}
}

// inWords is a figure with its range: 1,480 kWh (1,300–1,700).
func inWords(l frame.Language, r balance.Range) string {
	places := decimals(r.Value)
	return l.Number(r.Value, places) + "\u00a0" + unitKWh + " (" + l.Number(r.Low, places) + "–" + l.Number(r.High, places) + ")"
}

// pointOf is a month on the trend. One in which some machines may not be told of is a gap: it would look like a saving.
func pointOf(l frame.Language, label string, a *balance.Account) chart.Point {
	if energyOf(a) == nil || a.HiddenMonths > 0 {
		return chart.Point{Label: label, Missing: true}
	}
	return chart.Point{
		Label: label, Value: a.KWh.Value, Low: a.KWh.Low, High: a.KWh.High, Estimated: anyEstimated(a.Methods), Text: inWords(l, a.KWh),
	}
}

// trend draws the months of a story beside those of the year before, with the actions of the year; nothing where no month can be drawn.
func (s *story) trend(q frame.Request, actions []collector.Action) template.HTML {
	t := chart.Trend{
		ID: "trend", Title: q.Say("energy.trend.title"), Desc: q.Say("energy.trend.desc"), Unit: unitKWh,
		NowLabel: q.Say("energy.trend.now"), BeforeLabel: q.Say("energy.trend.before"), Number: tickNumber(q.Language),
	}
	months := s.months()
	for _, m := range months {
		t.Now = append(t.Now, pointOf(q.Language, q.Say("energy.short."+string(m[5:])), of(s.now, m)))
		t.Before = append(t.Before, pointOf(q.Language, q.Say("energy.short."+string(m[5:])), of(s.before, m.Plus(-yearMonths))))
	}
	if !anyPoint(t.Now) {
		return ""
	}
	if !anyPoint(t.Before) {
		t.Before, t.BeforeLabel = nil, ""
	}
	for _, a := range actions {
		if at := slices.Index(months, a.On.Month()); at >= 0 && len(t.Events) < mostEvents {
			t.Events = append(t.Events, chart.Event{At: at, Label: a.Name})
		}
	}
	return t.SVG()
}

// anyPoint tells whether there is any figure.
func anyPoint(all []chart.Point) bool {
	return slices.ContainsFunc(all, func(p chart.Point) bool { return !p.Missing })
}

// undrawn says why there is no drawing of months.
func (s *story) undrawn(q frame.Request) string {
	switch {
	case s.year.HiddenMonths > 0:
		return q.Say("energy.trend.hidden", why(q.Language, s.year.Hidden))
	case s.shown():
		return q.Say("energy.trend.unknown")
	}
	return q.Say("energy.trend.none")
}

// mostEvents is how many actions a trend has room for. All are on the page of actions.
const mostEvents = 4

// week draws the hours of a mean day of one machine by part of the day and state.
func (s *story) week(q frame.Request) template.HTML {
	if s.year.MachineDays == 0 {
		return ""
	}
	stacks := chart.Stacks{ID: "week", Title: q.Say("energy.week.title"), Desc: q.Say("energy.week.desc")}
	days := float64(s.year.MachineDays)
	for _, p := range s.year.Parts {
		all := p.On + p.DisplayOff + p.Sleep + p.Off + p.UnknownTime
		if all <= 0 {
			continue
		}
		bar := chart.Stack{
			Label: partName(q, p.Part), Text: q.Say("energy.week.text", q.Number((p.On+p.DisplayOff)/days, 1), q.Number(all/days, 1)),
		}
		for _, state := range states(&p) {
			if state.hours > 0 {
				name := q.Say("energy.column." + state.id)
				bar.Shares = append(bar.Shares, chart.Share{Name: name, Style: state.style, Value: state.hours, Text: q.Percent(state.hours / all)})
			}
		}
		stacks.Bars = append(stacks.Bars, bar)
	}
	return stacks.SVG()
}
