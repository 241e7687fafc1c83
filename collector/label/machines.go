package label

import (
	"slices"

	"veille/collector/balance"
	"veille/collector/privacy"
)

// enough is the percent of a time that must be covered before it says something of the rest, and nearly the percent from which on nothing is
// said of the rest, since there is hardly any.
const (
	enough = 60
	nearly = 90
)

// tell keeps what was told of the months of both periods.
func (f *facts) tell(answers []privacy.Answer) {
	for i := range answers {
		a := &answers[i]
		if !f.now.has(a.From) && !f.before.has(a.From) {
			continue
		}
		m := month{month: a.From, sites: map[int64]balance.Account{}, siteServers: map[int64]balance.Account{}, split: splitOf(a), cost: costOf(&a.Self)}
		workstations, some := f.book.Of(a.From, &a.Self, balance.Workstations)
		servers, others := f.book.Of(a.From, &a.Self, balance.Servers)
		if !some && !others {
			continue
		}
		m.workstations, m.servers = workstations, servers
		for j := range a.Children {
			c := &a.Children[j]
			if x, ok := f.book.Of(a.From, c, balance.Workstations); ok && x.Months > 0 && x.HiddenMonths == 0 {
				m.sites[c.Node.Site] = x
			}
			if x, ok := f.book.Of(a.From, c, balance.Servers); ok {
				m.siteServers[c.Node.Site] = x
			}
			if c.Of > c.Months {
				m.hiddenSites = append(m.hiddenSites, c.Node.Site)
			}
		}
		f.months = append(f.months, m)
	}
}

// within are the months of a period that have figures, or hide them.
func (f *facts) within(p period) []month {
	return slices.DeleteFunc(slices.Clone(f.months), func(m month) bool { return !p.has(m.month) })
}

// figures tells whether anything is told of the month.
func (m *month) figures() bool { return m.workstations.Months+m.servers.Months > 0 }

// machines is how many machines are followed in the month, at least.
func (m *month) machines() int { return m.workstations.Machines + m.servers.Machines }

// withFigures is how many months of a period have figures.
func (f *facts) withFigures(p period) (n int) {
	for _, m := range f.months {
		if p.has(m.month) && m.figures() {
			n++
		}
	}
	return n
}

// hidden is in how many months of a period machines of persons may not be told of.
func (f *facts) hidden(p period) (n int) {
	for _, m := range f.months {
		if p.has(m.month) {
			n += m.workstations.HiddenMonths
		}
	}
	return n
}

// machines is how many machines were followed in the month of a period that had most.
func (f *facts) machines(p period) (n int) {
	for _, m := range f.months {
		if p.has(m.month) {
			n = max(n, m.machines())
		}
	}
	return n
}

// workstations is the account of workstations in a period; false where nothing is told of them.
func (f *facts) workstations(p period) (balance.Account, bool) {
	return f.sum(p, func(m *month) balance.Account { return m.workstations })
}

// servers is the account of servers in a period; false where nothing is told of them.
func (f *facts) servers(p period) (balance.Account, bool) {
	return f.sum(p, func(m *month) balance.Account { return m.servers })
}

func (f *facts) sum(p period, of func(*month) balance.Account) (balance.Account, bool) {
	var all []balance.Account
	for i := range f.months {
		if a := of(&f.months[i]); p.has(f.months[i].month) && a.Months+a.HiddenMonths > 0 {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return balance.Account{}, false
	}
	sum := balance.Add(all)
	return sum, sum.Months > 0
}

// apart is the account of workstations in a period, by part of the day: see balance.Apart. left is the share of the time that is left out.
func (f *facts) apart(p period) (a balance.Account, left float64, ok bool) {
	var all []balance.Account
	for _, m := range f.months {
		if p.has(m.month) && m.workstations.Months > 0 {
			all = append(all, m.workstations)
		}
	}
	if len(all) == 0 {
		return a, 0, false
	}
	kept, left := balance.Apart(all)
	return balance.Add(kept), left, true
}

// hours are hours of machines.
type hours struct{ known, unknown, covered float64 }

// of adds the hours of an account, of some of its parts or of all.
func (h hours) of(a balance.Account, parts ...string) hours {
	for _, p := range a.Parts {
		if len(parts) == 0 || slices.Contains(parts, p.Part) {
			h.known += p.On + p.DisplayOff + p.Sleep + p.Off
			h.unknown += p.UnknownTime
			h.covered += p.Covered
		}
	}
	return h
}

// all is the hours of all machines in a period.
func (f *facts) hours(p period) (h hours) {
	for _, m := range f.months {
		if p.has(m.month) {
			h = h.of(m.workstations).of(m.servers)
		}
	}
	return h
}

// seen is the percent of the time in which the state of machines is known; false where there is no time.
func (h hours) seen(machines int) (float64, bool) {
	return privacy.Percent(h.known, h.known+h.unknown, machines)
}

// energy is the percent of the time that the energy covers, at most 100; false where there is no time. Several methods may have covered the same
// seconds.
func (h hours) energy(machines int) (float64, bool) {
	return privacy.Percent(min(h.covered, h.known), h.known+h.unknown, machines)
}

// energyKnown tells whether some energy of an account is known.
func energyKnown(a balance.Account) bool { return a.Covered > 0 || a.KWh.High > 0 }

// fewMachines is of how many machines a rate is told in whole percents only, as privacy.Percent does.
const fewMachines = 50

// percent is a share of machines as it may be told, and whether it is told without decimals.
func percent(part, all float64, machines int) (value *float64, whole bool) {
	if x, ok := privacy.Percent(part, all, machines); ok {
		value = &x
	}
	return value, machines < fewMachines
}
