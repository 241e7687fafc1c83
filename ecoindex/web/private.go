package web

import (
	"net"
	"net/netip"
)

// PrivateError is a connection refused because of the address it leads to.
type PrivateError struct {
	Address  string // and port
	Host     string // by which it was asked for, as ParseHost writes it; "" where that is no name of a host
	CanAllow bool   // the connection would be made if Host was one of Reach.Hosts
}

// Error says where it leads, and whether somebody can allow it.
func (e *PrivateError) Error() string {
	switch {
	case e.CanAllow:
		return "the host " + e.Host + ", which an administrator can allow, leads to " + e.Address
	case e.Host == "" || isAddress(e.Host):
		return "it leads to " + e.Address
	}
	return "the host " + e.Host + " leads to " + e.Address
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// Loopback says whether a host, as addresses name it, is this machine by its name or its number.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
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
