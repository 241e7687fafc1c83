// Package power reads the energy a machine uses from the best meter it offers, and says how sure that is.
package power

import (
	"fmt"
	"math"
	"time"
)

// Energy is an amount of energy in microjoules. It is signed, so that a difference that makes no sense is negative and
// not enormous.
type Energy int64

// Joule is the unit of energy.
const Joule Energy = 1_000_000

// Joules is e in joules.
func (e Energy) Joules() float64 { return float64(e) / float64(Joule) }

// WattHours is e in watt-hours; one is 3600 joules.
func (e Energy) WattHours() float64 { return e.Joules() / 3600 }

// String is e in watt-hours, for people.
func (e Energy) String() string { return fmt.Sprintf("%.3f Wh", e.WattHours()) }

// Power is a rate of energy in microwatts.
type Power int64

// Watt is the unit of power; Milliwatt a thousandth of it.
const (
	Milliwatt Power = 1_000
	Watt      Power = 1_000_000
)

// Watts is p in watts.
func (p Power) Watts() float64 { return float64(p) / float64(Watt) }

// String is p in watts, for people.
func (p Power) String() string { return fmt.Sprintf("%.1f W", p.Watts()) }

// Over is the energy used at power p for d.
func (p Power) Over(d time.Duration) Energy {
	return Energy(math.Round(float64(p) * d.Seconds()))
}

// Method is how a figure was obtained. Its values are those of the record.
type Method string

// The methods.
const (
	MethodPlug          Method = "plug"           // a wattmeter at the plug, or in the machine's own power supply
	MethodBattery       Method = "battery"        // what the batteries gave while nothing else fed the machine
	MethodPsys          Method = "psys"           // the platform's own energy counter
	MethodEMI           Method = "emi"            // energy counters of the processor, as Windows shows them
	MethodRAPL          Method = "rapl"           // energy counters of the processor, as Linux shows them
	MethodRAPLModel     Method = "rapl+model"     // the counters of the processor, on a base that is typical of the class
	MethodModelDeclared Method = "model-declared" // power of each state as declared or measured of the product, times the measured time in that state
	MethodModelClass    Method = "model-class"    // power of each state by chassis class, times the measured time in that state
	MethodNone          Method = "none"           // nothing could be said
)

// Scope is what a figure covers. Figures of two scopes are never added.
type Scope string

// The scopes.
const (
	ScopeMachine Scope = "machine" // the whole machine, without its external displays
	ScopeCPU     Scope = "cpu"     // processor packages and the memory they count
	ScopeDisplay Scope = "display" // external displays
)

// Figure is an energy with its range, how it was obtained, what it is of and how much time it covers.
type Figure struct {
	Energy  Energy        `json:"energy"`
	Low     Energy        `json:"low"`
	High    Energy        `json:"high"`
	Method  Method        `json:"method"`
	Scope   Scope         `json:"scope"`
	Covered time.Duration `json:"covered"`
}

// Like tells whether g is of the same method and scope, so that the two can be added.
func (f Figure) Like(g Figure) bool { return f.Method == g.Method && f.Scope == g.Scope }

// Plus is the sum of two figures that are alike and cover different times. The ranges add up as well: the
// errors of one machine's model or meter do not cancel out.
func (f Figure) Plus(g Figure) Figure {
	f.Energy += g.Energy
	f.Low += g.Low
	f.High += g.High
	f.Covered += g.Covered
	return f
}

// Share is the part of f that falls in n of the seconds it was measured over. It covers these n seconds.
func (f Figure) Share(n, seconds int) Figure {
	share := func(e Energy) Energy { return Energy(math.Round(float64(e) * float64(n) / float64(seconds))) }
	f.Energy, f.Low, f.High = share(f.Energy), share(f.Low), share(f.High)
	f.Covered = time.Duration(n) * time.Second
	return f
}
