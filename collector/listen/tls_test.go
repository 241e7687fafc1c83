package listen_test

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector/listen"
)

// serial is the number of the certificate that a server shows.
func serial(t *testing.T, addr string, roots *x509.CertPool) int64 {
	t.Helper()
	c := dialTLS(t, addr, &tls.Config{RootCAs: roots, ServerName: host})
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func dialTLS(t testing.TB, addr string, c *tls.Config) *tls.Conn {
	t.Helper()
	conn, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: c}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn.(*tls.Conn)
}

func TestAChangedCertificateIsShownWithoutARestart(t *testing.T) {
	t.Parallel()
	a, p := newAuthority(t), newPairFiles(t)
	cert, key := a.pair(t, 2, time.Now().AddDate(0, 3, 0))
	p.write(t, cert, key)
	var log diary
	files, err := listen.LoadFiles(t.Context(), p.cert, p.key, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, listen.Options{TLS: files})
	cert, key = a.pair(t, 3, time.Now().AddDate(0, 3, 0))
	p.write(t, cert, key) // before the first handshake, which looks at the files; after it, they are not looked at for some seconds
	if got := serial(t, r.addr, a.pool()); got != 3 {
		t.Errorf("certificate %d after the files changed; want 3", got)
	}
	if text := log.String(); strings.Count(text, "certificate replaced") != 1 {
		t.Errorf("the log says\n%s; want one line on the new certificate", text)
	}
}

func TestABrokenPairIsToldOnceAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, p := newAuthority(t), newPairFiles(t)
		var log diary
		show := func(f *listen.Files) int64 {
			pair, err := f.Config().GetCertificate(&tls.ClientHelloInfo{})
			if err != nil {
				t.Fatal(err)
			}
			return pair.Leaf.SerialNumber.Int64()
		}
		cert, key := a.pair(t, 2, time.Now().AddDate(0, 3, 0))
		p.write(t, cert, key)
		f, err := listen.LoadFiles(t.Context(), p.cert, p.key, log.logger())
		if err != nil {
			t.Fatal(err)
		}
		newer, newerKey := a.pair(t, 3, time.Now().AddDate(0, 4, 0))
		for _, broken := range [][2][]byte{{newer, key}, {newer[:len(newer)/2], newerKey}, {nil, nil}, {cert, newerKey}} {
			p.write(t, broken[0], broken[1])
			for range 3 {
				<-time.After(6 * time.Second)
				if got := show(f); got != 2 {
					t.Fatalf("certificate %d while the files are broken; want 2, the one before", got)
				}
			}
		}
		if err := os.Remove(p.key); err != nil {
			t.Fatal(err)
		}
		<-time.After(6 * time.Second)
		if got := show(f); got != 2 || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("certificate %d, log\n%s; want 2, and one line for all that time", got, log.String())
		}
		p.write(t, newer, newerKey)
		if got := show(f); got != 2 {
			t.Errorf("the files were looked at again at once; want some seconds in between")
		}
		<-time.After(6 * time.Second)
		if got := show(f); got != 3 || !strings.Contains(log.String(), "certificate replaced") {
			t.Errorf("certificate %d, log\n%s; want 3, and a line on it", got, log.String())
		}
	})
}

func TestACertificateNearItsEndIsTold(t *testing.T) {
	a := newAuthority(t)
	for _, tt := range []struct {
		name   string
		until  time.Duration
		want   string
		lo, hi float64
	}{
		{"good", 60 * 24 * time.Hour, "", 59.9, 60},
		{"soon", 13*24*time.Hour + time.Hour, "level=WARN msg=\"the certificate expires soon: renew it\" days_left=13", 13, 13.1},
		{"expired", -49 * time.Hour, "level=ERROR msg=\"the certificate has expired", -2.1, -2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPairFiles(t)
			cert, key := a.pair(t, 2, time.Now().Add(tt.until))
			p.write(t, cert, key)
			var log diary
			f, err := listen.LoadFiles(t.Context(), p.cert, p.key, log.logger())
			if err != nil {
				t.Fatal(err)
			}
			if got := log.String(); !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("log %q; want %q", got, tt.want)
			}
			if days, known := f.DaysLeft(); !known || days < tt.lo || days > tt.hi {
				t.Errorf("DaysLeft() = %g, %t; want %g to %g", days, known, tt.lo, tt.hi)
			}
		})
	}
}

func TestFilesThatCannotBeUsedAreRefusedAtTheStart(t *testing.T) {
	a, p := newAuthority(t), newPairFiles(t)
	cert, _ := a.pair(t, 2, time.Now().AddDate(0, 3, 0))
	_, other := a.pair(t, 3, time.Now().AddDate(0, 3, 0))
	if _, err := listen.LoadFiles(t.Context(), p.cert, p.key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), p.cert) {
		t.Errorf("no files: %v; want an error that names %s", err, p.cert)
	}
	p.write(t, cert, other)
	if _, err := listen.LoadFiles(t.Context(), p.cert, p.key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), p.key) {
		t.Errorf("another's key: %v; want an error that names %s", err, p.key)
	}
}

func TestAgentsSpeakHTTP2AndResume(t *testing.T) {
	t.Parallel()
	files, roots := encrypted(t)
	r := run(t, listen.Options{TLS: files})
	c := client(t, roots)
	for visit := range 3 {
		got := get(t, c, "https://"+r.addr+"/")
		if got.proto != "HTTP/2.0" || got.text != "hello\n" || got.tls.Version != tls.VersionTLS13 {
			t.Errorf("visit %d: %s %q with TLS %x; want HTTP/2.0, hello and TLS 1.3", visit, got.proto, got.text, got.tls.Version)
		}
		if resumed := got.tls.DidResume; resumed != (visit > 0) {
			t.Errorf("visit %d: resumed %t", visit, resumed)
		}
		c.CloseIdleConnections()
	}
}

func TestOnlySoundEncryptionIsAccepted(t *testing.T) {
	t.Parallel()
	files, roots := encrypted(t)
	r := run(t, listen.Options{TLS: files})
	for _, tt := range []struct {
		name   string
		client *tls.Config
		proto  string // agreed; "-" is refused
	}{
		{"TLS 1.3 with h2", &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, "h2"},
		{"TLS 1.3 with HTTP/1.1 only", &tls.Config{NextProtos: []string{"http/1.1"}}, "http/1.1"},
		{"TLS 1.3 without ALPN", &tls.Config{}, ""},
		{"TLS 1.2", &tls.Config{MaxVersion: tls.VersionTLS12, NextProtos: []string{"h2"}}, "h2"},
		{"TLS 1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "-"},
		{"CBC", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, "-"},
		{"unknown protocol", &tls.Config{NextProtos: []string{"spdy/3"}}, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.client.RootCAs, tt.client.ServerName = roots, host
			conn, err := (&tls.Dialer{Config: tt.client}).DialContext(t.Context(), "tcp", r.addr)
			if err != nil {
				if tt.proto != "-" {
					t.Errorf("refused: %v", err)
				}
				return
			}
			defer func() { _ = conn.Close() }()
			if got := conn.(*tls.Conn).ConnectionState().NegotiatedProtocol; got != tt.proto {
				t.Errorf("agreed on %q; want %q", got, tt.proto)
			}
		})
	}
}

// newTLS agrees on the protocol that the text is of.
func newTLS(roots *x509.CertPool, text string) *tls.Config {
	protocol := "http/1.1"
	if strings.HasPrefix(text, "PRI") {
		protocol = "h2"
	}
	return &tls.Config{RootCAs: roots, ServerName: host, NextProtos: []string{protocol}}
}
