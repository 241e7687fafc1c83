package ingest_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

	"veille/agent/wire"
	"veille/collector/enrol"
	"veille/collector/ingest"
)

// ask asks for the policy as an agent that has the one with this tag does, and answers the status and the number it is given.
func (r *rig) ask(t *testing.T, password, tag string) (status int, serial int64) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+"/api/v1/policy", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+password)
	request.Header.Set("If-None-Match", tag)
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return response.StatusCode, 0
	}
	var signed wire.SignedPolicy
	if err := json.NewDecoder(response.Body).Decode(&signed); err != nil {
		t.Fatal(err)
	}
	p, err := signed.Open(key().Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, p.Serial
}

func TestAnAgentAheadOfARestoredCollectorIsGivenANumberAfterItsOwn(t *testing.T) {
	r := newRig(t)
	p := &policies{}
	registry := enrol.New(bytes.Repeat([]byte{1}, 32), r.store)
	r.Config.Handler = ingest.New(ingest.Parts{Registry: registry, Ledger: r.store, Policies: p, Key: key(), Now: now, Log: slog.New(slog.DiscardHandler)})
	password := r.enrol(t, 1, wire.Server)
	for i, step := range []struct {
		tag    string
		status int
		serial int64
		asked  int64 // times that the ledger was asked so far
	}{
		{`"0"`, 200, 1, 1},
		{`"1"`, 304, 0, 1},
		{`"500"`, 200, 501, 2}, // paused before the backup was restored, for ever if it were given 1
		{`"501"`, 304, 0, 2},
		{`"500"`, 200, 501, 2}, // the rest of the fleet
		{`"1"`, 200, 501, 2},   // an agent that was off meanwhile
		{``, 200, 501, 2},
		{`500`, 200, 501, 2},
		{`"-7"`, 200, 501, 2},
		{`"99999999999999999999"`, 200, 501, 2},
		{`*`, 200, 501, 2},
	} {
		status, serial := r.ask(t, password, step.tag)
		if status != step.status || serial != step.serial || p.asked.Load() != step.asked {
			t.Errorf("step %d, %s: %d with number %d, the ledger was asked %d times; want %d, %d, %d", i, step.tag, status, serial, p.asked.Load(), step.status, step.serial, step.asked)
		}
	}
}
