package label

import (
	"strings"

	"veille/collector/balance"
	"veille/collector/privacy"
)

// first fills in what must be read before the figures, and how much of the machines' time the energy covers.
func (f *facts) first(r *Report, b books) {
	x := First{Machines: f.machines(f.now), SitesOf: len(f.sites), Hidden: f.hidden(f.now), Baselines: []Span{}, Changes: []Words{}, Limits: []Words{}}
	if all, _ := f.computersOf(f.now); all != nil {
		x.Inventory = all[0]
	}
	x.Sites = len(f.sending(f.now))
	h := f.hours(f.now)
	if seen, ok := h.seen(x.Machines); ok {
		x.ObservedPct = &seen
	}
	for i := range f.actions {
		if a := &f.actions[i]; a.why == "" && f.effects[f.now][i].why == "" {
			x.Baselines = append(x.Baselines, a.span())
		}
	}
	if last, ok := b.last(f.simulated); ok {
		x.Changes = append(x.Changes, changedSince(last.Method, r.MethodVersion)...)
	}
	r.First = x
	r.CoveragePct = f.coverage(f.now, x)
	r.First.Limits = append(r.First.Limits, limits(f, r)...)
}

// sending are the sites that had machines in a period, told or not.
func (f *facts) sending(p period) map[int64]bool {
	sites := map[int64]bool{}
	for _, m := range f.months {
		if !p.has(m.month) {
			continue
		}
		for _, of := range []map[int64]balance.Account{m.sites, m.siteServers} {
			for site := range of {
				sites[site] = true
			}
		}
		for _, site := range m.hiddenSites {
			sites[site] = true
		}
	}
	return sites
}

// coverage is the percent of the time of all machines of the inventory in a period that the energy covers: of each month machines followed ÷ inventory,
// at most 1, times the share of their time, and the mean of all months of the period. A month without figures counts as 0, and so does, without an
// inventory, one in which machines of persons are hidden: how many there are is not known then. Without an inventory it is of the machines followed.
// nil where nothing is known.
func (f *facts) coverage(p period, x First) *float64 {
	share, some := 0.0, false
	for _, m := range f.within(p) {
		h := (hours{}).of(m.workstations).of(m.servers)
		if h.known+h.unknown <= 0 {
			continue
		}
		some = true
		of := min(h.covered, h.known) / (h.known + h.unknown)
		switch {
		case x.Inventory > 0:
			share += of * min(1, float64(m.machines())/float64(x.Inventory))
		case m.workstations.HiddenMonths == 0:
			share += of
		}
	}
	percent, ok := privacy.Percent(share, float64(p.length()), x.Machines)
	if !some || !ok {
		return nil
	}
	return &percent
}

// changedSince says what is different between two versions of the method, each like 1.0.0+01234567: the method, or the factors.
func changedSince(before, now string) (all []Words) {
	oldMethod, oldFactors, _ := strings.Cut(before, "+")
	method, factors, _ := strings.Cut(now, "+")
	if oldMethod != method {
		all = append(all, saying("La méthode a changé depuis le dernier rapport conservé\u202f: %s alors, %s aujourd’hui.",
			"The method has changed since the last kept report: it was %s, and is %s today.", oldMethod, method))
	}
	if oldFactors != factors {
		all = append(all, saying("Les facteurs ont changé depuis le dernier rapport conservé (jeu %s alors, jeu %s aujourd’hui)\u202f: les deux périodes de ce rapport sont calculées avec le nouveau jeu.",
			"The factors have changed since the last kept report (set %s then, set %s today): both periods of this report are reckoned with the new set.", oldFactors, factors))
	}
	return all
}
