package label

import (
	"maps"
	"slices"
	"strings"

	"veille/collector"
)

// amount is what people state of a quantity in a period.
type amount struct {
	name      string
	value     float64
	flow      bool              // it is added up over months; else it is what there is
	months    []collector.Month // of a flow: those of the period that it was stated for, in order
	sites     []int64           // that it was stated for, by number; nil: for all of the organisation
	sources   []string          // that say so, each once
	unsourced bool              // some of it names no source, or may be counted twice
	notes     []Words
}

// mostSources is how many sources of an amount are named.
const mostSources = 3

// amount is a quantity in a period; false where nobody has stated it.
//
// A standing one holds until the next later one of the same name and site. A flow is added up over those whose months lie in the period; one
// that lies partly in it is counted by the share of its months. Sites are added up; where a value is stated for all of the organisation, those of
// its sites are not added to it.
func (f *facts) amount(name string, p period) (amount, bool) {
	kinds := collector.Quantities()
	k := slices.IndexFunc(kinds, func(k collector.QuantityKind) bool { return k.Name == name })
	if k < 0 {
		return amount{}, false
	}
	x := amount{name: name, flow: !kinds[k].Standing}
	all := f.holding(name, p, x.flow)
	if len(all) == 0 {
		return amount{}, false
	}
	x.choose(&all)
	seen := map[collector.Month]bool{}
	for _, q := range all {
		x.add(q, p, seen)
	}
	x.months = slices.Sorted(maps.Keys(seen))
	if x.flow && overlapping(all) {
		x.unsourced = true // its sum may be of the same thing twice
		x.notes = append(x.notes, *phrase(Words{
			FR: "Des valeurs déclarées se recouvrent dans le temps : vérifiez que rien n’y est compté deux fois (%s).",
			EN: "Declared values overlap in time: check that nothing in them is counted twice (%s).",
		}, QuantityWords(name)))
	}
	return x, finite(x.value)
}

// holding are the quantities of a name that count in a period.
func (f *facts) holding(name string, p period, flow bool) (all []collector.Quantity) {
	last := map[int64]collector.Quantity{}
	for _, q := range f.quantities {
		switch {
		case q.Name != name || q.From > p.to:
		case flow && q.To >= p.from && q.To >= q.From:
			all = append(all, q)
		case !flow && q.From >= last[q.Site].From: // of two from the same month, the later in the list
			last[q.Site] = q
		}
	}
	for _, site := range slices.Sorted(maps.Keys(last)) {
		all = append(all, last[site])
	}
	return all
}

// choose leaves those for all of the organisation, where there are some, else those of sites.
func (x *amount) choose(all *[]collector.Quantity) {
	ofSite := func(q collector.Quantity) bool { return q.Site != 0 }
	if !slices.ContainsFunc(*all, func(q collector.Quantity) bool { return q.Site == 0 }) {
		for _, q := range *all {
			x.sites = append(x.sites, q.Site)
		}
		slices.Sort(x.sites)
		x.sites = slices.Compact(x.sites)
		return
	}
	if slices.ContainsFunc(*all, ofSite) {
		x.notes = append(x.notes, *phrase(Words{
			FR: "La valeur déclarée pour toute l’organisation est retenue ; celles des sites ne s’y ajoutent pas (%s).",
			EN: "The value declared for the whole organisation is used; those of its sites are not added to it (%s).",
		}, QuantityWords(x.name)))
	}
	*all = slices.DeleteFunc(*all, ofSite)
}

// add adds a quantity, and the months of the period that it is of.
func (x *amount) add(q collector.Quantity, p period, seen map[collector.Month]bool) {
	switch source := strings.TrimSpace(q.Source); {
	case source == "":
		x.unsourced = true
	case !slices.Contains(x.sources, source):
		x.sources = append(x.sources, source)
	}
	if !x.flow {
		if x.value += q.Value; q.To < p.from {
			x.notes = append(x.notes, *phrase(Words{
				FR: "Valeur déclarée jusqu’au mois %s, reprise parce qu’aucune plus récente n’est déclarée (%s).",
				EN: "Value declared up to %s, taken because no later one is declared (%s).",
			}, same(string(q.To)), QuantityWords(x.name)))
		}
		return
	}
	inside := period{max(q.From, p.from), min(q.To, p.to)}
	for i := range inside.length() {
		seen[inside.from.Plus(i)] = true
	}
	all := period{q.From, q.To}.length()
	x.value += q.Value * float64(inside.length()) / float64(all)
	if inside.length() < all {
		x.notes = append(x.notes, *phrase(Words{
			FR: "Une valeur déclarée du mois %s au mois %s dépasse la période : elle est comptée pour %s mois sur %s (%s).",
			EN: "A value declared from %s to %s goes beyond the period: it is counted for %s months out of %s (%s).",
		}, same(string(q.From)), same(string(q.To)), count(inside.length()), count(all), QuantityWords(x.name)))
	}
}

// overlapping tells whether some quantities of the same site are of different months that overlap. Of the same months there may well be several, such
// as one of each invoice.
func overlapping(all []collector.Quantity) bool {
	for i, a := range all {
		for _, b := range all[:i] {
			apart := a.From > b.To || b.From > a.To
			alike := a.From == b.From && a.To == b.To
			if a.Site == b.Site && !apart && !alike {
				return true
			}
		}
	}
	return false
}

// whole tells whether an amount is of all of the organisation: stated for it, or for each of its sites.
func (f *facts) wholeOf(x amount) bool {
	return len(x.sites) == 0 || !slices.ContainsFunc(f.sites, func(s collector.Site) bool { return !slices.Contains(x.sites, s.ID) })
}

// sameScope tells whether two amounts are of the same sites and, if both are flows, of the same months.
func (f *facts) sameScope(x, y amount) bool {
	if x.flow && y.flow && !slices.Equal(x.months, y.months) {
		return false
	}
	return f.wholeOf(x) && f.wholeOf(y) || slices.Equal(x.sites, y.sites)
}

// partly notes that an amount is of some sites only.
func (x amount) partly(f *facts) []Words {
	if f.wholeOf(x) {
		return nil
	}
	return []Words{*phrase(Words{
		FR: "Sites pour lesquels la valeur est déclarée : %s sur %s (%s).",
		EN: "Sites that the value is declared for: %s out of %s (%s).",
	}, count(len(x.sites)), count(len(f.sites)), QuantityWords(x.name))}
}

// part is an amount as a part of a line, with what says so.
func (x amount) part() Part {
	part := Part{Name: QuantityWords(x.name), Value: new(x.value)}
	if len(x.sources) == 0 {
		return part
	}
	named := strings.Join(x.sources[:min(len(x.sources), mostSources)], "; ")
	if len(x.sources) > mostSources {
		named += "; …"
	}
	part.Note = phrase(Words{FR: "source : %s", EN: "source: %s"}, same(named))
	return part
}
