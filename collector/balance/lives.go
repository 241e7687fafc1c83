package balance

import (
	"slices"
	"time"

	"veille/collector"
)

// Age is devices of one age.
type Age struct {
	Years  int // whole years since they were bought; -1: nobody knows
	New    int // bought new
	Reused int // refurbished, or given
}

// oldest is the age in years above which a date is taken to be mistyped.
const oldest = 50

// unknownAge stands for an age that nobody knows.
const unknownAge = -1

// Pyramid is devices by age, the youngest first, from those of this year on without gaps, those of unknown age last. What was bought in a
// month that is still to come, or more than 50 years ago, is of unknown age.
func Pyramid(equipment []collector.Equipment, today collector.Date) []Age {
	var ages []Age
	unknown := Age{Years: unknownAge}
	for _, e := range equipment {
		if e.Count <= 0 {
			continue
		}
		months, ok := monthsSince(e.Bought, today)
		if !ok {
			unknown.add(e)
			continue
		}
		for len(ages) <= months/12 {
			ages = append(ages, Age{Years: len(ages)})
		}
		ages[months/12].add(e)
	}
	if unknown.New+unknown.Reused > 0 {
		ages = append(ages, unknown)
	}
	return ages
}

func (a *Age) add(e collector.Equipment) {
	if e.As == "new" {
		a.New += e.Count
	} else {
		a.Reused += e.Count
	}
}

// monthsSince is how many months lie between a month and today; false where that is not known.
func monthsSince(bought collector.Month, today collector.Date) (int, bool) {
	first, _, err := bought.Dates()
	if err != nil {
		return 0, false
	}
	from, err := first.Midnight(time.UTC)
	if err != nil {
		return 0, false
	}
	to, err := today.Midnight(time.UTC)
	if err != nil {
		return 0, false
	}
	months := (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
	return months, months >= 0 && months <= oldest*12
}

// Life is how long devices of one class last, and what that saves.
type Life struct {
	Class     string
	Count     int
	Known     int               // of Count, whose age is known
	MeanYears float64           // of those; 0 where there are none
	Reused    int               // of Count, refurbished or given
	Usual     *collector.Factor // years that one lasts; nil: no factor
	Older     int               // of Known, that have lasted longer than is usual
	Spared    *Range            // kgCO2e that were not needed for new ones, each year: those that are older serve for longer than is usual; nil without factors, or where no age is known
}

// Lives are the classes of equipment, in the order of collector.Devices.
//
// A device of a years, of a class that usually lasts L years and needs M kgCO2e to be made and brought, has spared each year (indicator F4)
//
//	M × (1 ÷ L − 1 ÷ a), and nothing where a is not above L
//
// The low bound is of the low of M and the high of L, the high bound of the high of M and the low of L. The age is that since it was bought, in
// months: of a refurbished device it is less than that since it was made, and of each it is less than it will have lasted.
func (b Book) Lives(equipment []collector.Equipment, today collector.Date) []Life {
	var lives []Life
	for _, class := range collector.Devices() {
		of := slices.DeleteFunc(slices.Clone(equipment), func(e collector.Equipment) bool { return e.Class != class || e.Count <= 0 })
		if len(of) > 0 {
			lives = append(lives, b.life(class, of, today))
		}
	}
	return lives
}

// life is the life of equipment of one class.
func (b Book) life(class string, of []collector.Equipment, today collector.Date) Life {
	l := Life{Class: class}
	if f, ok := b.Factor(Lasts + class); ok {
		l.Usual = &f
	}
	made, ok := b.Factor(Made + class)
	var spared Range
	for _, e := range of {
		l.Count += e.Count
		if e.As != "new" {
			l.Reused += e.Count
		}
		months, known := monthsSince(e.Bought, today)
		if !known {
			continue
		}
		years, n := float64(months)/12, float64(e.Count)
		l.Known += e.Count
		l.MeanYears += years * n
		if l.Usual == nil {
			continue
		}
		if years > l.Usual.Value {
			l.Older += e.Count
		}
		spared = spared.plus(longer(years, *l.Usual).times(rangeOf(made)).by(n))
	}
	l.MeanYears = ratio(l.MeanYears, float64(l.Known))
	if ok && l.Usual != nil && l.Known > 0 {
		l.Spared = &spared
	}
	return l
}

// longer is how much less of a new device is needed each year, where one lasts for so many years and not as long as is usual: 1 ÷ L − 1 ÷ a.
func longer(years float64, usual collector.Factor) Range {
	less := func(lasts float64) float64 {
		if lasts <= 0 || years <= lasts {
			return 0
		}
		return 1/lasts - 1/years
	}
	return between(less(usual.High), less(usual.Value), less(usual.Low))
}
