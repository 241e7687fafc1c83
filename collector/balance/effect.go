package balance

import (
	"math"
	"slices"
)

// Effect is what an action saved, in comparison with its baseline.
type Effect struct {
	Before, After Account      // of the months that are compared
	KWh           Range        // avoided in the months after, until now; below 0: more was used
	Percent       float64      // of what would have been used
	Euros         *Range       // nil where a month after has no price
	Tax           string       // of the price, as of an account
	Carbon        *Range       // kgCO2e
	YearKWh       *Range       // avoided in twelve months, if it goes on; nil where less than three months are over
	Parts         []PartEffect // of each part of the day: holidays are compared with holidays
	LeftOut       []string     // parts of the day after that have no baseline, or no energy that is known: they are in none of the figures
	Within        bool         // 0 lies in the range of KWh: it may be no effect at all
	Assumed       bool         // some part of the day has a baseline of fewer than four months: that months like them differ by 20 percent is assumed
	Matched       float64      // share of the hours after that are compared with the same part of the tree before, 0 to 1; see Since
	New           float64      // share of the hours after that have nothing to compare with, as they are of sites, groups or classes that were not there before: they are in none of the figures; see Since
	Left          float64      // share of the time before or after, the greater, that is left out since parts of the day are not told apart in it
	Mix           bool         // machines were added or taken away, more than a fifth, and less than nine tenths are Matched: if they are of other classes, that is in the figures
	Methods       bool         // the energy was obtained in other ways before than after: some of the effect may come from that
}

// PartEffect is the effect in one part of the day.
type PartEffect struct {
	Part          string
	Before, After float64 // mean power of a machine in watts
	KWh           Range   // avoided
}

// Reasons why the effect of an action cannot be told.
const (
	NoBaseline = "no-baseline" // no month of the baseline is shown, or they have fewer than 28 observed days, or no part of the day that was met after
	NoAfter    = "no-after"    // no month after the action is fixed yet, or none is shown
	TooFew     = "coverage"    // less than 60 percent of the time is known, or less than 60 percent of that covered, before or after
	MixedParts = "mixed"       // parts of the day are mixed
)

const (
	leastMonths = 3   // after the action, before it is said what it saves in a year
	mostChange  = 1.2 // times the machines before, above which their mix may be another one
	// mostlyMatched is the share of the hours after of which the mix must be the same.
	mostlyMatched = 0.9
)

// baseline is the power of a machine in one part of the day before the action.
type baseline struct {
	watts   float64
	scatter float64 // watts that the mean of the months after may differ, though nothing was done
	months  int
}

// Effect compares months after an action with those of its baseline: of each part of the day the mean power of a machine before, times the hours
// of machines after, less the energy after. Where it cannot be told, why says so. Accounts are of one month each. Where some of the months
// hide machines of persons and others do not, the others alone are compared.
//
// Of each part of the day, with the energy E and the hours H that it covers:
//
//	P before = E before ÷ H before
//	avoided = P before × H after − E after
//	s = t × deviation of P of the months before × √(1 ÷ months before + 1 ÷ months after) × H after
//
// t is Student's t for 95 percent; where fewer than four months before have the part, 20 percent of P before stands for t × deviation. The range is that of spread,
// with the sum of s of all parts. Machines that are added use more and save nothing: all is per hour of a machine. That the mix of their
// classes is the same before and after is assumed; Since needs that less. Euros are those of each month at its price.
func (b Book) Effect(before, after []Account) (e Effect, why string) {
	return b.effect(before, after, Told{}, Told{})
}

// effect is Effect, where the nodes below are compared with themselves: those of both sides.
func (b Book) effect(before, after []Account, below, belowAfter Told) (e Effect, why string) {
	before, after = alike(before, after)
	below, belowAfter = steady(before, after, below, belowAfter)
	all := coveredHours(after)
	if len(before) > 0 && len(after) > 0 {
		before, after = b.without(before, below, belowAfter), b.without(after, belowAfter, below)
	}
	e.Before, e.After = Add(before), Add(after)
	e.New = max(0, settle(ratio(all-coveredHours(after), all), 1))
	switch {
	case !observed(&e.Before):
		return e, NoBaseline
	case e.After.Months == 0:
		return e, NoAfter
	case e.Before.mixed() || e.After.mixed():
		return e, MixedParts
	case !telling(&e.Before) || !telling(&e.After):
		return e, TooFew
	}
	e.Methods = !slices.Equal(e.Before.Methods, e.After.Methods)
	base := e.baselines(before, after)
	if len(base) == 0 {
		return e, NoBaseline
	}
	e.Matched = ratio(e.match(base, below, belowAfter), all)
	e.Mix = !e.alikeInNumber() && e.Matched < mostlyMatched
	low, high := e.compare(base)
	b.priced(&e, base, after, low, high)
	return e, ""
}

// alike are the months of both sides that are of the same machines: those that hide none, or where neither side has such, all with figures.
func alike(before, after []Account) (b, a []Account) {
	shown := func(all []Account, hidden bool) []Account {
		return slices.DeleteFunc(inOrder(all), func(a Account) bool { return a.Months == 0 || a.HiddenMonths > 0 && !hidden })
	}
	if b, a = shown(before, false), shown(after, false); len(b) > 0 || len(a) > 0 {
		return b, a
	}
	return shown(before, true), shown(after, true)
}

// alikeInNumber tells whether about as many machines were seen on a day before and after.
func (e *Effect) alikeInNumber() bool {
	before, after := ratio(float64(e.Before.MachineDays), float64(e.Before.Days)), ratio(float64(e.After.MachineDays), float64(e.After.Days))
	return after <= before*mostChange && before <= after*mostChange
}

// baselines are the parts of the day that both sides have. Those that the months before do not have are told.
func (e *Effect) baselines(before, after []Account) map[string]baseline {
	all := make(map[string]baseline)
	for _, p := range e.After.Parts {
		watts := wattsOf(before, p.Part)
		n := len(wattsOf(after, p.Part))
		if len(watts) == 0 || n == 0 {
			e.LeftOut = append(e.LeftOut, p.Part)
			continue
		}
		mean, _ := e.Before.part(p.Part)
		l := baseline{watts: mean.watts(), months: len(watts)}
		l.scatter = student(l.months) * scatter(watts)
		if l.months < some {
			l.scatter, e.Assumed = alone*l.watts, true
		}
		l.scatter *= math.Sqrt(1/float64(l.months) + 1/float64(n))
		all[p.Part] = l
	}
	return all
}

// wattsOf is the mean power of a machine in each of the months that have a part of the day.
func wattsOf(months []Account, part string) (watts []float64) {
	for _, m := range months {
		if p, ok := m.part(part); ok && p.Covered > 0 {
			watts = append(watts, p.watts())
		}
	}
	return watts
}

// part is a part of the day; false where it was not met.
func (a *Account) part(part string) (Part, bool) {
	i := slices.IndexFunc(a.Parts, func(p Part) bool { return p.Part == part })
	if i < 0 {
		return Part{}, false
	}
	return a.Parts[i], true
}

// watts is the mean power of a machine in the hours that are covered.
func (p *Part) watts() float64 { return ratio(p.KWh.Value*1000, p.Covered) }

// sides is what would have been used in some hours after, how far that may be off, and what was used.
type sides struct{ expected, scatter, used float64 }

func (l baseline) sides(after Part) sides {
	return sides{l.watts * after.Covered / 1000, l.scatter * after.Covered / 1000, after.KWh.Value}
}

func (s *sides) add(o sides, times float64) {
	s.expected, s.scatter, s.used = s.expected+o.expected*times, s.scatter+o.scatter*times, s.used+o.used*times
}

// avoided is the difference, with its range.
func (s sides) avoided(low, high float64) Range {
	return spread(settle(s.expected-s.used, s.expected), s.scatter, low, high)
}

// compare fills in what was avoided, and answers the factors of scale.
func (e *Effect) compare(base map[string]baseline) (low, high float64) {
	var before, after Range
	for _, a := range e.After.Parts {
		if _, ok := base[a.Part]; ok {
			b, _ := e.Before.part(a.Part)
			before, after = before.plus(b.KWh), after.plus(a.KWh)
		}
	}
	low, high = scale(before, after)
	var all sides
	for _, p := range e.After.Parts {
		if l, ok := base[p.Part]; ok {
			s := l.sides(p)
			all.add(s, 1)
			e.Parts = append(e.Parts, PartEffect{Part: p.Part, Before: l.watts, After: p.watts(), KWh: s.avoided(low, high)})
		}
	}
	e.KWh = all.avoided(low, high)
	e.Percent = 100 * ratio(e.KWh.Value, all.expected)
	e.Within = e.KWh.has(0)
	if e.After.Months >= leastMonths {
		times, _ := toYear(&e.After)
		year := e.KWh.by(times)
		e.YearKWh = &year
	}
	return low, high
}

// priced fills in the carbon and the euros of what was avoided.
func (b Book) priced(e *Effect, base map[string]baseline, after []Account, low, high float64) {
	e.Carbon = b.carbon(e.KWh)
	var all sides
	tax := ""
	for _, m := range after {
		price, ok := b.Price(m.To)
		if !ok {
			return
		}
		if tax != "" && tax != price.Tax {
			price.Tax = "mixed"
		}
		tax = price.Tax
		for _, p := range m.Parts {
			if l, ok := base[p.Part]; ok {
				all.add(l.sides(p), price.EuroPerKWh)
			}
		}
	}
	euros := all.avoided(low, high)
	e.Euros, e.Tax = &euros, tax
}
