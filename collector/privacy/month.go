package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"veille/collector"
)

// The first day after a month's end on which it may be fixed, the day on which it is fixed at the latest, and how many of its machines
// must have been heard of since, in percent, between the two. Records older than 45 days are refused, so nothing is missed after that.
const (
	FirstDay = 8
	LastDay  = 46
	Heard    = 95
)

// Closes tells whether the figures of a month are to be fixed today. machines is how many machines of use individual the organisation
// had in the month or in the one before it, heard how many of them sent a record of a later month. A month that was fixed stays so.
//
// The month before stands for machines that ran all month and could not send: they are waited for. One that was heard of in neither is
// not, and is missing where it comes after the month was fixed.
//
// In a month of work nearly all are heard of on the day after, so that it is fixed after a week. July is fixed when people come back,
// and has the days then that they were away. The few machines that come later still are not in it.
func Closes(month collector.Month, today collector.Date, machines, heard int) (bool, error) {
	day, err := daysAfter(month, today)
	if err != nil {
		return false, err
	}
	return day >= LastDay || day >= FirstDay && 100*int64(heard) >= Heard*int64(machines), nil
}

// daysAfter is how many days after the last of the month a date is.
func daysAfter(month collector.Month, today collector.Date) (int, error) {
	_, last, err := month.Dates()
	if err != nil {
		return 0, err
	}
	end, err := last.Midnight(time.UTC)
	if err != nil {
		return 0, err
	}
	now, err := today.Midnight(time.UTC)
	return int(now.Sub(end).Hours() / 24), err
}

// daysOf are its days, no more than a month has.
func daysOf(m *collector.PlaceMonth) []collector.PlaceDay {
	return m.Days[:min(len(m.Days), monthDays)]
}

// protected tells whether machines of the use are those of persons.
func protected(u collector.Use) bool { return !u.Hourly() }

// monthDays is how many days a month has at most.
const monthDays = 31

// months are those from one to another, both included, at most ten years of them.
func months(from, to collector.Month) ([]collector.Month, error) {
	first, _, err := from.Dates()
	if err != nil {
		return nil, err
	}
	if _, _, err := to.Dates(); err != nil {
		return nil, err
	}
	t, err := first.Midnight(time.UTC)
	if err != nil {
		return nil, err
	}
	var all []collector.Month
	for ; collector.DateOf(t).Month() <= to; t = t.AddDate(0, 1, 0) {
		if len(all) == 120 {
			return nil, fmt.Errorf("from %s to %s are more than ten years", from, to)
		}
		all = append(all, collector.DateOf(t).Month())
	}
	if all == nil {
		return nil, fmt.Errorf("%s is after %s", from, to)
	}
	return all, nil
}

// weight is what is known of how many machines figures are of, and of how much is one machine's.
type weight struct {
	machines [monthDays]int32
	top      [monthDays]collector.MilliWattHours
	energy   collector.MilliWattHours
}

// addMonth adds a place. Days without any figure do not count.
func (w *weight) addMonth(m *collector.PlaceMonth) {
	for i, d := range daysOf(m) {
		if d.Parts != 0 {
			w.machines[i] += d.Machines
			w.top[i] = max(w.top[i], d.Top)
		}
	}
	for _, e := range m.Sum.Energy {
		if e.Scope == scopeMachine {
			w.energy += e.MWh
		}
	}
}

func (w *weight) add(o *weight) {
	for i := range w.machines {
		w.machines[i] += o.machines[i]
		w.top[i] = max(w.top[i], o.top[i])
	}
	w.energy += o.energy
}

// count is how many machines there were on the day that had most of them: at least so many took part in the month.
func (w *weight) count() int { return int(slices.Max(w.machines[:])) }

// dominated tells whether one machine may have more than it should of the energy, or of the days. One machine has at most one day on
// each date, and at most the energy of the one that took most.
func (w *weight) dominated() bool {
	var top collector.MilliWattHours
	for _, e := range w.top {
		top += e
	}
	return exceeds(float64(top), float64(w.energy)) || crowded(&w.machines)
}

// crowded tells whether one machine may have more than it should of these days of machines.
func crowded(machines *[monthDays]int32) bool {
	var dates, days int64
	for _, n := range machines {
		days += int64(n)
		if n > 0 {
			dates++
		}
	}
	return exceeds(float64(dates), float64(days))
}

// exceeds tells whether part is more of a whole than one may have.
func exceeds(part, whole float64) bool { return whole > 0 && 100*part > Dominant*whole }

// compareRows orders rows as the tree has them.
func compareRows(a, b *collector.PlaceMonth) int {
	return cmp.Or(leaf(a.Place).compare(leaf(b.Place)), cmp.Compare(a.Use, b.Use))
}
