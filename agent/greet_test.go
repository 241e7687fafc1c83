package agent

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/agent/wire"
)

func TestANewMachineOfWhichHoursAreToldIsSeenWithinAMinuteAndNoOther(t *testing.T) {
	for _, tt := range []struct {
		use  wire.Use
		want int // uploads in the first minute
	}{{wire.Shared, 1}, {wire.Server, 1}, {wire.Individual, 0}} {
		t.Run(string(tt.use), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				data := t.TempDir()
				c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
				runFor(t, newAgent(t, data, c, tt.use, 0), time.Minute)
				if len(c.uploads) != tt.want {
					t.Fatalf("%d uploads in the first minute, want %d", len(c.uploads), tt.want)
				}
				runFor(t, newAgent(t, data, c, tt.use, 0), time.Minute)
				if len(c.uploads) != tt.want {
					t.Errorf("%d uploads after a second start, want %d still", len(c.uploads), tt.want)
				}
			})
		})
	}
}

// gate is what answers enrolments: what it says in turn, or nothing for 0.
type gate struct {
	says  []int
	asked int
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	status := g.says[min(g.asked, len(g.says)-1)]
	if g.asked++; status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("no")), Request: r}, nil
}

func TestAMachineThatNobodySitsAtAsksAgainUntilItsTokenIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		g := &gate{says: []int{0, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusForbidden}}
		ask := Request{Collector: "https://collector.example", Token: "t", Use: wire.Shared}
		_, err := Join(t.Context(), &http.Client{Transport: g}, t.TempDir(), ask, slog.New(slog.DiscardHandler))
		if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "answered 403") || took < time.Hour || took > 3*time.Hour {
			t.Errorf("%v after %v; want the refusal, an hour or two later", err, took)
		}
		if g.asked != len(g.says) {
			t.Errorf("asked %d times, want %d", g.asked, len(g.says))
		}
	})
}
