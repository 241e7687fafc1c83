package fleet

// MaxLate is within how many days every record is delivered.
const MaxLate = 28

// Delivery is the date on which what a machine has to say of a date reaches the collector, always a later one: the first on which
// it is awake and has a network. It is not before the end of a journey for notebooks that are taken away from it for up to three weeks,
// and at most MaxLate days later. A machine that goes, or is installed anew, delivers everything on its last day, at the latest. It is "" for a
// date of which it has nothing to say, and it may be after the end of the plan.
func (f *Fleet) Delivery(i int, date string) string {
	d, ok := f.day(date)
	if !ok || i < 0 || i >= f.plan.Machines {
		return ""
	}
	u := f.unit(i)
	if !u.there(d) {
		return ""
	}
	last := d + MaxLate
	if d < u.gone {
		last = min(last, max(u.gone-1, d+1))
	}
	if u.reborn > 0 && d < u.lost {
		last = min(last, max(u.lost-1, d+1))
	}
	var l life
	for on := d + 1; on < last; on++ {
		if u.use == server {
			return f.dates[on]
		}
		if f.isTravelling(&u, on) {
			continue
		}
		if f.live(&l, &u, on); l.isAwake() {
			return f.dates[on]
		}
	}
	return f.dates[last]
}

// isTravelling tells whether a notebook is out of reach on a day: in one of sixteen blocks of three weeks it is, for 3 to 19 days, if
// it is one of the three in ten that travel.
func (f *Fleet) isTravelling(u *unit, d int) bool {
	if u.use != individual || !u.kind.portable {
		return false
	}
	own := f.dice(forJourney, u.index, -1)
	if !own.perMille(300) {
		return false
	}
	const block = 21
	day := f.epoch + d + own.below(block)
	trip := f.dice(forJourney, u.index, day/block)
	return trip.perMille(63) && day%block < trip.between(3, 19)
}
