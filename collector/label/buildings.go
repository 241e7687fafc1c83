//nolint:misspell // some of it is French
package label

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"veille/collector"
	"veille/collector/balance"
)

// metered is what the meters of a site counted in a month, and on how many of its days.
type metered struct{ kWh, days float64 }

// ofBuildings is E6: the energy of workstations and servers over that of the buildings that they are in, of the sites with meters. Months are compared
// with themselves: of a month that the readings cover in part, so much of both is taken. A site counts whose readings cover at least 60 percent of
// the days of the period.
func ofBuildings(f *facts, p period) answer {
	var machines balance.Range
	var building float64
	var h hours
	counted, seen, months, twice, both := map[int64]bool{}, 0, 0, false, false
	methods := []string(nil)
	for _, s := range f.sites {
		readings, share, overlap, two := f.metered(s.ID, p)
		if share < enough/100.0 {
			continue
		}
		for i := range f.months {
			m := &f.months[i]
			read, ok := readings[m.month]
			it, told := m.ofSite(s.ID)
			if !ok || !told || !p.has(m.month) {
				continue
			}
			of := read.days / float64(daysOf(m.month))
			for _, a := range it {
				machines = balance.Range{Value: machines.Value + a.KWh.Value*of, Low: machines.Low + a.KWh.Low*of, High: machines.High + a.KWh.High*of}
				h, methods = h.of(a), methodsOf(methods, a.Methods)
				seen = max(seen, a.Machines)
			}
			building += read.kWh
			months++
			counted[s.ID], twice, both = true, twice || overlap, both || two
		}
	}
	if len(counted) == 0 || building <= 0 {
		return answer{missing: f.unread(p)}
	}
	share := func(kwh float64) *float64 { return new(100 * kwh / building) }
	a := answer{
		value: share(machines.Value), low: share(machines.Low), high: share(machines.High), status: Measured, methods: methods, quality: classes()[weakest(methods)],
		obtained: said(
			"Énergie des postes et des serveurs des sites dont les compteurs sont relevés, divisée par celle de ces compteurs sur les mêmes jours. Rien n’est extrapolé.",
			"Energy of the workstations and servers of the sites with meters, divided by that of their meters on the same days. Nothing is extrapolated.",
		),
		notes: []Words{saying("Sites avec compteur pris en compte\u202f: %d sur %d.", "Sites with meters that are counted: %d out of %d.", len(counted), len(f.sites))},
	}
	if c, ok := h.energy(seen); ok {
		a.coverage, a.weak = &c, c < enough
	}
	if of := len(counted) * p.length(); months < of {
		a.weak = a.weak || 100*months < enough*of
		a.notes = append(a.notes, saying("Mois de ces sites qui sont comptés\u202f: %d sur %d.", "Months of these sites that are counted: %d out of %d.", months, of))
	}
	a.doubtReadings(twice, both, machines.Value > building)
	return a
}

// doubtReadings says what is wrong with the readings of meters.
func (a *answer) doubtReadings(twice, both, tooSmall bool) {
	if twice {
		a.notes = append(a.notes, said(
			"Des relevés d’un même compteur se recouvrent\u202f: chaque jour n’est compté qu’une fois, d’après le relevé le plus long.",
			"Readings of the same meter overlap: each day is counted once, by the longest reading."))
	}
	if both {
		a.notes = append(a.notes, said(
			"Des relevés ont été importés pour un site dont les compteurs envoient aussi leurs mesures, sous d’autres noms : seuls les relevés importés comptent.",
			"Readings were imported for a site whose meters post what they count as well, under other names: only those that were imported count."))
	}
	if tooSmall {
		a.weak = true
		a.notes = append(a.notes, said(
			"Les machines auraient consommé plus que le bâtiment\u202f: vérifiez les relevés, et que les compteurs sont ceux de tout le bâtiment.",
			"The machines would have used more than the building: check the readings, and that the meters are those of the whole building."))
	}
}

// unread says why nothing is told of the readings of meters.
func (f *facts) unread(p period) Words {
	first, last := p.dates()
	if !slices.ContainsFunc(f.readings, func(r collector.Reading) bool { return r.From <= last && r.To >= first }) {
		return noReading()
	}
	return said(
		"Les sites avec compteur n’ont pas de chiffres de machines qui puissent être montrés, ou leurs relevés couvrent moins de 60\u202f% des jours.",
		"The sites with meters have no figures of machines that may be shown, or their readings cover less than 60% of the days.",
	)
}

// ofSite are the accounts of a site in a month whose energy is known; false where there is none, or some of it may not be told.
func (m *month) ofSite(site int64) (all []balance.Account, ok bool) {
	if slices.Contains(m.hiddenSites, site) {
		return nil, false
	}
	for _, of := range []map[int64]balance.Account{m.sites, m.siteServers} {
		if a, told := of[site]; told && energyKnown(a) {
			all = append(all, a)
		}
	}
	return all, len(all) > 0
}

// metered is what the meters of a site counted in each month of a period, and the share of its days that they cover, 0 to 1. A reading counts on each of
// its days alike. Where meters of a site cover other days than the others, only so many days count as the one has that covers fewest.
//
// Where readings of one meter overlap, each day is of the longest of them, and overlap is true: no day is counted twice. Of two that are as long the
// imported one counts, which is what was paid for. Where what meters post by the door is left out for imported readings, both is true: see oneBuilding.
func (f *facts) metered(site int64, p period) (months map[collector.Month]metered, share float64, overlap, both bool) {
	first, last := p.dates()
	readings := slices.DeleteFunc(slices.Clone(f.readings), func(r collector.Reading) bool {
		return r.Site != site || r.From > last || r.To < first || daysBetween(r.From, r.To) <= 0
	})
	slices.SortStableFunc(readings, func(x, y collector.Reading) int {
		return cmp.Or(cmp.Compare(daysBetween(y.From, y.To), daysBetween(x.From, x.To)), cmp.Compare(byDoor(x), byDoor(y)))
	})
	sets, both := oneBuilding(readings)
	months = map[collector.Month]metered{}
	covered, days := 0.0, 0.0
	for _, set := range sets { // no day is in two of them
		meters, again := byMeter(set, p)
		overlap = overlap || again
		for i := range p.length() {
			m := p.from.Plus(i)
			if x, ok := together(meters, m); ok {
				months[m] = metered{months[m].kWh + x.kWh, months[m].days + x.days}
				covered += x.days
			}
		}
	}
	for i := range p.length() {
		days += float64(daysOf(p.from.Plus(i)))
	}
	return months, covered / days, overlap, both
}

// byMeter is what each meter counted in each month of a period, by readings with the longest first, and whether some of one meter overlap.
func byMeter(readings []collector.Reading, p period) (meters map[string]map[collector.Month]metered, overlap bool) {
	first, last := p.dates()
	meters = map[string]map[collector.Month]metered{}
	counted := map[string][]bool{}
	for _, r := range readings {
		if meters[r.Meter] == nil {
			meters[r.Meter], counted[r.Meter] = map[collector.Month]metered{}, make([]bool, daysBetween(first, last))
		}
		from, to := max(r.From, first), min(r.To, last)
		for m := from.Month(); m <= to.Month(); m = m.Plus(1) {
			begin, end, err := m.Dates()
			if err != nil {
				break
			}
			days, again := take(counted[r.Meter], daysBetween(first, max(from, begin))-1, daysBetween(first, min(to, end)))
			overlap = overlap || again
			x := meters[r.Meter][m]
			meters[r.Meter][m] = metered{x.kWh + r.KWh*days/float64(daysBetween(r.From, r.To)), x.days + days}
		}
	}
	return meters, overlap
}

// take marks days from one to another, the second not in it, and answers how many were not marked, and whether some were.
func take(marked []bool, from, to int) (days float64, again bool) {
	for i := from; i < to; i++ {
		if marked[i] {
			again = true
			continue
		}
		marked[i] = true
		days++
	}
	return days, again
}

// together is what all meters of a site counted in a month, on as many days as the one has that covers fewest; false where one has none.
func together(meters map[string]map[collector.Month]metered, m collector.Month) (all metered, ok bool) {
	all.days = float64(daysOf(m))
	for _, meter := range meters {
		x := meter[m]
		if x.days <= 0 {
			return metered{}, false
		}
		all.days = min(all.days, x.days)
	}
	for _, name := range slices.Sorted(maps.Keys(meters)) {
		x := meters[name][m]
		all.kWh += x.kWh * all.days / x.days
	}
	return all, len(meters) > 0
}

// daysOf is how many days a month has; 0 of what is none.
func daysOf(m collector.Month) int {
	first, last, err := m.Dates()
	if err != nil {
		return 0
	}
	return daysBetween(first, last)
}

// daysBetween is how many days there are from one to another, both included; 0 of what are no dates.
func daysBetween(from, to collector.Date) int {
	a, err := from.Midnight(time.UTC)
	if err != nil {
		return 0
	}
	b, err := to.Midnight(time.UTC)
	if err != nil {
		return 0
	}
	return int(b.Sub(a)/(24*time.Hour)) + 1
}
