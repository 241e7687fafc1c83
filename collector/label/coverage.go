package label

import (
	"slices"
)

// followable are the classes of devices on which agents run.
func followable() []string {
	return []string{"notebook", "desktop", "mini", "all-in-one", "thin-client", "server"}
}

// computersOf is how many computers in service the inventory had at the end of a period, by site, and in all (0); why it does not tell.
func (f *facts) computersOf(p period) (all map[int64]int, why Words) {
	s, why, ok := f.stock(p)
	all = map[int64]int{}
	for _, e := range s.of(followable()...).serving {
		all[0] += e.Count
		if e.Site != 0 {
			all[e.Site] += e.Count
		}
	}
	switch {
	case !ok:
		return nil, why
	case all[0] == 0:
		return nil, noEquipment()
	}
	return all, Words{}
}

// lastMonth is the last month of a period in which nothing is hidden; nil where there is none.
func (f *facts) lastMonth(p period) *month {
	for i, m := range slices.Backward(f.months) {
		if p.has(m.month) && m.figures() && m.workstations.HiddenMonths == 0 {
			return &f.months[i]
		}
	}
	return nil
}

// followed is C1: the machines followed over the computers in service.
func followed(f *facts, p period) answer {
	m := f.lastMonth(p)
	all, why := f.computersOf(p)
	switch {
	case m == nil:
		return answer{missing: f.noMonths(p)}
	case all == nil:
		return answer{missing: why}
	}
	a := answer{status: Measured, obtained: said(
		"Machines suivies le dernier mois connu de la période, divisées par les ordinateurs en service de l’inventaire, tablettes non comprises.",
		"Machines followed in the last known month of the period, divided by the computers in service in the inventory, tablets not included.",
	)}
	a.value, a.whole = percent(float64(m.machines()), float64(all[0]), m.machines())
	if m.month != p.to {
		a.notes = append(a.notes, *phrase(said("Mois pris en compte\u202f: %s.", "Month used: %s."), monthWords(m.month)))
	}
	if m.machines() > all[0] {
		a.notes = append(a.notes, said("Plus de machines suivies que d’ordinateurs dans l’inventaire\u202f: l’inventaire est incomplet.",
			"There are more machines followed than computers in the inventory: the inventory is incomplete."))
	}
	return a
}

// covered is the percent of the computers of a site that must be followed, so that the site counts as covered.
const covered = 80

// sitesCovered is C2: the sites of which at least 80 percent of the computers are followed. Sites of which that cannot be told may be covered
// or not: they are between the low and the high figure.
func sitesCovered(f *facts, p period) answer {
	m := f.lastMonth(p)
	all, why := f.computersOf(p)
	switch {
	case m == nil || len(f.sites) == 0:
		return answer{missing: f.noMonths(p)}
	case all == nil:
		return answer{missing: why}
	}
	yes, unknown := 0, 0
	for _, s := range f.sites {
		machines := m.sites[s.ID].Machines + m.siteServers[s.ID].Machines
		switch computers := all[s.ID]; {
		case slices.Contains(m.hiddenSites, s.ID), machines > 0 && computers == 0:
			unknown++
		case computers > 0 && 100*machines >= covered*computers:
			yes++
		}
	}
	share := func(n int) *float64 { return new(100 * float64(n) / float64(len(f.sites))) }
	a := answer{value: share(yes), low: share(yes), high: share(yes + unknown), status: Measured, obtained: said(
		"Sites dont au moins 80\u202f% des ordinateurs en service de l’inventaire sont suivis le dernier mois connu, divisés par tous les sites.",
		"Sites of which at least 80% of the computers in service in the inventory are followed in the last known month, divided by all sites.",
	)}
	located := 0
	for _, s := range f.sites {
		located += all[s.ID]
	}
	if n := all[0] - located; n > 0 {
		a.notes = append(a.notes, saying(
			"Ordinateurs de l’inventaire sans site\u202f: %d. Comptés dans leur site, ils pourraient en abaisser la couverture.",
			"Computers in the inventory without a site: %d. Counted in their site, they could lower its coverage.", n))
	}
	if unknown > 0 {
		a.notes = append(a.notes, saying(
			"Sites dont la couverture ne peut pas être donnée (trop peu de machines, ou absents de l’inventaire)\u202f: %d. Ils ne sont comptés que dans la borne haute.",
			"Sites whose coverage cannot be given (too few machines, or missing in the inventory): %d. They count in the high bound only.", unknown))
	}
	return a
}

// observed is C3: the share of the time in which the state of machines is known.
func observed(f *facts, p period) answer {
	h, machines := f.hours(p), f.machines(p)
	if h.known+h.unknown <= 0 {
		return answer{missing: f.noMonths(p)}
	}
	a := answer{status: Measured, notes: f.doubts(p), obtained: said(
		"Heures dont l’état (allumé, en veille, éteint) est connu, divisées par toutes les heures des jours dont les machines ont envoyé un relevé.",
		"Hours of which the state (on, asleep, off) is known, divided by all hours of the days that machines sent records of.",
	)}
	a.value, a.whole = percent(h.known, h.known+h.unknown, machines)
	if f.fewMonths(p) {
		a.coverage, a.weak = f.reach(p, 100)
	}
	return a
}

// seconds is how many seconds of a processor the agent takes in a day.
func (c cost) seconds() float64 { return float64(c.cpuMs) / 1000 / float64(c.days) }

// kilobytes is how many an agent sends in a year.
func (c cost) kilobytes() float64 { return float64(c.bytes) / 1000 / float64(c.days) * daysOfYear }

// daysOfYear is to how many days a year's figures are scaled.
const daysOfYear = 365.25

// costLine is a line of C5.
func costLine(of func(cost) float64) piece {
	return func(f *facts, p period) answer {
		var c cost
		for _, m := range f.months {
			if p.has(m.month) {
				c = cost{c.days + m.cost.days, c.cpuMs + m.cost.cpuMs, c.bytes + m.cost.bytes}
			}
		}
		if c.days == 0 || of(c) <= 0 {
			return answer{missing: said(
				"Le coût de la mesure n’est connu que pour les machines partagées et les serveurs, et aucun ne l’a envoyé.",
				"The cost of measuring is known for shared machines and servers only, and none has sent it.",
			)}
		}
		value := of(c)
		return answer{value: &value, status: Measured, obtained: said(
			"Compté par les agents des machines partagées et des serveurs\u202f; celui des machines individuelles n’est pas montré.",
			"Counted by the agents of shared machines and servers; that of personal machines is not shown.",
		)}
	}
}
