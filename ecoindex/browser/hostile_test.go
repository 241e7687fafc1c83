package browser_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"veille/ecoindex/browser"
	"veille/ecoindex/browser/hostile"
	"veille/ecoindex/web"
)

// Each hostile server ends in the time that a page may take, with the error that says what is wrong, or with figures.
// Beside seven others a page may starve, and end with its time; what ended otherwise than it must is measured again, alone.
func TestEveryHostileServerEndsInTimeWithItsOwnError(t *testing.T) {
	options := browser.Options{
		Protocol: protocol(t, "adaptive"), Parallel: 8, LoadTimeout: 8 * time.Second, PageTimeout: 20 * time.Second,
		MaxMemory: 1e9, MaxRequests: 3000, MaxBytes: 64e6,
	}
	again := make(chan hostile.Server, len(hostile.Servers()))
	t.Run("together", func(t *testing.T) {
		together := measurer(t, options) // it ends with them
		next := make(chan hostile.Server)
		var all sync.WaitGroup
		for range options.Parallel { // t.Parallel would let as many run as there are cores, and most of them wait
			all.Go(func() {
				for s := range next {
					t.Run(s.Name, func(t *testing.T) {
						if code := ends(t, together, s); !hostile.Matches(s.Code, code) {
							again <- s
						}
					})
				}
			})
		}
		for _, s := range hostile.Servers() {
			next <- s
		}
		close(next)
		all.Wait()
	})
	close(again)
	alone := measurer(t, options)
	for s := range again {
		if code := ends(t, alone, s); !hostile.Matches(s.Code, code) {
			t.Errorf("%s ends with code %q; want %q", s.Name, code, s.Code)
		}
	}
}

// ends measures a hostile page and answers the code it ends with.
func ends(t *testing.T, m *browser.Measurer, s hostile.Server) string {
	t.Helper()
	address := s.Start(t)
	began := time.Now()
	page, err := m.Measure(t.Context(), address)
	t.Logf("%s: %d elements, %d requests, %.0f kB, %v in %v", s.About, page.DOM, page.Requests, page.SizeKB, err, time.Since(began).Round(time.Millisecond))
	return codeOf(t, err)
}

// codeOf is the cause of an error, or nothing when there is none.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	var problem *web.Error
	if err != nil && !errors.As(err, &problem) {
		t.Fatalf("%v is not a *web.Error", err)
	}
	if err == nil {
		return ""
	}
	return string(problem.Code)
}
