package listen_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector/listen"
)

func TestHealthSaysWhatFailsAndNotWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log diary
		var ledger, disk error
		var asked atomic.Int64
		h := listen.NewHealth(log.logger(),
			listen.Check{Name: "ledger", Ask: func(context.Context) error { asked.Add(1); return ledger }},
			listen.Check{Name: "disk", Ask: func(context.Context) error { return disk }})
		ask := func() (int, string) {
			<-time.After(2 * time.Second)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil))
			return w.Code, w.Body.String()
		}
		for _, tt := range []struct {
			ledger, disk error
			status       int
			body         string
		}{
			{nil, nil, 200, "ok\n"},
			{errors.New("open /var/lib/secret: denied"), nil, 503, "ledger: not well\n"},
			{errors.New("open /var/lib/secret: denied"), errors.New("full"), 503, "ledger: not well\ndisk: not well\n"},
			{nil, nil, 200, "ok\n"},
		} {
			ledger, disk = tt.ledger, tt.disk
			if status, body := ask(); status != tt.status || body != tt.body {
				t.Errorf("with %v and %v: %d %q; want %d %q", ledger, disk, status, body, tt.status, tt.body)
			}
			if err := h.Err(t.Context()); (err == nil) != (tt.status == 200) {
				t.Errorf("Err() = %v with status %d", err, tt.status)
			}
		}
		if text := log.String(); strings.Count(text, "\n") != 4 || !strings.Contains(text, "/var/lib/secret") {
			t.Errorf("log\n%s; want four lines, two of them with the reasons", text)
		}
		before := asked.Load()
		<-time.After(2 * time.Second)
		for range 100 {
			_ = h.Err(t.Context())
		}
		if got := asked.Load() - before; got != 1 {
			t.Errorf("asked %d times within a second; want once", got)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/healthz", nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", w.Code)
		}
	})
}

func TestACheckThatHangsFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := listen.NewHealth((&diary{}).logger(), listen.Check{Name: "ledger", Ask: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		start := time.Now()
		gone, cancel := context.WithCancel(t.Context())
		cancel() // who asked has hung up: the check goes on for those who come after
		if err := h.Err(gone); err == nil {
			t.Error("well; want a failure")
		}
		if err := h.Err(t.Context()); err == nil || time.Since(start) > 15*time.Second {
			t.Errorf("%v after %v; want a failure within seconds", err, time.Since(start))
		}
	})
}
