package cmd_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/store/sqlite"
)

// amounts is what veille-collector size says.
type amounts struct {
	MachineDays   int64 `json:"machine_days"`
	MachineMonths int64 `json:"machine_months"`
	GroupDays     int64 `json:"group_days"`
	Quarantine    int64 `json:"quarantine"`
}

func sizeOf(t *testing.T, data string) (a amounts) {
	t.Helper()
	text := do(t, nil, "veille-collector", "size", "--data", data, "--json")
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return a
}

// ledgerOf makes the folder of a collector with one machine that has told of eighty days, up to the one before a date, on which it was
// heard last. It answers the machine's password.
func ledgerOf(t *testing.T, data string, on time.Time) (password string) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for _, key := range []string{"organisation.key", "policy.key"} {
		if err := os.WriteFile(filepath.Join(data, key), []byte(strings.Repeat("0", 64)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site, err := store.CreateSite(t.Context(), "Région", "Lycée", "Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	password = enrol.Secret()
	token := collector.Token{Site: site.ID, Quota: 1, CreatedOn: collector.DateOf(on), ExpiresOn: collector.DateOf(on.AddDate(0, 0, 7))}
	if err := store.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	m, err := store.Enrol(t.Context(), collector.Enrolment{Credential: sha256.Sum256([]byte(password)), Use: collector.Use(wire.Server), On: collector.DateOf(on)})
	if err != nil {
		t.Fatal(err)
	}
	var records []collector.Record
	for back := 1; back <= 80; back++ {
		records = append(records, collector.Record{
			Date: collector.DateOf(on.AddDate(0, 0, -back)), Hour: collector.WholeDay, LengthS: 86_400, Class: "desktop", OS: "linux", Agent: "test",
			Parts: []collector.Part{{Part: "open", LengthS: 86_400, Seconds: collector.Seconds{On: 3600, Off: 82_800}}},
		})
	}
	if _, err := store.Keep(t.Context(), m.Machine, collector.DateOf(on), 0, records); err != nil {
		t.Fatal(err)
	}
	return password
}

// A clock that jumps by a year is to a collector that starts a ledger that is a year away from it.
func TestACollectorWhoseClockIsAYearAwayJudgesAndDeletesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		years int // from the clock to the newest date in the ledger
	}{{"it fell back by a year", 1}, {"it jumped ahead by a year", -1}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			yearAway(t, time.Now().AddDate(tt.years, 0, 0))
		})
	}
}

func yearAway(t *testing.T, newest time.Time) {
	t.Helper()
	data, client, address := t.TempDir(), plain(), ownAddress(t)
	p := newPoster(client, "http://"+address, ledgerOf(t, data, newest), 1, wire.Server)
	p.told = 80
	serve := []string{"veille-collector", "serve", "--data", data, "--listen", address}
	collector := start(t, true, serve...)
	for range 3 {
		if p.post(t.Context()) {
			t.Fatal("a record was taken")
		}
	}
	if p.declines.Load() != 3 || p.hasty > 0 || len(p.faults) > 0 {
		t.Errorf("%d posts declined, %d without a time to come back at; %q", p.declines.Load(), p.hasty, p.faults)
	}
	if status, text := health(t, client, p.address); status != http.StatusServiceUnavailable || text != "clock: not well\n" {
		t.Errorf("health is %d %q", status, text)
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d", status)
	}
	said := collector.log.String()
	if strings.Count(said, "requests not served") != 1 || !strings.Contains(said, "set the clock right; where it is right, start with --trust-clock") {
		t.Errorf("the log says\n%s", said)
	}
	if _, said, status := try(t, nil, "veille-collector", "rollup", "run", "--data", data); status != 1 || !strings.Contains(said, "set the clock right") {
		t.Errorf("rollup run: %d, %s", status, said)
	}
	if after := sizeOf(t, data); after.MachineDays != 80 || after.Quarantine != 0 {
		t.Errorf("of 80 machine-days there are %+v", after)
	}
	collector = start(t, true, append(serve, "--trust-clock")...)
	if !p.post(t.Context()) || len(p.faults) > 0 {
		t.Errorf("with --trust-clock: not taken, %q", p.faults)
	}
	if status, text := health(t, client, p.address); status != http.StatusOK && !strings.HasPrefix(text, "disk") {
		t.Errorf("with --trust-clock health is %d %s", status, text)
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
	t.Log(collector.log)
	t.Log(sizeOf(t, data))
}
