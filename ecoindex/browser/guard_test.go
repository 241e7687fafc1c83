package browser

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"veille/ecoindex/web"
)

// guarded is a measurer that may reach the public internet and one listener of this machine.
func guarded(t *testing.T, hole string, resolver *net.Resolver) *Measurer {
	t.Helper()
	if required := os.Getenv("REQUIRE"); required != "all" && !strings.Contains(required, "browser") {
		t.Skip("REQUIRE does not name the browser")
	}
	adaptive, err := ParseProtocol("adaptive")
	if err != nil {
		t.Fatal(err)
	}
	rule := func(ctx context.Context, network, address string, c syscall.RawConn) error {
		if address == hole {
			return nil
		}
		return web.RefusePrivate(ctx, network, address, c)
	}
	m := New(Options{Protocol: adaptive, dialer: net.Dialer{ControlContext: rule, Resolver: resolver}})
	t.Cleanup(m.Close)
	return m
}

func serve(t *testing.T, handler http.HandlerFunc) (url, address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, server.Listener.Addr().String()
}

func wantCode(t *testing.T, err error, want web.Code) {
	t.Helper()
	var problem *web.Error
	if !errors.As(err, &problem) || problem.Code != want {
		t.Errorf("error is %v; want code %s", err, want)
	}
}

func TestPagesRedirectsResourcesFramesAndScriptsReachNoPrivateAddress(t *testing.T) {
	var asked atomic.Bool
	inside, _ := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	outside, hole := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<img src="`+inside+`/direct.png"><img src=/moved.png><iframe src="`+inside+`/"></iframe>
				<script>fetch("`+inside+`/script.json", {mode: "no-cors"}).catch(() => 0);
				new Worker(URL.createObjectURL(new Blob(["fetch('`+inside+`/worker.json', {mode: 'no-cors'})"])))</script>`)
		default:
			http.Redirect(w, r, inside+"/secret.png", http.StatusFound)
		}
	})
	m := guarded(t, hole, nil)
	page, err := m.Measure(t.Context(), outside)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range page.Resources {
		if strings.Contains(r.Problem, "not on the public internet") && r.Bytes == 0 {
			refused++
		}
	}
	if page.Requests != 7 || refused != 5 {
		t.Errorf("%d requests, %d of them refused; want 7 and 5: %+v", page.Requests, refused, page.Resources)
	}
	for _, address := range []string{outside + "/page-that-moved", inside, strings.Replace(inside, "127.0.0.1", "localhost", 1), "http://[::1]:8080/", "http://169.254.169.254/"} {
		_, err := m.Measure(t.Context(), address)
		wantCode(t, err, web.CodePrivate)
	}
	if asked.Load() {
		t.Error("the private server was asked all the same")
	}
}

// A name that had a public address when the page was asked for, and a private one when the browser connects again.
func TestANameThatChangesItsAddressIsLookedAtForEachConnection(t *testing.T) {
	var asked atomic.Bool
	var lookups atomic.Int32
	_, target := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Store(true); w.WriteHeader(http.StatusOK) })
	outside, hole := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, port, _ := strings.Cut(target, ":")
		_, _ = io.WriteString(w, `<img src="http://turns.example:`+port+`/a.png"><img src="http://turns.example:`+port+`/b.png">`)
	})
	m := guarded(t, hole, fakeDNS(t, func() netip.Addr { lookups.Add(1); return netip.MustParseAddr("127.0.0.1") }))
	page, err := m.Measure(t.Context(), outside)
	if err != nil {
		t.Fatal(err)
	}
	if lookups.Load() == 0 || asked.Load() || page.Requests != 3 || !strings.Contains(page.Resources[1].Problem, "not on the public internet") {
		t.Errorf("%d look-ups, asked: %t, %+v; want look-ups, and both images refused", lookups.Load(), asked.Load(), page.Resources)
	}
}

// fakeDNS resolves every name to one address.
func fakeDNS(t *testing.T, address func() netip.Addr) *net.Resolver {
	t.Helper()
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response = true
			m.Additionals = nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: address().As4()},
				}}
			}
			if packed, err := m.Pack(); err == nil {
				_, _ = server.WriteTo(packed, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func TestTheGuardAnswersOnlyWhatItUnderstands(t *testing.T) {
	g, err := newGuard(t.Context(), net.Dialer{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	for _, tt := range []struct{ name, say, want string }{
		{"another version", "\x04\x01\x00\x50\x7f\x00\x00\x01\x00", ""},
		{"an order to listen", "\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", "\x05\x00\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"},
		{"an unknown kind of address", "\x05\x01\x00\x05\x01\x00\x09\x7f\x00\x00\x01\x00\x50", "\x05\x00"},
		{"half an address", "\x05\x01\x00\x05\x01\x00\x03\x09exam", "\x05\x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := new(net.Dialer).DialContext(t.Context(), "tcp", g.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_, _ = io.WriteString(c, tt.say)
			_ = c.(*net.TCPConn).CloseWrite()
			if got, _ := io.ReadAll(c); string(got) != tt.want {
				t.Errorf("it answers %q; want %q", got, tt.want)
			}
		})
	}
}

func FuzzGreet(f *testing.F) {
	f.Add("\x05\x01\x00\x05\x01\x00\x03\x0bexample.org\x00\x50")
	f.Add("\x05\x01\x00\x05\x01\x00\x04aaaaaaaaaaaaaaaa\x01\xbb")
	f.Fuzz(func(t *testing.T, said string) {
		target, err := greet(bufio.NewReader(strings.NewReader(said)), io.Discard)
		if err != nil {
			return
		}
		if _, _, err := net.SplitHostPort(target); err != nil {
			t.Errorf("%q leads to %q: %v", said, target, err)
		}
	})
}
