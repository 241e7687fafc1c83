package site

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestThePagesThatAPageLeadsToAreRead(t *testing.T) {
	for _, tt := range []struct {
		name, html string
		header     http.Header
		want       string
		canonical  string
		refused    int
		hidden     bool
	}{
		{name: "links and areas, each once", html: `<a href=b>b</a><area href="/c"><a href="b#x">b</a><A HREF='?q=1'>`, want: "/a/b /c /a/?q=1"},
		{name: "a base", html: `<base href="/d/"><base href="/e/"><a href=b>`, want: "/d/b"},
		{name: "no web", html: `<a href="mailto:x@y"><a href="javascript:x"><a href="#x"><a><a href="data:,x"><a href="tel:1">`, want: "/a/"},
		{name: "files to keep, and parts of the page", html: `<a href=b download><iframe src=c></iframe>`},
		{name: "not to follow", html: `<a href=b rel="external nofollow"><a href=c rel=noopener>`, want: "/a/c", refused: 1},
		{name: "a page that asks not to follow", html: `<a href=b><meta name=ROBOTS content="index, NoFollow"><a href=c>`, refused: 2},
		{name: "one that asks for nothing", html: `<meta name=robots content=none><a href=b>`, refused: 1, hidden: true},
		{name: "by a header", header: http.Header{"X-Robots-Tag": {"noindex"}}, hidden: true},
		{name: "a copy", html: `<link rel=canonical href=/z><link rel=canonical href=/y>`, canonical: "/z"},
		{name: "a copy by a header", header: http.Header{"Link": {`<https://www.example.org/s.css>; rel=preload, </z>; rel="canonical"`}}, canonical: "/z"},
		{name: "pages and languages", html: `<link rel=next href=?p=2><link rel=alternate hreflang=en href=/en><link rel=alternate type=application/rss+xml href=/feed><link rel=stylesheet href=s>`, want: "/a/?p=2 /en"},
		{name: "what is text", html: `<!-- <a href=b> --><script>"<a href=c>"</script><textarea><a href=d></textarea>`},
		{name: "no page at all", html: "\x00\xff<<<>"},
	} {
		page, _ := url.Parse("https://www.example.org/a/")
		l := ReadLinks(page, []byte(tt.html), tt.header)
		var got []string
		for _, u := range l.Follow {
			got = append(got, u.RequestURI())
		}
		canonical := ""
		if l.Canonical != nil {
			canonical = l.Canonical.Path
		}
		if !slices.Equal(got, strings.Fields(tt.want)) || canonical != tt.canonical || l.Refused != tt.refused || l.Hidden != tt.hidden {
			t.Errorf("%s: %q, canonical %q, %d refused, hidden %t", tt.name, got, canonical, l.Refused, l.Hidden)
		}
	}
}

func TestAnAddressIsOfTheSiteOrNotForAReason(t *testing.T) {
	first, _ := url.Parse("https://www.example.org/docs/")
	r := Rules{Start: []*url.URL{first}, Hosts: []string{"docs.example.org:8080"}, Under: "/docs", Exclude: []string{"/docs/print/*", "*?print=*"}}
	for address, want := range map[string]string{
		"https://www.example.org/docs":                       "https://www.example.org/docs",
		"http://www.example.org/docs/a?b=1&utm_source=x&c=2": "http://www.example.org/docs/a?b=1&c=2",
		"https://www.example.org/docs/?PHPSESSID=1#top":      "https://www.example.org/docs/",
		"https://docs.example.org:8080/docs/a.html":          "https://docs.example.org:8080/docs/a.html",
		"https://www.example.org/docs/index.php":             "https://www.example.org/docs/index.php",
		"https://www.example.org/documents":                  "outside",
		"https://docs.example.org/docs/":                     "outside",
		"ftp://www.example.org/docs/":                        "outside",
		"https://www.example.org/docs/a.PDF":                 "file",
		"https://www.example.org/docs/a.tar.gz?x=1":          "file",
		"https://www.example.org/docs/print/a":               "excluded",
		"https://www.example.org/docs/a?print=1":             "excluded",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		taken, reason := r.admit(u)
		got := string(reason)
		if taken != nil {
			got = taken.String()
		}
		if got != want {
			t.Errorf("%s: %s; want %s", address, got, want)
		}
	}
}

func TestAPatternIsMatchedInTime(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"/a*c", "/abbc", true},
		{"/a*c", "/abbcd", false},
		{"*b*", "abc", true},
		{"a*b*c", "aXbXbXc", true},
		{strings.Repeat("*a", 500) + "b", strings.Repeat("a", 2000), false},
	} {
		if got := matches(tt.pattern, tt.text); got != tt.want {
			t.Errorf("%.20q of %.20q: %t", tt.pattern, tt.text, got)
		}
	}
}
