package hostile_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/browser/hostile"
)

func TestEachServerHasANameAndAReason(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range hostile.Servers() {
		if s.Name == "" || seen[s.Name] || !strings.HasSuffix(s.About, ".") {
			t.Errorf("%q, %q: want a name of its own and a sentence", s.Name, s.About)
		}
		seen[s.Name] = true
	}
	if len(seen) < 34 {
		t.Errorf("%d servers; want 34", len(seen))
	}
}

func TestServersLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("all", func(t *testing.T) {
		for _, s := range hostile.Servers() {
			if address := s.Start(t); !strings.HasPrefix(address, "http") {
				t.Errorf("%s is at %q", s.Name, address)
			}
		}
	})
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}
