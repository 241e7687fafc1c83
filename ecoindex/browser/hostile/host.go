package hostile

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// enough is how many bytes a server sends before it gives up: a measure that reads that much has no limit.
const enough = 2 << 30

var errEnough = errors.New("sent enough")

// host is where a server lives: what it listens to, its connections and its goroutines, all of them ended by stop.
type host struct {
	tb      testing.TB
	ctx     context.Context // ends with the test, before its clean-up
	running sync.WaitGroup
	sent    atomic.Int64

	mu      sync.Mutex
	stopped bool
	open    map[io.Closer]bool
}

func newHost(tb testing.TB) *host {
	return &host{tb: tb, ctx: tb.Context(), open: map[io.Closer]bool{}}
}

// stop closes all that is open and waits for what runs.
func (h *host) stop() {
	h.mu.Lock()
	h.stopped = true
	open := h.open
	h.open = nil
	h.mu.Unlock()
	for c := range open {
		_ = c.Close()
	}
	h.running.Wait()
}

// keep remembers c to close it when the host stops.
func (h *host) keep(c io.Closer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		_ = c.Close()
		return
	}
	h.open[c] = true
}

func (h *host) forget(c io.Closer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, c)
}

// listen opens a port of this machine.
func (h *host) listen() listener {
	h.tb.Helper()
	l, err := new(net.ListenConfig).Listen(h.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		h.tb.Fatal(err)
	}
	h.keep(l)
	return listener{l, h}
}

// listener accepts connections that the host closes when it stops.
type listener struct {
	net.Listener
	host *host
}

// Accept waits for the next connection.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	kept := &conn{c, l.host}
	l.host.keep(c)
	return kept, nil
}

// conn is a connection of a host.
type conn struct {
	net.Conn
	host *host
}

// Write sends p, unless the host has sent enough.
func (c *conn) Write(p []byte) (int, error) {
	if c.host.sent.Add(int64(len(p))) > enough {
		return 0, errEnough
	}
	return c.Conn.Write(p)
}

// Close ends the connection.
func (c *conn) Close() error {
	c.host.forget(c.Conn)
	return c.Conn.Close()
}

// reset ends the connection as a machine that lost power and came back does, with a TCP reset.
func (c *conn) reset() {
	if t, ok := c.Conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// wait reads and forgets until the other side or the host closes.
func (c *conn) wait() { _, _ = io.Copy(io.Discard, c.Conn) }

// sockets serves each connection with f, which sees it before anything was read, and answers host and port.
func (h *host) sockets(f func(*conn)) string {
	h.tb.Helper()
	l := h.listen()
	h.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			kept, ok := c.(*conn)
			if !ok {
				return
			}
			h.running.Go(func() {
				defer func() { _ = kept.Close() }()
				f(kept)
			})
		}
	})
	return l.Addr().String()
}

// serve serves HTTP on l until the host stops.
func (h *host) serve(l net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.running.Add(1) // the connection is counted until it is closed or taken over, which comes later
			defer h.running.Done()
			handler.ServeHTTP(w, r)
		}),
		BaseContext:    func(net.Listener) context.Context { return h.ctx },
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		MaxHeaderBytes: 4 << 20,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew: // in the goroutine of Serve, which is counted
				h.running.Add(1)
			case http.StateClosed, http.StateHijacked:
				h.running.Done()
			}
		},
	}
	h.running.Go(func() { _ = server.Serve(l) })
}

// site is an answer per path.
type site map[string]http.HandlerFunc

// ServeHTTP answers a request.
func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handler, ok := s[r.URL.Path]; ok {
		handler(w, r)
		return
	}
	http.NotFound(w, r)
}

// web starts a site.
func web(s site) func(*host) string {
	return func(h *host) string {
		h.tb.Helper()
		l := h.listen()
		h.serve(l, s)
		return "http://" + l.Addr().String() + "/"
	}
}

// raw takes the connection away from HTTP once the request is read: f writes the answer, byte for byte.
func raw(f func(*conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		hijacker, ok := w.(http.Hijacker)
		if !ok {
			return
		}
		c, _, err := hijacker.Hijack()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		if kept, ok := c.(*conn); ok {
			f(kept)
		}
	}
}

// bare starts a server whose page is written by f, byte for byte.
func bare(f func(*conn)) func(*host) string { return web(site{"/": raw(f)}) }
