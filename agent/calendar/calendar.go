// Package calendar says which part of the day a moment belongs to.
package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Part is a part of the day. Each second of a day belongs to exactly one.
type Part string

// The parts of the day.
const (
	Open    Part = "open"    // open hours of an open day
	Night   Part = "night"   // an open day, outside its open hours
	Weekend Part = "weekend" // a weekday that never has open hours
	Holiday Part = "holiday" // a date on which the site is closed
)

// Hours is one stretch of open time, in minutes since the midnight shown by the clock on the wall.
type Hours struct {
	Weekday  time.Weekday
	From, To int // 0 to 1440, From < To
}

// Calendar is the opening of one site. The zero value is never open; see Default.
type Calendar struct {
	zone     *time.Location
	hours    [7][]Hours
	holidays map[string]bool
}

// New makes the calendar of a site from its time zone, its open hours and the dates on which it is closed (2006-01-02).
func New(zone *time.Location, hours []Hours, holidays []string) (Calendar, error) {
	c := Calendar{zone: zone, holidays: map[string]bool{}}
	for _, h := range hours {
		if h.Weekday < time.Sunday || h.Weekday > time.Saturday || h.From < 0 || h.From >= h.To || h.To > 24*60 {
			return Calendar{}, fmt.Errorf("open hours on weekday %d from minute %d to %d do not fit in a day", h.Weekday, h.From, h.To)
		}
		c.hours[h.Weekday] = append(c.hours[h.Weekday], h)
	}
	for _, date := range holidays {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return Calendar{}, fmt.Errorf("holiday %q is not a date like 2006-01-02", date)
		}
		c.holidays[date] = true
	}
	return c, nil
}

// Default is the calendar of a site that has given none: open Monday to Friday from 8:00 to 18:00, no holiday. It is a
// convention, not a fact about the site.
func Default(zone *time.Location) Calendar {
	c := Calendar{zone: zone}
	for day := time.Monday; day <= time.Friday; day++ {
		c.hours[day] = []Hours{{Weekday: day, From: 8 * 60, To: 18 * 60}}
	}
	return c
}

// Zone is the time zone of the site; UTC when it has none.
func (c Calendar) Zone() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// Part is the part of the day that t belongs to.
func (c Calendar) Part(t time.Time) Part {
	t = t.In(c.Zone())
	switch hours := c.hours[t.Weekday()]; {
	case c.holidays[t.Format(time.DateOnly)]:
		return Holiday
	case len(hours) == 0:
		return Weekend
	default:
		minute := 60*t.Hour() + t.Minute()
		if slices.ContainsFunc(hours, func(h Hours) bool { return h.From <= minute && minute < h.To }) {
			return Open
		}
		return Night
	}
}

// Day is the local day that t belongs to: its date, and the moments of its two midnights. It lasts 24 hours, or 23 or 25
// when the clocks change. Days follow one another without a gap, whatever the clocks do.
func (c Calendar) Day(t time.Time) (date string, start, end time.Time) {
	y, m, d := t.In(c.Zone()).Date()
	start = c.midnight(y, m, d)
	if t.Before(start) { // the clocks go back over midnight, and this is what they show twice
		d--
		start = c.midnight(y, m, d)
	}
	date = time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	return date, start, c.midnight(y, m, d+1)
}

// midnight is the first moment of a local day, also where the clocks go forward at 0:00 and no clock shows midnight, and
// where they go back to 0:00 and show it twice. Where they go back over midnight it is the second of the two.
func (c Calendar) midnight(y int, m time.Month, d int) time.Time {
	const margin = 16 * time.Hour // no clock is further from UTC
	date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	before, after := date.Add(-margin).In(c.Zone()), date.Add(margin).In(c.Zone())
	old, young := date.Add(-offset(before)).In(c.Zone()), date.Add(-offset(after)).In(c.Zone())
	if old.Equal(young) {
		return old
	}
	switch change := changeOfClocks(before, after); {
	case young.After(change):
		return young
	case old.Before(change):
		return old
	default:
		return change // from before midnight to midnight or later
	}
}

// offset is how far the clock of t is ahead of UTC.
func offset(t time.Time) time.Duration {
	_, s := t.Zone()
	return time.Duration(s) * time.Second
}

// changeOfClocks is the moment from which the clocks have the offset that they have at to, and had not at from. It is looked
// for because Time.ZoneBounds answers moments that are past on the last day of a leap year (golang.org/issue/81583).
func changeOfClocks(from, to time.Time) time.Time {
	before, after := from.Unix(), to.Unix()
	for after-before > 1 {
		middle := before + (after-before)/2
		if offset(time.Unix(middle, 0).In(to.Location())) == offset(to) {
			after = middle
		} else {
			before = middle
		}
	}
	return time.Unix(after, 0).In(to.Location())
}

// Next is the first moment after t at which another part of the day begins, at most end.
func (c Calendar) Next(t, end time.Time) time.Time {
	part := c.Part(t)
	for at := c.boundary(t); at.Before(end); at = c.boundary(at) {
		if c.Part(at) != part {
			return at
		}
	}
	return end
}

// boundary is the first moment after t at which another part may begin: open hours begin or end, the date changes, or the
// clocks do, which they do once a day at most.
func (c Calendar) boundary(t time.Time) time.Time {
	t = t.In(c.Zone())
	minute, next := 60*t.Hour()+t.Minute(), 24*60
	for _, h := range c.hours[t.Weekday()] {
		if h.From > minute {
			next = min(next, h.From)
		}
		if h.To > minute {
			next = min(next, h.To)
		}
	}
	passed := time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	at := t.Add(time.Duration(next-minute)*time.Minute - passed)
	if offset(at) != offset(t) {
		return changeOfClocks(t, at)
	}
	return at
}
