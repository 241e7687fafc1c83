package main

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/agent"
	"veille/agent/wire"
)

// enrolled is the folder of an agent whose machine is shared, under a policy that names who answers.
func enrolled(t *testing.T, p wire.Policy) string {
	t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Version, p.Serial, p.TimeZone = wire.Version, 7, "Europe/Paris"
	signed, err := wire.SignPolicy(p, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(wire.Credentials{Credential: "secret", PolicyKey: public, Policy: signed})
	}))
	defer server.Close()
	data := t.TempDir()
	if _, _, err := agent.Enrol(t.Context(), server.Client(), data, agent.Request{Collector: server.URL, Token: "t", Use: wire.Shared}); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheNoticeNamesWhoAnswersUnderThePolicyInForce(t *testing.T) {
	p := wire.Policy{Organisation: "Lycée Marie-Curie", Contact: "dpd@example.org"}
	_, _, n, err := standing(enrolled(t, p))
	if err != nil || n.Organisation != "Lycée Marie-Curie" || n.Contact != "dpd@example.org" || n.Use != "shared" || n.Paused {
		t.Errorf("got %+v, %v", n, err)
	}
	p.Use, p.Pause = wire.Individual, true
	_, _, n, err = standing(enrolled(t, p))
	if err != nil || n.Use != "individual" || !n.Paused {
		t.Errorf("a policy that reduces: %+v, %v", n, err)
	}
	data := enrolled(t, wire.Policy{})
	if err := agent.Pause(data); err != nil {
		t.Fatal(err)
	}
	if _, _, n, err = standing(data); err != nil || !n.Paused {
		t.Errorf("paused here: %+v, %v", n, err)
	}
}

// Whoever may not read the machine's password reads the same notice and the same state, and nothing secret is in what he may read.
func TestEverybodyOnTheMachineKnowsThePolicyAndThePause(t *testing.T) {
	data := enrolled(t, wire.Policy{Organisation: "Région", Pause: true})
	if err := os.Remove(filepath.Join(data, "identity.json")); err != nil { // as if it could not be read
		t.Fatal(err)
	}
	_, limits, n, err := standing(data)
	if err != nil || n.Organisation != "Région" || n.Use != "shared" || !limits.Paused {
		t.Errorf("%+v, %+v, %v", limits, n, err)
	}
	err = filepath.WalkDir(filepath.Join(data, "policies"), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if strings.Contains(string(text), "secret") {
			t.Errorf("%s holds the password", name)
		}
		info, failed := d.Info()
		if failed == nil && info.Mode().Perm() != 0o644 {
			t.Errorf("%s is %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
