package uptime

import (
	"slices"
	"time"
)

// maxBoots is how many boots of a journal are looked at, the last ones.
const maxBoots = 1000

// sincePowerOn is less than a machine needs from the end of one boot to the first entry of the next.
const sincePowerOn = 2 * time.Second

// credible are the boots whose times fit together, in their order, and those whose clock was wrong at one end: a machine with
// an empty battery on its board begins in the past, and asks a server for the time later. No two boots of one machine
// overlap; of those that do, the one goes that overlaps the most others, or the longest of these.
func credible(boots []bootEntries) (good, wrong []bootEntries) {
	good = slices.Clone(boots)
	slices.SortStableFunc(good, func(a, b bootEntries) int { return a.last.Compare(b.last) })
	if n := len(good); n > maxBoots {
		good = good[n-maxBoots:]
	}
	for {
		worst, most := -1, 0
		for i, b := range good {
			n := 0
			for j, other := range good {
				if i != j && b.first.Before(other.last) && other.first.Before(b.last) {
					n++
				}
			}
			if n > most || n == most && n > 0 && b.last.Sub(b.first) > good[worst].last.Sub(good[worst].first) {
				worst, most = i, n
			}
		}
		if worst < 0 {
			return good, wrong
		}
		wrong = append(wrong, good[worst])
		good = slices.Delete(good, worst, worst+1)
	}
}

// between tells whether one end of a boot of the list lies between two moments.
func between(list []bootEntries, from, to time.Time) bool {
	within := func(t time.Time) bool { return !t.Before(from) && !t.After(to) }
	return slices.ContainsFunc(list, func(b bootEntries) bool { return within(b.first) || within(b.last) })
}
