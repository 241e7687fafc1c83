package calendar

import (
	"fmt"
	"time"
)

// Shortest is the shortest time that the open hours of a day may last in total, and the rest of that day as well. A record
// says how long a machine was on in each part of a day: if the site were "open" from 8:00 to 8:01 only, it would say who had
// come by eight. The number is a convention of ours.
const Shortest = 3 * time.Hour

// Check says why an agent must not follow a calendar, or nothing: on a weekday with open hours they last at least Shortest in
// total, the rest of its 24 hours lasts nothing or at least Shortest, and no two stretches overlap.
func Check(c Calendar) error {
	for day, hours := range c.hours {
		open := time.Duration(0)
		for i, h := range hours {
			for _, other := range hours[:i] {
				if h.From < other.To && other.From < h.To {
					return fmt.Errorf("the open hours of %v overlap", time.Weekday(day))
				}
			}
			open += time.Duration(h.To-h.From) * time.Minute
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
