package balance

import (
	"slices"

	"veille/collector"
)

// littleMixed is the most of the time of a month, from 0 to 1, that may be left out so that the rest can be told by part of the day.
const littleMixed = 0.05

// isMixed tells whether a part of an account is of parts of the day that are not told apart.
func isMixed(p Part) bool { return place(p.Part) == len(collector.Parts()) }

// Apart are months without the time in which parts of the day are not told apart, and the share of all of their time that is left out, from 0
// to 1. A small site that closes on other days than the rest makes such time in its whole organisation, a thousandth of it or so. A month with
// more than a little of it is left out; where all are such, they stay as they are, and tell why nothing can be told. What is shown is given
// up here, and nothing is added: what is left tells no more than what there was.
func Apart(months []Account) (kept []Account, left float64) {
	var out, all float64
	for _, m := range months {
		mixed, whole := mixedHours(m)
		all += whole
		out += mixed
		switch {
		case !m.mixed():
			kept = append(kept, m)
		case mixed <= littleMixed*whole:
			m.Parts = slices.DeleteFunc(slices.Clone(m.Parts), isMixed)
			kept = append(kept, Add([]Account{m}))
		default:
			out += whole - mixed
		}
	}
	if len(kept) == 0 || all == 0 {
		return months, 0
	}
	return kept, out / all
}

// mixedHours are the hours of machines in which parts of the day are not told apart, and all of them.
func mixedHours(a Account) (mixed, all float64) {
	for _, p := range a.Parts {
		hours := p.On + p.DisplayOff + p.Sleep + p.Off + p.UnknownTime
		all += hours
		if isMixed(p) {
			mixed += hours
		}
	}
	return mixed, all
}
