package balance_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// weekends is a month of 1,000 notebooks, with ten days of weekend on which each is on for so many hours of 24. In open hours nothing
// changes.
func weekends(t testing.TB, month collector.Month, on float64) balance.Account {
	t.Helper()
	return account(t, month, figures(1000, 30_000,
		hours{part: "open", on: 160_000, off: 320_000, wattOn: 30, wattO: 0.5},
		hours{part: "weekend", on: on * 10_000, off: (24 - on) * 10_000, wattOn: 30, wattO: 0.5}))
}

func TestNineHoursLessOfThirtyWattsAreAvoided(t *testing.T) {
	before := []balance.Account{weekends(t, "2026-01", 10)}
	e, why := book(t).Effect(before, []balance.Account{weekends(t, "2026-03", 1)})
	if why != "" || !near(e.KWh.Value, 2655) {
		t.Fatalf("avoided %+v, %q", e.KWh, why)
	}
	if len(e.Parts) != 2 || e.Parts[0].KWh.Value != 0 || !near(e.Parts[1].KWh.Value, 2655) || !near(e.Parts[1].Before, 307.0/24) || !near(e.Parts[1].After, 41.5/24) {
		t.Errorf("by part of the day: %+v", e.Parts)
	}
	if e.Euros == nil || !near(e.Euros.Value, 531) || e.Tax != "excluded" || e.Carbon == nil || !near(e.Carbon.Value, 2655*0.0519) {
		t.Errorf("euros %+v, carbon %+v", e.Euros, e.Carbon)
	}
	if expected := 307.0*10 + 160*30 + 320*0.5; !near(e.Percent, 100*2655/expected) || !e.Assumed || e.Mix || e.Methods || e.YearKWh != nil || e.LeftOut != nil {
		t.Errorf("the effect is %+v", e)
	}
}

func TestAnActionThatChangedNothingMayHaveNoEffect(t *testing.T) {
	for n := range 6 {
		var before, after []balance.Account
		for i, m := range months(2025, n+1) {
			before, after = append(before, weekends(t, m, float64(i))), append(after, weekends(t, "2026"+m[4:], float64(i)))
		}
		e, why := book(t).Effect(before, after)
		if why != "" || e.KWh.Value != 0 || !e.Within {
			t.Errorf("%d months: %+v, %q", n+1, e.KWh, why)
		}
	}
}

func TestTheSamePowerInOtherHoursIsNoEffectToTheLastDigit(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	for range 300 {
		of := func(month collector.Month) []balance.Account {
			return []balance.Account{account(t, month, figures(100, 3000, hours{part: "open", on: float64(1 + random.IntN(99_999)), wattOn: 20.1}, hours{part: "night", off: float64(1 + random.IntN(99_999)), wattO: 0.3}))}
		}
		if e, why := book(t).Effect(append(of("2025-01"), of("2025-02")...), of("2026-01")); why != "" || e.KWh.Value != 0 || e.Parts[0].KWh.Value != 0 {
			t.Fatalf("%v kWh are avoided, %+v", e.KWh.Value, e.Parts)
		}
	}
}

func TestMonthsThatScatterAreTakenForAnEffectInFiveOfAHundredCasesAtMost(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	const worlds = 1000
	b := book(t)
	for _, n := range [][2]int{{2, 1}, {3, 3}, {6, 2}, {12, 12}} {
		wrong := 0
		for range worlds {
			some := func(year, n int) (all []balance.Account) {
				for _, m := range months(year, n) {
					watts := 20 + 2*random.NormFloat64()
					all = append(all, account(t, m, figures(100, 3000, hours{part: "open", on: 20_000, wattOn: watts})))
				}
				return all
			}
			if e, why := b.Effect(some(2024, n[0]), some(2026, n[1])); why != "" || !e.Within {
				wrong++
			}
		}
		if wrong > worlds*7/100 {
			t.Errorf("%d months before, %d after: an effect in %d of %d cases", n[0], n[1], wrong, worlds)
		}
	}
}

func TestUsingMoreIsANegativeSaving(t *testing.T) {
	var before, after []balance.Account
	for _, m := range months(2025, 4) {
		before, after = append(before, weekends(t, m, 2)), append(after, weekends(t, "2026"+m[4:], 8))
	}
	e, why := book(t).Effect(before, after)
	if f, _ := book(t).Factor(balance.Electricity); !near(e.Carbon.Low, e.KWh.Low*f.High/1000) || !near(e.Carbon.High, e.KWh.High*f.Low/1000) {
		t.Errorf("%+v kWh are %+v kgCO2e", e.KWh, e.Carbon)
	}
	if want := -4 * 6 * 29.5 * 10; why != "" || !near(e.KWh.Value, want) || e.KWh.High >= 0 || e.Percent >= 0 || e.Euros.High >= 0 || e.Carbon.High >= 0 {
		t.Errorf("%+v avoided, not %v; %q", e, want, why)
	}
	if e.YearKWh == nil || !near(e.YearKWh.Value, e.KWh.Value*365.25/120) {
		t.Errorf("in a year %+v", e.YearKWh)
	}
}

func TestMachinesThatAreAddedAreNoLossAndAreTold(t *testing.T) {
	of := func(month collector.Month, machines float64) []balance.Account {
		return []balance.Account{account(t, month, figures(int(machines), int64(machines)*30, hours{part: "open", on: machines * 160, wattOn: 20}))}
	}
	for after, mix := range map[float64]bool{100: false, 110: false, 130: true, 70: true} {
		if e, why := book(t).Effect(of("2025-01", 100), of("2026-01", after)); why != "" || e.KWh.Value != 0 || e.Mix != mix {
			t.Errorf("%v machines: %+v, %q", after, e, why)
		}
	}
}

func TestHolidaysAreComparedWithHolidaysOnly(t *testing.T) {
	before := []balance.Account{weekends(t, "2026-01", 10)}
	summer := account(t, "2026-07", figures(1000, 31_000, hours{part: "weekend", on: 100_000, off: 140_000, wattOn: 30, wattO: 0.5}, hours{part: "holiday", off: 500_000, wattO: 0.5}))
	e, why := book(t).Effect(before, []balance.Account{summer})
	if why != "" || !slices.Equal(e.LeftOut, []string{"holiday"}) || len(e.Parts) != 1 || e.KWh.Value != 0 || e.Euros.Value != 0 {
		t.Errorf("%+v, %q", e, why)
	}
	if e, why := book(t).Effect(before, []balance.Account{account(t, "2026-07", figures(1000, 31_000, hours{part: "holiday", off: 500_000, wattO: 0.5}))}); why != balance.NoBaseline {
		t.Errorf("a summer without a baseline: %+v, %q", e, why)
	}
}

func TestEurosAreThoseOfEachMonth(t *testing.T) {
	b, err := balance.NewBook([]collector.Price{{From: "2026-03", EuroPerKWh: 0.1, Tax: "excluded"}, {From: "2026-04", EuroPerKWh: 0.3, Tax: "included"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := []balance.Account{weekends(t, "2026-01", 10)}
	e, _ := b.Effect(before, []balance.Account{weekends(t, "2026-03", 1), weekends(t, "2026-04", 4)})
	if want := 9*295*0.1 + 6*295*0.3; e.Euros == nil || !near(e.Euros.Value, want) || e.Tax != "mixed" {
		t.Errorf("%+v euros, VAT %s, not %v", e.Euros, e.Tax, want)
	}
	if e, _ := b.Effect(before, []balance.Account{weekends(t, "2026-02", 1), weekends(t, "2026-03", 1)}); e.Euros != nil || e.Tax != "" || e.Carbon == nil {
		t.Errorf("a month without a price: %+v euros", e.Euros)
	}
}

func TestMonthsThatHideMachinesAreNotComparedWithMonthsThatDoNot(t *testing.T) {
	shared := func(month collector.Month, watts float64) balance.Account {
		f := &privacy.Figures{Of: 1, Why: "few", Others: []privacy.Other{{Use: "shared", Machines: 50, Sum: collector.Sum{
			Days: 1500, Seconds: []collector.PartSum{{Part: "open", On: 3600 * 9000}},
			Energy: []collector.EnergySum{{Part: "open", Scope: "machine", Method: "plug", CoveredS: 3600 * 9000, MWh: collector.Milli(watts * 9000), LowMWh: collector.Milli(watts * 9000), HighMWh: collector.Milli(watts * 9000)}},
		}}}}
		return account(t, month, f)
	}
	b := book(t)
	e, why := b.Effect([]balance.Account{weekends(t, "2025-01", 10), shared("2025-02", 99)}, []balance.Account{shared("2026-01", 99), weekends(t, "2026-02", 1)})
	if why != "" || e.Before.Months != 1 || e.After.Months != 1 || !near(e.KWh.Value, 2655) {
		t.Errorf("both: %+v, %q", e, why)
	}
	if e, why = b.Effect([]balance.Account{shared("2025-02", 99)}, []balance.Account{shared("2026-01", 89)}); why != "" || !near(e.KWh.Value, 90) || e.After.HiddenMonths != 1 {
		t.Errorf("shared machines alone: %+v, %q", e, why)
	}
	if _, why = b.Effect([]balance.Account{weekends(t, "2025-01", 10)}, []balance.Account{shared("2026-01", 89)}); why != balance.NoAfter {
		t.Errorf("all hidden after: %q", why)
	}
	if _, why = b.Effect([]balance.Account{shared("2025-01", 89)}, []balance.Account{weekends(t, "2026-01", 10)}); why != balance.NoBaseline {
		t.Errorf("all hidden before: %q", why)
	}
}

func TestAnEffectThatCannotBeToldSaysWhy(t *testing.T) {
	good := []balance.Account{weekends(t, "2026-01", 10)}
	unknown := []balance.Account{account(t, "2026-01", figures(100, 3000, hours{part: "open", on: 100, wattOn: 10, unknown: 100}))}
	mixed := []balance.Account{account(t, "2026-01", figures(100, 3000, hours{part: collector.Mixed, on: 100, wattOn: 10}))}
	short := []balance.Account{account(t, "2026-01", figures(100, 500, hours{part: "open", on: 100, wattOn: 10}))}
	dark := []balance.Account{account(t, "2026-01", figures(100, 3000, hours{part: "open", on: 100}))}
	dark[0].Covered = 0
	for _, c := range []struct {
		before, after []balance.Account
		why           string
	}{
		{nil, nil, balance.NoBaseline},
		{nil, good, balance.NoBaseline},
		{short, good, balance.NoBaseline},
		{good, nil, balance.NoAfter},
		{unknown, good, balance.TooFew},
		{good, unknown, balance.TooFew},
		{mixed, good, balance.MixedParts},
		{good, mixed, balance.MixedParts},
		{good, good, ""},
	} {
		if e, why := book(t).Effect(c.before, c.after); why != c.why {
			t.Errorf("%q, not %q: %+v", why, c.why, e)
		}
	}
}

func TestAnEffectThatComesFromAnotherMethodIsMarked(t *testing.T) {
	after := weekends(t, "2026-03", 10)
	after.Methods = []string{"plug"}
	if e, _ := book(t).Effect([]balance.Account{weekends(t, "2026-01", 10)}, []balance.Account{after}); !e.Methods {
		t.Error("it is not")
	}
}

func TestTheRangeOfAnEffectIsThatOfTheMonthsBeforeAndOfTheMeters(t *testing.T) {
	of := func(month collector.Month, watts float64) balance.Account {
		return account(t, month, figures(100, 3000, hours{part: "open", on: 20_000, wattOn: watts}))
	}
	after := []balance.Account{of("2026-01", 10), of("2026-02", 10)}
	e, _ := book(t).Effect([]balance.Account{of("2025-01", 19), of("2025-02", 20), of("2025-03", 20), of("2025-04", 21)}, after)
	s := 3.182 * math.Sqrt(2.0/3) * math.Sqrt(1.0/4+1.0/2) * 40
	if want := (balance.Range{Value: 400, Low: 0.6 * (400 - s), High: 1.4 * (400 + s)}); !nearRange(e.KWh, want) || !nearRange(e.Parts[0].KWh, want) || e.Assumed || e.Within {
		t.Errorf("four months before: %+v, not %+v", e.KWh, want)
	}
	e, _ = book(t).Effect([]balance.Account{of("2025-01", 20)}, after)
	if want := (balance.Range{Value: 400, Low: 0.6 * (400 - 160*math.Sqrt(1.5)), High: 1.4 * (400 + 160*math.Sqrt(1.5))}); !nearRange(e.KWh, want) || !e.Assumed {
		t.Errorf("one month before: %+v, not %+v", e.KWh, want)
	}
}
