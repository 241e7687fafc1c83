package static

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestOnlyAddressesOfThePublicInternetArePublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "212.27.48.10", "2001:4860:4860::8888", "2a01:e0c:1::1", "64:ff9b::101:101", "::ffff:8.8.8.8"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken as private", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.192", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
		"fc00::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "100::1", "3fff::1",
	} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken as public", a)
		}
	}
}

// The page is on an address taken as public for this test; what it wants is on another address of this machine. The rule is
// the one of the package, with a hole for one listener.
func TestSubResourcesRedirectsAndFramesMeetTheSameRule(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(inside.Close)
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<img src="`+inside.URL+`/direct.png"><img src=/moved.png><iframe src="`+inside.URL+`/"></iframe>`)
		default:
			http.Redirect(w, r, inside.URL+"/secret.png", http.StatusFound)
		}
	}))
	t.Cleanup(outside.Close)
	m := New(Options{})
	t.Cleanup(m.Close)
	m.transport.DialContext = throughHole(outside.Listener.Addr().String(), m.transport.DialContext)

	page, err := m.Measure(t.Context(), outside.URL)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range page.Resources {
		if strings.Contains(r.Problem, "not on the public internet") && r.Bytes == 0 {
			refused++
		}
	}
	if asked || refused != 3 || page.Requests != 5 {
		t.Errorf("%d refused of %d requests, server asked: %t; want 3 of 5, never asked", refused, page.Requests, asked)
	}

	_, err = m.Measure(t.Context(), outside.URL+"/page-that-moved")
	var typed *Error
	if !errors.As(err, &typed) || typed.Code != CodePrivate {
		t.Errorf("a page redirected inside gives %v; want code private", err)
	}
}

type dial func(context.Context, string, string) (net.Conn, error)

func throughHole(hole string, rule dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == hole {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		return rule(ctx, network, address)
	}
}

func TestAPageIsMeasuredOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("asked over %s; want HTTP/2", r.Proto)
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>hello")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	m := New(Options{AllowPrivate: true})
	t.Cleanup(m.Close)
	m.transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	page, err := m.Measure(t.Context(), server.URL)
	if err != nil || page.Requests != 1 || page.DOM != 4 || page.Resources[0].Bytes < int64(len("HTTP/1.1 200 OK")) {
		t.Errorf("measured %+v, %v; want one request and four elements", page, err)
	}
}
