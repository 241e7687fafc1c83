package link_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/agent/link"
)

// there is a collector that only a proxy can find.
const there = "https://collector.test"

// authority is an authority of somebody's own, or a certificate that vouches for itself.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// issue makes a certificate of collector.test and this machine, by an authority, or by itself.
func issue(t *testing.T, by *authority, change func(*x509.Certificate)) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: t.Name()},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		DNSNames: []string{"collector.test", "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	change(template)
	parent := &authority{template, key}
	if by != nil {
		parent = by
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.certificate, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, key}
}

func leaf(*x509.Certificate) {}

func isCA(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign }

// file is an authority in a PEM file.
func (a *authority) file(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func (a *authority) pin() string { return link.PinOf(a.certificate) }

// counting is the server's view of the bytes.
type counting struct {
	net.Listener
	read, written *atomic.Int64
}

func (l counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return countingConn{conn, l}, err
}

type countingConn struct {
	net.Conn
	l counting
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.l.read.Add(int64(n))
	return n, err
}

func (c countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.l.written.Add(int64(n))
	return n, err
}

// serve is a collector with the certificate of a, and what it counted.
func serve(t *testing.T, a *authority, change func(*httptest.Server)) (server *httptest.Server, counts counting) {
	t.Helper()
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "got "+string(body)+" by "+r.Proto)
	}))
	counts = counting{server.Listener, new(atomic.Int64), new(atomic.Int64)}
	server.Listener = counts
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // handshakes that fail are what some tests are about
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{a.certificate.Raw}, PrivateKey: a.key}}}
	change(server)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, counts
}

func usual(*httptest.Server) {}

// proxy is a real one, which takes every address for that of the server. It answers what says says, if not 200.
func proxy(t *testing.T, server *httptest.Server, says func(*http.Request) (status int, offer string)) (address string, seen counting) {
	t.Helper()
	p := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status, offer := says(r); status != http.StatusOK {
			if offer != "" {
				w.Header().Set("Proxy-Authenticate", offer)
			}
			w.WriteHeader(status)
			return
		}
		there, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(there, io.MultiReader(io.LimitReader(buffered, int64(buffered.Reader.Buffered())), here))
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	seen = counting{p.Listener, new(atomic.Int64), new(atomic.Int64)}
	p.Listener = seen
	p.Start()
	t.Cleanup(p.Close)
	return p.Listener.Addr().String(), seen
}

func letThrough(*http.Request) (int, string) { return http.StatusOK, "" }

func makeLink(t *testing.T, s link.Settings) *link.Link {
	t.Helper()
	l, err := link.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Client.CloseIdleConnections)
	return l
}

// post sends something, and answers what came back.
func post(t *testing.T, l *link.Link, address string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("a record"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := l.Client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

const got = "got a record by HTTP/1.1"

func TestOnlyACollectorThatIsVouchedForIsSpokenTo(t *testing.T) {
	ca := issue(t, nil, isCA)
	other := issue(t, nil, isCA)
	ours := issue(t, ca, leaf)
	alone := issue(t, nil, leaf)
	late := issue(t, ca, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	elsewhere := issue(t, ca, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"other.test"}, nil })
	for _, tt := range []struct {
		name   string
		server *authority
		ca     *authority
		pin    string
		fails  string // "" when the collector is spoken to
	}{
		{"a private authority", ours, ca, "", ""},
		{"that nobody has told of", ours, nil, "", "add --ca FILE"},
		{"not the one told of", ours, other, "", "add --ca FILE"},
		{"a certificate that vouches for itself", alone, nil, "", "add --ca FILE"},
		{"and is told of", alone, alone, "", ""},
		{"and pinned", alone, alone, alone.pin(), ""},
		{"a pin is no voucher", alone, nil, alone.pin(), "add --ca FILE"},
		{"the pin of the certificate", ours, ca, ours.pin(), ""},
		{"the pin of the authority", ours, ca, ca.pin(), ""},
		{"the pins before and after a rotation", ours, ca, other.pin() + ", " + ours.pin(), ""},
		{"another pin", ours, ca, other.pin(), ours.pin()},
		{"other pins", ours, ca, other.pin() + "," + alone.pin(), ours.pin()},
		{"a certificate of the past", late, ca, "", "check the clock"},
		{"a certificate of another host", elsewhere, ca, "", "127.0.0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server, counts := serve(t, tt.server, usual)
			s := link.Settings{Collector: server.URL, Pin: tt.pin}
			if tt.ca != nil {
				s.CAFile = tt.ca.file(t)
			}
			text, err := post(t, makeLink(t, s), server.URL)
			switch {
			case tt.fails == "" && (err != nil || text != got):
				t.Errorf("%q, %v; want %q", text, err, got)
			case tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)):
				t.Errorf("%q, %v; want an error with %q", text, err, tt.fails)
			}
			if counts.read.Load() == 0 {
				t.Error("the collector was not even asked")
			}
		})
	}
}

func TestTheSystemsOwnAuthoritiesAreTrustedBesidesTheFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only there the authorities of the system are a file that a variable names")
	}
	if collector := os.Getenv("VEILLE_TEST_COLLECTOR"); collector != "" { // the process below
		if text, err := post(t, makeLink(t, link.Settings{Collector: collector, CAFile: os.Getenv("VEILLE_TEST_CA")}), collector); err != nil || text != got {
			t.Errorf("%q, %v", text, err)
		}
		return
	}
	system, private := issue(t, nil, isCA), issue(t, nil, isCA)
	for _, tt := range []struct {
		name   string
		server *authority
		file   string
		want   bool
	}{
		{"the system's, without a file", system, "", true},
		{"the system's, with a file", system, private.file(t), true},
		{"the file's", private, private.file(t), true},
		{"neither", private, "", false},
	} {
		server, _ := serve(t, issue(t, tt.server, leaf), usual)
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$") // the system's are read once in a process
		child.Env = append(os.Environ(), "SSL_CERT_FILE="+system.file(t), "SSL_CERT_DIR="+t.TempDir(), "VEILLE_TEST_COLLECTOR="+server.URL, "VEILLE_TEST_CA="+tt.file)
		if out, err := child.CombinedOutput(); (err == nil) != tt.want {
			t.Errorf("%s: %v\n%s", tt.name, err, out)
		}
	}
}

func TestOldEncryptionIsRefused(t *testing.T) {
	ca := issue(t, nil, isCA)
	server, _ := serve(t, issue(t, ca, leaf), func(s *httptest.Server) { s.TLS.MinVersion, s.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	if text, err := post(t, makeLink(t, link.Settings{Collector: server.URL, CAFile: ca.file(t)}), server.URL); err == nil {
		t.Errorf("%q over TLS 1.1", text)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	ca := issue(t, nil, isCA)
	var asked atomic.Int64
	server, _ := serve(t, issue(t, ca, leaf), func(s *httptest.Server) {
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		})
	})
	if _, err := post(t, makeLink(t, link.Settings{Collector: server.URL, CAFile: ca.file(t)}), server.URL); err != nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

func TestACollectorThatDoesNotAnswerIsLeftInTime(t *testing.T) {
	ca := issue(t, nil, isCA)
	end := make(chan struct{})
	server, _ := serve(t, issue(t, ca, leaf), func(s *httptest.Server) {
		s.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end })
	})
	defer close(end)
	begin := time.Now()
	text, err := post(t, makeLink(t, link.Settings{Collector: server.URL, CAFile: ca.file(t), Timeout: 100 * time.Millisecond}), server.URL)
	if took := time.Since(begin); err == nil || took > 10*time.Second {
		t.Errorf("%q, %v after %v", text, err, took)
	}
}

func TestTheBytesAreThoseTheServerCounts(t *testing.T) {
	ca := issue(t, nil, isCA)
	server, direct := serve(t, issue(t, ca, leaf), usual)
	address, proxied := proxy(t, server, letThrough)
	for _, tt := range []struct {
		name     string
		settings link.Settings
		counts   counting
	}{
		{"directly", link.Settings{Collector: server.URL}, direct},
		{"by a proxy, with its own words", link.Settings{Collector: there, Proxy: "http://me:pw@" + address}, proxied},
	} {
		tt.settings.CAFile = ca.file(t)
		l := makeLink(t, tt.settings)
		if sent, received := l.Bytes(); sent != 0 || received != 0 {
			t.Errorf("%s: %d and %d bytes before anything was said", tt.name, sent, received)
		}
		read, written := tt.counts.read.Load(), tt.counts.written.Load()
		for range 3 {
			if text, err := post(t, l, tt.settings.Collector); err != nil || text != got {
				t.Fatalf("%s: %q, %v", tt.name, text, err)
			}
		}
		sent, received := l.Bytes()
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); sent, received = l.Bytes() {
			if sent == tt.counts.read.Load()-read && received == tt.counts.written.Load()-written {
				break // each side counts a write when it is done, by when the other may have answered
			}
			<-time.After(time.Millisecond)
		}
		read, written = tt.counts.read.Load()-read, tt.counts.written.Load()-written
		if sent != read || received != written || sent < 600 || received < 600 {
			t.Errorf("%s: %d sent, %d received; the other side counts %d and %d", tt.name, sent, received, read, written)
		}
	}
}

func TestTheProxyIsUsedWithItsPassword(t *testing.T) {
	ca := issue(t, nil, isCA)
	server, _ := serve(t, issue(t, ca, leaf), usual)
	var asked atomic.Int64
	address, _ := proxy(t, server, func(r *http.Request) (int, string) {
		asked.Add(1)
		name, password, ok := basic(r.Header.Get("Proxy-Authorization"))
		if r.Method != http.MethodConnect || r.Host != "collector.test:443" || !ok || name != "école" || password != "s3cret@:/#%" {
			return http.StatusProxyAuthRequired, "Basic realm=x"
		}
		return http.StatusOK, ""
	})
	const userinfo = "%C3%A9cole:s3cret%40%3A%2F%23%25@"
	for _, tt := range []struct {
		name, setting, variable string
	}{
		{"as set", "http://" + userinfo + address, ""},
		{"of the environment", "", "http://" + userinfo + address},
	} {
		t.Setenv("HTTPS_PROXY", tt.variable)
		l := makeLink(t, link.Settings{Collector: there, Proxy: tt.setting, CAFile: ca.file(t)})
		if shown, err := l.Proxy(); shown != address || err != nil {
			t.Errorf("%s: by %q, %v; want %q", tt.name, shown, err, address)
		}
		if text, err := post(t, l, there); err != nil || text != got {
			t.Errorf("%s: %q, %v", tt.name, text, err)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("the proxy was asked %d times", asked.Load())
	}
}

func basic(header string) (name, password string, ok bool) {
	return (&http.Request{Header: http.Header{"Authorization": {header}}}).BasicAuth()
}

func TestAProxyThatRefusesIsExplainedWithoutThePassword(t *testing.T) {
	ca := issue(t, nil, isCA)
	server, counts := serve(t, issue(t, ca, leaf), usual)
	for _, tt := range []struct {
		name, userinfo string
		status         int
		offer, want    string
	}{
		{"no password", "", 407, "Basic realm=x", "the proxy asks for a name and password: set --proxy http://name:password@"},
		{"nothing said of how", "", 407, "", "set --proxy http://name:password@"},
		{"a wrong password", "me:s3cret@", 407, "basic", "does not accept the name and password"},
		{"a sign-in of Windows", "me:s3cret@", 407, "NTLM", "let it pass the collector's address"},
		{"this collector is not allowed", "me:s3cret@", 403, "", "403 Forbidden"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, _ := proxy(t, server, func(*http.Request) (int, string) { return tt.status, tt.offer })
			_, err := post(t, makeLink(t, link.Settings{Collector: there, Proxy: "http://" + tt.userinfo + address, CAFile: ca.file(t)}), there)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v; want %q", err, tt.want)
			}
		})
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	address := nobody.Addr().String()
	_, err = post(t, makeLink(t, link.Settings{Collector: there, Proxy: "me:s3cret@" + address, CAFile: ca.file(t)}), there)
	if err == nil || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a proxy that is not there: %v", err)
	}
	if counts.read.Load() != 0 {
		t.Error("the collector was asked without the proxy")
	}
}

func TestAPinIsCheckedBehindAProxyToo(t *testing.T) {
	ca, other := issue(t, nil, isCA), issue(t, nil, isCA)
	server, _ := serve(t, issue(t, ca, leaf), usual)
	address, _ := proxy(t, server, letThrough)
	for pin, want := range map[string]bool{ca.pin(): true, other.pin(): false} {
		_, err := post(t, makeLink(t, link.Settings{Collector: there, Proxy: address, CAFile: ca.file(t), Pin: pin}), there)
		if (err == nil) != want {
			t.Errorf("pin %s: %v", pin, err)
		}
	}
}

func TestACollectorOnThisMachineNeedsNoEncryptionAndNoProxy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := bufio.NewReader(r.Body).ReadString(0)
		_, _ = io.WriteString(w, "got "+body+" by "+r.Proto)
	}))
	defer server.Close()
	t.Setenv("HTTPS_PROXY", "http://nowhere.invalid:1")
	t.Setenv("HTTP_PROXY", "http://nowhere.invalid:1")
	for _, setting := range []string{"", "none", "http://nowhere.invalid:1"} {
		if text, err := post(t, makeLink(t, link.Settings{Collector: server.URL, Proxy: setting}), server.URL); err != nil || text != got {
			t.Errorf("with proxy %q: %q, %v", setting, text, err)
		}
	}
}

func TestWhatIsSetWronglyIsRefusedBeforeAnythingIsSent(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	right := issue(t, nil, leaf).pin()
	for _, tt := range []struct {
		name string
		s    link.Settings
		want string
	}{
		{"http elsewhere", link.Settings{Collector: "http://veille.example.org"}, "https"},
		{"no host", link.Settings{Collector: "https://"}, "https"},
		{"no address", link.Settings{Collector: "https://ve ille"}, "https"},
		{"a pin without https", link.Settings{Collector: "http://localhost", Pin: right}, "pin"},
		{"a file that is not there", link.Settings{Collector: there, CAFile: empty + ".not"}, "--ca"},
		{"a file without a certificate", link.Settings{Collector: there, CAFile: empty}, "no certificate"},
		{"a pin of another hash", link.Settings{Collector: there, Pin: "sha1/" + right[7:]}, "sha256/"},
		{"a pin cut short", link.Settings{Collector: there, Pin: right[:20]}, "44"},
		{"a pin that is almost base64", link.Settings{Collector: there, Pin: strings.TrimSuffix(right, "=")}, "44"},
		{"an empty one of two", link.Settings{Collector: there, Pin: right + ","}, "44"},
		{"a proxy that is none", link.Settings{Collector: there, Proxy: "socks5://host:1"}, "--proxy"},
	} {
		if _, err := link.New(tt.s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want an error with %q", tt.name, err, tt.want)
		}
	}
}
