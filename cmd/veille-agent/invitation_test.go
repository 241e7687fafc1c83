package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/wire"
)

// house is a collector that enrols whoever comes, once it is open.
type house struct {
	*httptest.Server
	mu    sync.Mutex
	shut  int        // how many are sent away before
	asked []wire.Use // by those who enrolled
}

func newHouse(t *testing.T, shut int) *house {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := wire.SignPolicy(wire.Policy{Version: 1, Serial: 1, TimeZone: "Europe/Paris", Site: "Lycée"}, private)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{shut: shut}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		e, err := wire.DecodeEnrolment(r.Body)
		switch {
		case r.URL.Path != "/api/v1/enrol":
			w.WriteHeader(http.StatusServiceUnavailable)
		case err != nil || r.Header.Get("Authorization") != "Bearer t":
			t.Errorf("%+v, %v, %v", e, err, r.Header)
		case h.shut > 0:
			h.shut--
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			h.asked = append(h.asked, e.Use)
			_ = json.NewEncoder(w).Encode(wire.Credentials{Credential: "c", Site: "Lycée", PolicyKey: public, Policy: signed})
		}
	}))
	t.Cleanup(h.Close)
	return h
}

// settled runs the service with these settings in a folder until it is as wanted, and answers what it logged.
func settled(t *testing.T, data string, is func() bool, args ...string) string {
	t.Helper()
	var log bytes.Buffer
	s := service{
		data: data, limits: agent.Limits{Period: time.Minute}, log: slog.New(slog.NewTextHandler(&log, nil)),
		later: func(error, int) time.Duration { return 10 * time.Millisecond },
	}
	fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
	s.ask.flags(fs)
	s.way.flags(fs)
	s.where.flags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	go func() {
		for ctx.Err() == nil && !is() {
			<-time.After(5 * time.Millisecond)
		}
		stop()
	}()
	if err := s.run(ctx); err != nil {
		t.Errorf("%v\n%s", err, log.String())
	}
	if !is() {
		t.Errorf("nothing has come of it:\n%s", log.String())
	}
	return log.String()
}

// enrolledAt is the folder of a machine that was enrolled at a collector, for a use.
func enrolledAt(t *testing.T, h *house, use wire.Use) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "agent")
	if _, _, err := agent.Enrol(t.Context(), h.Client(), data, agent.Request{Collector: h.URL, Token: "t", Use: use}); err != nil {
		t.Fatal(err)
	}
	return data
}

func identityIs(data, collector string, use wire.Use) func() bool {
	return func() bool {
		id, err := agent.LoadIdentity(data)
		return err == nil && id.Collector == collector && id.Use == use
	}
}

func TestAMachineMovesToAnotherCollectorAsSoonAsThatAnswers(t *testing.T) {
	t.Parallel()
	before, after := newHouse(t, 0), newHouse(t, 3)
	data := enrolledAt(t, before, wire.Shared)
	log := settled(t, data, identityIs(data, after.URL, wire.Shared), "--collector", after.URL+"/", "--token", "t", "--use", "shared")
	if strings.Count(log, "agent started") != 2 || strings.Count(log, "not enrolled as the settings say") != 1 {
		t.Errorf("it says\n%s", log)
	}
}

// What the settings lack for another collector keeps no machine from counting for the one that it has.
func TestAMachineThatCannotMoveGoesOn(t *testing.T) {
	t.Parallel()
	before := newHouse(t, 0)
	data := enrolledAt(t, before, wire.Shared)
	runs := func() bool { _, err := os.Stat(filepath.Join(data, "running.json")); return err == nil }
	settled(t, data, runs, "--collector", "https://127.0.0.1:1", "--token", "t", "--ca", filepath.Join(data, "none.pem"))
	if !identityIs(data, before.URL, wire.Shared)() {
		t.Error("its identity is another one")
	}
}

func TestOfAMachineThatItsSettingsCallAPersonsNoHourIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	daily := func(data string) func() bool {
		return func() bool {
			text, err := os.ReadFile(filepath.Join(data, "running.json"))
			var kept struct{ Book struct{ Hourly *bool } }
			return err == nil && json.Unmarshal(text, &kept) == nil && kept.Book.Hourly != nil && !*kept.Book.Hourly
		}
	}
	t.Run("and it enrols again by a token", func(t *testing.T) {
		data := enrolledAt(t, h, wire.Shared)
		settled(t, data, daily(data), "--collector", h.URL, "--token", "t", "--use", "individual")
		if !identityIs(data, h.URL, wire.Individual)() || h.asked[len(h.asked)-1] != wire.Individual {
			t.Errorf("enrolled as %v", h.asked)
		}
	})
	t.Run("and without a token says what to do", func(t *testing.T) {
		data := enrolledAt(t, h, wire.Server)
		if log := settled(t, data, daily(data), "--collector", h.URL, "--use", "individual"); !strings.Contains(log, "enrol this machine again") {
			t.Errorf("it says\n%s", log)
		}
	})
	t.Run("but not where nobody has said so", func(t *testing.T) {
		data := enrolledAt(t, h, wire.Shared)
		runs := func() bool { _, err := os.Stat(filepath.Join(data, "running.json")); return err == nil }
		settled(t, data, runs, "--collector", h.URL, "--token", "t")
		if daily(data)() || !identityIs(data, h.URL, wire.Shared)() {
			t.Error("of a shared machine no hour is told")
		}
	})
}
