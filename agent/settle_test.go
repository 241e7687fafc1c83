package agent

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"veille/agent/uptime"
	"veille/agent/wire"
)

// wrongAtStart is a machine whose clock on the wall is wrong for some minutes after each boot.
type wrongAtStart struct {
	t     *testing.T
	data  string
	c     *collector
	boot  string
	up    time.Time
	wrong time.Duration // until:
	until time.Time
}

func (m *wrongAtStart) agent(use wire.Use) *Agent {
	a := newAgent(m.t, m.data, m.c, use, 0)
	a.Limits.Period = 2 * time.Minute
	a.System.Clock = func(uptime.Reading) (uptime.Reading, error) {
		now, up := time.Now(), time.Since(m.up)
		if now.Before(m.until) {
			now = now.Add(m.wrong)
		}
		return uptime.Reading{Wall: now.Round(0), Awake: up, SinceBoot: up, Boot: m.boot}, nil
	}
	a.sampler.system = a.System
	return a
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestAClockThatIsWrongUntilTheNetworkHasSetItChangesNoRecord(t *testing.T) {
	for name, ahead := range map[string]time.Duration{
		"right": 0, "local time taken for UTC": 2 * time.Hour, "days ahead": 50 * time.Hour, "an hour behind": -time.Hour, "years behind": -20 * 365 * 24 * time.Hour,
	} {
		for _, use := range []wire.Use{wire.Individual, wire.Server} {
			t.Run(name+" "+string(use), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := &wrongAtStart{t: t, data: t.TempDir(), c: &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}, boot: "one", up: time.Now().Add(-time.Hour)}
					runFor(t, m.agent(use), 9*time.Hour) // until 10:00 in Paris; told to stop
					time.Sleep(time.Hour)                //nolint:forbidigo // time is synctest's own here, nothing waits
					m.boot, m.up, m.wrong, m.until = "two", time.Now(), ahead, time.Now().Add(5*time.Minute)
					time.AfterFunc(2*time.Minute+10*time.Second, func() {
						if text, err := os.ReadFile(filepath.Join(m.data, keptFile)); err != nil || !json.Valid(text) {
							t.Errorf("%s, %v", text, err)
						}
					})
					runFor(t, m.agent(use), 2*time.Minute+30*time.Second)
					runFor(t, m.agent(use), 26*time.Hour+30*time.Minute) // the agent was started again while the clock was wrong
					var on, off, unknown int
					for _, r := range sent(t, m.agent(use)) {
						for _, p := range r.Parts {
							on, off, unknown = on+p.Seconds.On, off+p.Seconds.Off, unknown+p.Seconds.Unknown
						}
						if r.Date < "2000-01-01" || r.Date > "2000-01-03" {
							t.Errorf("a record of %s", r.Date)
						}
					}
					// The first day and, of hours, the second until 13:00; of the first, the hour before the agent came is unknown.
					wantOn, wantOff, slack := 22*3600, 3600, 3*cellS
					if use.Hourly() {
						wantOn, slack = 35*3600, 240
					}
					if on < wantOn-slack || on > wantOn+slack || off < wantOff-slack || off > wantOff+slack {
						t.Errorf("%d s on, %d off, %d unknown; want %d and %d", on, off, unknown, wantOn, wantOff)
					}
				})
			})
		}
	}
}

func TestADayWhosePolicyIsGoneStaysAsItWasAndBalances(t *testing.T) {
	start := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	hours := func(from, to string) (open []wire.OpenHours) {
		for day := 1; day <= 7; day++ {
			open = append(open, wire.OpenHours{Weekday: day, From: from, To: to})
		}
		return open
	}
	old := wire.Policy{Version: 1, Serial: 1, TimeZone: "UTC", Open: hours("08:00", "18:00")}
	young := wire.Policy{Version: 1, Serial: 2, TimeZone: "UTC", Open: hours("10:00", "20:00")} // parts of the same lengths
	m := &machine{now: start, awake: time.Hour, up: time.Hour}
	m.reference = m.read()
	b := newBook(time.UTC, false, start)
	if err := b.follow([]wire.Policy{old}); err != nil {
		t.Fatal(err)
	}
	minutesOn(b, m, 17*60)
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var disk book
	if err := json.Unmarshal(text, &disk); err != nil {
		t.Fatal(err)
	}
	after := newBook(time.UTC, false, start)
	if err := after.follow([]wire.Policy{young}); err != nil {
		t.Fatal(err)
	}
	if _, err := after.take(disk, []wire.Policy{young}); err != nil {
		t.Fatal(err)
	}
	records := minutesOn(after, m, 32*60)
	if got := balance(t, records); len(records) != 2 || records[0].CoveredS() != 17*3600 || records[1].CoveredS() != 86_400 {
		t.Errorf("%d records, %+v; want 17 h of the first day, and all of the next", len(records), got)
	}
}

func TestAMachineEnrolledAtAnotherSiteFollowsThatSite(t *testing.T) {
	ours, data, which := newSigner(t), t.TempDir(), 0
	sites := []wire.Policy{
		{Version: 1, Serial: 1_790_000_000, Site: "A", TimeZone: "Indian/Reunion"},
		{Version: 1, Serial: 1_780_000_000, Site: "B", TimeZone: "Europe/Paris", Pause: true},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed, err := wire.SignPolicy(sites[which], ours.private)
		if err != nil {
			t.Error(err)
		}
		if r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(signed)
			return
		}
		_ = json.NewEncoder(w).Encode(wire.Credentials{Credential: "x", Site: sites[which].Site, PolicyKey: ours.public, Policy: signed})
	}))
	defer server.Close()
	for which = range sites {
		if _, _, err := Enrol(t.Context(), server.Client(), data, Request{Collector: server.URL, Token: "t", Use: wire.Shared}); err != nil {
			t.Fatal(err)
		}
	}
	id, err := LoadIdentity(data)
	if err != nil {
		t.Fatal(err)
	}
	which = 1
	policies, floor, err := LoadPolicies(data, id)
	if err != nil || len(policies) != 1 || policies[0].Site != "B" || floor != sites[1].Serial {
		t.Fatalf("%+v, %d, %v", policies, floor, err)
	}
	if newer, err := pull(t.Context(), server.Client(), id, data, floor, floor); newer || err != nil {
		t.Errorf("newer %t, %v", newer, err)
	}
	which = 0
	if newer, err := pull(t.Context(), server.Client(), id, data, floor, floor); newer || err == nil {
		t.Error("the policy of another site was taken")
	}
	public, err := LoadPublic(data)
	if err != nil || public.Site != "B" || public.Use != wire.Shared || public.Credential != "" || public.InstallKey != "" {
		t.Errorf("everybody may know %+v, %v", public, err)
	}
	if _, err := LoadPublic(t.TempDir()); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("of no machine: %v", err)
	}
}

func TestAPolicyThatCameSinceHoldsForWhatWaits(t *testing.T) {
	data := t.TempDir()
	a := newAgent(t, data, &collector{}, wire.Individual, 0)
	r := wire.Record{Date: "2026-11-16", LengthS: 86_400, Use: wire.Individual, Machine: wire.Machine{Class: "desktop", OS: "linux", Agent: "v1", CPU: "intel-5-8"}, Parts: []wire.Part{}}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Spool.Put("2026-11-16", body); err != nil {
		t.Fatal(err)
	}
	a.Limits.Omit = []string{"cpu"}
	if err := a.omitWaiting(); err != nil {
		t.Fatal(err)
	}
	e, ok := a.Spool.Find("2026-11-16")
	var got wire.Record
	if err := json.Unmarshal(e.Body, &got); !ok || err != nil || got.Machine.CPU != "" || got.Machine.Class != "desktop" {
		t.Errorf("%s, %v", e.Body, err)
	}
}

// The time of synctest starts at a midnight in UTC, one in the morning in Paris.
func TestASecondBootOrAPauseBeforeTheClockIsSetInventsNoTimeOff(t *testing.T) {
	for _, ahead := range []time.Duration{2 * time.Hour, 50 * time.Hour} {
		for _, use := range []wire.Use{wire.Individual, wire.Server} {
			for _, paused := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					m := &wrongAtStart{t: t, data: t.TempDir(), c: &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}, boot: "one", up: time.Now().Add(-time.Hour)}
					runFor(t, m.agent(use), 9*time.Hour) // until 10:00 in Paris; told to stop
					time.Sleep(time.Hour)                //nolint:forbidigo // time is synctest's own here, nothing waits
					m.boot, m.up, m.wrong, m.until = "two", time.Now(), ahead, time.Now().Add(5*time.Minute)
					runFor(t, m.agent(use), 3*time.Minute)
					if paused {
						for _, do := range []func(string) error{Pause, Resume} {
							if err := do(m.data); err != nil {
								t.Fatal(err)
							}
							runFor(t, m.agent(use), time.Minute)
						}
					} else {
						m.boot, m.up = "three", time.Now()
					}
					runFor(t, m.agent(use), 27*time.Hour)
					on, off := 0, 0
					for _, r := range sent(t, m.agent(use)) {
						for _, p := range r.Parts {
							on, off = on+p.Seconds.On, off+p.Seconds.Off
						}
						if r.Date > "2000-01-03" {
							t.Errorf("%v, %s, paused %t: a record of %s", ahead, use, paused, r.Date)
						}
					}
					least := 22*3600 - 900 - 3*cellS
					if use.Hourly() {
						least = 33 * 3600 // the last hour may not have been sent yet
					}
					if paused { // it began again by the wrong clock: until that time comes, nothing is known
						least -= 2 * 3600
					}
					if off > 3600+cellS || on < least {
						t.Errorf("%v, %s, paused %t: %d s on, %d off; want %d on at least, 3600 off at most", ahead, use, paused, on, off, least)
					}
				})
			}
		}
	}
}
