package victoria_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/victoria"
)

// contractFake is NOT a cluster, whose versions of the module no proxy serves: it is a real single node behind the paths that vminsert and vmselect document, and
// answers that they document where a vmstorage is missing. What it does not show is anything that a cluster does by itself.
type contractFake struct {
	node    *httputil.ReverseProxy
	to      string
	missing atomic.Bool  // a vmstorage is
	started atomic.Int64 // when vminsert and vmselect were
	seen    atomic.Int64 // requests to a path that only a single node has
}

func newContractFake(t *testing.T, node engines.Victoria) (*contractFake, victoria.Options) {
	t.Helper()
	to, err := url.Parse(node.URL())
	if err != nil {
		t.Fatal(err)
	}
	f := &contractFake{node: httputil.NewSingleHostReverseProxy(to), to: node.URL()}
	f.node.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // a node that was killed is not there
	f.started.Store(1795411315)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	all, err := victoria.Parse(server.URL + "/insert/7/influx?select=" + server.URL + "/select/7/prometheus&nodes=" + node.URL())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	all[0].After = 200 * time.Millisecond // it makes what was written readable at once
	return f, all[0]
}

// flush makes what was written readable.
func (f *contractFake) flush(ctx context.Context) {
	if r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.to+"/internal/force_flush", nil); err == nil {
		if answer, err := new(http.Client).Do(r); err == nil {
			_ = answer.Body.Close()
		}
	}
}

func (f *contractFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	pass := func(prefix string) {
		r.URL.Path = strings.TrimPrefix(path, prefix)
		f.node.ServeHTTP(w, r)
	}
	switch {
	case path == "/metrics":
		_, _ = io.WriteString(w, "vm_app_start_timestamp "+strconv.FormatInt(f.started.Load(), 10)+"\n")
	case path == "/insert/7/influx/health", path == "/insert/7/influx/api/v2/write":
		pass("/insert/7/influx")
		f.flush(r.Context())
	case path == "/select/7/prometheus/api/v1/export" && f.missing.Load():
		http.Error(w, "cannot fetch data: partial response: 1 out of 2 vmstorage nodes are unavailable", http.StatusServiceUnavailable)
	case path == "/select/7/prometheus/api/v1/query" && f.missing.Load():
		_, _ = io.WriteString(w, `{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}`)
	case path == "/select/7/prometheus/api/v1/export", path == "/select/7/prometheus/api/v1/query":
		pass("/select/7/prometheus")
	case path == "/delete/7/prometheus/api/v1/admin/tsdb/delete_series":
		pass("/delete/7/prometheus")
	default:
		f.seen.Add(1)
		http.Error(w, `unsupported path requested: "`+path+`"`, http.StatusBadRequest)
	}
}

func TestContractOfAClustersPathsByAFake(t *testing.T) {
	t.Parallel()
	node := engines.StartVictoria(t, flags()...)
	fake, options := newContractFake(t, node)
	s, err := victoria.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if len(s.Advice()) > 0 {
		t.Error(s.Advice())
	}
	a, b := energy(today(), 1, 5, 1.0/3), energy(today(), 2, 5, 2)
	put(t, s, a, b)
	want(t, s, hourly(today(), 1), a, b) // it waited until they can be read

	fake.missing.Store(true)
	_, err = s.Range(t.Context(), hourly(today(), 1))
	told(t, err, collector.TryLater, "vmstorage nodes are unavailable")
	_, err = s.Tally(t.Context(), hourly(today(), 1))
	told(t, err, collector.TryLater, "vmstorage nodes are unavailable")
	q := hourly(today(), 1)
	q.Tags = machine("1")
	told(t, s.Delete(t.Context(), q), collector.TryLater, "its answer is not whole")
	fake.missing.Store(false)
	want(t, s, hourly(today(), 1), a, b)
	if err := s.Delete(t.Context(), q); err != nil {
		t.Error(err)
	}
	want(t, s, hourly(today(), 1), b)
	if n := fake.seen.Load(); n > 0 {
		t.Errorf("%d requests went to paths that a cluster does not have", n)
	}

	run := started(t, s)
	if started(t, s) != run {
		t.Error("it seems to have been started anew, and was not")
	}
	fake.started.Add(60)
	if started(t, s) == run {
		t.Error("vminsert was started anew, and nothing shows it")
	}
	run = started(t, s)
	node.Kill()
	away := started(t, s)
	if away == run {
		t.Error("a vmstorage is away, and nothing shows it")
	}
	<-time.After(1100 * time.Millisecond) // a node tells the second in which it was started
	node.Restart()
	if back := started(t, s); back == away || back == run {
		t.Error("a vmstorage was started anew, and nothing shows it")
	}
}

func started(t *testing.T, s *victoria.Store) string {
	t.Helper()
	run, err := s.Started(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// The trial finds what flags cannot tell, as those of a cluster cannot be read at its prefixes.
func TestContractOfAClusterThatIsSetUpWrongByAFake(t *testing.T) {
	t.Parallel()
	_, twice := newContractFake(t, engines.StartVictoria(t, "-retentionPeriod=7y"))
	twice.Nodes = nil
	_, err := victoria.Open(t.Context(), twice)
	told(t, err, collector.NeedsHelp, "every vmstorage and every vmselect")

	_, short := newContractFake(t, engines.StartVictoria(t, "-retentionPeriod=200d", "-dedup.minScrapeInterval=1ms"))
	short.Nodes = nil
	s, err := victoria.Open(t.Context(), short)
	if err != nil {
		t.Fatal(err)
	}
	if advice := strings.Join(s.Advice(), "\n"); !strings.Contains(advice, "-retentionPeriod=7y") {
		t.Errorf("advice %q", advice)
	}
	if from, least := s.KeepsFrom(), collector.DateOf(time.Now().UTC().AddDate(0, 0, -91)); from < least || from > collector.DateOf(time.Now().UTC().AddDate(0, 0, -88)) {
		t.Errorf("everything is kept from %s on; of 200 days 91 are known", from)
	}

	_, apart := newContractFake(t, engines.StartVictoria(t, flags()...))
	apart.Nodes, apart.Read = nil, twice.Read
	_, err = victoria.Open(t.Context(), apart)
	told(t, err, collector.NeedsHelp, "correct the addresses in --series")

	_, wrong := newContractFake(t, engines.StartVictoria(t, flags()...))
	wrong.Nodes = []string{strings.TrimSuffix(wrong.Read, "/select/7/prometheus")} // vminsert instead of vmstorage
	_, err = victoria.Open(t.Context(), wrong)
	told(t, err, collector.NeedsHelp, "no vmstorage")
}
