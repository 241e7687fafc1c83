package label

import (
	"slices"
	"time"

	"veille/collector"
)

// byDoor is 1 for a reading that came by the door, 0 for one that was imported.
func byDoor(r collector.Reading) int {
	if r.Source == collector.MeteredSource {
		return 1
	}
	return 0
}

// oneBuilding are the readings of a site in sets of which no two have a day in common. Where meters that post by the door are called like meters whose
// readings were imported, each name is a meter, and there is one set. Where no name is the same, both tell of the same building: what was imported is one
// set, and what came by the door on the other days is another. left tells that something was left out for that.
func oneBuilding(readings []collector.Reading) (sets [][]collector.Reading, left bool) {
	var imported, door []collector.Reading
	names := map[string]bool{}
	for _, r := range readings {
		if byDoor(r) == 0 {
			imported, names[r.Meter] = append(imported, r), true
		} else {
			door = append(door, r)
		}
	}
	if len(imported) == 0 || len(door) == 0 || slices.ContainsFunc(door, func(r collector.Reading) bool { return names[r.Meter] }) {
		return [][]collector.Reading{readings}, false
	}
	var rest []collector.Reading
	for _, r := range door {
		others := outside(r, imported)
		left = left || len(others) != 1 || others[0] != r
		rest = append(rest, others...)
	}
	return [][]collector.Reading{imported, rest}, left
}

// outside are the rows of days of a reading that are in none of some others, each with its share.
func outside(r collector.Reading, others []collector.Reading) (rest []collector.Reading) {
	others = slices.DeleteFunc(slices.Clone(others), func(x collector.Reading) bool { return x.From > r.To || x.To < r.From })
	if len(others) == 0 {
		return []collector.Reading{r}
	}
	day, err := r.From.Midnight(time.UTC)
	if err != nil {
		return nil
	}
	each := r.KWh / float64(daysBetween(r.From, r.To))
	for next := true; collector.DateOf(day) <= r.To; day = day.AddDate(0, 0, 1) {
		date := collector.DateOf(day)
		if slices.ContainsFunc(others, func(x collector.Reading) bool { return x.From <= date && date <= x.To }) {
			next = true
			continue
		}
		if next {
			one := r
			one.From, one.KWh = date, 0
			rest = append(rest, one)
		}
		last := &rest[len(rest)-1]
		last.To, last.KWh, next = date, last.KWh+each, false
	}
	return rest
}
