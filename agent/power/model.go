package power

import (
	"math"
	"time"
)

// State is a state of a machine that has a power of its own.
type State string

// The states with a power of their own.
const (
	On         State = "on"
	DisplayOff State = "display_off"
	Sleep      State = "sleep"
	Off        State = "off"
)

// Range is a power and the bounds it is expected to lie in.
type Range struct{ Low, Mid, High Power }

// Modes is the power of a class of machines, or of a product, in each state, with an idle processor, and with a busy one.
type Modes struct {
	Idle     Range // on, display on: "short idle" of ENERGY STAR; the panel of a notebook included
	LongIdle Range // on, display dark
	Sleep    Range
	Off      Range
	Busy     Range // all processors busy
	Package  Range // what the processor packages draw of Idle

	Method Method // where the powers come from; "" is the class, MethodModelClass
}

func watts(low, mid, high float64) Range {
	w := func(x float64) Power { return Power(x * float64(Watt)) }
	return Range{w(low), w(mid), w(high)}
}

// Classes are the classes of machine that have modes.
func Classes() []string {
	return []string{"notebook", "desktop", "mini", "all-in-one", "thin-client"}
}

// ModesOf is the modes of a class of machines. Idle and busy powers are typical of the class, from ENERGY STAR's modes and
// the yearly consumption that makers declare (Boavizta's environmental-footprint-data, 1226 products, 2023; ENERGY STAR
// weights V6 to V8); where these give no range it is ours: mini, all-in-one and thin client asleep and off as the desktop,
// all-in-one and thin client busy, and what the processor packages draw of an idle machine. docs/method.md has the table with its derivation. The class "unknown" spans all
// others: the lowest of their low bounds, the mean of their middles, the highest of their high bounds. Servers and
// workstations have none: nothing typical can be said of them, so they are measured or not known.
func ModesOf(class string) (Modes, bool) {
	switch class {
	case "notebook":
		return typical(watts(3, 6, 10), watts(1.5, 3.5, 6), watts(.3, .8, 3), watts(.1, .3, .5), watts(15, 25, 45), watts(.5, 2, 5)), true
	case "desktop":
		return typical(watts(12, 22, 40), watts(10, 20, 35), watts(.7, 1.5, 5), watts(.2, .5, 1), watts(45, 65, 100), watts(3, 9, 25)), true
	case "mini":
		return typical(watts(4, 9, 15), watts(3.5, 8, 13), watts(.5, 1.2, 3), watts(.2, .5, 1), watts(25, 35, 65), watts(1, 4, 8)), true
	case "all-in-one":
		return typical(watts(15, 28, 45), watts(8, 15, 25), watts(.7, 1.5, 5), watts(.2, .5, 1), watts(45, 60, 100), watts(2, 6, 15)), true
	case "thin-client":
		return typical(watts(3, 7, 12), watts(2.5, 6, 10), watts(.7, 1.3, 5), watts(.2, .3, 1), watts(10, 15, 25), watts(.5, 2, 5)), true
	case "unknown":
		return anyClass(), true
	}
	return Modes{}, false
}

func typical(idle, longIdle, sleep, off, busy, pkg Range) Modes {
	return Modes{Idle: idle, LongIdle: longIdle, Sleep: sleep, Off: off, Busy: busy, Package: pkg}
}

func anyClass() Modes {
	var all []Modes
	for _, class := range Classes() {
		m, _ := ModesOf(class)
		all = append(all, m)
	}
	span := func(of func(Modes) Range) Range {
		r := of(all[0])
		var sum Power
		for _, m := range all {
			x := of(m)
			r.Low, r.High = min(r.Low, x.Low), max(r.High, x.High)
			sum += x.Mid
		}
		r.Mid = sum / Power(len(all))
		return r
	}
	return Modes{
		Idle:     span(func(m Modes) Range { return m.Idle }),
		LongIdle: span(func(m Modes) Range { return m.LongIdle }),
		Sleep:    span(func(m Modes) Range { return m.Sleep }),
		Off:      span(func(m Modes) Range { return m.Off }),
		Busy:     span(func(m Modes) Range { return m.Busy }),
		Package:  span(func(m Modes) Range { return m.Package }),
	}
}

// Load is the fraction of the time that the processors were busy, from 0 to 1, between two bounds. The two are the same
// when it was measured.
type Load struct{ Low, High float64 }

// Measured is the load x, which was measured.
func Measured(x float64) Load { return Load{x, x} }

// UnknownLoad is any load.
func UnknownLoad() Load { return Load{0, 1} }

// Figure is the energy of a machine with modes m that spent d in a state under a load. When the load is not known the
// middle of the figure is that of the low bound, because office machines are idle most of the time they are on.
func (m Modes) Figure(state State, load Load, d time.Duration) Figure {
	r := m.power(state, min(max(load.Low, 0), 1))
	r.High = m.power(state, min(max(load.High, 0), 1)).High
	method := m.Method
	if method == "" {
		method = MethodModelClass
	}
	return Figure{
		Energy: r.Mid.Over(d), Low: r.Low.Over(d), High: r.High.Over(d),
		Method: method, Scope: ScopeMachine, Covered: d,
	}
}

func (m Modes) power(state State, load float64) Range {
	switch state {
	case DisplayOff:
		return m.LongIdle.busier(m.Busy, m.Idle, load)
	case Sleep:
		return m.Sleep
	case Off:
		return m.Off
	default:
		return m.Idle.busier(m.Busy, m.Idle, load)
	}
}

// loss is what a watt of the processor takes from the mains: the power supply and the regulators lose a tenth to two
// fifths of it.
const lossLow, lossMid, lossHigh = 1.1, 1.2, 1.4

// Around is the energy of a machine with modes m that was on, display lit or dark, of which the processors were measured
// to use part: what is typical of an idle machine, and what the processors used more or less than they typically do then,
// with the loss on its way to them. No bound lies below what the processors took with their loss.
func (m Modes) Around(state State, part Figure) Figure {
	idle, at := m.power(state, 0), m.Package
	used := func(p Power) Energy { return p.Over(part.Covered) }
	more := func(e Energy, loss, otherwise float64) Energy {
		if e < 0 {
			loss = otherwise
		}
		return times(e, loss)
	}
	return Figure{
		Low:    max(used(idle.Low)+more(part.Low-used(at.High), lossLow, lossHigh), times(part.Low, lossLow)),
		Energy: max(used(idle.Mid)+more(part.Energy-used(at.Mid), lossMid, lossMid), times(part.Energy, lossMid)),
		High:   max(used(idle.High)+more(part.High-used(at.Low), lossHigh, lossLow), times(part.High, lossHigh)),
		Method: MethodRAPLModel, Scope: ScopeMachine, Covered: part.Covered,
	}
}

func times(e Energy, factor float64) Energy { return Energy(math.Round(float64(e) * factor)) }

// busier adds to r what a load adds to an idle machine: the fraction load of the way from idle to busy.
func (r Range) busier(busy, idle Range, load float64) Range {
	add := func(base, top, bottom Power) Power { return base + Power(load*float64(top-bottom)) }
	return Range{
		Low:  add(r.Low, busy.Low, idle.Low),
		Mid:  add(r.Mid, busy.Mid, idle.Mid),
		High: add(r.High, busy.High, idle.High),
	}
}
