package balance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

// yearOf is the accounts of a year from January on, of so many machines that take so many watts in open hours in each month.
func yearOf(t testing.TB, year, machines int, watts ...float64) (all []balance.Account) {
	t.Helper()
	for i, m := range months(year, len(watts)) {
		h := float64(machines) * 100
		all = append(all, account(t, m, figures(machines, int64(machines)*30, hours{part: "open", on: h, wattOn: watts[i]}, hours{part: "night", off: h, wattO: 1})))
	}
	return all
}

func TestACompareOfTwoYearsTurnedRoundIsTheOppositeChange(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	compared := 0
	for range 500 {
		n := 1 + random.IntN(12)
		old, recent := anyAccounts(t, random, months(2024, n)), anyAccounts(t, random, months(2025, n))
		there, ok := balance.Compare(recent, old)
		back, too := balance.Compare(moved(old, 1), moved(recent, -1))
		if ok != too || there.Months != back.Months || there.Within != back.Within {
			t.Fatalf("%+v, %v one way round, %+v, %v the other", there, ok, back, too)
		}
		for _, r := range [][2]balance.Range{{there.KWh, back.KWh}, {there.PerDay, back.PerDay}} {
			if !nearRange(r[0], balance.Range{Value: -r[1].Value, Low: -r[1].High, High: -r[1].Low}) {
				t.Fatalf("%+v one way round, %+v the other", r[0], r[1])
			}
		}
		if ok {
			compared++
		}
	}
	if compared < 100 {
		t.Errorf("%d of 500 were compared", compared)
	}
}

// moved are accounts of some years later.
func moved(all []balance.Account, years int) (to []balance.Account) {
	for _, a := range all {
		year := int(a.From[3]-'0') + years
		a.From = collector.Month("202" + string(rune('0'+year)) + string(a.From[4:]))
		a.To = a.From
		to = append(to, a)
	}
	return to
}

func TestMachinesThatAreAddedUseMoreButNotMoreInADay(t *testing.T) {
	c, ok := balance.Compare(yearOf(t, 2026, 150, 20, 20, 20), yearOf(t, 2025, 100, 20, 20, 20))
	if !ok || c.Months != 3 || !near(c.Percent, 50) || !near(c.KWh.Value, 3*50*100*21/1000) || c.PerDay.Value != 0 || c.PerPercent != 0 || !c.Within || !c.Assumed || c.Uneven || c.Methods {
		t.Errorf("the change is %+v, %v", c, ok)
	}
}

func TestALargeChangeIsTold(t *testing.T) {
	c, ok := balance.Compare(yearOf(t, 2026, 100, 11, 9, 10, 10, 10.5, 9.5), yearOf(t, 2025, 100, 21, 19, 20, 20, 19.5, 20.5))
	if !ok || c.Within || !near(c.KWh.Value, -6*100*100*10/1000) || c.KWh.High >= 0 || !near(c.PerDay.Value, -10*12) {
		t.Errorf("the change is %+v, %v", c, ok)
	}
}

func TestOneMonthIsNotSureToDifferByATenth(t *testing.T) {
	c, ok := balance.Compare(yearOf(t, 2026, 100, 18), yearOf(t, 2025, 100, 20))
	if !ok || !c.Within || !c.Assumed || c.KWh.Low >= c.KWh.Value || c.KWh.High <= 0 {
		t.Errorf("the change is %+v, %v", c, ok)
	}
}

func TestTheRangeOfAChangeIsThatOfItsMonthsAndOfItsMeters(t *testing.T) {
	// 100 machines, 100 hours on and 100 off of 1 W a month: 10 kWh a watt. The meters are ±40 percent.
	c, _ := balance.Compare(yearOf(t, 2026, 100, 11, 13, 12, 12), yearOf(t, 2025, 100, 20, 20, 20, 20))
	d := math.Sqrt(2.0 / 3) // the deviation of -9, -7, -8 and -8 W
	s, day := 3.182*10*d*2, 3.182*12*d/2
	if want := (balance.Range{Value: -320, Low: 1.4 * (-320 - s), High: 0.6 * (-320 + s)}); !nearRange(c.KWh, want) || c.Assumed {
		t.Errorf("four months: %+v, not %+v", c.KWh, want)
	}
	if want := (balance.Range{Value: -96, Low: 1.4 * (-96 - day), High: 0.6 * (-96 + day)}); !nearRange(c.PerDay, want) {
		t.Errorf("a day of four months: %+v, not %+v", c.PerDay, want)
	}
	c, _ = balance.Compare(yearOf(t, 2026, 100, 11), yearOf(t, 2025, 100, 21))
	if want := (balance.Range{Value: -100, Low: 1.4 * (-100 - 34*math.Sqrt2), High: 0.6 * (-100 + 34*math.Sqrt2)}); !nearRange(c.KWh, want) {
		t.Errorf("one month: %+v, not %+v", c.KWh, want)
	}
	if want := (balance.Range{Value: -120, Low: 1.4 * (-120 - 0.2*17*12*math.Sqrt2), High: 0.6 * (-120 + 0.2*17*12*math.Sqrt2)}); !nearRange(c.PerDay, want) {
		t.Errorf("a day of one month: %+v, not %+v", c.PerDay, want)
	}
}

func TestOnlyWholeMonthsOfBothYearsAreCompared(t *testing.T) {
	now, before := yearOf(t, 2026, 100, 20, 20, 20), yearOf(t, 2025, 100, 20, 20, 20)
	now[0].HiddenMonths = 1
	before[1].KWh = balance.Range{}
	if c, ok := balance.Compare(now, before); !ok || c.Months != 1 {
		t.Errorf("%d months are compared", c.Months)
	}
	for what, c := range map[string][2][]balance.Account{
		"nothing":         {nil, nil},
		"another year":    {yearOf(t, 2026, 100, 20), yearOf(t, 2024, 100, 20)},
		"a year at once":  {{balance.Add(now)}, {balance.Add(before)}},
		"no month at all": {{{From: "x", To: "x", Months: 1, KWh: now[1].KWh, Parts: now[1].Parts}}, before},
	} {
		if c, ok := balance.Compare(c[0], c[1]); ok {
			t.Errorf("%s: %+v", what, c)
		}
	}
}

func TestAChangeSaysWhereMoreOfTheTimeIsCoveredAndWhereMethodsDiffer(t *testing.T) {
	now, before := yearOf(t, 2026, 100, 20, 20), yearOf(t, 2025, 100, 20, 20)
	for i := range now {
		now[i].Parts[0].UnknownTime, now[i].Methods = 5000, []string{"plug"}
	}
	if c, ok := balance.Compare(now, before); !ok || !c.Uneven || !c.Methods {
		t.Errorf("the change is %+v", c)
	}
}
