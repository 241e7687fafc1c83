package energy

import (
	"maps"
	"math"
	"slices"
	"strings"

	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// Units, as they are written.
const (
	unitKWh    = "kWh"
	unitCarbon = "kgCO2e"
	unitEuro   = "€"
	unitShare  = "%"
	unitHours  = "h"
)

// headline are the figures of a year of workstations, the most telling first.
func (s *story) headline(q frame.Request) []frame.Figure {
	all := []frame.Figure{s.kwh(q), s.outsideShare(q), s.known(q), s.outside(q), s.changed(q), s.euros(q), s.carbon(q), s.perMachine(q), s.machines(q)}
	if !s.shown() {
		for i := range all {
			all[i].Value, all[i].Low, all[i].High, all[i].Coverage, all[i].Note = nil, nil, nil, nil, ""
			all[i].Missing = s.missing(q)
		}
	}
	return all
}

// missing says why no month is shown.
func (s *story) missing(q frame.Request) string {
	if s.year.HiddenMonths > 0 {
		return why(q.Language, s.year.Hidden)
	}
	return q.Say("energy.nothing")
}

// why is a reason of collector/privacy in words.
func why(l frame.Language, w privacy.Why) string {
	switch w {
	case privacy.Dominates:
		return l.Say("energy.why.dominates")
	case privacy.ToProtect, privacy.Above:
		return l.Say("energy.why.protect")
	case privacy.TooFew:
	}
	return l.Say("energy.why.few")
}

// figureOf is a figure with its range; without a value where r is nil.
func figureOf(q frame.Request, id, unit, how string, r *balance.Range) frame.Figure {
	f := frame.Figure{ID: id, Label: q.Say("energy.figure." + id), Unit: unit, How: how}
	if r != nil {
		f.Value, f.Low, f.High, f.Decimals = new(r.Value), new(r.Low), new(r.High), decimals(r.Value)
	}
	return f
}

func (s *story) kwh(q frame.Request) frame.Figure {
	f := figureOf(q, "kwh", unitKWh, "energy", energyOf(&s.year))
	if f.Value == nil {
		f.Missing = q.Say("energy.unknown_energy")
		return f
	}
	f.Methods, f.Coverage, f.Note = s.year.Methods, coverage(&s.year), q.Methods(s.year.Methods)
	return f
}

// energyOf is the energy of an account; nil where nobody knows any of it, which is not nothing.
func energyOf(a *balance.Account) *balance.Range {
	if a == nil || a.Months == 0 || a.Covered == 0 && a.KWh.High == 0 {
		return nil
	}
	return &a.KWh
}

// coverage is the share of all time that the energy covers, from 0 to 1, as exactly as it may be told of so many machines.
func coverage(a *balance.Account) *float64 {
	percent, ok := privacy.Percent(a.Known*a.Covered, 1, a.Machines)
	if !ok {
		return nil
	}
	return new(percent / 100)
}

func (s *story) outside(q frame.Request) frame.Figure {
	f := figureOf(q, "outside", unitKWh, "outside", s.year.Outside)
	f.Methods = s.year.Methods
	if s.year.Outside == nil {
		f.Missing = q.Say("energy.mixed")
	}
	return f
}

// outsideShare is the share of the energy that was used outside of open hours. Its range is left out: the errors of both figures have the
// same causes, and a quotient of bounds would say more than is known.
func (s *story) outsideShare(q frame.Request) frame.Figure {
	f := frame.Figure{ID: "outside_share", Label: q.Say("energy.figure.outside_share"), Unit: unitShare, How: "outside"}
	share, digits, ok := outsideShare(&s.year)
	switch {
	case ok:
		f.Value, f.Decimals = &share, digits
	case s.year.Outside == nil:
		f.Missing = q.Say("energy.mixed")
	}
	return f
}

// outsideShare is in percent, with the decimals that may be told; false where it is not known.
func outsideShare(a *balance.Account) (share float64, digits int, ok bool) {
	if a.Outside == nil || energyOf(a) == nil {
		return 0, 0, false
	}
	share, ok = privacy.Percent(a.Outside.Value, a.KWh.Value, a.Machines)
	return share, places(a.Machines), ok
}

// fewMachines is of how many machines a rate is told in whole percents only, as privacy.Percent does.
const fewMachines = 50

// places is how many decimals a rate of so many machines has.
func places(machines int) int {
	if machines < fewMachines {
		return 0
	}
	return 1
}

// changed is how much more was used than a year ago.
func (s *story) changed(q frame.Request) frame.Figure {
	if !s.compared {
		return frame.Figure{ID: "change", Label: q.Say("energy.figure.change"), Unit: unitKWh, How: "energy", Missing: q.Say("energy.change.none")}
	}
	f := figureOf(q, "change", unitKWh, "energy", &s.change.KWh)
	f.Methods = s.year.Methods
	f.Note = q.Say("energy.change.note", signed(q.Language, s.change.Percent, s.year.Machines), signed(q.Language, s.change.PerPercent, s.year.Machines), countMonths(q, s.change.Months))
	f.Note += doubts(q, "energy.change.", map[string]bool{
		"verdict.within": s.change.Within, "verdict.beyond": !s.change.Within, "uneven": s.change.Uneven, "methods": s.change.Methods, "assumed": s.change.Assumed,
	})
	return f
}

// doubts are sentences on why a comparison may mislead, those that are so, each after a space.
func doubts(q frame.Request, prefix string, all map[string]bool) (text string) {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if all[key] {
			text += " " + q.Say(prefix+key)
		}
	}
	return text
}

// signed writes a change in percent with its sign, and the decimals that so many machines allow.
func signed(l frame.Language, percent float64, machines int) string {
	text := l.Number(math.Abs(percent), places(machines))
	switch {
	case strings.Trim(text, "0.,") == "":
	case percent < 0:
		text = "−" + text
	default:
		text = "+" + text
	}
	if l.Code == "fr" {
		return text + "\u202f%"
	}
	return text + "%"
}

func (s *story) euros(q frame.Request) frame.Figure {
	f := figureOf(q, "euros", unitEuro, "money", s.year.Euros)
	f.Methods = s.year.Methods
	if s.year.Euros == nil {
		f.Missing = q.Say("energy.no_price")
		return f
	}
	f.Note = q.Say("energy.tax." + s.year.Tax)
	return f
}

func (s *story) carbon(q frame.Request) frame.Figure {
	f := figureOf(q, "carbon", unitCarbon, "carbon", s.year.Carbon)
	f.Methods = s.year.Methods
	if s.year.Carbon == nil {
		f.Missing = q.Say("energy.no_factor")
	}
	return f
}

// yearHours is how many hours a machine's year has in figures per machine.
const yearHours = 24 * 365

// perMachine is what one machine takes in a year as its energy was in the hours that are covered; false where none is.
func perMachine(a *balance.Account) (balance.Range, bool) {
	hours := 0.0
	for _, p := range a.Parts {
		hours += p.Covered
	}
	if hours == 0 {
		return balance.Range{}, false
	}
	scale := yearHours / hours
	return balance.Range{Value: a.KWh.Value * scale, Low: a.KWh.Low * scale, High: a.KWh.High * scale}, true
}

func (s *story) perMachine(q frame.Request) frame.Figure {
	r, ok := perMachine(&s.year)
	if !ok {
		return figureOf(q, "per_machine", unitKWh, "energy", nil)
	}
	f := figureOf(q, "per_machine", unitKWh, "energy", &r)
	f.Methods = s.year.Methods
	return f
}

func (s *story) machines(q frame.Request) frame.Figure {
	return frame.Figure{
		ID: "machines", Label: q.Say("energy.figure.machines"), Value: new(float64(s.year.Machines)), How: "privacy", Note: q.Say("energy.machines.note"),
	}
}

// known is how much of the time the state of the machines is known.
func (s *story) known(q frame.Request) frame.Figure {
	f := frame.Figure{ID: "coverage", Label: q.Say("energy.figure.coverage"), Unit: unitShare, How: "energy", Decimals: places(s.year.Machines)}
	if p, ok := privacy.Percent(s.year.Known, 1, s.year.Machines); ok {
		f.Value = &p
	}
	return f
}

// anyEstimated tells whether any of the methods has a model in it.
func anyEstimated(methods []string) bool {
	return slices.ContainsFunc(methods, estimated)
}

// decimals are those with which a figure has three digits or so.
func decimals(x float64) int {
	switch x = math.Abs(x); {
	case x >= 100:
		return 0
	case x >= 10:
		return 1
	case x >= 1 || x < 1e-9:
		return 2
	}
	return 2 - int(math.Floor(math.Log10(x)))
}
