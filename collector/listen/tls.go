package listen

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"time"
)

// Certificates are what encryption needs: from Files or from an Issuer.
type Certificates interface {
	Config() *tls.Config
	DaysLeft() (days float64, known bool) // until the first of them expires; negative afterwards
}

// soon is how many days before its end a certificate that is not renewed is told of: less than what is left when certbot and
// autocert renew one of 90 days, which is 30.
const soon = 14

// config is the encryption that we offer: TLS 1.2 with forward secrecy and authenticated ciphers only, or TLS 1.3. Tickets let an agent
// resume without a second proof of the key; Go makes their keys and changes them every day.
func config(get func(*tls.ClientHelloInfo) (*tls.Certificate, error), protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: get,
		NextProtos:     append([]string{"h2", "http/1.1"}, protocols...),
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are all sound, and Go chooses
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}

func daysLeft(leaf *x509.Certificate) float64 { return time.Until(leaf.NotAfter).Hours() / 24 }

// tell logs a certificate that has expired or soon will.
func tell(ctx context.Context, log *slog.Logger, leaf *x509.Certificate) {
	days := int(daysLeft(leaf))
	switch {
	case time.Now().After(leaf.NotAfter):
		log.ErrorContext(ctx, "the certificate has expired, agents and browsers will refuse it: renew it", "expired_on", leaf.NotAfter.UTC().Format(time.DateOnly))
	case time.Now().Before(leaf.NotBefore):
		log.ErrorContext(ctx, "the certificate is not valid yet: look at this machine's clock", "valid_from", leaf.NotBefore.UTC().Format(time.DateOnly))
	case days < soon:
		log.WarnContext(ctx, "the certificate expires soon: renew it", "days_left", days)
	}
}
