package cmd_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/fleet/burst"
)

// fleet is veille-fleet at a collector.
type fleet struct {
	serve     []string
	collector *process
	args      []string // of load
	file      string   // of the machines
}

func newFleet(t *testing.T, machines string) *fleet {
	t.Helper()
	data, address := t.TempDir(), ownAddress(t)
	f := &fleet{file: filepath.Join(t.TempDir(), "fleet.json"), serve: []string{"veille-collector", "serve", "--data", data, "--listen", address}}
	f.collector = start(t, true, f.serve...)
	f.args = []string{
		"veille-fleet", "load", "--machines", machines, "--collector", "http://" + address, "--token", newSite(t, data, "", "Lycée", machines),
		"--identities", f.file, "--verify", "all", "--json", "--pause", "50ms", "--retries", "100",
	}
	return f
}

// load posts, and answers what was found. meanwhile, which may be nil, is done again and again from soon after it has begun to post until
// it has ended.
func (f *fleet) load(t *testing.T, meanwhile func(), args ...string) burst.Report {
	t.Helper()
	p := launch(t, command(t, append(f.args, args...)...))
	text := make(chan string, 1)
	go func() { text <- p.rest() }()
	running := regexp.MustCompile(`"running": ?true`)
	var report burst.Report
	for soon := 0; ; {
		select {
		case printed := <-text:
			if err := p.Wait(); err != nil {
				t.Errorf("%v: %v\n%s%s", args, err, printed, p.log)
			}
			if err := json.Unmarshal([]byte(printed), &report); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, printed)
			}
			return report
		case <-time.After(100*time.Millisecond + rand.N(200*time.Millisecond)):
			if text, err := os.ReadFile(f.file); err == nil && running.Match(text) {
				soon++
			}
			if meanwhile != nil && soon > 3 {
				meanwhile()
			}
		}
	}
}

// whole finds fault with a report that has not found each acknowledged record once.
func whole(t *testing.T, what string, r burst.Report) {
	t.Helper()
	t.Logf("%s: %d records acknowledged, %.0f/s, latency %.1f ms in the middle and %.1f ms of 99 %%; %d errors, %d busy; found %d, %d missing, %d twice",
		what, r.Acked, r.RecordsPerS, r.P50, r.P99, r.Errors, r.Busy, r.Stored, r.Missing, r.Duplicates)
	if r.Missing != 0 || r.Duplicates != 0 || r.Unverified != 0 || r.GaveUp != 0 || r.Refused != 0 || r.Acked == 0 || r.Stored < r.Acked {
		t.Errorf("%s: %+v", what, r)
	}
}

func TestAFleetFindsEachAcknowledgedRecordOnceAlsoAfterKills(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "500")
	r := f.load(t, nil, "--mode", "burst", "--days", "21")
	whole(t, "three weeks of 500 machines", r)
	if r.Acked != 500*21 {
		t.Errorf("%d records acknowledged, want %d", r.Acked, 500*21)
	}
	whole(t, "one record a post", f.load(t, nil, "--mode", "steady", "--posts", "2000"))
	kills := 0
	r = f.load(t, func() {
		if kills++; kills > 8 {
			return
		}
		f.collector.kill(t)
		f.collector = start(t, true, f.serve...)
	}, "--mode", "steady", "--for", "4s", "--rate", "1500")
	whole(t, "one record a post, with kills", r)
	if r.Errors == 0 || kills < 3 {
		t.Errorf("%d kills, and the fleet met %d errors", kills, r.Errors)
	}
	if status := f.collector.end(t, syscall.SIGTERM); status != 0 || strings.Contains(f.collector.log.String(), "level=ERROR") {
		t.Errorf("exit %d\n%s", status, f.collector.log)
	}
}
