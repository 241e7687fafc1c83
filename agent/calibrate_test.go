package agent

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"veille/agent/power"
	"veille/agent/uptime"
)

// onBattery is a minute in which the batteries gave w watts, of which the processors used part.
func onBattery(w, part float64) sample {
	figure := func(w float64, m power.Method, s power.Scope) power.Figure {
		e := power.Power(w * float64(power.Watt)).Over(time.Minute)
		return power.Figure{Energy: e, Low: e - e/20, High: e + e/20, Method: m, Scope: s, Covered: time.Minute}
	}
	return sample{
		span: uptime.Span{On: time.Minute}, told: true, load: power.Measured(.1),
		measured: []power.Figure{figure(w, power.MethodBattery, power.ScopeMachine), figure(part, power.MethodRAPL, power.ScopeCPU)},
	}
}

func TestANotebookTeachesItsAgentOnBatteryAndIsEstimatedByItOnMains(t *testing.T) {
	modes, _ := power.ModesOf("notebook")
	v := Survey{battery: true, product: "Example Book 1"}
	v.known.modes = &modes
	v.calibrate(nil, modes)
	a := &Agent{book: book{known: v.known}, Config: Config{Data: t.TempDir()}}
	for i := range 150 { // 3 W + 1.2 × the processors + 2.5 W of the display, on average
		part := 1 + float64(i/10%5)
		if err := a.learn(onBattery(5.5+1.2*part, part)); err != nil {
			t.Fatal(err)
		}
	}
	fit, err := ReadFit(a.Data)
	if err != nil || fit == nil || fit.Windows < power.FitEnough {
		t.Fatalf("%+v, %v; want what two hours and a half on battery taught", fit, err)
	}
	again := Survey{battery: true, product: "Example Book 1"}
	again.known.modes = &modes
	if text := again.calibrate(func() (*power.Fit, error) { return fit, nil }, modes); text == "" || again.known.fit.Windows != fit.Windows {
		t.Errorf("the fit on disk is not taken up: %q", text)
	}
	part := onBattery(0, 2).measured[1:]
	c := condition{state: power.On, load: power.Measured(.1), told: true}
	calibrated, typical := again.known.complete(part, c, time.Minute), known{modes: &modes}.complete(part, c, time.Minute)
	got, before := calibrated[1], typical[1]
	if w := got.Energy.Joules() / 60; got.Method != power.MethodRAPLModel || w < 7.9/.93 || w > 7.9/.80 {
		t.Errorf("%.1f W by %s; want 7.9 W with the loss of the adapter", w, got.Method)
	}
	if got.High-got.Low >= before.High-before.Low {
		t.Errorf("the range %v to %v is no smaller than that of the class, %v to %v", got.Low, got.High, before.Low, before.High)
	}
	other := Survey{battery: true, product: "Another machine"}
	if other.calibrate(func() (*power.Fit, error) { return fit, nil }, modes); other.known.fit.Windows != 0 {
		t.Error("what another machine showed is believed of this one")
	}
	if none := (&Survey{}); none.calibrate(func() (*power.Fit, error) { return fit, nil }, modes) != "" || none.known.fit != nil {
		t.Error("a machine without a battery has a fit")
	}
}

func TestNothingIsLearntWhileTheDisplayIsNotKnownOrMainsFeedTheMachine(t *testing.T) {
	modes, _ := power.ModesOf("notebook")
	for name, change := range map[string]func(*sample){
		"display not known": func(x *sample) { x.told = false },
		"on mains":          func(x *sample) { x.measured = x.measured[1:] },
		"processor unread":  func(x *sample) { x.measured = x.measured[:1] },
	} {
		fit := power.NewFit("", modes)
		a := &Agent{book: book{known: known{fit: fit}}, Config: Config{Data: t.TempDir()}}
		for range 300 {
			x := onBattery(8, 2)
			change(&x)
			if err := a.learn(x); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(filepath.Join(a.Data, fitFile)); fit.Windows != 0 || err == nil {
			t.Errorf("%s: %d windows were learnt, file: %v", name, fit.Windows, err)
		}
	}
}

func TestACalibrationThatMakesNoSenseIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"garbage": "\x00\x01", "half": `{"version":1,`, "no sums": `{"version":1,"product":"x","windows":50}`,
		"not a fit": `{"version":99}`, "too large": `{"version":1,"windows":1,"sums":[[1e300,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]]}`,
	} {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, fitFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if fit, err := ReadFit(data); err == nil {
			t.Errorf("%s gave %+v", name, fit)
		}
	}
	if fit, err := ReadFit(t.TempDir()); fit != nil || err != nil {
		t.Errorf("no file gave %v, %v", fit, err)
	}
}
