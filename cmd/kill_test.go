package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/store/sqlite"
)

// poster is a machine that posts one hour after the other, and remembers what was acknowledged.
type poster struct {
	password string
	acked    map[string]int // seconds covered, by date and hour
	replies  int
	refused  string
}

// record is the n-th hour of a machine; every third comes again later, grown.
func (p *poster) record(n int) wire.Record {
	back, covered := n/24, 1200
	if n%3 == 2 {
		back, covered = (n-2)/24, 2400
		n -= 2
	}
	hour := n % 24
	return wire.Record{
		Date: time.Now().AddDate(0, 0, -2-back%80).Format(time.DateOnly), Hour: &hour, LengthS: 3600, Use: wire.Server,
		Machine: wire.Machine{Class: "desktop", OS: "linux", Agent: "test"},
		Parts: []wire.Part{{
			Part: "open", LengthS: 3600, Seconds: wire.Seconds{On: covered, Unknown: 3600 - covered},
			Energy: []wire.Energy{{Wh: 1, LowWh: .5, HighWh: 2, Method: "model-class", Scope: "machine", CoveredS: covered}},
		}},
	}
}

func call(ctx context.Context, client *http.Client, address, path, password string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+password)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// run posts until ctx ends. What fails is posted again, as an agent does.
func (p *poster) run(ctx context.Context, client *http.Client, address string) {
	for n := 0; ctx.Err() == nil && n < 24*80; {
		r := p.record(n)
		var a wire.Answer
		err := call(context.WithoutCancel(ctx), client, address, "/api/v1/records", p.password, wire.Batch{Version: 1, Records: []wire.Record{r}}, &a)
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Millisecond):
			}
			continue
		}
		if a.Verdicts[0].Status == wire.Refused {
			p.refused = a.Verdicts[0].Reason
			return
		}
		p.replies++
		key := fmt.Sprintf("%sT%02d", r.Date, *r.Hour)
		p.acked[key] = max(p.acked[key], r.CoveredS())
		n++
	}
}

func TestACollectorKilledWhileItWritesHasEveryAcknowledgedRecordOnce(t *testing.T) {
	t.Parallel()
	const machines, kills = 8, 10
	data := filepath.Join(t.TempDir(), "collector")
	collectorProcess, address, token := site(t, data, fmt.Sprint(machines))
	address = strings.TrimSuffix(address, "/")
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: machines}}

	posters := make([]*poster, machines)
	for i := range posters {
		var c wire.Credentials
		e := wire.Enrolment{Version: 1, InstallKey: fmt.Sprintf("%032x", i+1), Use: wire.Server}
		if err := call(t.Context(), client, address, "/api/v1/enrol", token, e, &c); err != nil {
			t.Fatal(err)
		}
		posters[i] = &poster{password: c.Credential, acked: map[string]int{}}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var running sync.WaitGroup
	for _, p := range posters {
		running.Go(func() { p.run(ctx, client, address) })
	}
	for range kills {
		pause(t, 150*time.Millisecond)
		_ = collectorProcess.end(t, syscall.SIGKILL)
		collectorProcess = start(t, true, "veille-collector", "serve", "--data", data, "--listen", strings.TrimPrefix(address, "http://"))
	}
	pause(t, 150*time.Millisecond)
	stop()
	running.Wait()
	check(t, data, posters)
	if status := collectorProcess.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, collectorProcess.log)
	}
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// check compares the ledger and the series with what was acknowledged.
func check(t *testing.T, data string, posters []*poster) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	kept := map[string]int{}
	changes, err := store.Changes(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		key := fmt.Sprintf("%d %sT%02d", c.Machine, c.Record.Date, c.Record.Hour)
		if _, twice := kept[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		kept[key] = c.Record.CoveredS()
	}
	acked, replies := 0, 0
	for i, p := range posters {
		if p.refused != "" {
			t.Fatalf("machine %d was refused: %s", i+1, p.refused)
		}
		replies += p.replies
		for key, covered := range p.acked {
			acked++
			if got := kept[fmt.Sprintf("%d %s", i+1, key)]; got < covered {
				t.Errorf("machine %d, %s: %d s kept, %d s acknowledged", i+1, key, got, covered)
			}
		}
	}
	// At most one record per machine was on disk when its answer was lost.
	if acked == 0 || len(kept) < acked || len(kept) > acked+len(posters) {
		t.Errorf("%d records acknowledged, %d kept", acked, len(kept))
	}
	t.Logf("%d acknowledgements of %d records over the kills; %d kept", replies, acked, len(kept))
	until(t, "a point in the series for each record kept", func() bool {
		points, err := store.Range(t.Context(), collector.Query{
			Measurement: collector.HourEnergy, From: time.Now().AddDate(0, 0, -100), To: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		return len(points) == len(kept)
	})
}
