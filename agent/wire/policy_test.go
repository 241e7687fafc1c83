package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"veille/agent/wire"
)

// policyKey is the same in each run, so that the corpus of the fuzzer stays good.
func policyKey() (ed25519.PublicKey, ed25519.PrivateKey) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	return key.Public().(ed25519.PublicKey), key
}

func TestASignedPolicyIsReadableAndOpensWithItsKeyOnly(t *testing.T) {
	public, private := policyKey()
	p := wire.Policy{Version: 1, Serial: 3, Organisation: "Région <test> & Cie", Site: "Lycée", TimeZone: "Europe/Paris", Pause: true}
	signed, err := wire.SignPolicy(p, private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(signed, "", "\t") // as on disk, and as a proxy may write it again
	if err != nil || !strings.Contains(string(text), `"pause": true`) {
		t.Fatalf("%s, %v", text, err)
	}
	var back wire.SignedPolicy
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if got, err := back.Open(public); err != nil || got.Organisation != p.Organisation || !got.Pause || got.Serial != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	for _, key := range []ed25519.PublicKey{other, nil, public[:31]} {
		if _, err := back.Open(key); !errors.Is(err, wire.ErrUnsigned) {
			t.Errorf("with the key %x: %v", key, err)
		}
	}
	plain, err := private.Sign(nil, signed.Document, &ed25519.Options{}) // a signature of the same bytes for another purpose
	if err != nil {
		t.Fatal(err)
	}
	stray := wire.SignedPolicy{Document: signed.Document, Signature: string(plain)}
	if _, err := stray.Open(public); !errors.Is(err, wire.ErrUnsigned) {
		t.Errorf("a signature for another purpose: %v", err)
	}
}

func TestAPolicyThatCannotBeFollowedIsRefusedWithTheReason(t *testing.T) {
	for want, change := range map[string]func(*wire.Policy){
		"versions start at 1": func(p *wire.Policy) { p.Version = 0 },
		"has version 2":       func(p *wire.Policy) { p.Version = 2 },
		"numbers start at 1":  func(p *wire.Policy) { p.Serial = 0 },
		"none of individual":  func(p *wire.Policy) { p.Use = "vip" },
		"every -1 s":          func(p *wire.Policy) { p.SampleEveryS = -1 },
		"every 301 s":         func(p *wire.Policy) { p.SampleEveryS = 301 },
		"over 43201 s":        func(p *wire.Policy) { p.UploadWithinS = 43_201 },
		"in order of time": func(p *wire.Policy) {
			p.Clock = []wire.ClockChange{{From: "2026-03-29T01:00:00Z"}, {From: "2026-03-29T01:00:00Z"}}
		},
		"is not one": func(p *wire.Policy) { p.Clock = []wire.ClockChange{{From: "spring"}} },
	} {
		p := wire.Policy{Version: 1, Serial: 1}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", p, err, want)
		}
	}
	if !slices.Contains(wire.Omittable(), "cost") {
		t.Error("the agent's own cost cannot be left out")
	}
}

// Whatever arrives, only what the collector has signed is a policy.
func FuzzSignedPolicy(f *testing.F) {
	public, private := policyKey()
	signed, err := wire.SignPolicy(wire.Policy{Version: 1, Serial: 1, TimeZone: "UTC"}, private)
	if err != nil {
		f.Fatal(err)
	}
	text, err := json.Marshal(signed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`{"document":{},"signature":"AAAA"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var s wire.SignedPolicy
		if json.Unmarshal([]byte(text), &s) != nil {
			return
		}
		p, err := s.Open(public)
		if err != nil {
			return
		}
		var document bytes.Buffer
		if json.Compact(&document, s.Document) != nil || document.String() != string(signed.Document) || p.Serial != 1 {
			t.Fatalf("%s passes for %+v", text, p)
		}
	})
}
