package web_test

import (
	"net/netip"
	"testing"

	"veille/ecoindex/web"
)

func TestOnlyAddressesOfThePublicInternetArePublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "212.27.48.10", "2001:4860:4860::8888", "2a01:e0c:1::1", "64:ff9b::101:101", "::ffff:8.8.8.8"} {
		if !web.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken as private", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.192", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
		"fc00::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "100::1", "3fff::1",
	} {
		if web.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken as public", a)
		}
	}
}
