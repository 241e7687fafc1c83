package hostile_test

import (
	"errors"
	"testing"
	"time"

	"veille/ecoindex/browser/hostile"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// result is how a measure ended.
type result struct {
	code string
	err  error
	took time.Duration
}

func TestTheStaticModeEndsOnEveryHostileServer(t *testing.T) {
	servers := hostile.Servers()
	results := make([]chan result, len(servers))
	quick := make(chan struct{}, 4) // those that only wait for a deadline do not take a turn
	for i, s := range servers {
		address := s.Start(t)
		results[i] = make(chan result, 1)
		go func() {
			if s.Static == "timeout" {
				results[i] <- measure(t, address, 5*time.Second)
				return
			}
			quick <- struct{}{}
			defer func() { <-quick }()
			results[i] <- measure(t, address, patience)
		}()
	}
	for i, s := range servers {
		t.Run(s.Name, func(t *testing.T) {
			r := <-results[i]
			if !hostile.Matches(s.Static, r.code) {
				t.Errorf("it ended with %q (%.300q); want %q", r.code, r.err, s.Static)
			}
			if (s.Static == "timeout" && r.took > 10*time.Second) || r.took > patience+5*time.Second {
				t.Errorf("it took %v", r.took)
			}
		})
	}
}

// patience is for what ends by itself, on a machine that does much else. It takes three seconds at most on one that does
// not.
const patience = 15 * time.Second

func measure(t *testing.T, address string, limit time.Duration) result {
	m := static.New(static.Options{AllowPrivate: true, PageTimeout: limit})
	defer m.Close()
	start := time.Now()
	_, err := m.Measure(t.Context(), address)
	r := result{err: err, took: time.Since(start)}
	var typed *web.Error
	switch {
	case errors.As(err, &typed):
		r.code = string(typed.Code)
	case err != nil:
		r.code = "an error without a code"
	}
	return r
}
