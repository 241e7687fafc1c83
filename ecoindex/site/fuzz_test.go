package site

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParseRobots wants every text to give rules that hold for both ways to write an address.
func FuzzParseRobots(f *testing.F) {
	f.Add(simpleExample, "foobot", "/example/page.html?a=b:c")
	f.Add("\uFEFFuser-agent: *\rdisallow: /é*%3c$\r\nallow: /**?a=https://b\ncrawl-delay: 1.5\nsitemap: x\n", "x", "/%C3%A9/<")
	f.Fuzz(func(t *testing.T, text, agent, path string) {
		r, err := ParseRobots(strings.NewReader(text))
		if err != nil {
			t.Fatalf("ParseRobots = %v; want that no text is an error", err)
		}
		if d := r.Delay(agent); d < 0 || d > time.Minute {
			t.Errorf("the delay is %v", d)
		}
		u, err := url.Parse("https://example.org/" + strings.TrimPrefix(path, "/"))
		if err != nil || u.EscapedPath() == "/robots.txt" || len(path) > 1000 {
			return
		}
		written := targetOf(u.EscapedPath(), u).asked
		again, err := url.Parse("https://example.org" + written)
		if err != nil {
			t.Fatalf("%q cannot be read again: %v", written, err)
		}
		if got := targetOf(again.EscapedPath(), again).asked; got != written {
			t.Errorf("normalise(%q) = %q", written, got)
		}
		refused := strings.NewReplacer("\n", "", "\r", "").Replace(text)
		if r, _ := ParseRobots(strings.NewReader("user-agent: *\ndisallow: " + written + "$\nuser-agent: b" + refused)); r.Allowed("*", u) && r.Allowed("zzz", u) {
			t.Errorf("%s is not refused by its own address", written)
		}
	})
}

// FuzzReadSitemap wants every document to give addresses that can be asked for, within the limits, and problems that can be written.
func FuzzReadSitemap(f *testing.F) {
	at := &url.URL{Scheme: "https", Host: "example.org", Path: "/sitemap.xml"}
	f.Add([]byte(urlset(page1("https://example.org/?a&amp;b") + "<url><loc><![CDATA[http://a/]]></loc><lastmod>2026-11-20</lastmod></url>")))
	f.Add([]byte("<feed><entry><link href='https://example.org/a' rel=alternate /><updated>2026</updated></entry></feed>"))
	f.Add([]byte("<rss><channel><item><link>https://example.org/&eacute;</link></item></channel></rss>"))
	f.Add([]byte("\uFEFFhttps://example.org/a\r\nftp://b"))
	f.Add([]byte(zipped("<sitemapindex><sitemap><loc>https://example.org/1.xml</loc></sitemap></sitemapindex>")))
	f.Add([]byte("\xff\xfe<\x00u\x00"))
	f.Add([]byte(`<?xml version="1.0" encoding="shift_jis"?><urlset><url><loc>https://example.org/` + "\x83\x81"))
	f.Fuzz(func(t *testing.T, document []byte) {
		n := 0
		kind, problems, err := ReadSitemap(strings.NewReader(string(document)), at, SitemapLimits{Bytes: 1 << 20, Entries: 5}, func(e SitemapEntry) error {
			n++
			if e.URL.Scheme != "http" && e.URL.Scheme != "https" || e.URL.Host == "" || e.URL.Fragment != "" || e.Foreign != (e.URL.Host != at.Host) {
				t.Errorf("an entry is %+v", e)
			}
			return nil
		})
		if err != nil || n > 5 || n > 0 && kind == KindNone {
			t.Errorf("%q with %d entries, %v", kind, n, err)
		}
		seen := map[ProblemCode]bool{}
		for _, p := range problems {
			if p.Code == "" || seen[p.Code] || p.Count < 1 || !utf8.ValidString(p.First) || len(p.First) > 3*sitemapExample {
				t.Errorf("a problem is %+v", p)
			}
			seen[p.Code] = true
		}
		if kind == KindNone && len(problems) == 0 {
			t.Error("nothing was understood, and nobody is told why")
		}
	})
}
