package cmd_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/calendar"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// postedMachine is a machine, and each message that it posted, word for word.
type postedMachine struct {
	site   int // of those of the history, from 0
	use    wire.Use
	bodies [][]byte
}

// history is a collector's folder whose records were posted through the real ingest in months that are over, and what was posted.
type history struct {
	data     string
	machines []postedMachine
	months   []string // whole ones, the oldest first; those but for the last two are fixed whatever today is
	sites    []string
}

// past is the month so many before that of today.
func past(months int) string {
	y, m, _ := time.Now().UTC().Date()
	return time.Date(y, m-time.Month(months), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// crew is machines that do not exist, all of one calendar: open from Monday to Friday, 10 hours, closed on three days of each month.
type crew struct {
	seed     uint64
	machines int
	months   int     // that they live before this one
	weights  []int   // of sites: how many of the machines each gets
	blind    float64 // share of the machines whose energy nobody knows
	slept    string  // date from which most of them sleep at night
	silent   [2]int  // from which month to which nobody posts, in months before this one
}

// lived lets a crew post all its days until yesterday, and rolls up.
func lived(t *testing.T, c crew) history {
	t.Helper()
	h := history{data: filepath.Join(t.TempDir(), "data")}
	for i := c.months; i > 0; i-- {
		h.months = append(h.months, past(i))
	}
	tokens := make([]string, len(c.weights))
	for i := range c.weights {
		name := "Site " + strconv.Itoa(i+1)
		h.sites = append(h.sites, name)
		manage(t, h.data, "site", "add", "--time-zone", "Europe/Paris", name)
		tokens[i] = strings.TrimSpace(manage(t, h.data, "token", "create", "--site", name, "--machines", "500"))
	}
	h.machines = c.postAll(t, h.data, tokens)
	manage(t, h.data, "rollup", "run")
	return h
}

// use is that of a machine: of ten, six are of persons, three are shared, and one is a server.
func (c crew) use(i int) wire.Use {
	switch i % 10 {
	case 3, 6, 9:
		return "shared"
	case 5:
		return "server"
	}
	return "individual"
}

// dates are all that are lived.
func (c crew) dates(t *testing.T) (all []time.Time) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	for i := 0; ; i++ {
		day := time.Date(now.Year(), now.Month()-time.Month(c.months), 1+i, 0, 0, 0, 0, zone)
		if !day.Before(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)) {
			return all
		}
		if month := day.Format("2006-01"); c.silent[0] == 0 || month < past(c.silent[0]) || month > past(c.silent[1]) {
			all = append(all, day)
		}
	}
}

// day is the record of a machine on a date; false where it is not there. Of the last two months one machine alone tells: they show the date, by which
// those before are fixed.
func (c crew) day(i int, date time.Time) (r wire.Record, ok bool) {
	name := date.Format(time.DateOnly)
	if i%11 == 7 && name < past(c.months-2) || i > 0 && name >= past(2) {
		return r, false
	}
	dice := rand.New(rand.NewPCG(c.seed<<32|uint64(i), uint64(date.Unix())))
	length := int(date.AddDate(0, 0, 1).Sub(date).Seconds())
	r = wire.Record{
		Date: name, LengthS: length, Use: c.use(i),
		Machine: wire.Machine{Class: []string{"desktop", "notebook"}[i/10%2], OS: "linux", OSVersion: "debian-12", CPU: "intel-5-8", Agent: "1.0.0"},
	}
	if r.Use == "server" {
		r.Machine.Class = "server"
	}
	parts := map[string]int{"open": 36_000, "night": length - 36_000}
	switch {
	case date.Day() >= 10 && date.Day() <= 12:
		parts = map[string]int{"holiday": length}
	case date.Weekday() == time.Saturday || date.Weekday() == time.Sunday:
		parts = map[string]int{"weekend": length}
	}
	for _, name := range []string{"open", "night", "weekend", "holiday"} {
		if parts[name] > 0 {
			r.Parts = append(r.Parts, c.part(i, name, parts[name], r, dice))
		}
	}
	return r, true
}

// part is what a machine did in a part of a day, and the energy of it.
func (c crew) part(i int, name string, length int, r wire.Record, dice *rand.Rand) wire.Part {
	sleepy := c.slept != "" && r.Date >= c.slept && i%8 != 0
	p := wire.Part{Part: name, LengthS: length, Energy: []wire.Energy{}}
	s := &p.Seconds
	if dice.IntN(12) == 0 {
		s.Unknown = length / (2 + dice.IntN(6))
	}
	left := length - s.Unknown
	switch on := dice.Float64(); {
	case r.Use == "server":
		s.On = left
	case name == "open":
		s.On = int(float64(left) * (0.4 + 0.5*on))
		s.DisplayOff = (left - s.On) / 2
		s.Sleep = left - s.On - s.DisplayOff
	case sleepy:
		s.On = int(float64(left) * 0.1 * on)
		s.Sleep = int(float64(left-s.On) * (0.2 + 0.3*dice.Float64()))
		s.Off = left - s.On - s.Sleep
	default:
		s.On = int(float64(left) * (0.1 + 0.3*on))
		s.DisplayOff = int(float64(left) * 0.3 * dice.Float64())
		s.Off = left - s.On - s.DisplayOff
	}
	if float64(i*7%100) < 100*c.blind || left == 0 {
		return p
	}
	watts := []float64{18, 42, 65, 30}[i%4]
	method := []string{"model-class", "plug", "rapl+model", "battery", "model-declared"}[i%5]
	wh := (float64(s.On)*watts + float64(s.DisplayOff)*watts*0.7 + float64(s.Sleep)*1.4 + float64(s.Off)*0.6) / 3600
	p.Energy = append(p.Energy, wire.Energy{Wh: wh, LowWh: wh * 0.9, HighWh: wh * 1.15, Method: method, Scope: "machine", CoveredS: left})
	if s.On > 0 && r.Machine.Class == "desktop" { // its screen, which is apart, and its processor, which is in it
		screen := float64(s.On) * 22 / 3600
		p.Energy = append(p.Energy, wire.Energy{Wh: screen, LowWh: screen * 0.6, HighWh: screen * 1.6, Method: "model-class", Scope: "display", CoveredS: s.On},
			wire.Energy{Wh: wh / 3, LowWh: wh / 3, HighWh: wh / 3, Method: "rapl", Scope: "cpu", CoveredS: left})
	}
	return p
}

// evening is a clock that a test sets, and the ledger on which machines are enrolled on its day.
type evening struct {
	*relational.Store
	now time.Time
}

// Enrol is that of the store, on the day of the clock.
func (e *evening) Enrol(ctx context.Context, n collector.Enrolment) (collector.Enrolled, error) {
	n.On = collector.DateOf(e.now)
	return e.Store.Enrol(ctx, n)
}

// Policy is what the calendar of a site asks.
func (e *evening) Policy(ctx context.Context, site collector.Site, today collector.Date, after int64) (collector.Policy, error) {
	c, err := e.Calendar(ctx, site.ID)
	if err != nil {
		return collector.Policy{}, err
	}
	p, err := calendar.Policy(site, collector.Responsible{}, c, collector.Limits{}, today)
	p.Serial = after + 1
	return p, err
}

// postAll posts all records of a crew to the collector's own handler, whose clock says the day after the last of each message.
func (c crew) postAll(t *testing.T, data string, tokens []string) []postedMachine {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	pseudonyms, err := enrol.LoadKey(filepath.Join(data, "organisation.key"), "the organisation")
	if err != nil {
		t.Fatal(err)
	}
	e := &evening{Store: store}
	handler := ingest.New(ingest.Parts{
		Registry: enrol.New(pseudonyms, e), Ledger: store, Policies: e, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), Memory: 1 << 30,
		Now: func() (time.Time, error) { return e.now, nil }, Log: slog.New(slog.DiscardHandler),
	})
	machines := make([]postedMachine, c.machines)
	passwords, acked := make([]string, c.machines), make([]int64, c.machines)
	const span = 40 // days in a message: a collector takes 45
	for dates := range c.messages(t, span) {
		e.now = dates[len(dates)-1].Add(34 * time.Hour)
		var posts sync.WaitGroup
		for i := range machines {
			var records []wire.Record
			for _, date := range dates {
				if r, ok := c.day(i, date); ok {
					records = append(records, r)
				}
			}
			if len(records) == 0 {
				continue
			}
			m := &machines[i]
			if passwords[i] == "" {
				m.site, m.use = dealt(i/10, c.weights), c.use(i)
				passwords[i] = enrolTo(t, handler, tokens[m.site], i, records[0])
			}
			posts.Go(func() {
				body := encoded(t, wire.Batch{Version: wire.Version, Records: records, Acked: acked[i]})
				m.bodies = append(m.bodies, body)
				acked[i] += accepted(t, handler, passwords[i], body, len(records))
			})
		}
		posts.Wait()
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return machines
}

// messages are the dates of each message, which are of so many days at most.
func (c crew) messages(t *testing.T, span int) iter.Seq[[]time.Time] {
	t.Helper()
	dates := c.dates(t)
	return func(yield func([]time.Time) bool) {
		for len(dates) > 0 {
			n := 1
			for n < len(dates) && dates[n].Before(dates[0].AddDate(0, 0, span)) {
				n++
			}
			if !yield(dates[:n]) {
				return
			}
			dates = dates[n:]
		}
	}
}

// dealt is the site of a machine: of as many in a row as the weights come to, each site gets its weight.
func dealt(i int, weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	i %= sum
	for site, w := range weights {
		if i -= w; i < 0 {
			return site
		}
	}
	return 0
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return text
}

// posted is what a handler answers to a message.
func posted(t *testing.T, h http.Handler, path, password string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+password)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("%s answers %d: %s", path, w.Code, w.Body)
	}
	return w
}

func enrolTo(t *testing.T, h http.Handler, token string, i int, first wire.Record) string {
	t.Helper()
	body := encoded(t, wire.Enrolment{Version: wire.Version, InstallKey: installKey(uint64(i)), Use: first.Use, Machine: &first.Machine})
	var c wire.Credentials
	if err := json.Unmarshal(posted(t, h, "/api/v1/enrol", token, body).Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	return c.Credential
}

// accepted is how many records the handler has taken, all of them new.
func accepted(t *testing.T, h http.Handler, password string, body []byte, n int) int64 {
	t.Helper()
	var a wire.Answer
	if err := json.Unmarshal(posted(t, h, "/api/v1/records", password, body).Body.Bytes(), &a); err != nil {
		t.Error(err)
		return 0
	}
	for _, v := range a.Verdicts {
		if v.Status != wire.Stored {
			t.Errorf("a record was answered %+v", v)
		}
	}
	if len(a.Verdicts) != n {
		t.Errorf("%d verdicts to %d records", len(a.Verdicts), n)
	}
	return int64(n)
}

// worlds are histories that several tests begin with, by name.
var worlds struct {
	sync.Mutex
	made map[string]history
}

// begun is a history of a test's own, which is made once for all tests that ask for one of that name.
func begun(t *testing.T, name string, live func(*testing.T) history) history {
	t.Helper()
	worlds.Lock()
	defer worlds.Unlock()
	h, ok := worlds.made[name]
	if !ok {
		h = live(t)
		kept := filepath.Join(bin, "world-"+name)
		if err := os.CopyFS(kept, os.DirFS(h.data)); err != nil {
			t.Fatal(err)
		}
		if h.data = kept; worlds.made == nil {
			worlds.made = map[string]history{}
		}
		worlds.made[name] = h
	}
	h.data = copied(t, h.data)
	return h
}

// copied is a new folder with the same files.
func copied(t *testing.T, data string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	return to
}

// reported is a report as JSON, as the program writes it.
func reported(t *testing.T, data, template, from, to string, more ...string) []byte {
	t.Helper()
	return []byte(manage(t, data, append([]string{"report", "--template", template, "--from", from, "--to", to, "--format", "json"}, more...)...))
}
