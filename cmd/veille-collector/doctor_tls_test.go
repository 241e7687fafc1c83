package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// issuer signs certificates; the zero value signs those of itself.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// issue makes a certificate that ends in so many days.
func (by issuer) issue(t *testing.T, name string, authority bool, days int) issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().AddDate(0, 0, -400), NotAfter: time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour), IsCA: authority, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if by.certificate == nil {
		by = issuer{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.certificate, &key.PublicKey, by.key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return issuer{c, key}
}

// pair writes a chain and the key of its first certificate, and answers the flags that name them.
func pair(t *testing.T, chain ...issuer) []string {
	t.Helper()
	var text bytes.Buffer
	for _, c := range chain {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.certificate.Raw}))
	}
	der, err := x509.MarshalPKCS8PrivateKey(chain[0].key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	for i, bytes := range [][]byte{text.Bytes(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})} {
		if err := os.WriteFile(files[i], bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"--tls-cert", files[0], "--tls-key", files[1]}
}

func TestACertificateIsLookedAtAsAgentsWould(t *testing.T) {
	t.Parallel()
	root := issuer{}.issue(t, "House", true, 999)
	between := root.issue(t, "Between", true, 999)
	leaf := between.issue(t, "veille.example.org", false, 90)
	own := issuer{}.issue(t, "veille.example.org", false, 90)
	named := []string{"--address", "https://veille.example.org"}
	other := pair(t, own)
	open := pair(t, own)
	if err := os.Chmod(open[3], 0o644); err != nil {
		t.Fatal(err)
	}
	garbage := pair(t, own)
	if err := os.WriteFile(garbage[1], []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := healthy(t)
	for name, tt := range map[string]struct {
		args            []string
		state           verdict
		found, remedied string
	}{
		"whole":         {append(pair(t, leaf, between, root), named...), good, "fits its key", ""},
		"its own":       {append(pair(t, own), named...), good, "veille.example.org", ""},
		"without chain": {append(pair(t, leaf), named...), advised, `"CN=Between" has issued`, "fullchain.pem"},
		"in disorder":   {append(pair(t, leaf, root, between), named...), wrong, "certificate 1 of", "put the certificate first"},
		"another name":  {append(pair(t, own), "--address", "https://other.example.org"), wrong, "is not for other.example.org", "issued for that name"},
		"ends soon":     {append(pair(t, issuer{}.issue(t, "veille.example.org", false, 20)), named...), advised, "in 20 days", "renew it"},
		"ends at once":  {append(pair(t, issuer{}.issue(t, "veille.example.org", false, 13)), named...), wrong, "in 13 days", "renew it"},
		"has ended":     {append(pair(t, issuer{}.issue(t, "veille.example.org", false, -1)), named...), wrong, "has expired", "renew it"},
		"another key":   {[]string{"--tls-cert", other[1], "--tls-key", open[3]}, wrong, "of no use", "name the files"},
		"open key":      {open, wrong, "(mode 0644)", "chmod o="},
		"garbage":       {garbage, wrong, "of no use", "name the files"},
	} {
		if name == "another key" { // of another pair
			tt.args[3] = pair(t, leaf)[3]
		}
		d := w.asked(tt.args...)
		is := slices.ContainsFunc(d.of("tls", tt.state), func(f finding) bool {
			return strings.Contains(f.Found, tt.found) && strings.Contains(f.Do, tt.remedied)
		})
		if bad := d.bad(); !is || tt.state != wrong && len(bad) > 0 || tt.state == wrong && !slices.Equal(bad, []string{"tls"}) {
			t.Errorf("%s: %q; want %s with %q and %q of %+v", name, bad, tt.state, tt.found, tt.remedied, d.Checks)
		}
	}
}

func TestACollectorWithACertificateIsAskedByIt(t *testing.T) {
	w := healthy(t)
	own := pair(t, issuer{}.issue(t, "veille.example.org", true, 90))
	_, at := served(t, append(own, "--data", w.dir)...)
	_, port, err := net.SplitHostPort(at)
	w.must(err)
	for address, want := range map[string][]string{"https://127.0.0.1:" + port: nil, "https://localhost:" + port: {"tls", "listen", "address"}} {
		d := w.asked(append(own, "--listen", at, "--address", address)...)
		if want == nil && (len(d.bad()) > 0 || len(d.of("listen", good)) != 1 || len(d.of("address", good)) != 1) || want != nil && (len(d.bad()) == 0 || d.bad()[0] != "tls") {
			t.Errorf("%s: %+v", address, d.Checks)
		}
	}
	another := pair(t, issuer{}.issue(t, "veille.example.org", true, 90))
	if d := w.asked(append(another, "--listen", at)...); !slices.Equal(d.bad(), []string{"listen"}) || !strings.Contains(d.of("listen", wrong)[0].Do, "restart the collector") {
		t.Errorf("%+v", d.Checks)
	}
}

func TestWhatAnswersInThePlaceOfACollectorIsToldFromOne(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	for name, tt := range map[string]struct {
		status          int
		text            string
		found, remedied string
	}{
		"not well":        {503, "disk: not well\n", "disk", "see room above"},
		"two not well":    {503, "rollup: not well\nclock: not well\n", "clock", "see clock above"},
		"another program": {200, "<html>", `says 200 "<html>"`, "stop it"},
		"no one behind":   {502, "Bad Gateway", "says 502", "reverse proxy"},
		"nonsense":        {503, strings.Repeat("\x1b\x00", 9999), "is no collector", "stop it"},
		"elsewhere":       {302, "", "says 302", "stop it"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/healthz" {
				t.Errorf("%s: it asked for %s", name, r.URL)
			}
			rw.Header().Set("Location", "http://127.0.0.1:1/")
			rw.WriteHeader(tt.status)
			_, _ = rw.Write([]byte(tt.text))
		}))
		d := w.asked("--listen", s.Listener.Addr().String())
		s.Close()
		is := slices.ContainsFunc(d.of("listen", wrong), func(f finding) bool {
			return strings.Contains(f.Found, tt.found) && strings.Contains(f.Do, tt.remedied)
		})
		if !is || !slices.Equal(d.bad(), []string{"listen"}) {
			t.Errorf("%s: %+v", name, d.of("listen", wrong))
		}
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	w.must(err)
	go func() { // says what no server of web pages says
		if c, err := l.Accept(); err == nil {
			_, _ = c.Read(make([]byte, 1)) // net/http has no words for one that speaks first
			_, _ = c.Write([]byte("SSH-2.0-x\r\n"))
			_ = c.Close()
		}
	}()
	if d := w.asked("--listen", l.Addr().String()); !slices.Equal(d.bad(), []string{"listen"}) {
		t.Errorf("%+v", d.Checks)
	}
	w.must(l.Close())
}

// docs/operations.md lists each check that doctor makes, and no other.
func TestTheOperationsPageListsEachCheckOfDoctor(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	runIn(w, `INSERT INTO website (organisation, kind, name, url, contact, rules, every_days, open, added_on, next_on) VALUES (1, 'page', 'x', 'https://x.example/', '', '{"url":"https://x.example/","mode":"browser"}', 7, 0, '2026-01-01', '2099-01-01')`)
	seen := map[string]bool{}
	for _, args := range [][]string{{"--acme-host", "localhost", "--acme-directory", "https://127.0.0.1:1/"}, {"--data", w.file("none")}} {
		for _, f := range w.asked(args...).Checks {
			seen[f.Check] = true
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	w.must(err)
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z ]+)` \\|.*\\|$").FindAllSubmatch(page, -1) {
		listed[string(row[1])] = true
	}
	if !maps.Equal(seen, listed) {
		t.Errorf("the page lists %v\nand doctor makes %v", slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(seen)))
	}
}
