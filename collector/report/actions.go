package report

import (
	"strconv"

	"veille/collector/label"
)

// actionView is an action of the plan as people read it.
type actionView struct {
	Anchor, Title, ID string
	Facts             []fact
	Serves            *lineView
	Gains             []gain
	Missing           string
	Within            bool
	Notes             []string
	Evidence          []int
}

// gain is what an action saved, in words and in figures.
type gain struct {
	Name, Words      string
	Value, Low, High string // below zero: more was used
	Told             bool
}

// gains are the figures of an action, by the keys of their names, in their order, with their units.
func gains(a label.Action) []struct {
	key, unit string
	figure    *label.Figure
} {
	return []struct {
		key, unit string
		figure    *label.Figure
	}{{"gain.kwh", "kWh", a.KWh}, {"gain.euros", "€", a.Euros}, {"gain.carbon", "kgCO2e", a.Carbon}, {"gain.year", "kWh", a.YearKWh}}
}

// plan is the action plan.
func (l language) plan(r label.Report, views map[string]*lineView) (all []actionView) {
	for i, a := range r.Actions {
		v := actionView{
			Anchor: "action-" + strconv.Itoa(i+1), ID: strconv.FormatInt(a.ID, 10), Title: l.say("action.title", strconv.FormatInt(a.ID, 10), plain(a.Name)),
			Facts: l.action(a), Serves: views[a.Serves], Within: a.Within, Notes: l.texts(a.Notes), Evidence: a.Evidence,
		}
		for _, g := range gains(a) {
			v.Gains = append(v.Gains, l.gain(g.key, g.unit, g.figure))
		}
		if a.KWh == nil && a.Euros == nil && a.Carbon == nil && a.YearKWh == nil {
			v.Gains, v.Missing = nil, l.say("action.none", l.say("line.missing.none"))
		}
		if a.Missing != nil {
			v.Missing = l.say("action.none", l.text(*a.Missing))
		}
		all = append(all, v)
	}
	return all
}

// gain writes a figure. One below zero is said as what it is: more.
func (l language) gain(key, unit string, f *label.Figure) gain {
	g := gain{Name: l.say(key)}
	if f == nil {
		g.Words = l.say("action.not_told")
		return g
	}
	g.Told, g.Value, g.Low, g.High = true, l.rough(f.Value), l.rough(f.Low), l.rough(f.High)
	if f.Value < 0 {
		g.Words = l.say(key+".down", l.rough(-f.Value)+l.unit(unit))
	} else {
		g.Words = l.say(key+".up", g.Value+l.unit(unit))
	}
	g.Name += " (" + l.unitAlone(unit) + ")"
	return g
}

// unitAlone is a unit by itself.
func (l language) unitAlone(unit string) string { return l.known("unit.", unit) }

// action is what is said of an action besides its gains.
func (l language) action(a label.Action) []fact {
	where, owner, base := l.say("action.everywhere"), l.say("action.owner.none"), l.say("action.baseline.none")
	if a.Where != "" {
		where = plain(a.Where)
	}
	if a.Owner != "" {
		owner = plain(a.Owner)
	}
	if a.Base.From != "" {
		base = l.months(a.Base.From, a.Base.To) + l.say("and") + l.kept(a.Base)
	}
	all := []fact{
		{l.say("action.measure"), l.known("measure.", a.Measure)},
		{l.say("action.where"), where},
		{l.say("action.on"), l.day(a.On)},
	}
	if a.Until != "" {
		all = append(all, fact{l.say("action.until"), l.day(a.Until)})
	}
	all = append(
		all,
		fact{l.say("action.owner"), owner},
		fact{l.say("action.expected"), l.expected(a)},
		fact{l.say("action.baseline"), base},
		fact{l.say("action.counted"), l.yes(a.Counted)},
	)
	if a.Note != "" {
		all = append(all, fact{l.say("action.note"), plain(a.Note)})
	}
	return all
}

// expected is what an action was to save in a year.
func (l language) expected(a label.Action) string {
	if a.ExpectedKWh == nil {
		return l.say("action.expected.none")
	}
	return l.rough(*a.ExpectedKWh) + l.unit("kWh")
}

func (l language) yes(is bool) string {
	if is {
		return l.say("yes")
	}
	return l.say("no")
}

// year writes a year, which has no thousands.
func (language) year(n int) string { return strconv.Itoa(n) }
