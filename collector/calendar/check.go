package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"veille/collector"
)

// Shortest is the shortest time that a weekday may be open in total, and closed, when it has open hours at all. A record says
// how long a machine was on in each part of a day. At a site that is "open" from 8:00 to 8:01 that is whether somebody was
// there at eight: the record would be a time clock. The number is a convention of ours; the agents hold to the same.
const Shortest = 3 * time.Hour

const (
	wholeDay        = 24 * 60 // minutes
	maxAWeekday     = 8       // stretches
	shortestStretch = 60      // minutes of open hours without a break
	shortestGap     = 30      // minutes between two stretches of a day, for a lunch
)

// reason is why short hours are refused.
const reason = "so short a time tells when somebody was there, which records of personal machines must not"

// Check says why agents would refuse open hours, or nothing. They are whole minutes of the clock on the wall; each stretch
// ends after it begins; those of a weekday do not overlap; on a weekday that has any, they last Shortest or more in total,
// and what is left of its 24 hours nothing, or Shortest or more; each stretch lasts an hour or more, and each gap between two of
// them 30 minutes or more, or nothing.
func Check(open []collector.OpenHours) error {
	var week [8][][2]int
	for _, h := range open {
		from, to := minutes(h.From), minutes(h.To)
		switch {
		case h.Weekday < 1 || h.Weekday > 7:
			return fmt.Errorf("weekday %d of the open hours is not from 1, Monday, to 7, Sunday", h.Weekday)
		case from < 0 || to < 0:
			return fmt.Errorf("%s: %q to %q are not two times of day like 08:00", weekdayName(h.Weekday), h.From, h.To)
		case from >= to:
			return fmt.Errorf("%s: the open hours %s-%s end before they begin; hours over midnight are two: until 24:00, and from 00:00 on the next day",
				weekdayName(h.Weekday), h.From, h.To)
		}
		week[h.Weekday] = append(week[h.Weekday], [2]int{from, to})
	}
	for weekday, hours := range week {
		if err := checkWeekday(weekday, hours); err != nil {
			return err
		}
	}
	return nil
}

func checkWeekday(weekday int, hours [][2]int) error {
	if len(hours) == 0 {
		return nil
	}
	if len(hours) > maxAWeekday {
		return fmt.Errorf("%s has %d stretches of open hours; up to %d are possible", weekdayName(weekday), len(hours), maxAWeekday)
	}
	slices.SortFunc(hours, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	total, last := 0, 0
	for _, h := range hours {
		if h[0] < last {
			return fmt.Errorf("%s: open hours overlap at %s; give each time once", weekdayName(weekday), clock(h[0]))
		}
		total, last = total+h[1]-h[0], h[1]
	}
	if err := checkStretches(weekday, hours); err != nil {
		return err
	}
	shortest := int(Shortest / time.Minute)
	switch rest := wholeDay - total; {
	case total < shortest:
		return fmt.Errorf("%s is open for %s in all: %s; open it for %d hours or more, or not at all",
			weekdayName(weekday), length(total), reason, shortest/60)
	case rest > 0 && rest < shortest:
		return fmt.Errorf("%s is closed for %s in all: %s; close it for %d hours or more, or open it from 00:00 to 24:00",
			weekdayName(weekday), length(rest), reason, shortest/60)
	}
	return nil
}

// checkStretches looks at the hours of a weekday one by one, in their order; those that meet are one.
func checkStretches(weekday int, hours [][2]int) error {
	for i := 0; i < len(hours); {
		from, to := hours[i][0], hours[i][1]
		for i++; i < len(hours) && hours[i][0] == to; i++ {
			to = hours[i][1]
		}
		if to-from < shortestStretch {
			return fmt.Errorf("%s is open for %s from %s: %s; give stretches of an hour or more", weekdayName(weekday), length(to-from), clock(from), reason)
		}
		if i < len(hours) && hours[i][0]-to < shortestGap {
			return fmt.Errorf("%s is closed for %s from %s: %s; close it for %d minutes or more, or not at all",
				weekdayName(weekday), length(hours[i][0]-to), clock(to), reason, shortestGap)
		}
	}
	return nil
}

// minutes is a time of day written as 08:00 in minutes since midnight, up to 24:00, or -1.
func minutes(text string) int {
	if len(text) != 5 || text[2] != ':' {
		return -1
	}
	n := 0
	for i, max := range []byte{'2', '9', ':', '5', '9'} {
		if i == 2 {
			continue
		}
		if text[i] < '0' || text[i] > max {
			return -1
		}
		n = 10*n + int(text[i]-'0')
	}
	if n = n/100*60 + n%100; n > wholeDay {
		return -1
	}
	return n
}

// clock is minutes since midnight written as 08:00.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// length is a number of minutes in words.
func length(minutes int) string {
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
}

// weekdayName is the English name of a weekday, 1 to 7.
func weekdayName(weekday int) string { return time.Weekday(weekday % 7).String() }
