package balance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// oneBook is a book with one price for all months.
var oneBook = sync.OnceValues(func() (balance.Book, error) {
	return balance.NewBook([]collector.Price{{From: "2020-01", EuroPerKWh: 0.2, Tax: "excluded"}}, nil)
})

func book(t testing.TB) balance.Book {
	t.Helper()
	b, err := oneBook()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hours is what machines did in one part of the day, in hours of machines, and the watts that they took on, asleep and off.
type hours struct {
	part                     string
	on, sleep, off, unknown  float64
	wattOn, wattSleep, wattO float64
}

// part is what privacy tells of it, with a range of 40 percent, covering all that is known.
func (h hours) total() privacy.PartSum {
	s := func(hours float64) int64 { return int64(math.Round(hours * 3600)) }
	mwh := int64(math.Round(1000 * (h.on*h.wattOn + h.sleep*h.wattSleep + h.off*h.wattO)))
	return privacy.PartSum{
		PartSum: collector.PartSum{Part: h.part, On: s(h.on), Sleep: s(h.sleep), Off: s(h.off), Unknown: s(h.unknown)},
		MWh:     collector.MilliWattHours(mwh), LowMWh: collector.MilliWattHours(mwh * 6 / 10), HighMWh: collector.MilliWattHours(mwh * 14 / 10),
		CoveredS: s(h.on) + s(h.sleep) + s(h.off),
	}
}

// figures are those of machines of persons that are shown.
func figures(machines int, days int64, parts ...hours) *privacy.Figures {
	total := privacy.Total{Days: days, Methods: []string{"model-class"}}
	for _, p := range parts {
		total.Parts = append(total.Parts, p.total())
	}
	return &privacy.Figures{Months: 1, Of: 1, Shown: true, Machines: machines, Personal: &total}
}

// account is the account of workstations in a month.
func account(t testing.TB, month collector.Month, f *privacy.Figures) balance.Account {
	t.Helper()
	a, ok := book(t).Of(month, f, balance.Workstations)
	if !ok {
		t.Fatalf("%s has no account", month)
	}
	return a
}

// months are as many months from January on.
func months(year, n int) (all []collector.Month) {
	for i := range n {
		all = append(all, collector.Month(fmt.Sprintf("%d-%02d", year+i/12, i%12+1)))
	}
	return all
}

// anyFigures are figures of any month that the door could let through.
func anyFigures(random *rand.Rand) *privacy.Figures {
	f := &privacy.Figures{Of: random.IntN(2)}
	if f.Of == 1 {
		f.Why = "few"
		if f.Months = random.IntN(2); f.Months == 1 {
			total := privacy.Fold(anySum(random))
			f.Personal, f.Machines = &total, 5+random.IntN(100)
		}
	}
	for _, use := range []collector.Use{"server", "shared"} {
		if random.IntN(2) == 0 {
			f.Others = append(f.Others, privacy.Other{Use: use, Machines: random.IntN(50), Sum: anySum(random)})
		}
	}
	return f
}

func anySum(random *rand.Rand) (s collector.Sum) {
	s.Days = random.Int64N(9000)
	parts := collector.Parts()
	if random.IntN(40) == 0 {
		parts = append(parts, collector.Mixed)
	}
	for _, part := range parts {
		if random.IntN(5) == 0 {
			continue
		}
		n := func() int64 { return random.Int64N(2) * random.Int64N(1e9) }
		p := collector.PartSum{Part: part, On: n(), DisplayOff: n(), Sleep: n(), Off: n(), Unknown: n() / 4}
		s.Seconds = append(s.Seconds, p)
		for _, scope := range collector.Scopes() {
			low, more, most := random.Int64N(1e12), random.Int64N(1e12), random.Int64N(1e12)
			if random.IntN(3) == 0 {
				more, most = 0, 0
			}
			s.Energy = append(s.Energy, collector.EnergySum{
				Part: part, Scope: scope, Method: collector.Methods()[random.IntN(9)], CoveredS: (p.Length() - p.Unknown) / (1 + random.Int64N(2)),
				LowMWh: collector.MilliWattHours(low), MWh: collector.MilliWattHours(low + more), HighMWh: collector.MilliWattHours(low + more + most),
			})
		}
	}
	return s
}

// anyAccounts are accounts of months, those that have one.
func anyAccounts(t testing.TB, random *rand.Rand, of []collector.Month) (all []balance.Account) {
	t.Helper()
	b := book(t)
	kind := balance.Kind(random.IntN(2))
	for _, m := range of {
		if a, ok := b.Of(m, anyFigures(random), kind); ok {
			all = append(all, a)
		}
	}
	return all
}

// near tells whether two numbers are the same but for rounding.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b))
}

func nearRange(a, b balance.Range) bool {
	return near(a.Value, b.Value) && near(a.Low, b.Low) && near(a.High, b.High)
}

// inOrder fails where a range is no range.
func inOrder(t testing.TB, what string, r *balance.Range) {
	t.Helper()
	if r == nil {
		return
	}
	for _, x := range []float64{r.Low, r.Value, r.High} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("%s is %+v", what, *r)
		}
	}
	if r.Low > r.Value || r.Value > r.High {
		t.Fatalf("%s is %+v, out of order", what, *r)
	}
}
