package listen_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"veille/collector/listen"
	"veille/collector/store/engines"
)

const pebbleModule = "github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1"

// pebble is Let's Encrypt's server for tests; it validates names by connecting to this machine.
type pebble struct{ directory, management string }

// startPebble fetches and builds Pebble beside this module, and has it prove names at the port.
func startPebble(t *testing.T, a *authority, port int) pebble {
	t.Helper()
	if required := os.Getenv("REQUIRE"); required != "all" && !strings.Contains(required, "pebble") {
		t.Skip("REQUIRE does not name pebble")
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "install", pebbleModule)
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-mod=mod")
	build.Dir = dir
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go install %s: %v\n%s", pebbleModule, err, text)
	}
	own := pairFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	cert, key := a.pair(t, 9, time.Now().AddDate(0, 1, 0))
	own.write(t, cert, key)
	p := pebble{directory: engines.FreeAddress(t), management: engines.FreeAddress(t)}
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": p.directory, "managementListenAddress": p.management, "certificate": own.cert, "privateKey": own.key,
		"httpPort": 1, "tlsPort": port, "keyAlgorithm": "ecdsa", "retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "ninety days", "validityPeriod": 90 * 24 * 3600}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), filepath.Join(dir, "pebble"), "-config", file, "-dnsserver", names(t))
	server.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	var out bytes.Buffer
	server.Stdout, server.Stderr = &out, &out
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("pebble said:\n%s", out.String())
		}
	})
	return p
}

// names is a name server, over TCP, for which every name is this machine.
func names(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = c.Close() }()
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				for name(c) == nil {
				}
			})
		}
	})
	return l.Addr().String()
}

// name answers one question.
func name(c net.Conn) error {
	size := make([]byte, 2)
	if _, err := io.ReadFull(c, size); err != nil {
		return err
	}
	question := make([]byte, binary.BigEndian.Uint16(size))
	if _, err := io.ReadFull(c, question); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return err
	}
	m.Response, m.Additionals = true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	answer, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}

// eventually asks until it is so, for 15 seconds at most.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(15 * time.Second); !so(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("not within 15 seconds: %s", what)
		}
	}
}

func TestACertificateIsIssuedByARealACMEServerAndKept(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := startPebble(t, a, l.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	ca := pairFiles{cert: filepath.Join(dir, "ca.pem"), key: filepath.Join(dir, "unused.pem")}
	ca.write(t, pemOf(a.cert), nil)
	folder := filepath.Join(dir, "acme")
	settings := listen.ACME{
		Hosts: []string{host, "Énergie.example.org"}, Email: "dsi@example.org", Directory: "https://" + p.directory + "/dir", CA: ca.cert, Folder: folder,
	}
	eventually(t, "pebble answers", func() bool {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.directory)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})

	var log diary
	issuer, err := listen.NewIssuer(settings, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	m := listen.NewMetrics()
	r := runOn(t, l, listen.Options{TLS: issuer, Metrics: m})
	if _, there := figures(t, m)["veille_tls_certificate_days_left"]; there {
		t.Error("days left are told before there is a certificate")
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { issuer.Run(ctx) })
	eventually(t, "both hosts have a certificate", func() bool { _, known := issuer.DaysLeft(); return known })
	if days := figures(t, m)["veille_tls_certificate_days_left"]; days < 85 || days > 91 {
		t.Errorf("%g days left; want about 90", days)
	}
	c := dialTLS(t, r.addr, &tls.Config{RootCAs: p.roots(t, a), ServerName: "xn--nergie-9ua.example.org", NextProtos: []string{"h2"}})
	if proto := c.ConnectionState().NegotiatedProtocol; proto != "h2" {
		t.Errorf("agreed on %q; want h2", proto)
	}
	_ = c.Close()
	if _, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: "other.example.org"}}).DialContext(t.Context(), "tcp", r.addr); err == nil {
		t.Error("a stranger's host name was served")
	}
	cancel()
	start := time.Now()
	running.Wait()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("Run took %v to end", took)
	}
	if strings.Contains(log.String(), "level=WARN") {
		t.Errorf("log\n%s; want no warning", log.String())
	}
	kept(t, settings, folder)
}

// kept fails if what was issued is not there for the next start, without the authority, and for nobody else.
func kept(t *testing.T, settings listen.ACME, folder string) {
	t.Helper()
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v; want 0700", info.Mode(), err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v; want nothing for others", e.Name(), info.Mode(), err)
		}
	}
	settings.Directory = "https://127.0.0.1:1/dir" // nobody there
	again, err := listen.NewIssuer(settings, (&diary{}).logger())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { again.Run(ctx) })
	eventually(t, "the certificates are found again", func() bool { _, known := again.DaysLeft(); return known })
	cancel()
	running.Wait()
}

// roots are the authority below which pebble issues; a is that of its own address.
func (p pebble) roots(t *testing.T, a *authority) *x509.CertPool {
	t.Helper()
	got := get(t, client(t, a.pool()), "https://"+p.management+"/roots/0")
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(got.text)) {
		t.Fatalf("pebble's root: %d %q", got.status, got.text)
	}
	return pool
}

func TestAnAuthorityThatFailsIsLoggedAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	p := newPairFiles(t)
	cert, key := a.pair(t, 2, time.Now().AddDate(0, 3, 0))
	p.write(t, cert, key)
	ca := filepath.Join(filepath.Dir(p.cert), "ca.pem")
	if err := os.WriteFile(ca, pemOf(a.cert), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := listen.LoadFiles(t.Context(), p.cert, p.key, (&diary{}).logger())
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 100)
	broken := run(t, listen.Options{TLS: files, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"type":"urn:ietf:params:acme:error:unauthorized","detail":"not you"}`)
	})})
	var log diary
	issuer, err := listen.NewIssuer(listen.ACME{
		Hosts: []string{host}, Directory: "https://" + broken.addr + "/dir", CA: ca, Folder: filepath.Join(t.TempDir(), "acme"),
	}, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, listen.Options{TLS: issuer})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { issuer.Run(ctx) })
	eventually(t, "the failure is logged", func() bool { return strings.Contains(log.String(), "no certificate yet") })
	before := len(asked)
	for range 10 {
		start := time.Now()
		_, err := (&tls.Dialer{Config: &tls.Config{RootCAs: a.pool(), ServerName: host}}).DialContext(t.Context(), "tcp", r.addr)
		if err == nil || time.Since(start) > 5*time.Second {
			t.Errorf("without a certificate: %v after %v; want a refusal at once", err, time.Since(start))
		}
	}
	if after := len(asked); after != before {
		t.Errorf("%d handshakes made us ask the authority %d times; want none", 10, after-before)
	}
	cancel()
	running.Wait()
	if !strings.Contains(log.String(), "not you") || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("log\n%s; want one line with the authority's reason", log.String())
	}
}

func TestAnAuthorityThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var log diary
	issuer, err := listen.NewIssuer(listen.ACME{Hosts: []string{host}, Directory: "https://" + l.Addr().String() + "/dir", Folder: t.TempDir()}, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, listen.Options{TLS: issuer})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { issuer.Run(ctx) })
	asked, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = asked.Close() }()
	start := time.Now()
	if _, err := (&tls.Dialer{Config: &tls.Config{RootCAs: a.pool(), ServerName: host}}).DialContext(t.Context(), "tcp", r.addr); err == nil || time.Since(start) > 3*time.Second {
		t.Errorf("without a certificate: %v after %v; want a refusal at once", err, time.Since(start))
	}
	cancel()
	start = time.Now()
	running.Wait()
	if took := time.Since(start); took > 3*time.Second || log.String() != "" {
		t.Errorf("Run took %v to end, log %q; want an end at once and no line", took, log.String())
	}
}

func TestSettingsOfACMEThatCannotWorkAreRefused(t *testing.T) {
	noCertificate := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noCertificate, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := []string{host}
	for _, tt := range []struct {
		name string
		acme listen.ACME
		says string
	}{
		{"no host", listen.ACME{}, "no host name"},
		{"a short name", listen.ACME{Hosts: []string{"collector"}}, `"collector"`},
		{"an address", listen.ACME{Hosts: []string{"192.0.2.1"}}, `"192.0.2.1"`},
		{"an URL", listen.ACME{Hosts: []string{"https://veille.example.org/"}}, "not a host name"},
		{"spaces", listen.ACME{Hosts: []string{"a b.example.org"}}, "not a host name"},
		{"plain directory", listen.ACME{Hosts: good, Directory: "http://ca.example.org/dir"}, "https://"},
		{"no CA", listen.ACME{Hosts: good, CA: noCertificate + "x"}, "ca.pemx"},
		{"an empty CA", listen.ACME{Hosts: good, CA: noCertificate}, "no certificate in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.acme.Folder = t.TempDir()
			if _, err := listen.NewIssuer(tt.acme, (&diary{}).logger()); err == nil || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("NewIssuer() = %v; want an error that says %s", err, tt.says)
			}
		})
	}
}
