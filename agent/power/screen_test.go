package power_test

import (
	"testing"
	"time"

	"veille/agent/power"
)

func TestScreensAreOnWhileAPictureIsSentAndElseInStandby(t *testing.T) {
	for _, tt := range []struct {
		name           string
		sizes          []string
		state          power.State
		known          bool
		low, mid, high float64 // of an hour, in watt-hours
	}{
		{"small", []string{"<23"}, power.On, true, 6, 10, 16},
		{"common", []string{"23-24"}, power.On, true, 7.2, 12, 19.2},
		{"middling", []string{"25-27"}, power.On, true, 10.2, 17, 27.2},
		{"large", []string{"28-32"}, power.On, true, 15, 25, 40},
		{"huge", []string{">32"}, power.On, true, 21, 35, 56},
		{"of unknown size", []string{""}, power.On, true, 6, 15, 56},
		{"of a size nobody knows", []string{"-1"}, power.On, true, 6, 15, 56},
		{"two", []string{"23-24", "25-27"}, power.On, true, 17.4, 29, 46.4},
		{"dark", []string{"23-24"}, power.DisplayOff, true, .1, .3, .5},
		{"two dark", []string{"23-24", ""}, power.DisplayOff, true, .2, .6, 1},
		{"of a machine asleep", []string{">32"}, power.Sleep, true, .1, .3, .5},
		{"of a machine off", []string{">32"}, power.Off, true, .1, .3, .5},
		{"of a machine off that tells nothing", []string{">32"}, power.Off, false, .1, .3, .5},
		{"of a machine asleep that tells nothing", []string{""}, power.Sleep, false, .1, .3, .5},
		{"perhaps lit", []string{"23-24"}, power.On, false, .1, 12, 19.2},
		{"perhaps dark", []string{"23-24"}, power.DisplayOff, false, .1, .3, 19.2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, ok := power.ScreensFigure(tt.sizes, tt.state, tt.known, time.Hour)
			if !ok || !close(f.Low, tt.low) || !close(f.Energy, tt.mid) || !close(f.High, tt.high) {
				t.Errorf("%v, %v to %v, %t; want %v, %v to %v", f.Energy, f.Low, f.High, ok, tt.mid, tt.low, tt.high)
			}
			if f.Method != power.MethodModelClass || f.Scope != power.ScopeDisplay || f.Covered != time.Hour {
				t.Errorf("method %s, scope %s, covers %v", f.Method, f.Scope, f.Covered)
			}
		})
	}
}

func TestWithoutScreensTimeOrStateThereIsNoFigure(t *testing.T) {
	one := []string{"23-24"}
	for _, tt := range []struct {
		name  string
		sizes []string
		state power.State
		d     time.Duration
	}{
		{"no screen", nil, power.On, time.Hour},
		{"no time", one, power.On, 0},
		{"time that runs back", one, power.On, -time.Second},
		{"no state", one, "", time.Hour},
		{"a state nobody knows", one, "unknown", time.Hour},
	} {
		if f, ok := power.ScreensFigure(tt.sizes, tt.state, true, tt.d); ok || f != (power.Figure{}) {
			t.Errorf("%s: %+v, %t", tt.name, f, ok)
		}
	}
}

// sizesKnown are the words of agent/uptime.Screens, the smallest first.
func sizesKnown() []string { return []string{"<23", "23-24", "25-27", "28-32", ">32"} }

func TestALargerScreenUsesMoreAndAnUnknownOneSpansAll(t *testing.T) {
	hour := func(size string, state power.State, known bool) power.Figure {
		f, _ := power.ScreensFigure([]string{size}, state, known, time.Hour)
		return f
	}
	for _, known := range []bool{true, false} {
		whole, last := hour("", power.On, known), power.Figure{}
		for _, size := range sizesKnown() {
			f := hour(size, power.On, known)
			if f.Low < last.Low || f.Energy <= last.Energy || f.High <= last.High {
				t.Errorf("%s uses %v, %v to %v; a smaller one %+v", size, f.Energy, f.Low, f.High, last)
			}
			if f.Low < whole.Low || f.High > whole.High {
				t.Errorf("%s, %v to %v, is not within the unknown size, %v to %v", size, f.Low, f.High, whole.Low, whole.High)
			}
			last = f
		}
	}
}

func TestScreensAddUpAndEveryRangeIsInOrder(t *testing.T) {
	d := 17 * time.Minute
	for _, state := range []power.State{power.On, power.DisplayOff, power.Sleep, power.Off} {
		for _, known := range []bool{true, false} {
			var sizes []string
			var sum power.Figure
			for _, size := range append(sizesKnown(), "") {
				f, _ := power.ScreensFigure([]string{size}, state, known, d)
				if f.Low <= 0 || f.Low > f.Energy || f.Energy > f.High {
					t.Errorf("%s %s: %+v", size, state, f)
				}
				sizes, sum = append(sizes, size), sum.Plus(f)
			}
			all, ok := power.ScreensFigure(sizes, state, known, d)
			if !ok || all.Energy != sum.Energy || all.Low != sum.Low || all.High != sum.High || all.Covered != d {
				t.Errorf("%s: together %+v, one by one %+v", state, all, sum)
			}
		}
	}
}

func TestNotKnowingThePictureWidensTheRangeAndMovesNothingElse(t *testing.T) {
	for _, state := range []power.State{power.On, power.DisplayOff} {
		for _, size := range sizesKnown() {
			sure, _ := power.ScreensFigure([]string{size}, state, true, time.Hour)
			unsure, _ := power.ScreensFigure([]string{size}, state, false, time.Hour)
			if unsure.Energy != sure.Energy || unsure.High-unsure.Low <= sure.High-sure.Low || unsure.Low > sure.Low || unsure.High < sure.High {
				t.Errorf("%s %s: %+v, and not known %+v", size, state, sure, unsure)
			}
		}
	}
}
