package static

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"

	"veille/ecoindex/web"
)

// explain turns what the network answered into an Error: the first cause that fits.
func explain(u *url.URL, err error) *web.Error {
	var known *web.Error
	var private *web.PrivateError
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled):
		return web.Problem(web.CodeCancelled, u, err, "stopped before the page was measured; start again")
	case errors.As(err, &private):
		return web.Problem(web.CodePrivate, u, err, "%v, which is not on the public internet; measure it from a machine of its network, or allow private addresses", private)
	case errors.As(err, &dns):
		return web.Problem(web.CodeDNS, u, err, "the name %q has no address (%s); check its spelling and the network", dns.Name, dns.Err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return web.Problem(web.CodeTimeout, u, err, "no complete answer in time; try again, or allow more time")
	case isTLS(err):
		return web.Problem(web.CodeTLS, u, err, "no secure connection (%v); check the certificate of the site", cause(err))
	case isDial(err):
		return web.Problem(web.CodeConnect, u, err, "no connection (%v); check that the server runs and the port is right", cause(err))
	}
	return web.Problem(web.CodeAnswer, u, err, "the answer could not be read (%v); look at it with a browser", cause(err))
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) || errors.Is(err, http.ErrSchemeMismatch)
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// cause is err without the address, which the sentence already names.
func cause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
