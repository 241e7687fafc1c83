package label

import (
	"math"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

// schoolYear is the period of these tests, and calendarYear another one.
func schoolYear() period   { return period{"2025-09", "2026-08"} }
func calendarYear() period { return period{"2026-01", "2026-12"} }

// stating are facts of three sites that people have stated quantities of.
func stating(all ...collector.Quantity) *facts {
	return &facts{
		today: "2026-11-20", quantities: all,
		sites: []collector.Site{{ID: 1, Name: "Rennes"}, {ID: 2, Name: "Brest"}, {ID: 3, Name: "Vannes"}},
	}
}

// quantity is one of all of the organisation, over the calendar year.
func quantity(name string, value float64) collector.Quantity {
	return collector.Quantity{Name: name, From: "2026-01", To: "2026-12", Value: value, Source: "registre"}
}

// reckoned is the answer of a line.
func reckoned(t *testing.T, f *facts, id string, p period) answer {
	t.Helper()
	of, ok := stated()[id]
	if !ok {
		t.Fatalf("nothing reckons %s", id)
	}
	return of(f, p)
}

// mustBe complains of an answer that has another value, or none.
func mustBe(t *testing.T, what string, a answer, want float64) {
	t.Helper()
	switch {
	case a.value == nil:
		t.Errorf("%s has no value: %s", what, a.missing.EN)
	case math.Abs(*a.value-want) > 1e-9*max(1, math.Abs(want)):
		t.Errorf("%s is %v, not %v", what, *a.value, want)
	case a.status == "" || a.obtained.FR == "" || a.missing != Words{}:
		t.Errorf("%s does not say how it was obtained: %+v", what, a)
	}
}

// mustLack complains of an answer that has a value, or does not say why it has none.
func mustLack(t *testing.T, what string, a answer, why string) {
	t.Helper()
	if a.value != nil || a.missing.FR == "" || !strings.Contains(a.missing.EN, why) {
		t.Errorf("%s: value %v, missing %q, not %q", what, a.value, a.missing.EN, why)
	}
}

func noted(a answer, what string) bool {
	return slices.ContainsFunc(a.notes, func(w Words) bool { return strings.Contains(w.EN, what) && w.FR != "" })
}

func TestEachLineOfTheCatalogueIsReckonedBySomebody(t *testing.T) {
	all, err := Indicators()
	if err != nil {
		t.Fatal(err)
	}
	by := pieces()
	for _, i := range all {
		if by[i.ID] == nil {
			t.Errorf("nothing reckons %s", i.ID)
		}
		delete(by, i.ID)
	}
	for id := range by {
		t.Errorf("%s is not in the catalogue", id)
	}
}

func TestNothingStatedIsMissingAndNeverZero(t *testing.T) {
	f := stating()
	for id := range stated() {
		if id == "F1" || id == "F1.pupils" {
			continue // of machines too
		}
		if a := reckoned(t, f, id, schoolYear()); a.value != nil || a.missing.FR == "" || a.missing.EN == "" || a.status != "" {
			t.Errorf("%s of nothing is %+v", id, a)
		}
	}
}

func TestRatiosOfStatedQuantities(t *testing.T) {
	tests := []struct {
		id    string
		given []collector.Quantity
		want  float64
	}{
		{"L2", []collector.Quantity{quantity("purchases", 400_000), quantity("purchases-reused", 84_000), quantity("gifts", 12)}, 100 * 86_400.0 / 402_400},
		{"L3", []collector.Quantity{quantity("retired", 120), quantity("retired-reused", 66)}, 55},
		{"L4.kg", []collector.Quantity{quantity("weee", 800)}, 800},
		{"L4.organised", []collector.Quantity{quantity("weee", 800), quantity("weee-organised", 600)}, 75},
		{"L4.per_person", []collector.Quantity{quantity("weee", 800), quantity("staff", 400)}, 2},
		{"L6", []collector.Quantity{quantity("purchased", 200), quantity("purchased-ecolabel", 50)}, 25},
		{"L7", []collector.Quantity{quantity("contracts", 10), quantity("contracts-clause", 4)}, 40},
		{"L8.count", []collector.Quantity{quantity("repaired", 30)}, 30},
		{"L8.share", []collector.Quantity{quantity("repaired", 30), quantity("broken", 40)}, 75},
		{"P1", []collector.Quantity{quantity("staff", 400), quantity("printers", 50)}, 8},
		{"P2", []collector.Quantity{quantity("printers", 50), quantity("printers-shared", 45)}, 90},
		{"P3", []collector.Quantity{quantity("sheets", 800_000), quantity("staff", 400)}, 2000},
		{"S1", []collector.Quantity{quantity("servers-virtual", 90), quantity("servers-physical", 10)}, 90},
		{"S2", []collector.Quantity{quantity("servers-virtual", 90), quantity("hosts", 6)}, 15},
		{"S3", []collector.Quantity{quantity("servers-schools", 7)}, 7},
		{"S3.conduct", []collector.Quantity{quantity("datacentres", 2), quantity("datacentres-conduct", 1)}, 50},
		{"S4.pue", []collector.Quantity{quantity("datacentre-site", 150_000), quantity("datacentre-it", 100_000)}, 1.5},
		{"S4.wue", []collector.Quantity{quantity("datacentre-water", 40_000), quantity("datacentre-it", 100_000)}, 0.4},
		{"S4.erf", []collector.Quantity{quantity("datacentre-reused", 30_000), quantity("datacentre-site", 150_000)}, 0.2},
		{"S4.ref", []collector.Quantity{quantity("datacentre-renewable", 75_000), quantity("datacentre-site", 150_000)}, 0.5},
		{"G3", []collector.Quantity{quantity("trained", 100), quantity("staff", 400)}, 25},
		{"G4.workshops", []collector.Quantity{quantity("workshops", 6)}, 6},
		{"G4.people", []collector.Quantity{quantity("reached", 90)}, 90},
		{"G8", []collector.Quantity{quantity("datasets", 2)}, 2},
	}
	for _, x := range tests {
		a := reckoned(t, stating(x.given...), x.id, calendarYear())
		mustBe(t, x.id, a, x.want)
		if a.status != Declared || a.quality != Medium || a.coverage != nil || len(a.parts) < len(x.given) {
			t.Errorf("%s is %s of quality %s, covers %v, with %d parts", x.id, a.status, a.quality, a.coverage, len(a.parts))
		}
		for i := range x.given { // one of them missing, each in turn
			if x.given[i].Name == "gifts" {
				continue
			}
			rest := slices.Delete(slices.Clone(x.given), i, i+1)
			mustLack(t, x.id, reckoned(t, stating(rest...), x.id, calendarYear()), "To be declared")
		}
	}
}

func TestGiftsInTheNumeratorOnlyAreInTheDetail(t *testing.T) {
	given := []collector.Quantity{quantity("purchases", 400_000), quantity("purchases-reused", 84_000), quantity("gifts", 12)}
	a := reckoned(t, stating(given...), "L2", calendarYear())
	last := a.parts[len(a.parts)-1]
	if math.Abs(*last.Value-21.6) > 1e-9 || last.Unit != "%" {
		t.Errorf("with gifts above only it is %v %s", *last.Value, last.Unit)
	}
	without := reckoned(t, stating(given[:2]...), "L2", calendarYear())
	mustBe(t, "L2 without gifts", without, 21)
	if !noted(without, "Gifts are not counted") {
		t.Error("it does not say that no gifts are counted")
	}
}

func TestValuesThatContradictEachOtherGiveNoFigure(t *testing.T) {
	for id, given := range map[string][]collector.Quantity{
		"L2":     {quantity("purchases", 10), quantity("purchases-reused", 20)},
		"L3":     {quantity("retired", 10), quantity("retired-reused", 20)},
		"S4.pue": {quantity("datacentre-site", 10), quantity("datacentre-it", 20)},
	} {
		mustLack(t, id, reckoned(t, stating(given...), id, calendarYear()), "contradict")
	}
	for id, given := range map[string][]collector.Quantity{
		"L2": {quantity("purchases", 0), quantity("purchases-reused", 0)},
		"P1": {quantity("printers", 0), quantity("staff", 10)},
		"P3": {quantity("sheets", 9), quantity("staff", 0)},
		"S1": {quantity("servers-virtual", 0), quantity("servers-physical", 0)},
	} {
		mustLack(t, id+" of nothing", reckoned(t, stating(given...), id, calendarYear()), "No ratio")
	}
}

func TestAQuantityWithoutASourceIsOfLowQuality(t *testing.T) {
	q := quantity("weee", 8)
	q.Source = " "
	if a := reckoned(t, stating(q), "L4.kg", calendarYear()); a.quality != Low {
		t.Errorf("it is of quality %q", a.quality)
	}
}

func TestAStandingQuantityHoldsUntilTheNextLaterOne(t *testing.T) {
	at := func(m collector.Month, value float64) collector.Quantity {
		return collector.Quantity{Name: "datasets", From: m, To: m, Value: value}
	}
	f := stating(at("2024-01", 1), at("2026-08", 3), at("2026-03", 2), at("2026-09", 9), at("2026-08", 4))
	mustBe(t, "the last up to the end", reckoned(t, f, "G8", schoolYear()), 4)
	mustBe(t, "the year before", reckoned(t, f, "G8", period{"2024-09", "2025-08"}), 1)
	mustLack(t, "before the first", reckoned(t, f, "G8", period{"2023-01", "2023-12"}), "To be declared")
}

func TestAFlowIsCountedByTheShareOfItsMonths(t *testing.T) {
	f := stating(collector.Quantity{Name: "weee", From: "2025-07", To: "2026-06", Value: 120}) // 10 months out of 12 in the school year
	a := reckoned(t, f, "L4.kg", schoolYear())
	mustBe(t, "ten months of twelve", a, 100)
	if !noted(a, "10 months out of 12") || a.months != 10 || a.coverage == nil || math.Abs(*a.coverage-1000.0/12) > 1e-9 || a.weak {
		t.Errorf("it says %v, covers %v", a.notes, a.coverage)
	}
	if a := reckoned(t, f, "L4.kg", period{"2026-05", "2027-04"}); !a.weak {
		t.Errorf("two months of twelve are not weak: %+v", a)
	}
	mustLack(t, "outside of it", reckoned(t, f, "L4.kg", period{"2026-07", "2026-08"}), "To be declared")
}

func TestAFlowByMonthsIsThatOfTheYear(t *testing.T) {
	var all []collector.Quantity
	for i := range 12 {
		m := collector.Month("2026-01").Plus(i)
		all = append(all, collector.Quantity{Name: "weee", From: m, To: m, Value: 10})
	}
	whole := reckoned(t, stating(quantity("weee", 120)), "L4.kg", period{"2026-03", "2026-05"})
	months := reckoned(t, stating(all...), "L4.kg", period{"2026-03", "2026-05"})
	mustBe(t, "by the year", whole, 30)
	mustBe(t, "by months", months, 30)
	if len(months.notes) != 0 {
		t.Errorf("it notes %v", months.notes)
	}
}

func TestValuesThatOverlapAreNotedAndInvoicesOfAMonthAreNot(t *testing.T) {
	march := collector.Quantity{Name: "weee", From: "2026-03", To: "2026-03", Value: 5}
	if a := reckoned(t, stating(march, march), "L4.kg", calendarYear()); noted(a, "overlap") || *a.value != 10 {
		t.Errorf("two slips of a month are %v, %v", *a.value, a.notes)
	}
	if a := reckoned(t, stating(march, quantity("weee", 120)), "L4.kg", calendarYear()); !noted(a, "overlap") {
		t.Error("a month beside its year is not noted")
	}
}

func TestSitesAreAddedUpUnlessTheOrganisationHasAValue(t *testing.T) {
	of := func(site int64, value float64) collector.Quantity {
		q := quantity("printers", value)
		q.Site = site
		return q
	}
	staff := quantity("staff", 600)
	a := reckoned(t, stating(of(1, 10), of(2, 20), of(3, 30), staff), "P1", calendarYear())
	mustBe(t, "three sites", a, 10)
	a = reckoned(t, stating(of(1, 10), of(0, 100), staff), "P1", calendarYear())
	mustBe(t, "the organisation's", a, 6)
	if !noted(a, "the whole organisation is used") {
		t.Errorf("it does not say that the site's was left out: %v", a.notes)
	}
	mustLack(t, "two sites of three", reckoned(t, stating(of(1, 10), of(2, 20), staff), "P1", calendarYear()), "same months or the same sites")
	staff.Site = 1
	a = reckoned(t, stating(of(1, 10), staff), "P1", calendarYear())
	mustBe(t, "one site on both sides", a, 60)
	if !noted(a, "1 out of 3") {
		t.Errorf("it does not say that it is of one site: %v", a.notes)
	}
}

func TestFlowsOfOtherMonthsAreNotDivided(t *testing.T) {
	half := quantity("datacentre-it", 50)
	half.To = "2026-06"
	mustLack(t, "PUE", reckoned(t, stating(quantity("datacentre-site", 150), half), "S4.pue", calendarYear()), "same months")
}

func TestPaperIsBroughtToAYearFromSixtyPercentOfItsMonths(t *testing.T) {
	sheets := quantity("sheets", 8000)
	sheets.To = "2026-08"
	mustBe(t, "eight months", reckoned(t, stating(sheets, quantity("staff", 10)), "P3", calendarYear()), 1200)
	sheets.To = "2026-07"
	mustLack(t, "seven months", reckoned(t, stating(sheets, quantity("staff", 10)), "P3", calendarYear()), "60%")
}

func TestStepsAreCountedWithTheirDates(t *testing.T) {
	f := stating()
	f.steps = []collector.Step{
		{Kind: "charter", On: "2021-03-12", Title: "Charte"},
		{Kind: "lead", On: "2022-01-01", Title: "Nomination"},
		{Kind: "committee", On: "2025-08-31", Title: "Avant"},
		{Kind: "committee", On: "2025-09-01", Title: "Comité 1"},
		{Kind: "committee", On: "2026-08-31", Title: "Comité 2"},
		{Kind: "published", On: "2026-09-01", Title: "Après"},
	}
	a := reckoned(t, f, "G1", schoolYear())
	mustBe(t, "G1", a, 1)
	if note := a.parts[0].Note; note == nil || note.FR != "charte signée, le 12/03/2021" || note.EN != "charter signed, on 2021-03-12" {
		t.Errorf("the step says %v", note)
	}
	mustBe(t, "G2", reckoned(t, f, "G2", schoolYear()), 3)
	mustLack(t, "G5", reckoned(t, f, "G5", schoolYear()), "indicators published")
	mustLack(t, "G6", reckoned(t, f, "G6", schoolYear()), "consulted")
	mustLack(t, "G1 before", reckoned(t, f, "G1", period{"2020-01", "2020-12"}), "charter")
}

// bookOf is a book with the factors shipped and some of the organisation.
func bookOf(t *testing.T, own ...collector.Factor) balance.Book {
	t.Helper()
	book, err := balance.NewBook(nil, own)
	if err != nil {
		t.Fatal(err)
	}
	return book
}
