package hostile

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// redirect sends elsewhere.
func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

// redirects are the servers that send elsewhere.
func redirects() []Server {
	const tooMany, unsafe, aborted = "net::ERR_TOO_MANY_REDIRECTS", "net::ERR_UNSAFE_REDIRECT", "net::ERR_ABORTED"
	return []Server{
		{
			Name: "a redirect to itself", About: "It redirects to the address that was asked for.",
			Code: "redirects", Static: "redirects", Chromium: tooMany, start: web(site{"/": redirect("/")}),
		},
		{
			Name: "two redirects to each other", About: "It redirects from one address to another and back.",
			Code: "redirects", Static: "redirects", Chromium: tooMany, start: web(site{"/": redirect("/other"), "/other": redirect("/")}),
		},
		{
			Name: "two hundred redirects", About: "It redirects to two hundred addresses, one after the other, and then serves a page.",
			Code: "redirects", Static: "redirects", Chromium: tooMany, start: web(site{"/": hops(200)}),
		},
		{
			Name: "a redirect that sets cookies for ever", About: "Each of its redirects sets one more cookie of four kilobytes.",
			Code: "redirects", Static: "redirects", Chromium: tooMany, start: web(site{"/": cookieHops}),
		},
		{
			Name: "a redirect to ftp", About: "It redirects out of the web.",
			Code: "redirects", Static: "redirects", Chromium: aborted, start: web(site{"/": redirect("ftp://127.0.0.1/file")}),
		},
		{
			Name: "a redirect to a long address", About: "It redirects out of the web, to an address of a hundred kilobytes.",
			Code: "redirects", Static: "redirects", Chromium: aborted,
			start: web(site{"/": redirect("gopher://127.0.0.1/" + strings.Repeat("long", 25*kilobyte))}),
		},
		{
			Name: "a redirect to mail", About: "It redirects to an address that another program opens.",
			Code: "redirects", Static: "redirects", Chromium: aborted, start: web(site{"/": redirect("mailto:someone@name.invalid")}),
		},
		{
			Name: "a redirect to a script", About: "It redirects to a javascript: address.",
			Code: "redirects|closed|answer", Static: "redirects", Chromium: aborted, start: web(site{"/": redirect("javascript:alert(1)")}),
		},
		{
			Name: "a redirect to a data address", About: "It redirects to a page written in the address itself.",
			Code: "redirects", Static: "redirects", Chromium: unsafe, start: web(site{"/": redirect("data:text/html,<p>hello")}),
		},
		{
			Name: "a redirect to a file", About: "It redirects to a file of the machine that measures.",
			Code: "redirects", Static: "redirects", Chromium: unsafe, start: web(site{"/": redirect("file:///etc/passwd")}),
		},
		{
			Name: "a redirect to nowhere", About: "It says to look elsewhere and not where.",
			Code: "status", Static: "status", start: web(site{"/": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }}),
		},
		{
			Name: "a redirect to a closed port", About: "It redirects to a port nobody listens to.",
			Code: "connect", Static: "connect", Chromium: "net::ERR_CONNECTION_REFUSED",
			start: func(h *host) string { return web(site{"/": redirect("http://" + h.closed() + "/")})(h) },
		},
		{
			Name: "a redirect to no name", About: "It redirects to a name that has no address.",
			Code: "dns", Static: "dns", Chromium: "net::ERR_NAME_NOT_RESOLVED", start: web(site{"/": redirect("http://name.invalid/")}),
		},
	}
}

// hops redirects n times, then serves a page.
func hops(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := number(r)
		if i == n {
			page(document(""))(w, r)
			return
		}
		redirect(fmt.Sprintf("/?n=%d", i+1))(w, r)
	}
}

// cookieHops redirects to itself with one more cookie each time.
func cookieHops(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Set-Cookie", cookie(len(r.Cookies())))
	redirect("/")(w, r)
}

// closed is the address of a port that nobody listens to and nobody else can open: it is the other end of a connection.
func (h *host) closed() string {
	h.tb.Helper()
	c, err := new(net.Dialer).DialContext(h.ctx, "tcp", h.sockets((*conn).wait))
	if err != nil {
		h.tb.Fatal(err)
	}
	h.keep(c)
	return c.LocalAddr().String()
}
