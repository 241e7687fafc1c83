package agent

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"veille/agent/wire"
)

func TestEnrolKeepsTheInstallKeyBeforeAndAfterALostAnswer(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := wire.SignPolicy(wire.Policy{Version: 1, Serial: 1, TimeZone: "Europe/Paris"}, private)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var keys []string
	answers := []func(http.ResponseWriter){
		func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, // the answer is lost
		func(w http.ResponseWriter) { http.Error(w, "the token has been used up", http.StatusForbidden) },
		func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>welcome</html>") },
		func(w http.ResponseWriter) {
			_ = json.NewEncoder(w).Encode(wire.Credentials{Credential: "c", Site: "Lycée", PolicyKey: public, Policy: signed})
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := wire.DecodeEnrolment(r.Body)
		if err != nil || r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("%+v, %v, %v", e, err, r.Header)
		}
		mu.Lock()
		defer mu.Unlock() // the connection that was aborted ends beside the next one
		keys = append(keys, e.InstallKey)
		answers[len(keys)-1](w)
	}))
	defer server.Close()
	data := filepath.Join(t.TempDir(), "agent")
	for i, want := range []string{"EOF", "the token has been used up", "not a collector's", ""} {
		id, _, err := Enrol(t.Context(), server.Client(), data, Request{Collector: server.URL + "/", Token: "t", Use: wire.Individual})
		if want == "" {
			if err != nil || id.Site != "Lycée" {
				t.Errorf("%+v, %v", id, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("try %d: %v, want an error with %q", i, err, want)
		}
		if _, err := LoadIdentity(data); !errors.Is(err, ErrNotEnrolled) {
			t.Errorf("try %d left an identity: %v", i, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, key := range keys {
		if key != keys[0] {
			t.Errorf("install keys %v, want one", keys)
		}
	}
	before, err := LoadIdentity(data)
	if err != nil || before.Credential != "c" {
		t.Errorf("%+v, %v", before, err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }))
	defer elsewhere.Close()
	if _, _, err := Enrol(t.Context(), elsewhere.Client(), data, Request{Collector: elsewhere.URL, Token: "t", Use: wire.Server}); err == nil {
		t.Error("enrolled by a refusal")
	}
	if after, err := LoadIdentity(data); err != nil || after.Collector != before.Collector || after.Use != before.Use || after.Credential != before.Credential {
		t.Errorf("a refused enrolment changed %+v to %+v, %v", before, after, err)
	}
	if info, err := os.Stat(filepath.Join(data, identityFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the identity is %v, %v; want it readable by its owner only", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(data, identityFile), []byte("half of"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Enrol(t.Context(), server.Client(), data, Request{Collector: server.URL, Token: "t", Use: wire.Individual}); err == nil || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("over a damaged identity: %v; to enrol again alone does not do", err)
	}
}

func TestACollectorIsReachedByHTTPSOrOnThisMachine(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://veille.example.org": true, "http://127.0.0.1:8765": true, "http://[::1]:8765": true, "http://localhost": true,
		"http://veille.example.org": false, "http://10.0.0.1": false, "veille.example.org": false, "ftp://x": false, "": false, "https://": false,
		"https://h/?x": false, "https://h/#x": false, "https://u:p@h/": false,
	} {
		if err := CheckCollector(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
