package ingest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/agent"
	"veille/agent/spool"
	"veille/agent/wire"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// world is some machines, their collector, and a network between them that does what networks do.
type world struct {
	t        *testing.T
	random   *rand.Rand
	dir      string
	store    *relational.Store
	handler  http.Handler
	machines []*machine
	delayed  []*http.Request // copies that the network still has
	backups  []backup
	restored int  // day of the last restore
	calm     bool // the network works
	ago      int  // days by which the collector's clock is before ours
	counts   map[string]int
}

// backup is a copy of the ledger, and the day it was made on.
type backup struct {
	file string
	day  int
}

// machine is an agent's spool and courier, and the days it has closed.
type machine struct {
	data     string
	password string
	courier  *agent.Courier
	days     map[string]int // seconds on, by date
}

func newWorld(t *testing.T, seed uint64, machines int) *world {
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 3)), dir: t.TempDir(), counts: map[string]int{}}
	w.open()
	site, err := w.store.CreateSite(t.Context(), "Région", "Lycée", zone)
	if err != nil {
		t.Fatal(err)
	}
	token, entry := enrol.NewToken(site.ID, machines, 7)
	if err := w.store.CreateToken(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	registry := w.registry()
	for i := range machines {
		password, _, err := registry.Enrol(t.Context(), token, bytes.Repeat([]byte{byte(i)}, 16), "individual", collector.Kind{})
		if err != nil {
			t.Fatal(err)
		}
		m := &machine{data: t.TempDir(), password: password, days: map[string]int{}}
		w.start(m)
		w.machines = append(w.machines, m)
	}
	return w
}

func (w *world) registry() *enrol.Registry { return enrol.New(bytes.Repeat([]byte{1}, 32), w.store) }

func (w *world) file() string { return filepath.Join(w.dir, "veille.db") }

func (w *world) open() {
	var err error
	if w.store, err = sqlite.Open(w.t.Context(), w.file()); err != nil {
		w.t.Fatal(err)
	}
	w.handler = ingest.New(ingest.Parts{Registry: w.registry(), Ledger: w.store, Policies: &policies{}, Key: key(), Now: w.now, Log: slog.New(slog.DiscardHandler)})
}

func (w *world) now() (time.Time, error) { return time.Now().AddDate(0, 0, -w.ago), nil }

func (w *world) close() {
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// start makes the agent's side anew, as after a crash.
func (w *world) start(m *machine) {
	s, err := spool.Open(filepath.Join(m.data, "spool"), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	id := agent.Identity{Collector: "http://127.0.0.1", Credential: m.password, Use: wire.Individual}
	m.courier = agent.NewCourier(&http.Client{Transport: w}, id, s, slog.New(slog.DiscardHandler), nil)
}

// RoundTrip is the network.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	event := 99
	if !w.calm {
		event = w.random.IntN(12)
	}
	switch event {
	case 0:
		w.counts["lost requests"]++
		return nil, errors.New("no route to host")
	case 1:
		w.counts["lost answers"]++
		w.deliver(r, body)
		return nil, errors.New("connection reset by peer")
	case 2:
		w.counts["duplicates"]++
		w.deliver(r, body)
	case 3:
		w.counts["delayed copies"]++
		w.delayed = append(w.delayed, copyOf(r, body))
	case 4:
		w.counts["answers of a proxy"]++
		return &http.Response{StatusCode: []int{400, 407, 413, 502, 504}[w.random.IntN(5)], Header: http.Header{}, Body: io.NopCloser(strings.NewReader("proxy")), Request: r}, nil
	case 5:
		w.counts["bodies cut short"]++
		return w.deliver(r, body[:w.random.IntN(len(body))]), nil
	case 6:
		w.counts["collector restarts in the middle"]++
		answer := w.deliver(r, body)
		w.close()
		w.open()
		return answer, nil
	}
	return w.deliver(r, body), nil
}

func copyOf(r *http.Request, body []byte) *http.Request {
	c := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.Path, bytes.NewReader(body))
	c.Header = r.Header.Clone()
	return c
}

func (w *world) deliver(r *http.Request, body []byte) *http.Response {
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, copyOf(r, body))
	return answer.Result()
}

// replay lets some of what the network still has arrive, in any order.
func (w *world) replay(all bool) {
	w.random.Shuffle(len(w.delayed), func(i, j int) { w.delayed[i], w.delayed[j] = w.delayed[j], w.delayed[i] })
	n := len(w.delayed)
	if !all {
		n = w.random.IntN(n + 1)
	}
	for _, r := range w.delayed[:n] {
		w.counts["copies that came late"]++
		w.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	w.delayed = w.delayed[n:]
}

// oldest is the age in days of the oldest backup that is restored: with ten days offline it stays within the journal of an agent,
// which is thirty days. So that restores do not add up, a backup of a ledger is used only when each machine has had the time to give
// back what the last restore had cost.
const oldest = 12

// backup copies the ledger.
func (w *world) backup(day int) {
	if day > 0 && day-w.restored <= oldest {
		return
	}
	w.close()
	defer w.open()
	text, err := os.ReadFile(w.file())
	if err != nil {
		w.t.Fatal(err)
	}
	name := filepath.Join(w.dir, fmt.Sprintf("backup-%d", len(w.backups)))
	if err := os.WriteFile(name, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.backups = append(w.backups, backup{name, day})
}

// restore goes back to a copy of the last days.
func (w *world) restore(day int) {
	recent := slices.DeleteFunc(slices.Clone(w.backups), func(b backup) bool { return day-b.day > oldest })
	if len(recent) == 0 {
		return
	}
	w.counts["restored from a backup"]++
	w.restored = day
	w.close()
	defer w.open()
	text, err := os.ReadFile(recent[w.random.IntN(len(recent))].file)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.file(), text, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// shut closes a day of a machine: its record waits from now on.
func (w *world) shut(m *machine, date string) {
	on := w.random.IntN(86_400)
	r := day(0)
	r.Date = date
	r.Parts[0].Seconds, r.Parts[0].Energy = wire.Seconds{On: on, Off: 86_400 - on}, nil
	body, err := json.Marshal(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := m.courier.Spool.Put(date, body); err != nil {
		w.t.Fatal(err)
	}
	m.days[date] = on
}

// check compares the ledger with what the machines have closed.
func (w *world) check(seed uint64) {
	changes := everything(w.t, w.store)
	type key struct {
		machine int64
		date    collector.Date
	}
	got := map[key]int{}
	for _, c := range changes {
		got[key{c.Machine, c.Record.Date}]++
		m := w.machines[c.Machine-1] // in the order of their enrolment
		if on, ok := m.days[string(c.Record.Date)]; !ok || on != c.Record.Parts[0].Seconds.On {
			w.t.Errorf("seed %d: machine %d on %s: %d s on, the agent counted %d, %t", seed, c.Machine, c.Record.Date, c.Record.Parts[0].Seconds.On, on, ok)
		}
	}
	for i, m := range w.machines {
		for date := range m.days {
			if n := got[key{int64(i + 1), collector.Date(date)}]; n != 1 {
				w.t.Errorf("seed %d: the %s of machine %d arrived %d times", seed, date, i+1, n)
			}
		}
	}
}

// Sixty days of three machines, with lost answers, duplicates, reordering, gaps of ten days, agents and collectors that crash, and
// collectors restored from a backup: in the end each closed day is in the ledger once, with the agent's figures.
func TestEachClosedDayArrivesExactlyOnceWhateverTheNetworkDoes(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(3) {
		w := newWorld(t, seed, 3)
		w.counts = counts
		w.backup(0)
		away := make([]int, len(w.machines)) // days for which a machine is still offline; below 0, since when it is not
		const days = 60
		for i := range days {
			w.ago = days - 1 - i
			date := time.Now().UTC().Add(4*time.Hour).AddDate(0, 0, i-days).Format(time.DateOnly)
			for j, m := range w.machines {
				w.shut(m, date)
				if away[j] < -10 && w.random.IntN(10) == 0 { // not one gap after the other: agents keep thirty days
					away[j] = 11
				}
				if w.random.IntN(10) == 0 {
					w.start(m)
				}
				if away[j]--; away[j] > 0 {
					counts["days offline"]++
					continue
				}
				for range 3 {
					if m.courier.Deliver(t.Context()) == nil {
						break
					}
				}
			}
			w.replay(false)
			if w.random.IntN(3) == 0 {
				w.backup(i)
			}
			if w.random.IntN(12) == 0 {
				w.restore(i)
			}
		}
		w.calm = true
		for _, m := range w.machines { // the next day closes, and the network works again
			w.shut(m, time.Now().UTC().Add(4*time.Hour).Format(time.DateOnly))
			if err := m.courier.Deliver(t.Context()); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
		w.replay(true)
		w.check(seed)
		w.close()
	}
	t.Logf("met: %v", counts)
	for _, what := range []string{"lost requests", "lost answers", "duplicates", "copies that came late", "restored from a backup", "days offline", "bodies cut short"} {
		if counts[what] < 5 {
			t.Errorf("%s: %d; the test has not met them", what, counts[what])
		}
	}
}
