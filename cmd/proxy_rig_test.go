package cmd_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector/store/engines"
)

// someone is the address from which the tests ask a reverse proxy, forged another that they claim to have.
const someone, forged = "127.0.0.9", "203.0.113.7"

// front is a reverse proxy, set up by the example in collector/packaging.
type front struct {
	dir             string
	cert, key       string // files
	secure, open    string // host and port of https, of http
	trusted         *x509.CertPool
	running         *process
	before, started string // what it has written until it served; the line after which it does
}

// exchange is words of a file, and what a test has in their place.
type exchange struct{ old, new string }

// newFront starts nginx or Caddy before a collector at an address, with the example as it is delivered: addresses, certificates, and what changes
// says, are all that is replaced in it.
func newFront(t *testing.T, kind, collector string, changes ...exchange) *front {
	t.Helper()
	f := &front{dir: t.TempDir(), secure: engines.FreeAddress(t), open: engines.FreeAddress(t), trusted: x509.NewCertPool()}
	f.cert, f.key = filepath.Join(f.dir, "cert.pem"), filepath.Join(f.dir, "key.pem")
	f.trusted.AddCert(certificate(t, f.cert, f.key, 1))
	for _, name := range []string{"log", "conf.d", "temp"} {
		if err := os.Mkdir(filepath.Join(f.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	changes = append(changes, exchange{"127.0.0.1:8765", collector})
	var test, serve []string
	if kind == "nginx" {
		test, serve = f.nginx(t, changes)
	} else {
		test, serve = f.caddy(t, changes)
	}
	if out, err := f.program(t, test).CombinedOutput(); err != nil || strings.Contains(string(out), "[warn]") {
		t.Fatalf("%v: %v\n%s", test, err, out)
	}
	f.running = launch(t, f.program(t, serve)) // one process, which has no other to leave behind
	until(t, kind+" serves", func() bool {
		for _, address := range []string{f.secure, f.open} {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
			if err != nil {
				return false
			}
			_ = conn.Close()
		}
		return strings.Contains(f.written(t), f.started)
	})
	f.before = f.written(t)
	return f
}

// example is a file of collector/packaging with some words replaced; each must be there.
func example(t *testing.T, name string, changes []exchange) string {
	t.Helper()
	return replaced(t, filepath.Join("..", "collector", "packaging", name), changes)
}

func replaced(t *testing.T, name string, changes []exchange) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for _, c := range changes {
		if !strings.Contains(string(b), c.old) {
			t.Fatalf("%s has no %q", name, c.old)
		}
		pairs = append(pairs, c.old, c.new)
	}
	return strings.NewReplacer(pairs...).Replace(string(b))
}

// nginx writes the files of Debian's nginx, and our example among them.
func (f *front) nginx(t *testing.T, changes []exchange) (test, serve []string) {
	t.Helper()
	second := func(address string) string { return strings.Replace(address, "127.0.0.1", "127.0.0.2", 1) } // in the place of an address of IPv6
	const live = "/etc/letsencrypt/live/veille.example.org/"
	changes = append(changes, exchange{live + "fullchain.pem", f.cert}, exchange{live + "privkey.pem", f.key}, exchange{"server_name veille.example.org", "server_name localhost"},
		exchange{"listen 443 ", "listen " + f.secure + " "}, exchange{"listen [::]:443 ", "listen " + second(f.secure) + " "},
		exchange{"listen 80;", "listen " + f.open + ";"}, exchange{"listen [::]:80;", "listen " + second(f.open) + ";"})
	f.write(t, "conf.d/veille.conf", example(t, "nginx.conf", changes))
	temp := ""
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += what + "_temp_path " + filepath.Join(f.dir, "temp", what) + ";\n"
	}
	f.write(t, "conf.d/temp.conf", temp)
	const tools = "../.tools/proxies/"
	types, err := filepath.Abs(tools + "etc/nginx/mime.types")
	if err != nil {
		t.Fatal(err)
	}
	needProxies(t)
	user := "user root;" // who may read the files of this test
	if os.Getuid() != 0 {
		user = "" // it is who started it, and nginx warns of more
	}
	f.write(t, "nginx.conf", replaced(t, tools+"etc/nginx/nginx.conf", []exchange{
		{"/etc/nginx/mime.types", types}, {"/etc/nginx/", f.dir + "/"}, {"/var/log/nginx/", f.dir + "/log/"}, {"/run/nginx.pid", f.dir + "/pid"}, {"user www-data;", user},
	}))
	own := []string{tools + "usr/sbin/nginx", "-c", filepath.Join(f.dir, "nginx.conf"), "-e", filepath.Join(f.dir, "log", "early.log"), "-g"}
	return append(slices.Clip(own), "daemon off;", "-t"), append(slices.Clip(own), "daemon off; master_process off;")
}

// caddy writes our example. Nothing asks for a certificate, and none is made known to this machine.
func (f *front) caddy(t *testing.T, changes []exchange) (test, serve []string) {
	t.Helper()
	needProxies(t)
	_, secure, _ := net.SplitHostPort(f.secure)
	_, open, _ := net.SplitHostPort(f.open)
	f.write(t, "Caddyfile", example(t, "Caddyfile", append(changes,
		exchange{"{\n\tlog default", "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_certs\n\tdefault_bind 127.0.0.1\n\thttps_port " + secure + "\n\thttp_port " + open + "\n\tlog default"},
		exchange{"\nveille.example.org {", "\nlocalhost {\n\ttls " + f.cert + " " + f.key})))
	f.started = "finished cleaning storage units"
	own := []string{"--adapter", "caddyfile", "--config", filepath.Join(f.dir, "Caddyfile")}
	program := "../.tools/proxies/usr/bin/caddy"
	return append([]string{program, "validate"}, own...), append([]string{program, "run"}, own...)
}

// needProxies fails a test, or leaves it out, where the programs are not here.
func needProxies(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("../.tools/proxies"); err != nil && required("proxies") {
		t.Fatalf("%v; make tools gets them", err)
	} else if err != nil {
		t.Skip("nginx and Caddy are not here: make tools gets them")
	}
}

func (f *front) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *front) program(t *testing.T, args []string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), args[0], args[1:]...)
	c.Env = append(environment(), "HOME="+f.dir, "XDG_DATA_HOME="+f.dir, "XDG_CONFIG_HOME="+f.dir)
	return c
}

// written is all that it has written so far: what it prints, and its logs.
func (f *front) written(t *testing.T) string {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(f.dir, "log", "*"))
	if err != nil {
		t.Fatal(err)
	}
	text := f.running.log.String()
	for _, name := range logs {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	return text
}

// address is that of the collector, as users write it.
func (f *front) address() string {
	_, port, _ := net.SplitHostPort(f.secure)
	return "https://localhost:" + port
}

func (f *front) encrypted() *tls.Config {
	return &tls.Config{RootCAs: f.trusted, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

// client is a browser at an address. It follows no redirect.
func (f *front) client(from string) *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{TLSClientConfig: f.encrypted(), ForceAttemptHTTP2: true, DialContext: dialFrom(from).DialContext},
	}
}

func dialFrom(address string) *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
}

// say connects from someone's address, says something and answers the beginning of what comes back, "" where the connection is closed. It waits for
// 20 s at most. c is nil where nothing is encrypted.
func say(t *testing.T, to string, c *tls.Config, text string) (string, error) {
	t.Helper()
	conn, err := dialFrom(someone).DialContext(t.Context(), "tcp", to)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if c != nil {
		encrypted := tls.Client(conn, c)
		if err := encrypted.HandshakeContext(t.Context()); err != nil {
			return "", err
		}
		conn = encrypted
	}
	_, _ = io.WriteString(conn, text) // what is too long is not read to its end
	answer := make([]byte, 1<<10)
	n, err := conn.Read(answer)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", err
	}
	return string(answer[:n]), nil
}
