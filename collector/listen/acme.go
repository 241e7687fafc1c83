package listen

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/net/idna"
)

// ACME says from where certificates are to be had, by the protocol of RFC 8555.
type ACME struct {
	Hosts     []string // names of this collector; each gets its own certificate
	Email     string   // where the authority may warn; may be empty
	Directory string   // URL of the authority; empty: Let's Encrypt
	CA        string   // PEM file of those whom the authority's own TLS is trusted by; empty: the system's
	Folder    string   // keeps account, keys, certificates; made with mode 0700
}

const (
	refresh    = 10 * time.Minute // autocert renews on its own; this is how soon we see it
	firstRetry = 5 * time.Minute  // and then twice as long each time: Let's Encrypt allows five failures an hour
	lastRetry  = time.Hour
)

// Issuer has certificates issued by an ACME authority and renewed by it, a third of their life before their end. The authority proves
// that we are who we say by a connection to port 443 of each host (TLS-ALPN-01, RFC 8737), so it must reach us there. HTTP-01, which
// needs a second open port, is not offered. To use it is to accept the authority's terms.
//
// A handshake never causes an order: strangers could then use up what the authority allows, and each would wait here for minutes.
type Issuer struct {
	hosts   []string
	ca      *x509.CertPool // nil: the system's
	url     string
	manager *autocert.Manager
	log     *slog.Logger

	mu   sync.RWMutex
	have map[string]*tls.Certificate // by host
}

// NewIssuer checks what is asked for, and makes the folder. No certificate is there before Run.
func NewIssuer(a ACME, log *slog.Logger) (*Issuer, error) {
	i := &Issuer{log: log, have: make(map[string]*tls.Certificate), url: a.Directory}
	if i.url == "" {
		i.url = autocert.DefaultACMEDirectory
	}
	if u, err := url.Parse(i.url); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the ACME directory %q is not an https:// address", i.url)
	}
	for _, host := range a.Hosts {
		name, err := hostname(host)
		if err != nil {
			return nil, err
		}
		i.hosts = append(i.hosts, name)
	}
	if len(i.hosts) == 0 {
		return nil, errors.New("no host name to have a certificate for")
	}
	if a.CA != "" {
		pem, err := os.ReadFile(a.CA)
		if err != nil {
			return nil, fmt.Errorf("read the ACME authority's certificate: %w", err)
		}
		if i.ca = x509.NewCertPool(); !i.ca.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("there is no certificate in %s", a.CA)
		}
	}
	if err := os.MkdirAll(a.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of certificates: %w", err)
	}
	i.manager = &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(a.Folder), HostPolicy: autocert.HostWhitelist(i.hosts...), Email: a.Email,
	}
	return i, nil
}

// hostname is a host as it stands in a handshake.
func hostname(host string) (string, error) {
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil {
		return "", fmt.Errorf("%q is not a host name: %w", host, err)
	}
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(strings.Trim(name, "."), ".") {
		return "", fmt.Errorf("%q is not a full host name like veille.example.org", host)
	}
	return name, nil
}

// Config is the encryption with these certificates.
func (i *Issuer) Config() *tls.Config { return config(i.certificate, acme.ALPNProto) }

// DaysLeft is how long the certificate that expires first is valid; it is unknown as long as a host has none.
func (i *Issuer) DaysLeft() (days float64, known bool) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	for _, host := range i.hosts {
		pair := i.have[host]
		if pair == nil {
			return 0, false
		}
		if left := daysLeft(pair.Leaf); !known || left < days {
			days, known = left, true
		}
	}
	return days, known
}

// certificate is one that we have, or the answer to the authority's question.
func (i *Issuer) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto {
		return i.manager.GetCertificate(hello)
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	if pair := i.have[strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))]; pair != nil {
		return pair, nil
	}
	return nil, errors.New("there is no certificate for this host")
}

// Run has certificates issued, and takes those into use that were renewed, until ctx ends. Serve must be running, as the authority asks
// it. What fails is logged and tried again, later each time. Run must not be called twice.
func (i *Issuer) Run(ctx context.Context) {
	i.manager.Client = &acme.Client{
		DirectoryURL: i.url, UserAgent: "veille-collector", HTTPClient: i.client(ctx),
		RetryBackoff: func(n int, _ *http.Request, _ *http.Response) time.Duration {
			if ctx.Err() != nil || n > 5 {
				return -1 // no more
			}
			return time.Second << n
		},
	}
	for retry := firstRetry; ; {
		wait := refresh
		if err := i.obtain(ctx); err != nil {
			wait, retry = retry, min(2*retry, lastRetry)
			if ctx.Err() == nil {
				i.log.WarnContext(ctx, "no certificate yet, it will be tried again", "err", err, "in_min", wait.Minutes())
			}
		} else {
			retry = firstRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// obtain gives each host the newest certificate there is, and has one issued where there is none.
func (i *Issuer) obtain(ctx context.Context) error {
	var errs []error
	for _, host := range i.hosts {
		pair, err := i.manager.GetCertificate(&tls.ClientHelloInfo{
			ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, // an ECDSA key: quick, and all of today understand it
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("have a certificate issued for %s by %s: %w", host, i.url, err))
			continue
		}
		i.mu.Lock()
		before := i.have[host]
		i.have[host] = pair
		i.mu.Unlock()
		if before == nil || !before.Leaf.Equal(pair.Leaf) {
			i.log.InfoContext(ctx, "certificate in use", "host", host, "days_left", int(daysLeft(pair.Leaf)))
		} else if int(daysLeft(before.Leaf)) != int((daysLeft(before.Leaf) + refresh.Hours()/24)) { // once a day
			tell(ctx, i.log, pair.Leaf) // autocert says nothing of a renewal that fails
		}
	}
	return errors.Join(errs...)
}

// client speaks to the authority, until ctx ends.
func (i *Issuer) client(ctx context.Context) *http.Client {
	base := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{RootCAs: i.ca, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
	context.AfterFunc(ctx, base.CloseIdleConnections)
	return &http.Client{Transport: &stoppable{base: base, until: ctx}, Timeout: time.Minute}
}

// stoppable ends requests when told to: autocert's own have no context of ours.
type stoppable struct {
	base  *http.Transport
	until context.Context
}

// RoundTrip does one request.
func (s *stoppable) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	unhook := context.AfterFunc(s.until, cancel)
	answer, err := s.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		unhook()
		cancel()
		return nil, err
	}
	answer.Body = &ending{ReadCloser: answer.Body, end: func() { unhook(); cancel() }}
	return answer, nil
}

// ending is a body that tells when it is closed.
type ending struct {
	io.ReadCloser
	end func()
}

// Close closes the body.
func (e *ending) Close() error {
	defer e.end()
	return e.ReadCloser.Close()
}
