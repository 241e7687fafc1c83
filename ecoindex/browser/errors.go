package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"veille/ecoindex/web"
)

// cause tells the network errors of Chromium by the beginning of their names. The first that fits is taken.
type cause struct {
	code  web.Code
	names []string
	text  string // what is wrong and what to do; %s is the name
}

func causes() []cause {
	return []cause{
		{web.CodeDNS, []string{"ERR_NAME_", "ERR_DNS_", "ERR_ICANN_", "ERR_HOST_RESOLVER_"}, "the name has no address (%s); check its spelling and the network"},
		{web.CodeTimeout, []string{"ERR_TIMED_OUT", "ERR_CONNECTION_TIMED_OUT", "ERR_HTTP2_PING_FAILED"}, "no answer in time (%s); try again, or allow more time"},
		{
			web.CodeTLS,
			[]string{"ERR_CERT_", "ERR_SSL_", "ERR_BAD_SSL_", "ERR_TLS", "ERR_INSECURE_RESPONSE", "ERR_ECH_", "ERR_CERTIFICATE_", "ERR_NO_SSL_", "ERR_CLIENT_AUTH_", "ERR_ALPN_", "ERR_INVALID_ECH_", "ERR_HTTP2_INADEQUATE_TRANSPORT_SECURITY", "ERR_QUIC_HANDSHAKE_", "ERR_QUIC_CERT_"},
			"no secure connection (%s); check the certificate of the site",
		},
		{web.CodeRedirects, []string{"ERR_TOO_MANY_REDIRECTS", "ERR_UNSAFE_REDIRECT", "ERR_INVALID_REDIRECT"}, "redirected too many times, or to where no page is (%s); look where the server sends its readers"},
		{web.CodeRedirects, []string{"ERR_UNKNOWN_URL_SCHEME", "ERR_DISALLOWED_URL_SCHEME"}, "sent to where no page is (%s); look where the server sends its readers"},
		{web.CodeURL, []string{"ERR_UNSAFE_PORT", "ERR_INVALID_URL"}, "no browser connects to such an address (%s); serve the page on another port"},
		{
			web.CodeConnect,
			[]string{"ERR_CONNECTION_REFUSED", "ERR_ADDRESS_", "ERR_CONNECTION_FAILED", "ERR_INTERNET_DISCONNECTED", "ERR_SOCKS_", "ERR_PROXY_", "ERR_TUNNEL_", "ERR_NETWORK_"},
			"no connection (%s); check that the server runs and the port is right",
		},
		{web.CodeRobots, []string{"ERR_BLOCKED_BY_"}, "the browser was kept from the page (%s); look at it with a browser"},
		{web.CodeClosed, []string{"ERR_ABORTED"}, "the page gave itself up (%s); look at it with a browser"},
		{web.CodeSize, []string{"ERR_INSUFFICIENT_RESOURCES", "ERR_OUT_OF_MEMORY", "ERR_RESPONSE_HEADERS_TOO_BIG", "ERR_MSG_TOO_BIG"}, "larger than a browser takes (%s); look at what the server sends"},
	}
}

// networkFailure turns a name such as net::ERR_NAME_NOT_RESOLVED into the reason of a failure.
func networkFailure(name string) *failure {
	short := strings.TrimPrefix(name, "net::")
	for _, c := range causes() {
		for _, beginning := range c.names {
			if strings.HasPrefix(short, beginning) {
				return &failure{c.code, fmt.Sprintf(c.text, short)}
			}
		}
	}
	return &failure{web.CodeAnswer, fmt.Sprintf("the answer could not be read (%s); look at it with a browser", short)}
}

// brokenOff is the failure of a page whose own request ended too early.
func brokenOff(answer *response, name string) *failure {
	if problem := refuse(answer); problem != nil {
		return problem
	}
	return networkFailure(name)
}

// refuse says why an answer is not a page to measure: the reference wants a status of exactly 200 and text/html.
func refuse(r *response) *failure {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status)))
	kind := r.header("Content-Type")
	switch {
	case r.Status != http.StatusOK && isWall(r):
		return &failure{web.CodeRobots, fmt.Sprintf("the site keeps robots away (%s, with a challenge for people); ask its webmaster to let this measure in", status)}
	case r.Status != http.StatusOK:
		return &failure{web.CodeStatus, fmt.Sprintf("the server answered %s and only a page answered 200 is measured; check the address, and whether the site refuses robots", status)}
	case strings.HasPrefix(strings.ToLower(r.header("Content-Disposition")), "attachment"):
		return &failure{web.CodeMIME, "the server sent a file to download and only pages are measured; give the address of a page"}
	case !strings.Contains(strings.ToLower(kind), "text/html"):
		return &failure{web.CodeMIME, fmt.Sprintf("the server answered a document of type %q and only text/html is measured; give the address of a page", kind)}
	}
	return nil
}

// isWall says whether an answer is the challenge of a service that tells people from programs.
func isWall(r *response) bool {
	switch r.Status {
	case http.StatusAccepted, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusMethodNotAllowed:
	default:
		return false
	}
	for _, name := range []string{"cf-mitigated", "x-dd-b", "x-sucuri-block", "x-amzn-waf-action", "x-px-block"} {
		if r.header(name) != "" {
			return true
		}
	}
	return false
}

// explain turns what ended a visit into an error for people.
func (t *tab) explain(u *url.URL, err error) *web.Error {
	if known, ok := errors.AsType[*web.Error](err); ok {
		return known
	}
	if cause := context.Cause(t.ctx); cause != nil && !errors.Is(err, errGone) {
		err = cause
	}
	problem := web.Problem(web.CodeAnswer, u, err, "the browser refused a command (%v); measure it again", err)
	if reason, ok := errors.AsType[*failure](err); ok {
		problem = web.Problem(reason.code, u, nil, "%s", reason.text)
	}
	switch {
	case errors.Is(err, errGone):
		problem = web.Problem(web.CodeCrash, u, err, "the browser ended while it measured the page; measure it again, alone")
	case errors.Is(err, context.DeadlineExceeded):
		problem = web.Problem(web.CodeTimeout, u, err, "%s", t.late())
	case errors.Is(err, context.Canceled):
		problem = web.Problem(web.CodeCancelled, u, err, "stopped before the page was measured; start again")
	}
	return problem
}

// late says what the page was waited for when time was up.
func (t *tab) late() string {
	waits := look(t, func() string {
		for _, e := range t.ledger.entries {
			if e.open() {
				return "; the first request without an end is " + e.url
			}
		}
		return ", and its scripts leave no time to look at it"
	})
	return "not complete in time" + waits + "; try again, or allow more time"
}

// failed is explain, with a picture of what was shown.
func (t *tab) failed(u *url.URL, err error) error {
	problem := t.explain(u, err)
	if problem.Code != web.CodeCancelled && problem.Code != web.CodeCrash && problem.Code != web.CodeMemory {
		problem.Screenshot = t.screenshot()
	}
	return problem
}

// screenshot is a PNG of what the page shows, or nil when it shows nothing.
func (t *tab) screenshot() []byte {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), 3*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		var picture struct {
			Data []byte `json:"data"`
		}
		err := t.call(ctx, t.session, "Page.captureScreenshot", values{"format": "png"}, &picture)
		if refused, ok := errors.AsType[*commandError](err); !ok || !strings.Contains(refused.Message, "active page") {
			return picture.Data
		}
		select { // the answer is still on its way to the screen
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return nil
}

// crashed is the failure of a tab that ended.
func (t *tab) crashed() *failure {
	if t.overfed() {
		return &failure{web.CodeMemory, fmt.Sprintf("the browser took more than %d MB, and this page the most of it; measure fewer pages at once, or allow more", t.options.MaxMemory/1e6)}
	}
	return &failure{web.CodeCrash, "its tab crashed; measure it again, and look at it with a browser"}
}

// blame is the failure of the page's own request by a network error, which may be our own refusal.
func (t *tab) blame(name string) error {
	last := look(t, func() string {
		if len(t.ledger.entries) == 0 {
			return ""
		}
		return t.ledger.entries[len(t.ledger.entries)-1].url
	})
	if err := t.refusal(last); err != nil {
		return refused(err)
	}
	return networkFailure(name)
}

// refusal is why the guard made no connection to the host of an address, or nil.
func (t *tab) refusal(address string) error {
	if t.guard == nil {
		return nil
	}
	return t.guard.why(hostAndPort(address))
}

// hostAndPort is where an address is connected to; nothing where it is none.
func hostAndPort(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// refused turns a connection that the guard did not make into the reason of a failure.
func refused(err error) *failure {
	var dns *net.DNSError
	var network net.Error
	if private, ok := errors.AsType[*web.PrivateError](err); ok {
		return &failure{web.CodePrivate, private.Error() + ", which is not on the public internet; measure it from a machine of its network, or allow private addresses"}
	}
	switch {
	case errors.As(err, &dns):
		return &failure{web.CodeDNS, fmt.Sprintf("the name %q has no address (%s); check its spelling and the network", dns.Name, dns.Err)}
	case errors.As(err, &network) && network.Timeout():
		return &failure{web.CodeTimeout, "no answer in time; try again, or allow more time"}
	}
	return &failure{web.CodeConnect, fmt.Sprintf("no connection (%v); check that the server runs and the port is right", err)}
}
