// Package balance reckons what machines took: energy, money, carbon, waste and savings, each with its range.
//
// It is given what collector/privacy lets through, whole months of nodes of the tree, and adds nothing that could tell more.
package balance

import (
	"veille/collector"
	"veille/collector/privacy"
)

// Range is a figure, with the least and the most that it may be. Low ≤ Value ≤ High.
type Range struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Kind says of which machines an account is.
type Kind int

// The kinds. Servers are apart: that they run at night is no waste.
const (
	Workstations Kind = iota // machines of persons, and shared ones
	Servers
)

// Account is what machines of one node did in one month, or in several, as far as it may be told. Its energy is of the time that is covered
// and no more: nothing is extrapolated. Where Covered is 0, no energy is known and KWh is of nothing.
type Account struct {
	From, To     collector.Month // the first and the last month that it is of
	Months       int             // with figures
	Days         int             // of the calendar, in the months with figures
	HiddenMonths int             // in which there were machines of persons that may not be told of: their figures are missing here
	Hidden       privacy.Why     // why; of the last
	Machines     int             // at least so many, in the month that had most
	MachineDays  int64
	Parts        []Part   // in the order of collector.Parts, then collector.Mixed; those that were not met are absent
	KWh          Range    // of machines and their displays
	Outside      *Range   // kWh of KWh that were used outside of open hours: night, weekend, holiday; nil where more than a twentieth of the time is of mixed parts, or no energy is known. What is of mixed parts is in High only
	Euros        *Range   // nil where a month with energy has no price
	Tax          string   // of the price: "excluded", "included", or "mixed" where months differ; "" without Euros
	Carbon       *Range   // kgCO2e of the electricity; nil where there is no factor
	Known        float64  // share of the time in which the state of the machines is known, 0 to 1
	Covered      float64  // share of that time which the energy covers, 0 to 1
	Methods      []string // how some of the energy was obtained, in the order of collector.Methods
}

// Part is one part of the day: hours of machines in each state, and the energy.
type Part struct {
	Part                                    string
	On, DisplayOff, Sleep, Off, UnknownTime float64 // hours of machines
	Covered                                 float64 // hours of machines that the energy covers
	KWh                                     Range
}
