package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"veille/ecoindex/web"
)

// wantAdvice wants a reason to say what is wrong, and after a semicolon what to do.
func wantAdvice(t *testing.T, f *failure) {
	t.Helper()
	wrong, advice, ok := strings.Cut(f.text, "; ")
	if !ok || wrong == "" || advice == "" || strings.HasSuffix(advice, ".") || strings.Contains(f.text, "%!") || strings.Contains(f.text, "net::") {
		t.Errorf("%q does not say what is wrong; and what to do", f.text)
	}
}

// The names are those of net/base/net_error_list.h of Chromium that the page's own request may end with.
func TestEachNetworkErrorOfChromiumHasItsCause(t *testing.T) {
	for code, names := range map[web.Code][]string{
		web.CodeDNS: {
			"ERR_NAME_NOT_RESOLVED", "ERR_NAME_RESOLUTION_FAILED", "ERR_DNS_MALFORMED_RESPONSE", "ERR_DNS_SERVER_FAILED", "ERR_DNS_TIMED_OUT",
			"ERR_DNS_SEARCH_EMPTY", "ERR_DNS_NO_MATCHING_SUPPORTED_ALPN", "ERR_ICANN_NAME_COLLISION",
		},
		web.CodeConnect: {
			"ERR_CONNECTION_REFUSED", "ERR_CONNECTION_FAILED", "ERR_ADDRESS_INVALID", "ERR_ADDRESS_UNREACHABLE", "ERR_INTERNET_DISCONNECTED",
			"ERR_NETWORK_CHANGED", "ERR_NETWORK_ACCESS_DENIED", "ERR_PROXY_CONNECTION_FAILED", "ERR_TUNNEL_CONNECTION_FAILED",
			"ERR_SOCKS_CONNECTION_FAILED", "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE",
		},
		web.CodeTLS: {
			"ERR_CERT_AUTHORITY_INVALID", "ERR_CERT_DATE_INVALID", "ERR_CERT_COMMON_NAME_INVALID", "ERR_CERT_REVOKED", "ERR_CERT_INVALID",
			"ERR_CERT_WEAK_SIGNATURE_ALGORITHM", "ERR_CERT_WEAK_KEY", "ERR_CERT_VALIDITY_TOO_LONG", "ERR_CERT_NAME_CONSTRAINT_VIOLATION",
			"ERR_CERT_SYMANTEC_LEGACY", "ERR_CERT_KNOWN_INTERCEPTION_BLOCKED", "ERR_CERT_UNABLE_TO_CHECK_REVOCATION",
			"ERR_SSL_PROTOCOL_ERROR", "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "ERR_SSL_OBSOLETE_CIPHER", "ERR_SSL_CLIENT_AUTH_CERT_NEEDED",
			"ERR_SSL_UNRECOGNIZED_NAME_ALERT", "ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN", "ERR_SSL_SERVER_CERT_BAD_FORMAT", "ERR_SSL_KEY_USAGE_INCOMPATIBLE",
			"ERR_BAD_SSL_CLIENT_AUTH_CERT", "ERR_TLS13_DOWNGRADE_DETECTED", "ERR_ECH_NOT_NEGOTIATED", "ERR_INSECURE_RESPONSE",
			"ERR_QUIC_HANDSHAKE_FAILED", "ERR_QUIC_CERT_ROOT_NOT_KNOWN",
		},
		web.CodeTimeout: {"ERR_CONNECTION_TIMED_OUT", "ERR_TIMED_OUT", "ERR_HTTP2_PING_FAILED"},
		web.CodeRedirects: {
			"ERR_TOO_MANY_REDIRECTS", "ERR_UNSAFE_REDIRECT", "ERR_INVALID_REDIRECT", "ERR_UNKNOWN_URL_SCHEME", "ERR_DISALLOWED_URL_SCHEME",
		},
		web.CodeAnswer: {
			"ERR_CONNECTION_RESET", "ERR_CONNECTION_CLOSED", "ERR_CONNECTION_ABORTED", "ERR_EMPTY_RESPONSE", "ERR_INVALID_RESPONSE",
			"ERR_INVALID_HTTP_RESPONSE", "ERR_CONTENT_LENGTH_MISMATCH", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_INVALID_CHUNKED_ENCODING",
			"ERR_CONTENT_DECODING_FAILED", "ERR_CONTENT_DECODING_INIT_FAILED", "ERR_RESPONSE_HEADERS_TRUNCATED",
			"ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH", "ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION", "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION",
			"ERR_HTTP2_PROTOCOL_ERROR", "ERR_HTTP2_COMPRESSION_ERROR", "ERR_HTTP2_SERVER_REFUSED_STREAM", "ERR_HTTP_1_1_REQUIRED",
			"ERR_TOO_MANY_RETRIES", "ERR_FAILED", "ERR_UNEXPECTED", "ERR_CACHE_MISS", "ERR_SOMETHING_NEW",
		},
		web.CodeSize:   {"ERR_RESPONSE_HEADERS_TOO_BIG", "ERR_INSUFFICIENT_RESOURCES", "ERR_OUT_OF_MEMORY"},
		web.CodeRobots: {"ERR_BLOCKED_BY_RESPONSE", "ERR_BLOCKED_BY_CLIENT"},
		web.CodeClosed: {"ERR_ABORTED"},
	} {
		for _, name := range names {
			got := networkFailure("net::" + name)
			if got.code != code || !strings.Contains(got.text, "("+name+")") {
				t.Errorf("%s has the cause %s, %q; want %s and its name", name, got.code, got.text, code)
			}
			wantAdvice(t, got)
			if without := networkFailure(name); *without != *got {
				t.Errorf("%s without its prefix is %+v; want %+v", name, without, got)
			}
		}
	}
}

func TestEachCauseIsReachedByAllItsNames(t *testing.T) {
	for i, c := range causes() {
		if strings.Count(c.text, "%") != 1 || strings.Count(c.text, "(%s)") != 1 {
			t.Errorf("%q does not take one name", c.text)
		}
		for _, name := range c.names {
			if got := networkFailure(name); got.code != c.code || got.text != fmt.Sprintf(c.text, name) {
				t.Errorf("%s of cause %d gives %+v; another cause takes it first", name, i, got)
			}
		}
	}
}

func TestOnlyAnHTMLPageAnswered200IsMeasured(t *testing.T) {
	header := func(list ...string) map[string]string {
		all := map[string]string{}
		for i := 0; i < len(list); i += 2 {
			all[list[i]] = list[i+1]
		}
		return all
	}
	html := header("Content-Type", "text/html")
	for _, tt := range []struct {
		name   string
		answer response
		code   web.Code // none when it is measured
		want   string   // in the text
	}{
		{"a page", response{Status: 200, Headers: html}, "", ""},
		{"a page with its charset", response{Status: 200, Headers: header("content-type", "text/html; charset=utf-8")}, "", ""},
		{"a page in capitals", response{Status: 200, Headers: header("CONTENT-TYPE", "Text/HTML;Charset=UTF-8")}, "", ""},
		{"a page to show", response{Status: 200, Headers: header("content-type", "text/html", "content-disposition", "inline; filename=attachment.html")}, "", ""},
		{"a page of a service that watches", response{Status: 200, Headers: header("content-type", "text/html", "x-datadome", "protected", "cf-mitigated", "challenge")}, "", ""},

		{"created", response{Status: 201, Headers: html}, web.CodeStatus, "201 Created"},
		{"no content", response{Status: 204}, web.CodeStatus, "204 No Content"},
		{"a part", response{Status: 206, Headers: html}, web.CodeStatus, "206 Partial Content"},
		{"a redirect to nowhere", response{Status: 302, Headers: html}, web.CodeStatus, "302 Found"},
		{"not modified", response{Status: 304, Headers: html}, web.CodeStatus, "304 Not Modified"},
		{"a password", response{Status: 401, Headers: header("content-type", "text/html", "www-authenticate", "Basic")}, web.CodeStatus, "401 Unauthorized"},
		{"forbidden", response{Status: 403, Headers: html}, web.CodeStatus, "403 Forbidden"},
		{"not there", response{Status: 404, Headers: html}, web.CodeStatus, "404 Not Found"},
		{"not there, says a PDF", response{Status: 404, Headers: header("content-type", "application/pdf")}, web.CodeStatus, "404 Not Found"},
		{"an error", response{Status: 500, Headers: html}, web.CodeStatus, "500 Internal Server Error"},
		{"busy", response{Status: 503, Headers: header("content-type", "text/html", "retry-after", "60")}, web.CodeStatus, "503 Service Unavailable"},
		{"nothing at all", response{}, web.CodeStatus, "answered 0 "},

		{"Cloudflare", response{Status: 403, Headers: header("content-type", "text/html", "CF-Mitigated", "challenge")}, web.CodeRobots, "403 Forbidden"},
		{"Cloudflare, of old", response{Status: 503, Headers: header("cf-mitigated", "challenge")}, web.CodeRobots, "503 Service Unavailable"},
		{"a service that says on every answer that it is there", response{Status: 403, Headers: header("X-DataDome", "protected")}, web.CodeStatus, "403 Forbidden"},
		{"DataDome, of an API", response{Status: 401, Headers: header("x-dd-b", "1")}, web.CodeRobots, "401 Unauthorized"},
		{"Sucuri", response{Status: 403, Headers: header("X-Sucuri-Block", "BOT")}, web.CodeRobots, "403 Forbidden"},
		{"Amazon's puzzle", response{Status: 405, Headers: header("x-amzn-waf-action", "captcha")}, web.CodeRobots, "405 Method Not Allowed"},
		{"PerimeterX", response{Status: 429, Headers: header("x-px-block", "1")}, web.CodeRobots, "429 Too Many Requests"},
		{"the firewall of Amazon, which accepts", response{Status: 202, Headers: header("X-Amzn-Waf-Action", "challenge")}, web.CodeRobots, "202 Accepted"},
		{"a page that is not there is no wall", response{Status: 404, Headers: header("cf-mitigated", "challenge", "x-datadome", "protected")}, web.CodeStatus, "404 Not Found"},
		{"an error is no wall", response{Status: 502, Headers: header("x-iinfo", "9-1-1 NNNN")}, web.CodeStatus, "502 Bad Gateway"},
		{"an empty field is no wall", response{Status: 403, Headers: header("cf-mitigated", "")}, web.CodeStatus, "403 Forbidden"},

		{"a PDF", response{Status: 200, Headers: header("content-type", "application/pdf")}, web.CodeMIME, `"application/pdf"`},
		{"text", response{Status: 200, Headers: header("content-type", "text/plain; charset=utf-8")}, web.CodeMIME, `"text/plain; charset=utf-8"`},
		{"XHTML", response{Status: 200, Headers: header("content-type", "application/xhtml+xml")}, web.CodeMIME, `"application/xhtml+xml"`},
		{"JSON", response{Status: 200, Headers: header("content-type", "application/json")}, web.CodeMIME, `"application/json"`},
		{"of no type", response{Status: 200, MIME: "text/html"}, web.CodeMIME, `""`},
		{"a file", response{Status: 200, Headers: header("content-type", "text/html", "content-disposition", "attachment")}, web.CodeMIME, "a file to download"},
		{"a file with its name", response{Status: 200, Headers: header("content-type", "application/zip", "Content-Disposition", "Attachment; filename=a.zip")}, web.CodeMIME, "a file to download"},
	} {
		got := refuse(&tt.answer)
		if tt.code == "" {
			if got != nil {
				t.Errorf("%s is refused: %+v", tt.name, got)
			}
			continue
		}
		if got == nil || got.code != tt.code || !strings.Contains(got.text, tt.want) {
			t.Errorf("%s: the reason is %+v; want %s and %q", tt.name, got, tt.code, tt.want)
			continue
		}
		wantAdvice(t, got)
	}
}

func TestAConnectionThatTheGuardDidNotMakeSaysWhy(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, tt := range []struct {
		err  error
		code web.Code
		want string
	}{
		{dial(&web.PrivateError{Address: "10.0.0.1:80"}), web.CodePrivate, "it leads to 10.0.0.1:80, which is not on the public internet"},
		{dial(&net.DNSError{Err: "no such host", Name: "none.example", IsNotFound: true}), web.CodeDNS, `the name "none.example" has no address (no such host)`},
		{dial(os.ErrDeadlineExceeded), web.CodeTimeout, "no answer in time"},
		{dial(context.DeadlineExceeded), web.CodeTimeout, "no answer in time"},
		{dial(syscall.ECONNREFUSED), web.CodeConnect, "connection refused"},
		{errors.New("no route"), web.CodeConnect, "no route"},
	} {
		got := refused(tt.err)
		if got.code != tt.code || !strings.Contains(got.text, tt.want) {
			t.Errorf("%v gives %+v; want %s and %q", tt.err, got, tt.code, tt.want)
		}
		wantAdvice(t, got)
	}
}
