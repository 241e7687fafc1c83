package fleet

// room is what holds for all machines of a room.
type room struct {
	key      int
	never    bool // its machines are never switched off
	careless int  // evenings of a thousand on which they are forgotten
}

// room of a shared machine. Of a hundred rooms eight never sleep, and in 22 machines are forgotten on one evening of four or so;
// elsewhere on one of 17 to 50.
func (f *Fleet) room(u *unit) room {
	r := room{key: u.site<<12 + u.group}
	d := f.dice(forRoom, r.key, 0)
	switch n := d.below(100); {
	case n < 8:
		r.never = true
	case n < 30:
		r.careless = d.between(180, 350)
	default:
		r.careless = d.between(20, 60)
	}
	return r
}

// upkeep is how often, in days that a site is closed, its machines that are off are woken up for updates: it is also what brings
// their records to the collector in a summer.
const upkeep = 20

// classroom is the day of a machine that pupils share.
func (f *Fleet) classroom(l *life, u *unit, d int, day *day) {
	r := f.room(u)
	left := f.leftOn(u, r, day)
	state := uint8(off)
	if left {
		state = f.resting(u, d)
	}
	switch {
	case !day.isOpen():
		if state == off && day.closed%upkeep == 0 {
			draw := f.dice(forUse, u.index, d)
			at := int32(10*3600 + draw.below(3600))
			l.until(at, off)
			l.until(at+int32(draw.between(1200, 3600)), dark)
		}
		l.until(day.length, state)
	case !f.isUsed(u, d):
		if !r.never {
			l.until(day.to, state)
			state = off
		}
		l.until(day.length, state)
	default:
		f.lessons(l, u, r, d, day, state)
	}
}

// lessons goes through a day on which a machine is used: an hour at a time in which the room is taken or not, between the first
// lesson there and the last.
func (f *Fleet) lessons(l *life, u *unit, r room, d int, day *day, state uint8) {
	plan := f.dice(forLessons, r.key, d)
	taken := plan.next()
	taken |= plan.next() // three hours of four
	first := day.from + int32(600*plan.below(10))
	last := max(first+3600, day.to-int32(900*plan.below(8)))
	own := f.dice(forWork, u.index, d)
	first += int32(own.below(600))
	last = min(last+int32(own.below(300)), day.length)
	l.until(first, state)
	idle := int32(-1) // since when nobody uses it
	for at := first; at < last; at += 3600 {
		end := min(at+3600, last)
		if taken&1 == 0 && at > first {
			if idle < 0 {
				idle = at
			}
			f.unused(l, u, d, idle, end)
		} else {
			idle = -1
			l.until(end-int32(own.between(120, 600)), on)
			l.until(end, dark)
		}
		taken >>= 1
	}
	switch {
	case f.isForgotten(u, r, d):
		f.unused(l, u, d, last, day.length)
	case own.perMille(100) && f.sleepsAfter(u, d) > 0:
		l.until(day.length, asleep)
	default:
		l.until(day.length, off)
	}
}

// isUsed tells whether a shared machine is used on an open day: four of five are.
func (f *Fleet) isUsed(u *unit, d int) bool {
	draw := f.dice(forUse, u.index, d)
	return draw.perMille(800)
}

// isForgotten tells whether a machine is left on in the evening of an open day. A room is forgotten as a whole, but for one of ten.
func (f *Fleet) isForgotten(u *unit, r room, d int) bool {
	if r.never {
		return true
	}
	all, own := f.dice(forForgotten, r.key, d), f.dice(forForgotten, -1-u.index, d)
	return all.perMille(r.careless) && own.perMille(900)
}

// leftOn tells whether a machine has been on since the last open day. After some days that the site is closed a caretaker goes
// round, or nobody does.
func (f *Fleet) leftOn(u *unit, r room, day *day) bool {
	d := int(day.lastOpen)
	switch {
	case r.never:
		return true
	case d < 0 || !f.isUsed(u, d) || !f.isForgotten(u, r, d):
		return false
	}
	round := f.dice(forCaretaker, r.key, d)
	switch n := round.below(100); {
	case n < 30:
		return day.closed < 2
	case n < 60:
		return day.closed < 4
	}
	return true
}
