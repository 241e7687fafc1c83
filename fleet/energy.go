package fleet

import "veille/agent/wire"

// bounds is how far from the truth a method may be, per mille of what it says. They are ours: the agent's own come from its meters.
type bounds struct{ low, high int64 }

func boundsOf(method string) bounds {
	switch method {
	case "plug":
		return bounds{990, 1010}
	case "battery":
		return bounds{950, 1050}
	case "psys":
		return bounds{900, 1150}
	case "rapl", "emi":
		return bounds{950, 1050}
	case "rapl+model":
		return bounds{700, 1400}
	}
	return bounds{800, 1250} // declared by the maker
}

// power is what the machine takes in a state, in milliwatts, k is 0 for the lowest, 1 for the middle and 2 for the highest of its
// class. A load adds to an idle machine as agent/power.Modes says it.
func (w *writer) power(state, k int) int64 {
	m := w.unit.kind.modes
	switch state {
	case on:
		return m.idle[k] + w.life.load*(m.busy[k]-m.idle[k])/1000
	case dark:
		return m.dark[k] + w.life.load*(m.busy[k]-m.idle[k])/1000
	case asleep:
		return m.sleep[k]
	}
	return m.off[k]
}

// energiesOf are the energies of a part, as the agent would lay them: the whole machine by its meter while it is on, and by its class
// where that says nothing; the processors, where they have a counter; the external screens by their sizes.
func (w *writer) energiesOf(s *wire.Seconds) {
	k := w.unit.kind
	awake := s.On + s.DisplayOff
	switch k.meter {
	case noMeter:
		return
	case byClass:
		w.ofClass(s.On, s.DisplayOff, s.Sleep, s.Off)
	case byDeclaration:
		w.measured("model-declared", s.On, s.DisplayOff, s.Sleep, s.Off)
	case byPlug:
		w.measured("plug", s.On, s.DisplayOff, s.Sleep, s.Off)
	case byPsys:
		w.measured("psys", s.On, s.DisplayOff, 0, 0)
		w.ofClass(0, 0, s.Sleep, s.Off)
	case byBattery:
		onBattery, darkOnBattery := s.On*int(w.life.battery)/1000, s.DisplayOff*int(w.life.battery)/1000
		w.measured("battery", onBattery, darkOnBattery, 0, 0)
		w.ofClass(s.On-onBattery, s.DisplayOff-darkOnBattery, s.Sleep, s.Off)
	case byRAPL, byEMI:
		w.processors(k.meter, awake) // the method has the name of the meter
		if k.Class != "server" {     // nothing typical can be said of a server
			w.measured("rapl+model", s.On, s.DisplayOff, 0, 0)
			w.ofClass(0, 0, s.Sleep, s.Off)
		}
	}
	w.screens(s)
}

// measured adds what a meter of the whole machine says of so many seconds in each state.
func (w *writer) measured(method string, seconds ...int) {
	var sum int64
	covered := 0
	for state, n := range seconds {
		sum += w.power(state, 1) * int64(n) / 1000 * w.true
		covered += n
	}
	b := boundsOf(method)
	w.add(method, "machine", sum*b.low/1000, sum, sum*b.high/1000, covered)
}

// ofClass adds what is typical of the class.
func (w *writer) ofClass(seconds ...int) {
	var sum [3]int64
	covered := 0
	for state, n := range seconds {
		for k := range sum {
			sum[k] += w.power(state, k) * int64(n)
		}
		covered += n
	}
	w.add("model-class", "machine", sum[0], sum[1], sum[2], covered)
}

// processors adds what the counter of the processors says: what they draw idle, and most of what a load adds.
func (w *writer) processors(method string, seconds int) {
	m := w.unit.kind.modes
	watts := m.processors[1] + w.life.load*(m.busy[1]-m.idle[1])/1000*8/10
	sum := watts * int64(seconds) / 1000 * w.true
	b := boundsOf(method)
	w.add(method, "cpu", sum*b.low/1000, sum, sum*b.high/1000, seconds)
}

// screens adds the external screens: on while the machine sends them a picture, else in standby.
func (w *writer) screens(s *wire.Seconds) {
	k := w.unit.kind
	var low, mid, high int64
	rest := int64(s.DisplayOff + s.Sleep + s.Off)
	for _, size := range k.external {
		shown := screen(size) * int64(s.On)
		low += shown*6/10 + 100*rest
		mid += shown + 300*rest
		high += shown*16/10 + 500*rest
	}
	if mid > 0 {
		w.add("model-class", "display", low, mid, high, s.On+int(rest))
	}
}

// add adds an energy in milliwatt-seconds that covers some seconds. The record has ten-thousandths of a watt-hour, as the agent's.
func (w *writer) add(method, scope string, low, mid, high int64, covered int) {
	if covered > 0 {
		w.energies = append(w.energies, wire.Energy{
			Wh: wattHours(mid), LowWh: wattHours(low), HighWh: wattHours(high), Method: method, Scope: scope, CoveredS: covered,
		})
	}
}

// unitsPerWh are the units in which energies are counted here.
const unitsPerWh = 10_000

// wattHours of milliwatt-seconds, to a unit. The division of two whole numbers is the same on every processor.
func wattHours(x int64) float64 { return float64((x+180)/360) / unitsPerWh }

// units are watt-hours that were made by wattHours. The conversion keeps processors from joining the product and the sum, which rounds
// otherwise.
func units(wh float64) int64 { return int64(float64(wh*unitsPerWh) + .5) }
