package browser

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"veille/ecoindex/web"
)

// guard is a SOCKS proxy (RFC 1928) through which a browser reaches the public internet, and the hosts that are allowed,
// only. A browser gives it the names as they are in the addresses of pages. It resolves them itself and looks at the name
// and the address of each connection at the moment it is made: see web.Reach. It listens on a loopback port while the
// browser runs; whoever else uses it reaches what every program of this machine can reach.
type guard struct {
	listener net.Listener
	dial     web.Dial
	serving  sync.WaitGroup
	stop     context.CancelFunc

	mu      sync.Mutex
	refused map[string]error // by host and port, why no connection was made
}

// maxRefused bounds what a hostile page can make the guard remember.
const maxRefused = 10_000

// newGuard starts a guard that connects with dial. Close it when the browser has ended.
func newGuard(ctx context.Context, dial web.Dial) (*guard, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	g := &guard{listener: listener, dial: dial, stop: stop, refused: map[string]error{}}
	g.serving.Go(func() { g.serve(ctx) })
	return g, nil
}

// arguments make a browser use the guard for everything, this machine included, and resolve no name by itself.
func (g *guard) arguments() []string {
	return []string{
		"--proxy-server=socks5://" + g.listener.Addr().String(), "--proxy-bypass-list=<-loopback>",
		"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
	}
}

func (g *guard) close() {
	g.stop()
	_ = g.listener.Close()
	g.serving.Wait()
}

func (g *guard) serve(ctx context.Context) {
	for {
		client, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.serving.Go(func() {
			defer func() { _ = client.Close() }()
			defer context.AfterFunc(ctx, func() { _ = client.Close() })()
			g.relay(ctx, client)
		})
	}
}

// The words of SOCKS version 5 that are used.
const (
	version5      = 5
	noAccessRule  = 0
	commandDial   = 1
	addressIPv4   = 1
	addressName   = 3
	addressIPv6   = 4
	granted       = 0
	failedAtAll   = 1
	notAllowed    = 2
	unknownOrder  = 7
	handshakeTime = 10 * time.Second
)

func (g *guard) relay(ctx context.Context, client net.Conn) {
	_ = client.SetDeadline(time.Now().Add(handshakeTime))
	reader := bufio.NewReader(client)
	target, err := greet(reader, client)
	if err != nil {
		return
	}
	server, err := g.dial(ctx, "tcp", target)
	if err != nil {
		g.remember(target, err)
		answer(client, reasonOf(err))
		return
	}
	defer func() { _ = server.Close() }()
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	_ = client.SetDeadline(time.Time{})
	answer(client, granted)
	var both sync.WaitGroup
	both.Go(func() { pour(server, reader) })
	both.Go(func() { pour(client, server) })
	both.Wait()
}

// pour copies until the source ends, and tells the other side.
func pour(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// greet reads what a client wants: a connection to a host and port.
func greet(r *bufio.Reader, w io.Writer) (target string, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", fmt.Errorf("read the greeting: %w", err)
	}
	if head[0] != version5 {
		return "", errors.New("not version 5 of SOCKS")
	}
	if _, err := r.Discard(int(head[1])); err != nil {
		return "", fmt.Errorf("read the greeting: %w", err)
	}
	if _, err := w.Write([]byte{version5, noAccessRule}); err != nil {
		return "", fmt.Errorf("answer the greeting: %w", err)
	}
	var order [4]byte
	if _, err := io.ReadFull(r, order[:]); err != nil {
		return "", fmt.Errorf("read the order: %w", err)
	}
	if order[0] != version5 || order[1] != commandDial {
		answer(w, unknownOrder)
		return "", errors.New("an order other than to connect")
	}
	return readTarget(r, order[3])
}

func readTarget(r *bufio.Reader, kind byte) (string, error) {
	length := 0
	switch kind {
	case addressIPv4:
		length = 4
	case addressIPv6:
		length = 16
	case addressName:
		n, err := r.ReadByte()
		if err != nil {
			return "", fmt.Errorf("read the name: %w", err)
		}
		length = int(n)
	default:
		return "", fmt.Errorf("an address of kind %d", kind)
	}
	rest := make([]byte, length+2)
	if _, err := io.ReadFull(r, rest); err != nil {
		return "", fmt.Errorf("read the address: %w", err)
	}
	host, port := string(rest[:length]), binary.BigEndian.Uint16(rest[length:])
	if kind != addressName {
		a, _ := netip.AddrFromSlice(rest[:length])
		host = a.String()
	} else if !isName(host) {
		return "", fmt.Errorf("a name such as %q", host)
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port))), nil
}

// isName says whether a name is an address, or has only what names of hosts are made of.
func isName(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Zone() == ""
	}
	return host != "" && strings.IndexFunc(host, func(r rune) bool {
		return r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// answer tells the client how it went; the address it was bound to does not matter.
func answer(w io.Writer, how byte) {
	_, _ = w.Write([]byte{version5, how, 0, addressIPv4, 0, 0, 0, 0, 0, 0})
}

func reasonOf(err error) byte {
	if _, ok := errors.AsType[*web.PrivateError](err); ok {
		return notAllowed
	}
	return failedAtAll
}

func (g *guard) remember(target string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.refused) < maxRefused {
		g.refused[target] = err
	}
}

// why is the reason no connection was made to a host and port, or nil.
func (g *guard) why(target string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused[target]
}
