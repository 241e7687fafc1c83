package frame_test

import (
	"net/http/httptest"
	"testing"

	"veille/dashboards/frame"
)

func TestTheAddressOfARequestIsTheOneThatTheProxyOnThisMachineNamesLast(t *testing.T) {
	for _, tt := range []struct {
		name, remote string
		lines        []string
		want         string
	}{
		{"no proxy", "198.51.100.9:1", nil, "198.51.100.9"},
		{"nobody's word but that of this machine is taken", "198.51.100.9:1", []string{"203.0.113.1"}, "198.51.100.9"},
		{"one line", "127.0.0.1:1", []string{"198.51.100.9"}, "198.51.100.9"},
		{"a proxy that appends to what the browser made up", "[::1]:1", []string{"203.0.113.1, 198.51.100.9"}, "198.51.100.9"},
		{"a proxy that adds a line of its own", "127.0.0.1:1", []string{"203.0.113.1", "198.51.100.9"}, "198.51.100.9"},
		{"a proxy that names none", "127.0.0.1:1", []string{"unknown"}, "127.0.0.1"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.RemoteAddr = tt.remote
		for _, line := range tt.lines {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got := frame.From(r).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
