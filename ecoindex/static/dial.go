package static

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"veille/ecoindex/web"
)

// transport is how all the requests of a Measurer leave. It never undoes a compression: what is transferred is what
// is counted.
func (o Options) transport() *http.Transport {
	dialer := net.Dialer{Timeout: o.RequestTimeout, KeepAlive: 15 * time.Second}
	t := &http.Transport{
		DialContext:            web.Reach{Private: o.AllowPrivate, Hosts: o.AllowHosts}.Dial(dialer),
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        10 * time.Second,
		MaxIdleConnsPerHost:    connections,
		MaxConnsPerHost:        connections,
		MaxResponseHeaderBytes: 256 << 10,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if o.AllowPrivate { // else no proxy: it would connect in our place, and nobody would look at the address
		t.Proxy = http.ProxyFromEnvironment
	}
	return t
}
