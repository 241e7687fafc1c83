package ingest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
)

// credentials enrols a machine and answers all of the collector's answer.
func (r *rig) credentials(t *testing.T, e wire.Enrolment) (int, wire.Credentials, string) {
	t.Helper()
	e.Version = 1
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	status, text := r.post(t, "/api/v1/enrol", r.token, "", body)
	var c wire.Credentials
	if status == 200 {
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
	}
	return status, c, text
}

func TestAPersonsOwnMachineIsRefusedAndNothingIsKept(t *testing.T) {
	r := newRig(t)
	e := wire.Enrolment{InstallKey: fmt.Sprintf("%032x", 1), Use: wire.Individual, Personal: true, Machine: &wire.Machine{Class: "notebook"}}
	if status, _, text := r.credentials(t, e); status != 403 || !strings.Contains(text, "person's own") {
		t.Errorf("%d %s", status, text)
	}
	machines, err := r.store.Machines(t.Context(), 1)
	if err != nil || len(machines) != 0 {
		t.Errorf("%+v, %v; want no machine", machines, err)
	}
	if tokens, err := r.store.Tokens(t.Context()); err != nil || len(tokens) != 1 || tokens[0].Used != 0 {
		t.Errorf("%+v, %v; want an untouched quota", tokens, err)
	}
}

func TestWhoEnrolsIsToldHowManySilentMachinesItMayBe(t *testing.T) {
	r := newRig(t)
	kind := collector.Kind{Class: "mini", OS: "windows", CPU: "intel-5-8", RAM: "8-16", Agent: "v1"}
	tokens, err := r.store.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lastWeek := collector.DateOf(time.Now().AddDate(0, 0, -7))
	_, err = r.store.Enrol(t.Context(), collector.Enrolment{Token: tokens[0].Hash, Pseudonym: [32]byte{1}, Credential: [32]byte{1}, Use: "individual", Kind: kind, On: lastWeek})
	if err != nil {
		t.Fatal(err)
	}
	e := wire.Enrolment{InstallKey: fmt.Sprintf("%032x", 2), Use: wire.Individual, Machine: &wire.Machine{Class: "mini", OS: "linux", CPU: "intel-5-8", RAM: "8-16", Agent: "v2"}}
	status, c, text := r.credentials(t, e)
	if status != 200 || c.Silent != 1 || c.Site != "Lycée" {
		t.Errorf("%d %s; want one silent machine", status, text)
	}
	if _, c, text := r.credentials(t, e); c.Silent != 0 || c.Credential == "" {
		t.Errorf("the same machine again: %s", text)
	}
	machines, err := r.store.Machines(t.Context(), 1)
	want := collector.Kind{Class: "mini", OS: "linux", CPU: "intel-5-8", RAM: "8-16", Agent: "v2"}
	if err != nil || len(machines) != 2 || machines[1].Kind != want || len(machines[1].Doubtful) != 1 {
		t.Errorf("%+v, %v", machines, err)
	}
}

func TestARevokedMachineIsNotHeard(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	r.verdicts(t, password, hour(1, 9, 60))
	if err := r.store.Revoke(t.Context(), 1, "2026-11-16"); err != nil {
		t.Fatal(err)
	}
	if status, text := r.post(t, "/api/v1/records", password, "", batch(t, hour(1, 10, 60))); status != 401 {
		t.Errorf("%d %s, want 401", status, text)
	}
	status, _, text := r.credentials(t, wire.Enrolment{InstallKey: fmt.Sprintf("%032x", 1), Use: wire.Server})
	if status != 403 || !strings.Contains(text, "machine restore") {
		t.Errorf("enrolled again: %d %s", status, text)
	}
	if n := r.kept(t); n != 1 {
		t.Errorf("%d records, want those from before", n)
	}
}

// send posts a batch of an agent that was told of acked records.
func (r *rig) send(t *testing.T, password string, acked int64, records ...wire.Record) (int, string) {
	t.Helper()
	body, err := json.Marshal(wire.Batch{Version: 1, Records: records, Acked: acked})
	if err != nil {
		t.Fatal(err)
	}
	return r.post(t, "/api/v1/records", password, "", body)
}

func TestAnAgentIsToldHowManyOfItsRecordsWereThereBefore(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	for i, step := range []struct {
		records []wire.Record
		before  int64
	}{
		{[]wire.Record{hour(1, 9, 60), hour(1, 10, 60)}, 0},
		{[]wire.Record{hour(1, 9, 60)}, 2},
		{[]wire.Record{hour(1, 9, 90), hour(-2, 9, 60)}, 2},
		{[]wire.Record{hour(-2, 9, 60)}, 3},
	} {
		status, text := r.send(t, password, step.before, step.records...)
		var a wire.Answer
		if err := json.Unmarshal([]byte(text), &a); status != 200 || err != nil || a.Before == nil || *a.Before != step.before {
			t.Errorf("post %d: %d %s, want %d before", i, status, text, step.before)
		}
	}
}

func TestARestoredCollectorSaysSoUntilTheAgentKnows(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	r.send(t, password, 0, hour(3, 9, 60))
	for range 3 { // two of the answers are lost
		status, text := r.send(t, password, 4, hour(1, 9, 60))
		var e wire.Restored
		if err := json.Unmarshal([]byte(text), &e); status != 409 || err != nil || e.Before != 1 {
			t.Errorf("%d %s, want 409 and 1 record before", status, text)
		}
	}
	if n := r.kept(t); n != 1 || r.log.Len() > 0 {
		t.Errorf("%d records, log %q; want 1 and nothing", n, r.log)
	}
	if status, text := r.send(t, password, 1, hour(3, 9, 60), hour(2, 9, 60), hour(1, 9, 60)); status != 200 || strings.Count(text, "stored") != 2 {
		t.Errorf("the journal once more: %d %s", status, text)
	}
}

func TestWhatTheAgentCostIsKeptWithTheRecord(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	counted, impossible := hour(1, 9, 60), hour(1, 10, 60)
	counted.Cost = &wire.Cost{CPUS: 0.25, Wakeups: 60, SentBytes: 900, ReceivedBytes: 300, Dropped: 1}
	impossible.Cost = &wire.Cost{CPUS: 1e9}
	got := r.verdicts(t, password, counted, impossible, hour(1, 11, 60))
	if got[0].Status != wire.Stored || got[1].Status != wire.Refused || !strings.Contains(got[1].Reason, "cost.cpu_s") || got[2].Status != wire.Stored {
		t.Errorf("%+v", got)
	}
	changes, err := r.store.Changes(t.Context(), 0, 10)
	if err != nil || len(changes) != 2 || changes[1].Record.Cost != nil {
		t.Fatalf("%+v, %v", changes, err)
	}
	want := collector.Cost{CPUS: 0.25, Wakeups: 60, SentBytes: 900, ReceivedBytes: 300, Dropped: 1}
	if c := changes[0].Record.Cost; c == nil || *c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
}
