// Package webtest is an internet for tests: names whose addresses change, and servers of this machine that stand behind
// any address.
package webtest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"veille/ecoindex/web"
)

// Internet is names, addresses and servers. Only the last step of a connection is made up: instead of an address, the
// server behind it is connected to.
type Internet struct {
	dns net.PacketConn

	mu      sync.Mutex
	names   map[string][]netip.Addr
	servers map[string]string
	reached []string
}

// New begins an internet that is empty; it ends with the test.
func New(t testing.TB) *Internet {
	t.Helper()
	dns, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	i := &Internet{dns: dns, names: map[string][]netip.Addr{}, servers: map[string]string{}}
	var answering sync.WaitGroup
	answering.Go(i.answer)
	t.Cleanup(func() {
		_ = dns.Close()
		answering.Wait()
	})
	return i
}

// Name gives a name its addresses: the first look-up finds the first one, the next look-up the next; the last one stays.
func (i *Internet) Name(name string, addresses ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, a := range addresses {
		i.names[name] = append(i.names[name], netip.MustParseAddr(a))
	}
}

// Put puts a server, by where it listens, behind an address and port.
func (i *Internet) Put(address, listens string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.servers[address] = listens
}

// Reached are the addresses and ports to which connections were made, or would have been where no server is.
func (i *Internet) Reached() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.reached)
}

// arrival is a connection that is about to be made.
type arrival struct{ address string }

func (a *arrival) Error() string { return "about to connect to " + a.address }

// Dial connects within a reach, by the names of this internet.
func (i *Internet) Dial(r web.Reach) web.Dial {
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", i.dns.LocalAddr().String())
	}}
	dial := r.Dial(net.Dialer{Resolver: resolver, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return &arrival{address}
	}})
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		arrived, ok := errors.AsType[*arrival](err)
		if !ok {
			return c, err
		}
		i.mu.Lock()
		i.reached = append(i.reached, arrived.address)
		server := i.servers[arrived.address]
		i.mu.Unlock()
		if server == "" {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return new(net.Dialer).DialContext(ctx, "tcp", server)
	}
}

// answer is a DNS server (RFC 1035).
func (i *Internet) answer() {
	buffer := make([]byte, 1500)
	for {
		n, from, err := i.dns.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		m.Response, m.Additionals = true, nil
		i.find(&m)
		if packed, err := m.Pack(); err == nil {
			_, _ = i.dns.WriteTo(packed, from)
		}
	}
}

// find answers a question. A name has addresses of the kind of its next one only, and that one is taken when it is asked for.
func (i *Internet) find(m *dnsmessage.Message) {
	i.mu.Lock()
	defer i.mu.Unlock()
	q := m.Questions[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	addresses := i.names[name]
	if len(addresses) == 0 {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	var body dnsmessage.ResourceBody
	switch a := addresses[0]; {
	case q.Type == dnsmessage.TypeA && a.Is4():
		body = &dnsmessage.AResource{A: a.As4()}
	case q.Type == dnsmessage.TypeAAAA && a.Is6():
		body = &dnsmessage.AAAAResource{AAAA: a.As16()}
	default:
		return
	}
	if len(addresses) > 1 {
		i.names[name] = addresses[1:]
	}
	m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: body}}
}
