package web

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/net/idna"
)

// Reach is where connections may lead: by default to the public internet only.
type Reach struct {
	// Private lets them lead anywhere, this machine included.
	Private bool
	// Hosts may lead to private networks as well (RFC 1918, RFC 4193, RFC 6598), never to this machine by its loopback
	// addresses, its link or what machines of a cloud are told about themselves. They are names, or addresses, as ParseHost
	// reads them; one that it refuses allows nothing.
	Hosts []string
}

// Dial makes one connection, as the DialContext of a net.Dialer does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Dial is how to connect with a dialer without leaving the reach; what it refuses fails with a *PrivateError.
//
// It judges by the name that the connection was asked for and the address that it leads to, after the name was resolved
// and before the connection is made, for every connection: a redirect, a sub-resource or a name that changes its address
// between two look-ups meets the same rule. A ControlContext of the dialer is asked afterwards.
func (r Reach) Dial(dialer net.Dialer) Dial {
	if r.Private {
		return dialer.DialContext
	}
	allowed := make([]string, 0, len(r.Hosts))
	for _, host := range r.Hosts {
		if name, err := ParseHost(host); err == nil {
			allowed = append(allowed, name)
		}
	}
	before := dialer.ControlContext
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var name string // nothing where it is none that could be allowed
		if host, _, err := net.SplitHostPort(address); err == nil {
			name, _ = ParseHost(host)
		}
		judging := dialer
		judging.ControlContext = func(ctx context.Context, network, target string, c syscall.RawConn) error {
			if err := judge(name, slices.Contains(allowed, name), target); err != nil {
				return err
			}
			if before == nil {
				return nil
			}
			return before(ctx, network, target, c)
		}
		return judging.DialContext(ctx, network, address)
	}
}

// judge says whether a connection that was asked for by a name may be made to a target, an address and a port.
func judge(name string, allowed bool, target string) error {
	to, err := netip.ParseAddrPort(target)
	switch {
	case err == nil && Public(to.Addr()):
		return nil
	case err == nil && private(to.Addr()):
		if name != "" && allowed {
			return nil
		}
		return &PrivateError{Address: target, Host: name, CanAllow: name != ""}
	}
	return &PrivateError{Address: target, Host: name}
}

// private says whether a is an address of a private network that a host may be allowed to have. One with a zone is not.
func private(a netip.Addr) bool {
	a = a.Unmap()
	return within(a, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7") &&
		!within(a, // what machines of a cloud are told about themselves, passwords included
			"100.100.100.200/32",              // Alibaba
			"fd00:ec2::/32",                   // Amazon
			"fd20:ce::/64", "fd00:42::42/128", // Google, Scaleway
		)
}

// ParseHost reads the name of a host, or its address, as a person writes it, and answers the one way to write it: small
// letters, ASCII, no dot at the end. The error says why it can be neither.
func ParseHost(text string) (string, error) {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		if a.Zone() != "" {
			return "", fmt.Errorf("read the host %.80q: an address with a zone is one of this machine's link; give a name such as intranet.example.org", text)
		}
		return a.Unmap().String(), nil
	}
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) && len(name) <= longestName {
		ascii, err := idna.Lookup.ToASCII(name)
		if err != nil {
			return "", fmt.Errorf("read the host %.80q: %w; give a name such as intranet.example.org", text, err)
		}
		name = strings.TrimSuffix(ascii, ".")
	}
	if !isHostName(name) {
		return "", fmt.Errorf("read the host %.80q: it is no name of a host; give one such as intranet.example.org, without scheme, port and wildcard", text)
	}
	return name, nil
}

// longestName is what DNS takes (RFC 1035 §2.3.4), without the dot at the end.
const longestName = 253

// isHostName says whether every label is one, and the last is no number: 127.1 and 0x7f000001 are ways to write an
// address (WHATWG URL §3.5), which a resolver may understand.
func isHostName(name string) bool {
	if len(name) > longestName {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
		}) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}
