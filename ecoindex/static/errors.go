package static

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"veille/ecoindex/web"
)

// explain turns what the network answered, or what the page was, into an Error: the first cause that fits.
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
		return web.Problem(web.CodeDNS, u, err, "the name %s has no address (%s); check its spelling and the network", quote(dns.Name), clean(dns.Err))
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return web.Problem(web.CodeTimeout, u, err, "no complete answer in time; try again, or allow more time")
	case isTLS(err):
		return web.Problem(web.CodeTLS, u, err, "no secure connection (%s); check the certificate of the site", cause(err))
	case isDial(err):
		return web.Problem(web.CodeConnect, u, err, "no connection (%s); check that the server runs and the port is right", cause(err))
	case errors.Is(err, errCopies):
		return web.Problem(web.CodeSize, u, err, "its elements are closed in such disorder that a parser may copy more than a million; close them in order")
	case errors.Is(err, errAttributes):
		return web.Problem(web.CodeSize, u, err, "one of its elements has more than %d attributes; look at its HTML", maxAttributes)
	}
	return web.Problem(web.CodeAnswer, u, err, "the answer could not be read (%s); look at it with a browser", cause(err))
}

// isTLS says whether the secure connection failed. What the other side says about it, as a server of another century
// does, comes as an error of the network.
func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var op *net.OpError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) || errors.Is(err, http.ErrSchemeMismatch) ||
		(errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"))
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// cause is err without the address, which the sentence already names.
func cause(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return clean(err.Error())
}

// refuse says why a response is not a page to measure: the reference wants a status of exactly 200 and text/html.
func refuse(u *url.URL, response *http.Response) error {
	kind := response.Header.Get("Content-Type")
	switch {
	case isWall(response.StatusCode, response.Header.Get):
		return web.Problem(web.CodeRobots, u, nil, "the site keeps robots away (%s, with a challenge for people); ask its webmaster to let this measure in", status(response.StatusCode))
	case response.StatusCode != http.StatusOK:
		answered := &web.StatusError{Status: response.StatusCode, RetryAfter: web.RetryAfter(response.Header)}
		return web.Problem(web.CodeStatus, u, answered, "the server answered %s and only a page answered 200 is measured; check the address, and whether the site refuses robots", status(response.StatusCode))
	case mime(kind) != "text/html":
		return web.Problem(web.CodeMIME, u, nil, "the server answered a document of type %s and only text/html is measured; give the address of a page", quote(kind))
	}
	return nil
}

// isWall says whether an answer is the challenge of a service that tells people from programs.
func isWall(status int, header func(string) string) bool {
	switch status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusMethodNotAllowed:
	default:
		return false
	}
	for _, name := range []string{"cf-mitigated", "x-datadome", "x-dd-b", "x-sucuri-block", "x-amzn-waf-action", "x-px-block", "x-iinfo"} {
		if header(name) != "" {
			return true
		}
	}
	return false
}

// status names a status in our words: those of the server could be anything.
func status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// The longest text of a server, and the longest address, that stands in a sentence.
const (
	maxQuote = 100
	maxClean = 200
)

// quote is a text of a server for a sentence: short, in quotes, and without what a terminal would obey.
func quote(text string) string { return strconv.Quote(shorten(text, maxQuote)) }

// clean is an address or an explanation for a sentence.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, shorten(text, maxClean))
}

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
