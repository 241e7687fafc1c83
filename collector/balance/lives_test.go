package balance_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

func TestThePyramidHasNoGapsAndTheUnknownLast(t *testing.T) {
	got := balance.Pyramid([]collector.Equipment{
		{Class: "notebook", Bought: "2026-11", As: "new", Count: 3},
		{Class: "notebook", Bought: "2025-12", As: "reused", Count: 2},
		{Class: "desktop", Bought: "2023-11", As: "refurbished", Count: 4},
		{Class: "desktop", Bought: "2023-12", As: "new", Count: 1},
		{Class: "desktop", As: "new", Count: 5},
		{Class: "desktop", Bought: "2026-12", As: "new", Count: 6},
		{Class: "desktop", Bought: "0203-01", As: "reused", Count: 7},
		{Class: "desktop", Bought: "2020-01", As: "new", Count: 0},
	}, "2026-11-22")
	want := []balance.Age{{Years: 0, New: 3, Reused: 2}, {Years: 1}, {Years: 2, New: 1}, {Years: 3, Reused: 4}, {Years: -1, New: 11, Reused: 7}}
	if !slices.Equal(got, want) {
		t.Errorf("the ages are %+v, not %+v", got, want)
	}
	if got := balance.Pyramid(nil, "2026-11-22"); len(got) != 0 {
		t.Errorf("nothing has the ages %+v", got)
	}
}

func TestDevicesThatLastLongerSpareTheirShareOfNewOnes(t *testing.T) {
	factor := func(id, unit string, low, value, high float64) collector.Factor {
		return collector.Factor{ID: id, Value: value, Low: low, High: high, Unit: unit, Year: 2026, Source: "ours"}
	}
	b, err := balance.NewBook(nil, []collector.Factor{factor("made.notebook", "kgCO2e", 150, 200, 300), factor("life.notebook", "years", 4, 5, 8)})
	if err != nil {
		t.Fatal(err)
	}
	lives := b.Lives([]collector.Equipment{
		{Class: "server", Bought: "2020-11", As: "new", Count: 1},
		{Class: "notebook", Bought: "2016-11", As: "new", Count: 10},
		{Class: "notebook", Bought: "2021-11", As: "refurbished", Count: 20},
		{Class: "notebook", As: "reused", Count: 5},
	}, "2026-11-22")
	if len(lives) != 2 || lives[0].Class != "notebook" || lives[1].Class != "server" {
		t.Fatalf("the classes are %+v", lives)
	}
	l := lives[0]
	if l.Count != 35 || l.Known != 30 || l.Reused != 25 || l.Older != 10 || !near(l.MeanYears, 200.0/30) || l.Usual == nil || l.Usual.Value != 5 {
		t.Errorf("notebooks are %+v", l)
	}
	want := balance.Range{Value: 10 * 200 * (1.0/5 - 1.0/10), Low: 10 * 150 * (1.0/8 - 1.0/10), High: 300 * (10*(1.0/4-1.0/10) + 20*(1.0/4-1.0/5))}
	if l.Spared == nil || !nearRange(*l.Spared, want) {
		t.Errorf("they spared %+v, not %+v", l.Spared, want)
	}
	if s := lives[1]; s.Usual != nil || s.Spared != nil || s.Older != 0 || s.MeanYears != 6 {
		t.Errorf("servers, of which no life is known, are %+v", s)
	}
}

func TestDevicesOfUnknownAgeSpareNothingThatIsKnown(t *testing.T) {
	lives := book(t).Lives([]collector.Equipment{{Class: "monitor", As: "new", Count: 5}}, "2026-11-22")
	if len(lives) != 1 || lives[0].Spared != nil || lives[0].Known != 0 || lives[0].MeanYears != 0 || lives[0].Usual == nil {
		t.Errorf("they are %+v", lives)
	}
}

func TestAllDevicesAreInThePyramidOnceAndInTheirClassOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	b := book(t)
	for range 500 {
		var all []collector.Equipment
		total := 0
		for range random.IntN(30) {
			e := collector.Equipment{Class: collector.Devices()[random.IntN(10)], As: []string{"new", "refurbished", "reused"}[random.IntN(3)], Count: 1 + random.IntN(99)}
			if random.IntN(4) > 0 {
				e.Bought = months(1990+random.IntN(40), 12)[random.IntN(12)]
			}
			all, total = append(all, e), total+e.Count
		}
		ages, lives := 0, 0
		for _, a := range balance.Pyramid(all, "2026-11-22") {
			ages += a.New + a.Reused
		}
		for _, l := range b.Lives(all, "2026-11-22") {
			lives += l.Count
			inOrder(t, l.Class, l.Spared)
			if l.Known > l.Count || l.Older > l.Known || l.Reused > l.Count || l.Spared != nil && l.Spared.Low < 0 {
				t.Fatalf("%+v", l)
			}
		}
		if ages != total || lives != total {
			t.Fatalf("%d devices, %d by age, %d by class", total, ages, lives)
		}
	}
}
