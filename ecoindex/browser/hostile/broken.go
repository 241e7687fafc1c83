package hostile

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// broken are the servers that do not speak HTTP to the end.
func broken() []Server {
	const invalid = "net::ERR_INVALID_HTTP_RESPONSE"
	return []Server{
		{
			Name: "a reset before any byte", About: "It resets the connection instead of answering.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_CONNECTION_RESET", start: bare((*conn).reset),
		},
		{
			Name: "nothing at all", About: "It closes the connection instead of answering.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_EMPTY_RESPONSE", start: wrote(""),
		},
		{
			Name: "a reset in the middle of the page", About: "It resets the connection in the middle of its page.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_CONNECTION_RESET",
			start: bare(func(c *conn) { c.halfway("text/html", document("<p>the beginning")) }),
		},
		{
			Name: "a reset in the middle of an image", About: "It resets the connection in the middle of an image of its page.",
			Code: "", Static: "",
			start: with(document("<img src=/r>"), raw(func(c *conn) { c.halfway("image/png", "\x89PNG\r\n\x1a\n") })),
		},
		{
			Name: "a reset in the middle of a style sheet", About: "It resets the connection in the middle of the style sheet of its page.",
			Code: "", Static: "",
			start: with(document("<link rel=stylesheet href=/r>"), raw(func(c *conn) { c.halfway("text/css", "p { color: red") })),
		},
		{
			Name: "an SSH server", About: "It answers with the banner of another protocol.",
			Code: "answer", Static: "answer", Chromium: invalid, start: wrote("SSH-2.0-OpenSSH_9.6\r\n"),
		},
		{
			Name: "random bytes", About: "It answers with a hundred kilobytes that mean nothing.",
			Code: "answer", Static: "answer", Chromium: invalid,
			start: bare(func(c *conn) { _, _ = io.CopyN(c, rand.Reader, 100*kilobyte) }),
		},
		{
			Name: "an answer of 1991", About: "It answers in HTTP/0.9, which is a page without headers.",
			Code: "answer", Static: "answer", Chromium: invalid, start: wrote(document("")),
		},
	}
}

// halfway sends the beginning of a body and then resets.
func (c *conn) halfway(kind, text string) {
	_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 99999\r\n\r\n%s", kind, text)
	c.pause()
	c.reset()
}

// odd are the servers whose headers are not what one expects.
func odd() []Server {
	hello := "\r\n" + document("")
	return []Server{
		{
			Name: "headers of 300 kilobytes", About: "One header of its page has 300 kilobytes.",
			Code: "size", Static: "answer|size", Chromium: "net::ERR_RESPONSE_HEADERS_TOO_BIG",
			start: wrote(head + "X-Long: " + strings.Repeat("long", 75*kilobyte) + "\r\n" + hello),
		},
		{
			Name: "a hundred kilobytes of cookies", About: "It sets 25 cookies of four kilobytes, which come back with each request.",
			Code: "", Static: "",
			start: web(site{"/": func(w http.ResponseWriter, r *http.Request) {
				for i := range 25 {
					w.Header().Add("Set-Cookie", cookie(i))
				}
				page(document(repeat(20, "<img src=/r?%d>")))(w, r)
			}, "/r": picture()}),
		},
		{
			Name: "a header with a null byte", About: "A header of its page has bytes that no header may have.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_INVALID_HTTP_RESPONSE",
			start: wrote(head + "X-Bad: a\x00b\x01\x7f\xff\r\n" + hello),
		},
		{
			Name: "a header without a colon", About: "Between its headers there are lines that are none.",
			Code: "", Static: "answer", start: wrote(head + "this is no header\r\n: neither is this\r\n" + hello),
		},
		{
			Name: "a long reason", About: "The reason of its status has ten kilobytes.",
			Code: "", Static: "",
			start: wrote("HTTP/1.1 200 " + strings.Repeat("O", 10*kilobyte) + "\r\nContent-Type: text/html\r\n" + hello),
		},
		{
			Name: "a version that does not exist", About: "It answers in HTTP/7.3.",
			Code: "", Static: "|answer", start: wrote("HTTP/7.3 200 OK\r\nContent-Type: text/html\r\n" + hello),
		},
	}
}

// cookie is a cookie of four kilobytes.
func cookie(n int) string {
	return fmt.Sprintf("c%d=%s; Path=/", n, strings.Repeat("x", 4000))
}

// statuses are the servers that answer another status than 200.
func statuses() []Server {
	refusal := func(status int, header, value string) func(*host) string {
		return web(site{"/": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set(header, value)
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = io.WriteString(w, document("<p>Just a moment...</p>"))
			}
		}})
	}
	wall := func(status int) func(*host) string { return refusal(status, "Cf-Mitigated", "challenge") }
	return []Server{
		{Name: "no content", About: "It answers 204.", Code: "status", Static: "status", Chromium: "net::ERR_ABORTED", start: refusal(204, "X-N", "1")},
		{Name: "a page that is missing", About: "It answers 404.", Code: "status", Static: "status", start: refusal(404, "X-N", "1")},
		{
			Name: "a page that is missing and empty", About: "It answers 404 and no body.", Code: "status", Static: "status",
			Chromium: "net::ERR_HTTP_RESPONSE_CODE_FAILURE", start: wrote("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
		},
		{
			Name: "a reason that writes on the screen", About: "The reason of its 404 has ten kilobytes, and begins with orders to a terminal.", Code: "status", Static: "status",
			start: wrote("HTTP/1.1 404 \x1b[2J\x1b]0;harm\x07" + strings.Repeat("O", 10*kilobyte) + "\r\nContent-Type: text/html\r\n\r\n" + document("")),
		},
		{Name: "a server in trouble", About: "It answers 500.", Code: "status", Static: "status", start: refusal(500, "X-N", "1")},
		{Name: "a status that does not exist", About: "It answers 999.", Code: "status", Static: "status", start: wrote("HTTP/1.1 999 Denied\r\nContent-Type: text/html\r\n\r\n" + document(""))},
		{Name: "part of a page", About: "It answers 206 though no part was asked for.", Code: "status", Static: "status", start: refusal(206, "Content-Range", "bytes 0-9/100")},
		{
			Name: "a page that wants a password", About: "It answers 401 and asks for a name and a password.", Code: "status", Static: "status",
			Chromium: "net::ERR_INVALID_AUTH_CREDENTIALS",
			start:    refusal(401, "Www-Authenticate", `Basic realm="harm"`),
		},
		{
			Name: "a proxy that wants a password", About: "It answers 407 though it is no proxy.", Code: "status|answer", Static: "status",
			Chromium: "net::ERR_UNEXPECTED_PROXY_AUTH", start: refusal(407, "Proxy-Authenticate", `Basic realm="harm"`),
		},
		{Name: "a bot wall", About: "It answers 403 with the challenge of a bot wall.", Code: "robots", Static: "status|robots", start: wall(403)},
		{Name: "a bot wall that is busy", About: "It answers 503 with the challenge of a bot wall.", Code: "robots", Static: "status|robots", start: wall(503)},
		{Name: "a server asked too often", About: "It answers 429 and to come back in an hour.", Code: "status|robots", Static: "status|robots", start: refusal(429, "Retry-After", "3600")},
	}
}
