package listen_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"veille/collector/listen"
)

// figures are the samples of a page of metrics, by name and labels. Every line must be one that Prometheus reads.
func figures(t *testing.T, m *listen.Metrics) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if kind := w.Header().Get("Content-Type"); w.Code != http.StatusOK || !strings.HasPrefix(kind, "text/plain") {
		t.Fatalf("status %d, %s", w.Code, kind)
	}
	comment := regexp.MustCompile(`^# (HELP [a-z_:0-9]+ .+|TYPE [a-z_:0-9]+ (counter|gauge|histogram|summary|untyped))$`)
	sample := regexp.MustCompile(`^([a-z_:0-9]+(?:\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})?) (\S+)$`)
	out := make(map[string]float64)
	for line := range strings.Lines(w.Body.String()) {
		line = strings.TrimSuffix(line, "\n")
		if comment.MatchString(line) {
			continue
		}
		parts := sample.FindStringSubmatch(line)
		if parts == nil {
			t.Fatalf("not a line of metrics: %q", line)
		}
		value, err := strconv.ParseFloat(parts[2], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out[parts[1]] = value
	}
	return out
}

func TestMetricsAreReadable(t *testing.T) {
	m := listen.NewMetrics()
	m.Counter("records_total", "Records.").Add(3)
	m.CounterFunc("commits_total", "Commits.", func() float64 { return 7 })
	m.Gauge("store_bytes", "Size.", func() (float64, bool) { return 1 << 30, true })
	m.Gauge("clock_offset_seconds", "Unknown.", func() (float64, bool) { return 0, false })
	m.Each("destination_lag_seconds", "Lag.", "destination", func() map[string]float64 { return map[string]float64{"influx a:8086/veille": 12} })
	m.Each("destination_stopped", "None.", "destination", func() map[string]float64 { return nil })
	m.Health(listen.NewHealth((&diary{}).logger(),
		listen.Check{Name: "ledger", Ask: func(context.Context) error { return nil }},
		listen.Check{Name: "disk", Ask: func(context.Context) error { return errors.New("full") }}))
	got := figures(t, m)
	for name, want := range map[string]float64{
		"veille_records_total": 3, "veille_commits_total": 7, "veille_store_bytes": 1 << 30,
		`veille_destination_lag_seconds{destination="influx a:8086/veille"}`: 12,
		`veille_well{check="ledger"}`:                                        1, `veille_well{check="disk"}`: 0,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %g, %t; want %g", name, value, there, want)
		}
	}
	if value, there := got["veille_clock_offset_seconds"]; there {
		t.Errorf("what is not known is %g; want it absent", value)
	}
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes", "process_open_fds"} {
		if got[name] <= 0 {
			t.Errorf("%s is %g", name, got[name])
		}
	}
}

func TestTwoRegistriesDoNotMeet(*testing.T) {
	listen.NewMetrics().Counter("records_total", "Records.")
	listen.NewMetrics().Counter("records_total", "Records.") // a global registry would refuse it
}

func TestANameTakenTwiceIsAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic; want one")
		}
	}()
	m := listen.NewMetrics()
	m.Counter("records_total", "Records.")
	m.Gauge("records_total", "Records.", func() (float64, bool) { return 0, true })
}
