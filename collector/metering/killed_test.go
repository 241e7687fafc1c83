package metering_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/metering"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/storetest"
)

// ledgerOfChild is the environment variable by which the test's own program, started again, knows that it is the one to be killed.
const ledgerOfChild = "METERING_TEST_LEDGER"

// TestMain lets the program be a door that folds without a pause, until it is killed.
func TestMain(m *testing.M) {
	if name := os.Getenv(ledgerOfChild); name != "" {
		if err := serveUntilKilled(name); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func serveUntilKilled(name string) error {
	s, err := sqlite.Open(context.Background(), name)
	if err != nil {
		return err
	}
	h := metering.New(metering.Parts{Ledger: s, Now: func() (time.Time, error) { return now(), nil }, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(h)
	_, _ = fmt.Fprintln(os.Stdout, server.URL)
	for {
		h.Fold(context.Background())
		if err := h.Account(context.Background()); err != nil {
			return err
		}
	}
}

// killable is a door in a process of its own.
type killable struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

func startKillable(t *testing.T, ledger string) *killable {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), ledgerOfChild+"="+ledger)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return &killable{t, cmd, strings.TrimSpace(line)}
}

// post tells whether a post was acknowledged.
func (k *killable) post(secret, text string) bool {
	r, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, k.url+"/api/v2/write", strings.NewReader(text))
	if err != nil {
		k.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+secret)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode == http.StatusNoContent
}

// A door that is killed at any moment, between acknowledging and folding or while it folds or makes accounts, loses nothing that it acknowledged, and counts
// nothing twice.
func TestADoorThatIsKilledLosesNothingAndCountsNothingTwice(t *testing.T) {
	ledger := filepath.Join(t.TempDir(), "ledger.db")
	site, secret := prepare(t, ledger)
	random := rand.New(rand.NewPCG(1, 2))
	acked, n := map[int]bool{}, 0
	for range 6 {
		door := startKillable(t, ledger)
		timer := time.AfterFunc(time.Duration(100+random.IntN(400))*time.Millisecond, func() { _ = door.cmd.Process.Kill() })
		for {
			var b strings.Builder
			for i := range 20 {
				fmt.Fprintf(&b, "energy,building=%d wh=%d %d\n", i%3, n+i, now().Add(time.Duration(n+i-60_000)*time.Second).UnixNano())
			}
			ok := door.post(secret, b.String())
			for i := range 20 {
				acked[n+i] = ok
			}
			n += 20
			if !ok {
				break
			}
		}
		timer.Stop()
		_ = door.cmd.Process.Kill()
		_ = door.cmd.Wait()
	}
	verify(t, ledger, site, acked)
}

// prepare makes a ledger with a site, a rule and a token.
func prepare(t *testing.T, ledger string) (site collector.Site, secret string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), ledger)
	if err != nil {
		t.Fatal(err)
	}
	site, err = s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	secret, hash, token := metering.NewToken(site.ID, "", "2026-11-01", "2026-12-01")
	if err := s.CreateMeterToken(t.Context(), hash, token); err != nil {
		t.Fatal(err)
	}
	r := collector.MeterRule{Site: site.ID, Name: "B", Kind: "building", Measurement: "energy", By: []string{"building"}, Field: "wh", Unit: "Wh", AddedOn: "2026-11-01"}
	if _, err := s.AddMeterRule(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return site, secret
}

// verify holds what is in a ledger against what was acknowledged.
func verify(t *testing.T, ledger string, site collector.Site, acked map[int]bool) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), ledger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, when := range []string{"as it was left", "folded"} {
		points, err := s.Embedded().Range(t.Context(), collector.Query{Measurement: collector.MeterEnergy, From: now().AddDate(0, 0, -30), To: now()})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for _, p := range points {
			n := int(p.Fields["wh"])
			if _, sent := acked[n]; !sent || seen[n] || !p.Time.Equal(now().Add(time.Duration(n-60_000)*time.Second)) {
				t.Fatalf("%s: %+v was not sent, or is there twice", when, p)
			}
			seen[n] = true
		}
		count := 0
		for n, ok := range acked {
			if ok && !seen[n] {
				t.Fatalf("%s: %d was acknowledged, and is lost", when, n)
			}
			if ok {
				count++
			}
		}
		t.Logf("%s: %d acknowledged, %d there", when, count, len(seen))
		if count == 0 {
			t.Fatal("nothing was acknowledged")
		}
		finish(t, s)
	}
	compareDays(t, s, site)
}

func finish(t testing.TB, s *relational.Store) {
	t.Helper()
	storetest.FoldAll(t, s)
	if _, err := s.AccountMeters(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// compareDays holds the accounts against those of all samples at once.
func compareDays(t *testing.T, s *relational.Store, site collector.Site) {
	t.Helper()
	zone, err := site.Zone()
	if err != nil {
		t.Fatal(err)
	}
	days, err := s.MeterDays(t.Context(), site.ID, "2026-01-01", "2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	var want []collector.MeterDay
	for meter := range int64(3) {
		points, err := s.Embedded().Range(t.Context(), collector.Query{
			Measurement: collector.MeterEnergy, Tags: collector.Tags{{Name: "meter", Value: fmt.Sprint(meter + 1)}}, From: now().AddDate(0, 0, -30), To: now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		var samples []collector.MeterSample
		for _, p := range points {
			samples = append(samples, collector.MeterSample{Meter: meter + 1, At: p.Time.UnixMilli(), Value: p.Fields["wh"]})
		}
		all, err := collector.MeterDays(collector.Meter{ID: meter + 1, Unit: "Wh"}, zone, samples, "2026-11-01", "2026-11-30")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, all...)
	}
	if fmt.Sprint(days) != fmt.Sprint(want) {
		t.Errorf("%+v\nwant %+v", days, want)
	}
}
