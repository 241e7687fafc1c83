package browser_test

import (
	"errors"
	"testing"
	"time"

	"veille/ecoindex/browser"
	"veille/ecoindex/browser/hostile"
	"veille/ecoindex/web"
)

// Each hostile server ends in the time that a page may take, with the error that says what is wrong, or with figures.
func TestEveryHostileServerEndsInTimeWithItsOwnError(t *testing.T) {
	m := measurer(t, browser.Options{
		Protocol: protocol(t, "adaptive"), Parallel: 8, LoadTimeout: 8 * time.Second, PageTimeout: 15 * time.Second,
		MaxMemory: 1e9, MaxRequests: 3000, MaxBytes: 64e6,
	})
	for _, s := range hostile.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			address := s.Start(t)
			began := time.Now()
			page, err := m.Measure(t.Context(), address)
			took := time.Since(began)
			t.Logf("%s: %d elements, %d requests, %.0f kB, %v in %v", s.About, page.DOM, page.Requests, page.SizeKB, err, took.Round(time.Millisecond))
			if code := codeOf(t, err); !hostile.Matches(s.Code, code) {
				t.Errorf("ends with code %q, %v; want %q", code, err, s.Code)
			}
		})
	}
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
