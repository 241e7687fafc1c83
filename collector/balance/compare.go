package balance

import (
	"math"
	"slices"

	"veille/collector"
)

// Change is how much more was used than a year ago, in the months that can be compared.
type Change struct {
	Months     int     // that are compared
	KWh        Range   // more than then, below 0: less; of the time that is covered, in each year
	Percent    float64 // of then
	PerDay     Range   // more Wh in a machine-day than then: what remains where machines were added or taken away
	PerPercent float64 // of then
	Within     bool    // 0 lies in the range of PerDay: it may be no change at all
	Assumed    bool    // there are fewer than four months: that months like them differ by 20 percent is assumed
	Uneven     bool    // the energy covers 10 percent of the time more in one year than in the other: PerDay can be compared, KWh cannot
	Methods    bool    // the energy was obtained in other ways in one year than in the other: some of the change may come from that
}

// pair is a month and the same month a year before.
type pair struct{ now, before Account }

// covered is the hours of machines that the energy covers.
func (a *Account) covered() (hours float64) {
	for _, p := range a.Parts {
		hours += p.Covered
	}
	return hours
}

// perDay is the mean energy of 24 hours of a machine that are covered, in Wh.
func (a *Account) perDay() float64 { return ratio(a.KWh.Value*1000*24, a.covered()) }

// share is the share of all time that the energy covers.
func (a *Account) share() float64 { return a.Known * a.Covered }

// Compare compares months with the same months a year before. Only months are compared that are whole, of nothing hidden, with some energy
// known, in both years; false where there is none.
//
//	KWh = energy now − energy then
//	PerDay = 24 h × (energy now ÷ covered hours now − energy then ÷ covered hours then)
//
// The range is that of spread, where s is how far the differences d of single months scatter: of n months, s = t × deviation of d ÷ √n for
// PerDay and t × deviation of d × √n for KWh, with Student's t for 95 percent; of fewer than four months,
// 20 percent × √(2 ÷ n) of the mean of both years.
func Compare(now, before []Account) (Change, bool) {
	pairs := pairsOf(now, before)
	if len(pairs) == 0 {
		return Change{}, false
	}
	var years [2][]Account
	var kwh, perDay []float64
	for _, p := range pairs {
		years[0], years[1] = append(years[0], p.now), append(years[1], p.before)
		kwh, perDay = append(kwh, p.now.KWh.Value-p.before.KWh.Value), append(perDay, p.now.perDay()-p.before.perDay())
	}
	a, b := Add(years[0]), Add(years[1])
	n := float64(len(pairs))
	few := alone * math.Sqrt2 / math.Sqrt(n)
	s, sDay := few*(a.KWh.Value+b.KWh.Value)/2, few*(a.perDay()+b.perDay())/2
	if len(pairs) >= some {
		t := student(len(pairs)) / math.Sqrt(n)
		s, sDay = t*scatter(kwh)*n, t*scatter(perDay)
	}
	low, high := scale(a.KWh, b.KWh)
	c := Change{Months: len(pairs), Assumed: len(pairs) < some, Uneven: math.Abs(a.share()-b.share()) > 0.1, Methods: !slices.Equal(a.Methods, b.Methods)}
	c.KWh = spread(settle(a.KWh.Value-b.KWh.Value, b.KWh.Value), s, low, high)
	c.PerDay = spread(settle(a.perDay()-b.perDay(), b.perDay()), sDay, low, high)
	c.Percent, c.PerPercent = 100*ratio(c.KWh.Value, b.KWh.Value), 100*ratio(c.PerDay.Value, b.perDay())
	c.Within = c.PerDay.has(0)
	return c, true
}

// pairsOf are the months that can be compared, in the order of now.
func pairsOf(now, before []Account) (pairs []pair) {
	then := make(map[collector.Month]Account)
	for _, a := range before {
		if a.whole() {
			then[a.From] = a
		}
	}
	for _, a := range inOrder(now) {
		month, ok := yearBefore(a.From)
		if !ok || !a.whole() {
			continue
		}
		if b, ok := then[month]; ok {
			pairs = append(pairs, pair{a, b})
			delete(then, month)
		}
	}
	return pairs
}

// whole tells whether it is of one month, of nothing hidden, with some energy.
func (a *Account) whole() bool {
	return a.From == a.To && a.Months == 1 && a.HiddenMonths == 0 && a.KWh.Value > 0 && a.covered() > 0
}
