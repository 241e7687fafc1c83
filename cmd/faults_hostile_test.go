package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"veille/agent/wire"
)

// certificate writes a certificate for loopback that vouches for itself, and its key, into two files.
func certificate(t *testing.T, certFile, keyFile string, number int64) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "collector"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 3, 0), BasicConstraintsValid: true, IsCA: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name+".part", pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".part", name); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// fortress is a collector with TLS and its usual bounds, under attack.
type fortress struct {
	collector *process
	data      string
	host      string // and port
	token     string
	encrypted *tls.Config // of those who speak with it
}

func newFortress(t *testing.T, machines string) *fortress {
	t.Helper()
	f := &fortress{data: t.TempDir()}
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	roots := x509.NewCertPool()
	roots.AddCert(certificate(t, cert, key, 1))
	f.encrypted = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	f.collector = start(t, true, "veille-collector", "serve", "--data", f.data, "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
	f.host = strings.TrimSuffix(strings.TrimPrefix(f.collector.first, "https://"), "/")
	f.token = newSite(t, f.data, "", "Lycée", machines)
	return f
}

// client opens a connection for each message, as an agent does, or keeps one.
func (f *fortress) client(keep bool) *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: f.encrypted.Clone(), DisableKeepAlives: !keep}}
}

// bombs are posted by a machine that has a password: half a megabyte that becomes five hundred.
func (f *fortress) bombs(ctx context.Context, password string, answers *[600]atomic.Int64) {
	body := bytes.Repeat(zipped(bytes.Repeat([]byte(" "), 1<<20)), 500)
	client := f.client(true)
	for ctx.Err() == nil {
		response, err := transmit(ctx, client, "https://"+f.host+"/api/v1/records", password, "gzip", body)
		if err != nil {
			continue
		}
		answers[response.StatusCode].Add(1)
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// hold opens a connection, says something on it and stays until it is closed, again and again. Then it waits a while.
func (f *fortress) hold(ctx context.Context, encrypted bool, say func(net.Conn), held *atomic.Int64) {
	for ctx.Err() == nil {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", f.host)
		if err == nil {
			held.Add(1)
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			c := conn
			if encrypted {
				c = tls.Client(conn, f.encrypted)
			}
			say(c)
			_, _ = io.Copy(io.Discard, c)
			stop()
			_ = conn.Close()
			held.Add(-1)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second + mathrand.N(2*time.Second)):
		}
	}
}

// slowly sends a text one byte after the other, in as many seconds.
func slowly(ctx context.Context, text string) func(net.Conn) {
	return func(c net.Conn) {
		for _, b := range []byte(text) {
			if _, err := c.Write([]byte{b}); err != nil {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
	}
}

// malformed is what no agent says.
func malformed() []string {
	return []string{
		"\r\n\r\n", "GET\r\n\r\n", "\x00\x01\x02\x03\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\n Folded: y\r\nBad Header: y\r\n\r\n",
		"GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 1<<20) + "\r\n\r\n",
		"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://%41:8080/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + strings.Repeat("\xff", 100),
	}
}

// say says something on a connection of its own, and answers the status line, or "" where the connection was closed without one.
func (f *fortress) say(t *testing.T, text string, protocols ...string) string {
	t.Helper()
	c := f.encrypted.Clone()
	c.NextProtos = protocols
	conn, err := (&tls.Dialer{Config: c}).DialContext(t.Context(), "tcp", f.host)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(conn, text) // what is too long is not read to its end
	line, err := bufio.NewReader(conn).ReadString('\n')
	if e, ok := err.(net.Error); ok && e.Timeout() { //nolint:errorlint // as the reader gives it
		t.Errorf("after %.80q the connection stays open", text)
	}
	return strings.TrimSpace(line)
}

func TestWhatIsNoHTTPIsRefusedAndTheCollectorGoesOn(t *testing.T) {
	t.Parallel()
	f := newFortress(t, "1")
	p := enrolled(t, f.client(false), "https://"+f.host, f.token, 1, wire.Server)
	var speaking sync.WaitGroup
	for _, text := range malformed() {
		speaking.Go(func() { _ = f.say(t, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+text, "h2") }) // frames of HTTP/2 that are none
		speaking.Go(func() {
			line := f.say(t, text, "http/1.1")
			if line != "" && !strings.HasPrefix(line, "HTTP/1.1 4") && !strings.HasPrefix(line, "HTTP/1.1 5") {
				t.Errorf("%.80q is answered %q", text, line)
			}
		})
	}
	speaking.Wait()
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.host); err == nil { // no TLS at all
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}
	if !p.post(t.Context()) || len(p.faults) > 0 {
		t.Errorf("then an agent was not served: %q", p.faults)
	}
	if status := f.collector.end(t, syscall.SIGTERM); status != 0 || strings.Count(f.collector.log.String(), "\n") > 4 {
		t.Errorf("exit %d\n%s", status, f.collector.log)
	}
	inLedger(t, f.data, []*poster{p})
}

// A bomb that grows in memory, requests that never end and ten thousand connections on which nothing is said. It is run by itself: the attack takes
// the whole machine.
func TestAnAgentIsServedAmongBombsSlowRequestsAndTenThousandIdleConnections(t *testing.T) {
	const idle, slow, attack = 10_000, 400, 15 * time.Second
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur < idle+slow+1000 {
		if required("files") {
			t.Fatalf("%d files may be open here: %v", files.Cur, err)
		}
		t.Skipf("%d files may be open here, too few for as many connections: %v", files.Cur, err)
	}
	f := newFortress(t, "2")
	p := enrolled(t, f.client(false), "https://"+f.host, f.token, 0, wire.Server)
	bomber := enrolment(t, f.client(false), "https://"+f.host, f.token, installKey(1), wire.Server)
	ctx, stop := context.WithTimeout(t.Context(), attack)
	defer stop()
	var attacking sync.WaitGroup
	var answers [600]atomic.Int64
	var held, dawdling atomic.Int64
	for range 4 {
		attacking.Go(func() { f.bombs(ctx, bomber, &answers) })
	}
	for i := range slow {
		text := "POST /api/v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
		if i%2 == 0 {
			text = "POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
		}
		attacking.Go(func() { f.hold(ctx, i%4 < 2, slowly(ctx, text), &dawdling) })
	}
	for i := range idle {
		attacking.Go(func() { f.hold(ctx, i%20 == 0, func(net.Conn) {}, &held) })
	}
	served, longest, most, slowest := serveDuring(ctx, p, &held, &dawdling)
	attacking.Wait()
	rss := peak(t, f.collector.Process.Pid)
	t.Logf("%d posts served, the slowest in %v; %d idle connections and %d slow ones at once; bombs answered 413: %d, 429: %d, 503: %d; at most %d MB of memory",
		served, longest.Round(time.Millisecond), most, slowest, answers[413].Load(), answers[429].Load(), answers[503].Load(), rss>>20)
	if served < 3 || longest > 20*time.Second || len(p.faults) > 0 {
		t.Errorf("the agent was served %d times, at the slowest in %v; %q", served, longest, p.faults)
	}
	if most < 4096 || slowest < slow/4 {
		t.Errorf("at most %d idle connections and %d slow ones were open", most, slowest)
	}
	if answers[200].Load() > 0 || answers[413].Load() == 0 {
		t.Errorf("bombs: %d taken, %d refused", answers[200].Load(), answers[413].Load())
	}
	if rss > 300<<20 {
		t.Errorf("it took %d MB", rss>>20)
	}
	if status := f.collector.end(t, syscall.SIGTERM); status != 0 || strings.Count(f.collector.log.String(), "\n") > 6 {
		t.Errorf("exit %d\n%s", status, f.collector.log)
	}
	inLedger(t, f.data, []*poster{p, {}})
}

// serveDuring lets an agent post until ctx ends. It answers how often it was served, the longest that took with all tries, and how many
// connections were held at most, idle and slow ones.
func serveDuring(ctx context.Context, p *poster, idle, slow *atomic.Int64) (served int, longest time.Duration, mostIdle, mostSlow int64) {
	for ctx.Err() == nil {
		begin := time.Now()
		for !p.post(context.WithoutCancel(ctx)) && ctx.Err() == nil {
			mostIdle, mostSlow = max(mostIdle, idle.Load()), max(mostSlow, slow.Load())
		}
		longest = max(longest, time.Since(begin))
		mostIdle, mostSlow = max(mostIdle, idle.Load()), max(mostSlow, slow.Load())
		if p.pending == nil {
			served++
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	return served, longest, mostIdle, mostSlow
}
