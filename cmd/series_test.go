package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/sqlite"
)

// elsewhere is a collector that delivers to an InfluxDB, and the machines that post to it.
type elsewhere struct {
	*fleet
	influx *engines.Influx
	data   string
	token  string // file of the secret
}

func newElsewhere(t *testing.T, secret string) *elsewhere {
	t.Helper()
	e := &elsewhere{influx: engines.Influxd(t), data: t.TempDir(), token: filepath.Join(t.TempDir(), "token")}
	e.secret(t, secret)
	address := ownAddress(t)
	e.fleet = &fleet{file: filepath.Join(t.TempDir(), "fleet.json"), serve: []string{
		"veille-collector", "serve", "--data", e.data, "--listen", address, "--browser", "none", "--series", "influx+" + e.influx.URL + "/veille", "--series-token-file", e.token,
	}}
	e.collector = start(t, true, e.serve...)
	e.args = []string{
		"veille-fleet", "load", "--machines", "20", "--collector", "http://" + address, "--token", newSite(t, e.data, "", "Lycée", "20"), "--use", "shared",
		"--identities", e.file, "--verify", "all", "--json", "--pause", "50ms", "--retries", "100",
	}
	return e
}

func (e *elsewhere) secret(t *testing.T, secret string) {
	t.Helper()
	if err := os.WriteFile(e.token, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// delivery is how the delivery is doing.
func (e *elsewhere) delivery(t *testing.T) (d collector.Delivery) {
	t.Helper()
	var all []collector.Delivery
	text := do(t, nil, "veille-collector", "outbox", "list", "--data", e.data, "--json")
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(all) == 1 {
		d = all[0]
	}
	return d
}

// even waits until everything is there.
func (e *elsewhere) even(t *testing.T) {
	t.Helper()
	var d collector.Delivery
	for range 3 { // half a minute each
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-time.After(time.Second) {
			if d = e.delivery(t); d.Destination != "" && d.Behind == 0 && d.Error == "" && !d.Stopped && d.ComparedOn != "" {
				return
			}
		}
	}
	t.Fatalf("it does not catch up: %+v\n%s", d, e.collector.log)
}

// same compares what is there of some measurements with the ledger.
func (e *elsewhere) same(t *testing.T, of ...collector.Measurement) (points int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	store, err := sqlite.Open(ctx, filepath.Join(e.data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	there, err := influx.Open(ctx, influx.Options{URL: e.influx.URL + "/veille", Token: e.influx.Token})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = there.Close() }()
	for _, m := range of {
		q := collector.Query{Measurement: m, From: time.Now().AddDate(0, 0, -60), To: time.Now().AddDate(0, 0, 2)}
		want, err := store.Embedded().Range(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := there.Range(ctx, q)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d points there, %v; want %d, the same", m, len(got), err, len(want))
		}
		points += len(want)
	}
	return points
}

// stopped waits until the delivery needs a person, and answers the sentence.
func (e *elsewhere) stopped(t *testing.T) string {
	t.Helper()
	var d collector.Delivery
	until(t, "the delivery stops", func() bool {
		d = e.delivery(t)
		return d.Stopped
	})
	return d.Error
}

func TestAWrongTokenStopsADeliveryUntilItsFileHasTheRightOneAndLosesNothing(t *testing.T) {
	t.Parallel()
	e := newElsewhere(t, "admin:wrong")
	whole(t, "while the token is wrong", e.load(t, nil, "--mode", "burst", "--days", "3"))
	if text := e.stopped(t); !strings.Contains(text, "token") || strings.Contains(text, "admin:wrong") {
		t.Errorf("it says %q", text)
	}
	_, text, _ := e.get(t, "/healthz")
	if !strings.HasPrefix(text, "ok") {
		t.Errorf("the collector itself is not well: %q", text)
	}
	e.secret(t, e.influx.Token) // the collector goes on as it is
	do(t, nil, "veille-collector", "outbox", "retry", "--data", e.data, e.delivery(t).Destination)
	e.even(t)
	if n := e.same(t, collector.HourSeconds, collector.HourEnergy); n < 20*3*24*2 {
		t.Errorf("%d points", n)
	}
}

// get asks the collector for a path.
func (e *elsewhere) get(t *testing.T, path string) (int, string, http.Header) {
	t.Helper()
	status, header, text := get(t, plain(), strings.TrimSuffix(e.collector.first, "/")+path)
	return status, text, header
}

func TestADestinationThatIsGoneForAWeekGetsEverythingWhenItIsBack(t *testing.T) {
	t.Parallel()
	e := newElsewhere(t, "admin:secret")
	whole(t, "the first day", e.load(t, nil, "--mode", "burst", "--days", "1"))
	e.even(t)
	e.influx.Kill()
	whole(t, "a week without it", e.load(t, nil, "--mode", "burst", "--days", "7"))
	until(t, "the delivery says that it waits", func() bool { return e.delivery(t).Error != "" })
	if d := e.delivery(t); d.Stopped || !strings.Contains(d.Error, "cannot be reached") {
		t.Errorf("%+v", d)
	}
	e.collector.kill(t) // and the collector too
	e.collector = start(t, true, e.serve...)
	e.influx.Again()
	e.even(t)
	if n := e.same(t, collector.HourSeconds, collector.HourEnergy); n < 20*8*24*2 {
		t.Errorf("%d points", n)
	}
}

func TestPointsThatADestinationNeverTakesAreSetAsideWithItsReason(t *testing.T) {
	t.Parallel()
	e := newElsewhere(t, "admin:secret")
	e.even(t) // the database is there now
	// Somebody else has written a field of ours with another type.
	day := time.Now().UTC().AddDate(0, 0, -1).Truncate(24 * time.Hour)
	e.influx.Write("veille/hours", fmt.Sprintf("hour_seconds,somebody=else unknown=\"text\" %d\n", day.Add(12*time.Hour).UnixNano()))
	whole(t, "a day", e.load(t, nil, "--mode", "burst", "--days", "1"))
	var d collector.Delivery
	deadline := time.Now().Add(2 * time.Minute)
	for d = e.delivery(t); d.Refused < 20*20 || d.Behind > 0; d = e.delivery(t) { // four hours of that day may lie in another shard
		if time.Now().After(deadline) {
			t.Fatalf("too few were refused: %+v\n%s", d, e.collector.log)
		}
		<-time.After(time.Second)
	}
	var refused []collector.RefusedPoint
	text := do(t, nil, "veille-collector", "outbox", "refused", "--data", e.data, "--json", d.Destination)
	if err := json.Unmarshal([]byte(text), &refused); err != nil || int64(len(refused)) < 20*20 || d.Stopped {
		t.Fatalf("%v, %+v: %s", err, d, text)
	}
	for _, r := range refused {
		if r.Measurement != collector.HourSeconds || !strings.Contains(r.Reason, "type string") {
			t.Errorf("%+v", r)
		}
	}
	if n := e.same(t, collector.HourEnergy); n < 20*24 {
		t.Errorf("%d points of energy are there", n)
	}
}
