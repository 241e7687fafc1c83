package balance_test

import (
	"math/rand/v2"
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

// forgotten are the hours of 100 machines in a month of 30 days, 20 of them open: at night some are on.
func forgotten(on, sleep, off, unknown float64) []hours {
	return []hours{
		{part: "open", on: 20_000, wattOn: 20},
		{part: "night", on: on, sleep: sleep, off: off, unknown: unknown, wattOn: 20, wattSleep: 1.3, wattO: 0.4},
	}
}

func yearAwake(t testing.TB, n int, parts []hours) balance.Account {
	t.Helper()
	var all []balance.Account
	for _, m := range months(2025, n) {
		all = append(all, account(t, m, figures(100, 3000, parts...)))
	}
	return balance.Add(all)
}

func TestALeverSavesWhatMachinesTakeAwakeLessWhatTheyTakeAsleep(t *testing.T) {
	levers := book(t).Levers(yearAwake(t, 12, forgotten(10_000, 5_000, 10_000, 0)))
	if len(levers) != 2 || levers[0].ID != balance.SleepPolicy || levers[1].ID != balance.SwitchOff {
		t.Fatalf("the levers are %+v", levers)
	}
	sleep, off := levers[0], levers[1]
	if want := (20 - 1.3) * (10_000 - 1500) * 12 / 1000; !near(sleep.KWh.Value, want) || !near(sleep.Hours, 8500*12) || sleep.Machines != 100 || sleep.Scaled {
		t.Errorf("a sleep policy saves %+v, not %v kWh", sleep, want)
	}
	e := 10_000*20 + 5_000*1.3 + 10_000*0.4
	if low := ((e*0.6-5*5_000-1*10_000)/10_000 - 5) * 8500 / 2 * 12 / 1000; !near(sleep.KWh.Low, low) {
		t.Errorf("its low is %v, not %v", sleep.KWh.Low, low)
	}
	if high := ((e*1.4-0.3*5_000-0.1*10_000)/10_000 - 0.3) * 10_000 * 12 / 1000; !near(sleep.KWh.High, high) {
		t.Errorf("its high is %v, not %v", sleep.KWh.High, high)
	}
	if !nearRange(off.KWh, balance.Range{Value: 0.9 * 60, Low: 0, High: 4.9 * 60}) || !near(off.Hours, 60_000) {
		t.Errorf("switching off saves %+v", off)
	}
	if sleep.Euros == nil || !near(sleep.Euros.Value, sleep.KWh.Value*0.2) || sleep.Tax != "excluded" || sleep.Carbon == nil || !near(sleep.Carbon.Value, sleep.KWh.Value*0.0519) {
		t.Errorf("its euros and carbon are %+v %+v", sleep.Euros, sleep.Carbon)
	}
}

func TestAnAccountOfLessThanAYearIsScaledByItsDays(t *testing.T) {
	b := book(t)
	year, two := b.Levers(yearAwake(t, 12, forgotten(10_000, 0, 10_000, 0))), b.Levers(yearAwake(t, 2, forgotten(10_000, 0, 10_000, 0)))
	if len(two) != 1 || !two[0].Scaled || !near(two[0].KWh.Value, year[0].KWh.Value/6*365.25/59) {
		t.Errorf("two months come to %+v, twelve to %+v", two, year)
	}
}

func TestThereIsNoLeverWhereTooLittleIsKnown(t *testing.T) {
	b := book(t)
	good := yearAwake(t, 3, forgotten(10_000, 0, 10_000, 0))
	if len(b.Levers(good)) == 0 {
		t.Fatal("there is none where all is known")
	}
	few := account(t, "2025-01", figures(100, 1000, forgotten(10_000, 0, 10_000, 0)...))
	for what, a := range map[string]balance.Account{
		"more than 40 percent unknown": yearAwake(t, 3, forgotten(10_000, 0, 10_000, 40_000)),
		"ten days of each machine":     few,
		"mixed parts":                  yearAwake(t, 3, append(forgotten(10_000, 0, 10_000, 0), hours{part: collector.Mixed, on: 1, wattOn: 1})),
		"open hours only":              yearAwake(t, 3, forgotten(10_000, 0, 10_000, 0)[:1]),
		"all are off":                  yearAwake(t, 3, forgotten(0, 0, 10_000, 0)),
		"half an hour a day awake":     yearAwake(t, 3, forgotten(1_400, 0, 10_000, 0)),
		"nothing":                      {},
	} {
		if l := b.Levers(a); len(l) != 0 {
			t.Errorf("%s: %+v", what, l)
		}
	}
	short := good
	if short.Days = 27; len(b.Levers(short)) != 0 {
		t.Error("27 days of the calendar are enough")
	}
	uncovered := good
	uncovered.Covered = 0.5
	if l := b.Levers(uncovered); len(l) != 0 {
		t.Errorf("half of the known time is covered: %+v", l)
	}
}

func TestLeversTogetherSaveNoMoreThanWasUsedAndTheLargestIsFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	b := book(t)
	told := 0
	for range 2000 {
		a := yearAwake(t, 12, forgotten(random.Float64()*20_000, random.Float64()*20_000, random.Float64()*20_000, 0))
		var sum float64
		for i, l := range b.Levers(a) {
			told++
			sum += l.KWh.Value
			if i > 0 && l.KWh.Value > b.Levers(a)[i-1].KWh.Value {
				t.Fatalf("the second saves more: %+v", b.Levers(a))
			}
		}
		if sum > a.Outside.Value*(1+1e-9) {
			t.Fatalf("%v kWh are saved of %v", sum, a.Outside.Value)
		}
	}
	if told < 2000 {
		t.Errorf("only %d levers were told", told)
	}
}

func TestMachinesAsleepThatTakeAlmostNothingSaveNoMoreWhenTheyAreOff(t *testing.T) {
	a := yearAwake(t, 12, []hours{{part: "night", sleep: 50_000, wattSleep: 0.1}})
	l := book(t).Levers(a)
	if len(l) != 1 || l[0].ID != balance.SwitchOff || !near(l[0].KWh.Value, a.Outside.Value) || l[0].KWh.High > a.Outside.High {
		t.Errorf("%+v are saved of %+v", l, a.Outside)
	}
}

func TestMachinesThatTakeAsLittleAwakeAsAsleepSaveNothing(t *testing.T) {
	a := yearAwake(t, 12, []hours{{part: "night", on: 50_000, off: 50_000, wattOn: 1.2, wattO: 0.4}})
	if l := book(t).Levers(a); len(l) != 0 {
		t.Errorf("they save %+v", l)
	}
	a = yearAwake(t, 12, []hours{{part: "night", on: 50_000, off: 50_000, wattOn: 4, wattO: 0.4}})
	if l := book(t).Levers(a); len(l) != 1 || l[0].KWh.Low != 0 || l[0].KWh.Value <= 0 {
		t.Errorf("machines of 4 W, that may take 5 W asleep, save %+v", l)
	}
}
