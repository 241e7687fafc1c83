package fleet

import (
	"fmt"
	"time"
)

// The parts of the day, as the agent's calendar has them.
const (
	night = iota
	open
	weekend
	holiday
)

func partName(part uint8) string { return [...]string{"night", "open", "weekend", "holiday"}[part] }

// day is one day of a calendar.
type day struct {
	length   int32 // seconds
	spans    []span
	from, to int32 // seconds since midnight at which the site opens first and closes last; 0 and 0 where it does not open
	weekday  uint8 // 0 Sunday
	lastOpen int32 // the open day before it; -1: none in the tables
	closed   int16 // how many days it has been closed, this one included; 0: it is open
	leave    int16 // of a thousand people, how many are on leave that week, by the season
}

func (d *day) isOpen() bool { return d.to > 0 }

// span is a stretch of a day that is in one part of it.
type span struct {
	to   int32 // second since midnight at which it ends
	part uint8
}

// week is the open hours of a site by weekday, 0 Sunday: minutes on the wall clock, from and to in turn.
type week [7][]int

// makeDays is a calendar from open hours and closed dates. Parts are those of design.md §3: a closed date is holiday whatever its
// weekday, a weekday without hours is weekend, and the rest is open or night.
func (f *Fleet) makeDays(zone *time.Location, hours week, closed, out map[int]bool) ([]day, error) {
	days := make([]day, f.days)
	last, shut := int32(-1), int16(0)
	for i := range days {
		y, m, n := time.Unix(int64(f.epoch+i)*secondsPerDay, 0).UTC().Date()
		midnight := time.Date(y, m, n, 0, 0, 0, 0, zone)
		length := int32(time.Date(y, m, n+1, 0, 0, 0, 0, zone).Unix() - midnight.Unix())
		if length != 23*3600 && length != 24*3600 && length != 25*3600 {
			return nil, fmt.Errorf("%s has %d s in %v; only days of 23, 24 or 25 hours can be lived", f.dates[i], length, zone)
		}
		d := day{length: length, weekday: uint8(midnight.Weekday()), lastOpen: last, leave: onLeave(m, n, out[f.epoch+i])}
		stretches := hours[d.weekday]
		switch {
		case closed[f.epoch+i]:
			d.spans = []span{{length, holiday}}
		case len(stretches) == 0:
			d.spans = []span{{length, weekend}}
		default:
			for k, minute := range stretches {
				at := int32(time.Date(y, m, n, 0, minute, 0, 0, zone).Unix() - midnight.Unix())
				d.spans = append(d.spans, span{at, []uint8{night, open}[k%2]})
			}
			d.from, d.to = d.spans[0].to, d.spans[len(d.spans)-1].to
			d.spans = append(d.spans, span{length, night})
			last, shut = int32(i), -1
		}
		shut++
		d.closed = shut
		days[i] = d
	}
	return days, nil
}

// onLeave is how many of a thousand people who work through school holidays are on leave: a guess, with the French August.
func onLeave(m time.Month, day int, schoolsOut bool) int16 {
	switch {
	case m == time.August:
		return 500
	case m == time.July:
		return 250
	case m == time.December && day >= 22 || m == time.January && day == 1:
		return 550
	case schoolsOut:
		return 180
	}
	return 40
}

// publicHolidays are those of metropolitan France in a year, in days since 1970 (code du travail, article L3133-1).
func publicHolidays(year int) []int {
	on := func(m time.Month, d int) int {
		return int(time.Date(year, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
	}
	easter := on(easterOf(year))
	return []int{
		on(time.January, 1), easter + 1, on(time.May, 1), on(time.May, 8), easter + 39, easter + 50, on(time.July, 14),
		on(time.August, 15), on(time.November, 1), on(time.November, 11), on(time.December, 25),
	}
}

// easterOf is Easter Sunday in the Gregorian calendar, by the anonymous method that Nature printed in 1876.
func easterOf(year int) (time.Month, int) {
	a, b, c := year%19, year/100, year%100
	g := (8*b + 13) / 25
	h := (19*a + b - b/4 - g + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return time.Month(month), (h + l - 7*m + 33*month + 19) % 32
}
