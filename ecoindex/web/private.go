package web

import (
	"context"
	"net/netip"
	"syscall"
)

// PrivateError is a connection refused because of the address it leads to.
type PrivateError struct{ Address string }

// Error says where it leads.
func (e *PrivateError) Error() string { return "it leads to " + e.Address }

// RefusePrivate is the ControlContext of a net.Dialer that reaches the public internet only; its error is a
// *PrivateError. It runs after the name was resolved and before the connection is made, for every connection: a redirect,
// a sub-resource or a name that changes its address between two look-ups meets the same rule.
func RefusePrivate(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !Public(target.Addr()) {
		return &PrivateError{address}
	}
	return nil
}

// Public says whether a is an address of the public internet, by the special-purpose registries of IANA (RFC 6890).
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if a.Is6() {
		if prefix("64:ff9b::/96").Contains(a) { // NAT64: the last four bytes are the IPv4 address that will be reached
			bytes := a.As16()
			return Public(netip.AddrFrom4([4]byte(bytes[12:])))
		}
		return prefix("2000::/3").Contains(a) && !within(a, "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	}
	return !within(a,
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/3",
		"168.63.129.16/32") // the metadata of Azure machines; the others are in the blocks above
}

func within(a netip.Addr, blocks ...string) bool {
	for _, b := range blocks {
		if prefix(b).Contains(a) {
			return true
		}
	}
	return false
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }
