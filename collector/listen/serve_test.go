package listen_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector/listen"
)

func TestARequestUnderWayIsAnsweredBeforeTheEnd(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			files, roots := encrypted(t)
			begun, finish := make(chan struct{}), make(chan struct{})
			r := run(t, listen.Options{TLS: files, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					return
				}
				close(begun)
				<-finish
				if err := r.Context().Err(); err != nil {
					t.Errorf("the request's context ended: %v", err)
				}
				_, _ = io.WriteString(w, "stored\n")
			})})
			c, other := client(t, roots), client(t, roots)
			c.Transport.(*http.Transport).ForceAttemptHTTP2 = protocol == "HTTP/2.0"
			get(t, other, "https://"+r.addr+"/") // leaves an idle connection
			silent, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = silent.Close() }()
			answered := make(chan string, 1)
			go func() {
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+r.addr+"/records", strings.NewReader("record"))
				answer, err := c.Do(request)
				if err != nil {
					answered <- err.Error()
					return
				}
				text, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				answered <- answer.Proto + " " + string(text)
				_ = err
			}()
			<-begun
			stopped := make(chan error, 1)
			go func() { stopped <- r.stop() }()
			_ = silent.SetReadDeadline(time.Now().Add(3 * time.Second)) // net/http on its own would wait for five
			if _, err := silent.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) || err == nil {
				t.Errorf("a connection without a request: %v; want it closed at once", err)
			}
			if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.addr); err == nil {
				t.Error("a new connection was taken after the end began")
			}
			select {
			case err := <-stopped:
				t.Error("stopped while a request was under way:", err)
			default:
			}
			close(finish)
			if got := <-answered; got != protocol+" stored\n" {
				t.Errorf("answered %q; want %q", got, protocol+" stored\n")
			}
			start := time.Now()
			if err := <-stopped; err != nil || time.Since(start) > 5*time.Second {
				t.Errorf("stopped with %v, %v after the last answer", err, time.Since(start))
			}
		})
	}
}

func TestARequestThatDoesNotEndIsCutShortAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		cut := make(chan time.Time, 1)
		r := runOn(t, p, listen.Options{Grace: 3 * time.Second, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			cut <- time.Now()
		})})
		v := p.visit(t)
		v.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf") // net/http does not see such a connection end
		synctest.Wait()
		start := time.Now()
		if err := r.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		if took := (<-cut).Sub(start); took != 3*time.Second {
			t.Errorf("the request was cut after %v; want 3s", took)
		}
		if !strings.Contains(r.log.String(), "requests cut short") {
			t.Errorf("log\n%s; want a line on it", r.log)
		}
	})
}

func TestEveryWaitEnds(t *testing.T) {
	for _, tt := range []struct {
		name, sent string
		within     time.Duration
	}{
		{"nothing", "", 10 * time.Second},
		{"half a header", "GET / HTTP/1.1\r\nHost:", 10 * time.Second},
		{"half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", 30 * time.Second},
		{"half a chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", 30 * time.Second},
		{"nothing after an answer", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 60 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPipes()
				r := runOn(t, p, listen.Options{})
				v := p.visit(t)
				start := time.Now()
				if tt.sent != "" {
					v.say(tt.sent)
				}
				_ = v.SetReadDeadline(time.Now().Add(time.Hour))
				_, _ = io.Copy(io.Discard, v.read)
				if took := time.Since(start); took < tt.within-time.Second || took > tt.within+2*time.Second {
					t.Errorf("closed after %v; want %v", took, tt.within)
				}
				_ = r.stop()
			})
		})
	}
}

func TestAPanicIsAnsweredAndToldWithoutAnAddress(t *testing.T) {
	t.Parallel()
	m := listen.NewMetrics()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /machines/{pseudonym}", func(http.ResponseWriter, *http.Request) { panic("the drawer is stuck") })
	mux.HandleFunc("GET /abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	files, roots := encrypted(t)
	r := run(t, listen.Options{TLS: files, Handler: mux, Metrics: m})
	got := get(t, client(t, roots), "https://"+r.addr+"/machines/f00d?name=secret")
	if got.status != http.StatusInternalServerError || strings.Contains(got.text, "drawer") {
		t.Errorf("answered %d %q; want 500 and no reason", got.status, got.text)
	}
	log := r.log.String()
	for _, want := range []string{"handler panicked", "the drawer is stuck", `route="GET /machines/{pseudonym}"`, "serve_test.go"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	for _, secret := range []string{"f00d", "secret", "127.0.0.1"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+r.addr+"/abort", nil)
	if answer, err := client(t, roots).Do(request); err == nil {
		_ = answer.Body.Close()
		t.Errorf("a handler that gave up was answered %d; want no answer", answer.StatusCode)
	}
	if got := figures(t, m)["veille_handler_panics_total"]; got != 1 {
		t.Errorf("%g panics counted; want 1", got)
	}
}

// garbage are requests that are none, and what is answered: the status, or nothing.
func garbage() map[string]struct {
	sent   string
	status string
} {
	type row = struct{ sent, status string }
	return map[string]row{
		"empty line":             {"\r\n\r\n", "400"},
		"zeroes":                 {strings.Repeat("\x00", 4096) + "\r\n\r\n", "400"},
		"no version":             {"GET /\r\n\r\n", "400"},
		"version 0.9":            {"GET / HTTP/0.9\r\n\r\n", "505"},
		"version 9":              {"GET / HTTP/9.9\r\nHost: x\r\n\r\n", "505"},
		"no host":                {"GET / HTTP/1.1\r\n\r\n", "400"},
		"two hosts":              {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
		"bad host":               {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
		"space in a name":        {"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", "400"},
		"no colon":               {"GET / HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n", "400"},
		"zero in a value":        {"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n", "400"},
		"bad escape":             {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"control in the path":    {"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"method of control":      {"G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"negative length":        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400"},
		"length no number":       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", "400"},
		"length beyond all":      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
		"two lengths":            {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		"unknown coding":         {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: cow\r\n\r\n", "501"},
		"coding twice":           {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "501"},
		"chunk no number":        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "200"}, // this handler ignores what it cannot read
		"header too long":        {"GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", "431"},
		"too many headers":       {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 8000) + "\r\n", "431"},
		"path too long":          {"GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		"unknown expectation":    {"POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\na", "417"},
		"HTTP/2 without TLS":     {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "200"},                                // likewise
		"a proxy's request":      {"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", "200"}, // the handler's to refuse
		"TLS where there is not": {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x55", 300), "400"},
		"another protocol":       {"SSH-2.0-OpenSSH_9.2\r\n", "400"},
	}
}

func TestGarbageIsRefusedWithoutAPanicOrALine(t *testing.T) {
	t.Parallel()
	m := listen.NewMetrics()
	r := run(t, listen.Options{Metrics: m})
	for name, tt := range garbage() {
		t.Run(name, func(t *testing.T) {
			answer := converse(t, r.addr, []byte(tt.sent))
			status := ""
			if fields := bytes.Fields(answer); len(fields) > 1 && bytes.HasPrefix(answer, []byte("HTTP/1.")) {
				status = string(fields[1])
			}
			if status != tt.status {
				t.Errorf("answered %.60q; want %q", answer, tt.status)
			}
		})
	}
	if got := figures(t, m)["veille_handler_panics_total"]; got != 0 || r.log.String() != "" {
		t.Errorf("%g panics, log %q; want neither", got, r.log)
	}
}

func TestGarbageWithinAndInsteadOfTLSIsRefused(t *testing.T) {
	t.Parallel()
	files, roots := encrypted(t)
	r := run(t, listen.Options{TLS: files})
	var all sync.WaitGroup
	for _, tt := range garbage() {
		all.Go(func() { _ = converse(t, r.addr, []byte(tt.sent)) }) // instead of a handshake
		for _, sent := range []string{tt.sent, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + tt.sent} {
			c := dialTLS(t, r.addr, newTLS(roots, sent))
			all.Go(func() {
				_ = c.SetDeadline(time.Now().Add(time.Second))
				_, _ = io.WriteString(c, sent)
				_ = c.CloseWrite()
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			})
		}
	}
	all.Wait()
	if got := get(t, client(t, roots), "https://"+r.addr+"/"); got.status != http.StatusOK || r.log.String() != "" {
		t.Errorf("afterwards: status %d, log %q; want 200 and nothing", got.status, r.log)
	}
}

// converse sends bytes and answers what comes back until the other side closes.
func converse(t testing.TB, addr string, sent []byte) []byte {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(15 * time.Second))
	_, _ = c.Write(sent)
	_ = c.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(c)
	return answer
}

func FuzzNoBytesMakeItPanic(f *testing.F) {
	for _, tt := range garbage() {
		f.Add([]byte(tt.sent))
	}
	m := listen.NewMetrics()
	r := run(f, listen.Options{Metrics: m})
	f.Fuzz(func(t *testing.T, sent []byte) {
		_ = converse(t, r.addr, sent)
		if got := figures(t, m)["veille_handler_panics_total"]; got != 0 || r.log.String() != "" {
			t.Errorf("%q: %g panics, log %q", sent, got, r.log)
		}
	})
}
