package opendata

import (
	"math"

	"veille/collector/balance"
	"veille/collector/privacy"
)

// kinds are the measured classes, and what machines they are of.
func kinds() map[string]balance.Kind {
	return map[string]balance.Kind{classDesks: balance.Workstations, classServers: balance.Servers}
}

// telling is what is published of the machines of one kind in a month.
type telling struct {
	whole   balance.Account
	any     bool // there are such machines, or some that are hidden
	hidden  bool // nothing is told of the whole
	counted bool // how many machines the whole is of is told
	sites   []siteTelling
}

// siteTelling is what is published of a site that is open.
type siteTelling struct {
	site    int64
	account balance.Account
	counted bool
}

// telling decides what is published of one kind of machines in a month.
//
// The door decides for all sites, and lets shared machines and servers through always. Sites that are not open have no rows, so that a reader who takes all
// rows of sites from that of the whole has what these did, alone or together with sites that the door hides. This rest is told by the rule that the door has
// for rests of the public: it is of two sites that are not open at least, of eleven machines, and none of those has more than 85 % of its energy or of its
// machine-days. Else the whole is hidden. With no site that is not open, the rest is one of the door, which has decided it.
func (m *material) telling(a *privacy.Answer, kind balance.Kind) telling {
	var t telling
	t.whole, t.any = m.book.Of(a.From, &a.Self, kind)
	left := portion{machines: t.whole.Machines}
	left.add(&t.whole, 1)
	doors := left // what the door hides of machines of persons
	var closed []portion
	for i := range a.Children {
		site := a.Children[i].Node.Site
		account, ok := m.book.Of(a.From, &a.Children[i], kind)
		if !ok {
			continue
		}
		doors.add(&account, -1)
		if m.open(site) {
			t.sites = append(t.sites, siteTelling{site: site, account: account})
			if account.HiddenMonths == 0 {
				left.machines -= account.Machines
				left.add(&account, -1)
			}
			continue
		}
		p := portion{part: account.HiddenMonths > 0}
		p.add(&account, 1)
		closed = append(closed, p)
	}
	t.hidden = t.whole.HiddenMonths > 0 || len(closed) > 0 && !left.hides(closed, doors)
	t.count(left.machines)
	return t
}

// portion is a share of some machines: what the door measures dominance by.
type portion struct {
	machines  int
	kwh, days float64
	part      bool // there are machines of persons besides, that the door hides
}

func (p *portion) add(a *balance.Account, sign float64) {
	p.kwh, p.days = p.kwh+sign*a.KWh.Value, p.days+sign*float64(a.MachineDays)
}

// hides tells whether a rest hides each of its sites that are not open. Of what the door hides of machines of persons no site has more than 85 %: the door
// sees to that.
func (p *portion) hides(closed []portion, doors portion) bool {
	if len(closed) < 2 || p.machines < privacy.Public {
		return false
	}
	const most = privacy.Dominant / 100.0
	for _, c := range closed {
		if c.part {
			c.kwh, c.days = c.kwh+most*doors.kwh, c.days+most*doors.days
		}
		if c.kwh > most*p.kwh || c.days > most*p.days {
			return false
		}
	}
	return true
}

// count decides of which rows the number of machines is told. left is how many machines are in no row of a site.
func (t *telling) count(left int) {
	var counts []count
	for i := range t.sites {
		if s := &t.sites[i]; s.account.HiddenMonths == 0 {
			counts = append(counts, count{site: s.site, n: s.account.Machines, open: true})
		}
	}
	if left > 0 {
		counts = append(counts, count{site: math.MaxInt64, n: left})
	}
	if t.hidden { // nothing can be taken from it
		for i := range t.sites {
			t.sites[i].counted = t.sites[i].account.Machines >= privacy.Public
		}
		return
	}
	t.counted = conceal(counts) && t.whole.Machines >= privacy.Public
	for i := range t.sites {
		for _, c := range counts {
			t.sites[i].counted = t.sites[i].counted || c.site == t.sites[i].site && c.shown
		}
	}
}

// published are the answers without what has no row: what is reckoned from them can be reckoned from the rows.
func (m *material) published(kind balance.Kind) []privacy.Answer {
	var all []privacy.Answer
	for _, a := range m.answers {
		t := m.telling(&a, kind)
		if t.hidden {
			continue
		}
		var kept []privacy.Figures
		for _, c := range a.Children {
			if m.open(c.Node.Site) && c.Months == c.Of {
				kept = append(kept, c)
			}
		}
		a.Children = kept
		all = append(all, a)
	}
	return all
}
