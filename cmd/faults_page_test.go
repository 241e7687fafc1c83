package cmd_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/agent"
	"veille/agent/spool"
	"veille/agent/wire"
	"veille/collector"
	"veille/collector/store/sqlite"
)

// leaves are the pages of a database that hold the rows of a table, and their size. The collector is stopped, or its log is empty.
func leaves(t *testing.T, name, table string) (pages []int64, size int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+name+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), "PRAGMA page_size").Scan(&size); err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(t.Context(), "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var page int64
		if err := rows.Scan(&page); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	if len(pages) == 0 || rows.Err() != nil {
		t.Fatalf("no page of %s: %v", table, rows.Err())
	}
	return pages, size
}

// overwrite writes into a file, where others may have it open.
func overwrite(t *testing.T, name string, at int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// courier is an agent, without what it measures.
type courier struct {
	*agent.Courier
	log   *diary
	slots []slot
}

func newCourier(t *testing.T, client *http.Client, address, token string, number uint64, use wire.Use) *courier {
	t.Helper()
	box, err := spool.Open(t.TempDir(), 25)
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSuffix(address, "/")
	id := agent.Identity{Collector: address, Credential: enrolment(t, client, address, token, installKey(number), use), Use: use}
	c := &courier{log: &diary{}}
	c.Courier = agent.NewCourier(client, id, box, slog.New(slog.NewTextHandler(c.log, nil)), nil)
	return c
}

// again puts the record of a day into the journal once more, grown, and takes it to the collector.
func (c *courier) again(t *testing.T, back int) error {
	t.Helper()
	r := recordOf(c.slots[back], c.Identity.Use, 2000)
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Spool.Put(keyOf(r), body); err != nil {
		t.Fatal(err)
	}
	return c.Deliver(t.Context())
}

// keyOf is the name of a record in the journal.
func keyOf(r wire.Record) string {
	if r.Hour == nil {
		return r.Date
	}
	return fmt.Sprintf("%sT%02d", r.Date, *r.Hour)
}

// deliver puts records of so many days into the journal, and takes them to the collector.
func (c *courier) deliver(t *testing.T, from, to int) error {
	t.Helper()
	for back := from; back < to; back++ {
		s := slot{time.Now().AddDate(0, 0, -2-back).Format(time.DateOnly), collector.WholeDay}
		if c.Identity.Use.Hourly() {
			s.hour = back % 24
		}
		r := recordOf(s, c.Identity.Use, 1000+back)
		body, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Spool.Put(keyOf(r), body); err != nil {
			t.Fatal(err)
		}
		c.slots = append(c.slots, s)
	}
	return c.Deliver(t.Context())
}

// rack is a collector with agents that have delivered something.
type rack struct {
	data, address string
	serve         []string
	collector     *process
	client        *http.Client
	couriers      []*courier
}

func newRack(t *testing.T, agents int) *rack {
	t.Helper()
	r := &rack{data: t.TempDir(), client: plain()}
	listen := ownAddress(t)
	r.address, r.serve = "http://"+listen, []string{"veille-collector", "serve", "--data", r.data, "--listen", listen}
	r.collector = start(t, true, r.serve...)
	token := newSite(t, r.data, "", "Lycée", fmt.Sprint(agents))
	for i := range agents {
		r.couriers = append(r.couriers, newCourier(t, r.client, r.address, token, uint64(i), []wire.Use{wire.Individual, wire.Server}[i%2]))
	}
	return r
}

// stop stops the collector, after which everything is in the file and nothing in its log.
func (r *rack) stop(t *testing.T) {
	t.Helper()
	if status := r.collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, r.collector.log)
	}
}

func (r *rack) start(t *testing.T) {
	t.Helper()
	r.collector = start(t, true, r.serve...)
}

// deliver lets each agent deliver some days. It answers how many could.
func (r *rack) deliver(t *testing.T, from, to int) (could int) {
	t.Helper()
	for _, c := range r.couriers {
		err := c.deliver(t, from, to)
		switch {
		case err == nil:
			could++
		case !strings.Contains(err.Error(), "503"):
			t.Errorf("an agent met %v", err)
		}
	}
	return could
}

// holds looks for all that the agents have delivered.
func (r *rack) holds(t *testing.T) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(r.data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	kept := make([]map[slot]collector.Record, len(r.couriers))
	for i := range kept {
		kept[i] = map[slot]collector.Record{}
	}
	if err := store.Records(t.Context(), "2000-01-01", "2100-01-01", func(c collector.Change) error {
		kept[c.Machine-1][slot{string(c.Record.Date), c.Record.Hour}] = c.Record
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i, c := range r.couriers {
		for back, s := range c.slots {
			if k, ok := kept[i][s]; !ok || k.CoveredS() != 1000+back || !known(k) {
				t.Errorf("of machine %d, %v there is %+v", i+1, s, k)
			}
		}
		if len(kept[i]) != len(c.slots) {
			t.Errorf("of machine %d there are %d records, and it sent %d", i+1, len(kept[i]), len(c.slots))
		}
	}
}

// saysDamaged looks for what a person is told of a damaged file by the log, by /healthz and by check.
func (r *rack) saysDamaged(t *testing.T, found string) {
	t.Helper()
	until(t, "that it is not well", func() bool {
		status, text := health(t, r.client, r.address)
		return status == http.StatusServiceUnavailable && strings.Contains(text, "integrity: not well")
	})
	said := r.collector.log.String()
	if strings.Count(said, "requests not served") != 1 || !strings.Contains(said, "veille-collector check, and restore the newest backup") {
		t.Errorf("the log says\n%s", said)
	}
	if strings.Contains(said, "machine 1") {
		t.Errorf("the log tells when a machine spoke\n%s", said)
	}
	if out, said, status := try(t, nil, "veille-collector", "check", "--data", r.data); status != 3 || !strings.Contains(out, found) || !strings.Contains(said, "restore the newest backup") {
		t.Errorf("check: %d, %s%s", status, out, said)
	}
}

func TestADamagedPageIsSaidAndABackupAndTheAgentsBringEverythingBack(t *testing.T) {
	t.Parallel()
	r := newRack(t, 6)
	n := r.deliver(t, 0, 12)
	backup := filepath.Join(t.TempDir(), "copy.db")
	do(t, nil, "veille-collector", "backup", "--data", r.data, backup)
	if n += r.deliver(t, 12, 20); n != 12 {
		t.Fatalf("%d of 12 deliveries", n)
	}
	r.stop(t)
	name := filepath.Join(r.data, "veille.db")
	pages, size := leaves(t, name, "day")
	r.start(t)
	overwrite(t, name, (pages[0]-1)*size, bytes.Repeat([]byte{0xff}, int(size))) // while it runs
	if n := r.deliver(t, 20, 23) + r.deliver(t, 23, 25); n != 0 {
		t.Errorf("%d deliveries into a damaged file", n)
	}
	r.saysDamaged(t, "SQLite says")
	r.stop(t)
	if _, said, status := try(t, nil, "veille-collector", "restore", "--data", r.data, name); status == 0 {
		t.Errorf("a damaged file was restored: %s", said)
	}
	do(t, nil, "veille-collector", "restore", "--data", r.data, backup)
	r.start(t)
	if n := r.deliver(t, 25, 26); n != 6 {
		t.Errorf("%d of 6 deliveries after the backup was restored\n%s", n, r.collector.log)
	}
	for i, c := range r.couriers {
		if !strings.Contains(c.log.String(), "the collector was restored from an older copy") {
			t.Errorf("agent %d was not told: %s", i+1, c.log)
		}
	}
	if status, text := health(t, r.client, r.address); strings.Contains(text, "integrity") {
		t.Errorf("restored, it is %d %s", status, text)
	}
	r.stop(t)
	r.holds(t)
	t.Log(do(t, nil, "veille-collector", "check", "--data", r.data))
}

func TestADamagedMachineDayIsSaidAndTheOtherMachinesGoOn(t *testing.T) {
	t.Parallel()
	r := newRack(t, 4)
	if n := r.deliver(t, 0, 12); n != 4 {
		t.Fatalf("%d of 4 deliveries", n)
	}
	r.stop(t)
	name := filepath.Join(r.data, "veille.db")
	flip(t, name, 1)
	r.start(t)
	if err := r.couriers[0].again(t, 3); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("the damaged day was written to: %v", err)
	}
	for range 3 {
		if err := r.couriers[1].again(t, 3); err != nil {
			t.Errorf("the day of another machine: %v", err)
		}
		_ = r.couriers[0].again(t, 3)
	}
	r.saysDamaged(t, "of machine 1: it is not as it was written")
	r.stop(t)
}

// flip changes a bit of each record of a machine.
func flip(t *testing.T, name string, machine int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+name+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT body FROM day WHERE machine = ?", machine)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(text, body)
		if at < 0 {
			t.Fatal("a body is not in one piece")
		}
		overwrite(t, name, int64(at)+int64(len(body)/2), []byte{body[len(body)/2] ^ 1})
	}
	if n == 0 || rows.Err() != nil {
		t.Fatalf("%d bodies, %v", n, rows.Err())
	}
}
