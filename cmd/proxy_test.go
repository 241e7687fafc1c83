package cmd_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// standIn answers in the place of a collector. It remembers what it is asked.
type standIn struct {
	*bait
	mu    sync.Mutex
	asked []*http.Request
}

// dropped is a query that is not answered: the connection is closed.
const dropped = "dropped"

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{}
	s.bait = newBait(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, r)
		s.mu.Unlock()
		if r.URL.RawQuery == dropped {
			panic(http.ErrAbortHandler)
		}
		plainPage(w, r)
	})
	return s
}

// all is what it was asked so far.
func (s *standIn) all() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// count is how often it was asked for a path in vain.
func (s *standIn) count(path string) (n int) {
	for _, r := range s.all() {
		if r.URL.Path == path && r.URL.RawQuery == dropped {
			n++
		}
	}
	return n
}

// claim is a request of somebody who claims to ask from elsewhere.
func claim(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"X-Forwarded-For": forged, "X-Forwarded-Proto": "http", "X-Real-Ip": forged, "Forwarded": "for=" + forged} {
		r.Header.Set(name, value)
	}
	return r
}

// silent are the paths at which nobody's address is passed on.
func silent() []string {
	return []string{"/api/v1/enrol", "/api/v1/records", "/api/v1/policy", "/api/v1/admin/site/list", "/api/v1/openapi.json", "/api/v2/write", "/write", "/ping", "/health", "/healthz"}
}

// passes asks for agents, meters, watchers and readers, and answers what a reverse proxy passes on that it should not, or not as it should.
func (f *front) passes(t *testing.T, s *standIn) (faults []string) {
	t.Helper()
	client := f.client(someone)
	for _, path := range append(silent(), "/", "/sign-in", "/writes", "/api/v2/query", "/healthz/x") {
		before := len(s.all())
		status, _, text := answered(t, client, claim(t, http.MethodPost, f.address()+path, "{}"))
		asked := s.all()
		if status != http.StatusOK || len(asked) != before+1 {
			faults = append(faults, fmt.Sprintf("%s is answered %d %.100s", path, status, text))
			continue
		}
		r := asked[before]
		if r.Header.Get("X-Forwarded-Proto") != "https" || "https://"+r.Host != f.address() {
			faults = append(faults, fmt.Sprintf("%s is asked of %s, by %q", path, r.Host, r.Header.Get("X-Forwarded-Proto")))
		}
		from := strings.Join(r.Header.Values("X-Forwarded-For"), ", ")
		if want := map[bool]string{false: someone}[slices.Contains(silent(), path)]; from != want {
			faults = append(faults, fmt.Sprintf("%s is said to be asked from %q, not %q", path, from, want))
		}
		for name, values := range r.Header {
			if name != "X-Forwarded-For" && strings.Contains(strings.Join(values, ", "), someone) {
				faults = append(faults, fmt.Sprintf("%s comes with %s: %q", path, name, values))
			}
		}
	}
	if n := s.met.Load(); n > 2 {
		faults = append(faults, fmt.Sprintf("%d connections were made to the collector", n))
	}
	for _, path := range []string{"/api/v1/records", "/write", "/sign-in"} {
		_, _, _ = answered(t, client, claim(t, http.MethodGet, f.address()+path, "")) // there is a connection, which could have been closed in between
		status, _, _ := answered(t, client, claim(t, http.MethodPost, f.address()+path+"?"+dropped, "{}"))
		if n := s.count(path); status != http.StatusBadGateway || n != 1 {
			faults = append(faults, fmt.Sprintf("a POST to %s that fails is answered %d and was tried %d times", path, status, n))
		}
	}
	return faults
}

// provoke makes a reverse proxy meet errors, all with someone's address.
func (f *front) provoke(t *testing.T, s *standIn) {
	t.Helper()
	c := f.encrypted()
	tell := func(to string, c *tls.Config, text string) {
		if _, err := say(t, to, c, text); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%.60q is not answered: %v", text, err)
		}
	}
	for _, text := range append(malformed(), "GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") {
		if !strings.HasPrefix(text, "\r\n\r\n") { // empty lines are waited after
			tell(f.secure, c, text)
			tell(f.open, nil, text)
		}
	}
	tell(f.secure, nil, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	tell(f.secure, nil, "\x80\x2e\x01\x00\x02"+strings.Repeat("\xff", 60)) // no hello of TLS
	for _, wrong := range []*tls.Config{
		{ServerName: "localhost", MinVersion: tls.VersionTLS12}, // trusts nobody, and says so
		{RootCAs: f.trusted, ServerName: "elsewhere.example", MinVersion: tls.VersionTLS12},
		{RootCAs: f.trusted, ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, //nolint:gosec // it is refused
	} {
		if answer, err := say(t, f.secure, wrong, ""); err == nil {
			t.Errorf("a wrong handshake is answered %q", answer)
		}
	}
	client := f.client(someone)
	large := bytes.NewReader(make([]byte, 9<<20))
	if r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.address()+"/sign-in", large); err == nil {
		if response, err := client.Do(r); err == nil {
			_ = response.Body.Close()
		}
	}
	s.Close()
	for _, path := range []string{"/api/v1/records", "/write", "/healthz", "/sign-in"} {
		if status, _, text := answered(t, client, claim(t, http.MethodPost, f.address()+path, "{}")); status != http.StatusBadGateway || strings.Contains(text, someone) {
			t.Errorf("%s of a collector that is down is answered %d %s", path, status, text)
		}
	}
}

// tells is what a reverse proxy has written since it served.
func (f *front) tells(t *testing.T) string {
	t.Helper()
	text := f.written(t)
	if text == f.before {
		return ""
	}
	return "it has written\n" + text
}

func TestAReverseProxyTellsNobodyWhoSpeaksWhen(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"nginx", "caddy"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newStandIn(t)
			f := newFront(t, kind, s.Listener.Addr().String())
			var slow sync.WaitGroup
			for _, to := range []*tls.Config{nil, f.encrypted()} { // a handshake, and a header, that do not come to their end
				slow.Go(func() { _, _ = say(t, f.secure, to, "\x16") })
			}
			for _, fault := range f.passes(t, s) {
				t.Error(fault)
			}
			f.provoke(t, s)
			slow.Wait()
			if said := f.tells(t); said != "" {
				t.Error(said)
			}
		})
	}
}

// What the test above looks for is found where the examples are changed.
func TestAReverseProxyThatTellsIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, kind string
		change     exchange
		found      string
	}{
		{"an access log", "nginx", exchange{"    access_log off;\n", ""}, someone + " - - ["},
		{"an error log", "nginx", exchange{"    error_log /dev/null emerg;\n", ""}, "client: " + someone},
		{"an address on the way of agents", "nginx", exchange{`X-Forwarded-For "";`, "X-Forwarded-For $remote_addr;"}, "/api/v1/records is said to be asked from"},
		{"what somebody claims", "nginx", exchange{"X-Forwarded-For $remote_addr;", "X-Forwarded-For $http_x_forwarded_for;"}, `/sign-in is said to be asked from "` + forged},
		{"a second try", "nginx", exchange{"client_max_body_size 8m;", "proxy_next_upstream error non_idempotent;"}, "/sign-in that fails is answered 502 and was tried 2 times"},
		{"no connection kept", "nginx", exchange{"    keepalive 64;\n    keepalive_timeout 30s;", ""}, "connections were made"},
		{"an error log", "caddy", exchange{"exclude http", "exclude admin"}, `"remote_ip":"` + someone},
		{"an access log", "caddy", exchange{"\t@agents path", "\tlog {\n\t\toutput stderr\n\t}\n\t@agents path"}, someone},
		{"an address on the way of agents", "caddy", exchange{"header_up -X-Forwarded-For", "header_up -X-Other"}, "/api/v1/records is said to be asked from"},
	} {
		t.Run(tt.kind+": "+tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStandIn(t)
			f := newFront(t, tt.kind, s.Listener.Addr().String(), tt.change)
			faults := f.passes(t, s)
			f.provoke(t, s)
			if all := strings.Join(faults, "\n") + f.tells(t); !strings.Contains(all, tt.found) {
				t.Errorf("not found: %q in %.2000s", tt.found, all)
			}
		})
	}
}
