package static

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// Code is the cause of a page not being measured, one word that scripts may rely on.
type Code string

// The causes.
const (
	CodeURL       Code = "url"       // not an address of a web page
	CodeDNS       Code = "dns"       // the name has no address
	CodeConnect   Code = "connect"   // nobody answers at the address
	CodeTLS       Code = "tls"       // the secure connection was refused
	CodeTimeout   Code = "timeout"   // the answer was too slow
	CodeStatus    Code = "status"    // an answer other than 200
	CodeMIME      Code = "mime"      // not an HTML page
	CodePrivate   Code = "private"   // an address inside a private network
	CodeRedirects Code = "redirects" // sent elsewhere too many times, or to nowhere
	CodeSize      Code = "size"      // larger than the limits
	CodeAnswer    Code = "answer"    // not a readable answer
	CodeCancelled Code = "cancelled" // stopped by the caller
)

// Error says why a page could not be measured: what was tried, on what, why not, and what to do.
type Error struct {
	Code Code
	URL  string
	Text string // why not, and after a semicolon what to do
	Err  error  // what was behind it; may be nil
}

// Error is the whole sentence.
func (e *Error) Error() string { return "measure " + e.URL + ": " + e.Text }

// Unwrap is what was behind it.
func (e *Error) Unwrap() error { return e.Err }

// problem makes an Error of u.
func problem(code Code, u *url.URL, err error, format string, args ...any) *Error {
	return &Error{Code: code, URL: u.String(), Text: fmt.Sprintf(format, args...), Err: err}
}

// explain turns what the network answered into an Error: the first cause that fits.
func explain(u *url.URL, err error) *Error {
	var known *Error
	var private *privateError
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled):
		return problem(CodeCancelled, u, err, "stopped before the page was measured; start again")
	case errors.As(err, &private):
		return problem(CodePrivate, u, err, "%v, which is not on the public internet; measure it from a machine of its network, or allow private addresses", private)
	case errors.As(err, &dns):
		return problem(CodeDNS, u, err, "the name %q has no address (%s); check its spelling and the network", dns.Name, dns.Err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return problem(CodeTimeout, u, err, "no complete answer in time; try again, or allow more time")
	case isTLS(err):
		return problem(CodeTLS, u, err, "no secure connection (%v); check the certificate of the site", cause(err))
	case isDial(err):
		return problem(CodeConnect, u, err, "no connection (%v); check that the server runs and the port is right", cause(err))
	}
	return problem(CodeAnswer, u, err, "the answer could not be read (%v); look at it with a browser", cause(err))
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
