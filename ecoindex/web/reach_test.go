package web_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"veille/ecoindex/web"
	"veille/ecoindex/web/webtest"
)

// errArrived says that a connection was about to be made: it needs no such address on this machine.
var errArrived = errors.New("about to connect")

// arrives dials an address, and answers where it would have connected to; names lead nowhere.
func arrives(t *testing.T, r web.Reach, address string) (target string, err error) {
	t.Helper()
	dial := r.Dial(net.Dialer{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		target = address
		return errArrived
	}, Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no names here") }}})
	c, err := dial(t.Context(), "tcp", address)
	if c != nil {
		t.Fatalf("%s was connected to", address)
	}
	if errors.Is(err, errArrived) {
		err = nil
	}
	return target, err
}

func TestAnAllowedHostLeadsToPrivateNetworksAndToNothingElseThatIsNotPublic(t *testing.T) {
	never := []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "169.254.169.254", "169.254.1.1", "168.63.129.16", "100.100.100.200", "192.0.0.192", "224.0.0.1", "239.1.2.3",
		"255.255.255.255", "192.0.2.2", "198.18.0.1", "240.0.0.1",
	}
	private := []string{"10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.254", "192.168.0.1", "100.64.0.1", "100.127.255.254"}
	public := []string{"1.1.1.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "11.0.0.1"}
	for _, list := range []struct {
		addresses                   []string
		reached, allowed, mayBeSaid bool
	}{{never, false, false, false}, {private, false, true, true}, {public, true, true, false}} {
		for _, a := range list.addresses {
			i := webtest.New(t)
			i.Name("wiki.corp.example", a)
			i.Name("other.corp.example", a)
			reach := web.Reach{Hosts: []string{"WIKI.corp.example."}}
			_, err := i.Dial(reach)(t.Context(), "tcp", "wiki.corp.example:80")
			if got := reached(i, a+":80", err); got != list.allowed {
				t.Errorf("an allowed name of %s: reached %t (%v); want %t", a, got, err, list.allowed)
			}
			refused, ok := errors.AsType[*web.PrivateError](err)
			if ok && (refused.CanAllow || refused.Host != "wiki.corp.example" || refused.Error() != "the host wiki.corp.example leads to "+a+":80") {
				t.Errorf("an allowed name of %s: %+v, %v; want that nobody can allow it", a, refused, refused)
			}
			i = webtest.New(t)
			i.Name("other.corp.example", a)
			_, err = i.Dial(reach)(t.Context(), "tcp", "other.corp.example:80")
			if got := reached(i, a+":80", err); got != list.reached {
				t.Errorf("another name of %s: reached %t (%v); want %t", a, got, err, list.reached)
			}
			if refused, ok := errors.AsType[*web.PrivateError](err); ok && (refused.CanAllow != list.mayBeSaid ||
				strings.Contains(refused.Error(), "the host other.corp.example, which an administrator can allow, leads to "+a+":80") != list.mayBeSaid) {
				t.Errorf("another name of %s: %+v, %v; want that it can be allowed: %t", a, refused, refused, list.mayBeSaid)
			}
		}
	}
}

// reached says whether a connection to an address was made, and the error is that of a server that is not there.
func reached(i *webtest.Internet, address string, err error) bool {
	return slices.Contains(i.Reached(), address) && errors.Is(err, syscall.ECONNREFUSED)
}

// Of the sixth version by the rule alone: not every machine has it. The addresses are listed as hosts themselves.
func TestAnAllowedAddressMeetsTheSameRule(t *testing.T) {
	for _, tt := range []struct {
		ask, list string
		want      bool
	}{
		{"10.1.2.3", "10.1.2.3", true},
		{"10.1.2.3", "10.1.2.4", false},
		{"::ffff:10.1.2.3", "10.1.2.3", true}, // the same address
		{"::ffff:10.1.2.3", "::ffff:10.1.2.3", true},
		{"::ffff:127.0.0.1", "::ffff:127.0.0.1", false},
		{"::ffff:169.254.169.254", "169.254.169.254", false},
		{"127.0.0.1", "127.0.0.1", false},
		{"::1", "::1", false},
		{"::", "::", false},
		{"fd12:3456::1", "fd12:3456::1", true},
		{"fd12:3456::1", "[FD12:3456:0::1]", true},
		{"fd12:3456::1", "fd12:3456::2", false},
		{"fd00:ec2::254", "fd00:ec2::254", false},
		{"fd20:ce::254", "fd20:ce::254", false},
		{"fe80::1", "fe80::1", false},
		{"fe80::1%lo", "fe80::1%lo", false},
		{"fd12:3456::1%lo", "fd12:3456::1", false},
		{"ff02::1", "ff02::1", false},
		{"fec0::1", "fec0::1", false},
		{"64:ff9b::a01:203", "64:ff9b::a01:203", false},
		{"64:ff9b::7f00:1", "64:ff9b::7f00:1", false},
		{"2002:a01:203::1", "2002:a01:203::1", false},
		{"8.8.8.8", "", true},
		{"10.1.2.3", "*", false},
		{"10.1.2.3", "10.0.0.0/8", false},
	} {
		target, err := arrives(t, web.Reach{Hosts: []string{tt.list}}, net.JoinHostPort(tt.ask, "80"))
		if refused, ok := errors.AsType[*web.PrivateError](err); !ok && err != nil {
			if strings.Contains(tt.ask, ":") { // no socket of the sixth version can be made here
				t.Logf("%s: NOT RUN: %v", tt.ask, err)
				continue
			}
			t.Errorf("%s: %v", tt.ask, err)
		} else if (err == nil) != tt.want || tt.want == (target == "") {
			t.Errorf("%s, with %q allowed, leads to %q, %v (%+v); want %t", tt.ask, tt.list, target, err, refused, tt.want)
		}
	}
}

func TestWaysToWriteAnAddressAreNoNames(t *testing.T) {
	for _, host := range []string{"0x7f.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0x0a010203", "10.1", "10.66051", "127.0.0.1.", "0xa010203.", "1.2.3.4.5"} {
		if name, err := web.ParseHost(host); err == nil && name != "127.0.0.1" {
			t.Errorf("ParseHost(%q) = %q; want that it is refused", host, name)
		}
		for _, list := range []string{host, "wiki.corp.example"} {
			for name, dialer := range map[string]net.Dialer{"of Go": {Resolver: &net.Resolver{PreferGo: true}}, "of the system": {}} {
				dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
					if a := netip.MustParseAddrPort(address).Addr(); !web.Public(a) {
						t.Errorf("%q led to %s by the resolver %s", host, address, name)
					}
					return errArrived
				}
				if c, err := (web.Reach{Hosts: []string{list}}).Dial(dialer)(t.Context(), "tcp", host+":9"); c != nil || err == nil {
					t.Errorf("%q was connected to by the resolver %s", host, name)
				}
			}
		}
	}
}

func TestWhatIsNoNameOfAHostCannotBeAllowed(t *testing.T) {
	i := webtest.New(t)
	i.Name("wiki.0xa", "10.0.0.7")
	_, err := i.Dial(web.Reach{Hosts: []string{"wiki.0xa"}})(t.Context(), "tcp", "wiki.0xa:80")
	refused, ok := errors.AsType[*web.PrivateError](err)
	if !ok || *refused != (web.PrivateError{Address: "10.0.0.7:80"}) || refused.Error() != "it leads to 10.0.0.7:80" {
		t.Errorf("%v (%+v); want that nobody can allow it", err, refused)
	}
}

func TestANameThatTurnsPrivateIsRefusedFromThenOn(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	i := webtest.New(t)
	i.Name("turns.example", "93.184.215.14", "10.0.0.7")
	i.Name("wiki.corp.example", "10.0.0.7", "127.0.0.1", "169.254.169.254", "10.0.0.7")
	i.Put("93.184.215.14:80", server.Listener.Addr().String())
	i.Put("10.0.0.7:80", server.Listener.Addr().String())
	dial := i.Dial(web.Reach{Hosts: []string{"wiki.corp.example"}})
	for _, tt := range []struct {
		host string
		want bool
	}{
		{"turns.example", true},
		{"turns.example", false},
		{"turns.example", false},
		{"wiki.corp.example", true},
		{"wiki.corp.example", false},
		{"wiki.corp.example", false},
		{"WIKI.corp.example.", true},
	} {
		c, err := dial(t.Context(), "tcp", tt.host+":80")
		if c != nil {
			_ = c.Close()
		}
		if _, refused := errors.AsType[*web.PrivateError](err); (err == nil) != tt.want || refused == tt.want {
			t.Errorf("%s: %v; want that it is reached: %t", tt.host, err, tt.want)
		}
	}
	if got, want := i.Reached(), []string{"93.184.215.14:80", "10.0.0.7:80", "10.0.0.7:80"}; !slices.Equal(got, want) {
		t.Errorf("reached %q; want %q", got, want)
	}
}

func TestAllPrivateAddressesAreReachedWhereTheyAreAllowed(t *testing.T) {
	for _, a := range []string{"127.0.0.1:9", "169.254.169.254:80", "10.0.0.1:80"} {
		if target, err := arrives(t, web.Reach{Private: true}, a); err != nil || target != a {
			t.Errorf("%s leads to %q, %v", a, target, err)
		}
	}
}

func TestAHostHasOneWayToBeWritten(t *testing.T) {
	for text, want := range map[string]string{
		"intranet": "intranet", "Wiki.Corp.Example.": "wiki.corp.example", "büro.example": "xn--bro-hoa.example", "BÜRO.example.": "xn--bro-hoa.example",
		"xn--bro-hoa.example": "xn--bro-hoa.example", "a_b.example": "a_b.example", "10.1.2.3": "10.1.2.3", "::ffff:10.1.2.3": "10.1.2.3", "[FD00::1]": "fd00::1", "3com.example": "3com.example",
	} {
		if got, err := web.ParseHost(text); err != nil || got != want {
			t.Errorf("ParseHost(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", ".", "..", "a..b", "a.example..", "*", "*.example", "a b", "https://a.example", "a.example:80", "a.example/", "fe80::1%eth0", "10.0.0.0/8", "10.1", "0x7f.1", "2130706433",
		"a\x00.example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 128), strings.Repeat("ü", 300), "user@a.example", "[a.example]", "a．０",
	} {
		if got, err := web.ParseHost(text); err == nil {
			t.Errorf("ParseHost(%q) = %q; want an error", text, got)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, text := range []string{"Büro.example.", "[::ffff:7f00:1]", "0x7f.1", "a。b", "fe80::1%eth0", "１２７.1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := web.ParseHost(text)
		if err != nil {
			return
		}
		if again, err := web.ParseHost(name); err != nil || again != name {
			t.Errorf("ParseHost(%q) = %q, and of that %q, %v", text, name, again, err)
		}
		if a, err := netip.ParseAddr(name); err != nil && (len(name) > 253 || strings.Trim(name[strings.LastIndex(name, ".")+1:], "0123456789") == "") || err == nil && (a.Zone() != "" || a.Is4In6()) {
			t.Errorf("ParseHost(%q) = %q", text, name)
		}
	})
}
