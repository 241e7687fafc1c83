package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// ParseAddress reads the address of a page as a person gives it. Only http and https with a host are accepted; the
// error is an *Error with CodeURL that says what to give.
func ParseAddress(address string) (*url.URL, error) {
	refuse := func(why string) error {
		return &Error{Code: CodeURL, URL: fmt.Sprintf("%q", address), Text: why + "; give an address such as https://www.example.org/page"}
	}
	u, err := url.Parse(strings.TrimSpace(address))
	switch {
	case address == "":
		return nil, refuse("the address is empty")
	case err != nil:
		return nil, refuse("it is not an address")
	case u.Scheme == "":
		return nil, refuse("it does not start with http:// or https://")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, refuse("only http and https pages can be measured, not " + u.Scheme)
	case u.Hostname() == "":
		return nil, refuse("it names no host")
	case u.Port() != "" && !isPort(u.Port()):
		return nil, refuse("its port is not a number from 1 to 65535")
	case u.User != nil:
		return nil, refuse("a name or a password in an address would be shown in reports")
	}
	return tidy(u), nil
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// Resolve is the address a page at base means by reference, or nil when nothing is to be fetched: data:, blob:,
// javascript:, mailto: and what is not an address. It is as forgiving as browsers are.
func Resolve(base *url.URL, reference string) *url.URL {
	text := strings.TrimSpace(reference)
	if text == "" || len(text) > 8192 {
		return nil
	}
	text = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, text)
	path, query, asked := strings.Cut(text, "?")
	text = strings.ReplaceAll(path, `\`, "/")
	if asked {
		text += "?" + query
	}
	u, err := base.Parse(text)
	if err != nil { // a lone % is the usual reason
		if u, err = base.Parse(strings.ReplaceAll(text, "%", "%25")); err != nil {
			return nil
		}
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return nil
	}
	return tidy(u)
}

// tidy removes what is not sent, so that two names of one address are equal.
func tidy(u *url.URL) *url.URL {
	tidied := *u
	tidied.Fragment, tidied.RawFragment = "", ""
	tidied.Host = strings.ToLower(tidied.Host)
	if port := tidied.Port(); (port == "80" && tidied.Scheme == "http") || (port == "443" && tidied.Scheme == "https") {
		tidied.Host = strings.TrimSuffix(tidied.Host, ":"+port)
	}
	if tidied.Path == "" {
		tidied.Path = "/"
	}
	tidied.RawQuery = escapeQuery(tidied.RawQuery)
	return &tidied
}

// escapeQuery writes a query as browsers send it: url.Parse leaves spaces and accents as they are.
func escapeQuery(query string) string {
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"#<>'`, c) >= 0 {
			_, _ = fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// IsFavicon says whether the address is one the reference never counts.
func IsFavicon(u *url.URL) bool { return strings.HasSuffix(u.String(), "/favicon.ico") }
