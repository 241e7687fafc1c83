package agent

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"veille/agent/uptime"
	"veille/agent/wire"
)

// No policy makes an agent collect more, more often or more finely than its own settings, whatever it says.
func TestAPolicyOnlyEverReducesWhatIsCollected(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	uses := []wire.Use{wire.Individual, wire.Shared, wire.Server}
	for range 20_000 {
		own := Limits{
			Use: uses[random.IntN(3)], Period: time.Duration(1+random.IntN(300)) * time.Second, History: time.Duration(random.IntN(31)) * 24 * time.Hour,
			Products: []string{"a", "b", "c"}[:random.IntN(4)], Omit: wire.Omittable()[:random.IntN(3)], Paused: random.IntN(4) == 0,
		}
		if own.Use.Hourly() && random.IntN(2) == 0 {
			own.PostEvery = time.Duration(1+random.IntN(3600)) * time.Second
		}
		p := wire.Policy{
			Version: 1, Serial: 1, Use: append(uses, "")[random.IntN(4)], SampleEveryS: random.IntN(301), UploadWithinS: random.IntN(43_201), Pause: random.IntN(3) == 0,
			Omit: wire.Omittable()[random.IntN(5):], Products: []string{"b", "d", "e"}[random.IntN(3):],
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		now := own.Under(p)
		switch {
		case now.Use.Hourly() && !own.Use.Hourly(),
			now.Period < own.Period,
			now.PostEvery > 0 && (own.PostEvery == 0 || now.PostEvery < own.PostEvery),
			now.Spread < own.Spread || now.usual() < own.usual() && now.Use == own.Use,
			now.History > own.History,
			own.Paused && !now.Paused || p.Pause && !now.Paused,
			slices.ContainsFunc(now.Products, func(x string) bool { return !slices.Contains(own.Products, x) }),
			slices.ContainsFunc(own.Omit, func(x string) bool { return !slices.Contains(now.Omit, x) }),
			now.Check() != nil:
			t.Fatalf("%+v under %+v is %+v", own, p, now)
		}
		if again := now.Under(p); again.Period != now.Period || again.Use != now.Use || len(again.Omit) != len(now.Omit) {
			t.Fatalf("twice under the same policy: %+v, then %+v", now, again)
		}
	}
}

func TestWhatAPolicyOmitsIsNotInTheRecord(t *testing.T) {
	full := wire.Record{
		Date: "2026-11-16", Cost: &wire.Cost{CPUS: 1},
		Machine: wire.Machine{
			Class: "desktop", OS: "linux", Agent: "v1", OSVersion: "x", OSEnd: "2028-01-01", CPU: "x", RAM: "x", Screens: []string{"x"},
			Product: "x", SleepAfter: "20", Hypervisor: true,
		},
	}
	for _, word := range wire.Omittable() {
		text, err := json.Marshal(Limits{}.Under(wire.Policy{Omit: []string{word}}).reduce(full))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"`+word+`"`) {
			t.Errorf("%s is still in %s", word, text)
		}
	}
	if l := (Limits{History: time.Hour}).Under(wire.Policy{Omit: []string{"history"}}); l.History != 0 {
		t.Error("history is still read")
	}
}

// signer is a collector's key, and what it signs.
type signer struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func newSigner(t *testing.T) signer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer{public, private}
}

func (s signer) sign(t *testing.T, p wire.Policy) []byte {
	t.Helper()
	p.Version = max(p.Version, 1)
	signed, err := wire.SignPolicy(p, s.private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(signed, "", "  ") // spaces are nothing to the signature
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAPolicyThatIsUnsignedOlderOrToldTheTimeIsRefused(t *testing.T) {
	ours, other := newSigner(t), newSigner(t)
	signed := ours.sign(t, wire.Policy{Serial: 7, TimeZone: "UTC"})
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string // of the error; "" for none
		newer  bool
	}{
		{"newer", 200, string(ours.sign(t, wire.Policy{Serial: 8, TimeZone: "UTC"})), "", true},
		{"the same", 200, string(signed), "", false},
		{"not changed", 304, "", "", false},
		{"older", 200, string(ours.sign(t, wire.Policy{Serial: 6, TimeZone: "UTC"})), "older than the one in force", false},
		{"of another collector", 200, string(other.sign(t, wire.Policy{Serial: 9, TimeZone: "UTC"})), "not signed", false},
		{"changed on the way", 200, strings.Replace(string(ours.sign(t, wire.Policy{Serial: 9, TimeZone: "UTC"})), "UTC", "GMT", 1), "not signed", false},
		{"without a signature", 200, `{"document":{"version":1,"serial":9,"time_zone":"UTC"},"signature":""}`, "not signed", false},
		{"no document", 200, `{}`, "not signed", false},
		{"a page", 200, `<html>`, "not a collector's", false},
		{"of a later version", 200, string(ours.sign(t, wire.Policy{Version: 2, Serial: 9, TimeZone: "UTC"})), "version 2", false},
		{"without a number", 200, string(ours.sign(t, wire.Policy{TimeZone: "UTC"})), "number 0", false},
		{"a zone nobody knows", 200, string(ours.sign(t, wire.Policy{Serial: 9, TimeZone: "Mars/Olympus"})), "Mars", false},
		{"open for a minute", 200, string(ours.sign(t, wire.Policy{Serial: 9, TimeZone: "UTC", Open: []wire.OpenHours{{Weekday: 1, From: "08:00", To: "08:01"}}})), "hours are refused", false},
		{"a sample an hour", 200, string(ours.sign(t, wire.Policy{Serial: 9, TimeZone: "UTC", SampleEveryS: 3600})), "every 3600 s", false},
		{"no policy at the collector", 404, "not found", "404", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/api/v1/policy" || r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("If-None-Match") != `"7"` {
					t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			data := t.TempDir()
			id := Identity{Collector: server.URL, Credential: "secret", PolicyKey: ours.public}
			newer, err := pull(t.Context(), server.Client(), id, data, 7, 7)
			if newer != tt.newer || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("newer %t, %v; want %t, %q", newer, err, tt.newer, tt.want)
			}
			policies, _, err := LoadPolicies(data, id)
			if err != nil || len(policies) != map[bool]int{true: 1}[tt.newer] {
				t.Errorf("on disk: %+v, %v", policies, err)
			}
		})
	}
}

func TestAPolicyThatWasChangedOnDiskIsNotFollowed(t *testing.T) {
	ours, data := newSigner(t), t.TempDir()
	id := Identity{PolicyKey: ours.public, Site: "Lycée"}
	for serial := range int64(3) {
		var signed wire.SignedPolicy
		if err := json.Unmarshal(ours.sign(t, wire.Policy{Serial: serial + 1, TimeZone: "UTC"}), &signed); err != nil {
			t.Fatal(err)
		}
		if err := id.keepPolicy(data, serial+1, signed); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(data, policyFolder, id.mark()+"-3.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), `"UTC"`, `"GMT"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	policies, floor, err := LoadPolicies(data, id)
	if len(policies) != 2 || policies[0].Serial != 2 || floor != 3 || !errors.Is(err, wire.ErrUnsigned) {
		t.Errorf("%+v, %d, %v", policies, floor, err)
	}
	if err := forgetPolicies(data, id, 2); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(filepath.Join(data, policyFolder)); err != nil || len(files) != 1 || files[0].Name() != id.mark()+"-2.json" {
		t.Errorf("left are %v, %v", files, err)
	}
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestWhileTheAdministratorPausesNothingIsCountedNorSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, data, c, wire.Individual, 0)
		a.Courier.Data, a.Limits.Period = data, 5*time.Minute
		var asked atomic.Int64
		clock := a.System.Clock
		a.System.Clock = func(last uptime.Reading) (uptime.Reading, error) { asked.Add(1); return clock(last) }
		a.sampler.system = a.System
		start := time.Now()
		at := func(h time.Duration, do func(string) error) {
			time.AfterFunc(h*time.Hour+30*time.Second, func() {
				if err := do(data); err != nil {
					t.Error(err)
				}
			})
		}
		at(2, Pause) // from 3:00 of the first day
		at(50, Resume)
		time.AfterFunc(49*time.Hour, func() {
			if n := asked.Load(); n > 26 {
				t.Errorf("while paused: %d readings", n)
			}
			if text, err := os.ReadFile(filepath.Join(data, keptFile)); err != nil || strings.Contains(string(text), `"Wall":"2`) {
				t.Errorf("the moment of the last sample is still on disk: %s, %v", text, err)
			}
		})
		runFor(t, a, 100*time.Hour)
		if d := c.times[0].Sub(start); d < 50*time.Hour {
			t.Errorf("something was sent after %v, in the pause", d)
		}
		records := sent(t, a)
		if len(records) != 3 {
			t.Fatalf("%d records: %+v", len(records), records)
		}
		// The first day has the hours before the pause, the second has no record, the third those after it.
		for i, want := range []int{2 * 3600, 21*3600 - 300, 86_400} {
			if got := records[i].CoveredS(); got < want-cellS || got > want+cellS {
				t.Errorf("%s covers %d s, want %d, rounded", records[i].Date, got, want)
			}
		}
	})
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestANewerPolicyIsPulledOnceADayAndEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, data := newSigner(t), t.TempDir()
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		pulls := 0
		a := newAgent(t, data, c, wire.Individual, 0)
		a.Courier.Data, a.Courier.Identity.PolicyKey, a.Limits.Period = data, ours.public, 5*time.Minute
		id := a.Courier.Identity
		a.Courier.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodGet {
				return c.RoundTrip(r)
			}
			pulls++
			body, status := "", 304
			if pulls == 3 {
				body, status = string(ours.sign(t, wire.Policy{Serial: 5, TimeZone: "Indian/Reunion"})), 200
			}
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})}
		ctx, stop := context.WithTimeout(t.Context(), 200*time.Hour)
		defer stop()
		start := time.Now()
		if err := a.Run(ctx); !errors.Is(err, ErrPolicy) {
			t.Errorf("the run ended with %v", err)
		}
		if d := time.Since(start); pulls != 3 || d < 48*time.Hour || d > 100*time.Hour {
			t.Errorf("%d pulls in %v; want three, once a day", pulls, d)
		}
		policies, _, err := LoadPolicies(data, id)
		if err != nil || len(policies) != 1 {
			t.Fatalf("%+v, %v", policies, err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestALostPolicyIsGivenAgainAlsoByACollectorThatWasRestored(t *testing.T) {
	ours := newSigner(t)
	for _, tt := range []struct {
		name string
		has  int64 // number of the collector's policy
		want int64 // that is kept; 0: none
	}{{"it has the lost one", 5, 5}, {"it has a later one", 9, 9}, {"it was restored from before the lost one", 4, 6}, {"it was restored from long before", 1, 5}} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // as collector/ingest answers
				known, err := strconv.ParseInt(strings.Trim(r.Header.Get("If-None-Match"), `"`), 10, 64)
				if err != nil {
					t.Error(err)
				}
				if known > tt.has {
					tt.has = known + 1
				}
				if known == tt.has {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				_, _ = w.Write(ours.sign(t, wire.Policy{Serial: tt.has, TimeZone: "UTC"}))
			}))
			defer server.Close()
			data := t.TempDir()
			id := Identity{Collector: server.URL, Credential: "secret", PolicyKey: ours.public}
			newer, err := pull(t.Context(), server.Client(), id, data, 3, 5) // 3 is in force, 5 is damaged
			policies, _, _ := LoadPolicies(data, id)
			if !newer || err != nil || len(policies) != 1 || policies[0].Serial != tt.want {
				t.Errorf("newer %t, %v, kept %+v; want number %d", newer, err, policies, tt.want)
			}
		})
	}
}
