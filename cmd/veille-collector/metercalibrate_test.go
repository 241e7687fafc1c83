package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/agent/power"
	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calibrate"
	"veille/collector/store/storetest"
)

// seen are the days that machines with plugs were watched for.
const seen = 6

// states are what a machine does in the hours of its days, over and over: seconds on, with its display off, asleep, off.
func states() [][4]int64 {
	return [][4]int64{{3600}, {1200, 2400}, {0, 0, 3600}, {600, 0, 0, 3000}, {0, 3600}, {0, 0, 0, 3600}}
}

// plugIn enrols a machine, says that a plug is behind it, and lets both speak of the last days. It draws so many watts in each state; its agent
// takes it for a desktop of 22 W.
func (o *office) plugIn(site collector.Site, n byte, use collector.Use, class string, watts [4]float64) {
	o.t.Helper()
	ctx := o.t.Context()
	hash := [32]byte{100, n}
	o.must(o.store.CreateToken(ctx, collector.Token{Hash: hash, Site: site.ID, Quota: 1, ExpiresOn: "2099-01-01"}))
	m, err := o.store.Enrol(ctx, collector.Enrolment{Token: hash, Pseudonym: [32]byte{100, n}, Credential: [32]byte{100, n}, Use: use, On: today(), Kind: collector.Kind{Class: class}})
	o.must(err)
	rule, err := o.store.AddMeterRule(ctx, collector.MeterRule{
		Site: site.ID, Name: fmt.Sprintf("plug %d", n), Kind: "plug", Measurement: "shelly", Field: "total", Unit: "Wh", Machine: m.ID, AddedOn: today(),
		Tags: collector.Tags{{Name: "device", Value: fmt.Sprintf("plug%d", n)}},
	})
	o.must(err)
	meter, err := o.store.MetersOf(ctx, []collector.MeterKey{{Rule: rule.ID}})
	o.must(err)
	zone, err := site.Zone()
	o.must(err)
	var records []collector.Record
	var samples []collector.MeterSample
	counted := 1000.0
	for day := seen; day > 0; day-- {
		date := collector.DateOf(time.Now().AddDate(0, 0, -day))
		for hour := range 24 {
			s := states()[hour%len(states())]
			begins, _, err := date.Extent(hour, zone)
			o.must(err)
			wh := 0.0
			for i, w := range watts {
				wh += w * float64(s[i]) / 3600
			}
			for part := range 12 {
				samples = append(samples, collector.MeterSample{Meter: meter[0].ID, At: begins.Add(time.Duration(part) * 5 * time.Minute).UnixMilli(), Value: counted + wh*float64(part)/12})
			}
			counted += wh
			model := 22*float64(s[0])/3600 + 20*float64(s[1])/3600
			records = append(records, collector.Record{Date: date, Hour: hour, LengthS: 3600, Class: class, Use: use, Parts: []collector.Part{{
				Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: int(s[0]), DisplayOff: int(s[1]), Sleep: int(s[2]), Off: int(s[3])},
				Energy: []collector.Energy{{Wh: model, LowWh: model * 0.6, HighWh: model * 1.8, Method: "model-class", Scope: "machine", CoveredS: 3600}},
			}}})
		}
	}
	o.must(o.store.KeepMeterPost(ctx, samples))
	_, err = o.store.Keep(ctx, m.Machine, today(), 0, records)
	o.must(err)
}

// onServer gives a command on the server; the error is what it said where it failed.
func (o *office) onServer(name string, args ...string) (stdout, stderr string, err error) {
	o.t.Helper()
	status, stdout, stderr := o.give(append(append(strings.Fields(name), "--data", o.dir), args...)...)
	if status != command.OK {
		err = errors.New(stderr)
	}
	return stdout, stderr, err
}

// classroom is four desktops with plugs, which draw 30 to 36 W, and a server at another site.
func classroom(o *office) (desktops collector.Site) {
	o.t.Helper()
	at := func(name string) collector.Site {
		site, err := o.store.CreateSite(o.t.Context(), "Organisation A", name, "UTC") // where all days have 24 hours
		o.must(err)
		return site
	}
	desktops = at("Classroom")
	for n := range byte(4) {
		o.plugIn(desktops, n, "shared", "desktop", [4]float64{30 + 2*float64(n), 26, 2, 0.5})
	}
	o.plugIn(at("Server room"), 9, "server", "server", [4]float64{90, 80, 10, 5})
	return desktops
}

func TestAnInventoryOfPlugsCalibratesTheModelOfAClass(t *testing.T) {
	o := newOffice(t)
	classroom(o)
	csv, rest, err := o.onServer("meter calibrate", "--csv")
	if err != nil || !strings.Contains(rest, "server: left out: machines of that class have no model") {
		t.Fatalf("%v\n%s", err, rest)
	}
	catalogue, report, err := power.ImportReadings(strings.NewReader(csv))
	if err != nil || report.Refused > 0 || report.Rows != 4 {
		t.Fatalf("%+v %v of\n%s", report, err, csv)
	}
	p, ok := catalogue.Find(power.AnyMaker, "desktop")
	if !ok || p.ShortIdle.N != 4 {
		t.Fatalf("%+v", p)
	}
	before, _ := power.ModesOf("desktop")
	after, ok := p.Modes("desktop")
	hour := func(m power.Modes) power.Figure { return m.Figure(power.On, power.Measured(0.05), time.Hour) }
	if f := hour(after); !ok || f.Energy.WattHours() < 32.9 || f.Energy.WattHours() > 33.1 || f.Low.WattHours() > 30 || f.High.WattHours() < 36 || f.Method != power.MethodModelClass {
		t.Errorf("an hour on is %+v, and was %+v; plugs say 30 to 36 Wh", f, hour(before))
	}
	if was, is := hour(before), hour(after); is.High-is.Low >= was.High-was.Low {
		t.Errorf("four plugs leave the class as uncertain as it was: %+v, %+v", was, is)
	}
	for state, watts := range map[power.State]float64{power.DisplayOff: 26, power.Sleep: 2, power.Off: 0.5} {
		if f := after.Figure(state, power.Measured(0), time.Hour); f.Energy.WattHours() < watts-0.1 || f.Energy.WattHours() > watts+0.1 {
			t.Errorf("%s: %+v; want %v Wh", state, f, watts)
		}
	}
}

func TestWhoeverCalibratesIsInTheAuditLog(t *testing.T) {
	o := newOffice(t)
	if _, _, err := o.onServer("meter calibrate"); err != nil || len(o.entries()) != 0 {
		t.Fatalf("there is no plug, and the audit log says %+v, %v", o.entries(), err)
	}
	classroom(o)
	text, _, err := o.onServer("meter calibrate", "--site", "Classroom", "--reason", "the room's new plugs")
	if err != nil || !strings.Contains(text, "desktop") || strings.Contains(text, "server") {
		t.Fatalf("%v\n%s", err, text)
	}
	entries := o.entries()
	if len(entries) != 1 || entries[0].What != "meter calibrate" || entries[0].Subject != `machines of site "Classroom"` || entries[0].Reason != "the room's new plugs" {
		t.Errorf("%+v", entries)
	}
}

func TestACalibrationIsToldAsJSON(t *testing.T) {
	o := newOffice(t)
	classroom(o)
	text, _, err := o.onServer("meter calibrate", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		From, To collector.Date
		Machines []map[string]any
		Classes  []map[string]any
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || said.From == "" || said.To != today() || len(said.Machines) != 5 || len(said.Classes) != 2 {
		t.Fatalf("%v %s", err, text)
	}
	for what, keys := range map[string][]string{
		"machine": {"class", "compared", "hours", "machine", "states"}, "class": {"class", "compared", "hours", "missing", "plugs", "states"},
	} {
		got := said.Machines[0]
		if what == "class" {
			got = said.Classes[0]
		}
		if have := sortedKeys(got); !slices.Equal(have, keys) {
			t.Errorf("a %s has %v; want %v", what, have, keys)
		}
		state := got["states"].([]any)[0].(map[string]any)
		if have := sortedKeys(state); !slices.Equal(have, []string{"hours", "missing", "plugs", "power", "state"}) {
			t.Errorf("a state has %v", have)
		}
		if have := sortedKeys(state["power"].(map[string]any)); !slices.Equal(have, []string{"high_w", "low_w", "w"}) {
			t.Errorf("a power has %v", have)
		}
		if have := sortedKeys(got["compared"].(map[string]any)); !slices.Equal(have, []string{"hours", "inside", "model_power", "plug_power", "plugs"}) {
			t.Errorf("a comparison has %v", have)
		}
	}
	if alone := said.Classes[1]; alone["class"] != "server" || alone["states"].([]any)[0].(map[string]any)["power"] != nil {
		t.Errorf("one plug tells of its class %v; want null", alone)
	}
	if text, _, err := o.onServer("meter calibrate", "--site", "Site B1", "--json"); err != nil || !strings.HasSuffix(text, `"machines":[],"classes":[]}`+"\n") {
		t.Errorf("a site without plugs: %s, %v", text, err)
	}
}

func sortedKeys(m map[string]any) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func TestAPlugThatTookThePlaceOfAnotherIsTheWholeMachine(t *testing.T) {
	old, now := collector.MeterStatus{Meter: collector.Meter{ID: 1}, RemovedOn: "2026-11-02"}, collector.MeterStatus{Meter: collector.Meter{ID: 2}}
	if got := lasting([]collector.MeterStatus{old, now}); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("%+v", got)
	}
	if got := lasting([]collector.MeterStatus{old}); len(got) != 1 || got[0].ID != 1 {
		t.Errorf("%+v", got)
	}
}

func TestCalibrationSaysWhatItCannotDo(t *testing.T) {
	o := newOffice(t)
	for want, args := range map[string][]string{
		"--days 91 is not from 1 to 90":          {"--days", "91"},
		"--days 0 is not from 1 to 90":           {"--days", "0"},
		"--csv and --json are both given":        {"--csv", "--json"},
		`site "Nowhere": not found`:              {"--site", "Nowhere"},
		"--reason is not one line of up to 1000": {"--reason", "a\nb"},
	} {
		if _, _, err := o.onServer("meter calibrate", args...); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, " of up to 1000")) {
			t.Errorf("%v: %v; want %q", args, err, want)
		}
	}
	text, _, err := o.onServer("meter calibrate")
	if err != nil || !strings.Contains(text, "no plug has said anything") {
		t.Errorf("%s, %v", text, err)
	}
	// What too few plugs say is not given to agents.
	var out, rest bytes.Buffer
	line := calibrationLine{Result: calibrate.Calibrate([]calibrate.Machine{{ID: 1, Class: "desktop"}, {ID: 2}})}
	if err := writeReadings(&out, &rest, line); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%s, %v", out.String(), err)
	}
	for _, want := range []string{"desktop, on: left out: 0 plugs tell", "class not known: left out"} {
		if !strings.Contains(rest.String(), want) {
			t.Errorf("%s\nwant %q", rest.String(), want)
		}
	}
}

func TestWhatAPlugSaidIsShownWithItsMachine(t *testing.T) {
	o := newOffice(t)
	desktops := classroom(o)
	storetest.FoldAll(t, o.store)
	_, err := o.store.AccountMeters(t.Context())
	o.must(err)
	machines, err := o.store.Machines(t.Context(), desktops.ID)
	o.must(err)
	shared := fmt.Sprint(machines[0].ID)
	status, _, err := o.onServer("meter status", "--site", "Classroom", "--json")
	o.must(err)
	var doing []meterStatusLine
	o.must(json.Unmarshal([]byte(status), &doing))
	if len(doing) != 4 || doing[0].LastOn != collector.DateOf(time.Now().UTC().AddDate(0, 0, -1)) || doing[0].LastKWh == nil || *doing[0].LastKWh < 0.3 || *doing[0].LastKWh > 0.4 {
		t.Errorf("%s; want the last day, with some 0.36 kWh", status)
	}
	text, _, err := o.onServer("machine show", "--json", shared)
	o.must(err)
	var own ownLine
	o.must(json.Unmarshal([]byte(text), &own))
	if len(own.Plugs) != 1 || len(own.Plugs[0].Readings) != seen*24*12 || len(own.Plugs[0].Days) < seen || fmt.Sprint(own.Plugs[0].Machine) != shared {
		t.Fatalf("%.2000s", text)
	}
	if r := own.Plugs[0].Readings[0]; r.Wh == nil || *r.Wh != 1000 || r.W != nil || r.At.IsZero() {
		t.Errorf("%+v", r)
	}
	total := 0.0
	for _, d := range own.Plugs[0].Days {
		total += d.Wh
	}
	if last := own.Plugs[0].Readings[seen*24*12-1]; total < *last.Wh-1000-1e-6 || total > *last.Wh-1000+1e-6 {
		t.Errorf("days of %v Wh together; the counter went from 1000 to %v", total, *last.Wh)
	}
	if text, _, err := o.onServer("machine show", shared); err != nil || !strings.Contains(text, "1728 single readings") || !strings.Contains(text, "288 readings") {
		t.Errorf("%v\n%s", err, text)
	}
	if text, _, err := o.onServer("machine show", "--json", o.at["A1"].machine); err != nil || !strings.Contains(text, `"plugs":[]`) {
		t.Errorf("a person's machine: %s, %v", text, err)
	}
}
