package static

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

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
	var typed *web.Error
	if !errors.As(err, &typed) || typed.Code != web.CodePrivate {
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
