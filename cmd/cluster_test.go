package cmd_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/postgres"
	"veille/collector/store/victoria"
)

// cluster is three collectors that share a ledger in PostgreSQL, stand behind one address, and deliver to two nodes of VictoriaMetrics.
type cluster struct {
	postgres   *engines.PostgreSQL
	ledger     string
	nodes      [2]engines.Victoria
	data       [3]string
	address    [3]string
	collectors [3]*process
	logs       []*diary // of all that were started
	front      string   // the address that agents know
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{postgres: engines.Postgres(t)}
	c.ledger = c.postgres.Database(t)
	for i := range c.nodes {
		c.nodes[i] = engines.StartVictoria(t, "-dedup.minScrapeInterval=1ms", "-retentionPeriod=10y", "-search.latencyOffset=0s")
	}
	for i := range c.data {
		c.data[i], c.address[i] = t.TempDir(), ownAddress(t)
	}
	c.start(t, 0) // it makes the keys
	for _, key := range []string{"organisation.key", "policy.key"} {
		text, err := os.ReadFile(filepath.Join(c.data[0], key))
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range c.data[1:] {
			if err := os.WriteFile(filepath.Join(dir, key), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.start(t, 1)
	c.start(t, 2)
	c.front = balance(t, c.address[:])
	return c
}

// serve is how a collector of the cluster is started.
func (c *cluster) serve(i int) []string {
	return []string{
		"veille-collector", "serve", "--data", c.data[i], "--listen", c.address[i], "--ledger", c.ledger,
		"--series", "victoria+" + c.nodes[0].URL() + "," + c.nodes[1].Address, "--browser", "none",
	}
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	c.collectors[i] = start(t, true, c.serve(i)...)
	c.logs = append(c.logs, c.collectors[i].log)
}

// balance listens on an address behind which the others are: each request goes to the next one that answers, over a connection of its own. Where a
// collector without its ledger says to come back in some minutes, it says in a second: that is not what is tested here.
func balance(t *testing.T, to []string) string {
	t.Helper()
	var turn atomic.Int64
	behind := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (out net.Conn, err error) {
		first := int(turn.Add(1))
		for i := range to {
			if out, err = (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, to[(first+i)%len(to)]); err == nil {
				break
			}
		}
		return out, err
	}}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Transport: behind,
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "collectors" },
		ModifyResponse: func(r *http.Response) error {
			if r.Header.Get("Retry-After") != "" {
				r.Header.Set("Retry-After", "1")
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the connection breaks off
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	t.Cleanup(front.Close)
	return front.Listener.Addr().String()
}

// deliveries are how the nodes are doing.
func (c *cluster) deliveries(t *testing.T) (all []collector.Delivery) {
	t.Helper()
	text := do(t, nil, "veille-collector", "outbox", "list", "--ledger", c.ledger, "--json")
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return all
}

// disturb kills something, and starts it again.
func (c *cluster) disturb(t *testing.T, n int) {
	t.Helper()
	switch {
	case n == 5:
		c.postgres.Kill()
		if err := c.postgres.Start(); err != nil {
			t.Fatal(err)
		}
	case n%3 == 0:
		node := c.nodes[n/3%2]
		node.Kill()
		node.Restart()
	default:
		i := rand.N(len(c.collectors))
		c.collectors[i].kill(t)
		c.start(t, i)
	}
}

func TestThreeCollectorsOnOneLedgerLoseAndDoubleNothingWhileAllIsKilled(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	do(t, nil, "veille-collector", "site", "add", "--ledger", c.ledger, "--time-zone", "Indian/Reunion", "Lycée")
	const machines = "2500"
	token := strings.TrimSpace(do(t, nil, "veille-collector", "token", "create", "--ledger", c.ledger, "--site", "Lycée", "--machines", machines))
	f := &fleet{file: filepath.Join(t.TempDir(), "fleet.json")}
	f.args = []string{
		"veille-fleet", "load", "--machines", machines, "--collector", "http://" + c.front, "--token", token, "--use", "shared",
		"--identities", f.file, "--verify", "all", "--json", "--pause", "50ms", "--retries", "200",
	}
	kills := 0
	r := f.load(t, func() {
		if kills++; kills <= 12 {
			c.disturb(t, kills)
		}
	}, "--mode", "steady", "--for", "25s", "--rate", "200")
	whole(t, "hours of shared machines, by three collectors", r)
	if kills < 6 || r.Errors == 0 {
		t.Errorf("%d kills, and the fleet met %d errors", kills, r.Errors)
	}
	c.caughtUp(t)
	c.everyNodeHasAll(t, r.Acked)
	c.ranOnce(t)
}

// caughtUp waits until both nodes have everything, and had it for long enough that what a dead node lost was sent again.
func (c *cluster) caughtUp(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for calm := 0; calm < 3; {
		if time.Now().After(deadline) {
			t.Fatalf("the nodes do not catch up: %+v", c.deliveries(t))
		}
		<-time.After(5 * time.Second)
		all, well := c.deliveries(t), true
		for _, d := range all {
			well = well && d.Behind == 0 && d.Error == "" && !d.Stopped && d.ComparedOn != ""
		}
		if well && len(all) == len(c.nodes) {
			calm++
		} else {
			calm = 0
		}
	}
}

// everyNodeHasAll compares each node, alone, with the ledger, to the last digit. The other one is stopped for that, and not killed once more: what it was
// given in its last seconds it would lose, and be given again when its collector finds that it was started anew, which is later than this looks.
func (c *cluster) everyNodeHasAll(t *testing.T, acked int64) {
	t.Helper()
	store, err := postgres.Open(t.Context(), c.ledger)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for _, m := range []collector.Measurement{collector.HourSeconds, collector.HourEnergy} {
		q := collector.Query{Measurement: m, From: time.Now().AddDate(0, 0, -60), To: time.Now().AddDate(0, 0, 2)}
		want, err := store.Embedded().Range(t.Context(), q)
		if err != nil || int64(len(want)) < acked {
			t.Fatalf("the ledger has %d points of %s, %v; %d records were acknowledged", len(want), m, err, acked)
		}
		for i, node := range c.nodes {
			c.nodes[1-i].Stop(t)
			to, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
			if err != nil {
				t.Fatal(err)
			}
			got, err := to.Range(t.Context(), q)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("node %d alone has %d points of %s, %v; want %d, the same", i, len(got), m, err, len(want))
			}
			_ = to.Close()
			c.nodes[1-i].Restart()
		}
	}
}

// ranOnce finds fault with a night's job that more than one collector did.
func (c *cluster) ranOnce(t *testing.T) {
	t.Helper()
	var runs []collector.Run
	text := do(t, nil, "veille-collector", "rollup", "list", "--ledger", c.ledger, "--json")
	if err := json.Unmarshal([]byte(text), &runs); err != nil || len(runs) != 1 {
		t.Errorf("%d roll-ups, want 1: %v, %s", len(runs), err, text)
	}
	for _, p := range c.collectors {
		if status := p.end(t, syscall.SIGTERM); status != 0 {
			t.Errorf("exit %d\n%s", status, p.log)
		}
	}
}

func TestACollectorWithOtherKeysThanTheLedgerKnowsIsRefused(t *testing.T) {
	t.Parallel()
	ledger := engines.Postgres(t).Database(t)
	first := start(t, true, "veille-collector", "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--ledger", ledger)
	_, text, status := try(t, nil, "veille-collector", "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--ledger", ledger)
	if status != 1 || !strings.Contains(text, "organisation.key") || !strings.Contains(text, "of the other collectors") {
		t.Errorf("exit %d: %s", status, text)
	}
	if status := first.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, first.log)
	}
}
