package static

import (
	"net/http"
	"net/url"
	"sync"
)

// jar keeps the cookies of a visit within the limits of Chromium: a server could otherwise make each request larger
// than the one before.
type jar struct {
	http.CookieJar

	mu   sync.Mutex
	kept map[string]bool // names
}

// The limits: bytes of a cookie (RFC 6265 asks for 4096 at least), names kept in a visit (Chromium keeps 180 of a site).
const (
	maxCookie  = 4096
	maxCookies = 180
)

// SetCookies keeps the cookies of an answer that are within the limits.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var within []*http.Cookie
	for _, c := range cookies {
		if len(c.Name)+len(c.Value) > maxCookie || (len(j.kept) == maxCookies && !j.kept[c.Name]) {
			continue
		}
		j.kept[c.Name] = true
		within = append(within, c)
	}
	j.CookieJar.SetCookies(u, within)
}
