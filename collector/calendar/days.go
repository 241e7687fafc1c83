package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"veille/collector"
)

// parse is the UTC midnight of a date, of the years 1970 to 2199.
func parse(d collector.Date) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || t.Year() < 1970 || t.Year() > 2199 {
		return time.Time{}, fmt.Errorf("%q is not a date like 2006-01-02", d)
	}
	return t, nil
}

// add is the date some days after d, or before it. What is no date stays what it is.
func add(d collector.Date, days int) collector.Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return collector.DateOf(t.AddDate(0, 0, days))
}

// Length is how many days they are, 0 for what are no dates in order.
func Length(d collector.Days) int {
	from, err := parse(d.From)
	if err != nil {
		return 0
	}
	to, err := parse(d.To)
	if err != nil || to.Before(from) {
		return 0
	}
	return int(to.Sub(from)/(24*time.Hour)) + 1
}

func checkDays(d collector.Days) error {
	for _, date := range []collector.Date{d.From, d.To} {
		if _, err := parse(date); err != nil {
			return err
		}
	}
	switch n := Length(d); {
	case n == 0:
		return fmt.Errorf("%s is before %s: give the first day, then the last", d.To, d.From)
	case n > maxDays:
		return fmt.Errorf("%s to %s are %d days; up to %d are possible at once", d.From, d.To, n, maxDays)
	}
	return nil
}

// overlap tells whether a and b have a day in common.
func overlap(a, b collector.Days) bool { return a.From <= b.To && b.From <= a.To }

// without is what is left of d when the days of cuts are taken out, in order: nothing, or one or more stretches.
func without(d collector.Days, cuts []collector.Days) []collector.Days {
	left := []collector.Days{d}
	for _, cut := range cuts {
		var next []collector.Days
		for _, days := range left {
			if !overlap(days, cut) {
				next = append(next, days)
				continue
			}
			if days.From < cut.From {
				next = append(next, collector.Days{From: days.From, To: add(cut.From, -1)})
			}
			if cut.To < days.To {
				next = append(next, collector.Days{From: add(cut.To, 1), To: days.To})
			}
		}
		left = next
	}
	return slices.DeleteFunc(left, func(d collector.Days) bool { return d.From > d.To })
}

// join sorts stretches and makes one of those that overlap or follow one another.
func join(all []collector.Days) []collector.Days {
	all = slices.SortedFunc(slices.Values(all), func(a, b collector.Days) int { return strings.Compare(string(a.From), string(b.From)) })
	var joined []collector.Days
	for _, d := range all {
		if n := len(joined); n > 0 && d.From <= add(joined[n-1].To, 1) {
			joined[n-1].To = max(joined[n-1].To, d.To)
			continue
		}
		joined = append(joined, d)
	}
	return joined
}
