package balance_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// twoSites are answers about an organisation whose two sites have so many machines, which take so many watts awake, every night of some months.
func twoSites(from collector.Month, n int, machines [2]int, watts [2]float64) (answers []privacy.Answer) {
	for i := range n {
		m := from.Plus(i)
		self := privacy.Figures{Months: 1, Of: 1, Shown: true}
		a := privacy.Answer{Question: privacy.Question{From: m, To: m}}
		total := privacy.Total{Methods: []string{"model-class"}}
		for site, count := range machines {
			f := figures(count, int64(count*30), hours{part: "night", on: float64(count) * 300, wattOn: watts[site]})
			f.Node = privacy.Site(int64(site + 1))
			a.Children = append(a.Children, *f)
			self.Machines += count
			total.Days += f.Personal.Days
			p := f.Personal.Parts[0]
			if site == 0 {
				total.Parts = append(total.Parts, p)
				continue
			}
			q := &total.Parts[0]
			q.On, q.CoveredS = q.On+p.On, q.CoveredS+p.CoveredS
			q.MWh, q.LowMWh, q.HighMWh = q.MWh+p.MWh, q.LowMWh+p.LowMWh, q.HighMWh+p.HighMWh
		}
		self.Personal = &total
		a.Self = self
		answers = append(answers, a)
	}
	return answers
}

func policyAction() collector.Action {
	return collector.Action{ID: 1, Name: "Sleep", Measure: "sleep-policy", BaseFrom: "2025-01", Base: "2025-06", On: "2025-07-01"}
}

func TestMachinesThatMovedToAThriftySiteSavedNothing(t *testing.T) {
	b := book(t)
	before := twoSites("2025-01", 6, [2]int{100, 100}, [2]float64{100, 10})
	after := twoSites("2025-07", 3, [2]int{50, 150}, [2]float64{100, 10})
	base, why := balance.BaselineOf(policyAction(), b.TellOf(before))
	if why != "" || len(base.Self) != 6 || len(base.Children) != 2 {
		t.Fatalf("the baseline has %d months, %d children, %q", len(base.Self), len(base.Children), why)
	}
	e, why := b.Since(policyAction(), base, b.TellOf(after), "2025-07", "2025-12")
	if why != "" || e.KWh.Value != 0 || e.Matched != 1 || e.Mix {
		t.Errorf("the same machines in another mix avoided %v kWh (matched %v, mix %v, %q)", e.KWh.Value, e.Matched, e.Mix, why)
	}
	whole, _ := b.Effect(base.Self, b.TellOf(after).Self)
	if want := 3 * 300 * 50 * 0.09; math.Abs(whole.KWh.Value-want) > 1e-6 {
		t.Errorf("the whole alone has %v kWh, want %v", whole.KWh.Value, want)
	}
}

func TestWhatSitesSavedIsTheSumOfBoth(t *testing.T) {
	b := book(t)
	base, _ := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-01", 6, [2]int{100, 100}, [2]float64{100, 10})))
	e, why := b.Since(policyAction(), base, b.TellOf(twoSites("2025-07", 2, [2]int{60, 200}, [2]float64{80, 11})), "2025-07", "2025-08")
	want := 2 * 300 * (60*20 - 200*1) / 1000.0
	if why != "" || math.Abs(e.KWh.Value-want) > 1e-6 || e.KWh.Low > want || e.KWh.High < want {
		t.Errorf("avoided %+v, want %v, %q", e.KWh, want, why)
	}
}

func TestABaselineThatWasKeptWithTheNodeAboveIsComparedAsAWhole(t *testing.T) {
	b := book(t)
	base, _ := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-01", 6, [2]int{100, 100}, [2]float64{100, 10})))
	base.Children = nil
	after := b.TellOf(twoSites("2025-07", 2, [2]int{100, 100}, [2]float64{80, 10}))
	e, why := b.Since(policyAction(), base, after, "2025-07", "2025-08")
	if want := 2 * 300 * 100 * 20 / 1000.0; why != "" || math.Abs(e.KWh.Value-want) > 1e-6 || e.New != 0 {
		t.Errorf("avoided %v kWh, want %v; %v is new, %q", e.KWh.Value, want, e.New, why)
	}
}

func TestMoreThatWasUsedIsASavingBelowZero(t *testing.T) {
	b := book(t)
	base, _ := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-01", 6, [2]int{100, 100}, [2]float64{50, 10})))
	e, why := b.Since(policyAction(), base, b.TellOf(twoSites("2025-07", 2, [2]int{100, 100}, [2]float64{70, 10})), "2025-07", "2025-08")
	if want := -2 * 300 * 100 * 0.02; why != "" || math.Abs(e.KWh.Value-want) > 1e-6 || e.Within {
		t.Errorf("avoided %+v, want %v, %q", e.KWh, want, why)
	}
}

func TestOnlyTheMonthsAskedForAreInTheEffect(t *testing.T) {
	b := book(t)
	base, _ := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-01", 6, [2]int{100, 100}, [2]float64{100, 10})))
	after := b.TellOf(twoSites("2025-07", 6, [2]int{100, 100}, [2]float64{90, 10}))
	year, _ := b.Since(policyAction(), base, after, "2025-01", "2025-12")
	half, _ := b.Since(policyAction(), base, after, "2025-10", "2025-12")
	if year.After.Months != 6 || half.After.Months != 3 || math.Abs(year.KWh.Value-2*half.KWh.Value) > 1e-6 {
		t.Errorf("%d months avoided %v kWh, %d of them %v", year.After.Months, year.KWh.Value, half.After.Months, half.KWh.Value)
	}
	if _, why := b.Since(policyAction(), base, after, "2026-01", "2026-12"); why != balance.NoAfter {
		t.Errorf("months that nothing is known of: %q", why)
	}
}

func TestABaselineWhoseLastMonthIsNotToldIsNotKept(t *testing.T) {
	b := book(t)
	if _, why := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-01", 5, [2]int{100, 100}, [2]float64{100, 10}))); why != balance.NotYet {
		t.Errorf("five months of six: %q", why)
	}
	if _, why := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-07", 5, [2]int{100, 100}, [2]float64{100, 10}))); why != balance.NoBaseline {
		t.Errorf("months after it only: %q", why)
	}
}

func TestAKeptBaselineGivesTheSameEffectToTheLastDigit(t *testing.T) {
	random, b := rand.New(rand.NewPCG(3, 4)), book(t)
	for range 200 {
		draw := func() [2]float64 { return [2]float64{random.Float64() * 100, random.Float64() * 100} }
		base, why := balance.BaselineOf(policyAction(), b.TellOf(twoSites("2025-01", 6, [2]int{1 + random.IntN(500), 1 + random.IntN(500)}, draw())))
		if why != "" {
			t.Fatal(why)
		}
		kept, err := base.Encode()
		if err != nil {
			t.Fatal(err)
		}
		read, err := balance.DecodeBaseline(kept, "2025-08-01")
		if err != nil || read.Kept != "2025-08-01" {
			t.Fatalf("read a baseline of %q: %v", read.Kept, err)
		}
		after := b.TellOf(twoSites("2025-07", 4, [2]int{1 + random.IntN(500), 1 + random.IntN(500)}, draw()))
		e, _ := b.Since(policyAction(), base, after, "2025-07", "2026-07")
		f, _ := b.Since(policyAction(), read, after, "2025-07", "2026-07")
		e.Before.Euros, e.Before.Carbon, e.Before.Tax = nil, nil, "" // prices and factors are today's
		f.Before.Euros, f.Before.Carbon, f.Before.Tax = nil, nil, ""
		if !reflect.DeepEqual(e, f) {
			t.Fatalf("the effect is\n%+v, with the kept baseline\n%+v", e, f)
		}
		if again, err := read.Encode(); err != nil || !bytes.Equal(again, kept) {
			t.Fatalf("kept again it is\n%s, before\n%s (%v)", again, kept, err)
		}
	}
}

func FuzzWhatIsNoBaselineIsRefusedOrReadTheSame(f *testing.F) {
	base, _ := balance.BaselineOf(policyAction(), book(f).TellOf(twoSites("2025-01", 6, [2]int{10, 10}, [2]float64{30, 40})))
	kept, err := base.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(kept)
	f.Add([]byte(`{"form":2}`))
	f.Add([]byte(`{"form":1,"self":[{"month":"2025-13"}]}`))
	f.Fuzz(func(t *testing.T, kept []byte) {
		b, err := balance.DecodeBaseline(kept, "2026-01-01")
		if err != nil {
			return
		}
		if _, err := b.Encode(); err != nil {
			t.Errorf("read, and not written again: %v", err)
		}
	})
}

func TestAPolicyOfThirtyMinutesForAllIsTheLever(t *testing.T) {
	b := book(t)
	year := sleeplessYear(t)
	levers := b.Levers(year)
	what, ok := b.WhatIf(year, balance.Policy{Minutes: 30, Share: 1})
	i := 0
	for i < len(levers) && levers[i].ID != balance.SleepPolicy {
		i++
	}
	if !ok || i == len(levers) || !reflect.DeepEqual(what, levers[i]) {
		t.Errorf("the policy saves %+v, the levers are %+v", what, levers)
	}
}

func TestAShorterTimeAndMoreMachinesSaveMore(t *testing.T) {
	b, year := book(t), sleeplessYear(t)
	saved := func(minutes, share float64, off bool) float64 {
		l, ok := b.WhatIf(year, balance.Policy{Minutes: minutes, Share: share, Off: off})
		if !ok || l.KWh.Low > l.KWh.Value || l.KWh.Value > l.KWh.High {
			t.Fatalf("%v minutes: %+v", minutes, l)
		}
		return l.KWh.Value
	}
	if !(saved(10, 1, false) > saved(60, 1, false)) || !(saved(10, 1, false) > saved(10, 0.5, false)) || !(saved(10, 1, true) > saved(10, 1, false)) {
		t.Error("the order of policies is wrong")
	}
	if x := saved(10, 0.5, false); math.Abs(x-saved(10, 1, false)/2) > 1e-9 {
		t.Errorf("half of the machines save %v", x)
	}
	if x := saved(20, 0, true); x != 0 {
		t.Errorf("a policy that nobody follows saves %v", x)
	}
	for _, p := range []balance.Policy{{Minutes: -1, Share: 1}, {Minutes: 241, Share: 1}, {Minutes: 20, Share: 1.1}, {Minutes: 20, Share: -0.1}, {Minutes: math.NaN(), Share: 1}} {
		if _, ok := b.WhatIf(year, p); ok {
			t.Errorf("%+v is a policy", p)
		}
	}
}

// sleeplessYear is twelve months of 100 machines that are often awake at night.
func sleeplessYear(t *testing.T) balance.Account {
	t.Helper()
	var all []balance.Account
	for _, m := range months(2025, 12) {
		all = append(all, account(t, m, figures(100, 3000,
			hours{part: "open", on: 15_000, off: 9000, wattOn: 30, wattO: 0.5},
			hours{part: "night", on: 20_000, sleep: 8000, off: 12_000, unknown: 100, wattOn: 28, wattSleep: 1.5, wattO: 0.5})))
	}
	return balance.Add(all)
}
