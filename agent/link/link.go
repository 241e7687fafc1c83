// Package link reaches the collector: through which proxy, trusting whom, and in how many bytes.
package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"
)

// Settings say how a collector is reached.
type Settings struct {
	Collector string        // its address: https, or http on this machine
	Proxy     string        // http://[name:password@]host:port; "none"; "": that of the environment, then the system's own
	CAFile    string        // PEM file of authorities that are trusted besides those of the system; "": none
	Pin       string        // see pins; "": none
	Timeout   time.Duration // of one request and its answer; 0: 30 s
}

// Bounds of what the network may take. A request is a few kilobytes.
const (
	usualTimeout     = 30 * time.Second
	dialTimeout      = 10 * time.Second // to the collector or the proxy
	handshakeTimeout = 10 * time.Second
	headerTimeout    = 20 * time.Second
	idleTimeout      = 30 * time.Second // an open connection would wake the machine up
	maxHeaderBytes   = 64 << 10
)

// Link is a way to a collector. It is safe for concurrent use.
type Link struct {
	Client *http.Client // follows no redirect: what it sends is for the collector alone
	way    way
	bytes  *traffic
}

// traffic is bytes, counted.
type traffic struct{ sent, received atomic.Int64 }

// New makes a link, and does not use it yet. It reads the file of authorities and the environment. Its errors never show the
// password of a proxy.
func New(s Settings) (*Link, error) {
	collector, err := url.Parse(s.Collector)
	if err != nil || !reachable(collector) {
		return nil, fmt.Errorf("the collector %q is not an https address, nor an http address on this machine", s.Collector)
	}
	if s.Pin != "" && collector.Scheme != "https" {
		return nil, errors.New("a collector without https has no certificate that could be pinned; remove the pin")
	}
	pins, err := parsePins(s.Pin)
	if err != nil {
		return nil, err
	}
	roots, err := authorities(s.CAFile)
	if err != nil {
		return nil, err
	}
	way, err := wayTo(collector, s.Proxy, os.Getenv, systemProxy)
	if err != nil {
		return nil, err
	}
	if s.Timeout <= 0 {
		s.Timeout = usualTimeout
	}
	l := &Link{way: way, bytes: new(traffic)}
	transport := l.transport()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, VerifyConnection: pins.check}
	l.Client = &http.Client{
		Transport:     advised{transport},
		Timeout:       s.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return l, nil
}

// reachable tells whether what is sent to a collector stays between it and us.
func reachable(collector *url.URL) bool {
	host := collector.Hostname()
	return host != "" && (collector.Scheme == "https" || collector.Scheme == "http" && loopback(host))
}

// transport is HTTP/1.1 over counted connections.
func (l *Link) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: -1} // no connection lives long enough to be probed
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  func(*http.Request) (*url.URL, error) { return l.way() },
		OnProxyConnectResponse: connected,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return counted{conn, l.bytes}, nil
		},
		Protocols:              &protocols,
		TLSHandshakeTimeout:    handshakeTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           1,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// Bytes is what went to the collector and what came from it since the link was made: all that was written to and read from
// its connections, encryption and the talk with a proxy included; without the headers of TCP and IP, names looked up, and
// what the system itself asks about certificates.
func (l *Link) Bytes() (sent, received int64) {
	return l.bytes.sent.Load(), l.bytes.received.Load()
}

// Proxy is the host and port of the proxy through which the collector is reached now, "" without one.
func (l *Link) Proxy() (string, error) {
	proxy, err := l.way()
	if err != nil || proxy == nil {
		return "", err
	}
	return proxy.Host, nil
}

// counted is a connection whose bytes are counted. It does not know its Link: what an interface may reach, the linker keeps.
type counted struct {
	net.Conn
	bytes *traffic
}

// Read reads, and counts.
func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.bytes.received.Add(int64(n))
	return n, err
}

// Write writes, and counts.
func (c counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.bytes.sent.Add(int64(n))
	return n, err
}

// advised adds to an error what a person can do about it.
type advised struct{ transport *http.Transport }

// RoundTrip is one request and its answer.
func (a advised) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := a.transport.RoundTrip(r)
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		switch cause := unverified.Err.(type) { //nolint:errorlint // it is the verdict itself, and asking for each kind is a kilobyte
		case x509.UnknownAuthorityError:
			err = fmt.Errorf("%w: this machine does not know who vouches for the collector; if it is an authority of your own, add --ca FILE with its certificate", err)
		case x509.CertificateInvalidError:
			if cause.Reason == x509.Expired {
				err = fmt.Errorf("%w: check the clock of this machine, and the certificate of the collector", err)
			}
		}
	}
	return response, err
}

// CloseIdleConnections is for the client's own.
func (a advised) CloseIdleConnections() { a.transport.CloseIdleConnections() }
