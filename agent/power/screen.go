package power

import "time"

// ScreensFigure is the energy of the external screens of a machine, of these sizes, while it spent d in a state. Sizes are
// words: "<23", "23-24", "25-27", "28-32" and ">32" inches; any other is a size that is not known. It is false without
// screens, time or such a state.
//
// A screen is on while the machine sends it a picture, and else in standby. Nobody sees its own switch, or its mains lead:
// one that was switched off counts as on, and the low bound does not allow for that. Where the machine does not say whether
// it sends a picture (known is false, on or display off), the range goes from standby to on.
func ScreensFigure(sizes []string, state State, known bool, d time.Duration) (Figure, bool) {
	if len(sizes) == 0 || d <= 0 {
		return Figure{}, false
	}
	sum := Figure{Method: MethodModelClass, Scope: ScopeDisplay, Covered: d}
	for _, size := range sizes {
		r, ok := screen(size, state, known)
		if !ok {
			return Figure{}, false
		}
		sum.Low += r.Low.Over(d)
		sum.Energy += r.Mid.Over(d)
		sum.High += r.High.Over(d)
	}
	return sum, true
}

// screen is the power of one screen. In standby it takes 0.3 W, and up to the 0.5 W that Regulation (EU) 2019/2021 allows
// (its table was not read here; the low bound is ours). Those that feed a network or a hub take more, which is not in it.
func screen(size string, state State, known bool) (Range, bool) {
	on, standby := screenOn(size), watts(.1, .3, .5)
	switch state {
	case On:
		if !known {
			on.Low = standby.Low
		}
		return on, true
	case DisplayOff:
		if !known {
			standby.High = on.High
		}
		return standby, true
	case Sleep, Off:
		return standby, true
	}
	return Range{}, false
}

// screenOn is the power of a screen that shows a picture: the middle of its size gives the median yearly consumption that
// makers declare, at 35 % of the year on (Boavizta, environmental-footprint-data, 224 screens, February 2023: 31.9, 37.8,
// 51.4, 76.8, 105.8 kWh). From 0.6 to 1.6 of it lie 59 of 62 screens that one of these makers (Dell) declares there, at the
// brightness they are sold with; that others, and other settings, lie there as well is ours. A size that is not known spans
// all; its middle is that of the 224.
func screenOn(size string) Range {
	low := func(on Power) Power { return on * 6 / 10 }
	high := func(on Power) Power { return on * 16 / 10 }
	of := func(on Power) Range { return Range{low(on * Watt), on * Watt, high(on * Watt)} }
	switch size {
	case "<23":
		return of(10)
	case "23-24":
		return of(12)
	case "25-27":
		return of(17)
	case "28-32":
		return of(25)
	case ">32":
		return of(35)
	}
	return Range{low(10 * Watt), 15 * Watt, high(35 * Watt)}
}
