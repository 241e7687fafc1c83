package fleet

import (
	"encoding/binary"
	"sort"

	"veille/agent/wire"
)

// Machine is a machine of the fleet. Where it was installed anew it has another key from that day on: to a collector it is another
// machine.
type Machine struct {
	Index int
	Site  int // of Sites
	Group int // of the groups of its site
	Use   wire.Use
	Kind  wire.Machine // when it was enrolled; see KindOn

	InstallKey [16]byte
	EnrolledOn string // first date with records
	ReplacedOn string // first date with records under RebornKey; "": never installed anew
	RebornKey  [16]byte
	RetiredOn  string // first date without records; "": still there after the plan
}

// Chances in a year of 365 days, of a thousand machines: that one is new, is taken away or dies, is installed anew.
const newAYear, goneAYear, rebornAYear = 80, 60, 50

// unit is a machine as its days are lived: what is drawn once and holds for all of them.
type unit struct {
	index, site, group, use int

	kind   *kind
	born   int  // day of the tables
	lost   int  // first day without records before it was installed anew
	reborn int  // day; 0: never
	gone   int  // day; f.days: never
	broken bool // it died: its last day ends in the middle

	habits dice // of its own, for what holds for the whole life
	clock  bool // its clock forgets when it is off
	dims   bool // its display goes dark
	awake  bool // something keeps it from sleeping
	sleep  int  // minutes until it sleeps by the setting it was delivered with; 0: never
}

// Machine is the i-th machine, 0 to Machines-1.
func (f *Fleet) Machine(i int) Machine {
	u := f.unit(i)
	m := Machine{
		Index: i, Site: u.site, Group: u.group, Use: useName(u.use), Kind: f.kindOn(&u, u.born),
		InstallKey: f.key(i, 0), EnrolledOn: f.dates[u.born],
	}
	if u.reborn > 0 {
		m.ReplacedOn, m.RebornKey = f.dates[u.reborn], f.key(i, 1)
	}
	if u.gone < f.days {
		m.RetiredOn = f.dates[u.gone]
	}
	return m
}

// KindOn is the kind of the i-th machine as its record of a date of the plan says it; as its first one does for other dates. Its screens
// are not to be changed.
func (f *Fleet) KindOn(i int, date string) wire.Machine {
	u := f.unit(i)
	d, ok := f.day(date)
	if !ok {
		d = u.born
	}
	return f.kindOn(&u, d)
}

func (f *Fleet) key(i, life int) [16]byte {
	d := f.dice(forKey, i, life)
	var k [16]byte
	binary.LittleEndian.PutUint64(k[:8], d.next())
	binary.LittleEndian.PutUint64(k[8:], d.next())
	return k
}

// unit is the i-th machine.
func (f *Fleet) unit(i int) unit {
	u := unit{index: i, habits: f.dice(forHabits, i, 0)}
	u.site = sort.Search(len(f.sites), func(k int) bool { return f.sites[k].first > i }) - 1
	s := &f.sites[u.site]
	u.use, u.group = s.place(i - s.first)
	d := f.dice(forKind, i, 0)
	n := d.below(1000)
	for k := range f.kinds {
		if n -= f.kinds[k].weight[u.use]; n < 0 {
			u.kind = &f.kinds[k]
			break
		}
	}
	u.clock, u.dims, u.awake = d.perMille(12), d.perMille(850), d.perMille(50)
	u.sleep = f.delivered(&u, &d)
	f.history(&u)
	return u
}

// delivered is the sleep setting that a machine came with: three of ten in classrooms, more on desks.
func (f *Fleet) delivered(u *unit, d *dice) int {
	chance := 300
	switch {
	case u.use == server:
		return 0
	case u.use == individual && u.kind.portable:
		chance = 650
	case u.use == individual:
		chance = 400
	}
	if !d.perMille(chance) {
		return 0
	}
	return [...]int{15, 30, 30, 60}[d.below(4)]
}

// history draws when a machine came, was installed anew and went.
func (f *Fleet) history(u *unit) {
	d := f.dice(forHistory, u.index, 0)
	last := f.days - after - 1
	length := last - before + 1
	in := func(perYear int) bool { return d.below(365_000) < perYear*length }
	u.born, u.gone = before, f.days
	if in(newAYear) {
		u.born = d.between(before, last)
	}
	if in(goneAYear) {
		u.gone, u.broken = d.between(before, last), d.perMille(400)
	}
	if u.gone <= u.born {
		u.gone = f.days
	}
	if in(rebornAYear) && u.use != server {
		day, gap := d.between(before, last), d.below(5)
		if day-gap > u.born && day < u.gone {
			u.reborn, u.lost = day, day-gap
		}
	}
}

// there tells whether a machine has a record of a day.
func (u *unit) there(d int) bool {
	return d >= u.born && d < u.gone && (u.reborn == 0 || d < u.lost || d >= u.reborn)
}

// setting is the sleep setting of a machine on a day, in minutes, 0 for never, and as its records say it.
func (f *Fleet) setting(u *unit, d int) (int, string) {
	for k := len(f.actions) - 1; k >= 0; k-- {
		a := &f.actions[k]
		if d >= a.from && f.isFor(a, k, u) {
			return a.SleepAfter, a.setting
		}
	}
	switch u.sleep {
	case 15:
		return u.sleep, "15"
	case 30:
		return u.sleep, "30"
	case 60:
		return u.sleep, "60"
	}
	return 0, "never"
}

// isFor tells whether the k-th action was for a machine.
func (f *Fleet) isFor(a *action, k int, u *unit) bool {
	if a.Use == "" && u.use == server || a.Use != "" && a.Use != useName(u.use) {
		return false
	}
	here := len(a.Sites) == 0
	for _, s := range a.Sites {
		here = here || s == u.site
	}
	d := f.dice(forPolicy, u.index, k)
	return here && d.next()>>32 < a.chance
}

// sleepsAfter is how long a machine stays awake without use, in seconds; 0: for ever.
func (f *Fleet) sleepsAfter(u *unit, d int) int32 {
	if u.awake {
		return 0
	}
	minutes, _ := f.setting(u, d)
	return int32(60 * minutes)
}

// kindOn is the kind of a machine as its record of a day says it: its setting, the version of its agent, which each machine takes
// within 30 days, and Windows 11 where Windows 10 was installed anew.
func (f *Fleet) kindOn(u *unit, d int) wire.Machine {
	m := u.kind.Machine
	if u.reborn > 0 && d >= u.reborn && m.OSVersion == "windows-10-22h2-enterprise" {
		m = onWindows11(m)
	}
	lag := u.habits
	if u.use != server && !m.Virtual {
		_, m.SleepAfter = f.setting(u, d)
	}
	version := (f.epoch + d - versionsFrom - lag.below(30)) / versionEvery
	m.Agent = f.agents[max(0, min(version, len(f.agents)-1))]
	return m
}
