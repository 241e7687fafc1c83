package browsertest

import (
	"net"
	"net/http"
	"strings"
	"sync"
)

// An Exchange is one request that the site received, and the bytes that went out in answer: status line, headers and
// body, framing included.
type Exchange struct {
	Host, Method, Path string // Path has its query
	Bytes              int64
}

// counted says whether the exchange is one of those that the reference counts.
func (e *Exchange) counted() bool {
	path, _, _ := strings.Cut(e.Path, "?")
	return e.Method != http.MethodOptions && !strings.HasSuffix(path, "/favicon.ico")
}

// meter notes what every connection of a site wrote, exchange by exchange.
type meter struct {
	mu    sync.Mutex
	since []*Exchange // in order of arrival, since the last reset
}

// begin notes a request. What the connection writes from then on belongs to it: HTTP/1.1 answers one at a time.
func (m *meter) begin(c *meteredConn, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c.now = &Exchange{Host: r.Host, Method: r.Method, Path: r.URL.RequestURI()}
	m.since = append(m.since, c.now)
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since = nil
}

func (m *meter) exchanges() []Exchange {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]Exchange, len(m.since))
	for i, e := range m.since {
		all[i] = *e
	}
	return all
}

// meteredListener hands out connections that are metered.
type meteredListener struct {
	net.Listener
	meter *meter
}

// Accept waits for a connection.
func (l meteredListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &meteredConn{Conn: c, meter: l.meter}, nil
}

// meteredConn has no ReadFrom, so that net/http cannot send a file around Write.
type meteredConn struct {
	net.Conn
	meter *meter
	now   *Exchange // guarded by meter.mu; nil before the first request
}

// Write counts before it writes: who has received a byte finds it in the sum.
func (c *meteredConn) Write(p []byte) (int, error) {
	c.add(len(p))
	n, err := c.Conn.Write(p)
	c.add(n - len(p))
	return n, err
}

func (c *meteredConn) add(n int) {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	if c.now != nil {
		c.now.Bytes += int64(n)
	}
}
