package label

import (
	"math"
	"slices"
	"testing"

	"veille/collector"
)

// bought are devices in service that were bought in a month.
func bought(class string, month collector.Month, count int) collector.Equipment {
	return collector.Equipment{Site: 1, Class: class, Bought: month, As: "new", Count: count, State: "in-service"}
}

// left are devices that were retired in a month.
func left(class string, from, to collector.Month, count int) collector.Equipment {
	return collector.Equipment{Site: 1, Class: class, Bought: from, As: "new", Count: count, State: "retired", Left: to}
}

// equipped are facts with an inventory.
func equipped(all ...collector.Equipment) *facts {
	f := stating()
	f.equipment = all
	return f
}

func TestTheAgeIsThatOfDevicesInServiceAtTheEndOfThePeriod(t *testing.T) {
	f := equipped(
		bought("notebook", "2024-08", 10),         // 24 months
		bought("desktop", "2020-08", 30),          // 72
		bought("monitor", "", 10),                 // nobody knows
		bought("tablet", "2026-09", 5),            // not there yet
		bought("printer", "1970-01", 2),           // mistyped
		left("desktop", "2019-08", "2026-10", 2),  // still there: 84
		left("notebook", "2015-01", "2026-08", 9), // gone
		collector.Equipment{Site: 1, Class: "desktop", Bought: "2016-08", Count: 4, State: "stock"},
	)
	a := reckoned(t, f, "L1.age", schoolYear())
	mustBe(t, "L1.age", a, (24*10+72*30+84*2)/42.0)
	if a.status != Imported || a.quality != Low || a.coverage == nil || math.Abs(*a.coverage-100*42.0/54) > 1e-9 {
		t.Errorf("it is %s, %s, covers %v", a.status, a.quality, a.coverage)
	}
	mustBe(t, "L5", reckoned(t, f, "L5", schoolYear()), 100*32.0/42)
	mustBe(t, "L5.seven", reckoned(t, f, "L5.seven", schoolYear()), 0) // 84 months are not above 84
	mustBe(t, "L11", reckoned(t, f, "L11", schoolYear()), 100*4.0/58)
	i := slices.IndexFunc(a.parts, func(p Part) bool { return p.Name.EN == "Screens" })
	if i < 0 || a.parts[i].Value != nil {
		t.Errorf("screens of unknown age: %+v", a.parts)
	}
}

func TestExactlySixtyMonthsAreNotOverFiveYears(t *testing.T) {
	f := equipped(bought("desktop", "2021-08", 1), bought("desktop", "2021-07", 1))
	mustBe(t, "L5", reckoned(t, f, "L5", schoolYear()), 50)
}

func TestAPastStockIsToldOnlyWhereTheInventoryListsWhatHasLeftSince(t *testing.T) {
	past := period{"2024-09", "2025-08"}
	f := equipped(bought("desktop", "2021-08", 1))
	mustLack(t, "L1.age of last year", reckoned(t, f, "L1.age", past), "what has left service since")
	f.equipment = append(f.equipment, left("desktop", "2019-08", "2026-02", 1))
	a := reckoned(t, f, "L1.age", past)
	mustBe(t, "L1.age rebuilt", a, 60)
	if !noted(a, "rebuilt") || a.quality != Low {
		t.Errorf("it does not say that it is rebuilt: %v", a.notes)
	}
	mustLack(t, "L11 of last year", reckoned(t, f, "L11", past), "in stock")
}

func TestAnInventoryWithoutStatesDoesNotKnowItsStock(t *testing.T) {
	e := bought("desktop", "2021-08", 1)
	e.State = ""
	mustLack(t, "L11", reckoned(t, equipped(e), "L11", schoolYear()), "in stock")
	mustBe(t, "L1.age", reckoned(t, equipped(e), "L1.age", schoolYear()), 60)
}

func TestTheLifeAsItWasIsThatOfWhatLeftInThePeriod(t *testing.T) {
	f := equipped(
		left("desktop", "2019-01", "2026-01", 10),  // 84 months
		left("notebook", "2022-01", "2026-01", 20), // 48
		left("notebook", "", "2026-01", 10),
		left("desktop", "2010-01", "2025-08", 50), // before
		left("desktop", "2010-01", "", 50),        // nobody knows when
		bought("desktop", "2000-01", 50),
	)
	a := reckoned(t, f, "L1.life", schoolYear())
	mustBe(t, "L1.life", a, 60)
	if a.coverage == nil || *a.coverage != 75 || a.quality != Low || len(a.parts) != 2 {
		t.Errorf("it covers %v, quality %s, %d parts", a.coverage, a.quality, len(a.parts))
	}
}

func TestDevicesPerPersonAreThoseOfTheSitesOfTheStaff(t *testing.T) {
	other := bought("monitor", "2021-01", 50)
	other.Site = 2
	f := equipped(bought("desktop", "2021-01", 30), bought("tablet", "", 10), bought("monitor", "2021-01", 20), bought("server", "2021-01", 5), other)
	f.quantities = []collector.Quantity{quantity("staff", 20)}
	mustBe(t, "L9", reckoned(t, f, "L9", calendarYear()), 2)
	mustBe(t, "L9.screens", reckoned(t, f, "L9.screens", calendarYear()), 3.5)
	f.quantities[0].Site = 1
	a := reckoned(t, f, "L9.screens", calendarYear())
	mustBe(t, "L9.screens of a site", a, 1)
	if a.status != Imported || !noted(a, "1 out of 3") {
		t.Errorf("it is %s, %v", a.status, a.notes)
	}
}

func TestEndedSystemsAreThoseOfComputers(t *testing.T) {
	f := equipped(bought("desktop", "2021-01", 30), bought("server", "2021-01", 10), bought("monitor", "2021-01", 100))
	f.quantities = []collector.Quantity{quantity("os-ended", 10)}
	mustBe(t, "L10", reckoned(t, f, "L10", calendarYear()), 25)
	f.quantities[0].Value = 41
	mustLack(t, "L10", reckoned(t, f, "L10", calendarYear()), "contradict")
}

func TestEcolabelsComeFromTheInventoryWhereNobodyStatesThem(t *testing.T) {
	labelled := bought("notebook", "2026-02", 30)
	labelled.Ecolabel = true
	f := equipped(labelled, bought("desktop", "2026-03", 10), bought("desktop", "2021-03", 99))
	a := reckoned(t, f, "L6", calendarYear())
	mustBe(t, "L6", a, 75)
	if a.status != Imported || a.quality != Low {
		t.Errorf("it is %s of quality %s", a.status, a.quality)
	}
	f.equipment = f.equipment[1:]
	mustLack(t, "L6 of an inventory without labels", reckoned(t, f, "L6", calendarYear()), "To be declared")
}

// ownFactors are factors of an organisation that are easy to reckon with.
func ownFactors() []collector.Factor {
	of := func(id, unit string, value, low, high float64) collector.Factor {
		return collector.Factor{Organisation: 1, ID: id, Unit: unit, Value: value, Low: low, High: high, Year: 2025, Source: "Mesure", Verified: true}
	}
	return []collector.Factor{
		of("made.notebook", "kgCO2e", 200, 100, 400), of("life.notebook", "years", 5, 4, 8), of("made-adpe.notebook", "kgSbeq", 0.02, 0.02, 0.02),
		of("made-ir.notebook", "MJ", 1, 1, 1), // of another unit
	}
}

func TestMakingIsTheShareOfThePeriodByTheLivesOfClasses(t *testing.T) {
	f := equipped(bought("notebook", "2024-01", 100), bought("other", "2024-01", 25))
	f.book = bookOf(t, ownFactors()...)
	a := reckoned(t, f, "F2", schoolYear())
	mustBe(t, "F2", a, 100*200/5)
	if *a.low != 100*100/8.0 || *a.high != 100*400/4.0 || a.quality != Medium || *a.coverage != 80 {
		t.Errorf("it is from %v to %v, quality %s, covers %v", *a.low, *a.high, a.quality, *a.coverage)
	}
	mustBe(t, "F2 of three months", reckoned(t, f, "F2", period{"2026-06", "2026-08"}), 1000)
	mustBe(t, "F3.adpe", reckoned(t, f, "F3.adpe", schoolYear()), 100*0.02/5)
	mustLack(t, "F3.radiation in another unit", reckoned(t, f, "F3.radiation", schoolYear()), "made-ir.")
	mustLack(t, "F3.acidification", reckoned(t, f, "F3.acidification", schoolYear()), "made-acid.")
}

func TestThirtyExitsOfAClassStandInThePlaceOfItsFactor(t *testing.T) {
	f := equipped(bought("notebook", "2024-01", 100), left("notebook", "2016-01", "2026-01", 29))
	f.book = bookOf(t, ownFactors()...)
	mustBe(t, "29 exits", reckoned(t, f, "F2", schoolYear()), 4000)
	f.equipment[1].Count = 30
	a := reckoned(t, f, "F2", schoolYear())
	mustBe(t, "30 exits after ten years", a, 2000)
	if *a.low != 1000 || *a.high != 4000 {
		t.Errorf("it is from %v to %v", *a.low, *a.high)
	}
}

func TestWhatIsOlderThanUsualSparesNewOnes(t *testing.T) {
	f := equipped(bought("notebook", "2016-08", 10), bought("notebook", "2024-08", 10))
	f.book = bookOf(t, ownFactors()...)
	a := reckoned(t, f, "F4", schoolYear())
	mustBe(t, "F4", a, 10*200*(1/5.0-1/10.0))
	if *a.low > *a.value || *a.high < *a.value {
		t.Errorf("it is from %v to %v", *a.low, *a.high)
	}
	mustLack(t, "F4 without ages", reckoned(t, equipped(bought("notebook", "", 10)), "F4", schoolYear()), "no date of purchase")
}

func TestTheFootprintOfAPersonIsElectricityAndMaking(t *testing.T) {
	f := equipped(bought("notebook", "2024-01", 100))
	f.book = bookOf(t, ownFactors()...)
	carbon := func(*facts, period) answer {
		return answer{value: new(1000.0), low: new(900.0), high: new(1100.0), status: Measured, months: 10, obtained: same("x"), coverage: new(70.0), observed: new(700.0)}
	}
	mustLack(t, "without staff", perUser(carbon, "staff")(f, schoolYear()), "To be declared")
	f.quantities = []collector.Quantity{{Name: "staff", From: "2026-01", To: "2026-01", Value: 100}, {Name: "pupils", From: "2026-01", To: "2026-01", Value: 1000}}
	a := perUser(carbon, "staff")(f, schoolYear())
	mustBe(t, "F1", a, 50)
	mustBe(t, "F1.pupils", perUser(carbon, "pupils")(f, schoolYear()), 5)
	if *a.low != (900+1250)/100.0 || *a.high != (1100+10000)/100.0 || *a.coverage != 70 || *a.observed != 47 || a.months != 10 || !noted(a, "10 months out of 12") {
		t.Errorf("it is from %v to %v, covers %v, %d months, %v", *a.low, *a.high, *a.coverage, a.months, a.notes)
	}
	f.quantities[0].Site = 2
	mustLack(t, "of one site", perUser(carbon, "staff")(f, schoolYear()), "some of the sites")
	none := func(*facts, period) answer { return answer{missing: noMonths()} }
	mustLack(t, "without electricity", perUser(none, "pupils")(f, schoolYear()), "No month")
}
