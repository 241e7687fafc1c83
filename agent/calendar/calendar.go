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

// Zone is the time zone of the site.
func (c Calendar) Zone() *time.Location { return c.zone }

// Part is the part of the day that t belongs to.
func (c Calendar) Part(t time.Time) Part {
	t = t.In(c.zone)
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
// when the clocks change.
func (c Calendar) Day(t time.Time) (date string, start, end time.Time) {
	y, m, d := t.In(c.zone).Date()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d), c.midnight(y, m, d), c.midnight(y, m, d+1)
}

// midnight is the first moment of a local day, also where the clocks go forward at 0:00 and no clock shows midnight.
func (c Calendar) midnight(y int, m time.Month, d int) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, c.zone)
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Day()
	for t.Day() != want { // time.Date answered with the offset in force before the change
		t = t.Add(30 * time.Minute)
	}
	return t
}

// Next is the first moment after t at which another part of the day begins, at most end. Clocks change on whole minutes,
// and so do parts.
func (c Calendar) Next(t, end time.Time) time.Time {
	part := c.Part(t)
	for minute := t.Truncate(time.Minute).Add(time.Minute); minute.Before(end); minute = minute.Add(time.Minute) {
		if c.Part(minute) != part {
			return minute
		}
	}
	return end
}
