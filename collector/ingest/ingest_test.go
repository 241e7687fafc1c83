package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// rig is a handler on a real ledger, with a token for three machines.
type rig struct {
	*httptest.Server
	store    *relational.Store
	registry *enrol.Registry
	token    string
	log      *bytes.Buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{log: &bytes.Buffer{}}
	r.store, r.registry, r.token = newLedger(t, 3)
	r.Server = httptest.NewServer(ingest.New(ingest.Parts{Registry: r.registry, Ledger: r.store, Policies: &policies{}, Key: key(), Now: now, Log: slog.New(slog.NewTextHandler(r.log, nil))}))
	t.Cleanup(r.Close)
	return r
}

// now is what the system's clock says.
func now() (time.Time, error) { return time.Now(), nil }

// everything is all records of a ledger, those of personal machines included.
func everything(t *testing.T, s *relational.Store) []collector.Change {
	t.Helper()
	var all []collector.Change
	err := s.Records(t.Context(), "2000-01-01", "2100-01-01", func(c collector.Change) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// policies are those of a collector whose sites have said nothing but a number.
type policies struct {
	serial atomic.Int64
	asked  atomic.Int64
}

func (p *policies) Policy(_ context.Context, s collector.Site, _ collector.Date, after int64) (collector.Policy, error) {
	p.asked.Add(1)
	if after > p.serial.Load()+1 {
		p.serial.Store(after)
	}
	return collector.Policy{Serial: p.serial.Load() + 1, Site: s.Name, TimeZone: s.TimeZone, Open: []collector.OpenHours{{Weekday: 1, From: "08:00", To: "18:00"}}}, nil
}

// key signs policies, the same in each run.
func key() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
}

// newLedger is an empty ledger with one site, its registry, and a token for so many machines.
func newLedger(tb testing.TB, machines int) (*relational.Store, *enrol.Registry, string) {
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
	return store, enrol.New(bytes.Repeat([]byte{1}, 32), store), token
}

// post answers the status and the text of the answer, which must carry the header of refusal where the agent is to give up.
func (r *rig) post(t *testing.T, path, password, encoding string, body []byte) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+password)
	request.Header.Set("Content-Encoding", encoding)
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	final := !strings.Contains(string(text), "truncated") && response.StatusCode == 400 || response.StatusCode == 413 || response.StatusCode == 415
	if got := response.Header.Get(wire.RefusedHeader) != ""; got != final {
		t.Errorf("a %d with the header of refusal: %t", response.StatusCode, got)
	}
	return response.StatusCode, strings.TrimSpace(string(text))
}

func (r *rig) enrol(t *testing.T, key int, use wire.Use) string {
	t.Helper()
	body := fmt.Sprintf(`{"version":1,"install_key":"%032x","use":%q}`, key, use)
	status, text := r.post(t, "/api/v1/enrol", r.token, "", []byte(body))
	var c wire.Credentials
	if err := json.Unmarshal([]byte(text), &c); status != 200 || err != nil || c.Site != "Lycée" {
		t.Fatalf("enrolment: %d %s", status, text)
	}
	return c.Credential
}

func batch(t testing.TB, records ...wire.Record) []byte {
	t.Helper()
	body, err := json.Marshal(wire.Batch{Version: 1, Records: records})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func zip(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (r *rig) verdicts(t *testing.T, password string, records ...wire.Record) []wire.Verdict {
	t.Helper()
	status, text := r.post(t, "/api/v1/records", password, "gzip", zip(t, batch(t, records...)))
	var a wire.Answer
	if err := json.Unmarshal([]byte(text), &a); status != 200 || err != nil {
		t.Fatalf("%d %s", status, text)
	}
	return a.Verdicts
}

// zone is that of the site: no day there is longer or shorter than the others, so the tests hold on each day of the year.
const zone = "Indian/Reunion"

// hour is an hour of a day some days ago.
func hour(days, n, covered int) wire.Record {
	return wire.Record{
		Date: time.Now().UTC().Add(4*time.Hour).AddDate(0, 0, -days).Format(time.DateOnly), Hour: &n, LengthS: 3600, Use: wire.Server,
		Machine: wire.Machine{Class: "desktop", Virtual: true, OS: "linux", RAM: "8-16", Agent: "v1"},
		Parts: []wire.Part{{
			Part: "open", LengthS: 3600, Seconds: wire.Seconds{On: covered, Unknown: 3600 - covered},
			Energy: []wire.Energy{{Wh: 1, LowWh: .5, HighWh: 2, Method: "model-class", Scope: "machine", CoveredS: covered}},
		}},
	}
}

func day(days int) wire.Record {
	r := hour(days, 0, 3600)
	r.Hour, r.LengthS, r.Use = nil, 86_400, wire.Individual
	r.Parts[0].LengthS, r.Parts[0].Seconds = 86_400, wire.Seconds{Off: 86_400}
	return r
}

func (r *rig) kept(t *testing.T) int {
	t.Helper()
	changes := everything(t, r.store)
	return len(changes)
}

func TestARecordIsAcknowledgedAndThereOnce(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	for i, step := range []struct {
		record wire.Record
		want   wire.Status
	}{
		{hour(1, 9, 600), wire.Stored},
		{hour(1, 9, 600), wire.Kept},
		{hour(1, 9, 1200), wire.Replaced},
		{hour(1, 9, 600), wire.Kept},
		{hour(1, 10, 60), wire.Stored},
	} {
		if v := r.verdicts(t, password, step.record); len(v) != 1 || v[0].Status != step.want {
			t.Errorf("post %d: %+v, want %s", i, v, step.want)
		}
	}
	if n := r.kept(t); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}

func TestOneBadRecordDoesNotCostTheOthers(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	negative, future, old := hour(1, 1, 60), hour(-2, 1, 60), hour(91, 1, 60)
	negative.Parts[0].Energy[0].Wh = -1
	got := r.verdicts(t, password, hour(1, 0, 60), negative, future, old, hour(1, 0, 120), hour(1, 2, 60), day(2))
	for i, want := range []struct {
		status wire.Status
		reason string
	}{
		{wire.Stored, ""},
		{wire.Refused, "not an energy"},
		{wire.Refused, "lies in the future"},
		{wire.Refused, "45 days ago"},
		{wire.Refused, "another record of this date and hour"},
		{wire.Stored, ""},
		{wire.Stored, ""},
	} {
		if got[i].Index != i || got[i].Status != want.status || !strings.Contains(got[i].Reason, want.reason) {
			t.Errorf("record %d: %+v, want %+v", i, got[i], want)
		}
	}
	if n := r.kept(t); n != 3 {
		t.Errorf("%d records kept, want 3", n)
	}
}

func TestAnHourOfAPersonalMachineIsRefusedWhateverItClaims(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Individual)
	got := r.verdicts(t, password, hour(1, 9, 60), day(1))
	if got[0].Status != wire.Refused || !strings.Contains(got[0].Reason, "only whole days") || got[1].Status != wire.Stored {
		t.Errorf("%+v", got)
	}
	changes := everything(t, r.store)
	if len(changes) != 1 {
		t.Fatalf("%+v", changes)
	}
	if c := changes[0].Record; !c.Virtual || c.Class != "desktop" || c.OS != "linux" || c.Agent != "v1" || c.RAM != "8-16" {
		t.Errorf("the kind of machine was kept as %+v", c)
	}
	if points, err := changes[0].Points(); err != nil || len(points) != 0 {
		t.Errorf("the day of a personal machine gives points: %+v, %v", points, err)
	}
	refused, err := r.store.Quarantined(t.Context(), 1)
	if err != nil || len(refused) != 1 || refused[0].Hour != collector.WholeDay || refused[0].Record != "" || !strings.Contains(refused[0].Reason, "only whole days") {
		t.Errorf("in quarantine %+v, %v; want the reason and nothing of the hour", refused, err)
	}
}

func TestADayThatWasMadeWhenTheMachineWasAPersonsIsCountedAsOneWhenItComesLate(t *testing.T) {
	r := newRig(t)
	r.verdicts(t, r.enrol(t, 1, wire.Server), hour(3, 9, 60))
	r.enrol(t, 1, wire.Individual)
	password := r.enrol(t, 1, wire.Shared)
	shared := day(1)
	shared.Use = wire.Shared
	for i, v := range r.verdicts(t, password, day(2), shared, hour(0, 0, 60)) {
		if v.Status != wire.Stored {
			t.Errorf("record %d: %+v", i, v)
		}
	}
	var got []string
	for _, c := range everything(t, r.store) {
		got = append(got, fmt.Sprint(c.Record.Hour, " ", c.Record.Use))
	}
	if fmt.Sprint(got) != "[-1 individual -1 individual -1 shared 0 shared]" {
		t.Errorf("%q", got)
	}
}

func TestBadInputIsRefusedWithItsStatusAndASentence(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	good := batch(t, hour(1, 9, 60))
	huge := zip(t, bytes.Repeat([]byte(" "), 9<<20))
	for _, tt := range []struct {
		name, password, encoding string
		body                     []byte
		status                   int
		says                     string
	}{
		{"no password", "", "", good, 401, "enrol it again"},
		{"another password", "x", "", good, 401, "enrol it again"},
		{"nothing", password, "", nil, 400, "truncated"},
		{"half a batch", password, "", good[:len(good)/2], 400, "truncated"},
		{"half a gzip", password, "gzip", zip(t, good)[:60], 400, "truncated"},
		{"no gzip", password, "gzip", good, 400, "not gzip"},
		{"an encoding nobody knows", password, "br", good, 400, "none of gzip"},
		{"too large as sent", password, "", append(bytes.Repeat([]byte(" "), 2<<20), good...), 413, "larger than 1048576 bytes"},
		{"too large when unpacked", password, "gzip", huge, 413, "larger than 8388608 bytes"},
		{"NaN", password, "", bytes.Replace(good, []byte(`"wh":1`), []byte(`"wh":NaN`), 1), 400, "not the JSON expected"},
		{"a number without bounds", password, "", bytes.Replace(good, []byte(`"wh":1`), []byte(`"wh":1e999`), 1), 400, "not the JSON expected"},
		{"a later version", password, "", bytes.Replace(good, []byte(`"version":1`), []byte(`"version":2`), 1), 415, "upgrade the collector"},
		{"no records", password, "", []byte(`{"version":1,"records":[]}`), 400, "0 records"},
		{"two batches", password, "", append(good, good...), 400, "after top-level value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if status, text := r.post(t, "/api/v1/records", tt.password, tt.encoding, tt.body); status != tt.status || !strings.Contains(text, tt.says) {
				t.Errorf("%d %q, want %d and %q", status, text, tt.status, tt.says)
			}
		})
	}
	if n := r.kept(t); n != 0 {
		t.Errorf("%d records kept, want none", n)
	}
}

func TestEnrolmentNeedsAGoodTokenAndAKey(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		name, token, body string
		status            int
	}{
		{"a token nobody knows", "x", `{"version":1,"install_key":"00112233445566778899aabbccddeeff","use":"server"}`, 403},
		{"no token", "", `{"version":1,"install_key":"00112233445566778899aabbccddeeff","use":"server"}`, 403},
		{"no key", r.token, `{"version":1,"use":"server"}`, 400},
		{"half", r.token, `{"version":1,`, 400},
		{"a later version", r.token, `{"version":9,"install_key":"00112233445566778899aabbccddeeff","use":"server"}`, 415},
	} {
		if status, text := r.post(t, "/api/v1/enrol", tt.token, "", []byte(tt.body)); status != tt.status || text == "" {
			t.Errorf("%s: %d %q, want %d", tt.name, status, text, tt.status)
		}
	}
	for i := range 3 {
		r.enrol(t, i, wire.Server)
	}
	r.enrol(t, 0, wire.Server) // the same machine again
	body := fmt.Sprintf(`{"version":1,"install_key":"%032x","use":"server"}`, 4)
	if status, text := r.post(t, "/api/v1/enrol", r.token, "", []byte(body)); status != 403 {
		t.Errorf("a fourth machine on a token for three: %d %q", status, text)
	}
}

func TestAnybodyMayReadWhatAgentsSend(t *testing.T) {
	r := newRig(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+"/api/v1/record.schema.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var schema struct{ Title string }
	if err := json.NewDecoder(response.Body).Decode(&schema); err != nil || !strings.Contains(schema.Title, "version 1") {
		t.Errorf("%+v, %v", schema, err)
	}
}

func TestADayOrHourThatTheSiteDoesNotHaveIsRefused(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	long := day(1)
	long.LengthS, long.Parts[0].LengthS, long.Parts[0].Seconds.Off = 90_000, 90_000, 90_000
	half := hour(1, 3, 60)
	half.LengthS, half.Parts[0].LengthS, half.Parts[0].Seconds.Unknown = 1800, 1800, 1740
	got := r.verdicts(t, password, hour(1, 24, 60), long, half, hour(1, 23, 60))
	for i, want := range []wire.Status{wire.Refused, wire.Refused, wire.Refused, wire.Stored} {
		if got[i].Status != want {
			t.Errorf("record %d: %+v, want %s", i, got[i], want)
		}
	}
}

// broken is a ledger whose disk is full.
type broken struct{}

func (broken) Keep(context.Context, collector.Machine, collector.Date, int64, []collector.Record) (collector.Receipt, error) {
	return collector.Receipt{}, errors.New("disk full")
}

func (broken) Quarantine(context.Context, []collector.Refused) error {
	return errors.New("no space left on device")
}

func TestWhatCannotBePutOnDiskIsNotAcknowledged(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	h := ingest.New(ingest.Parts{Registry: enrol.New(bytes.Repeat([]byte{1}, 32), r.store), Ledger: broken{}, Policies: &policies{}, Key: key(), Now: now, Log: slog.New(slog.NewTextHandler(r.log, nil))})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/records", nil)
	request.Header.Set("Authorization", "Bearer "+password)
	for range 100 { // a fleet comes back again and again
		request.Body = io.NopCloser(bytes.NewReader(batch(t, hour(1, 9, 60))))
		h.ServeHTTP(httptest.NewRecorder(), request)
	}
	if n := strings.Count(r.log.String(), "\n"); n > 1 {
		t.Errorf("%d log lines for one trouble", n)
	}
	request.Body = io.NopCloser(bytes.NewReader(batch(t, hour(1, 9, 60))))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(r.log.String(), "disk full") {
		t.Errorf("%d %s, log %q", w.Code, w.Body, r.log)
	}
}

func TestNoLogLineTellsWhoSpokeWhen(t *testing.T) {
	r := newRig(t)
	r.verdicts(t, r.enrol(t, 1, wire.Server), hour(1, 9, 60))
	r.post(t, "/api/v1/records", "x", "", nil)
	if r.log.Len() > 0 {
		t.Errorf("logged: %s", r.log)
	}
}

// Whatever is posted, the answer is one of those that the agents know, and what is kept is valid.
func FuzzRecords(f *testing.F) {
	store, registry, token := newLedger(f, 1)
	password, _, err := registry.Enrol(f.Context(), token, make([]byte, 16), "server", collector.Kind{})
	if err != nil {
		f.Fatal(err)
	}
	h := ingest.New(ingest.Parts{Registry: registry, Ledger: store, Policies: &policies{}, Key: key(), Now: now, Log: slog.New(slog.DiscardHandler)})
	body, err := json.Marshal(wire.Batch{Version: 1, Records: []wire.Record{hour(1, 9, 60), day(1)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(body))
	f.Add(`{"version":1,"records":[{}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/records", strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+password)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request)
		switch w.Code {
		case 200, 400, 413, 415:
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, c := range everything(t, store) {
			if n := c.Record.CoveredS(); n < 0 || n > c.Record.LengthS {
				t.Fatalf("kept %+v", c.Record)
			}
		}
	})
}
