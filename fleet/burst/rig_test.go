package burst_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/fleet/burst"
)

// zone has a day of 23 hours in March and one of 25 in October, as the sites of most readers.
const zone = "Europe/Paris"

// daily are one record a day, as long as the day is at the site.
func daily(ids *burst.Identities) burst.Records {
	return func(machine, day int) []wire.Record {
		start, length, err := ids.Day(day)
		if err != nil {
			panic(err)
		}
		s := int(length / time.Second)
		return []wire.Record{{
			Date: start.Format(time.DateOnly), LengthS: s, Use: wire.Individual, Machine: wire.Machine{Class: "desktop", OS: "linux", Agent: "fleet"}, Simulated: true,
			Parts: []wire.Part{
				{
					Part: "open", LengthS: 36_000, Seconds: wire.Seconds{On: 20_000 + machine, Sleep: 1000, Off: 15_000 - machine},
					Energy: []wire.Energy{{Wh: 50, LowWh: 23.4, HighWh: 87.2, Method: "model-class", Scope: "machine", CoveredS: 36_000}},
				},
				{Part: "night", LengthS: s - 36_000, Seconds: wire.Seconds{Off: s - 36_000}, Energy: []wire.Energy{}},
			},
		}}
	}
}

// policies are those of a site that has said nothing but its zone.
type policies struct{}

func (policies) Policy(_ context.Context, s collector.Site, _ collector.Date, _ int64) (collector.Policy, error) {
	return collector.Policy{Serial: 1, Site: s.Name, TimeZone: s.TimeZone}, nil
}

// real is a collector as it is: ingest on a store on disk.
type real struct {
	store *relational.Store
	token string
	http.Handler
}

func newReal(tb testing.TB, machines int) *real {
	tb.Helper()
	store, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "veille.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	site, err := store.CreateSite(tb.Context(), "Région", "Lycée", zone)
	if err != nil {
		tb.Fatal(err)
	}
	token, entry := enrol.NewToken(site.ID, machines, 7)
	if err := store.CreateToken(tb.Context(), entry); err != nil {
		tb.Fatal(err)
	}
	return &real{store, token, ingest.New(ingest.Parts{
		Registry: enrol.New(bytes.Repeat([]byte{1}, 32), store), Ledger: store, Policies: policies{}, Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize)),
		Now: func() (time.Time, error) { return time.Now(), nil }, Log: slog.New(slog.DiscardHandler),
	})}
}

// kept is how many records are on disk.
func (r *real) kept(t *testing.T) int64 {
	t.Helper()
	n := int64(0)
	if err := r.store.Records(t.Context(), "2000-01-01", "2100-01-01", func(collector.Change) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// fake is a collector in memory, which can be made to lie.
type fake struct {
	mu       sync.Mutex
	machines map[string]map[string]int // covered seconds by credential, and date and hour
	counted  map[string]int64          // records put on "disk", by credential
	enrolled int

	lose   func(machine string, n int64) bool // the n-th record is acknowledged, and not kept
	double func(machine string, n int64) bool // the n-th record is counted twice
}

func newFake() *fake {
	never := func(string, int64) bool { return false }
	return &fake{machines: map[string]map[string]int{}, counted: map[string]int64{}, lose: never, double: never}
}

// ServeHTTP speaks the contract of docs/api.md.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if strings.HasSuffix(r.URL.Path, "/enrol") {
		if _, err := wire.DecodeEnrolment(r.Body); err != nil || name != "token" {
			http.Error(w, "the token is unknown", http.StatusForbidden)
			return
		}
		f.enrolled++
		name = strconv.Itoa(f.enrolled)
		f.machines[name] = map[string]int{}
		_, _ = w.Write([]byte(`{"credential":"` + name + `","policy":{"document":{"time_zone":"` + zone + `"}}}`))
		return
	}
	body := r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	batch, err := wire.DecodeBatch(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.answer(w, name, batch)
}

func (f *fake) answer(w http.ResponseWriter, name string, batch wire.Batch) {
	before := f.counted[name]
	if batch.Acked > before {
		w.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(w).Encode(wire.Restored{Before: before})
		return
	}
	a := wire.Answer{Before: &before}
	for i, r := range batch.Records {
		v := wire.Verdict{Index: i, Status: wire.Stored}
		covered, there := f.machines[name][r.Date]
		switch err := r.Validate(); {
		case err != nil:
			v.Status, v.Reason = wire.Refused, err.Error()
		case there && covered >= r.CoveredS():
			v.Status = wire.Kept
		case there:
			v.Status = wire.Replaced
		}
		if v.Status == wire.Stored || v.Status == wire.Replaced {
			n := f.counted[name] + 1
			if f.double(name, n) {
				f.counted[name]++
			}
			if !f.lose(name, n) {
				f.machines[name][r.Date] = r.CoveredS()
				f.counted[name]++
			}
		}
		a.Verdicts = append(a.Verdicts, v)
	}
	_ = json.NewEncoder(w).Encode(a)
}

// way is a way to a server of a test, with pauses that a test can wait for.
func way(url string) burst.Way {
	return burst.Way{Collector: url, Connections: 8, KeepAlive: true, Timeout: 10 * time.Second, Retries: 30, FirstPause: time.Millisecond, Patience: 10 * time.Second}
}

// enrolled are machines of a server.
func enrolled(t testing.TB, w burst.Way, token string, n int) *burst.Identities {
	t.Helper()
	ids := &burst.Identities{}
	if got, _, err := burst.Enrol(t.Context(), w, token, ids, n, kind, nil); err != nil || got != n || len(ids.Machines) != n || ids.Zone != zone {
		t.Fatalf("%d of %d enrolled, %v", got, n, err)
	}
	return ids
}

// run is one load, which must come to an end.
func run(t *testing.T, w burst.Way, p burst.Plan, ids *burst.Identities) *burst.Report {
	t.Helper()
	if p.Machines == 0 {
		p.Machines = len(ids.Machines)
	}
	if p.Check == "" {
		p.Check = burst.All
	}
	l, err := burst.New(w, p, ids, daily(ids), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := l.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// serve is a server for a handler.
func serve(tb testing.TB, h http.Handler) string {
	tb.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	tb.Cleanup(s.Close)
	return s.URL
}

// kind is what the machines of most tests say of themselves.
func kind(int) (wire.Use, *wire.Machine) { return wire.Individual, nil }
