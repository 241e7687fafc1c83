package listen_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector/listen"
)

func TestFiguresStayAsTheyAreUntilTheyAreDueButHealthIsToldAtOnce(t *testing.T) {
	synctest.Test(t, calmly)
}

func calmly(t *testing.T) {
	m := listen.NewMetrics()
	var bad error
	m.Health(listen.NewHealth(slog.New(slog.DiscardHandler), listen.Check{Name: "ledger", Ask: func(context.Context) error { return bad }}))
	c := m.Counter("messages_total", "messages")
	due := false
	m.Calm(func() bool { return due })
	read := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		text, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := read()
	c.Inc()
	if now := read(); now != before {
		t.Errorf("one message is seen:\n%s\nbefore\n%s", now, before)
	}
	bad = errors.New("gone")
	time.Sleep(time.Minute) //nolint:forbidigo // in a bubble, until health is asked again
	now := read()
	if !strings.Contains(now, `veille_well{check="ledger"} 0`) || !strings.Contains(now, "veille_messages_total 0") {
		t.Errorf("what fails is not told, or more than that:\n%s", now)
	}
	due = true
	if now := read(); !strings.Contains(now, "veille_messages_total 1") {
		t.Errorf("when they are due:\n%s", now)
	}
}
