package collector

import (
	"sort"
	"time"
)

// MeterHold is how long a reading of power holds when no other follows.
const MeterHold = 5 * time.Minute

// MeterDays are what a meter counted on each date of its zone from one to another, both included, by samples in the order of their moments, each
// moment once. What a counter counted between two of them is spread evenly over the time between; where it fell it began anew, and what it
// counted meanwhile is not known. A reading of power holds until the next, MeterHold at most; power that is fed back is no use, and counts as none.
// A date of which nothing is known, and that has no sample, is left out. samples must hold the last one before the first date, the first one after
// the last date, and all between.
func MeterDays(m Meter, zone *time.Location, samples []MeterSample, from, to Date) ([]MeterDay, error) {
	return MeterPast{}.Days(m, zone, samples, from, to)
}

// span is a date of a zone: from its first millisecond to that of the next one.
type span struct {
	date       Date
	begin, end int64
}

// spans are the dates from one to another.
func spans(zone *time.Location, from, to Date) (all []span, err error) {
	begin, err := from.Midnight(zone)
	if err != nil {
		return nil, err
	}
	if _, err := to.Midnight(zone); err != nil {
		return nil, err
	}
	for date := from; date <= to; {
		next := DateOf(begin.Add(36 * time.Hour)) // 36 hours after a midnight it is the next date, also where the clocks change at midnight itself
		end, err := next.Midnight(zone)
		if err != nil {
			return nil, err
		}
		all = append(all, span{date, begin.UnixMilli(), end.UnixMilli()})
		date, begin = next, end
	}
	return all, nil
}

// meterSum is what is known of one date.
type meterSum struct {
	wh              FloatSum // the sum of a day of seconds is as exact as that of an hour
	milliseconds    int64
	samples, resets int64
}

// add adds watt-hours, and the time that they are known for.
func (d *meterSum) add(wh float64, milliseconds int64) {
	d.wh.Add(wh)
	d.milliseconds += milliseconds
}

// meterAccount is the making of days of a meter.
type meterAccount struct {
	dates []span
	days  []meterSum
}

// at is the date that a moment is on, -1 for none of them.
func (a *meterAccount) at(moment int64) int {
	i := a.from(moment)
	if i == len(a.dates) || moment < a.dates[i].begin {
		return -1
	}
	return i
}

// from is the first date that ends after a moment.
func (a *meterAccount) from(moment int64) int {
	return sort.Search(len(a.dates), func(i int) bool { return a.dates[i].end > moment })
}

// count takes what a counter counted between two samples, x before y.
func (a *meterAccount) count(x, y MeterSample) {
	if y.Value < x.Value {
		if day := a.at(y.At); day >= 0 {
			a.days[day].resets++
		}
		return
	}
	length := float64(y.At - x.At)
	until := func(moment int64) float64 { // what it shows then; the end is exact
		if moment == y.At {
			return y.Value
		}
		return x.Value + (y.Value-x.Value)*(float64(moment-x.At)/length)
	}
	for i := a.from(x.At); i < len(a.dates) && a.dates[i].begin < y.At; i++ {
		begin, end := max(x.At, a.dates[i].begin), min(y.At, a.dates[i].end)
		a.days[i].add(until(end)-until(begin), end-begin)
	}
}

// hold takes a reading of power that holds until a moment.
func (a *meterAccount) hold(s MeterSample, until int64) {
	for i := a.from(s.At); i < len(a.dates) && a.dates[i].begin < until; i++ {
		held := min(until, a.dates[i].end) - max(s.At, a.dates[i].begin)
		a.days[i].add(max(0, s.Value)*float64(held)/float64(time.Hour.Milliseconds()), held)
	}
}

// told are the dates of which something is known.
func (a *meterAccount) told(meter int64) (all []MeterDay) {
	for i, d := range a.days {
		if d.samples > 0 || d.milliseconds > 0 {
			all = append(all, MeterDay{
				Meter: meter, Date: a.dates[i].date, Wh: d.wh.Value(), CoveredS: int((d.milliseconds + 500) / 1000), Samples: d.samples, Resets: int(d.resets),
			})
		}
	}
	return all
}
