package label

import (
	"math"
	"slices"

	"veille/collector"
	"veille/collector/balance"
)

// Constant is the energy in kWh of so many devices that take the same power, in watts, for some hours.
func Constant(count int, watts, hours float64) float64 { return float64(count) * watts * hours / 1000 }

// fleetEnergy is the energy of the workstations and servers of a period.
type fleetEnergy struct {
	kWh      balance.Range // some of it extrapolated
	observed *float64      // before that; nil: as it was observed
	parts    []Part
	methods  []string
	notes    []Words
	coverage *float64
	weak     bool
}

// fleetEnergy is false where no energy is known. Under 60 percent of the time covered nothing is extrapolated; from 60 to 90 the energy is divided by the
// coverage as it is told, so that whoever reads it can do the sum. Workstations and servers are extrapolated each by their own coverage: where the
// energy of servers is not known, that of workstations says nothing of it.
func (f *facts) fleetEnergy(p period) (e fleetEnergy, ok bool) {
	if c, some := f.hours(p).energy(f.machines(p)); some {
		e.coverage, e.weak = f.reach(p, c)
	}
	if share, _, _ := f.followedShare(p); share < enough/100.0 {
		e.weak = true
		if e.coverage != nil {
			e.coverage = new(math.Round(10**e.coverage*share) / 10)
		}
	}
	workstations, some := f.workstations(p)
	servers, others := f.servers(p)
	observed := 0.0
	for _, kind := range []struct {
		name    Words
		account balance.Account
		some    bool
	}{{said("Postes", "Workstations"), workstations, some}, {said("Serveurs", "Servers"), servers, others}} {
		if !kind.some {
			continue
		}
		times, note := e.times(kind.name, kind.account, some && others)
		if note != (Words{}) {
			e.notes = append(e.notes, note)
		}
		if !energyKnown(kind.account) {
			continue
		}
		ok = true
		kwh := kind.account.KWh
		r := balance.Range{Value: kwh.Value * times, Low: kwh.Low * times, High: kwh.High * times}
		e.kWh = balance.Range{Value: e.kWh.Value + r.Value, Low: e.kWh.Low + r.Low, High: e.kWh.High + r.High}
		if observed += kwh.Value; times != 1 {
			e.observed = &observed
		}
		e.parts = append(e.parts, Part{Name: kind.name, Value: &r.Value, Low: &r.Low, High: &r.High, Unit: "kWh"})
		e.methods = methodsOf(e.methods, kind.account.Methods)
	}
	return e, ok
}

// times is what the energy of one kind of machines is multiplied with, and what is to be said of that. several tells whether there are both kinds.
func (e *fleetEnergy) times(kind Words, a balance.Account, several bool) (times float64, note Words) {
	c, ok := (hours{}).of(a).energy(a.Machines)
	if !ok || c >= nearly {
		return 1, Words{}
	}
	if c < enough || e.weak {
		if several {
			note = *phrase(said("%s\u202f: énergie connue pour %s\u202f%% du temps\u202f; rien n’est extrapolé.", "%s: energy known for %s%% of the time; nothing is extrapolated."), kind, inWords(c, 1))
		}
		return 1, note
	}
	if note = extrapolated(c); several {
		note = *phrase(said("%s\u202f: l’énergie observée est divisée par la couverture, %s\u202f%%.", "%s: the energy observed is divided by the coverage, %s%%."), kind, inWords(c, 1))
	}
	return 100 / c, note
}

// shownMonths is how many months of a period have figures of which nothing is hidden.
func (f *facts) shownMonths(p period) (n int) {
	for _, m := range f.months {
		if p.has(m.month) && m.figures() && m.workstations.HiddenMonths == 0 {
			n++
		}
	}
	return n
}

// fewMonths tells whether fewer than 60 percent of the months of a period have figures of which nothing is hidden.
func (f *facts) fewMonths(p period) bool { return 100*f.shownMonths(p) < enough*p.length() }

// reach is the coverage of a figure that covers so many percent of the time of its machines, and whether that is too little. Where too few months of
// the period have figures, it is of all of its months.
func (f *facts) reach(p period, percent float64) (coverage *float64, weak bool) {
	if n := f.shownMonths(p); n > 0 && f.fewMonths(p) {
		percent = math.Round(10*percent*float64(n)/float64(p.length())) / 10
	}
	return &percent, percent < enough || f.fewMonths(p)
}

// methodsOf are those of two lists, in the order of collector.Methods.
func methodsOf(lists ...[]string) (all []string) {
	for _, m := range collector.Methods() {
		for _, list := range lists {
			if slices.Contains(list, m) && !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}

// electricity is E1: the energy of workstations and servers, and of other devices as it was stated.
func electricity(f *facts, p period) answer {
	e, ok := f.fleetEnergy(p)
	other, stated := f.amount("other-devices", p)
	if !ok && !stated {
		return answer{missing: f.noEnergy(p)}
	}
	a := answer{status: Declared, months: max(1, f.withFigures(p)), obtained: said(
		"Somme de l’énergie des postes et des serveurs suivis, mesurée ou estimée par leurs agents, et de celle que l’organisation déclare pour ses autres équipements.",
		"Sum of the energy of the workstations and servers followed, measured or estimated by their agents, and of what the organisation declares for its other devices.",
	)}
	if ok {
		a.status, a.coverage, a.weak, a.methods, a.parts = Measured, e.coverage, e.weak, e.methods, e.parts
		a.quality = f.split(p).most()
		a.notes = f.doubts(p)
		a.onlyFollowed(f, p)
		if a.notes = append(a.notes, e.notes...); e.observed != nil {
			a.observed = new(*e.observed + other.value)
		}
	} else {
		a.weak = true // of the fleet nothing is known
		a.notes = append(a.notes, said("Aucune énergie de machine n’est connue\u202f: seule la valeur déclarée est comptée.", "No energy of machines is known: only the declared value is counted."))
	}
	a.value = new(e.kWh.Value + other.value)
	if ok {
		a.low, a.high = new(e.kWh.Low+other.value), new(e.kWh.High+other.value)
	}
	if stated {
		part := other.part()
		part.Unit = "kWh"
		a.of = "other-devices"
		if n := len(other.months); n < p.length() {
			other.notes = append(other.notes, saying("Énergie des autres équipements déclarée pour %d mois sur %d.", "Energy of other devices declared for %d months out of %d.", n, p.length()))
		}
		a.parts, a.notes = append(a.parts, part), append(a.notes, slices.Concat(other.notes, other.partly(f))...)
	}
	return a
}

// followedShare is the share of the computers of the inventory that are followed, in the mean of the months of which nothing is hidden, at most 1; how
// many machines that are; and how many computers the inventory has, 0 where it does not tell. It is 1 where nothing is known of it.
func (f *facts) followedShare(p period) (share, mean float64, computers int) {
	for _, m := range f.within(p) {
		if m.figures() && m.workstations.HiddenMonths == 0 {
			mean += float64(m.machines())
		}
	}
	mean /= float64(max(1, f.shownMonths(p)))
	all, _ := f.computersOf(p)
	if mean == 0 || all == nil {
		return 1, mean, 0
	}
	return min(1, mean/float64(all[0])), mean, all[0]
}

// onlyFollowed says how many of the computers of the inventory a sum of energy is of, where it is not of all. It is not extrapolated to the others:
// nothing is known of how they are used. Of less than 60 percent of them it does not stand for the fleet.
func (a *answer) onlyFollowed(f *facts, p period) {
	share, mean, computers := f.followedShare(p)
	if a.followed = mean; share < nearly/100.0 {
		a.notes = append(a.notes, saying(
			"Machines suivies, en moyenne des mois\u202f: %.0f, pour %d ordinateurs en service à l’inventaire. L’énergie des autres n’est pas comptée.",
			"Machines followed, in the mean of the months: %.0f, for %d computers in service in the inventory. The energy of the others is not counted.", mean, computers))
	}
}

// extrapolated says that a figure was divided by its coverage.
func extrapolated(coverage float64) Words {
	return *phrase(Words{
		FR: "Extrapolé à tout le temps des machines suivies\u202f: l’énergie observée est divisée par la couverture, %s\u202f%%.",
		EN: "Extrapolated to the whole time of the machines followed: the energy observed is divided by the coverage, %s%%.",
	}, inWords(coverage, 1))
}

// perOpenDay is E1n: the kWh of a workstation on an open day. What is used on closed days is in it.
func perOpenDay(f *facts, p period) answer {
	account, a, ok := f.byPart(p, openDayParts())
	if !ok {
		return a
	}
	whole, _ := f.workstations(p)
	if !energyKnown(whole) {
		return answer{missing: f.noEnergy(p)}
	}
	per := func(kwh float64) *float64 { return new(kwh / openDays(account)) }
	a.value, a.low, a.high, a.methods, a.quality = per(account.KWh.Value), per(account.KWh.Low), per(account.KWh.High), account.Methods, classes()[weakest(account.Methods)]
	a.coverage, a.weak = nil, false
	if c, ok := (hours{}).of(account).energy(account.Machines); ok {
		a.coverage, a.weak = f.reach(p, c)
	}
	a.obtained = said(
		"Énergie des postes pendant toute la période, nuits et jours de fermeture compris, divisée par leurs jours d’ouverture (heures d’ouverture et de nuit ÷ 24). Rien n’est extrapolé.",
		"Energy of workstations in the whole period, nights and closed days included, divided by their open days (open hours and night hours ÷ 24). Nothing is extrapolated.",
	)
	a.notes = append(a.notes, partial(a.coverage)...)
	return a
}

// proofOf is the line whose evidence proves a factor: of electricity without any carbon there must be a guarantee of origin.
func proofOf(factor string) string {
	if factor == Contract {
		return "E4b"
	}
	return "E4a"
}

// noProof says that a factor of 0 is not proven.
func noProof(id string) Words {
	return *phrase(said(
		"Le facteur %s vaut 0 et aucune preuve n’est jointe à la ligne %s\u202f: une garantie d’origine est nécessaire.",
		"The factor %s is 0 and no evidence is attached to the line %s: a guarantee of origin is needed."), same(id), same(proofOf(id)))
}

// locationBased is E4a: the carbon of E1 by the factor of the electricity of the country.
func locationBased(f *facts, p period) answer { return carbonOf(f, p, balance.Electricity) }

// Contract is the id of the factor of the electricity that an organisation buys, in gCO2e/kWh.
const Contract = "electricity.contract"

// marketBased is E4b: the carbon of E1 by the factor of the organisation's contract.
func marketBased(f *facts, p period) answer { return carbonOf(f, p, Contract) }

// carbonOf is the carbon of E1 by a factor: kWh × gCO2e/kWh ÷ 1000, the bounds with the bounds.
func carbonOf(f *facts, p period, id string) answer {
	a := electricity(f, p)
	factor, ok := f.book.Factor(id)
	switch {
	case a.value == nil:
		return a
	case ok && factor.Value == 0 && !f.proven[proofOf(id)]:
		return answer{missing: noProof(id)}
	case !ok || factor.Unit != balance.ElectricityUnit:
		return answer{missing: noFactor(id)}
	}
	times := func(x *float64, by float64) *float64 {
		if x == nil {
			x = a.value
		}
		return new(*x * by / 1000)
	}
	a.low, a.high, a.value = times(a.low, factor.Low), times(a.high, factor.High), times(a.value, factor.Value)
	if a.observed != nil {
		a.observed = times(a.observed, factor.Value)
	}
	for i, part := range a.parts {
		value := part.Value
		a.parts[i].Unit, a.parts[i].Value = "kgCO2e", times(value, factor.Value)
		if part.Low != nil && part.High != nil {
			a.parts[i].Low, a.parts[i].High = times(part.Low, factor.Low), times(part.High, factor.High)
		}
	}
	a.obtained = saying("Électricité E1 multipliée par le facteur «\u202f%s\u202f» de %d.", "Electricity E1 multiplied by the factor “%s” of %d.", factor.ID, factor.Year)
	return a
}
