package privacy

import (
	"math"
	"slices"

	"veille/collector"
)

// Figures are what may be seen of a node in the months of a question.
type Figures struct {
	Node Node
	// Months is in how many months the machines of persons are shown, and Of in how many there were any. Personal is of the Months only.
	Months, Of int
	Shown      bool   // there was nothing to hide, or at least one month is shown
	Why        Why    // why not all months are shown, the last that is not
	Machines   int    // of persons: at least so many in the month that had most of them; 0 where none is shown
	Personal   *Total // nil where none is shown
	Others     []Other
}

// Other is what shared machines or servers did. They are always shown.
type Other struct {
	Use      collector.Use
	Machines int // at least so many, in the month that had most of them
	Sum      collector.Sum
}

// All is what all machines did: only where those of persons are shown in all months, and else false.
func (f *Figures) All() (all Total, ok bool) {
	if f.Months < f.Of {
		return Total{}, false
	}
	if f.Personal != nil {
		all.addTotal(f.Personal)
	}
	for i := range f.Others {
		all.add(&f.Others[i].Sum, identity())
	}
	return all, true
}

// Total is what machines did, told as finely as may be said of machines of persons. It does not say how much was obtained by each method,
// nor how much of it the displays took, nor what agents took: where one machine of twenty has a meter of its own, its method would be
// its name. What is of it all is in it, with its range.
type Total struct {
	Days    int64     `json:"days"`    // days of machines
	Parts   []PartSum `json:"parts"`   // in the order of collector.Parts, then Mixed; those that were not met are absent
	Methods []string  `json:"methods"` // by which some of the energy was obtained, in the order of collector.Methods
}

// PartSum is what machines did in one part of their days.
type PartSum struct {
	collector.PartSum                          // Part may be Mixed
	MWh               collector.MilliWattHours `json:"mwh"` // of machines and their external displays
	LowMWh            collector.MilliWattHours `json:"low_mwh"`
	HighMWh           collector.MilliWattHours `json:"high_mwh"`
	CoveredS          int64                    `json:"covered_s"` // seconds of machines, their displays aside
}

// Fold is a sum told as a Total.
func Fold(s collector.Sum) (t Total) {
	t.add(&s, identity())
	return t
}

// add adds a sum, each part under its label.
func (t *Total) add(s *collector.Sum, l labels) {
	t.Days += s.Days
	for _, p := range s.Seconds {
		to := t.part(int(l[label(p.Part)]))
		to.On, to.DisplayOff, to.Sleep, to.Off, to.Unknown = to.On+p.On, to.DisplayOff+p.DisplayOff, to.Sleep+p.Sleep, to.Off+p.Off, to.Unknown+p.Unknown
	}
	for _, e := range s.Energy {
		if e.Scope != scopeMachine && e.Scope != scopeDisplay {
			continue
		}
		to := t.part(int(l[label(e.Part)]))
		to.MWh, to.LowMWh, to.HighMWh = to.MWh+e.MWh, to.LowMWh+e.LowMWh, to.HighMWh+e.HighMWh
		if e.Scope == scopeMachine {
			to.CoveredS += e.CoveredS
		}
		t.addMethod(e.Method)
	}
}

// addTotal adds another total.
func (t *Total) addTotal(o *Total) {
	t.Days += o.Days
	for _, p := range o.Parts {
		to := t.part(label(p.Part))
		to.On, to.DisplayOff, to.Sleep, to.Off, to.Unknown = to.On+p.On, to.DisplayOff+p.DisplayOff, to.Sleep+p.Sleep, to.Off+p.Off, to.Unknown+p.Unknown
		to.MWh, to.LowMWh, to.HighMWh, to.CoveredS = to.MWh+p.MWh, to.LowMWh+p.LowMWh, to.HighMWh+p.HighMWh, to.CoveredS+p.CoveredS
	}
	for _, m := range o.Methods {
		t.addMethod(m)
	}
}

// part is the part that has a label, added where it is not there yet.
func (t *Total) part(l int) *PartSum {
	i := 0
	for ; i < len(t.Parts); i++ {
		switch has := label(t.Parts[i].Part); {
		case has == l:
			return &t.Parts[i]
		case has > l:
			t.Parts = slices.Insert(t.Parts, i, PartSum{PartSum: collector.PartSum{Part: partOf(l)}})
			return &t.Parts[i]
		}
	}
	t.Parts = append(t.Parts, PartSum{PartSum: collector.PartSum{Part: partOf(l)}})
	return &t.Parts[i]
}

func (t *Total) addMethod(m string) {
	if slices.Contains(t.Methods, m) {
		return
	}
	t.Methods = append(t.Methods, m)
	rank := func(m string) int { return slices.Index(collector.Methods(), m) }
	slices.SortFunc(t.Methods, func(a, b string) int { return rank(a) - rank(b) })
}

// fewMachines is of how many machines a rate is told in whole percents only.
const fewMachines = 50

// Percent is part of whole in percent, whole ones of fewer than 50 machines and else tenths, rounded; false of nothing.
func Percent(part, whole float64, machines int) (percent float64, ok bool) {
	if whole <= 0 {
		return 0, false
	}
	if machines < fewMachines {
		return math.Round(100 * part / whole), true
	}
	return math.Round(1000*part/whole) / 10, true
}
