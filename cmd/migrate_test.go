package cmd_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/lease"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/postgres"
	"veille/collector/store/sqlite"
	"veille/collector/store/storetest"
	"veille/collector/transfer"
)

// reportOf is the report of a year in JSON, by flags that say where the ledger is.
func reportOf(t *testing.T, where ...string) string {
	t.Helper()
	return do(t, nil, append([]string{
		"veille-collector", "report", "--template", "lnr-2019", "--from", "2025-09", "--to", "2026-08", "--format", "json",
	}, where...)...)
}

func TestALedgerMovesToPostgreSQLAndBackThoughItIsKilledAndItsReportsStayTheSame(t *testing.T) {
	t.Parallel() // a copy that was killed is taken for running for half a minute
	file, back := t.TempDir(), t.TempDir()
	do(t, nil, "veille-fleet", "simulate", "--machines", "400", "--days", "400", "--seed", "7", "--through", "store", "--data", file)
	before := reportOf(t, "--data", file)
	ledger := engines.Postgres(t).Database(t)
	half := func() bool { // kills a copy under way; false: it had ended
		p := launch(t, command(t, "veille-collector", "migrate", "ledger", "--data", file, "--to-ledger", ledger))
		ended := make(chan string, 1)
		go func() { ended <- p.rest() }()
		begun := time.NewTicker(5 * time.Millisecond)
		defer begun.Stop()
		for {
			select {
			case text := <-ended:
				t.Logf("it ended before it was killed: %s%s", text, p.log)
				return false
			case <-begun.C:
				if leased(t, ledger) {
					<-time.After(rand.N(150 * time.Millisecond))
					p.kill(t)
					released(t, ledger)
					return true
				}
			}
		}
	}
	kills := 0
	for kills < 2 && half() {
		kills++
	}
	if kills == 0 {
		t.Fatal("no copy was killed")
	}
	if _, text, status := try(t, nil, "veille-collector", "site", "list", "--ledger", ledger); kills == 2 && (status != 1 || !strings.Contains(text, "is being copied from")) {
		t.Errorf("a half copied ledger is used: exit %d, %s", status, text)
	}
	text := do(t, nil, "veille-collector", "migrate", "ledger", "--data", file, "--to-ledger", ledger)
	if !strings.Contains(text, "are the same in") || !strings.Contains(text, "organisation.key") {
		t.Errorf("%s", text)
	}
	if after := reportOf(t, "--ledger", ledger); after != before {
		t.Error("the report of the ledger in PostgreSQL is another")
	}
	do(t, nil, "veille-collector", "migrate", "ledger", "--ledger", ledger, "--to-data", back)
	if after := reportOf(t, "--data", back); after != before {
		t.Error("the report of the ledger that came back is another")
	}
	if text := do(t, nil, "veille-collector", "check", "--ledger", ledger); !strings.Contains(text, "machine-days") {
		t.Errorf("check says %q", text)
	}
}

// leased tells whether a copy of a ledger is taken for running.
func leased(t *testing.T, ledger string) bool {
	t.Helper()
	store, err := postgres.Open(t.Context(), ledger)
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := store.Leased(t.Context())
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	return len(jobs) > 0
}

// released waits until a copy that was killed is no more taken for running.
func released(t *testing.T, ledger string) {
	t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for deadline := time.Now().Add(lease.Length + 15*time.Second); leased(t, ledger); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("a copy that was killed is taken for running still")
		}
	}
}

func TestALedgerThatIsServedFromIsNotCopied(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	collector, _, _ := site(t, data, "1")
	_, text, status := try(t, nil, "veille-collector", "migrate", "ledger", "--data", data, "--to-data", t.TempDir())
	if status != 1 || !strings.Contains(text, "stop it first") {
		t.Errorf("exit %d: %s", status, text)
	}
	_, text, status = try(t, nil, "veille-collector", "migrate", "ledger", "--data", data, "--to-data", data)
	if status != 2 || !strings.Contains(text, "to itself") {
		t.Errorf("exit %d: %s", status, text)
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d", status)
	}
}

// measured are points of every measurement on each of the last days, of so many machines, meters and places.
func measured(days, each int) (all []collector.Point) {
	first := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -days)
	for day := range days {
		for n := range each {
			all = append(all, storetest.Samples(first.AddDate(0, 0, day).Add(time.Duration(n%24)*time.Hour), day*each+n)...)
		}
	}
	return all
}

// inInflux is a database of a server, open.
func inInflux(t *testing.T, server *engines.Influx, name string) *influx.Store {
	t.Helper()
	s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/" + name, Token: server.Token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func fortyDaysAgo() string { return time.Now().UTC().AddDate(0, 0, -40).Format(time.DateOnly) }

// moved brings a series to another, and answers what it said of each measurement.
func moved(t *testing.T, args ...string) (all []transfer.Result) {
	t.Helper()
	text := do(t, nil, append([]string{"veille-collector", "migrate", "series", "--json", "--since", fortyDaysAgo()}, args...)...)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return all
}

// bereft is a ledger that has lost machine 1, which was erased, machine 2, which became a person's, and the plug behind that, meter 1; machine 3 and
// meter 2 are there.
func bereft(t *testing.T) (data string) {
	t.Helper()
	data = t.TempDir()
	token := newSite(t, data, "", "Lycée", "9")
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	enrolled := func(n byte, use collector.Use) {
		m, err := store.Enrol(t.Context(), collector.Enrolment{
			Token: sha256.Sum256([]byte(token)), Pseudonym: [32]byte{n}, Credential: [32]byte{n, byte(len(use))}, Use: use, On: collector.DateOf(time.Now()),
		})
		if err != nil || m.ID != int64(n) {
			t.Fatal(m, err)
		}
	}
	for n := range byte(3) {
		enrolled(n+1, "shared")
	}
	for i, r := range []collector.MeterRule{{Name: "Prise", Kind: "plug", Machine: 2}, {Name: "Compteur", Kind: "building"}} {
		r.Site, r.Measurement, r.Field, r.Unit, r.AddedOn, r.Tags = 1, "mqtt", "w", "W", "2026-01-01", collector.Tags{{Name: "of", Value: r.Name}}
		if r, err = store.AddMeterRule(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if m, err := store.MetersOf(t.Context(), []collector.MeterKey{{Rule: r.ID}}); err != nil || m[0].ID != int64(i+1) {
			t.Fatal(m, err)
		}
	}
	enrolled(2, "individual")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	do(t, nil, "veille-collector", "erase", "--data", data, "1")
	return data
}

// ofNumbers are points of machines 1 to 3 and of meters 1 and 2, on each of the last days.
func ofNumbers(days int) (all []collector.Point) {
	for day := range days {
		at := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -day-1)
		for _, machine := range []string{"1", "2", "3"} {
			all = append(all, collector.Point{
				Measurement: collector.HourSeconds, Time: at, Tags: collector.Tags{{Name: "machine", Value: machine}, {Name: "use", Value: "shared"}}, Fields: collector.Fields{"on": 1800},
			})
		}
		for i, kind := range []string{"plug", "building"} {
			tags := collector.Tags{{Name: "kind", Value: kind}, {Name: "meter", Value: strconv.Itoa(i + 1)}}
			for _, m := range []collector.Measurement{collector.DayMeter, collector.MeterEnergy} {
				all = append(all, collector.Point{Measurement: m, Time: at, Tags: tags, Fields: collector.Fields{"wh": float64(100*i + day)}})
			}
		}
	}
	return all
}

// without are points but for some.
func without(points []collector.Point, is func(collector.Point) bool) []collector.Point {
	return slices.DeleteFunc(slices.Clone(points), is)
}

func isGone(p collector.Point) bool {
	machine := p.Tags.Get("machine")
	return machine == "1" || machine == "2" || p.Tags.Get("meter") == "1"
}

func TestASeriesMovesFromInfluxDBToVictoriaMetricsAndBackThoughItIsKilledToTheLastDigitWithoutWhatIsGone(t *testing.T) {
	t.Parallel()
	const days, each = 20, 15
	server, data := engines.Influxd(t), bereft(t)
	node := engines.StartVictoria(t, "-dedup.minScrapeInterval=1ms", "-retentionPeriod=7y")
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(server.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	source, back, points := inInflux(t, server, "source"), inInflux(t, server, "back"), append(measured(days, each), ofNumbers(days)...)
	if err := source.Append(t.Context(), points); err != nil {
		t.Fatal(err)
	}
	if err := back.Append(t.Context(), ofNumbers(3)); err != nil { // an earlier copy, of before they were gone
		t.Fatal(err)
	}
	from := []string{"--from-series", "influx+" + server.URL + "/source", "--from-token-file", token}
	there := append([]string{"--data", data, "--to-series", "victoria+" + node.URL()}, from...)
	p := launch(t, command(t, append([]string{"veille-collector", "migrate", "series", "--since", fortyDaysAgo()}, there...)...))
	until(t, "some days are there", func() bool { return inserted(t, node) > days*each }) // samples: several days of the first measurement
	p.kill(t)
	part := inserted(t, node)
	get(t, plain(), node.URL()+"/internal/force_flush") // else what came in the last second is not found, and all of it may be sent anew
	results, left := moved(t, there...), without(points, isGone)
	sent, all, n := 0, 0, int64(0)
	for _, r := range results {
		sent, all, n = sent+r.Sent, all+r.Days, n+r.Points
		if gone := map[collector.Measurement]int{collector.HourEnergy: 2, collector.HourSeconds: 2, collector.DayMeter: 1, collector.MeterEnergy: 1, collector.MeterPower: 1}; r.Gone != gone[r.Measurement] || r.Deleted > 0 {
			t.Errorf("%+v", r)
		}
	}
	if sent == 0 || sent >= all || n != int64(len(left)) {
		t.Errorf("after it was killed with %d samples there, %d of %d days were sent, and %d of %d points are there", part, sent, all, n, len(left))
	}
	for i, r := range moved(t, "--data", data, "--from-series", "victoria+"+node.URL(), "--to-series", "influx+"+server.URL+"/back", "--to-token-file", token) {
		had := map[collector.Measurement]int{collector.HourSeconds: 2, collector.DayMeter: 1, collector.MeterEnergy: 1}
		if r.Points != results[i].Points || r.Deleted != had[r.Measurement] {
			t.Errorf("%+v came back, and was %+v", r, results[i])
		}
	}
	same(t, source, back, isGone)
	blind := inInflux(t, server, "blind")
	moved(t, append([]string{"--no-ledger", "--to-series", "influx+" + server.URL + "/blind", "--to-token-file", token}, from...)...)
	same(t, source, blind, func(p collector.Point) bool {
		return p.Measurement == collector.HourEnergy || p.Measurement == collector.HourSeconds || p.Tags.Get("kind") == "plug"
	})
}

// same tells where a copy has anything else than all points of its source, but for some.
func same(t *testing.T, source, to *influx.Store, but func(collector.Point) bool) {
	t.Helper()
	for _, m := range collector.Measurements() {
		q := collector.Query{Measurement: m, From: time.Now().AddDate(0, 0, -40), To: time.Now()}
		want, err := source.Range(t.Context(), q)
		if err != nil || len(want) < 20*15 {
			t.Fatalf("%s: %d points, %v", m, len(want), err)
		}
		want = without(want, but)
		if got, err := to.Range(t.Context(), q); err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d points came, %v; want %d, the same", m, len(got), err, len(want))
		}
	}
}

// inserted is how many samples a node was sent.
func inserted(t *testing.T, node engines.Victoria) (n int) {
	t.Helper()
	_, _, text := get(t, plain(), node.URL()+"/metrics")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, `vm_rows_inserted_total{type="influx"} `); ok {
			n, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return n
}
