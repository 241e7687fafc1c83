package balance_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

func TestUnitsAreConvertedExactly(t *testing.T) {
	f := &privacy.Figures{Months: 1, Of: 1, Machines: 7, Personal: &privacy.Total{Days: 200, Methods: []string{"rapl+model"}, Parts: []privacy.PartSum{
		{PartSum: collector.PartSum{Part: "open", On: 3600, DisplayOff: 1800, Sleep: 900, Off: 5400, Unknown: 2700}, LowMWh: 2_000_000, MWh: 3_000_000, HighMWh: 5_000_000, CoveredS: 10_800},
		{PartSum: collector.PartSum{Part: "night", Off: 3600}, LowMWh: 500_000, MWh: 1_000_000, HighMWh: 1_500_000, CoveredS: 900},
	}}}
	a := account(t, "2026-02", f)
	open := balance.Part{Part: "open", On: 1, DisplayOff: 0.5, Sleep: 0.25, Off: 1.5, UnknownTime: 0.75, Covered: 3, KWh: balance.Range{Value: 3, Low: 2, High: 5}}
	if len(a.Parts) != 2 || a.Parts[0] != open || a.KWh != (balance.Range{Value: 4, Low: 2.5, High: 6.5}) {
		t.Errorf("the energy and its parts are %+v", a)
	}
	if *a.Outside != (balance.Range{Value: 1, Low: 0.5, High: 1.5}) || a.Known != 4.25/5 || a.Covered != 3.25/4.25 {
		t.Errorf("outside %+v, known %v, covered %v", *a.Outside, a.Known, a.Covered)
	}
	if e := *a.Euros; !nearRange(e, balance.Range{Value: 0.8, Low: 0.5, High: 1.3}) || a.Tax != "excluded" {
		t.Errorf("it costs %+v, VAT %s", e, a.Tax)
	}
	if c := *a.Carbon; !nearRange(c, balance.Range{Value: 4 * 51.9 / 1000, Low: 2.5 * 44.18 / 1000, High: 6.5 * 56.04 / 1000}) {
		t.Errorf("its carbon is %+v", c)
	}
	if a.Months != 1 || a.Days != 28 || a.Machines != 7 || a.MachineDays != 200 || !slices.Equal(a.Methods, []string{"rapl+model"}) || a.HiddenMonths != 0 {
		t.Errorf("the account is %+v", a)
	}
}

func TestWorkstationsAndServersAreApart(t *testing.T) {
	sum := func(days, mwh int64) collector.Sum {
		return collector.Sum{Days: days, Seconds: []collector.PartSum{{Part: "open", On: 3600}}, Energy: []collector.EnergySum{
			{Part: "open", Scope: "machine", Method: "plug", MWh: collector.MilliWattHours(mwh), LowMWh: collector.MilliWattHours(mwh), HighMWh: collector.MilliWattHours(mwh), CoveredS: 3600},
			{Part: "open", Scope: "cpu", Method: "rapl", MWh: 9e9, LowMWh: 9e9, HighMWh: 9e9, CoveredS: 3600},
			{Part: "open", Scope: "display", Method: "model-class", MWh: 5e5, LowMWh: 5e5, HighMWh: 5e5, CoveredS: 3600},
		}}
	}
	f := figures(10, 300, hours{part: "open", on: 100, wattOn: 10})
	f.Others = []privacy.Other{{Use: "server", Machines: 2, Sum: sum(60, 4e6)}, {Use: "shared", Machines: 3, Sum: sum(90, 2e6)}}
	b := book(t)
	w, ok := b.Of("2026-01", f, balance.Workstations)
	if !ok || w.KWh.Value != 1+2+0.5 || w.Machines != 13 || w.MachineDays != 390 || w.Parts[0].Covered != 101 || !slices.Equal(w.Methods, []string{"plug", "model-class"}) {
		t.Errorf("workstations are %+v", w)
	}
	s, ok := b.Of("2026-01", f, balance.Servers)
	if !ok || s.KWh.Value != 4.5 || s.Machines != 2 || s.MachineDays != 60 || s.HiddenMonths != 0 {
		t.Errorf("servers are %+v", s)
	}
	for _, none := range []*privacy.Figures{nil, {}, {Others: f.Others[1:]}} {
		if a, ok := b.Of("2026-01", none, balance.Servers); ok {
			t.Errorf("there are servers in %+v: %+v", none, a)
		}
	}
}

func TestMachinesThatAreHiddenAreNotInTheAccountWhichSaysSo(t *testing.T) {
	b := book(t)
	f := &privacy.Figures{Of: 1, Why: "few"}
	a, ok := b.Of("2026-01", f, balance.Workstations)
	if !ok || a.HiddenMonths != 1 || a.Hidden != "few" || a.Months != 0 || a.Euros != nil || a.Outside != nil || a.Carbon != nil {
		t.Errorf("of hidden machines there is %+v, %v", a, ok)
	}
	f.Others = []privacy.Other{{Use: "shared", Machines: 4, Sum: collector.Sum{Days: 9}}}
	a, ok = b.Of("2026-02", f, balance.Workstations)
	if !ok || a.HiddenMonths != 1 || a.Months != 1 || a.Machines != 4 || a.MachineDays != 9 {
		t.Errorf("of shared machines there is %+v, %v", a, ok)
	}
	year := balance.Add([]balance.Account{a, account(t, "2026-01", figures(10, 300, hours{part: "open", on: 1, wattOn: 10}))})
	if year.HiddenMonths != 1 || year.Hidden != "few" || year.Months != 2 || year.From != "2026-01" || year.To != "2026-02" || year.Machines != 10 || year.Days != 59 {
		t.Errorf("both come to %+v", year)
	}
}

func TestWhatIsOutsideOfOpenHoursIsNotToldWherePartsAreMixed(t *testing.T) {
	mixed := account(t, "2026-01", figures(12, 300, hours{part: "open", on: 1, wattOn: 9}, hours{part: collector.Mixed, on: 1, wattOn: 9}))
	clear := account(t, "2026-02", figures(12, 300, hours{part: "open", on: 1, wattOn: 9}, hours{part: "night", on: 1, wattOn: 9}))
	for _, a := range []balance.Account{mixed, balance.Add([]balance.Account{clear, mixed})} {
		if a.Outside != nil {
			t.Errorf("%+v is told", *a.Outside)
		}
	}
	little := account(t, "2026-03", figures(12, 300, hours{part: "open", on: 18, wattOn: 9}, hours{part: "night", on: 1, wattOn: 9}, hours{part: collector.Mixed, on: 1, wattOn: 9}))
	if o := little.Outside; o == nil || o.Value != 0.009 || !near(o.High, 2*clear.Outside.High) || o.Low != clear.Outside.Low {
		t.Errorf("with a twentieth of the time mixed, outside of open hours is %+v", o)
	}
	if clear.Outside == nil || clear.Outside.Value != 0.009 {
		t.Errorf("outside of open hours is %+v", clear.Outside)
	}
}

func TestEnergyThatNobodyKnowsIsNoFigure(t *testing.T) {
	f := figures(12, 300, hours{part: "open", on: 1})
	f.Personal.Parts[0].CoveredS = 0
	a := account(t, "2026-01", f)
	if a.Covered != 0 || a.Euros != nil || a.Carbon != nil || a.Outside != nil {
		t.Errorf("it costs something: %+v", a)
	}
	known := account(t, "2026-02", figures(12, 300, hours{part: "open", on: 100, wattOn: 10}))
	if year := balance.Add([]balance.Account{a, known}); year.Euros == nil || *year.Euros != *known.Euros || year.Tax != "excluded" {
		t.Errorf("both cost %+v, and the one that is known %+v", year.Euros, known.Euros)
	}
}

func TestSecondsThatTwoMethodsCoverAreNotCoveredTwice(t *testing.T) {
	f := figures(12, 300, hours{part: "open", on: 100, wattOn: 10})
	f.Personal.Parts[0].CoveredS += 3600
	if a := account(t, "2026-01", f); a.Covered != 1 {
		t.Errorf("%v of the time is covered", a.Covered)
	}
}

func TestAYearHasNoCostWhereAMonthHasNoPriceAndItsTaxIsMixedWhereMonthsDiffer(t *testing.T) {
	b, err := balance.NewBook([]collector.Price{{From: "2026-02", EuroPerKWh: 0.2, Tax: "excluded"}, {From: "2026-03", EuroPerKWh: 0.3, Tax: "included"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []balance.Account
	for _, m := range months(2026, 3) {
		a, _ := b.Of(m, figures(5, 150, hours{part: "open", on: 100, wattOn: 10}), balance.Workstations)
		all = append(all, a)
	}
	if a := balance.Add(all); a.Euros != nil || a.Tax != "" || a.Carbon == nil {
		t.Errorf("a month without a price costs %+v, VAT %q", a.Euros, a.Tax)
	}
	if a := balance.Add(all[1:]); a.Euros == nil || !near(a.Euros.Value, 0.5) || a.Tax != "mixed" {
		t.Errorf("two months cost %+v, VAT %q", a.Euros, a.Tax)
	}
}

// alike tells whether two accounts are the same but for rounding.
func alike(a, b balance.Account) bool {
	pointer := func(x, y *balance.Range) bool { return (x == nil) == (y == nil) && (x == nil || nearRange(*x, *y)) }
	if !nearRange(a.KWh, b.KWh) || !pointer(a.Outside, b.Outside) || !pointer(a.Euros, b.Euros) || !pointer(a.Carbon, b.Carbon) || !near(a.Known, b.Known) || !near(a.Covered, b.Covered) || len(a.Parts) != len(b.Parts) {
		return false
	}
	for i, p := range a.Parts {
		q := b.Parts[i]
		if p.Part != q.Part || !near(p.On, q.On) || !near(p.DisplayOff, q.DisplayOff) || !near(p.Sleep, q.Sleep) || !near(p.Off, q.Off) || !near(p.UnknownTime, q.UnknownTime) || !near(p.Covered, q.Covered) || !nearRange(p.KWh, q.KWh) {
			return false
		}
	}
	bare := func(a balance.Account) balance.Account {
		a.KWh, a.Outside, a.Euros, a.Carbon, a.Known, a.Covered, a.Parts = balance.Range{}, nil, nil, nil, 0, 0, nil
		a.Methods = append([]string{}, a.Methods...)
		return a
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

func TestAccountsAddUpInAnyOrderAndHoweverTheyAreBracketed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		all := anyAccounts(t, random, months(2025, 1+random.IntN(14)))
		sum := balance.Add(all)
		mixed := slices.Clone(all)
		random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if other := balance.Add(mixed); !reflect.DeepEqual(sum, other) {
			t.Fatalf("%+v in order, %+v in another", sum, other)
		}
		at := random.IntN(len(all) + 1)
		if other := balance.Add([]balance.Account{balance.Add(all[:at]), balance.Add(all[at:])}); !alike(sum, other) {
			t.Fatalf("%+v at once, %+v in two pieces", sum, other)
		}
	}
}

func TestOneMonthAddedUpIsItself(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		for _, a := range anyAccounts(t, random, months(2025, 3)) {
			if sum := balance.Add([]balance.Account{a, {}}); !alike(sum, a) {
				t.Fatalf("%+v became %+v", a, sum)
			}
		}
	}
}

func FuzzFiguresLieWithinTheirBoundsAndSharesBetween0And1(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed, seed*7919)
	}
	f.Fuzz(func(t *testing.T, one, two uint64) {
		random := rand.New(rand.NewPCG(one, two))
		b := book(t)
		before, after := anyAccounts(t, random, months(2024, 1+random.IntN(12))), anyAccounts(t, random, months(2025, 1+random.IntN(12)))
		for _, a := range append([]balance.Account{balance.Add(before), balance.Add(after)}, after...) {
			for what, r := range map[string]*balance.Range{"kWh": &a.KWh, "outside": a.Outside, "euros": a.Euros, "carbon": a.Carbon} {
				inOrder(t, what, r)
			}
			for _, p := range a.Parts {
				inOrder(t, p.Part, &p.KWh)
			}
			if a.Known < 0 || a.Known > 1 || a.Covered < 0 || a.Covered > 1 {
				t.Fatalf("known %v, covered %v", a.Known, a.Covered)
			}
			for _, l := range b.Levers(a) {
				inOrder(t, l.ID, &l.KWh)
				inOrder(t, l.ID+" euros", l.Euros)
				inOrder(t, l.ID+" carbon", l.Carbon)
			}
			if off, sleep, known, ok := balance.OffShare(a); ok && (off < 0 || sleep < 0 || off+sleep > 1+1e-9 || known < 0 || known > 1) {
				t.Fatalf("off %v, asleep %v, known %v", off, sleep, known)
			}
			if h, ok := balance.Awake(a); ok && h < 0 {
				t.Fatalf("%v hours awake", h)
			}
		}
		if c, ok := balance.Compare(after, before); ok {
			inOrder(t, "change", &c.KWh)
			inOrder(t, "change of a day", &c.PerDay)
		}
		e, _ := b.Effect(before, after)
		for what, r := range map[string]*balance.Range{"effect": &e.KWh, "effect in euros": e.Euros, "effect in carbon": e.Carbon, "effect of a year": e.YearKWh} {
			inOrder(t, what, r)
		}
		for _, p := range e.Parts {
			inOrder(t, "effect in "+p.Part, &p.KWh)
		}
	})
}
