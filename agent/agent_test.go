package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"veille/agent/power"
	"veille/agent/spool"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// settled is a system that was started an hour before the test and has run since.
func settled(procfs string) System {
	start := time.Now().Add(-time.Hour)
	return System{
		OS: "linux",
		Clock: func(uptime.Reading) (uptime.Reading, error) {
			up := time.Since(start)
			return uptime.Reading{Wall: time.Now().Round(0), Awake: up, SinceBoot: up, Boot: "one"}, nil
		},
		Host: NewHost(procfs), Sys: fstest.MapFS{}, Proc: fstest.MapFS{},
	}
}

func newAgent(t *testing.T, data string, c *collector, use wire.Use, postEvery time.Duration) *Agent {
	t.Helper()
	system := settled("testdata/proc")
	survey, err := system.Look(t.Context(), Told{Class: "desktop", Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := spool.Open(filepath.Join(data, "spool"), 24)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	id := Identity{Collector: "https://collector.example", Credential: "secret", Use: use}
	limits := Limits{Use: use, Period: time.Minute, PostEvery: postEvery}
	a, err := New(Config{
		Data: data, Limits: limits, Policies: []wire.Policy{{TimeZone: "Europe/Paris"}}, Survey: survey, System: system, Identity: id, Spool: s,
		Courier: NewCourier(&http.Client{Transport: c}, id, s, log, DelayOf(limits)), Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func sent(t *testing.T, a *Agent) []wire.Record {
	t.Helper()
	entries, err := spool.Journal(filepath.Join(a.Data, "spool"))
	if err != nil {
		t.Fatal(err)
	}
	var records []wire.Record
	for _, e := range entries {
		var r wire.Record
		if err := json.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", e.Body, err)
		}
		records = append(records, r)
	}
	return records
}

func runFor(t *testing.T, a *Agent, d time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	if err := a.Run(ctx); err != nil {
		t.Error(err)
	}
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestAServerPostsEachHourAndTheRunningHourAsItGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, t.TempDir(), c, wire.Server, 10*time.Minute)
		runFor(t, a, 3*time.Hour+30*time.Minute)
		records := sent(t, a)
		if len(records) != 4 || len(c.uploads) < 19 {
			t.Fatalf("%d records in %d uploads, want 4 in one every ten minutes", len(records), len(c.uploads))
		}
		for i, r := range records {
			if *r.Hour != i+1 || (i < 3 && r.CoveredS() != 3600) {
				t.Errorf("record %d is of hour %d and covers %d s", i, *r.Hour, r.CoveredS())
			}
		}
		if got := records[3].CoveredS(); got < 19*60 || got > 30*60 {
			t.Errorf("the running hour covers %d s at its last post", got)
		}
		e := records[0].Parts[0].Energy[0]
		if e.Method != "model-class" || e.Scope != "machine" || e.CoveredS != 3600 || e.Wh < 22 || e.Wh > 30 {
			t.Errorf("an hour of a desktop is %+v", e)
		}
	})
}

func TestAnIndividualMachineSendsOneRecordADayWithoutAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, t.TempDir(), c, wire.Individual, 0)
		a.Limits.Period = 5 * time.Minute
		runFor(t, a, 52*time.Hour)
		records := sent(t, a)
		if len(records) != 2 || len(c.uploads) != 2 {
			t.Fatalf("%d records in %d uploads, want 2 in 2", len(records), len(c.uploads))
		}
		for _, r := range records {
			if r.Hour != nil || r.LengthS != 86_400 {
				t.Errorf("%+v is not of a whole day", r)
			}
			if body, err := json.Marshal(r); err != nil || len(body) > 2000 {
				t.Errorf("a day takes %d bytes, %v; want 2000 at most, before compression", len(body), err)
			}
		}
	})
}

func TestAnAgentKilledInTheMiddleOfAnHourGoesOnWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		first := newAgent(t, data, c, wire.Server, 0)
		for range 20 { // no last sample: the process is gone
			if err := first.sample(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute) //nolint:forbidigo // time is synctest's own here, nothing waits
		}
		second := newAgent(t, data, c, wire.Server, 0)
		runFor(t, second, time.Hour)
		records := sent(t, second)
		if len(records) != 1 || records[0].CoveredS() != 3600 {
			t.Errorf("got %+v, want one whole hour", records)
		}
	})
}

func TestAClosedHourThatCannotBeSpooledIsKeptAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, data, c, wire.Server, 0)
		waiting := filepath.Join(data, "spool", "waiting")
		time.AfterFunc(59*time.Minute+30*time.Second, func() { _ = os.RemoveAll(waiting) })
		ctx, stop := context.WithTimeout(t.Context(), 65*time.Minute)
		defer stop()
		if err := a.Run(ctx); err == nil {
			t.Error("an agent that cannot spool ends without saying so")
		}
		a = newAgent(t, data, c, wire.Server, 0)
		runFor(t, a, 85*time.Minute)
		if records := sent(t, a); len(records) != 2 || *records[0].Hour != 1 || records[0].CoveredS() != 3600 {
			t.Errorf("%+v, want the first hour too", records)
		}
	})
}

func TestADayIsClosedOnceAndAnHourThatWaitsAndCoversMoreIsLeftInItsPlace(t *testing.T) {
	for _, tt := range []struct {
		hour int
		key  string
		want []int // seconds that the record that waits covers, after each
	}{
		{-1, "2026-11-16", []int{3000, 3000, 3000}},
		{7, "2026-11-16T07", []int{3000, 3000, 3600}},
	} {
		a := newAgent(t, t.TempDir(), &collector{}, wire.Shared, 0)
		for i, on := range []int{3000, 2000, 3600} {
			s := slot{Date: "2026-11-16", Hour: tt.hour, Start: 0, End: 3600, Parts: []part{{Part: "open", LengthS: 3600, Seconds: wire.Seconds{On: on}}}}
			if err := a.spool(s, nil); err != nil {
				t.Fatal(err)
			}
			var r wire.Record
			e, _ := a.Spool.Find(tt.key)
			if err := json.Unmarshal(e.Body, &r); err != nil || r.CoveredS() != tt.want[i] {
				t.Errorf("%s: after %d s the record that waits covers %d, %v; want %d", tt.key, on, r.CoveredS(), err, tt.want[i])
			}
		}
	}
}

func TestAMachineThatBecomesPersonalSendsNoHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		down := &collector{script: []func(int) (int, string){says(0, "")}}
		runFor(t, newAgent(t, data, down, wire.Server, 10*time.Minute), 90*time.Minute)
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, data, c, wire.Individual, 0)
		a.Limits.Period = 5 * time.Minute
		runFor(t, a, 54*time.Hour) // the rest of the day on which it changed is unknown, and the next is its first
		entries, err := a.Spool.Waiting(0)
		if err != nil || len(c.uploads) != 1 || len(c.uploads[0]) != 1 || len(entries) != 0 {
			t.Errorf("%d uploads %v, %d wait, %v; want one day", len(c.uploads), c.uploads, len(entries), err)
		}
		for _, r := range sent(t, a) {
			if r.Use == wire.Individual && r.Hour != nil {
				t.Errorf("an hour of a personal machine was sent: %+v", r)
			}
		}
	})
}

func TestADamagedRunningRecordIsNotFatal(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, keptFile), []byte(`{"last":`), 0o600); err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, data, &collector{}, wire.Server, 0)
	if err := a.sample(t.Context(), false); err != nil {
		t.Error(err)
	}
}

func TestAnAgentRefusesSettingsThatMakeNoSense(t *testing.T) {
	for _, c := range []Config{
		{Limits: Limits{Period: time.Millisecond}},
		{Limits: Limits{Period: time.Hour}},
		{Limits: Limits{Period: time.Minute, PostEvery: time.Minute, Use: wire.Individual}},
		{Limits: Limits{Period: time.Minute}, Policies: []wire.Policy{{TimeZone: "Mars/Olympus"}}},
		{Limits: Limits{Period: time.Minute}, Policies: []wire.Policy{{Open: []wire.OpenHours{{Weekday: 8, From: "08:00", To: "18:00"}}}}},
		{Limits: Limits{Period: time.Minute}, Policies: []wire.Policy{{Open: []wire.OpenHours{{Weekday: 1, From: "8h", To: "18:00"}}}}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func TestASurveySaysWhatIsUsedAndWhyNot(t *testing.T) {
	system := settled("testdata/proc")
	v, err := system.Look(t.Context(), Told{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if v.Machine.Class != "unknown" || v.Machine.RAM != "16-32" {
		t.Errorf("%+v", v.Machine)
	}
	for i, want := range []string{"plug", "battery", "rapl", "model-declared"} {
		if m := v.Meters[i]; m.Used || m.Name != want || m.Reason == "" {
			t.Errorf("meter %d: %+v; want %s, and why it is not used", i, m, want)
		}
	}
	if m := v.Meters[4]; !m.Used || m.Name != "model-class" || !strings.Contains(m.Detail, "spans all classes") {
		t.Errorf("model: %+v", m)
	}
	if _, err := system.Look(t.Context(), Told{Class: "toaster", Version: "test"}); err == nil || !strings.Contains(err.Error(), "notebook") {
		t.Errorf("an unknown class: %v, want the known ones", err)
	}
	v, err = system.Look(t.Context(), Told{Class: "server", Version: "test"})
	if err != nil || v.Meters[4].Used {
		t.Errorf("a server without a meter: %+v, %v", v.Meters, err)
	}
}

func TestASurveySaysByHowManyPlugsAClassWasCalibrated(t *testing.T) {
	system := settled("testdata/proc")
	c, report, err := power.ImportReadings(strings.NewReader("maker,product,state,watts,low_watts,high_watts,plugs\n*,desktop,on,31,21,51,4\n*,desktop,sleep,2,1,3,4\n*,mini,sleep,2,1,3,4\n"))
	if err != nil || report.Refused > 0 {
		t.Fatal(report, err)
	}
	told := Told{Class: "desktop", Version: "test", Declared: func(maker string, names ...string) (power.Product, bool, error) {
		p, ok := c.Find(maker, names...)
		return p, ok, nil
	}}
	v, err := system.Look(t.Context(), told)
	if err != nil {
		t.Fatal(err)
	}
	m := v.Meters[4] // 21 - 0.42 to 51 + 1.02
	if want := "; calibrated with 4 plugs: on 31.0 W, from 20.6 to 52.0"; !m.Used || m.Name != "model-class" || !strings.HasSuffix(m.Detail, want) {
		t.Errorf("%+v; want %q", m, want)
	}
	if got, whole := French().Translate(m.Detail); !whole || !strings.HasSuffix(got, "étalonnée avec 4 prises : en marche 31.0 W, de 20.6 à 52.0") {
		t.Errorf("%s", got)
	}
	if once, err := system.Once(t.Context(), v, time.Second); err != nil || len(once.Energy) != 1 || once.Energy[0].Method != string(power.MethodModelClass) {
		t.Errorf("%+v, %v", once, err)
	}
	for _, class := range []string{"mini", "notebook", "unknown"} { // of mini only the sleep is told, of the others nothing
		told.Class = class
		if v, err := system.Look(t.Context(), told); err != nil || strings.Contains(v.Meters[4].Detail, "calibrated") || !v.Meters[4].Used {
			t.Errorf("%s: %+v, %v", class, v.Meters, err)
		}
	}
}

func TestAMeasuredMachineHasBothScopesAndTheyAreNotAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := settled("testdata/proc")
		dir := t.TempDir()
		counter := filepath.Join(dir, "class/powercap/intel-rapl:0")
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(counter, name), []byte(text), 0o600); err != nil {
				t.Error(err)
			}
		}
		if err := os.MkdirAll(counter, 0o700); err != nil {
			t.Fatal(err)
		}
		write("name", "package-0")
		write("energy_uj", "0")
		write("max_energy_range_uj", "262143328850")
		system.Sys = os.DirFS(dir)
		v, err := system.Look(t.Context(), Told{Class: "desktop", Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Second, func() { write("energy_uj", "100000000") })
		m, err := system.Once(t.Context(), v, 10*time.Second)
		if err != nil || len(m.Energy) != 2 {
			t.Fatalf("%+v, %v", m, err)
		}
		if e := m.Energy[0]; e.Method != "rapl" || e.Scope != "cpu" || m.MeanW[0].W != 10 {
			t.Errorf("processor: %+v, %v W", e, m.MeanW[0].W)
		}
		if e := m.Energy[1]; e.Method != "rapl+model" || e.Scope != "machine" || m.Method != "rapl+model" {
			t.Errorf("machine: %+v", e)
		}
	})
}

func TestOneAgentRunsInAFolder(t *testing.T) {
	data := t.TempDir()
	unlock, err := Lock(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(data); !errors.Is(err, ErrRunning) {
		t.Errorf("a second agent: %v, want ErrRunning", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	unlock, err = Lock(data)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// stat is a procfs whose processors have been busy and idle for so many seconds since the boot.
func stat(t *testing.T, dir string, busy, idle int) {
	t.Helper()
	text := fmt.Sprintf("cpu  %d 0 0 %d 0 0 0 0 0 0\n", 100*busy, 100*idle)
	if err := os.WriteFile(filepath.Join(dir, "stat"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheLoadIsThatOfTheInterval(t *testing.T) {
	dir := t.TempDir()
	s := sampler{system: settled(dir)}
	stat(t, dir, 100, 10_000)
	_, at, err := s.next(t.Context(), position{})
	if err != nil {
		t.Fatal(err)
	}
	load := func(want power.Load) {
		t.Helper()
		var x sample
		if x, at, err = s.next(t.Context(), at); err != nil || x.load != want {
			t.Errorf("load %+v, %v; want %+v", x.load, err, want)
		}
	}
	stat(t, dir, 150, 10_050)
	load(power.Measured(.5))
	if err := os.Remove(filepath.Join(dir, "stat")); err != nil {
		t.Fatal(err)
	}
	load(power.UnknownLoad())
	stat(t, dir, 160, 10_140) // since the last reading that worked
	load(power.Measured(.1))
	at.Clock.Boot = "another"
	stat(t, dir, 500, 11_500) // larger in both, and of another boot
	load(power.Measured(500. / 12_000))
}

func TestTheProcessorsEnergyIsDroppedWhenTheMachineSleptAndAtTheFirstReading(t *testing.T) {
	dir := t.TempDir()
	counter := filepath.Join(dir, "class/powercap/intel-rapl:0")
	if err := os.MkdirAll(counter, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(counter, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("name", "package-0")
	write("energy_uj", "1000000")
	rapl, err := power.NewRAPL(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	s := sampler{meters: []power.Meter{rapl}}
	for i, tt := range []struct {
		span    uptime.Span
		figures int
	}{
		{uptime.Span{On: time.Hour}, 0}, // the counter was not read an hour ago
		{uptime.Span{On: time.Minute}, 1},
		{uptime.Span{On: time.Minute, Sleep: time.Hour}, 0},
		{uptime.Span{On: time.Minute, Boot: true}, 0},
		{uptime.Span{On: time.Minute}, 1},
	} {
		write("energy_uj", fmt.Sprint((i+2)*1_000_000))
		figures, err := s.read(tt.span)
		s.primed = true
		if len(figures) != tt.figures || err != nil {
			t.Errorf("interval %d: %+v, %v; want %d figures", i, figures, err, tt.figures)
		}
	}
}

// meter answers what a test gives it.
type meter func(power.Interval) ([]power.Figure, error)

func (m meter) Advance(over power.Interval) ([]power.Figure, error) { return m(over) }

func TestOfEachScopeTheBestMeterThatAnswersIsTaken(t *testing.T) {
	figure := func(m power.Method, s power.Scope) power.Figure { return power.Figure{Energy: 1, Method: m, Scope: s} }
	broken := errors.New("broken")
	for _, tt := range []struct {
		name    string
		battery error
		want    []power.Method
		err     error
	}{
		{"the battery feeds the machine", nil, []power.Method{power.MethodBattery, power.MethodRAPL}, nil},
		{"it is on mains", power.ErrIdle, []power.Method{power.MethodRAPL, power.MethodPsys}, nil},
		{"its gauge is broken", broken, []power.Method{power.MethodRAPL, power.MethodPsys}, broken},
	} {
		battery := meter(func(power.Interval) ([]power.Figure, error) {
			if tt.battery != nil {
				return nil, tt.battery
			}
			return []power.Figure{figure(power.MethodBattery, power.ScopeMachine)}, nil
		})
		rapl := meter(func(power.Interval) ([]power.Figure, error) {
			return []power.Figure{figure(power.MethodRAPL, power.ScopeCPU), figure(power.MethodPsys, power.ScopeMachine)}, nil
		})
		s := sampler{meters: []power.Meter{battery, rapl}, primed: true}
		figures, err := s.read(uptime.Span{On: time.Minute})
		var got []power.Method
		for _, f := range figures {
			got = append(got, f.Method)
		}
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestTheDisplayIsOffWhenItWasDarkAtBothEnds(t *testing.T) {
	system := settled("testdata/proc")
	display := uptime.DisplayOn
	system.Display = func() uptime.Display { return display }
	s := sampler{system: system}
	var last position
	for i, tt := range []struct {
		display uptime.Display
		dark    bool
	}{
		{uptime.DisplayOff, false}, // nobody knows how it was before
		{uptime.DisplayOff, true},
		{uptime.DisplayOn, false},
		{uptime.DisplayOff, false},
		{uptime.DisplayUnknown, false},
	} {
		display = tt.display
		x, now, err := s.next(t.Context(), last)
		if err != nil || x.dark != tt.dark {
			t.Errorf("sample %d, with the display %v: dark %t, %v; want %t", i, tt.display, x.dark, err, tt.dark)
		}
		last = now
	}
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestAScreenThatIsConnectedLaterCountsWithinTheHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, t.TempDir(), c, wire.Server, 0)
		start := time.Now()
		a.System.Screens = func(uptime.Panel) []uptime.Screen {
			if time.Since(start) < 90*time.Minute {
				return nil
			}
			return []uptime.Screen{{Internal: true}, {Size: "23-24"}}
		}
		a.System.Display = func() uptime.Display { return uptime.DisplayOn }
		a.System.Root = fstest.MapFS{ // a server whose sleep is forbidden
			"run/systemd/system/x": {}, "usr/lib/systemd/systemd-logind": {}, "etc/systemd/sleep.conf": {Data: []byte("[Sleep]\nAllowSuspend=no\nAllowHibernation=no\n")},
		}
		a.sampler.system = a.System
		runFor(t, a, 4*time.Hour+20*time.Minute)
		records := sent(t, a)
		if len(records) < 4 {
			t.Fatalf("%d records", len(records))
		}
		if e := records[0].Parts[0].Energy; len(e) != 1 || e[0].Scope != "machine" {
			t.Errorf("before it was connected: %+v", e)
		}
		e := records[3].Parts[0].Energy
		if len(e) != 2 || e[1].Scope != "display" || e[1].Method != "model-class" || e[1].Wh < 11.9 || e[1].Wh > 12.1 || e[1].CoveredS != 3600 {
			t.Errorf("an hour with a screen of 24 inches: %+v", e)
		}
		m := records[3].Machine
		if !slices.Equal(m.Screens, []string{"internal", "23-24"}) || m.SleepAfter != "never" {
			t.Errorf("the machine is %+v", m)
		}
	})
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestABatteryThatIsPutInLaterCountsWithinTheHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, t.TempDir(), c, wire.Server, 0)
		start, dir := time.Now(), t.TempDir()
		a.System.Sys = os.DirFS(dir)
		folder := filepath.Join(dir, "class/power_supply/BAT0")
		write := func() { // 10 W
			left := 50_000_000 - int(time.Since(start).Minutes()*10e6/60)
			for name, text := range map[string]string{"type": "Battery", "status": "Discharging", "energy_now": strconv.Itoa(left)} {
				if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600)); err != nil {
					t.Error(err)
				}
			}
		}
		a.System.Host = NewHost("testdata/proc")
		a.System.Clock = func(clock func(uptime.Reading) (uptime.Reading, error)) func(uptime.Reading) (uptime.Reading, error) {
			return func(last uptime.Reading) (uptime.Reading, error) {
				if time.Since(start) > 90*time.Minute {
					write()
				}
				return clock(last)
			}
		}(a.System.Clock)
		a.sampler.system = a.System
		runFor(t, a, 4*time.Hour+20*time.Minute)
		records := sent(t, a)
		if len(records) < 4 {
			t.Fatalf("%d records", len(records))
		}
		if e := records[0].Parts[0].Energy; len(e) != 1 || e[0].Method != "model-class" {
			t.Errorf("before it was there: %+v", e)
		}
		if e := records[3].Parts[0].Energy; len(e) != 1 || e[0].Method != "battery" || e[0].Wh < 9.9 || e[0].Wh > 10.1 || e[0].CoveredS != 3600 {
			t.Errorf("an hour by battery at 10 W: %+v", e)
		}
	})
}
