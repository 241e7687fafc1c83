package hostile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"time"
)

// secure are the servers whose secure connection is not.
func secure() []Server {
	const authority = "net::ERR_CERT_AUTHORITY_INVALID"
	year := 365 * 24 * time.Hour
	loopback := net.IPv4(127, 0, 0, 1)
	return []Server{
		{
			Name: "a certificate signed by itself", About: "Nobody vouches for its certificate.",
			Code: "tls", Static: "tls", Chromium: authority,
			start: https(x509.Certificate{NotAfter: time.Now().Add(year), IPAddresses: []net.IP{loopback}}, &tls.Config{}),
		},
		{
			Name: "an expired certificate", About: "Its certificate ended a year ago.",
			Code: "tls", Static: "tls", Chromium: authority,
			start: https(x509.Certificate{NotAfter: time.Now().Add(-year), IPAddresses: []net.IP{loopback}}, &tls.Config{}),
		},
		{
			Name: "a certificate of another", About: "Its certificate is for another name.",
			Code: "tls", Static: "tls", Chromium: authority,
			start: https(x509.Certificate{NotAfter: time.Now().Add(year), DNSNames: []string{"name.invalid"}}, &tls.Config{}),
		},
		{
			Name: "a TLS of the last century", About: "It speaks TLS 1.0 only, of 1999.",
			Code: "tls", Static: "tls", Chromium: "net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
			start: https(x509.Certificate{NotAfter: time.Now().Add(year), IPAddresses: []net.IP{loopback}},
				&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}),
		},
		{
			Name: "no TLS at all", About: "It answers HTTP where a secure connection was asked for.",
			Code: "tls", Static: "tls", Chromium: "net::ERR_SSL_PROTOCOL_ERROR",
			start: func(h *host) string {
				return "https://" + h.sockets(func(c *conn) {
					_, _ = io.WriteString(c, head+"\r\n"+document(""))
				}) + "/"
			},
		},
		{
			Name: "a TLS handshake that hangs", About: "It takes the first message of the handshake and says nothing.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: func(h *host) string { return "https://" + h.sockets((*conn).wait) + "/" },
		},
		{
			Name: "a redirect to a bad certificate", About: "It redirects to a server for whose certificate nobody vouches.",
			Code: "tls", Static: "tls", Chromium: authority,
			start: func(h *host) string {
				unknown := https(x509.Certificate{NotAfter: time.Now().Add(year), IPAddresses: []net.IP{loopback}}, &tls.Config{})
				return web(site{"/": redirect(unknown(h))})(h)
			},
		},
	}
}

// https starts a secure server of one page. Its certificate follows the template and is signed by itself.
func https(template x509.Certificate, config *tls.Config) func(*host) string {
	return func(h *host) string {
		h.tb.Helper()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			h.tb.Fatal(err)
		}
		signed := template
		signed.SerialNumber = big.NewInt(1)
		signed.Subject = pkix.Name{CommonName: "harm"}
		signed.NotBefore = template.NotAfter.AddDate(-2, 0, 0)
		der, err := x509.CreateCertificate(rand.Reader, &signed, &signed, key.Public(), key)
		if err != nil {
			h.tb.Fatal(err)
		}
		secured := config.Clone()
		secured.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
		l := h.listen()
		h.serve(tls.NewListener(l, secured), page(document("")))
		return "https://" + l.Addr().String() + "/"
	}
}
