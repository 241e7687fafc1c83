package frame

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// cookie is the name of the cookie of a session; with its prefix browsers send it to this server alone, and only encrypted.
const cookie, cookiePrefix = "veille", "__Host-"

// Secret is what the cookie of a session holds; "" where there is none.
func Secret(r *http.Request) string { return Cookie(r, "") }

// SetCookie gives the browser a cookie of ours for as long as it is open; an empty value takes it back. No script can read it, and no other site
// make the browser send it with a form. suffix tells it from that of the session.
func SetCookie(w http.ResponseWriter, r *http.Request, suffix, value string) {
	c := http.Cookie{Name: cookie + suffix, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Encrypted(r)}
	if c.Secure {
		c.Name = cookiePrefix + c.Name
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, &c)
}

// Cookie is the value of a cookie that SetCookie gave; "" where there is none.
func Cookie(r *http.Request, suffix string) string {
	name := cookie + suffix
	if Encrypted(r) {
		name = cookiePrefix + name
	}
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// Encrypted tells whether the browser's connection is encrypted, to us or to the reverse proxy on this machine.
func Encrypted(r *http.Request) bool {
	return r.TLS != nil || proxied(r) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// From is the address that a request comes from: that of whom the reverse proxy on this machine names.
func From(r *http.Request) netip.Addr {
	// Some proxies append to the line that the browser sent, others add a line of their own below it: the last is that of the proxy.
	if all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ","); proxied(r) {
		if a, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
			return a.Unmap()
		}
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a, _ := netip.ParseAddr(host) // the zero address of what is none
	return a.Unmap()
}

// proxied tells whether a program on this machine asks, whose word on where it was asked from is taken.
func proxied(r *http.Request) bool {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
