package browser

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veille/ecoindex/web"
	"veille/ecoindex/web/webtest"
)

// guarded is a measurer that connects as it is told.
func guarded(t *testing.T, dial web.Dial) *Measurer {
	t.Helper()
	if required := os.Getenv("REQUIRE"); required != "all" && !strings.Contains(required, "browser") {
		t.Skip("REQUIRE does not name the browser")
	}
	adaptive, err := ParseProtocol("adaptive")
	if err != nil {
		t.Fatal(err)
	}
	m := New(Options{Protocol: adaptive, dial: dial})
	t.Cleanup(m.Close)
	return m
}

// throughHole reaches the public internet and one listener of this machine.
func throughHole(hole string) web.Dial {
	rule := web.Reach{}.Dial(net.Dialer{})
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == hole {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		return rule(ctx, network, address)
	}
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
	m := guarded(t, throughHole(hole))
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

// A name has a public address when the page is asked for, and a private one when the browser connects again.
func TestANameThatChangesItsAddressIsLookedAtForEachConnection(t *testing.T) {
	var asked atomic.Int32
	_, listens := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.WriteHeader(http.StatusOK) })
	_, pages := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, `<img src="http://turns.example:8080/a.png"><img src="http://turns.example:8081/b.png">`)
	})
	i := webtest.New(t)
	i.Name("turns.example", "93.184.215.14", "10.0.0.7")
	i.Put("93.184.215.14:80", pages)
	for _, private := range []string{"10.0.0.7:8080", "10.0.0.7:8081"} {
		i.Put(private, listens)
	}
	m := guarded(t, i.Dial(web.Reach{Hosts: []string{"wiki.corp.example"}}))
	page, err := m.Measure(t.Context(), "http://turns.example/")
	if err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 0 || page.Requests != 3 || !strings.Contains(page.Resources[1].Problem, "the host turns.example, which an administrator can allow, leads to 10.0.0.7:808") {
		t.Errorf("asked %d times, %+v; want both images refused", asked.Load(), page.Resources)
	}
	if got, want := i.Reached(), []string{"93.184.215.14:80"}; !slices.Equal(got, want) {
		t.Errorf("reached %q; want %q", got, want)
	}
}

// The page is on an allowed host of a private network. It wants what other names and addresses have, some of which lead
// to the very address of the allowed host.
func TestAPageOfAnAllowedHostReachesNoOtherPrivateHost(t *testing.T) {
	var mu sync.Mutex
	hosts := map[string]int{}
	_, listens := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts[r.Host]++
		mu.Unlock()
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<img src=/own.png><img src="http://other.example/a.png"><img src="http://10.0.0.7/b.png"><img src="http://167772167/c.png">
				<img src="http://[::ffff:10.0.0.7]/d.png"><img src=/moved.png><img src="http://loop.example/e.png"><img src="//Wiki2.Corp.Example/f.png"><iframe src="http://0xa.7/"></iframe>
				<script>fetch("http://other.example/g.json", {mode: "no-cors"}).catch(() => 0)</script>`)
		case "/moved.png":
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "http://other.example/", http.StatusFound)
		}
	})
	i := webtest.New(t)
	for name, address := range map[string]string{"wiki.corp.example": "10.0.0.7", "wiki2.corp.example": "10.0.0.7", "other.example": "10.0.0.7", "loop.example": "127.0.0.1"} {
		i.Name(name, address)
	}
	for _, address := range []string{"10.0.0.7:80", "127.0.0.1:80", "169.254.169.254:80"} {
		i.Put(address, listens)
	}
	m := guarded(t, i.Dial(web.Reach{Hosts: []string{"wiki.corp.example", "wiki2.corp.example", "loop.example"}}))
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
	if page.Requests != 12 || refused != 8 {
		t.Errorf("%d requests, %d of them refused; want 12 and 8: %+v", page.Requests, refused, page.Resources)
	}
	for _, address := range []string{"http://wiki.corp.example/moved", "http://other.example/", "http://loop.example/", "http://10.0.0.7/", "http://0xa000007/", "http://[::ffff:a00:7]/"} {
		_, err := m.Measure(t.Context(), address)
		wantCode(t, err, web.CodePrivate)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(hosts) != 2 || hosts["wiki.corp.example"] == 0 || hosts["wiki2.corp.example"] != 1 {
		t.Errorf("asked for %v; want the two allowed hosts only", hosts)
	}
	for _, address := range i.Reached() {
		if address != "10.0.0.7:80" {
			t.Errorf("%s was connected to", address)
		}
	}
}

// What the browser asks the guard for is names, whatever the scheme: an address that it looked up itself could not be judged.
func TestTheBrowserGivesTheGuardNames(t *testing.T) {
	_, listens := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<meta charset=utf-8><img src="https://secure.example/a.png"><script>
			new WebSocket("ws://socket.example/"); new WebSocket("wss://secret.example/"); new EventSource("http://events.example/");
			navigator.sendBeacon("http://beacon.example/", "x"); fetch("https://Fetched.Example./", {mode: "no-cors"}).catch(() => 0)</script>
			<link rel=dns-prefetch href="http://never.example/"><img src="http://xn--bro-hoa.example/a"><img src="http://büro2.example/">`)
	})
	var mu sync.Mutex
	targets := map[string]bool{}
	m := guarded(t, func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		targets[address] = true
		if address == "page.example:80" {
			return new(net.Dialer).DialContext(ctx, network, listens)
		}
		return nil, &web.PrivateError{Address: address}
	})
	if _, err := m.Measure(t.Context(), "http://page.example/"); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{
		"secure.example:443", "socket.example:80", "secret.example:443", "events.example:80", "beacon.example:80", "fetched.example.:443",
		"xn--bro-hoa.example:80", "xn--bro2-0ra.example:80",
	} {
		if !targets[want] {
			t.Errorf("%s is not among what was asked for: %v", want, targets)
		}
	}
	for target := range targets {
		if host, _, _ := net.SplitHostPort(target); net.ParseIP(host) != nil || host == "never.example" {
			t.Errorf("%s was asked for", target)
		}
	}
}

// A program of this machine, or a hostile browser, may ask the guard for anything.
func TestTheGuardIsNotDeceivedByHowAnAddressIsWritten(t *testing.T) {
	i := webtest.New(t)
	i.Name("wiki.corp.example", "10.0.0.7")
	g, err := newGuard(t.Context(), i.Dial(web.Reach{Hosts: []string{"wiki.corp.example", "127.1", "0x7f.1", "127.0.0.1"}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	named := func(name string) string { return "\x03" + string([]byte{byte(len(name))}) + name }
	for _, tt := range []struct {
		name, address string
		want          byte
	}{
		{"an allowed name, of which no server answers", named("WIKI.corp.example."), failedAtAll},
		{"an address", "\x01\x0a\x00\x00\x07", notAllowed},
		{"an address as a name", named("10.0.0.7"), notAllowed},
		{"this machine", "\x01\x7f\x00\x00\x01", notAllowed},
		{"this machine as a name", named("127.0.0.1"), notAllowed},
		{"this machine by IPv6", "\x04" + strings.Repeat("\x00", 15) + "\x01", notAllowed},
		{"a mapped address", "\x04" + strings.Repeat("\x00", 10) + "\xff\xff\x7f\x00\x00\x01", notAllowed},
		{"a mapped address as a name", named("::ffff:10.0.0.7"), notAllowed},
		{"metadata, mapped", "\x04" + strings.Repeat("\x00", 10) + "\xff\xff\xa9\xfe\xa9\xfe", notAllowed},
		{"a short address", named("127.1"), failedAtAll},
		{"a hexadecimal one", named("0x7f.1"), failedAtAll},
		{"a number", named("2130706433"), failedAtAll},
		{"a zone", named("fe80::1%lo"), 0xff}, // no answer at all
		{"an allowed name with more behind", named("wiki.corp.example\x00.evil.example"), 0xff},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := new(net.Dialer).DialContext(t.Context(), "tcp", g.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_, _ = io.WriteString(c, "\x05\x01\x00\x05\x01\x00"+tt.address+"\x00\x50")
			got, _ := io.ReadAll(c)
			how := byte(0xff)
			if len(got) >= 4 {
				how = got[3]
			}
			if how != tt.want {
				t.Errorf("it answers %q; want reply %d", got, tt.want)
			}
		})
	}
	if got, want := i.Reached(), []string{"10.0.0.7:80"}; !slices.Equal(got, want) {
		t.Errorf("reached %q; want %q", got, want)
	}
}

func TestTheGuardAnswersOnlyWhatItUnderstands(t *testing.T) {
	g, err := newGuard(t.Context(), new(net.Dialer).DialContext)
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

// Nobody is expected to answer there: that it is tried is what counts.
func TestTheHostsOfTheOptionsAreThoseThatAreAllowed(t *testing.T) {
	dial := Options{AllowHosts: []string{"100.64.255.1"}}.withDefaults().dial
	for address, want := range map[string]bool{"100.64.255.1:9": true, "100.64.255.2:9": false} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		c, err := dial(ctx, "tcp", address)
		cancel()
		if c != nil {
			_ = c.Close()
		}
		if _, refused := errors.AsType[*web.PrivateError](err); refused == want {
			t.Errorf("%s: %v; want that it is tried: %t", address, err, want)
		}
	}
}
