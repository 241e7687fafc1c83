package static

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/ecoindex/web"
	"veille/ecoindex/web/webtest"
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

// Each redirect of the chain stays outside, but for the last.
func TestAFetchMeetsTheRuleAtEachRedirect(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(inside.Close)
	next := map[string]string{"/direct": inside.URL, "/two": "/direct", "/three": "/two", "/meta": "http://169.254.169.254/latest/"}
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, next[r.URL.Path], http.StatusMovedPermanently)
	}))
	t.Cleanup(outside.Close)
	m := New(Options{})
	t.Cleanup(m.Close)
	m.transport.DialContext = throughHole(outside.Listener.Addr().String(), m.transport.DialContext)
	for path := range next {
		_, err := m.Fetch(t.Context(), outside.URL+path, 1000)
		_, _, changed := m.Changed(t.Context(), outside.URL+path, Validators{ETag: `"x"`})
		var typed *web.Error
		for _, err := range []error{err, changed} {
			if !errors.As(err, &typed) || typed.Code != web.CodePrivate {
				t.Errorf("%s, which leads inside, gives %v; want code private", path, err)
			}
		}
	}
	if asked {
		t.Error("the server inside was asked")
	}
}

// The page is on an allowed host of a private network. It wants what other names and addresses have, some of which lead
// to the very address of the allowed host.
func TestAPageOfAnAllowedHostReachesNoOtherPrivateHost(t *testing.T) {
	var mu sync.Mutex
	hosts := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts[r.Host]++
		mu.Unlock()
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<img src=/own.png><img src="http://other.example/a.png"><img src="http://10.0.0.7/b.png"><link rel=stylesheet href="http://other.example/c.css">
				<img src="http://[::ffff:10.0.0.7]/d.png"><img src=/moved.png><img src="http://loop.example/e.png"><img src="//Wiki2.Corp.Example./f.png"><iframe src="http://169.254.169.254/"></iframe>`)
		case "/moved.png", "/moved":
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
		case "/meta":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<meta http-equiv=refresh content="0;url=http://other.example/">`)
		}
	}))
	t.Cleanup(server.Close)
	i := webtest.New(t)
	for name, address := range map[string]string{"wiki.corp.example": "10.0.0.7", "wiki2.corp.example": "10.0.0.7", "other.example": "10.0.0.7", "loop.example": "127.0.0.1"} {
		i.Name(name, address)
	}
	for _, address := range []string{"10.0.0.7:80", "127.0.0.1:80", "169.254.169.254:80"} {
		i.Put(address, server.Listener.Addr().String())
	}
	reach := web.Reach{Hosts: []string{"Wiki.Corp.Example", "wiki2.corp.example.", "loop.example"}}
	m := New(Options{AllowHosts: reach.Hosts})
	t.Cleanup(m.Close)
	m.transport.DialContext = i.Dial(reach)
	page, err := m.Measure(t.Context(), "http://wiki.corp.example/")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range page.Resources {
		if strings.Contains(r.Problem, "not on the public internet") && r.Bytes == 0 {
			refused++
		}
	}
	if page.Requests != 11 || refused != 7 {
		t.Errorf("%d requests, %d of them refused; want 11 and 7: %+v", page.Requests, refused, page.Resources)
	}
	for _, address := range []string{"http://wiki.corp.example/moved", "http://other.example/", "http://loop.example/", "http://10.0.0.7/", "http://[::ffff:a00:7]/"} {
		_, err := m.Measure(t.Context(), address)
		if typed, ok := errors.AsType[*web.Error](err); !ok || typed.Code != web.CodePrivate {
			t.Errorf("%s gives %v; want code private", address, err)
		}
	}
	if page, err := m.Measure(t.Context(), "http://wiki.corp.example/meta"); err == nil && page.URL != "http://wiki.corp.example/meta" {
		t.Errorf("a refresh led to %s", page.URL)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(hosts) != 2 || hosts["wiki.corp.example"] == 0 || hosts["wiki2.corp.example."] != 1 {
		t.Errorf("asked for %v; want the two allowed hosts only", hosts)
	}
	for _, address := range i.Reached() {
		if address != "10.0.0.7:80" {
			t.Errorf("%s was connected to", address)
		}
	}
}

func TestARefusalNamesTheHostAndSaysWhetherItCanBeAllowed(t *testing.T) {
	i := webtest.New(t)
	i.Name("wiki.corp.example", "192.168.7.7")
	i.Name("loop.example", "127.0.0.1")
	m := New(Options{AllowHosts: []string{"else.example"}})
	t.Cleanup(m.Close)
	m.transport.DialContext = i.Dial(web.Reach{Hosts: []string{"else.example"}})
	for host, want := range map[string]web.PrivateError{
		"Wiki.corp.example": {Address: "192.168.7.7:80", Host: "wiki.corp.example", CanAllow: true},
		"loop.example":      {Address: "127.0.0.1:80", Host: "loop.example"},
	} {
		_, err := m.Measure(t.Context(), "http://"+host+"/")
		refused, ok := errors.AsType[*web.PrivateError](err)
		if !ok || *refused != want || strings.Contains(err.Error(), "which an administrator can allow") != want.CanAllow || !strings.Contains(err.Error(), "the host "+want.Host) {
			t.Errorf("%s gives %v (%+v); want %+v", host, err, refused, want)
		}
	}
}

func TestNoProxyConnectsWhereAddressesAreLookedAt(t *testing.T) {
	for _, o := range []Options{{}, {AllowHosts: []string{"wiki.corp.example"}}} {
		if o.transport().Proxy != nil {
			t.Errorf("with %+v a proxy may connect in our place", o)
		}
	}
	if (Options{AllowPrivate: true}).transport().Proxy == nil {
		t.Error("the proxy of the environment is not used where all addresses are allowed")
	}
}

func throughHole(hole string, rule web.Dial) web.Dial {
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
	sight, err := m.Look(t.Context(), server.URL)
	if err != nil || sight.Exchanges[0].Protocol != "h2" || string(sight.Exchanges[0].Body) != "<p>hello" {
		t.Errorf("saw %+v, %v; want a body over h2", sight, err)
	}
}

func TestAFailureSaysWhetherItMayPass(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/later":
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/wall":
			w.Header().Set("Cf-Mitigated", "challenge")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/cut":
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "<p>")
			panic(http.ErrAbortHandler)
		case "/lost":
			panic(http.ErrAbortHandler)
		default:
			http.NotFound(w, r)
		}
	}))
	m := New(Options{AllowPrivate: true})
	t.Cleanup(m.Close)
	for path, want := range map[string]struct {
		again bool
		after time.Duration
	}{"/later": {true, 90 * time.Second}, "/wall": {}, "/cut": {again: true}, "/lost": {again: true}, "/gone": {}} {
		_, err := m.Measure(t.Context(), server.URL+path)
		if again, after := web.MayPass(err); again != want.again || after != want.after {
			t.Errorf("%s gives %v: again %t after %v; want %+v", path, err, again, after, want)
		}
	}
	server.Close()
	_, err := m.Measure(t.Context(), server.URL)
	if again, _ := web.MayPass(err); !again {
		t.Errorf("a server that is gone gives %v; want that it is tried again", err)
	}
}
