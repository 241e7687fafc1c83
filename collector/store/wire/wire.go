// Package wire is what all destinations share on their way to a server: a client of HTTP that cannot be led astray, what servers say of waiting,
// and points in line protocol.
package wire

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Client makes a client that follows no redirection, on which a POST would become a GET and lose what it carries. Idle connections are given up
// after half a minute: VictoriaMetrics closes them after one, and a write on one that was just closed would look like a failure. trusted may be nil;
// patience is how long an answer may take to begin; 0: as long as the request has time. One that has not ended ten minutes after it was asked for is given up.
func Client(trusted *tls.Config, patience time.Duration) *http.Client {
	return &http.Client{
		Timeout:       10 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:       trusted,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: patience,
			MaxIdleConnsPerHost:   8,
			IdleConnTimeout:       30 * time.Second,
			ForceAttemptHTTP2:     true,
		},
	}
}

// Authorities are the certificates, in PEM, of a file, in place of those of the system; nil where no file is named.
func Authorities(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // whoever starts the collector names it
	if err != nil {
		return nil, fmt.Errorf("read the certificates of --series-ca-file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("no certificate in PEM is in %s of --series-ca-file: it begins with -----BEGIN CERTIFICATE-----", file)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// RetryAfter is how long a header Retry-After says to wait: seconds, or a date. A day is the most that is believed; 0: it does not say.
func RetryAfter(header string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(strings.TrimSpace(header), 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), 24*time.Hour)
}

// InTheClear says, for people, that a secret goes unencrypted to another computer; "" where there is no secret, where the address begins with
// https://, and where it is of this computer.
func InTheClear(address, secret string) string {
	u, err := url.Parse(address)
	if err != nil || secret == "" || u.Scheme != "http" || loopback(u.Hostname()) {
		return ""
	}
	return fmt.Sprintf("the secret for %s goes there by http://, and whoever is on the way can read it and write or delete there by it: give the server a certificate, "+
		"write https:// in --series (and --series-ca-file for an authority of your own), then change the secret", u.Host)
}

func loopback(host string) bool {
	if host = strings.TrimSuffix(host, "."); strings.EqualFold(host, "localhost") {
		return true
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.Unmap().IsLoopback()
}
