package label

import (
	"fmt"

	"veille/collector"
	"veille/collector/balance"
)

// The prefixes of factors of the other impacts of making a device, and their units, as the product category rules have them. Each is followed by a class
// of collector.Devices, as in made-adpe.notebook.
const (
	madeMinerals  = "made-adpe."   // depletion of minerals and metals, kg of antimony
	madeAcid      = "made-acid."   // acidification
	madeParticles = "made-pm."     // particulate matter
	madeRadiation = "made-ir."     // ionising radiation
	madePrimary   = "made-energy." // primary energy, a flow
)

// footprint are the lines of making devices: F1 per person, with the electricity, F2 greenhouse gases, F3 the other impacts, F4 what longer lives
// spare.
func footprint() map[string]piece {
	carbon := func(f *facts, p period) answer {
		if of, ok := measured()["E4a"]; ok {
			return of(f, p)
		}
		return lacking(noMonths())
	}
	return map[string]piece{
		"F1":               perUser(carbon, "staff"),
		"F1.pupils":        perUser(carbon, "pupils"),
		"F2":               making(balance.Made, balance.MadeUnit),
		"F3.adpe":          making(madeMinerals, "kgSbeq"),
		"F3.acidification": making(madeAcid, "molH+eq"),
		"F3.particles":     making(madeParticles, "disease incidence"),
		"F3.radiation":     making(madeRadiation, "kBqU235eq"),
		"F3.energy":        making(madePrimary, "MJ"),
		"F4":               spared,
	}
}

// perUser is the electricity's greenhouse gases and those of making devices, of a period, for each person of a standing quantity. carbon is E4a.
func perUser(carbon piece, name string) piece {
	return func(f *facts, p period) answer {
		users, ok := f.amount(name, p)
		switch {
		case !ok:
			return lacking(noQuantity(name))
		case users.value == 0:
			return lacking(nothingOf(name))
		case !f.wholeOf(users):
			return lacking(someSites(name))
		}
		use, made := carbon(f, p), making(balance.Made, balance.MadeUnit)(f, p)
		switch {
		case use.value == nil:
			return lacking(use.missing)
		case made.value == nil:
			return lacking(made.missing)
		}
		a := answer{
			value: new((*use.value + *made.value) / users.value), status: Imported, quality: Low, months: use.months, of: use.of, followed: use.followed,
			obtained: Words{
				FR: "Somme de E4a et de F2, divisée par le nombre de personnes déclaré ; les trois sont dans le détail.",
				EN: "Sum of E4a and F2, divided by the declared number of people; all three are in the detail.",
			},
			notes: append(append([]Words{}, made.notes...), users.notes...),
			parts: []Part{
				{Name: Words{FR: "Électricité (E4a)", EN: "Electricity (E4a)"}, Value: use.value, Low: use.low, High: use.high, Unit: balance.MadeUnit},
				{Name: Words{FR: "Fabrication (F2)", EN: "Making (F2)"}, Value: made.value, Low: made.low, High: made.high, Unit: balance.MadeUnit},
				users.part(),
			},
		}
		a.leastCovered(use, made)
		if use.observed != nil {
			a.observed = new((*use.observed + *made.value) / users.value)
		}
		if use.low != nil && use.high != nil {
			a.low, a.high = new((*use.low+*made.low)/users.value), new((*use.high+*made.high)/users.value)
		}
		if use.months > 0 && use.months < p.length() {
			a.notes = append(a.notes, *phrase(Words{
				FR: "L’électricité est celle de %s mois sur %s ; la fabrication est celle de toute la période.",
				EN: "The electricity is that of %s months out of %s; the making is that of the whole period.",
			}, count(use.months), count(p.length())))
		}
		return a
	}
}

// leastCovered takes the smallest coverage of several answers.
func (a *answer) leastCovered(of ...answer) {
	for _, x := range of {
		if x.coverage != nil && (a.coverage == nil || *x.coverage < *a.coverage) {
			a.coverage = x.coverage
		}
		a.weak = a.weak || x.weak
	}
}

// making is the share of a period in an impact of making the devices in service: of each class
//
//	devices × factor ÷ life in years × months ÷ 12
//
// The low bound is of the low of the factor and the high of the life. Classes without a factor are left out, and the line says how much it covers.
// Its quality is low where any factor is a typical value of its class, which those that come with the program are; medium where all are the
// organisation's own and somebody has read them at their source.
func making(prefix, unit string) piece {
	return func(f *facts, p period) answer {
		s, why, ok := f.stock(p)
		if !ok {
			return lacking(why)
		}
		var sum balance.Range
		var parts []Part
		covered, quality := 0, Medium
		for _, class := range collector.Devices() {
			n := devices(s.of(class).serving)
			factor, known := f.book.Factor(prefix + class)
			lasts, from, own, living := f.lasts(class, p)
			if n == 0 || !known || !living || factor.Unit != unit {
				continue
			}
			years := float64(n) * float64(p.length()) / yearMonths
			r := balance.Range{Value: years * factor.Value / lasts.Value, Low: years * factor.Low / lasts.High, High: years * factor.High / lasts.Low}
			sum = balance.Range{Value: sum.Value + r.Value, Low: sum.Low + r.Low, High: sum.High + r.High}
			covered += n
			if factor.Organisation == 0 || !factor.Verified || !own {
				quality = Low
			}
			parts = append(parts, Part{Name: DeviceWords(class), Value: &r.Value, Low: &r.Low, High: &r.High, Unit: unit, Note: phrase(Words{FR: "équipements : %s ; %s", EN: "devices: %s; %s"}, count(n), from)})
		}
		if covered == 0 {
			return lacking(noFactor(prefix + "… (" + unit + ")"))
		}
		a := s.inventoried(sum.Value, covered, devices(s.serving))
		a.low, a.high, a.parts = &sum.Low, &sum.High, parts
		if a.quality = quality; s.rebuilt {
			a.quality = Low
		}
		a.obtained = Words{
			FR: "Calculé à partir de l’inventaire importé et des facteurs de fabrication et de durée de vie de l’annexe.",
			EN: "Reckoned from the imported inventory and the factors of making and of lifetime in the annex.",
		}
		return a
	}
}

// lasts is how long a device of a class lasts, in years, and where that comes from: what the organisation's own devices lasted that left in the last
// twelve months, where those are enough, else the factor. own tells whether it is no typical value of its class: what was seen, or a factor of the organisation that somebody has read at its source. Use by others, before or after, is not added: there is no certificate of it.
func (f *facts) lasts(class string, p period) (r balance.Range, from Words, own, ok bool) {
	if months, n := f.realised(class, p.lastYear()); n >= enoughExits && months > 0 {
		years := months / yearMonths
		return balance.Range{Value: years, Low: years, High: years}, *phrase(Words{
			FR: "durée de vie constatée : %s ans, sorties : %s", EN: "observed lifetime: %s years, devices that left: %s",
		}, inWords(years, 1), count(n)), true, true
	}
	factor, ok := f.book.Factor(balance.Lasts + class)
	if !ok || factor.Low <= 0 {
		return r, from, false, false
	}
	return balance.Range{Value: factor.Value, Low: factor.Low, High: factor.High}, *phrase(Words{
		FR: "durée de vie usuelle : %s ans", EN: "usual lifetime: %s years",
	}, inWords(factor.Value, 1)), factor.Organisation != 0 && factor.Verified, true
}

// spared is the greenhouse gases of new devices that were not needed in a year, as older ones served for longer than is usual: see balance.Book.Lives.
func spared(f *facts, p period) answer {
	s, why, ok := f.stock(p)
	if !ok {
		return lacking(why)
	}
	var sum balance.Range
	var parts []Part
	covered, ages := 0, 0
	for _, l := range f.book.Lives(s.serving, f.asOf(p)) {
		ages += l.Known
		if l.Spared == nil {
			continue
		}
		covered += l.Known
		sum = balance.Range{Value: sum.Value + l.Spared.Value, Low: sum.Low + l.Spared.Low, High: sum.High + l.Spared.High}
		parts = append(parts, Part{
			Name: DeviceWords(l.Class), Value: new(l.Spared.Value), Low: new(l.Spared.Low), High: new(l.Spared.High), Unit: balance.MadeUnit,
			Note: phrase(Words{FR: "%s au-delà de la durée de vie usuelle, sur %s", EN: "%s beyond the usual lifetime, out of %s"}, count(l.Older), count(l.Known)),
		})
	}
	switch {
	case ages == 0:
		return lacking(noAges())
	case covered == 0:
		return lacking(noFactor(fmt.Sprintf("%s…, %s…", balance.Made, balance.Lasts)))
	}
	a := s.inventoried(sum.Value, covered, devices(s.serving))
	a.low, a.high, a.parts, a.quality = &sum.Low, &sum.High, parts, Low
	a.obtained = Words{
		FR: "Calculé à partir des dates d’achat de l’inventaire importé et des facteurs de fabrication et de durée de vie de l’annexe.",
		EN: "Reckoned from the dates of purchase in the imported inventory and the factors of making and of lifetime in the annex.",
	}
	return a
}
