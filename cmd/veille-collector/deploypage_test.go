package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/ingest"
	"veille/collector/listen"
	"veille/collector/metering"
	"veille/collector/store/sqlite"
)

// docs/deploy.md lists each figure that the collector serves about itself, each check, and no others.
func TestTheDeployPageListsEachFigureAndEachCheck(t *testing.T) {
	page := docPage(t, "deploy.md")
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.KeepDelivery(t.Context(), collector.Delivery{Destination: "influx a:8086/veille"}); err != nil { // figures of destinations are there when one is
		t.Fatal(err)
	}
	s := &server{serving: &serving{}, store: store}
	s.dir = t.TempDir()
	w := httptest.NewRecorder()
	figures := s.figures(new(ingest.Counts), listen.NewHealth(slog.New(slog.DiscardHandler)))
	s.meterFigures(figures, new(metering.Counts))
	figures.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	served := map[string]bool{ // those that listening adds, and health without a check
		"veille_connections_open": true, "veille_connections_closed_for_room_total": true, "veille_handler_panics_total": true,
		"veille_tls_certificate_days_left": true, "veille_well": true,
	}
	for _, m := range regexp.MustCompile(`(?m)^# HELP (veille_\w+)`).FindAllStringSubmatch(w.Body.String(), -1) {
		served[m[1]] = true
	}
	if len(served) < 25 {
		t.Errorf("only %d figures are served:\n%s", len(served), w.Body)
	}
	listed := map[string]bool{}
	for line := range strings.SplitSeq(page, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range regexp.MustCompile("`(veille_\\w+)").FindAllStringSubmatch(cells[1], -1) {
			listed[m[1]] = true
		}
	}
	for name := range served {
		if !listed[name] {
			t.Errorf("%s is served, and the page does not list it", name)
		}
	}
	for name := range listed {
		if !served[name] {
			t.Errorf("the page lists %s, which is not served", name)
		}
	}
	checks := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\| [^|]+ \\|$").FindAllStringSubmatch(page[strings.Index(page, "| check |"):], len(s.checks()))
	for i, c := range s.checks() {
		if i >= len(checks) || checks[i][1] != c.Name || !strings.Contains(page, "`"+c.Name+"`") {
			t.Errorf("the page does not have the check %s where it is to be: %q", c.Name, checks)
		}
	}
}
