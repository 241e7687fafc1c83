package fleet

// The habits of an evening.
const (
	switchesOff = iota
	putsToSleep // closes the lid
	leavesOn
)

// habit is what the person of a machine does with it in the evening: of a hundred notebooks 45 are closed and 10 left on, of a
// hundred desktops 30 are left on. One day in eight is not as the others.
func (f *Fleet) habit(u *unit, d int) int {
	own, today := u.habits, f.dice(forWork, -1-u.index, d)
	n := own.below(100)
	if today.perMille(125) {
		n = today.below(100)
	}
	switch {
	case u.kind.portable && n < 45 || !u.kind.portable && n < 65:
		return switchesOff
	case u.kind.portable && n < 90 || !u.kind.portable && n < 70:
		return putsToSleep
	}
	return leavesOn
}

// isPresent tells whether the person works on an open day: not in weeks of leave, not on the free weekday of one person in five, and
// not on one day in twenty.
func (f *Fleet) isPresent(u *unit, d int) bool {
	day := &f.sites[u.site].days[d]
	weekly := f.dice(forLeave, u.index, (f.epoch+d+3)/7)
	if weekly.below(1000) < int(day.leave) {
		return false
	}
	own := f.dice(forPresence, u.index, -1)
	if n := own.below(25); n < 5 && n+1 == int(day.weekday) {
		return false
	}
	today := f.dice(forPresence, u.index, d)
	return today.perMille(950)
}

// desk is the day of a personal machine.
func (f *Fleet) desk(l *life, u *unit, d int, day *day) {
	state := f.sinceYesterday(u, d, day)
	own, draw := f.dice(forWork, u.index, -1), f.dice(forWork, u.index, d)
	switch {
	case !day.isOpen():
		if draw.perMille(25) { // somebody works all the same
			at := int32(draw.between(9*3600, 19*3600))
			l.until(at, state)
			l.until(at+int32(draw.between(1800, 3*3600)), on)
			state = off
		}
		l.until(day.length, state)
		return
	case !f.isPresent(u, d):
		l.until(day.length, state)
		return
	}
	come := int32(own.around(8*3600+1800, 4500) + draw.around(0, 1800))
	leave := int32(own.around(17*3600+900, 4500) + draw.around(0, 2700))
	noon := int32(own.around(12*3600+900, 1800) + draw.around(0, 900))
	if day.to < 14*3600 { // the afternoon is free
		leave = max(come+3*3600, day.to)
	}
	l.until(come, state)
	f.work(l, u, d, &draw, come, min(noon, leave))
	if leave > noon+3600 {
		f.away(l, u, d, noon, noon+int32(draw.between(2700, 4800)))
		f.work(l, u, d, &draw, noon+4800, leave)
	}
	switch f.habit(u, d) {
	case switchesOff:
		l.until(day.length, off)
	case putsToSleep:
		l.until(day.length, asleep)
	default:
		f.unused(l, u, d, leave, day.length)
	}
}

// work goes on to a second with somebody at the machine, who may be in a meeting for a while.
func (f *Fleet) work(l *life, u *unit, d int, draw *dice, from, to int32) {
	if draw.perMille(400) && to-from > 2*3600 {
		at := from + int32(draw.below(int(to-from)-3600))
		l.until(at, on)
		f.away(l, u, d, at, min(at+int32(draw.between(1800, 5400)), to))
	}
	l.until(to, on)
}

// away goes on to a second with nobody at the machine. A lid is closed.
func (f *Fleet) away(l *life, u *unit, d int, from, to int32) {
	own := u.habits
	if u.kind.portable && own.below(100)%2 == 0 {
		l.until(to, asleep)
		return
	}
	f.unused(l, u, d, from, to)
}

// sinceYesterday is the state that a personal machine is in at midnight. A notebook that sleeps hibernates after a day, which is off.
func (f *Fleet) sinceYesterday(u *unit, d int, day *day) uint8 {
	last := int(day.lastOpen)
	if last < 0 || last < u.born || !f.isPresent(u, last) {
		return off
	}
	switch f.habit(u, last) {
	case putsToSleep:
		if u.kind.portable && day.closed > 1 {
			return off
		}
		return asleep
	case leavesOn:
		return f.resting(u, d)
	}
	return off
}
