package label

import (
	"slices"

	"veille/collector"
)

// lifeCycle are the lines of purchases, lives and ends of devices.
func lifeCycle() map[string]piece {
	return map[string]piece{
		"L1.age":        meanAge,
		"L1.life":       realisedLife,
		"L2":            reusedPurchases,
		"L3":            ratioOf("retired-reused", "retired", percents, true),
		"L4.kg":         sumOf("weee"),
		"L4.organised":  ratioOf("weee-organised", "weee", percents, true),
		"L4.per_person": ratioOf("weee", "staff", 1, false),
		"L5":            olderThan(60),
		"L5.seven":      olderThan(84),
		"L6":            ecolabels,
		"L7":            ratioOf("contracts-clause", "contracts", percents, true),
		"L8.count":      sumOf("repaired"),
		"L8.share":      ratioOf("repaired", "broken", percents, true),
		"L9":            perPerson(terminals()...),
		"L9.screens":    perPerson("monitor"),
		"L10":           ended,
		"L11":           inStock,
	}
}

// meanAge is the mean age in months of devices in service whose age is known, and that of each class.
func meanAge(f *facts, p period) answer {
	s, why, ok := f.stock(p)
	if !ok {
		return lacking(why)
	}
	in := f.asOf(p).Month()
	mean, known := s.meanAge(in)
	if known == 0 {
		return lacking(noAges())
	}
	a := s.inventoried(mean, known, devices(s.serving))
	for _, class := range collector.Devices() {
		of := s.of(class)
		mean, known := of.meanAge(in)
		if all := devices(of.serving); all > 0 {
			part := Part{Name: DeviceWords(class), Unit: "months", Note: phrase(Words{
				FR: "âge connu pour %s sur %s", EN: "age known for %s out of %s",
			}, count(known), count(all))}
			if known > 0 {
				part.Value = &mean
			}
			a.parts = append(a.parts, part)
		}
	}
	return a
}

// meanAge is the mean age of the devices whose age is known, and how many those are.
func (s stock) meanAge(in collector.Month) (mean float64, known int) {
	sum := 0
	for _, e := range s.serving {
		if months, ok := age(e, in); ok {
			sum, known = sum+months*e.Count, known+e.Count
		}
	}
	return float64(sum) / float64(max(known, 1)), known
}

// realisedLife is for how many months devices served, in the mean, that left in the period.
func realisedLife(f *facts, p period) answer {
	sum, known, all := 0, 0, 0
	for _, e := range f.equipment {
		if e.State == retiredState && p.has(e.Left) {
			all += max(e.Count, 0)
		}
		if months, ok := served(e, p); ok {
			sum, known = sum+months*e.Count, known+e.Count
		}
	}
	if known == 0 {
		return lacking(Words{
			FR: "L’inventaire ne donne aucune sortie de cette période avec sa date d’achat.",
			EN: "The inventory has no device that left in this period with its date of purchase.",
		})
	}
	a := stock{}.inventoried(float64(sum)/float64(known), known, all)
	a.obtained = Words{
		FR: "Calculé à partir de l’inventaire importé, équipements sortis pendant la période.",
		EN: "Reckoned from the imported inventory, devices that left in the period.",
	}
	if known < enoughExits {
		a.quality = Low
		a.notes = append(a.notes, *phrase(Words{
			FR: "Peu de sorties : %s.", EN: "Few devices left: %s.",
		}, count(known)))
	}
	for _, class := range collector.Devices() {
		if mean, n := f.realised(class, p); n > 0 {
			a.parts = append(a.parts, Part{Name: DeviceWords(class), Value: &mean, Unit: "months", Note: phrase(Words{FR: "sorties : %s", EN: "left: %s"}, count(n))})
		}
	}
	return a
}

// giftEuros is what the decree counts for a notebook under five years that was received as a gift.
const giftEuros = 200

// reusedPurchases is the share of purchases that is reused. Gifts are added to both sides; with gifts above only it is a part of the line, as the
// decree's rule for them is to be checked. Where nobody has stated gifts, none are counted, and the line says so.
func reusedPurchases(f *facts, p period) answer {
	reused, all, why, ok := f.pair("purchases-reused", "purchases", p)
	if !ok {
		return lacking(why)
	}
	used := []amount{reused, all}
	given := 0.0
	note := Words{
		FR: "Les dons ne sont pas comptés : aucun nombre n’est déclaré pour les mêmes mois et les mêmes sites.",
		EN: "Gifts are not counted: their number is not declared for the same months and sites.",
	}
	if gifts, ok := f.amount("gifts", p); ok && f.sameScope(gifts, all) {
		given, used, note = giftEuros*gifts.value, append(used, gifts), Words{}
	}
	switch {
	case all.value+given == 0:
		return lacking(nothingOf("purchases"))
	case reused.value > all.value:
		return lacking(contradictory("purchases-reused", "purchases"))
	}
	a := declared(percents*(reused.value+given)/(all.value+given), used...)
	if note.FR != "" {
		a.notes = append(a.notes, note)
	}
	if given > 0 && all.value > 0 {
		a.parts = append(a.parts, Part{
			Name:  Words{FR: "Avec les dons au numérateur seulement", EN: "With gifts in the numerator only"},
			Value: new(percents * (reused.value + given) / all.value), Unit: "%",
		})
	}
	a.notes = append(a.notes, all.partly(f)...)
	a.covering(float64(len(all.months)), float64(p.length()))
	return a
}

// olderThan is the share of devices in service, of known age, that are older than so many months.
func olderThan(months int) piece {
	return func(f *facts, p period) answer {
		s, why, ok := f.stock(p)
		if !ok {
			return lacking(why)
		}
		older, known := s.older(f.asOf(p).Month(), months)
		if known == 0 {
			return lacking(noAges())
		}
		a := s.inventoried(percents*float64(older)/float64(known), known, devices(s.serving))
		for _, class := range collector.Devices() {
			if older, known := s.of(class).older(f.asOf(p).Month(), months); known > 0 {
				a.parts = append(a.parts, Part{
					Name: DeviceWords(class), Value: new(percents * float64(older) / float64(known)), Unit: "%",
					Note: phrase(Words{FR: "%s sur %s", EN: "%s out of %s"}, count(older), count(known)),
				})
			}
		}
		return a
	}
}

// older is how many devices are older than so many months, and of how many the age is known.
func (s stock) older(in collector.Month, months int) (older, known int) {
	for _, e := range s.serving {
		m, ok := age(e, in)
		if !ok {
			continue
		}
		known += e.Count
		if m > months {
			older += e.Count
		}
	}
	return older, known
}

// ecolabels is the share of devices bought that have an eco-label: as stated; else by the inventory, where it knows any.
func ecolabels(f *facts, p period) answer {
	if stated := ratioOf("purchased-ecolabel", "purchased", percents, true)(f, p); stated.value != nil {
		return stated
	}
	labelled, bought := 0, 0
	for _, e := range f.equipment {
		if !p.has(e.Bought) || e.Count <= 0 {
			continue
		}
		bought += e.Count
		if e.Ecolabel {
			labelled += e.Count
		}
	}
	if labelled == 0 { // an inventory that names no label may not know any
		return ratioOf("purchased-ecolabel", "purchased", percents, true)(f, p)
	}
	a := stock{}.inventoried(percents*float64(labelled)/float64(bought), bought, bought)
	a.quality = Low
	a.obtained = Words{
		FR: "Calculé à partir de l’inventaire importé, équipements achetés pendant la période ; un équipement sans mention y compte comme sans écolabel.",
		EN: "Reckoned from the imported inventory, devices bought in the period; a device of which nothing is said counts as one without an eco-label.",
	}
	return a
}

// perPerson is how many devices of some classes there are for each of the staff, at the sites that the staff is stated for.
func perPerson(classes ...string) piece {
	return func(f *facts, p period) answer {
		s, why, ok := f.stock(p)
		if !ok {
			return lacking(why)
		}
		staff, ok := f.amount("staff", p)
		switch {
		case !ok:
			return lacking(noQuantity("staff"))
		case staff.value == 0:
			return lacking(nothingOf("staff"))
		}
		of := s.of(classes...)
		if !f.wholeOf(staff) {
			of = of.at(staff.sites)
		}
		n := devices(of.serving)
		if n == 0 {
			return lacking(noEquipment())
		}
		a := of.inventoried(float64(n)/staff.value, n, n)
		a.parts = append(a.parts, staff.part())
		a.notes = append(append(a.notes, staff.notes...), staff.partly(f)...)
		if _, pupils := f.amount("pupils", p); pupils {
			a.notes = append(a.notes, Words{
				FR: "Les équipements des élèves sont comptés ; les élèves ne le sont pas, puisqu’ils ne font pas partie de l’effectif.",
				EN: "Devices of pupils are counted; the pupils are not, since they are not part of the staff.",
			})
		}
		for _, class := range classes {
			if n := devices(of.of(class).serving); n > 0 {
				a.parts = append(a.parts, Part{Name: DeviceWords(class), Value: new(float64(n))})
			}
		}
		return a
	}
}

// ended is the share of computers whose system is out of support: those stated, among those of the inventory.
func ended(f *facts, p period) answer {
	x, ok := f.amount("os-ended", p)
	if !ok {
		return lacking(noQuantity("os-ended"))
	}
	s, why, ok := f.stock(p)
	if !ok {
		return lacking(why)
	}
	s = s.of(computers()...)
	if !f.wholeOf(x) {
		s = s.at(x.sites)
	}
	n := devices(s.serving)
	switch {
	case n == 0:
		return lacking(noEquipment())
	case x.value > float64(n):
		return lacking(*phrase(Words{
			FR: "Les valeurs se contredisent : le nombre déclaré dépasse celui des ordinateurs en service de l’inventaire, %s (%s).",
			EN: "The values contradict each other: the declared number is above that of the computers in service in the inventory, %s (%s).",
		}, count(n), QuantityWords("os-ended")))
	}
	a := declared(percents*x.value/float64(n), x)
	a.notes = append(a.notes, x.partly(f)...)
	a.parts = append(a.parts, Part{Name: Words{FR: "Ordinateurs en service, d’après l’inventaire", EN: "Computers in service, by the inventory"}, Value: new(float64(n))})
	return a
}

// inStock is the share of devices that wait in stock. An inventory that tells no state of any device does not know.
func inStock(f *facts, p period) answer {
	late, _ := monthsBetween(p.to, f.today.Month())
	told := slices.ContainsFunc(f.equipment, func(e collector.Equipment) bool { return e.State != "" })
	s, why, ok := f.stock(p)
	switch {
	case late >= longAgo || ok && !told:
		return lacking(Words{
			FR: "L’inventaire ne dit pas ce qui était en stock à la fin de cette période.",
			EN: "The inventory does not say what was in stock at the end of this period.",
		})
	case !ok:
		return lacking(why)
	}
	stocked := 0
	for _, e := range f.equipment {
		if e.State == stockState && e.Bought <= p.to {
			stocked += max(e.Count, 0)
		}
	}
	all := stocked + devices(s.serving)
	return s.inventoried(percents*float64(stocked)/float64(all), all, all)
}
