package power_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"veille/agent/power"
)

func TestEveryModeIsInsideItsRange(t *testing.T) {
	for _, class := range append(power.Classes(), "unknown") {
		m, ok := power.ModesOf(class)
		if !ok {
			t.Fatalf("class %s has no modes", class)
		}
		for _, state := range []power.State{power.On, power.DisplayOff, power.Sleep, power.Off} {
			for _, load := range []float64{-1, 0, .07, 1, 2} {
				f := m.Figure(state, power.Measured(load), time.Hour)
				if f.Low <= 0 || f.Low > f.Energy || f.Energy > f.High || f.Covered != time.Hour {
					t.Errorf("%s %s at load %v: %+v", class, state, load, f)
				}
			}
		}
		hour := func(s power.State, load float64) power.Energy {
			return m.Figure(s, power.Measured(load), time.Hour).Energy
		}
		if !(hour(power.Off, 0) < hour(power.Sleep, 0) && hour(power.Sleep, 0) < hour(power.DisplayOff, 0) &&
			hour(power.DisplayOff, 0) < hour(power.On, 0) && hour(power.On, 0) < hour(power.On, .1)) {
			t.Errorf("%s: off, asleep, dark, on and busy are not in this order", class)
		}
	}
}

func TestAnHourOfADesktop(t *testing.T) {
	m, _ := power.ModesOf("desktop")
	f := m.Figure(power.On, power.Measured(.1), time.Hour) // 22 + 0.1 × (65 − 22)
	if got, want := f.Energy.WattHours(), 26.3; got < want-1e-6 || got > want+1e-6 {
		t.Errorf("got %v Wh, want %v", got, want)
	}
	if f.Method != power.MethodModelClass || f.Scope != power.ScopeMachine {
		t.Errorf("method %s and scope %s", f.Method, f.Scope)
	}
}

func TestALoadThatIsNotKnownWidensTheRange(t *testing.T) {
	m, _ := power.ModesOf("desktop")
	f := m.Figure(power.On, power.UnknownLoad(), time.Hour)
	if f.Low.WattHours() != 12 || f.Energy.WattHours() != 22 || f.High.WattHours() != 100 {
		t.Errorf("an hour of a desktop is %v to %v, middle %v; want 12 to 100, middle 22", f.Low, f.High, f.Energy)
	}
}

func TestAnUnknownClassSpansAllOthers(t *testing.T) {
	m, _ := power.ModesOf("unknown")
	if m.Idle.Low != 3*power.Watt || m.Idle.High != 45*power.Watt || m.Idle.Mid != 14_400*power.Milliwatt {
		t.Errorf("idle %v to %v, middle %v; want 3 to 45 W, middle 14.4", m.Idle.Low, m.Idle.High, m.Idle.Mid)
	}
	if _, ok := power.ModesOf("server"); ok {
		t.Error("a server has typical modes")
	}
}

func TestAMachineAroundItsProcessorsIsTheIdleOneAndWhatTheyUseMore(t *testing.T) {
	for _, tt := range []struct {
		class          string
		watts          float64 // of the processors, measured
		low, mid, high float64
	}{
		{"desktop", 9, 9.9, 22, 48.4},      // 12 − 1.4×16 is below 1.1×9; 22; 40 + 1.4×6
		{"desktop", 65, 71.5, 89.2, 126.8}, // 12 + 1.1×40 is below 1.1×65; 22 + 1.2×56; 40 + 1.4×62
		{"desktop", 3, 3.3, 14.8, 40},
		{"notebook", 2, 2.2, 6, 12.1},
	} {
		m, _ := power.ModesOf(tt.class)
		e := power.Power(tt.watts * float64(power.Watt)).Over(time.Hour)
		f := m.Around(power.On, power.Figure{Low: e, Energy: e, High: e, Scope: power.ScopeCPU, Covered: time.Hour})
		if !close(f.Low, tt.low) || !close(f.Energy, tt.mid) || !close(f.High, tt.high) || f.Method != power.MethodRAPLModel || f.Scope != power.ScopeMachine {
			t.Errorf("%s with processors at %v W: %v, %v to %v; want %v, %v to %v", tt.class, tt.watts, f.Energy, f.Low, f.High, tt.mid, tt.low, tt.high)
		}
	}
}

func close(e power.Energy, wattHours float64) bool { return math.Abs(e.WattHours()-wattHours) < 1e-6 }

func TestNoBoundOfAMachineLiesBelowThatOfItsProcessors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, class := range append(power.Classes(), "unknown") {
		m, _ := power.ModesOf(class)
		for range 1000 {
			e := power.Energy(r.Int64N(int64(300 * power.Watt.Over(time.Minute))))
			part := power.Figure{Low: e * 95 / 100, Energy: e, High: e * 105 / 100, Covered: time.Minute}
			f := m.Around([]power.State{power.On, power.DisplayOff}[r.IntN(2)], part)
			if f.Low < part.Low || f.Low > f.Energy || f.Energy > f.High || f.Energy < part.Energy {
				t.Fatalf("%s with processors at %v: %+v", class, e, f)
			}
		}
	}
}

func TestAShareCoversItsSecondsAndTheSharesSumToTheWhole(t *testing.T) {
	whole := power.Figure{Energy: 1001, Low: 900, High: 1100, Covered: 10*time.Second + time.Millisecond}
	sum := whole.Share(3, 10).Plus(whole.Share(7, 10))
	if sum.Covered != 10*time.Second || sum.Energy < whole.Energy-1 || sum.Energy > whole.Energy+1 {
		t.Errorf("3 and 7 seconds of %+v give %+v", whole, sum)
	}
}
