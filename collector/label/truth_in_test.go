package label

import (
	"fmt"
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

// grid is one of so many criteria, all validated.
func gridOf(n int) collector.Grid {
	g := collector.Grid{Website: 1, On: "2026-01-01"}
	for i := range n {
		g.Criteria = append(g.Criteria, collector.Criterion{ID: fmt.Sprintf("1.%d", i+1), Priority: "priority", Status: "validated"})
	}
	return g
}

func TestAGridWithoutAllCriteriaDoesNotStandForTheReferential(t *testing.T) {
	for _, n := range []int{1, 77, 78} {
		f := online(nil)
		f.grids = []collector.Grid{gridOf(n)}
		for _, id := range []string{"W3", "W3.assessed"} {
			a := reckoned(t, f, id, calendarYear())
			mustBe(t, id, a, 100)
			if a.weak != (n < 78) || noted(a, "all 78 criteria") != (n < 78) {
				t.Errorf("%s of %d criteria: %+v", id, n, a)
			}
		}
	}
}

// monthOf is a month of workstations, with hours in open time and in time whose part of the day is not told.
func monthOf(m collector.Month, open, mixed float64) month {
	part := func(name string, hours float64) balance.Part {
		return balance.Part{Part: name, Off: hours, Covered: hours, KWh: balance.Range{Value: hours, Low: hours, High: hours}}
	}
	a := balance.Account{
		From: m, To: m, Months: 1, Days: 30, Machines: 100, MachineDays: 3000,
		Parts: []balance.Part{part("night", open)},
	}
	if mixed > 0 {
		a.Parts = append(a.Parts, part(collector.Mixed, mixed))
	}
	return month{month: m, workstations: balance.Add([]balance.Account{a})}
}

func TestTimeThatIsLeftOutIsSaidAndCounted(t *testing.T) {
	f := stating()
	f.now = period{"2026-01", "2026-02"}
	f.months = []month{monthOf("2026-01", 10_000, 100), monthOf("2026-02", 10_000, 0)}
	a := offShare(f, f.now)
	if a.value == nil || a.weak || *a.coverage != 99.5 || !noted(a, "0.5%") {
		t.Errorf("%v, %+v", a.coverage, a)
	}
	f.months[1] = monthOf("2026-02", 10_000, 10_000)
	if a = offShare(f, f.now); a.value == nil || !a.weak || *a.coverage >= 34 || !noted(a, "66.") {
		t.Errorf("covers %v, %+v", *a.coverage, a)
	}
}

func TestQuantitiesThatMayBeCountedTwiceAreOfLowQuality(t *testing.T) {
	year, month := quantity("weee", 1200), quantity("weee", 100)
	a := reckoned(t, stating(year), "L4.kg", calendarYear())
	if a.quality != Medium {
		t.Errorf("a year is of quality %s", a.quality)
	}
	month.To = "2026-01"
	if a = reckoned(t, stating(year, month), "L4.kg", calendarYear()); a.quality != Low || !noted(a, "overlap") {
		t.Errorf("a year and one of its months: %s, %+v", a.quality, a.notes)
	}
}

func TestMakingByTypicalLivesIsOfLowQuality(t *testing.T) {
	made := collector.Factor{Organisation: 1, ID: "made.notebook", Unit: "kgCO2e", Value: 200, Low: 100, High: 400, Year: 2025, Source: "Mesure", Verified: true}
	f := equipped(bought("notebook", "2024-01", 10))
	var err error
	if f.book, err = balance.NewBook(nil, []collector.Factor{made}); err != nil {
		t.Fatal(err)
	}
	if a := reckoned(t, f, "F2", calendarYear()); a.value == nil || a.quality != Low {
		t.Errorf("by a life that is shipped: %s", a.quality)
	}
}

func TestAnOldStandingValueSaysHowOldItIs(t *testing.T) {
	staff := quantity("staff", 100)
	f := equipped(bought("notebook", "2010-01", 10))
	f.quantities = []collector.Quantity{staff}
	if a := reckoned(t, f, "L9", calendarYear()); noted(a, "no later one") {
		t.Errorf("of the year itself: %+v", a.notes)
	}
	staff.From, staff.To = "2015-01", "2015-12"
	f.quantities[0] = staff
	if a := reckoned(t, f, "L9", calendarYear()); a.value == nil || !noted(a, "2015-12") {
		t.Errorf("of eleven years before: %+v", a.notes)
	}
}
