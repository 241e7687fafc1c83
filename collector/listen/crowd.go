package listen

import (
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// doing is what a connection does, seen from here.
type doing int

const (
	idle   doing = iota // was answered, and asks nothing
	asking              // is new, or has not sent the whole of a request
	busy                // sent a whole request, and is being answered
	doings
)

// patience is how long a connection may go on before it can be closed to make room. Without it a burst of honest connections would
// close one another before any was answered: two seconds are a TLS handshake and a request on a poor line, on a server that has thousands
// of others to do. Whoever does not read an answer, or whose handler hangs, gets ten. Half a second, net/http's own measure, lets the
// end of an answer arrive: closing earlier could take it back.
func (d doing) patience() time.Duration {
	return [doings]time.Duration{idle: 500 * time.Millisecond, asking: 2 * time.Second, busy: 10 * time.Second}[d]
}

// crowd is a listener with a bounded number of connections. When there is no room for a new one, that which has been idle, or has not
// sent a whole request, for the longest is closed. So neither thousands of idle connections nor those who send a byte now and then lock
// anybody out: to hold a place they must ask something, and answering that is bounded by other means.
//
// There is no bound per address: behind the one address of a school, or of a region's proxy, are thousands of machines that all
// come back on the same Monday, while an attacker has as many addresses as he likes. And no address needs to be kept.
type crowd struct {
	net.Listener
	room   int
	closed counter       // counts connections closed for room
	change chan struct{} // capacity 1: one has left, or become idle
	done   chan struct{} // closed with the listener
	once   sync.Once
	err    error // of closing the listener

	mu     sync.Mutex
	queues [doings]list.List // of *conn; who came first is in front
	ended  bool              // nobody comes in any more
}

func newCrowd(l net.Listener, room int, closed counter) *crowd {
	return &crowd{Listener: l, room: room, closed: closed, change: make(chan struct{}, 1), done: make(chan struct{})}
}

// Accept waits for a connection, then for room.
func (c *crowd) Accept() (net.Conn, error) {
	raw, err := c.Listener.Accept()
	if err != nil {
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			c.closeOne() // net/http tries again in some milliseconds
		}
		return nil, err
	}
	if err := c.makeRoom(); err != nil {
		_ = raw.Close()
		return nil, err
	}
	entered := &conn{Conn: raw, crowd: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		_ = raw.Close()
		return nil, net.ErrClosed
	}
	entered.queue(asking)
	return entered, nil
}

// Close ends the listener, and an Accept that waits for room. It may be called again.
func (c *crowd) Close() error {
	c.once.Do(func() {
		close(c.done)
		c.err = c.Listener.Close()
	})
	return c.err
}

func (c *crowd) makeRoom() error {
	for {
		if c.size() < c.room {
			return nil
		}
		wait := c.closeOne()
		if wait == 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-c.change:
		case <-timer.C:
		case <-c.done:
			timer.Stop()
			return net.ErrClosed
		}
		timer.Stop()
	}
}

// closeOne closes the connection that has lasted longest among those whose patience is over. If there is none it answers how long that
// will take at most.
func (c *crowd) closeOne() (wait time.Duration) {
	victim, wait := c.oldest(time.Now())
	if victim != nil && victim.leave() {
		c.closed()
		_ = victim.Conn.Close() // not the TLS way, which would wait for the other side
	}
	return wait
}

func (c *crowd) oldest(now time.Time) (victim *conn, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wait = time.Second
	for d := range c.queues {
		front := c.queues[d].Front()
		if front == nil {
			continue
		}
		first := front.Value.(*conn)
		if left := doing(d).patience() - now.Sub(first.since); left > 0 {
			wait = min(wait, left)
		} else if victim == nil || first.since.Before(victim.since) {
			victim = first
		}
	}
	if victim != nil {
		return victim, 0
	}
	return nil, wait
}

func (c *crowd) size() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for d := range c.queues {
		n += c.queues[d].Len()
	}
	return n
}

// dismiss ends the listener and closes the connections on which no request has begun: when the program stops, nobody waits for those.
func (c *crowd) dismiss() {
	_ = c.Close()
	for _, conn := range c.without() {
		_ = conn.Close()
	}
}

// without answers the connections on which no request has begun; no others come after them.
func (c *crowd) without() (out []*conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for _, d := range []doing{idle, asking} {
		for e := c.queues[d].Front(); e != nil; e = e.Next() {
			if conn := e.Value.(*conn); conn.begun == 0 {
				out = append(out, conn)
			}
		}
	}
	return out
}

// follow tells the crowd of each request that begins, has arrived whole, and was answered.
func (c *crowd) follow(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, ok := r.Context().Value(connKey{}).(*conn)
		if !ok {
			h.ServeHTTP(w, r)
			return
		}
		body := &body{ReadCloser: r.Body, conn: conn}
		conn.begin()
		defer body.answered()
		if r.Body == nil || r.Body == http.NoBody {
			body.arrived()
		} else {
			r.Body = body
		}
		h.ServeHTTP(w, r)
	})
}

// conn is one connection of a crowd. It is nobody's: it knows no address.
type conn struct {
	net.Conn
	crowd *crowd

	// held by crowd.mu:
	doing  doing
	since  time.Time
	place  *list.Element // in crowd.queues[doing]; nil once it has left
	left   bool
	begun  int  // requests whose header has arrived and whose answer is not complete; several with HTTP/2
	whole  int  // those of them that have arrived to their end
	served bool // at least one was answered
}

// queue puts the connection at the end of a queue. The caller holds crowd.mu.
func (c *conn) queue(d doing) {
	if c.left {
		return
	}
	if c.place != nil {
		c.crowd.queues[c.doing].Remove(c.place)
	}
	c.doing, c.since = d, time.Now()
	c.place = c.crowd.queues[d].PushBack(c)
	if d == idle {
		c.crowd.changed()
	}
}

func (c *crowd) changed() {
	select {
	case c.change <- struct{}{}:
	default:
	}
}

// leave takes the connection off the books; it answers whether it was on them.
func (c *conn) leave() bool {
	c.crowd.mu.Lock()
	defer c.crowd.mu.Unlock()
	if c.left {
		return false
	}
	c.left = true
	c.crowd.queues[c.doing].Remove(c.place)
	c.place = nil
	c.crowd.changed()
	return true
}

// Close closes the connection and gives its place to another.
func (c *conn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// CloseWrite says that nothing will follow; net/http needs it, so that an answer given before the request was read is not lost.
func (c *conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

func (c *conn) begin() {
	c.crowd.mu.Lock()
	defer c.crowd.mu.Unlock()
	c.begun++
	if c.doing != busy {
		c.queue(asking)
	}
}

func (c *conn) rest() {
	c.crowd.mu.Lock()
	defer c.crowd.mu.Unlock()
	if c.served && c.begun == 0 { // one that never asked anything is still expected to ask
		c.queue(idle)
	}
}

// body is the body of a request, which notes that it was read to its end.
type body struct {
	io.ReadCloser
	conn *conn
	once sync.Once
	all  bool // held by crowd.mu
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.arrived()
	}
	return n, err
}

func (b *body) arrived() {
	b.once.Do(func() {
		b.conn.crowd.mu.Lock()
		defer b.conn.crowd.mu.Unlock()
		b.all = true
		b.conn.whole++
		b.conn.queue(busy)
	})
}

// answered is called when the handler has returned; what is left of the answer may still be on its way.
func (b *body) answered() {
	b.once.Do(func() {}) // whoever reads the body from now on arrives too late
	c := b.conn
	c.crowd.mu.Lock()
	defer c.crowd.mu.Unlock()
	c.begun--
	c.served = true
	if b.all {
		c.whole--
	}
	if c.whole == 0 {
		c.queue(asking)
	}
}

type connKey struct{}

// withConn puts the connection into the context of its requests.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if own := unwrap(c); own != nil {
		return context.WithValue(ctx, connKey{}, own)
	}
	return ctx
}

// state hears from net/http that a connection has nothing to do.
func state(c net.Conn, s http.ConnState) {
	if own := unwrap(c); own != nil && s == http.StateIdle {
		own.rest()
	}
}

// unwrap answers nil for a connection that is not of a crowd.
func unwrap(c net.Conn) *conn {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	own, _ := c.(*conn)
	return own
}
