package fleet

// dice is a sequence of draws that belongs to one thing, such as a machine on a day. It is SplitMix64 (Steele, Lea and Flood, 2014):
// a counter, and a function that makes it look random, so that every draw can be made by itself, in any order. Draws and what is
// made of them are whole numbers, because processors differ in how they round others.
type dice uint64

// What is drawn. Each has draws of its own, so that one more draw somewhere changes nothing elsewhere.
const (
	forKind = iota + 1
	forKey
	forHistory
	forHabits
	forPower
	forRoom
	forLessons
	forUse
	forForgotten
	forCaretaker
	forLeave
	forPresence
	forWork
	forServer
	forFault
	forJourney
	forRounding
	forPolicy
	forSite
	forLoad
)

// dice are the draws for what of a thing, a machine or a room, at a time, a day or a week.
func (f *Fleet) dice(what, thing, time int) dice {
	return dice(scatter(scatter(scatter(f.plan.Seed+uint64(what)*step)+uint64(thing)) + uint64(time)))
}

// step is the golden ratio of 1<<64.
const step = 0x9e3779b97f4a7c15

func scatter(x uint64) uint64 {
	x += step
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d *dice) next() uint64 {
	x := scatter(uint64(*d))
	*d += step
	return x
}

// below is a number from 0 to n-1, n up to 1<<31.
func (d *dice) below(n int) int { return int(d.next() >> 32 * uint64(n) >> 32) }

// between is a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// around is a number about a middle, at most spread from it, and as a rule much less: the mean of four.
func (d *dice) around(middle, spread int) int {
	x, sum := d.next(), 0
	for range 4 {
		sum += int(x & 0xffff)
		x >>= 16
	}
	return middle - spread + sum*spread>>17
}

// perMille is true n times of a thousand.
func (d *dice) perMille(n int) bool { return d.below(1000) < n }
