package balance_test

import (
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

func TestShippedFactorsAreOfKnownClassesEachOnceAndHaveASource(t *testing.T) {
	all, err := balance.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range all {
		class, device := strings.CutPrefix(f.ID, balance.Made)
		if !device {
			class, device = strings.CutPrefix(f.ID, balance.Lasts)
		}
		if device && !slices.Contains(collector.Devices(), class) || !device && f.ID != balance.Electricity {
			t.Errorf("%s is a factor of nothing", f.ID)
		}
		if seen[f.ID] || f.Source == "" || f.Licence == "" || f.Link == "" || f.Organisation != 0 {
			t.Errorf("%+v is there twice, or does not say where it is from", f)
		}
		seen[f.ID] = true
		if err := balance.Usable(f); err != nil {
			t.Errorf("%s cannot be reckoned with: %v", f.ID, err)
		}
	}
	if !slices.IsSortedFunc(all, func(x, y collector.Factor) int { return strings.Compare(x.ID, y.ID) }) {
		t.Error("they are not by id")
	}
	for _, id := range []string{balance.Electricity, "made.notebook", "made.desktop", "made.mini", "made.all-in-one", "made.monitor", "life.notebook", "life.desktop"} {
		if !seen[id] {
			t.Errorf("%s is not shipped", id)
		}
	}
}

func TestAFactorOfTheOrganisationTakesThePlaceOfTheOneShipped(t *testing.T) {
	own := collector.Factor{Organisation: 3, ID: balance.Electricity, Value: 20, Low: 18, High: 30, Unit: "gCO2e/kWh", Year: 2026, Source: "our supplier"}
	b, err := balance.NewBook(nil, []collector.Factor{own})
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := balance.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := b.Factor(balance.Electricity); !ok || f != own {
		t.Errorf("the factor is %+v", f)
	}
	if all := b.Factors(); len(all) != len(shipped) || !slices.Contains(all, own) {
		t.Errorf("there are %d factors, and %d are shipped", len(all), len(shipped))
	}
}

func TestABookRefusesWhatItWouldReckonWronglyWith(t *testing.T) {
	good := collector.Factor{ID: balance.Electricity, Value: 50, Low: 50, High: 50, Unit: "gCO2e/kWh", Year: 2026, Source: "x"}
	for what, change := range map[string]func(*collector.Factor){
		"kilograms":       func(f *collector.Factor) { f.Unit = "kgCO2e/kWh" },
		"a device in g":   func(f *collector.Factor) { f.ID, f.Unit = "made.notebook", "gCO2e" },
		"a life in days":  func(f *collector.Factor) { f.ID, f.Unit = "life.notebook", "days" },
		"no life at all":  func(f *collector.Factor) { f.ID, f.Unit, f.Low = "life.notebook", "years", 0 },
		"a turned range":  func(f *collector.Factor) { f.Low = 60 },
		"without a title": func(f *collector.Factor) { f.Source = "" },
	} {
		f := good
		change(&f)
		if _, err := balance.NewBook(nil, []collector.Factor{f}); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if _, err := balance.NewBook(nil, []collector.Factor{good, {ID: "trees", Value: 1, Low: 1, High: 1, Unit: "any", Year: 2020, Source: "x"}}); err != nil {
		t.Errorf("a factor that is reckoned with nowhere is refused: %v", err)
	}
	if _, err := balance.NewBook([]collector.Price{{From: "2026-01", EuroPerKWh: -1, Tax: "excluded"}}, nil); err == nil {
		t.Error("a price below 0 is taken")
	}
}

func TestThePriceOfAMonthIsTheLastFromNoLater(t *testing.T) {
	b, err := balance.NewBook([]collector.Price{
		{From: "2026-03", EuroPerKWh: 0.3, Tax: "excluded"}, {From: "2025-01", EuroPerKWh: 0.2, Tax: "excluded"}, {From: "2026-03", EuroPerKWh: 0.4, Tax: "included"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for month, want := range map[collector.Month]float64{"2024-12": 0, "2025-01": 0.2, "2026-02": 0.2, "2026-03": 0.4, "2030-01": 0.4} {
		if p, ok := b.Price(month); p.EuroPerKWh != want || ok != (want > 0) {
			t.Errorf("a kWh of %s costs %v, %v, not %v", month, p.EuroPerKWh, ok, want)
		}
	}
}
