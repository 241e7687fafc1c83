package balance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/privacy"
)

// open is the part of the day in which a site is open. All others but collector.Mixed are outside of open hours.
const open = "open"

// Of is the account of one month, made of what may be seen of a node in it; false where there is nothing of that kind. f is of one month.
//
// Workstations are machines of persons and shared ones; servers are all other machines that are not personal. Where there are machines of
// persons that may not be told of, the account is of the shared ones alone, and HiddenMonths is 1; where there are no shared ones it
// has no figures, and Months is 0.
//
// Known = 1 − unknown hours ÷ hours. Covered = hours that the energy covers ÷ hours in a known state, and at most 1: several methods may
// have covered the same seconds of a part.
func (b Book) Of(month collector.Month, f *privacy.Figures, kind Kind) (Account, bool) {
	a := Account{From: month, To: month}
	if f == nil {
		return a, false
	}
	figures := false
	if kind == Workstations {
		if f.Months < f.Of {
			a.HiddenMonths, a.Hidden = 1, f.Why
		}
		if f.Personal != nil {
			figures = true
			a.Machines += f.Machines
			a.addTotal(f.Personal)
		}
	}
	for i := range f.Others {
		if o := &f.Others[i]; (o.Use == "shared") == (kind == Workstations) {
			figures = true
			a.Machines += o.Machines
			total := privacy.Fold(o.Sum)
			a.addTotal(&total)
		}
	}
	if figures {
		a.Months, a.Days = 1, daysOf(month)
		a.reckon()
		b.value(&a)
	}
	return a, figures || a.HiddenMonths > 0
}

// value is what the energy of a month costs, and its carbon.
func (b Book) value(a *Account) {
	if a.measured() {
		a.Euros, a.Tax = b.euros(a.KWh, a.From)
		a.Carbon = b.carbon(a.KWh)
	}
}

// measured tells whether some energy is known.
func (a *Account) measured() bool { return a.Covered > 0 || a.KWh.High > 0 }

// addTotal adds figures. A second is 1/3600 of an hour, and a milliwatt-hour a millionth of a kilowatt-hour.
func (a *Account) addTotal(t *privacy.Total) {
	hours := func(seconds int64) float64 { return float64(seconds) / 3600 }
	kwh := func(e collector.MilliWattHours) float64 { return float64(e) / 1e6 }
	a.MachineDays += t.Days
	for _, p := range t.Parts {
		a.addPart(Part{
			Part: p.Part, On: hours(p.On), DisplayOff: hours(p.DisplayOff), Sleep: hours(p.Sleep), Off: hours(p.Off), UnknownTime: hours(p.Unknown),
			Covered: hours(p.CoveredS), KWh: between(kwh(p.LowMWh), kwh(p.MWh), kwh(p.HighMWh)),
		})
	}
	a.addMethods(t.Methods)
}

func (a *Account) addPart(p Part) {
	i, found := slices.BinarySearchFunc(a.Parts, p, func(x, y Part) int { return cmp.Compare(place(x.Part), place(y.Part)) })
	if !found {
		a.Parts = slices.Insert(a.Parts, i, p)
		return
	}
	x := &a.Parts[i]
	x.On, x.DisplayOff, x.Sleep, x.Off, x.UnknownTime = x.On+p.On, x.DisplayOff+p.DisplayOff, x.Sleep+p.Sleep, x.Off+p.Off, x.UnknownTime+p.UnknownTime
	x.Covered, x.KWh = x.Covered+p.Covered, x.KWh.plus(p.KWh)
}

// place is where a part is in lists.
func place(part string) int {
	if i := slices.Index(collector.Parts(), part); i >= 0 {
		return i
	}
	return len(collector.Parts())
}

func (a *Account) addMethods(methods []string) {
	a.Methods = slices.DeleteFunc(collector.Methods(), func(m string) bool {
		return !slices.Contains(a.Methods, m) && !slices.Contains(methods, m)
	})
}

// reckon fills in what follows from the parts.
func (a *Account) reckon() {
	a.KWh = Range{}
	var all, outside span
	var apart Range
	for _, p := range a.Parts {
		a.KWh = a.KWh.plus(p.KWh)
		all.add(p)
		switch {
		case isMixed(p):
			apart = p.KWh
		case p.Part != open:
			outside.add(p)
		}
	}
	a.Known = min(1, ratio(all.known(), all.known()+all.unknown))
	a.Covered = min(1, ratio(all.covered, all.known()))
	a.Outside = nil
	if mixed, hours := mixedHours(*a); a.measured() && mixed <= littleMixed*hours {
		outside.kwh.High += apart.High // all of it may have been used then
		a.Outside = &outside.kwh
	}
}

// mixed tells whether parts of the day are not told apart.
func (a *Account) mixed() bool {
	return slices.ContainsFunc(a.Parts, isMixed)
}

// Add puts accounts of different months of one node together: those of a year. The order does not matter. Euros and Carbon are nil where
// they are missing in a month in which energy is known.
func Add(months []Account) Account {
	var sum Account
	for i, a := range inOrder(months) {
		if i == 0 {
			sum.From, sum.To = a.From, a.To
		}
		sum.From, sum.To = min(sum.From, a.From), max(sum.To, a.To)
		sum.Months, sum.Days, sum.MachineDays = sum.Months+a.Months, sum.Days+a.Days, sum.MachineDays+a.MachineDays
		sum.Machines = max(sum.Machines, a.Machines)
		if a.HiddenMonths > 0 {
			sum.HiddenMonths, sum.Hidden = sum.HiddenMonths+a.HiddenMonths, a.Hidden
		}
		for _, p := range a.Parts {
			sum.addPart(p)
		}
		sum.addMethods(a.Methods)
	}
	sum.reckon()
	sum.addValues(months)
	return sum
}

// inOrder are the accounts from the first month to the last, without those that are of nothing: sums of numbers with a point depend on
// the order in their last digits.
func inOrder(months []Account) []Account {
	months = slices.DeleteFunc(slices.Clone(months), func(a Account) bool { return a.Months == 0 && a.HiddenMonths == 0 })
	slices.SortStableFunc(months, func(x, y Account) int {
		return cmp.Or(strings.Compare(string(x.To), string(y.To)), strings.Compare(string(x.From), string(y.From)), cmp.Compare(x.KWh.Value, y.KWh.Value))
	})
	return months
}

// addValues adds up euros and carbon.
func (a *Account) addValues(months []Account) {
	if !a.measured() {
		return
	}
	a.Euros, a.Carbon = new(Range), new(Range)
	for _, m := range inOrder(months) {
		if !m.measured() {
			continue
		}
		a.Euros, a.Carbon = plusMaybe(a.Euros, m.Euros), plusMaybe(a.Carbon, m.Carbon)
		if a.Tax = cmp.Or(a.Tax, m.Tax); a.Tax != m.Tax {
			a.Tax = "mixed"
		}
	}
	if a.Euros == nil {
		a.Tax = ""
	}
}

// daysOf is how many days a month has; 0 of what is no month.
func daysOf(month collector.Month) int {
	_, last, err := month.Dates()
	if err != nil {
		return 0
	}
	t, err := last.Midnight(time.UTC)
	if err != nil {
		return 0
	}
	return t.Day()
}

// yearBefore is the same month a year before; false of what is no month.
func yearBefore(month collector.Month) (collector.Month, bool) {
	first, _, err := month.Dates()
	if err != nil {
		return "", false
	}
	t, err := first.Midnight(time.UTC)
	if err != nil {
		return "", false
	}
	before := t.AddDate(-1, 0, 0)
	return collector.Month(fmt.Sprintf("%04d-%02d", before.Year(), before.Month())), true
}
