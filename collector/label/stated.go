package label

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	"veille/collector"
)

// stated are the lines that come from imports, from people and from the crawler: footprint, life cycle, printing, servers, web, governance.
//
// The status of a line is that of the least sure of what it counts: measured, then imported, then declared. What it is divided by, such as the
// staff, is named beside it and does not change the status.
func stated() map[string]piece {
	all := map[string]piece{}
	for _, family := range []map[string]piece{footprint(), lifeCycle(), printing(), servers(), web(), governance()} {
		maps.Copy(all, family)
	}
	return all
}

// representative is the percentage below which a figure is shown as not representative.
const representative = 60

// percents make a percentage of a share.
const percents = 100

// lacking is the answer of a line that has no value.
func lacking(why Words) answer { return answer{missing: why} }

// covering sets of how much a line is, as part of a whole; of all, it says nothing.
func (a *answer) covering(part, whole float64) {
	if whole <= 0 || part >= whole {
		return
	}
	share := percents * part / whole
	a.coverage, a.weak = &share, share < representative
}

// declared is the answer of a line that is reckoned from stated quantities. Its quality is medium where each of them names what says so, such as
// an invoice or a register, else low: nobody can look it up.
func declared(value float64, of ...amount) answer {
	a := answer{
		value: &value, status: Declared, quality: Medium,
		obtained: Words{
			FR: "Déclaré par l’organisation ; les valeurs et leurs sources sont dans le détail.",
			EN: "Declared by the organisation; the values and their sources are in the detail.",
		},
	}
	for _, x := range of {
		a.parts = append(a.parts, x.part())
		a.notes = append(a.notes, x.notes...)
		if len(x.sources) == 0 || x.unsourced {
			a.quality = Low
		}
	}
	return a
}

// sumOf is a line that is one stated quantity.
func sumOf(name string) piece {
	return func(f *facts, p period) answer {
		x, ok := f.amount(name, p)
		if !ok {
			return lacking(noQuantity(name))
		}
		a := declared(x.value, x)
		a.notes = append(a.notes, x.partly(f)...)
		if x.flow {
			a.months = len(x.months)
			a.covering(float64(len(x.months)), float64(p.length()))
		}
		return a
	}
}

// ratioOf is a line that is one stated quantity over another, of the same months and sites, times a number. Where bounded, the first is a part of
// the second.
func ratioOf(part, whole string, times float64, bounded bool) piece {
	return func(f *facts, p period) answer {
		x, y, why, ok := f.pair(part, whole, p)
		switch {
		case !ok:
			return lacking(why)
		case y.value == 0:
			return lacking(nothingOf(whole))
		case bounded && x.value > y.value:
			return lacking(contradictory(part, whole))
		}
		a := declared(times*x.value/y.value, x, y)
		a.notes = append(a.notes, y.partly(f)...)
		if flow := firstFlow(x, y); flow.flow {
			a.covering(float64(len(flow.months)), float64(p.length()))
		}
		return a
	}
}

// pair are two quantities of the same months and the same sites; why they are not, where they are not.
func (f *facts) pair(first, second string, p period) (x, y amount, why Words, ok bool) {
	x, ok = f.amount(first, p)
	if !ok {
		return x, y, noQuantity(first), false
	}
	y, ok = f.amount(second, p)
	if !ok {
		return x, y, noQuantity(second), false
	}
	if !f.sameScope(x, y) {
		return x, y, otherScope(first, second), false
	}
	return x, y, Words{}, true
}

// firstFlow is the first of two amounts that is a flow; one without months where none is.
func firstFlow(x, y amount) amount {
	if x.flow {
		return x
	}
	return y
}

// inWords is a number as both languages write it in a sentence, with so many decimals.
func inWords(x float64, decimals int) Words {
	en := strconv.FormatFloat(x, 'f', decimals, 64)
	return Words{FR: strings.Replace(en, ".", ",", 1), EN: en}
}

// phrase is a sentence in both languages, with words for each %s.
func phrase(w Words, of ...Words) *Words {
	fr, en := make([]any, len(of)), make([]any, len(of))
	for i, x := range of {
		fr[i], en[i] = x.FR, x.EN
	}
	return &Words{FR: fmt.Sprintf(w.FR, fr...), EN: fmt.Sprintf(w.EN, en...)}
}

// same is a text that is the same in both languages, such as a name.
func same(text string) Words { return Words{FR: text, EN: text} }

// count is a number as words.
func count(n int) Words { return same(strconv.Itoa(n)) }

// monthsBetween is how many months lie from one to another, below 0 where the second is earlier; false where one of them is none.
func monthsBetween(from, to collector.Month) (int, bool) {
	for _, m := range []collector.Month{from, to} {
		if _, _, err := m.Dates(); err != nil {
			return 0, false
		}
	}
	return period{from, to}.length() - 1, true
}

// finite tells whether a figure can be written.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
