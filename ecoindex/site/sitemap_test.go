package site

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// sitemapOf reads a sitemap of https://example.org. An entry is its address, its date, "map" and "foreign", a problem its code, its count
// and its example.
func sitemapOf(t testing.TB, r io.Reader, limits SitemapLimits) (kind SitemapKind, entries, problems []string) {
	t.Helper()
	kind, found, err := ReadSitemap(r, address(t, "/sitemap.xml"), limits, func(e SitemapEntry) error {
		words := []string{e.URL.String()}
		if !e.Modified.IsZero() {
			words = append(words, e.Modified.Format(time.RFC3339Nano))
		}
		if e.Sitemap {
			words = append(words, "map")
		}
		if e.Foreign {
			words = append(words, "foreign")
		}
		entries = append(entries, strings.Join(words, " "))
		return nil
	})
	if err != nil {
		t.Fatalf("ReadSitemap = %v", err)
	}
	for _, p := range found {
		problems = append(problems, strings.TrimSpace(fmt.Sprintf("%s %d %s", p.Code, p.Count, p.First)))
	}
	return kind, entries, problems
}

func urlset(entries string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + entries + `</urlset>`
}

func page1(loc string) string { return "<url><loc>" + loc + "</loc></url>" }

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

type sitemapCase struct {
	name, text string
	kind       SitemapKind
	entries    []string
	problems   []string
}

func (tt sitemapCase) run(t *testing.T) {
	kind, entries, problems := sitemapOf(t, iotest.OneByteReader(strings.NewReader(tt.text)), SitemapLimits{})
	if kind != tt.kind || !slices.Equal(entries, tt.entries) {
		t.Errorf("it is %q with %q; want %q with %q", kind, entries, tt.kind, tt.entries)
	}
	if !slices.Equal(problems, tt.problems) {
		t.Errorf("its problems are %q; want %q", problems, tt.problems)
	}
}

func TestAllKindsOfSitemapsAreRead(t *testing.T) {
	a, b := "https://example.org/a", "https://example.org/b"
	pages := urlset(page1(a) + page1(b))
	for _, tt := range []sitemapCase{
		{"pages", pages, KindPages, []string{a, b}, nil},
		{"pages, compressed", zipped(pages), KindPages, []string{a, b}, nil},
		{"pages, compressed twice", zipped(zipped(pages)), KindPages, []string{a, b}, nil},
		{"no page", urlset(""), KindPages, nil, nil},
		{"no page at all", "<urlset/>", KindPages, nil, nil},
		{
			"all that a page has", urlset("\n <url>\n <loc>\n" + a + "\t</loc><lastmod> 2026-11-20 </lastmod><changefreq>daily</changefreq><priority>0.5</priority></url>"),
			KindPages,
			[]string{a + " 2026-11-20T00:00:00Z"},
			nil,
		},
		{"a prefix", `<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>` + a + `</s:loc><loc>/no</loc></s:url></s:urlset>`, KindPages, []string{a}, nil},
		{"images and languages", urlset(`<url><loc>` + a + `</loc><image:image><image:loc>https://example.org/i.png</image:loc></image:image>` +
			`<image:loc>https://example.org/j.png</image:loc><xhtml:link rel="alternate" href="https://example.org/fr"/></url>`), KindPages, []string{a}, nil},
		{
			"CDATA and entities", urlset(page1("<![CDATA[https://example.org/?a=1&b=2]]>") + page1("https://example.org/?a=1&amp;b=&#50;&#x33;")), KindPages,
			[]string{"https://example.org/?a=1&b=2", "https://example.org/?a=1&b=23"},
			nil,
		},
		{"a comment within", urlset(page1("https://example.org/<!-- - -->a")), KindPages, []string{a}, nil},
		{"a byte order mark", "\uFEFF" + pages, KindPages, []string{a, b}, nil},
		{"what is not sent", urlset(page1("HTTPS://Example.ORG:443/a#b")), KindPages, []string{a}, nil},
		{
			"an index", `<sitemapindex><sitemap><loc>https://example.org/1.xml.gz</loc><lastmod>2026-01</lastmod></sitemap></sitemapindex>`, KindIndex,
			[]string{"https://example.org/1.xml.gz 2026-01-01T00:00:00Z map"},
			nil,
		},
		{"text", a + "\r\n\n  " + b + "\rhttps://example.org/é", KindText, []string{a, b, "https://example.org/%C3%A9"}, nil},
		{"text with a byte order mark", "\uFEFF\n" + a + "\n", KindText, []string{a}, nil},
		{
			"RSS", `<rss version="2.0" xmlns:atom="x"><channel><link>https://example.org/</link><item><title>A</title><link>` + a +
				`</link><atom:link href="/no"/><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate></item><item><guid>1</guid></item></channel></rss>`, KindRSS,
			[]string{a + " 2026-11-20T10:00:00+01:00"},
			nil,
		},
		{"RSS 1.0", `<rdf:RDF xmlns:rdf="x"><channel><link>https://example.org/</link></channel><item><link>` + a + `</link></item></rdf:RDF>`, KindRSS, []string{a}, nil},
		{
			"Atom", `<feed xmlns="http://www.w3.org/2005/Atom"><link href="/"/><entry><link rel="self" href="https://example.org/1.atom"/><link rel="alternate" href="` +
				a + `"/><updated>2026-11-20T10:00:00.5Z</updated></entry><entry><link href="` + b + `"/></entry></feed>`, KindAtom,
			[]string{a + " 2026-11-20T10:00:00.5Z", b},
			nil,
		},
		{"declared as US-ASCII", `<?xml version='1.0' encoding='US-ASCII' ?><urlset>` + page1(a) + `</urlset>`, KindPages, []string{a}, nil},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestTheFaultsOfASitemapAreTold(t *testing.T) {
	a, b := "https://example.org/a", "https://example.org/b"
	one := []string{a}
	latin := func(label string) string {
		return `<?xml version="1.0" encoding="` + label + `"?><urlset>` + page1("https://example.org/\xe9") + `</urlset>`
	}
	wide := func(text string) string { // UTF-16, the small end first
		var s strings.Builder
		for _, c := range []byte(text) {
			s.WriteByte(c)
			s.WriteByte(0)
		}
		return s.String()
	}
	long := "https://example.org/" + strings.Repeat("a", sitemapAddress)
	for _, tt := range []sitemapCase{
		{"nothing", "", KindNone, nil, []string{"empty 1"}},
		{"white space", zipped(" \n\uFEFF\n"), KindNone, nil, []string{"empty 1"}},
		{"a page", "<!DOCTYPE html>\n<html><head><link href=/a></head>", KindNone, nil, []string{"wrong-root 1 html"}},
		{"only a comment", "<!-- a -->", KindNone, nil, []string{"cut-short 1"}},
		{"cut within a tag", "<urlset><url><lo", KindPages, nil, []string{"cut-short 1"}},
		{"cut after an entry", "<urlset>" + page1(a), KindPages, one, []string{"cut-short 1"}},
		{"cut within an address", "<urlset>" + page1(a) + "<url><loc>https://example.org/b", KindPages, one, []string{"cut-short 1"}},
		{"cut within CDATA", "<urlset>" + page1(a) + "<url><loc><![CDATA[https", KindPages, one, []string{"cut-short 1"}},
		{"no XML", "<urlset>" + page1(a) + "<1></urlset>", KindPages, one, []string{"bad-xml 1 XML syntax error on line 1: invalid XML name: 1"}},
		{"two roots", "<urlset>" + page1(a) + "</urlset><urlset>" + page1(b) + "</urlset>", KindPages, one, []string{"bad-xml 1 a second root element: urlset"}},
		{"white space first", "\n" + urlset(page1(a)), KindPages, one, []string{"late-declaration 1"}},
		{"tags that are not closed", "<urlset><url><loc>" + a + "</url></loc><x></urlset>", KindPages, one, []string{"bad-tag 3 url"}},
		{"no address", "<urlset><url/><url><loc> </loc></url><url><lastmod>2026</lastmod></url></urlset>", KindPages, nil, []string{"no-address 3"}},
		{"two addresses", "<urlset><url><loc>" + a + "</loc><loc>" + b + "</loc></url></urlset>", KindPages, one, []string{"no-address 1 " + a}},
		{"addresses that are none", urlset(page1("/b") + page1("www.example.org/b") + page1("http:/b") + page1("https://") + page1("https://a b/") +
			page1("https://u:p@example.org/") + page1("//example.org/") + page1("example.org:80/a") + page1("a/b://c")), KindPages, nil, []string{"bad-address 9 /b"}},
		{"not of the web", urlset(page1("ftp://example.org/b") + page1("mailto:a@example.org") + page1("javascript:b")), KindPages, nil, []string{"not-http 3 ftp://example.org/b"}},
		{
			"other hosts", urlset(page1("http://example.org/a") + page1("https://www.example.org/") + page1("https://example.org:8443/")), KindPages,
			[]string{"http://example.org/a", "https://www.example.org/ foreign", "https://example.org:8443/ foreign"},
			[]string{"foreign-host 2 https://www.example.org/"},
		},
		{"an address without end", urlset(page1(long) + page1("https://example.org/"+strings.Repeat("a", 100_000)) + page1(a)), KindPages, one, []string{"long-address 2 " + long[:200]}},
		{"the same, in text", long + "\n" + strings.Repeat("a", 100_000) + "\n" + a, KindText, one, []string{"long-address 2 " + long[:200]}},
		{"lines of something else", "User-agent: *\nhello\n" + a, KindText, one, []string{"bad-address 2 User-agent: *"}},
		{
			"an & that is not escaped", urlset(page1("https://example.org/?a&b=1&c")), KindPages,
			[]string{"https://example.org/?a&b=1&c"},
			[]string{"bad-entity 1 https://example.org/?a&b=1&c"},
		},
		{"an entity of HTML", urlset(page1("https://example.org/&eacute;") + page1(a)), KindPages, one, []string{"bad-entity 1 https://example.org/&eacute;"}},
		{"entities of its own", `<!DOCTYPE u [<!ENTITY a "https://example.org/"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><urlset>` +
			page1("&a;") + page1("https://example.org/&b;") + page1("https://example.org/&x;") + page1(a) + "</urlset>", KindPages, one, []string{"bad-entity 3 &a;"}},
		{"ISO-8859-1", latin("ISO-8859-1"), KindPages, []string{"https://example.org/%C3%A9"}, []string{"not-utf-8 1 ISO-8859-1"}},
		{"windows-1252", latin("windows-1252"), KindPages, []string{"https://example.org/%C3%A9"}, []string{"not-utf-8 1 windows-1252"}},
		{"a charset that is none", latin("klingon"), KindPages, []string{"https://example.org/%EF%BF%BD"}, []string{"not-utf-8 1 klingon", "bad-character 1"}},
		{"a charset that cannot be", strings.ReplaceAll(latin("utf-16"), "\xe9", "a"), KindPages, one, []string{"not-utf-8 1 utf-16"}},
		{"UTF-16", "\xff\xfe" + wide(`<?xml version="1.0" encoding="UTF-16"?><urlset>`+page1(a)+"</urlset>"), KindPages, one, []string{"not-utf-8 1 utf-16le"}},
		{"UTF-16 without a mark", wide("<urlset>" + page1(a) + "</urlset>"), KindPages, one, []string{"not-utf-8 1 utf-16le"}},
		{
			"characters that XML does not have", urlset(page1("https://example.org/\x01\xff") + page1(a)), KindPages,
			[]string{"https://example.org/%EF%BF%BD%EF%BF%BD", a},
			[]string{"bad-character 2"},
		},
		{"half a compression", zipped(urlset(page1(a)))[:40], KindNone, nil, []string{"bad-gzip 1 unexpected EOF"}},
		{"the mark of a compression only", "\x1f\x8b", KindNone, nil, []string{"bad-gzip 1 unexpected EOF"}},
		{"more after a compression", zipped(urlset(page1(a))) + "more than ten bytes", KindPages, one, []string{"bad-gzip 1 gzip: invalid header"}},
		{"elements without end", "<urlset>" + page1(a) + strings.Repeat("<a>", 100_000), KindPages, one, []string{"too-deep 1 a"}},
		{
			"a comment without end", "<urlset>" + page1(a) + "<!--" + strings.Repeat("a", sitemapToken) + "--></urlset>", KindPages, one,
			[]string{"long-token 1 <!--" + strings.Repeat("a", 196)},
		},
		{"a long comment", "<urlset><!--" + strings.Repeat("a", sitemapToken/2) + "-->" + page1(a) + "</urlset>", KindPages, one, nil},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestDatesOfTheW3CAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"2026": "2026-01-01T00:00:00Z", "2026-11": "2026-11-01T00:00:00Z", "2026-11-20": "2026-11-20T00:00:00Z", "2026-11-20T10:20Z": "2026-11-20T10:20:00Z",
		"2026-11-20T10:20+01:00": "2026-11-20T10:20:00+01:00", "2026-11-20T10:20:30-05:00": "2026-11-20T10:20:30-05:00", "2026-11-20T10:20:30.25Z": "2026-11-20T10:20:30.25Z",
		"20/11/2026": "", "2026-13-01": "", "2026-02-30": "", "2026-11-20 10:20:30": "", "2026-11-20T10:20:30": "", "2026-11-20T10:20:30,5Z": "", "20261120": "",
		"0001-01-01T00:00:00+00:00": "", "1970-01-01": "", "today": "", "Fri, 20 Nov 2026 10:00:00 GMT": "", "2026-1-2": "", "éé": "",
	} {
		_, entries, problems := sitemapOf(t, strings.NewReader(urlset("<url><loc>https://example.org/a</loc><lastmod>"+text+"</lastmod></url>")), SitemapLimits{})
		wantEntry, wantProblems := strings.TrimSpace("https://example.org/a "+want), []string(nil)
		if want == "" {
			wantProblems = []string{"bad-lastmod 1 " + text}
		}
		if !slices.Equal(entries, []string{wantEntry}) || !slices.Equal(problems, wantProblems) {
			t.Errorf("lastmod %q gives %q, %q; want %q, %q", text, entries, problems, wantEntry, wantProblems)
		}
	}
}

// stream writes a text again and again between two others. It is never held.
type stream struct {
	head, again, tail string
	times             int
	left              []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.left) == 0 {
		switch {
		case s.head != "":
			s.left, s.head = []byte(s.head), ""
		case s.times > 0:
			s.left, s.times = []byte(s.again), s.times-1
		case s.tail != "":
			s.left, s.tail = []byte(s.tail), ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

func TestTheLimitsOfSitemapsOrgEndTheReading(t *testing.T) {
	entry := page1("https://example.org/a")
	for _, tt := range []struct {
		name     string
		r        io.Reader
		limits   SitemapLimits
		entries  int
		problems []string
	}{
		{"50,000", &stream{head: "<urlset>", again: entry, times: 50_000, tail: "</urlset>"}, SitemapLimits{}, 50_000, nil},
		{"50,001", &stream{head: "<urlset>", again: entry, times: 50_001, tail: "</urlset>"}, SitemapLimits{}, 50_000, []string{"too-many 1"}},
		{"50,001 that are none", &stream{head: "<urlset>", again: "<url/>", times: 50_001, tail: "</urlset>"}, SitemapLimits{}, 0, []string{"no-address 50000", "too-many 1"}},
		{"50,001 lines", &stream{again: "https://example.org/a\n", times: 50_001}, SitemapLimits{}, 50_000, []string{"too-many 1"}},
		{"2 of 3", strings.NewReader("<urlset>" + entry + entry + entry + "</urlset>"), SitemapLimits{Entries: 2}, 2, []string{"too-many 1"}},
		{"as many bytes", strings.NewReader("<urlset>" + entry + "</urlset>"), SitemapLimits{Bytes: int64(len(entry) + 17)}, 1, nil},
		{"a byte more", strings.NewReader("<urlset>" + entry + "</urlset>"), SitemapLimits{Bytes: int64(len(entry) + 16)}, 1, []string{"too-large 1"}},
		{"tags without end", &stream{head: "<urlset>" + entry, again: "<x/>", times: 1 << 40}, SitemapLimits{Entries: 5}, 1, []string{"too-many-tags 1"}},
		{"as many tags as can be", &stream{head: "<urlset>" + entry, again: "<x/>", times: 746, tail: "</urlset>"}, SitemapLimits{Entries: 5}, 1, nil},
		{"no end", &stream{head: "<urlset>" + entry, again: strings.Repeat(" ", 1000) + "<x/>", times: 1 << 40}, SitemapLimits{Bytes: 1 << 20}, 1, []string{"too-large 1"}},
		{"nothing without end", &stream{again: strings.Repeat(" ", 1000), times: 1 << 40}, SitemapLimits{Bytes: 1 << 20}, 0, []string{"too-large 1"}},
		{"a line without end", &stream{again: strings.Repeat("a", 1000), times: 1 << 40}, SitemapLimits{Bytes: 1 << 20}, 0, []string{"too-large 1"}},
		{"a bomb", strings.NewReader(zipped("<urlset>" + entry + strings.Repeat(strings.Repeat(" ", 10_000)+"<x/>", 150))), SitemapLimits{Bytes: 1 << 20}, 1, []string{"too-large 1"}},
		{"a bomb in a bomb", strings.NewReader(zipped(zipped("<urlset>" + entry + strings.Repeat(strings.Repeat(" ", 10_000)+"<x/>", 150)))), SitemapLimits{Bytes: 1 << 20}, 1, []string{"too-large 1"}},
		{"compressions of nothing", &stream{again: zipped(""), times: 1 << 40}, SitemapLimits{Bytes: 1 << 20}, 0, []string{"too-large 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, entries, problems := sitemapOf(t, tt.r, tt.limits)
			if len(entries) != tt.entries || !slices.Equal(problems, tt.problems) {
				t.Errorf("%d entries and %q; want %d and %q", len(entries), problems, tt.entries, tt.problems)
			}
		})
	}
}

func TestMemoryDoesNotGrowWithTheSitemap(t *testing.T) {
	for name, r := range map[string]*stream{
		"entries":     {head: "<urlset>", again: page1("https://example.org/" + strings.Repeat("a", 900)), times: 6000, tail: "</urlset>"},
		"end tags":    {head: "<urlset>", again: "</x>", times: 100_000},
		"attributes":  {head: "<urlset ", again: `a="b" `, times: 50_000},
		"one address": {head: "<urlset><url><loc>", again: strings.Repeat("a", 64) + "<!---->", times: 80_000},
		"a doctype":   {head: "<!DOCTYPE a [", again: "<!ENTITY a 'b'>", times: 20_000},
	} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		most, n := uint64(0), 0
		look := func() {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		_, _, err := ReadSitemap(&watched{r, look}, address(t, "/sitemap.xml"), SitemapLimits{}, func(SitemapEntry) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if most > before.HeapAlloc+(4<<20) {
			t.Errorf("%s: %d bytes more were held; want 4 MiB at most", name, most-before.HeapAlloc)
		}
		if name == "entries" && n != 6000 {
			t.Errorf("%d entries of 6,000", n)
		}
	}
}

// watched looks at the memory now and then: twice in 10,000 pieces.
type watched struct {
	*stream
	look func()
}

func (w *watched) Read(p []byte) (int, error) {
	if at := w.times % 10_000; (at == 500 || at == 7000) && len(w.left) == 0 {
		w.look()
	}
	return w.stream.Read(p)
}

func TestTheErrorsOfBothSidesEndTheReading(t *testing.T) {
	broken, enough := errors.New("the line broke"), errors.New("enough")
	at := address(t, "/sitemap.xml")
	text := "<urlset>" + page1("https://example.org/a") + page1("https://example.org/b") + "</urlset>"
	for name, start := range map[string]string{"XML": text[:90], "text": "https://example.org/a\nhttps://", "nothing": "", "gzip": zipped(text)[:30]} {
		_, problems, err := ReadSitemap(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), at, SitemapLimits{}, func(SitemapEntry) error { return nil })
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "read the sitemap https://example.org/sitemap.xml") {
			t.Errorf("%s: the error is %v, %v; want the one of the line", name, err, problems)
		}
	}
	for name, whole := range map[string]string{"XML": text, "text": "https://example.org/a\nhttps://example.org/b"} {
		n := 0
		_, _, err := ReadSitemap(strings.NewReader(whole), at, SitemapLimits{}, func(SitemapEntry) error { n++; return enough })
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("%s: %v after %d entries; want that of yield after 1", name, err, n)
		}
	}
}
