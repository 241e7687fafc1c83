package static_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// site is a web site on this machine: an answer per path; "/" is the page.
type site map[string]http.HandlerFunc

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handler, ok := s[r.URL.Path]; ok {
		handler(w, r)
		return
	}
	http.NotFound(w, r)
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// body answers 200 with a content type and a text.
func body(contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = io.WriteString(w, text)
	}
}

func html(text string) http.HandlerFunc { return body("text/html; charset=utf-8", text) }

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// measurer is one that may connect to this machine.
func measurer(t *testing.T, o static.Options) *static.Measurer {
	t.Helper()
	o.AllowPrivate = true
	m := static.New(o)
	t.Cleanup(m.Close)
	return m
}

func measure(t *testing.T, handler http.Handler) web.Page {
	t.Helper()
	page, err := measurer(t, static.Options{}).Measure(t.Context(), serve(t, handler).URL)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// paths are what a page asked for, without the page itself.
func paths(p web.Page) []string {
	var list []string
	for _, r := range p.Resources[1:] {
		_, path, _ := strings.Cut(strings.TrimPrefix(r.URL, "http://"), "/")
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}

// meter counts the bytes a server writes on all its connections.
type meter struct {
	net.Listener
	written *atomic.Int64
}

func (m meter) Accept() (net.Conn, error) {
	c, err := m.Listener.Accept()
	return meteredConn{c, m.written}, err
}

type meteredConn struct {
	net.Conn
	written *atomic.Int64
}

// Write counts before it writes: once a client has read the last byte, the count is whole.
func (c meteredConn) Write(p []byte) (int, error) {
	c.written.Add(int64(len(p)))
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n - len(p)))
	return n, err
}

// serveMetered is serve, and the number of bytes written so far.
func serveMetered(t *testing.T, handler http.Handler) (url string, written *atomic.Int64) {
	t.Helper()
	written = new(atomic.Int64)
	server := httptest.NewUnstartedServer(handler)
	server.Listener = meter{server.Listener, written}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, written
}
