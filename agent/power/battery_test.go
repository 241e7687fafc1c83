package power_test

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"path"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"veille/agent/power"
)

// supplies is a tree of power supplies, by folder and file.
func supplies(all map[string]map[string]string) fstest.MapFS {
	sys := fstest.MapFS{}
	for folder, files := range all {
		for name, value := range files {
			sys[path.Join("class/power_supply", folder, name)] = &fstest.MapFile{Data: []byte(value + "\n")}
		}
	}
	return sys
}

func notebook() fstest.MapFS {
	return supplies(map[string]map[string]string{
		"AC":          {"type": "Mains", "online": "0"},
		"BAT0":        {"type": "Battery", "present": "1", "status": "Discharging", "energy_now": "40000000"},
		"hidpp_mouse": {"type": "Battery", "scope": "Device", "status": "Discharging", "energy_now": "1000"},
	})
}

func put(sys fstest.MapFS, name, value string) {
	sys["class/power_supply/"+name] = &fstest.MapFile{Data: []byte(value)}
}

func newBattery(t *testing.T, sys fs.FS) *power.Battery {
	t.Helper()
	b, err := power.NewBattery(sys)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatTheBatteryGivesIsWhatTheMachineUses(t *testing.T) {
	sys := notebook()
	b := newBattery(t, sys)
	for i, want := range []power.Figure{ // at first nobody knows how much of a step, 0.1 Wh, was gone
		{Energy: 360 * power.Joule, Low: 0, High: 738 * power.Joule},
		{Energy: 360 * power.Joule, Low: 342 * power.Joule, High: 378 * power.Joule},
	} {
		put(sys, "BAT0/energy_now", strconv.Itoa(39_900_000-100_000*i)) // 0.1 Wh in a minute: 6 W
		list, err := b.Advance(minute())
		want.Method, want.Scope, want.Covered = power.MethodBattery, power.ScopeMachine, time.Minute
		if err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("minute %d: got %+v, %v; want %+v", i, list, err, want)
		}
	}
}

// The true energy of the minutes that have a figure lies within the sum of their bounds, however coarse the gauge is and
// whenever it is first read.
func TestTheBoundsOfABatteryHoldWhatAGaugeOfStepsDoesNotTell(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		step := 1000 * (1 + random.Float64()*599) // µWh
		left, watts := 60e6+random.Float64()*step, 3+random.Float64()*12
		sys := notebook()
		gauge := func() { put(sys, "BAT0/energy_now", strconv.Itoa(int(math.Floor(left/step)*step))) }
		gauge()
		b := newBattery(t, sys)
		var low, mid, high, used power.Energy
		for range 180 {
			left -= watts * 1e6 / 60
			gauge()
			list, err := b.Advance(minute())
			switch {
			case errors.Is(err, power.ErrNoStep) || errors.Is(err, power.ErrDead):
			case err != nil:
				t.Fatal(err)
			default:
				used += power.Power(watts * 1e6).Over(time.Minute)
				low, mid, high = low+list[0].Low, mid+list[0].Energy, high+list[0].High
			}
		}
		if used == 0 || used < low || used > high || low > mid || mid > high {
			t.Errorf("seed %d: %v used by a gauge of %.0f mWh; %v between %v and %v", seed, used, step/1000, mid, low, high)
		}
	}
}

func TestAGaugeOfChargeCountsAtTheVoltageOfTheBattery(t *testing.T) {
	sys := supplies(map[string]map[string]string{"BAT1": {"type": "Battery", "status": "Discharging", "charge_now": "4000000", "voltage_now": "11400000"}})
	b := newBattery(t, sys)
	put(sys, "BAT1/charge_now", "3990000") // 10 mAh at 11.4 V, which falls a little under a load
	put(sys, "BAT1/voltage_now", "11398000")
	if list, err := b.Advance(minute()); err != nil || list[0].Energy.WattHours() < .1139 || list[0].Energy.WattHours() > .1141 {
		t.Errorf("got %+v, %v; want 0.114 Wh", list, err)
	}
}

func TestTwoBatteriesAreAddedUp(t *testing.T) {
	sys := notebook()
	put(sys, "BAT1/type", "Battery")
	put(sys, "BAT1/status", "Not charging") // it waits for its turn
	put(sys, "BAT1/energy_now", "20000000")
	b := newBattery(t, sys)
	put(sys, "BAT0/energy_now", "39950000")
	put(sys, "BAT1/energy_now", "19950000")
	if list, err := b.Advance(minute()); err != nil || list[0].Energy != 360*power.Joule {
		t.Errorf("got %+v, %v; want 360 J", list, err)
	}
}

func TestABatteryThatDoesNotFeedTheMachineAloneHasNoFigure(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  map[string]string
		over power.Interval
		want error
	}{
		{"on mains", map[string]string{"AC/online": "1", "BAT0/status": "Charging"}, minute(), power.ErrIdle},
		{"on mains, and full", map[string]string{"AC/online": "1", "BAT0/status": "Full"}, minute(), power.ErrIdle},
		{"a weak charger helps", map[string]string{"AC/online": "1"}, minute(), power.ErrIdle},
		{"the machine slept", map[string]string{"BAT0/energy_now": "39000000"}, power.Interval{Elapsed: time.Minute, Suspended: true}, power.ErrSuspended},
		{"another battery was put in", map[string]string{"BAT1/type": "Battery", "BAT1/energy_now": "30000000"}, minute(), power.ErrReset},
		{"it was taken out", map[string]string{"BAT0/present": "0"}, minute(), power.ErrIdle},
		{"the gauge was set right", map[string]string{"BAT0/energy_now": "41000000"}, minute(), power.ErrReset},
		{"the gauge fell too far", map[string]string{"BAT0/energy_now": "20000000"}, minute(), power.ErrReset},
		{"negative", map[string]string{"BAT0/energy_now": "-5"}, minute(), errAny},
		{"no number", map[string]string{"BAT0/energy_now": "many"}, minute(), errAny},
		{"huge", map[string]string{"BAT0/energy_now": "99999999999999999999"}, minute(), errAny},
	} {
		sys := notebook()
		b := newBattery(t, sys)
		for name, value := range tt.set {
			put(sys, name, value)
		}
		if list, err := b.Advance(tt.over); err == nil || len(list) > 0 || (!errors.Is(tt.want, errAny) && !errors.Is(err, tt.want)) {
			t.Errorf("%s: %+v, %v; want %v", tt.name, list, err, tt.want)
		}
	}
}

// A gauge may move once in some minutes; what it jumps then was used in all of them, of which the last one has its share.
func TestAGaugeThatMovesInStepsHasTheShareOfEachIntervalAndOneThatStandsStillIsDead(t *testing.T) {
	sys := notebook()
	b := newBattery(t, sys)
	for i, tt := range []struct {
		energy string
		want   power.Energy // 0: none
	}{
		{"40000000", 0}, {"40000000", 0}, {"39700000", 360 * power.Joule}, {"39700000", 0}, {"39500000", 360 * power.Joule}, {"39400000", 360 * power.Joule},
	} {
		put(sys, "BAT0/energy_now", tt.energy)
		list, err := b.Advance(minute())
		if tt.want == 0 {
			if !errors.Is(err, power.ErrNoStep) || len(list) > 0 {
				t.Errorf("minute %d: %+v, %v; want no figure", i, list, err)
			}
			continue
		}
		if err != nil || list[0].Energy != tt.want || list[0].Covered != time.Minute {
			t.Errorf("minute %d: %+v, %v; want %v in a minute", i, list, err, tt.want)
		}
	}
	for i := range 20 {
		list, err := b.Advance(minute())
		if dead := errors.Is(err, power.ErrDead); dead != (i >= 14) || len(list) > 0 {
			t.Errorf("minute %d without a move: %+v, %v", i+1, list, err)
		}
	}
	put(sys, "BAT0/energy_now", "37300000") // 2.1 Wh in 21 minutes
	if list, err := b.Advance(minute()); err != nil || list[0].Energy != 360*power.Joule {
		t.Errorf("when it moves again: %+v, %v", list, err)
	}
}

func TestABatteryThatVanishesIsMissedAndOneThatComesIsFound(t *testing.T) {
	sys := notebook()
	b := newBattery(t, sys)
	delete(sys, "class/power_supply/BAT0/energy_now")
	if list, err := b.Advance(minute()); !errors.Is(err, fs.ErrNotExist) || len(list) > 0 {
		t.Errorf("got %+v, %v; want no figure", list, err)
	}
	put(sys, "BAT0/energy_now", "39000000")
	if list, err := b.Advance(minute()); err == nil || len(list) > 0 { // nobody knows what it was at the start
		t.Errorf("got %+v, %v; want no figure", list, err)
	}
	put(sys, "BAT0/energy_now", "38900000")
	if list, err := b.Advance(minute()); err != nil || len(list) != 1 {
		t.Errorf("got %+v, %v; want a figure", list, err)
	}
}

func TestAMachineWithoutABatteryOfItsOwnHasNoSuchMeter(t *testing.T) {
	for _, sys := range []fstest.MapFS{{}, supplies(map[string]map[string]string{"AC": {"type": "Mains", "online": "1"}, "mouse": {"type": "Battery", "scope": "Device"}})} {
		if _, err := power.NewBattery(sys); !errors.Is(err, power.ErrNoMeter) {
			t.Errorf("got %v; want ErrNoMeter", err)
		}
	}
}

func FuzzBattery(f *testing.F) {
	f.Add("Discharging", "40000000", "39900000", "", "")
	f.Add("Full", "", "", "4000000", "11400000")
	f.Add("Discharging", "999999999", "0", "999999999", "999999999")
	f.Fuzz(func(t *testing.T, status, before, after, charge, volts string) {
		sys := supplies(map[string]map[string]string{"BAT0": {"type": "Battery", "status": status, "charge_now": charge, "voltage_now": volts}})
		if before != "" {
			put(sys, "BAT0/energy_now", before)
		}
		b, err := power.NewBattery(sys)
		if err != nil {
			t.Fatal(err)
		}
		put(sys, "BAT0/energy_now", after)
		list, err := b.Advance(minute())
		for _, f := range list {
			if err != nil || f.Energy < 0 || f.Energy.Joules() > 300*60 || f.Low > f.Energy || f.Energy > f.High {
				t.Errorf("%+v, %v", f, err)
			}
		}
	})
}
