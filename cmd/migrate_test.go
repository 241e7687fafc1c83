package cmd_test

import (
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/collector/store/engines"
)

// reportOf is the report of a year in JSON, by flags that say where the ledger is.
func reportOf(t *testing.T, where ...string) string {
	t.Helper()
	return do(t, nil, append([]string{
		"veille-collector", "report", "--template", "lnr-2019", "--from", "2025-09", "--to", "2026-08", "--format", "json",
	}, where...)...)
}

func TestALedgerMovesToPostgreSQLAndBackThoughItIsKilledAndItsReportsStayTheSame(t *testing.T) {
	file, back := t.TempDir(), t.TempDir()
	do(t, nil, "veille-fleet", "simulate", "--machines", "400", "--days", "400", "--seed", "7", "--through", "store", "--data", file)
	before := reportOf(t, "--data", file)
	ledger := engines.Postgres(t).Database(t)
	half := func(n int) bool { // kills a copy under way; false: it had ended
		p := launch(t, command(t, "veille-collector", "migrate", "ledger", "--data", file, "--to-ledger", ledger))
		ended := make(chan string, 1)
		go func() { ended <- p.rest() }()
		select {
		case text := <-ended:
			t.Logf("it ended before it was killed: %s%s", text, p.log)
			return false
		case <-time.After(200*time.Millisecond + rand.N(time.Duration(n+1)*50*time.Millisecond)):
			p.kill(t)
			return true
		}
	}
	kills := 0
	for kills < 5 && half(kills) {
		kills++
	}
	if kills == 0 {
		t.Fatal("no copy was killed")
	}
	if _, text, status := try(t, nil, "veille-collector", "site", "list", "--ledger", ledger); kills == 5 && (status != 1 || !strings.Contains(text, "is being copied from")) {
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
