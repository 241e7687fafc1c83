package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/listen"
)

func TestFiguresOfDestinationsAreShownAtOnceAndOfNoMessage(t *testing.T) {
	synctest.Test(t, figuresOfDestinations)
}

func figuresOfDestinations(t *testing.T) {
	now := time.Now().Unix()
	var all []collector.Delivery
	var wrong error
	read := 0
	m := listen.NewMetrics()
	deliveryFigures(m, func(context.Context) ([]collector.Delivery, error) {
		read++
		return all, wrong
	})
	m.Calm(func() bool { return false }) // too few messages have come
	ask := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	all = []collector.Delivery{{Destination: "influx a", Said: now, ComparedOn: "2026-11-22"}}
	if text := ask(); read != 1 || !strings.Contains(text, `veille_destination_state{destination="influx a",state="well"} 1`) ||
		!strings.Contains(text, `veille_destination_compared_timestamp_seconds{destination="influx a"} 1.7953056e+09`) {
		t.Errorf("read %d times:\n%s", read, text)
	}
	all = []collector.Delivery{{
		Destination: "influx a", Said: now, Behind: 70, LagS: 901, Stopped: true, Error: "x", Cause: collector.Unready, Refused: 123, Differences: 4, Still: 2, Restarts: 3, Advice: []string{"x", "y"},
	}}
	<-time.After(2 * time.Second)
	text := ask()
	for _, want := range []string{
		`state{destination="influx a",state="stopped"} 1`, `state{destination="influx a",state="well"} 0`, `trouble{cause="unready",destination="influx a"} 1`,
		`trouble{cause="unreachable",destination="influx a"} 0`, `lag_seconds{destination="influx a"} 1800`, `refused_points{destination="influx a"} 130`,
		`compared_timestamp_seconds{destination="influx a"} 0`, `differences{destination="influx a"} 4`, `differences_left{destination="influx a"} 2`,
		`restarts{destination="influx a"} 3`, `advice{destination="influx a"} 2`,
		`behind{destination="influx a"} 0`, // as it was when figures of messages were shown last
	} {
		if !strings.Contains(text, "veille_destination_"+want+"\n") {
			t.Errorf("no veille_destination_%s in\n%s", want, text)
		}
	}
	wrong = errors.New("the ledger cannot be read")
	<-time.After(2 * time.Second)
	if text := ask(); strings.Contains(text, "veille_destination_state") {
		t.Errorf("what is not known is told:\n%s", text)
	}
}
