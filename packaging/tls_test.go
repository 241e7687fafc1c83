package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// collectorHasTLS gives the collector in the house a certificate in files that only root may read, as the comments in its settings say.
func collectorHasTLS(h *house) {
	h.t.Helper()
	certificate, key := selfSigned(h.t)
	for name, text := range map[string]string{"/etc/veille/cert.pem": certificate, "/etc/veille/key.pem": key} {
		if err := os.WriteFile(h.root+name, []byte(text), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	h.do("mkdir", "-p", "/etc/systemd/system/veille-collector.service.d")
	h.write("/etc/systemd/system/veille-collector.service.d/tls.conf", "[Service]\nLoadCredential=cert:/etc/veille/cert.pem\nLoadCredential=key:/etc/veille/key.pem\n")
	const credentials = "/run/credentials/veille-collector.service/"
	h.write("/etc/veille/collector.conf", "listen = :8443\ntls-cert = "+credentials+"cert\ntls-key = "+credentials+"key\n")
	h.do("systemctl", "daemon-reload")
	h.do("systemctl", "restart", "veille-collector")
	h.until("the collector answers encrypted", 30*time.Second, func() bool {
		said, err := h.try("python3", "-c", "import ssl, urllib.request; print(urllib.request.urlopen('https://127.0.0.1:8443/healthz', "+
			"context=ssl.create_default_context(cafile='/etc/veille/cert.pem')).read().decode())")
		return err == nil && strings.TrimSpace(said) == "ok"
	})
	h.do("rm", "-r", "/etc/systemd/system/veille-collector.service.d", "/etc/veille/cert.pem", "/etc/veille/key.pem")
	h.write("/etc/veille/collector.conf", "")
	h.do("systemctl", "daemon-reload")
}

// selfSigned is a certificate of 127.0.0.1 for an hour, and its key.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, body []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: body}))
	}
	return block("CERTIFICATE", signed), block("PRIVATE KEY", hidden)
}
