package fleet

// The states that a second can be spent in.
const (
	on = iota
	dark
	asleep
	off
	unknown
)

// life is one day of a machine: stretches of states that follow one another, without a gap.
type life struct {
	n       int
	ends    [40]int32 // second since midnight at which each ends
	states  [40]uint8
	load    int64 // how busy its processors are, per mille
	battery int64 // of the time it is on, how much it runs on its battery, per mille
}

// until goes on to a second in a state. What is not later than now is nothing.
func (l *life) until(second int32, state uint8) {
	switch {
	case l.n > 0 && second <= l.ends[l.n-1] || second <= 0:
		return
	case l.n > 0 && l.states[l.n-1] == state:
		l.ends[l.n-1] = second
		return
	case l.n == len(l.ends): // so full a day does not exist
		l.n--
	}
	l.ends[l.n], l.states[l.n] = second, state
	l.n++
}

// hide makes a stretch unknown.
func (l *life) hide(from, to int32) {
	was := *l
	l.n = 0
	for i := range was.n {
		end, state := was.ends[i], was.states[i]
		l.until(min(end, from), state)
		if end > from {
			l.until(min(end, to), unknown)
		}
		if end > to {
			l.until(end, state)
		}
	}
}

// isAwake tells whether the machine is on at any time.
func (l *life) isAwake() bool {
	for i := range l.n {
		if l.states[i] <= dark {
			return true
		}
	}
	return false
}

// live is what a machine does on a day on which it is there.
func (f *Fleet) live(l *life, u *unit, d int) {
	l.n = 0
	day := &f.sites[u.site].days[d]
	draw := f.dice(forLoad, u.index, d)
	l.load, l.battery = int64(draw.around(60, 55)), 0
	switch u.use {
	case shared:
		f.classroom(l, u, d, day)
	case individual:
		l.battery = int64(draw.below(400))
		f.desk(l, u, d, day)
	default:
		f.rack(l, u, d, day)
	}
	f.faults(l, u, d, day)
}

// faults hides what the agent of a machine cannot know of a day: what was before it was installed, or after it broke; an hour or two
// where it was stopped (4 days of a thousand); and, where the clock forgets when the machine is off, often the time before it was
// started.
func (f *Fleet) faults(l *life, u *unit, d int, day *day) {
	draw := f.dice(forFault, u.index, d)
	at := int32(draw.between(9*3600, 16*3600))
	long := int32(draw.between(600, 3*3600))
	if draw.perMille(4) {
		l.hide(at, at+long)
	}
	if u.clock && draw.perMille(600) && l.n > 1 && l.states[0] == off && l.isAwake() {
		l.hide(0, l.ends[0])
	}
	if d == u.reborn || d == u.born && d > before {
		l.hide(0, at)
	}
	if u.broken && d == u.gone-1 {
		l.hide(at, day.length)
	}
}

// unused goes on to a second with a machine that nobody uses since some other second, and that nobody switches off: its display
// goes dark after ten minutes, and it sleeps when its setting says so.
func (f *Fleet) unused(l *life, u *unit, d int, since, until int32) {
	sleep := f.sleepsAfter(u, d)
	if u.dims {
		l.until(min(since+600, until), on)
		if sleep > 0 {
			l.until(min(since+sleep, until), dark)
			l.until(until, asleep)
		}
		l.until(until, dark)
		return
	}
	if sleep > 0 {
		l.until(min(since+sleep, until), on)
		l.until(until, asleep)
	}
	l.until(until, on)
}

// resting is the state of a machine that was left on long ago.
func (f *Fleet) resting(u *unit, d int) uint8 {
	switch {
	case f.sleepsAfter(u, d) > 0:
		return asleep
	case u.dims:
		return dark
	}
	return on
}

// rack is the day of a server: on, but for a few minutes on some Thursdays. Nobody knows whether it has a display, so it counts as on.
func (f *Fleet) rack(l *life, u *unit, d int, day *day) {
	draw := f.dice(forServer, u.index, d)
	if day.weekday == 4 && draw.perMille(250) {
		at := int32(draw.between(2*3600, 4*3600))
		l.until(at, on)
		l.until(at+int32(draw.between(120, 900)), off)
	}
	l.load += 60
	if day.isOpen() {
		l.load += 40
	}
	l.until(day.length, on)
}
