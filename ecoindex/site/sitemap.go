package site

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"veille/ecoindex/web"
)

// SitemapLimits bound what is read of one sitemap. What is beyond is a problem of the sitemap, not an error.
type SitemapLimits struct {
	Bytes   int64 // without compression, and as many with it; 0 for 50 MB (52,428,800), the limit of sitemaps.org
	Entries int   // 0 for 50,000, the limit of sitemaps.org
}

const (
	sitemapBytes   = 50 << 20
	sitemapEntries = 50_000
	sitemapAddress = 2048 // bytes of an address: sitemaps.org wants less than 2,048 characters
	sitemapText    = 8 << 10
	sitemapExample = 200
)

// SitemapKind is what a sitemap turned out to be.
type SitemapKind string

// The kinds of sitemaps.
const (
	KindNone  SitemapKind = ""       // nothing that could be understood
	KindPages SitemapKind = "urlset" // of sitemaps.org
	KindIndex SitemapKind = "index"  // a list of further sitemaps
	KindText  SitemapKind = "text"   // an address a line
	KindRSS   SitemapKind = "rss"    // 0.9x, 1.0 or 2.0
	KindAtom  SitemapKind = "atom"
)

// SitemapEntry is an address that a sitemap lists.
type SitemapEntry struct {
	URL      *url.URL  // http or https, as web.Resolve writes it
	Modified time.Time // the zero time where it is not said, or cannot be read
	Sitemap  bool      // it is a further sitemap, not a page
	Foreign  bool      // of another host or port than the sitemap
}

// Problem is a fault of a sitemap, however often it is there.
type Problem struct {
	Code  ProblemCode `json:"code"`
	Count int         `json:"count"`
	First string      `json:"first,omitempty"` // an example, at most 200 bytes: what is at fault, or what the decoder says of it
}

// ProblemCode names a kind of problem, for ever.
type ProblemCode string

// The problems of sitemaps. Reading ends at those of the first group, and what was read until then counts.
const (
	ProblemEmpty  ProblemCode = "empty"      // no text at all
	ProblemRoot   ProblemCode = "wrong-root" // neither a sitemap nor a feed: the example is its root element
	ProblemGzip   ProblemCode = "bad-gzip"
	ProblemXML    ProblemCode = "bad-xml"
	ProblemCut    ProblemCode = "cut-short"     // it ends before its root element does
	ProblemLarge  ProblemCode = "too-large"     // more than SitemapLimits.Bytes
	ProblemMany   ProblemCode = "too-many"      // more than SitemapLimits.Entries
	ProblemToken  ProblemCode = "long-token"    // a tag, a comment or a text of more than 256 KiB
	ProblemTokens ProblemCode = "too-many-tags" // more than 100 tags and texts for each of SitemapLimits.Entries
	ProblemDeep   ProblemCode = "too-deep"      // more than 32 elements within each other

	ProblemSpace     ProblemCode = "late-declaration" // white space before the XML declaration, which no XML reader has to accept
	ProblemCharset   ProblemCode = "not-utf-8"        // another charset is declared: it is decoded where it is a known one
	ProblemCharacter ProblemCode = "bad-character"
	ProblemEntity    ProblemCode = "bad-entity"   // an & that is not escaped, or an entity that XML does not have
	ProblemTag       ProblemCode = "bad-tag"      // an end tag that ends nothing, or another element than the last
	ProblemNoAddress ProblemCode = "no-address"   // an entry without an address, or with two
	ProblemAddress   ProblemCode = "bad-address"  // relative, malformed, or with a password
	ProblemLong      ProblemCode = "long-address" // more than 2,048 bytes
	ProblemScheme    ProblemCode = "not-http"
	ProblemForeign   ProblemCode = "foreign-host" // of another host or port than the sitemap: the entry is given all the same
	ProblemModified  ProblemCode = "bad-lastmod"  // in none of the forms of W3C's NOTE-datetime, or before 1990
)

// ReadSitemap reads a sitemap of sitemaps.org (XML, text, or an index), an RSS or an Atom feed, compressed by gzip or not, and yields its
// entries in their order. What it is is told by its bytes, not by its name or type. The address of the sitemap itself is at.
//
// Whatever the sitemap, a few MiB are held at most, and a few kB for one that is well made. The same address may come twice. A document that is faulty gives what could be read of
// it, and problems in the order in which they were met. The error is that of r or of yield, which both end the reading.
func ReadSitemap(r io.Reader, at *url.URL, limits SitemapLimits, yield func(SitemapEntry) error) (SitemapKind, []Problem, error) {
	if limits.Bytes <= 0 {
		limits.Bytes = sitemapBytes
	}
	if limits.Entries <= 0 {
		limits.Entries = sitemapEntries
	}
	s := &sitemapReader{at: at, home: at.Host, limits: limits, yield: yield}
	if u := web.Resolve(at, at.String()); u != nil {
		s.home = u.Host
	}
	err := s.read(r)
	if stop, ok := errors.AsType[*sitemapError](err); ok {
		s.problem(stop.code, stop.example)
		err = nil
	}
	return s.kind, s.problems, err
}

// sitemapError ends the reading because of a problem.
type sitemapError struct {
	code    ProblemCode
	example string
}

func (s *sitemapError) Error() string { return string(s.code) + ": " + s.example }

type sitemapReader struct {
	at       *url.URL
	home     string
	limits   SitemapLimits
	yield    func(SitemapEntry) error
	kind     SitemapKind
	problems []Problem // one a code
	entries  int
	refused  error // of yield
}

// sitemapFields is an entry as it is written.
type sitemapFields struct{ address, date string }

func (s *sitemapReader) problem(code ProblemCode, example string) {
	for i := range s.problems {
		if s.problems[i].Code == code {
			s.problems[i].Count++
			return
		}
	}
	if len(example) > sitemapExample {
		example = example[:sitemapExample]
	}
	s.problems = append(s.problems, Problem{code, 1, strings.ToValidUTF8(strings.TrimSpace(example), "\uFFFD")})
}

func (s *sitemapReader) read(r io.Reader) error {
	raw := &sitemapSource{r: r, left: s.limits.Bytes}
	err := s.decode(raw)
	stop, stopped := errors.AsType[*sitemapError](err)
	switch {
	case s.refused != nil:
		return s.refused
	case raw.err != nil && (!stopped || stop.code != ProblemMany):
		return fmt.Errorf("read the sitemap %s: %w", s.at.Redacted(), raw.err)
	}
	return err
}

// decode undoes compressions: one, or two where a server compresses a file that is compressed.
func (s *sitemapReader) decode(r *sitemapSource) error {
	in := bufio.NewReader(r)
	for range 2 {
		if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" {
			break
		}
		z, err := gzip.NewReader(in)
		if err != nil {
			return &sitemapError{ProblemGzip, err.Error()}
		}
		in = bufio.NewReader(&sitemapSource{r: z, left: s.limits.Bytes, packed: true})
	}
	text, err := s.characters(in)
	if err != nil {
		return err
	}
	if first, _ := text.in.Peek(1); string(first) == "<" {
		return s.elements(text)
	}
	s.kind = KindText
	return s.lines(text)
}

// sitemapSource reads what is bounded, and remembers why it failed.
type sitemapSource struct {
	r      io.Reader
	left   int64
	packed bool // r undoes a compression: its errors are a problem of the sitemap
	large  bool
	err    error // of r
}

func (r *sitemapSource) Read(p []byte) (int, error) {
	if r.large {
		return 0, &sitemapError{ProblemLarge, ""}
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.left+1)])
	if r.left -= int64(n); r.left < 0 {
		r.large = true
		return n - 1, &sitemapError{ProblemLarge, ""}
	}
	if _, stopped := errors.AsType[*sitemapError](err); err == nil || err == io.EOF || stopped {
		return n, err
	}
	if r.packed {
		return n, &sitemapError{ProblemGzip, err.Error()}
	}
	r.err = err
	return n, err
}

// lines reads a text sitemap.
func (s *sitemapReader) lines(text *sitemapCharacters) error {
	var line []byte
	for {
		c, err := text.next()
		ended := errors.Is(err, io.EOF)
		switch {
		case err == nil && c != '\n' && c != '\r':
			if len(line) <= sitemapText {
				line = utf8.AppendRune(line, c)
			}
			continue
		case err != nil && !ended:
			return err
		}
		if address := strings.TrimSpace(string(line)); address != "" {
			if err := s.count(); err != nil {
				return err
			}
			if err := s.give(sitemapFields{address: address}); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
		line = line[:0]
	}
}

// count is called where an entry begins.
func (s *sitemapReader) count() error {
	if s.entries++; s.entries > s.limits.Entries {
		return &sitemapError{ProblemMany, ""}
	}
	return nil
}

// give yields an entry, or says why it is none.
func (s *sitemapReader) give(f sitemapFields) error {
	switch scheme, rest, _ := strings.Cut(strings.ToLower(f.address), ":"); {
	case f.address == "":
		s.problem(ProblemNoAddress, "")
		return nil
	case len(f.address) > sitemapAddress:
		s.problem(ProblemLong, f.address)
		return nil
	case rest != "" && rest[0] != ' ' && scheme != "http" && scheme != "https" && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz+-0123456789") == "":
		s.problem(ProblemScheme, f.address)
		return nil
	case !strings.HasPrefix(rest, "//") || strings.Contains(scheme, "/"):
		s.problem(ProblemAddress, f.address)
		return nil
	}
	u := web.Resolve(s.at, f.address)
	if u == nil {
		s.problem(ProblemAddress, f.address)
		return nil
	}
	entry := SitemapEntry{URL: u, Sitemap: s.kind == KindIndex, Foreign: u.Host != s.home}
	if entry.Foreign {
		s.problem(ProblemForeign, f.address)
	}
	if f.date != "" {
		modified, ok := parseModified(f.date, s.kind)
		if !ok {
			s.problem(ProblemModified, f.date)
		}
		entry.Modified = modified
	}
	s.refused = s.yield(entry)
	return s.refused
}

// parseModified reads a date. W3C's NOTE-datetime has six forms, from a year to a fraction of a second; feeds have their own.
func parseModified(text string, kind SitemapKind) (time.Time, bool) {
	t, err := time.Time{}, error(nil)
	switch layouts := map[int]string{4: "2006", 7: "2006-01", 10: "2006-01-02"}; {
	case kind == KindRSS:
		t, err = mail.ParseDate(text)
	case layouts[len(text)] != "":
		t, err = time.Parse(layouts[len(text)], text)
	case len(text) > 16 && text[16] == ':' && !strings.Contains(text, ","): // Go takes a comma before a fraction
		t, err = time.Parse(time.RFC3339, text)
	default:
		t, err = time.Parse("2006-01-02T15:04Z07:00", text)
	}
	if err != nil || t.Year() < 1990 { // generators write 0001-01-01 and 1970-01-01 for what they do not know
		return time.Time{}, false
	}
	return t, true
}
