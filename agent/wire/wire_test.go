package wire_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"veille/agent/wire"
)

// hour is a record that is valid in every respect.
func hour() wire.Record {
	seven := 7
	return wire.Record{
		Date: "2026-11-16", Hour: &seven, LengthS: 3600, Use: wire.Server,
		Machine: wire.Machine{Class: "desktop", OS: "linux", RAM: "8-16", Agent: "v1"},
		Parts: []wire.Part{{
			Part: "night", LengthS: 3600, Seconds: wire.Seconds{On: 600, Sleep: 100, Unknown: 2900},
			Energy: []wire.Energy{{Wh: 4, LowWh: 2, HighWh: 7, Method: "model-class", Scope: "machine", CoveredS: 700}},
		}},
	}
}

// day is a valid record of a whole day with all of its parts.
func day() wire.Record {
	r := hour()
	r.Hour, r.LengthS, r.Use = nil, 86_400, wire.Individual
	r.Parts = []wire.Part{
		{Part: "open", LengthS: 36_000, Seconds: wire.Seconds{On: 36_000}},
		{Part: "night", LengthS: 50_400, Seconds: wire.Seconds{Off: 50_400}},
	}
	return r
}

func TestARecordThatBalancesIsValid(t *testing.T) {
	counted, most := day(), hour()
	counted.Cost = &wire.Cost{CPUS: 1.5, Wakeups: 86_400, SentBytes: 1800, ReceivedBytes: 900, Dropped: 2}
	most.Cost = &wire.Cost{CPUS: 4 * 3600, Wakeups: 36_000_000, SentBytes: 1 << 40, ReceivedBytes: 1 << 40, Dropped: 1_000_000}
	for _, r := range []wire.Record{hour(), day(), counted, most} {
		if err := r.Validate(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if got := hour().CoveredS(); got != 700 {
		t.Errorf("covers %d s, want 700", got)
	}
}

func TestARecordThatCannotBeTrueIsRefusedWithTheReason(t *testing.T) {
	energy := func(change func(*wire.Energy)) func(*wire.Record) {
		return func(r *wire.Record) { change(&r.Parts[0].Energy[0]) }
	}
	cost := func(c wire.Cost) func(*wire.Record) { return func(r *wire.Record) { r.Cost = &c } }
	for _, tt := range []struct {
		name   string
		change func(*wire.Record)
		want   string
	}{
		{"no date", func(r *wire.Record) { r.Date = "" }, "is not a date"},
		{"a date that does not exist", func(r *wire.Record) { r.Date = "2026-02-30" }, "is not a date"},
		{"a moment for a date", func(r *wire.Record) { r.Date = "2026-11-16T09:12:00" }, "is not a date"},
		{"an hour of an individual machine", func(r *wire.Record) { r.Use = wire.Individual }, "whole days only"},
		{"a use class nobody knows", func(r *wire.Record) { r.Use = "vip" }, "none of individual"},
		{"hour 26", func(r *wire.Record) { *r.Hour = 26 }, "not from 0 to 25"},
		{"hour -1", func(r *wire.Record) { *r.Hour = -1 }, "not from 0 to 25"},
		{"an hour of 3599 s", func(r *wire.Record) { r.LengthS = 3599 }, "does not exist"},
		{"a day of 3600 s", func(r *wire.Record) { r.Hour = nil }, "does not exist"},
		{"a class that is a sentence", func(r *wire.Record) { r.Machine.Class = "<b>desktop</b>" }, "machine.class"},
		{"a version without an end", func(r *wire.Record) { r.Machine.Agent = strings.Repeat("v", 65) }, "machine.agent"},
		{"no parts", func(r *wire.Record) { r.Parts = nil }, "parts sum to 0 s"},
		{"a part nobody knows", func(r *wire.Record) { r.Parts[0].Part = "lunch" }, "none of open"},
		{"a part twice", func(r *wire.Record) { r.Parts = append(r.Parts, r.Parts[0]) }, "twice"},
		{"states that do not sum", func(r *wire.Record) { r.Parts[0].Seconds.On++ }, "states sum to 3601 s"},
		{"negative seconds", func(r *wire.Record) { r.Parts[0].Seconds.Off, r.Parts[0].Seconds.On = -1, 601 }, "less than 0 s"},
		{"seconds that overflow", func(r *wire.Record) { r.Parts[0].Seconds.Off = math.MaxInt }, "more than"},
		{"negative energy", energy(func(e *wire.Energy) { e.LowWh = -1 }), "not an energy"},
		{"NaN", energy(func(e *wire.Energy) { e.Wh = math.NaN() }), "not an energy"},
		{"infinite energy", energy(func(e *wire.Energy) { e.HighWh = math.Inf(1) }), "not an energy"},
		{"a figure outside its range", energy(func(e *wire.Energy) { e.Wh = 8 }), "outside its own range"},
		{"a method nobody knows", energy(func(e *wire.Energy) { e.Method = "guess" }), "none of [plug"},
		{"a scope nobody knows", energy(func(e *wire.Energy) { e.Scope = "room" }), "none of machine"},
		{"energy over unknown seconds", energy(func(e *wire.Energy) { e.CoveredS = 701 }), "700 s are in a known state"},
		{"more power than a machine draws", energy(func(e *wire.Energy) { e.HighWh = 1e6 }), "more than 20000 W"},
		{"processor time that is no number", cost(wire.Cost{CPUS: math.NaN()}), "cost.cpu_s"},
		{"less than no processor time", cost(wire.Cost{CPUS: -1}), "cost.cpu_s"},
		{"processor time without end", cost(wire.Cost{CPUS: math.Inf(1)}), "cost.cpu_s"},
		{"five processors busy all the hour", cost(wire.Cost{CPUS: 5 * 3600}), "not from 0 to 14400"},
		{"less than no wake-up", cost(wire.Cost{Wakeups: -1}), "cost.wakeups"},
		{"more wake-ups than a timer can give", cost(wire.Cost{Wakeups: math.MaxInt64}), "cost.wakeups"},
		{"less than nothing sent", cost(wire.Cost{SentBytes: -1}), "cost.sent_bytes"},
		{"more sent than a line carries", cost(wire.Cost{SentBytes: math.MaxInt64}), "cost.sent_bytes"},
		{"less than nothing received", cost(wire.Cost{ReceivedBytes: -1}), "cost.received_bytes"},
		{"more received than a line carries", cost(wire.Cost{ReceivedBytes: 1<<40 + 1}), "cost.received_bytes"},
		{"fewer than no records dropped", cost(wire.Cost{Dropped: -1}), "cost.dropped"},
		{"more records dropped than there are", cost(wire.Cost{Dropped: 1_000_001}), "cost.dropped"},
		{"a figure given twice", func(r *wire.Record) { r.Parts[0].Energy = append(r.Parts[0].Energy, r.Parts[0].Energy[0]) }, "two energies"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := hour()
			tt.change(&r)
			if err := r.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestABatchThatCannotBeReadIsRefused(t *testing.T) {
	one, err := json.Marshal(wire.Batch{Version: 1, Records: []wire.Record{hour()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", "", "truncated"},
		{"half of it", string(one[:len(one)/2]), "truncated"},
		{"not JSON", "hello", "not the JSON expected"},
		{"NaN", `{"version":1,"records":[{"length_s":NaN}]}`, "not the JSON expected"},
		{"a number too large", `{"version":1,"records":[{"length_s":1e400}]}`, "not the JSON expected"},
		{"two batches", string(one) + string(one), "does not end"},
		{"no records", `{"version":1,"records":[]}`, "0 records"},
		{"too many records", `{"version":1,"records":[` + strings.Repeat("{},", wire.MaxRecords) + `{}]}`, "1001 records"},
		{"no version", `{"records":[{}]}`, "versions start at 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := wire.DecodeBatch(strings.NewReader(tt.body)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	_, err = wire.DecodeBatch(strings.NewReader(`{"version":2,"records":[{}]}`))
	if newer, ok := errors.AsType[wire.NewerVersionError](err); !ok || newer.Version != 2 {
		t.Errorf("a later version: got %v, want a NewerVersionError", err)
	}
	_, err = wire.DecodeBatch(strings.NewReader(""))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
	}
}

func TestAFieldOfALaterVersionIsIgnored(t *testing.T) {
	b, err := wire.DecodeBatch(strings.NewReader(`{"version":1,"records":[{"date":"2026-11-16","mood":"good"}]}`))
	if err != nil || b.Records[0].Date != "2026-11-16" {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestEnrolmentNeedsAKeyAndAUse(t *testing.T) {
	for _, tt := range []struct {
		body string
		ok   bool
	}{
		{`{"version":1,"install_key":"00112233445566778899aabbccddeeff","use":"individual"}`, true},
		{`{"version":1,"install_key":"00112233445566778899aabbccddeeff","use":"shared","machine":{"class":"mini","os":"linux","agent":"v1"}}`, true},
		{`{"version":1,"install_key":"00112233445566778899aabbccddeeff","use":"shared","machine":{"class":"Jean's own"}}`, false},
		{`{"version":1,"install_key":"0011","use":"individual"}`, false},
		{`{"version":1,"install_key":"00112233445566778899aabbccddeeff"}`, false},
		{`{"version":1}`, false},
		{`{`, false},
	} {
		if _, err := wire.DecodeEnrolment(strings.NewReader(tt.body)); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.body, err)
		}
	}
}

// A record read and written again is the same record, and what is valid stays valid.
func FuzzDecodeBatch(f *testing.F) {
	for _, r := range []wire.Record{hour(), day()} {
		body, err := json.Marshal(wire.Batch{Version: 1, Records: []wire.Record{r}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(body))
	}
	f.Add(`{"version":1,"records":[null]}`)
	f.Fuzz(func(t *testing.T, body string) {
		b, err := wire.DecodeBatch(strings.NewReader(body))
		if err != nil {
			return
		}
		again, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		c, err := wire.DecodeBatch(strings.NewReader(string(again)))
		if err != nil {
			t.Fatalf("%s became %s: %v", body, again, err)
		}
		for i, r := range b.Records {
			if r.Validate() == nil && (c.Records[i].Validate() != nil || r.CoveredS() < 0 || r.CoveredS() > r.LengthS) {
				t.Errorf("%+v is valid and covers %d s; read again: %v", r, r.CoveredS(), c.Records[i].Validate())
			}
		}
	})
}

// The published schema and the types name the same fields.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	var schema struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(wire.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{
		"": wire.Batch{}, "record": wire.Record{}, "machine": wire.Machine{}, "part": wire.Part{},
		"seconds": wire.Seconds{}, "energy": wire.Energy{}, "cost": wire.Cost{},
	} {
		properties := schema.Defs[name].Properties
		if name == "" {
			properties = schema.Properties
		}
		fields := map[string]bool{}
		for field := range reflect.TypeOf(v).Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields[key] = true
			if properties[key] == nil {
				t.Errorf("the schema of %q lacks %q", name, key)
			}
		}
		for key := range properties {
			if !fields[key] {
				t.Errorf("the schema of %q has %q, the type has not", name, key)
			}
		}
	}
}

func TestAMachineIsDescribedInShortWords(t *testing.T) {
	full := wire.Machine{
		Class: "notebook", Hypervisor: true, OS: "windows", OSVersion: "windows-11-24h2", OSEnd: "2026-10-13", CPU: "intel-5-8",
		RAM: "8-16", Screens: []string{"internal", "23-24", ">32", "<23", "unknown"}, SleepAfter: "20", Product: "hp-elitebook-840-g8", Agent: "v1",
	}
	for name, change := range map[string]func(*wire.Machine){
		"":             func(*wire.Machine) {},
		"os_version":   func(m *wire.Machine) { m.OSVersion = "jean's machine" },
		"cpu":          func(m *wire.Machine) { m.CPU = strings.Repeat("9", 65) },
		"screens[1]":   func(m *wire.Machine) { m.Screens[1] = "S/N: 12" },
		"more than 32": func(m *wire.Machine) { m.Screens = make([]string, 33) },
		"os_end":       func(m *wire.Machine) { m.OSEnd = "soon" },
		"product":      func(m *wire.Machine) { m.Product = "<script>" },
		"product \"a":  func(m *wire.Machine) { m.Product = "a" + strings.Repeat(" ", 1<<20) },
		"screens[0]":   func(m *wire.Machine) { m.Screens[0] = strings.Repeat("<", 1<<20) },
		"sleep_after":  func(m *wire.Machine) { m.SleepAfter = "jean.dupont" },
	} {
		r := day()
		r.Machine = full
		r.Machine.Screens = append([]string{}, full.Screens...)
		change(&r.Machine)
		if err := r.Validate(); (err == nil) != (name == "") || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSystemsLogGivesWholeDays(t *testing.T) {
	h, d := hour(), day()
	h.History, d.History = true, true
	if h.Validate() == nil || d.Validate() != nil {
		t.Errorf("an hour: %v, a day: %v", h.Validate(), d.Validate())
	}
}
