package balance

import (
	"cmp"
	"slices"
	"strings"
)

// Lever is something that would save energy.
type Lever struct {
	ID       string  // SleepPolicy: machines that are awake outside of open hours sleep; SwitchOff: those that sleep then are off
	Machines int     // that it is about: all of the node
	Hours    float64 // of machines that it changes, in a year
	KWh      Range   // saved in a year
	Euros    *Range  // at the price of the last month; nil where it has none
	Tax      string  // of the price, as of an account
	Carbon   *Range  // kgCO2e
	Scaled   bool    // the account is of less than twelve months, and was scaled up to a year
}

// The levers.
const (
	SleepPolicy = "sleep-policy"
	SwitchOff   = "switch-off"
)

const (
	leastDays   = 28     // of the calendar, that must have been observed
	leastSeen   = 14     // days on which a machine must have been seen, in the mean
	daysOfYear  = 365.25 // to which shorter times are scaled
	graceHours  = 0.5    // after which a machine falls asleep by the policy that is reckoned with
	followers   = 0.5    // share of the machines that a policy reaches at the least: something keeps the others awake
	leastSaving = 1.0    // kWh a year; smaller levers are not told
)

// asleep and switchedOff are the watts of a machine of any class, as the class model of the agent has them.
func asleep() Range { return Range{1.3, 0.3, 5} }

func switchedOff() Range { return Range{0.4, 0.1, 1} }

// Levers are what would save energy, reckoned from an account of up to twelve months of workstations, the largest saving first. There is none
// where less than 60 percent of the time is known or covered, where fewer than 28 days were observed (or machines were seen on fewer than 14
// days in the mean), or where parts of the day are mixed, and none that would save less than 1 kWh a year.
//
// All is of hours outside of open hours: A awake, S asleep, O off, C that the energy E covers, D days of machines; Ps and Po are the watts
// of a machine asleep, 1.3 (0.3 to 5), and off, 0.4 (0.1 to 1). Pa is the mean power of a machine awake then, and not below Ps:
//
//	Pa = (E × (A + S + O) ÷ C − Ps × S − Po × O) ÷ A
//	sleep-policy = (Pa − Ps) × (A − 0.5 h × D)
//	switch-off = (Ps − Po) × S
//
// A policy of 30 minutes lets a machine be awake for so long on each day. The low bound of sleep-policy takes the low of E, the high of Ps
// and Po, and half of the hours: on half of the machines something may keep them awake. The high bound takes the high of E, the low of Ps
// and Po, and all hours. The bounds of switch-off take those of Ps and Po that are furthest out. No lever saves more than E × (A + S + O) ÷ C.
// Accounts of other than twelve months are scaled by 365.25 ÷ days of their months. The two levers are of different hours and add up.
func (b Book) Levers(year Account) []Lever {
	s, ok := outside(year)
	if !ok || !observed(&year) || !telling(&year) || s.covered <= 0 {
		return nil
	}
	times, scaled := toYear(&year)
	var levers []Lever
	for _, l := range []Lever{sleeping(s, graceHours*float64(year.MachineDays)), switchOff(s)} {
		l.KWh, l.Hours = l.KWh.by(times), l.Hours*times
		if l.KWh.Value < leastSaving {
			continue
		}
		l.Machines, l.Scaled = year.Machines, scaled
		l.Euros, l.Tax = b.euros(l.KWh, year.To)
		l.Carbon = b.carbon(l.KWh)
		levers = append(levers, l)
	}
	slices.SortFunc(levers, func(x, y Lever) int {
		return cmp.Or(cmp.Compare(y.KWh.Value, x.KWh.Value), strings.Compare(x.ID, y.ID))
	})
	return levers
}

// toYear is what figures of an account are multiplied with to be of twelve months, and whether that changes them: 365.25 ÷ days of its
// months, which are more than 0.
func toYear(a *Account) (times float64, scaled bool) {
	if a.Months == 12 {
		return 1, false
	}
	return daysOfYear / float64(a.Days), true
}

// observed tells whether there are 28 days of the calendar, and machines were seen on half of that in the mean.
func observed(a *Account) bool {
	return a.Days >= leastDays && a.MachineDays >= leastSeen*int64(a.Machines) && a.MachineDays > 0
}

// telling tells whether enough of the time is known, and enough of that covered.
func telling(a *Account) bool { return a.Known >= enough && a.Covered >= enough }

// used is the kWh of all known hours, as those that are covered: E × (A + S + O) ÷ C.
func (s *span) used() Range { return s.kwh.by(s.known() / s.covered) }

// awakeWatts is the mean power of a machine awake, if machines take so many kWh in all, and so many watts asleep and off.
func (s *span) awakeWatts(kwh, asleep, off float64) float64 {
	return max(asleep, (kwh*1000-asleep*s.sleep-off*s.off)/s.awake)
}

// sleeping is what machines save that sleep for the hours in which they are awake, but for the hours of grace.
func sleeping(s span, grace float64) Lever {
	l := Lever{ID: SleepPolicy, Hours: max(0, s.awake-grace)}
	if s.awake <= 0 {
		return l
	}
	e, ps, po := s.used(), asleep(), switchedOff()
	saved := func(kwh, asleep, off, hours float64) float64 {
		return (s.awakeWatts(kwh, asleep, off) - asleep) * hours / 1000
	}
	l.KWh = between(
		saved(e.Low, ps.High, po.High, followers*l.Hours),
		saved(e.Value, ps.Value, po.Value, l.Hours),
		saved(e.High, ps.Low, po.Low, s.awake),
	)
	return l
}

func switchOff(s span) Lever {
	e, ps, po := s.used(), asleep(), switchedOff()
	saved := func(kwh, asleep, off float64) float64 {
		return min(kwh, max(0, asleep-off)*s.sleep/1000)
	}
	return Lever{ID: SwitchOff, Hours: s.sleep, KWh: between(
		saved(e.Low, ps.Low, po.High),
		saved(e.Value, ps.Value, po.Value),
		saved(e.High, ps.High, po.Low),
	)}
}
