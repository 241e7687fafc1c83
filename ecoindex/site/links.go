package site

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// Links are what a page says of other pages.
type Links struct {
	Follow    []*url.URL // in the order of the page, each once
	Refused   int        // that the page asks not to follow
	Canonical *url.URL   // of which it is a copy by its own word; nil for none
	Hidden    bool       // the page asks not to be listed
}

// maxLinks is how many links of one page are followed.
const maxLinks = 5000

// ReadLinks reads the links of a page at an address, from its HTML and the headers it came with. Whatever is no HTML has none.
func ReadLinks(page *url.URL, text []byte, header http.Header) Links {
	l := linkReader{base: page, seen: map[string]bool{}}
	for _, value := range header.Values("X-Robots-Tag") {
		l.robots(value)
	}
	l.header(header.Values("Link"))
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if l.nofollow {
				l.Refused, l.Follow = l.Refused+len(l.Follow), nil
			}
			return l.Links
		case html.StartTagToken, html.SelfClosingTagToken:
			l.tag(z)
		}
	}
}

// linkReader is one reading.
type linkReader struct {
	Links
	base     *url.URL
	based    bool
	nofollow bool
	seen     map[string]bool
}

// tag reads an element that may say something of other pages.
func (l *linkReader) tag(z *html.Tokenizer) {
	name, more := z.TagName()
	switch string(name) {
	case "a", "area", "base", "link", "meta", "iframe", "frame":
	default:
		return
	}
	tag, attributes := string(name), map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := attributes[string(key)]; !twice && len(attributes) < 50 {
			attributes[string(key)] = string(value)
		}
	}
	switch tag {
	case "base":
		if u := web.Resolve(l.base, attributes["href"]); u != nil && !l.based {
			l.base, l.based = u, true
		}
	case "meta":
		if n := strings.ToLower(attributes["name"]); n == "robots" || n == "veilleecoindex" {
			l.robots(attributes["content"])
		}
	case "link":
		if has(attributes["rel"], "canonical") && l.Canonical == nil {
			l.Canonical = web.Resolve(l.base, attributes["href"])
		} else if has(attributes["rel"], "next") || has(attributes["rel"], "prev") || has(attributes["rel"], "alternate") && attributes["hreflang"] != "" {
			l.add(attributes["href"], "")
		}
	case "iframe", "frame":
		return // a part of this page
	default:
		if _, file := attributes["download"]; !file {
			l.add(attributes["href"], attributes["rel"])
		}
	}
}

// robots reads what a page asks robots for.
func (l *linkReader) robots(content string) {
	for one := range strings.SplitSeq(strings.ToLower(content), ",") {
		switch strings.TrimSpace(one) {
		case "nofollow":
			l.nofollow = true
		case "noindex":
			l.Hidden = true
		case "none":
			l.nofollow, l.Hidden = true, true
		}
	}
}

// header reads the canonical address from Link headers (RFC 8288).
func (l *linkReader) header(values []string) {
	for _, value := range values {
		for one := range strings.SplitSeq(value, ",") {
			target, parameters, ok := strings.Cut(one, ">")
			_, reference, begun := strings.Cut(target, "<")
			if ok && begun && l.Canonical == nil && has(strings.NewReplacer(`rel=`, " ", `"`, " ", ";", " ").Replace(strings.ToLower(parameters)), "canonical") {
				l.Canonical = web.Resolve(l.base, reference)
			}
		}
	}
}

func (l *linkReader) add(reference, rel string) {
	u := web.Resolve(l.base, reference)
	if u == nil || l.seen[u.String()] {
		return
	}
	if has(rel, "nofollow") {
		l.Refused++
		return
	}
	if len(l.Follow) < maxLinks {
		l.seen[u.String()] = true
		l.Follow = append(l.Follow, u)
	}
}

// has tells whether one of the words of a list is this one.
func has(list, word string) bool {
	for one := range strings.FieldsSeq(list) {
		if strings.EqualFold(one, word) {
			return true
		}
	}
	return false
}
