package burst

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

// target is a collector, and how connections to it are made.
type target struct {
	address string // host:port
	path    string // before /api, "" as a rule
	host    string // as the Host header says it
	secure  *tls.Config
	resume  bool
	timeout time.Duration
	dialer  net.Dialer
}

// newTarget reads a collector's address.
func newTarget(w Way) (*target, error) {
	u, err := url.Parse(w.Collector)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the collector %q is not an address like https://veille.example.org", w.Collector)
	}
	t := &target{host: u.Host, timeout: w.Timeout, resume: !w.NewSessions, dialer: net.Dialer{Timeout: w.Timeout, KeepAlive: -1}}
	for t.path = u.EscapedPath(); t.path != "" && t.path[len(t.path)-1] == '/'; {
		t.path = t.path[:len(t.path)-1]
	}
	port := u.Port()
	if u.Scheme == "https" {
		t.secure = &tls.Config{ServerName: u.Hostname(), RootCAs: w.Roots, MinVersion: tls.VersionTLS12}
	}
	switch {
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	t.address = net.JoinHostPort(u.Hostname(), port)
	return t, nil
}

// client speaks HTTP/1.1 over one connection at a time, opened when it is needed. It is for one goroutine. net/http, which does
// much more, takes about twice the processor time, and shares the processors with the collector that is measured.
type client struct {
	to      *target
	secure  *tls.Config // with the sessions of this client
	conn    net.Conn
	in      *bufio.Reader
	out     []byte
	text    []byte      // of the last answer
	used    bool        // conn has carried an answer
	release func() bool // of the watch on the context

	sent, received, opened int64 // bytes of requests and of the texts of answers; connections
}

func newClient(to *target) *client {
	c := &client{to: to, secure: to.secure, in: bufio.NewReader(nil)}
	if to.secure != nil && to.resume {
		c.secure = to.secure.Clone()
		c.secure.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	return c
}

// grace is how long an answer that is on its way may take after the context has ended.
const grace = 2 * time.Second

// open makes sure of a connection.
func (c *client) open(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.to.dialer.DialContext(ctx, "tcp", c.to.address)
	if err != nil {
		return err
	}
	if c.secure != nil {
		secure := tls.Client(conn, c.secure)
		_ = conn.SetDeadline(time.Now().Add(c.to.timeout)) // cannot fail on an open connection
		if err := secure.HandshakeContext(ctx); err != nil {
			return errors.Join(fmt.Errorf("agree on TLS: %w", err), conn.Close())
		}
		conn = secure
	}
	c.conn, c.used = conn, false
	c.opened++
	c.in.Reset(conn)
	c.release = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now().Add(min(grace, c.to.timeout))) })
	return nil
}

// close gives the connection up.
func (c *client) close() {
	if c.conn == nil {
		return
	}
	c.release()
	_ = c.conn.Close() // what was to be read was read
	c.conn = nil
}

// request writes a request that carries body, without sending it: head are the lines of its header beside those of every request.
func (c *client) request(path, password, head string, body []byte) {
	b := append(c.out[:0], "POST "...)
	b = append(b, c.to.path...)
	b = append(b, path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.to.host...)
	b = append(b, "\r\nUser-Agent: veille-fleet\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
	b = append(b, password...)
	b = append(b, "\r\n"...)
	b = append(b, head...)
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	c.out = append(b, body...)
}

// send sends the request that was written last, and reads its answer, whose text is good until the next. A connection that has served
// before may have been closed meanwhile: then the request is sent once more over another, which loses nothing, for what a collector
// has twice it keeps once.
func (c *client) send(ctx context.Context) (reply, error) {
	again := c.conn != nil && c.used
	r, err := c.try(ctx)
	if err != nil && again && ctx.Err() == nil && !isTimeout(err) {
		r, err = c.try(ctx)
	}
	return r, err
}

func (c *client) try(ctx context.Context) (reply, error) {
	if err := c.open(ctx); err != nil {
		return reply{}, err
	}
	_ = c.conn.SetDeadline(time.Now().Add(c.to.timeout)) // as above
	_, writing := c.conn.Write(c.out)
	c.sent += int64(len(c.out))
	r, err := readReply(c.in, c.text[:0]) // even if it was not all written: a collector that refuses may answer early
	if err != nil {
		c.close()
		if writing != nil {
			err = writing
		}
		return reply{}, fmt.Errorf("no answer: %w", err)
	}
	c.text, c.used = r.text, true
	c.received += int64(len(r.text))
	if r.last || writing != nil || c.in.Buffered() > 0 { // nothing may follow an answer that was not asked for
		c.close()
	}
	return r, nil
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}
