package collector

import (
	"cmp"
	"math"
	"slices"
)

// Parts are the parts of a day, in the order that lists of ours have. Words are added at the end and never taken away: stores keep their
// places.
func Parts() []string { return []string{"open", "night", "weekend", "holiday"} }

// Scopes are what an energy may be of, as Parts.
func Scopes() []string { return []string{"machine", "cpu", "display"} }

// Methods are how an energy may have been obtained, as Parts.
func Methods() []string {
	return []string{"plug", "battery", "psys", "emi", "rapl", "rapl+model", "model-declared", "model-class", "none"}
}

// MilliWattHours is an energy as ledgers add it up: whole thousandths of a watt-hour, so that a sum does not depend on the order of
// what was added. The rounding takes at most half a milliwatt-hour from a figure, or adds it.
type MilliWattHours int64

// Milli is an energy in watt-hours, rounded. Rounding keeps the order of low, figure and high.
func Milli(wh float64) MilliWattHours { return MilliWattHours(math.Round(wh * 1000)) }

// Wh is the energy in watt-hours.
func (e MilliWattHours) Wh() float64 { return float64(e) / 1000 }

// Sum is what several days of machines come to. Sums of whole numbers: adding is the same in any order, and nothing is lost in it.
// The zero value is the sum of nothing. Numbers that are not whole are added by FloatSum. Bounds are added as the figures are: errors of the same model do not cancel out.
type Sum struct {
	Days    int64       `json:"days"`    // days of machines in it
	Seconds []PartSum   `json:"seconds"` // by part, in the order of Parts; parts that were not met are absent
	Energy  []EnergySum `json:"energy"`  // by part, scope and method, in their order
	Cost    CostSum     `json:"cost"`    // what the agents themselves took
}

// PartSum is how many seconds machines were in each state, in one part of their days.
type PartSum struct {
	Part       string `json:"part"`
	On         int64  `json:"on"`
	DisplayOff int64  `json:"display_off"`
	Sleep      int64  `json:"sleep"`
	Off        int64  `json:"off"`
	Unknown    int64  `json:"unknown"`
}

// Length is the seconds in all states.
func (p PartSum) Length() int64 { return p.On + p.DisplayOff + p.Sleep + p.Off + p.Unknown }

// EnergySum is the energy of one scope that was obtained by one method in one part of the days, with its range, and the seconds
// it covers.
type EnergySum struct {
	Part     string         `json:"part"`
	Scope    string         `json:"scope"`
	Method   string         `json:"method"`
	MWh      MilliWattHours `json:"mwh"`
	LowMWh   MilliWattHours `json:"low_mwh"`
	HighMWh  MilliWattHours `json:"high_mwh"`
	CoveredS int64          `json:"covered_s"`
}

// CostSum is what agents themselves took.
type CostSum struct {
	CPUMs         int64 `json:"cpu_ms"` // processor time, milliseconds
	Wakeups       int64 `json:"wakeups"`
	SentBytes     int64 `json:"sent_bytes"`
	ReceivedBytes int64 `json:"received_bytes"`
	Dropped       int64 `json:"dropped"` // records given up
}

// AddRecord adds one record: its seconds, energies and cost. It does not count a day: a day may have come in hours.
func (s *Sum) AddRecord(r Record) {
	for _, p := range r.Parts {
		x := p.Seconds
		if x != (Seconds{}) {
			s.addPart(PartSum{p.Part, int64(x.On), int64(x.DisplayOff), int64(x.Sleep), int64(x.Off), int64(x.Unknown)})
		}
		for _, e := range p.Energy {
			if e.CoveredS > 0 {
				s.addEnergy(EnergySum{p.Part, e.Scope, e.Method, Milli(e.Wh), Milli(e.LowWh), Milli(e.HighWh), int64(e.CoveredS)})
			}
		}
	}
	if c := r.Cost; c != nil {
		s.Cost.add(CostSum{int64(math.Round(c.CPUS * 1000)), c.Wakeups, c.SentBytes, c.ReceivedBytes, int64(c.Dropped)})
	}
}

// Add adds another sum, its days included.
func (s *Sum) Add(o Sum) {
	s.Days += o.Days
	for _, p := range o.Seconds {
		s.addPart(p)
	}
	for _, e := range o.Energy {
		s.addEnergy(e)
	}
	s.Cost.add(o.Cost)
}

func (c *CostSum) add(o CostSum) {
	c.CPUMs += o.CPUMs
	c.Wakeups += o.Wakeups
	c.SentBytes += o.SentBytes
	c.ReceivedBytes += o.ReceivedBytes
	c.Dropped += o.Dropped
}

func (s *Sum) addPart(p PartSum) {
	i, found := slices.BinarySearchFunc(s.Seconds, p, func(a, b PartSum) int { return cmp.Compare(place(a.Part), place(b.Part)) })
	if !found {
		s.Seconds = slices.Insert(s.Seconds, i, p)
		return
	}
	x := &s.Seconds[i]
	x.On, x.DisplayOff, x.Sleep, x.Off, x.Unknown = x.On+p.On, x.DisplayOff+p.DisplayOff, x.Sleep+p.Sleep, x.Off+p.Off, x.Unknown+p.Unknown
}

func (s *Sum) addEnergy(e EnergySum) {
	i, found := slices.BinarySearchFunc(s.Energy, e, EnergySum.compare)
	if !found {
		s.Energy = slices.Insert(s.Energy, i, e)
		return
	}
	x := &s.Energy[i]
	x.MWh, x.LowMWh, x.HighMWh, x.CoveredS = x.MWh+e.MWh, x.LowMWh+e.LowMWh, x.HighMWh+e.HighMWh, x.CoveredS+e.CoveredS
}

// compare orders energies by part, scope and method.
func (e EnergySum) compare(o EnergySum) int {
	return cmp.Or(cmp.Compare(place(e.Part), place(o.Part)), cmp.Compare(place(e.Scope), place(o.Scope)), cmp.Compare(place(e.Method), place(o.Method)))
}

// place is where a word is in Parts, Scopes or Methods; one that is in none comes after all others. A switch, because words are compared
// for every record.
func place(word string) int {
	switch word {
	case "open", "machine", "plug":
		return 0
	case "night", "cpu", "battery":
		return 1
	case "weekend", "display", "psys":
		return 2
	case "holiday", "emi":
		return 3
	case "rapl":
		return 4
	case "rapl+model":
		return 5
	case "model-declared":
		return 6
	case "model-class":
		return 7
	case "none":
		return 8
	}
	return 9
}
