package cmd_test

import (
	"crypto/tls"
	"crypto/x509"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// presented is the number of the certificate that a collector shows on a new connection.
func presented(t *testing.T, host string, roots *x509.CertPool) int64 {
	t.Helper()
	conn, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestACertificateIsReplacedWhileMachinesPost(t *testing.T) {
	t.Parallel()
	dir, data := t.TempDir(), t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	roots := x509.NewCertPool()
	roots.AddCert(certificate(t, file("cert.pem"), file("key.pem"), 1))
	roots.AddCert(certificate(t, file("cert2.pem"), file("key2.pem"), 2))
	for _, name := range []string{"cert2.pem", "key2.pem"} { // a renewal is of another time than what it renews
		if err := os.Chtimes(file(name), time.Now(), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	collector := start(t, true, "veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0", "--tls-cert", file("cert.pem"), "--tls-key", file("key.pem"))
	f := fortress{host: strings.TrimSuffix(strings.TrimPrefix(collector.first, "https://"), "/"), encrypted: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	crowd := newCrowd(t, f.client(false), collector.first, newSite(t, data, "", "Lycée", "6"), 6)
	for _, p := range crowd.posters {
		p.rest = 40 * time.Millisecond
	}
	crowd.post(t)
	if n := presented(t, f.host, roots); n != 1 {
		t.Errorf("the certificate is number %d", n)
	}
	if err := os.Rename(file("cert2.pem"), file("cert.pem")); err != nil { // its key is not there yet
		t.Fatal(err)
	}
	until(t, "a warning", func() bool { return strings.Contains(collector.log.String(), "the new certificate cannot be used") })
	if n := presented(t, f.host, roots); n != 1 {
		t.Errorf("with half a pair on disk, the certificate is number %d", n)
	}
	if err := os.Rename(file("key2.pem"), file("key.pem")); err != nil {
		t.Fatal(err)
	}
	until(t, "the new certificate", func() bool { return presented(t, f.host, roots) == 2 })
	crowd.stop()
	for i, p := range crowd.posters {
		if p.unsure || p.declines.Load() > 0 {
			t.Errorf("machine %d met trouble: %d times told to come back", i+1, p.declines.Load())
		}
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 || strings.Count(collector.log.String(), "cannot be used") != 1 {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
	inLedger(t, data, crowd.posters)
}

func TestACollectorThatIsStoppedUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	data, address := t.TempDir(), ownAddress(t)
	serve := []string{"veille-collector", "serve", "--data", data, "--listen", address}
	collector := start(t, true, serve...)
	crowd := posting(t, collector.first, newSite(t, data, "", "Lycée", "20"), 20)
	var longest time.Duration
	for range 10 {
		pause(t, 20*time.Millisecond+rand.N(100*time.Millisecond))
		begin := time.Now()
		status := collector.end(t, syscall.SIGTERM)
		longest = max(longest, time.Since(begin))
		if status != 0 || strings.Contains(collector.log.String(), "cut short") || strings.Contains(collector.log.String(), "level=ERROR") {
			t.Errorf("exit %d\n%s", status, collector.log)
		}
		if log, err := os.Stat(filepath.Join(data, "veille.db-wal")); err == nil && log.Size() > 0 {
			t.Errorf("%d bytes are left in the log of the database", log.Size())
		}
		collector = start(t, true, serve...)
	}
	n := crowd.replies()
	until(t, "posts after the last start", func() bool { return crowd.replies() > n+20 })
	crowd.stop()
	t.Logf("ten stops, the longest took %v", longest.Round(time.Millisecond))
	if longest > 8*time.Second {
		t.Errorf("a stop took %v", longest)
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
	inLedger(t, data, crowd.posters)
}
