package static

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"veille/ecoindex/web"
)

// Nobody is expected to answer there: that it is tried is what counts.
func TestTheHostsOfTheOptionsAreThoseThatAreAllowed(t *testing.T) {
	m := New(Options{AllowHosts: []string{"100.64.255.1"}, RequestTimeout: 50 * time.Millisecond})
	t.Cleanup(m.Close)
	for address, want := range map[string]bool{"http://100.64.255.1:9/": true, "http://100.64.255.2:9/": false} {
		_, err := m.Measure(t.Context(), address)
		if problem, ok := errors.AsType[*web.Error](err); !ok || (problem.Code != web.CodePrivate) != want {
			t.Errorf("%s: %v; want that it is tried: %t", address, err, want)
		}
	}
}

// Nothing is made up here, so it needs a machine that has such an address.
func TestAnAllowedAddressIsMeasured(t *testing.T) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		of, ok := a.(*net.IPNet)
		if !ok || !of.IP.IsPrivate() {
			continue
		}
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(of.IP.String(), "0"))
		if err != nil {
			continue
		}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<p>hello")
		}))
		_ = server.Listener.Close()
		server.Listener = listener
		server.Start()
		t.Cleanup(server.Close)
		m := New(Options{AllowHosts: []string{of.IP.String()}})
		t.Cleanup(m.Close)
		if page, err := m.Measure(t.Context(), server.URL); err != nil || page.DOM != 4 {
			t.Errorf("%s: %+v, %v; want a page of four elements", server.URL, page, err)
		}
		other := New(Options{AllowHosts: []string{"wiki.corp.example"}})
		t.Cleanup(other.Close)
		if _, err := other.Measure(t.Context(), server.URL); err == nil {
			t.Errorf("%s was measured where another host is allowed", server.URL)
		}
		return
	}
	t.Skip("NOT RUN: this machine has no address of a private network on which to serve a page")
}
