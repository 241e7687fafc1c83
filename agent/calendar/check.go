package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Shortest is the shortest time that the open hours of a day may last in total, and the rest of that day as well. A record
// says how long a machine was on in each part of a day: if the site were "open" from 8:00 to 8:01 only, it would say who had
// come by eight. The number is a convention of ours.
const Shortest = 3 * time.Hour

// Bounds of the stretches of open hours within a day, which together last Shortest at least: a stretch of a minute beside a long one
// would tell the same. A break for lunch may be short.
const (
	shortestStretch = time.Hour
	shortestGap     = 30 * time.Minute
)

// Check says why an agent must not follow a calendar, or nothing: on a weekday with open hours they last at least Shortest in
// total, the rest of its 24 hours lasts nothing or at least Shortest; each stretch lasts an hour at least, and between two of them
// are 30 minutes at least. Stretches that meet are one.
func Check(c Calendar) error {
	for day, hours := range c.hours {
		open, err := stretches(hours)
		if err != nil {
			return fmt.Errorf("%v %w", time.Weekday(day), err)
		}
		switch rest := 24*time.Hour - open; {
		case len(hours) == 0 || open >= Shortest && (rest == 0 || rest >= Shortest):
		case open < Shortest:
			return fmt.Errorf("%v is open for %v only; less than %v would tell when people come and go", time.Weekday(day), open, Shortest)
		default:
			return fmt.Errorf("%v is closed for %v only; less than %v would tell when people come and go", time.Weekday(day), rest, Shortest)
		}
	}
	return nil
}

// stretches is how long hours of one day last in total, or why they are none.
func stretches(hours []Hours) (time.Duration, error) {
	sorted := slices.SortedFunc(slices.Values(hours), func(a, b Hours) int { return a.From - b.From })
	total := time.Duration(0)
	for i := 0; i < len(sorted); {
		h := sorted[i]
		for i++; i < len(sorted) && sorted[i].From <= h.To; i++ {
			if sorted[i].From < h.To {
				return 0, errors.New("has open hours that overlap")
			}
			h.To = sorted[i].To
		}
		if open := minutes(h.From, h.To); open < shortestStretch {
			return 0, fmt.Errorf("is open for %v at a stretch; less than %v would tell when people come and go", open, shortestStretch)
		}
		if i < len(sorted) && minutes(h.To, sorted[i].From) < shortestGap {
			return 0, fmt.Errorf("is closed for %v between open hours; less than %v would tell when people come and go", minutes(h.To, sorted[i].From), shortestGap)
		}
		total += minutes(h.From, h.To)
	}
	return total, nil
}

func minutes(from, to int) time.Duration { return time.Duration(to-from) * time.Minute }
