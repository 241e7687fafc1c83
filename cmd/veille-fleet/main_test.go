package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/store/sqlite"
	"veille/fleet/burst"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"veille-fleet": func() { command.Main(program) }})
}

// Each script is somebody who tries a collector, which listens at $COLLECTOR and has $TOKEN for ten machines.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE_GOLDEN") != "",
		Setup: func(e *testscript.Env) error {
			url, token, stop, err := serve(e.WorkDir)
			if err != nil {
				return err
			}
			e.Defer(stop)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			e.Setenv("COLLECTOR", url)
			e.Setenv("TOKEN", token)
			return nil
		},
	})
}

// policies are those of a site that has said nothing but its zone.
type policies struct{}

func (policies) Policy(_ context.Context, s collector.Site, _ collector.Date, _ int64) (collector.Policy, error) {
	return collector.Policy{Serial: 1, Site: s.Name, TimeZone: s.TimeZone}, nil
}

// serve is a collector on a store in a folder.
func serve(dir string) (url, token string, stop func(), err error) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "veille.db"))
	if err != nil {
		return "", "", nil, err
	}
	site, err := store.CreateSite(ctx, "Région", "Lycée", "Europe/Paris")
	if err != nil {
		return "", "", nil, err
	}
	token, entry := enrol.NewToken(site.ID, 10, 7)
	if err := store.CreateToken(ctx, entry); err != nil {
		return "", "", nil, err
	}
	s := httptest.NewServer(ingest.New(ingest.Parts{
		Registry: enrol.New(bytes.Repeat([]byte{1}, 32), store), Ledger: store, Policies: policies{}, Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize)),
		Now: func() (time.Time, error) { return time.Now(), nil }, Log: slog.New(slog.DiscardHandler),
	}))
	return s.URL, token, func() {
		s.Close()
		_ = store.Close()
	}, nil
}

func TestALoadThatIsInterruptedTellsWhatItDid(t *testing.T) {
	url, token, stop, err := serve(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx, interrupt := context.WithTimeout(t.Context(), 2*time.Second)
	defer interrupt()
	var out, bad strings.Builder
	p := program(&out, &bad)
	p.Stdout, p.Stderr, p.Lookup = &out, &bad, func(string) (string, bool) { return "", false }
	name := filepath.Join(t.TempDir(), "fleet.json")
	status := p.Run(ctx, []string{"load", "--machines", "5", "--collector", url, "--token", token, "--identities", name, "--mode", "steady", "--for", "1m", "--rate", "20", "--json"})
	var report burst.Report
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil || status != 1 || report.Acked == 0 || report.Acked > 50 || !strings.Contains(bad.String(), "interrupted") {
		t.Errorf("%d, %v: %s%s", status, err, &out, &bad)
	}
	ids, err := burst.ReadIdentities(name)
	if err != nil || ids.Running {
		t.Fatalf("%+v, %v", ids, err)
	}
	acked := int64(0)
	for _, m := range ids.Machines {
		acked += m.Acked
	}
	if acked != report.Acked {
		t.Errorf("%d acknowledged, %d in the file", report.Acked, acked)
	}
}

func TestEachRecordOfALoadIsValidAndSaysThatItIsSimulated(t *testing.T) {
	for _, since := range []string{"2026-11-22", "2026-04-20"} { // the clocks have changed within the 44 days
		ids := &burst.Identities{Zone: "Europe/Paris", Since: since}
		records := recordsAt(ids)
		lengths := map[int]int{}
		for machine := range burst.Kinds {
			for day := 1; day <= 44; day++ {
				made := records(machine, day)
				if len(made) != 1 || made[0].Validate() != nil || !made[0].Simulated {
					t.Fatalf("machine %d, %d days back: %+v", machine, day, made)
				}
				lengths[made[0].LengthS]++
			}
		}
		if len(lengths) != 2 {
			t.Errorf("days of %s", fmt.Sprint(lengths))
		}
	}
}

func TestHoursOfALoadFillTheDayAndAreValid(t *testing.T) {
	ids := &burst.Identities{Zone: "Europe/Paris", Since: "2026-04-20"} // a day of 23 hours is within the 44 days
	lengths := map[int]int{}
	for machine := range burst.Kinds {
		for day := 1; day <= 44; day++ {
			made := hoursAt(ids, wire.Shared)(machine, day)
			for hour, r := range made {
				if err := r.Validate(); err != nil || !r.Simulated || r.Use != wire.Shared || r.Hour == nil || *r.Hour != hour {
					t.Fatalf("machine %d, %d days back, hour %d: %+v, %v", machine, day, hour, r, err)
				}
			}
			lengths[len(made)]++
		}
	}
	if lengths[24] != 43*burst.Kinds || lengths[23] != burst.Kinds {
		t.Errorf("days of so many hours: %v", lengths)
	}
}

func TestEachOutcomeHasItsStatus(t *testing.T) {
	url, token, stop, err := serve(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for _, tt := range []struct {
		status int
		args   string
	}{
		{0, "--machines 2 --days 2 --collector " + url + " --token " + token},
		{2, "--machines 2 --days 2 --token " + token},
		{3, "--machines 2 --days 2 --collector " + url + " --token other"},
		{3, "--machines 2 --days 2 --collector http://127.0.0.1:1 --token " + token},
	} {
		var out, bad strings.Builder
		p := program(&out, &bad)
		p.Stdout, p.Stderr, p.Lookup = &out, &bad, func(string) (string, bool) { return "", false }
		if status := p.Run(t.Context(), append([]string{"load"}, strings.Fields(tt.args)...)); status != tt.status {
			t.Errorf("load %s: status %d, want %d; %s", tt.args, status, tt.status, &bad)
		}
	}
}
