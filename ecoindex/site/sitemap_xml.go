package site

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

const (
	sitemapToken = 256 << 10 // bytes of a token
	sitemapDepth = 32        // elements within each other
	// sitemapTokens are tags and texts for an entry: some 20 are usual, and 50 MB of the shortest would take ten seconds.
	sitemapTokens = 100
)

// sitemapCharacters gives the characters of a document in UTF-8, without those that XML does not have.
type sitemapCharacters struct {
	s     *sitemapReader
	in    *bufio.Reader
	some  [utf8.UTFMax]byte
	left  []byte // of the last character
	token []byte // the beginning of what was read for the token, as it is written
	size  int    // of all that was read for it
	ended bool
}

// characters finds the charset of a document, and where its text begins.
func (s *sitemapReader) characters(in *bufio.Reader) (*sitemapCharacters, error) {
	head, _ := in.Peek(1024)
	label, known := charsetOf(head)
	if bytes.HasPrefix(head, []byte("\uFEFF")) {
		_, _ = in.Discard(3)
	}
	if label != "" {
		s.problem(ProblemCharset, label)
	}
	if known {
		if decoded, err := charset.NewReaderLabel(label, in); err == nil {
			in = bufio.NewReader(decoded)
		}
	}
	text := &sitemapCharacters{s: s, in: in}
	for skipped := 0; ; skipped++ {
		c, _, err := in.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return nil, &sitemapError{ProblemEmpty, ""}
		case err != nil:
			return nil, err
		case unicode.IsSpace(c) || c == '\uFEFF':
			continue
		}
		_ = in.UnreadRune()
		if start, _ := in.Peek(5); skipped > 0 && string(start) == "<?xml" && !known {
			s.problem(ProblemSpace, "")
		}
		return text, nil
	}
}

// charsetOf is the charset of a document where that is not UTF-8, as it was declared, and whether it is to be decoded: UTF-16 that is
// declared in letters of one byte is none.
func charsetOf(head []byte) (label string, known bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00")):
		return "utf-16le", true
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<")):
		return "utf-16be", true
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\uFEFF")))
	declaration, _, ok := bytes.Cut(head, []byte("?>"))
	if !ok || !bytes.HasPrefix(declaration, []byte("<?xml")) {
		return "", false
	}
	_, value, ok := bytes.Cut(declaration, []byte("encoding"))
	value = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(value), []byte("=")))
	if !ok || len(value) < 2 {
		return "", false
	}
	value, _, _ = bytes.Cut(value[1:], value[:1])
	label = string(bytes.TrimSpace(value))
	switch lower := strings.ToLower(label); lower {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return "", false
	default:
		encoding, _ := charset.Lookup(lower)
		return label, encoding != nil && !strings.HasPrefix(lower, "utf-16") && lower != "unicode"
	}
}

func (t *sitemapCharacters) next() (rune, error) {
	c, n, err := t.in.ReadRune()
	switch {
	case err != nil:
		t.ended = errors.Is(err, io.EOF)
		return 0, err
	case c == utf8.RuneError && n == 1, c < ' ' && c != '\t' && c != '\n' && c != '\r', c == '\uFFFE', c == '\uFFFF':
		t.s.problem(ProblemCharacter, "")
		return utf8.RuneError, nil
	}
	return c, nil
}

// ReadByte is what the XML decoder asks for. It never reads ahead, so that what was read since start is one token.
func (t *sitemapCharacters) ReadByte() (byte, error) {
	var b byte
	switch c, err := t.in.Peek(1); {
	case len(t.left) > 0:
		b, t.left = t.left[0], t.left[1:]
	case err == nil && c[0] >= ' ' && c[0] < utf8.RuneSelf: // most are, and this is faster
		b, _ = t.in.ReadByte()
	default:
		c, err := t.next()
		if err != nil {
			return 0, err
		}
		t.left = utf8.AppendRune(t.some[:0], c)
		b, t.left = t.left[0], t.left[1:]
	}
	if t.size++; t.size > sitemapToken {
		return 0, &sitemapError{ProblemToken, string(t.token)}
	}
	if len(t.token) < sitemapText {
		t.token = append(t.token, b)
	}
	return b, nil
}

// Read makes it an io.Reader, which the decoder wants and does not use.
func (t *sitemapCharacters) Read(p []byte) (n int, err error) {
	for ; n < len(p) && err == nil; n++ {
		if p[n], err = t.ReadByte(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (t *sitemapCharacters) start() { t.token, t.size = t.token[:0], 0 }

// sitemapShape says where the entries of a document are.
type sitemapShape struct {
	kind                 SitemapKind
	depth                int // of the entry: 1 is below the root
	entry, address, date string
}

func shapeOf(root string) (sitemapShape, bool) {
	switch root {
	case "urlset":
		return sitemapShape{KindPages, 1, "url", "loc", "lastmod"}, true
	case "sitemapindex":
		return sitemapShape{KindIndex, 1, "sitemap", "loc", "lastmod"}, true
	case "rss":
		return sitemapShape{KindRSS, 2, "item", "link", "pubDate"}, true
	case "RDF":
		return sitemapShape{KindRSS, 1, "item", "link", ""}, true // its dates are of another namespace
	case "feed":
		return sitemapShape{KindAtom, 1, "entry", "link", "updated"}, true
	}
	return sitemapShape{}, false
}

// sitemapElements follows the elements of a document. The decoder does not: it would hold all that are open.
type sitemapElements struct {
	*sitemapReader
	text      *sitemapCharacters
	shape     sitemapShape
	open      []xml.Name // the root first; their Space is a prefix
	entry     *sitemapFields
	addresses int    // of the entry
	unknown   bool   // its address has an entity that XML does not have
	value     []byte // of the address or the date that is open
	wanted    bool   // one is
}

func (s *sitemapReader) elements(text *sitemapCharacters) error {
	e := &sitemapElements{sitemapReader: s, text: text}
	d := xml.NewDecoder(text)
	d.Strict = false                                                                   // an & that is not escaped is common; entities of the document's own are expanded in neither mode
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 by now
	for left := sitemapTokens * (s.limits.Entries + 10); ; left-- {
		if left == 0 {
			return &sitemapError{ProblemTokens, ""}
		}
		text.start()
		token, err := d.RawToken()
		switch _, stopped := errors.AsType[*sitemapError](err); {
		case errors.Is(err, io.EOF) && len(e.open) == 0 && s.kind != KindNone:
			return nil
		case err != nil && text.ended:
			return &sitemapError{ProblemCut, ""}
		case stopped:
			return err
		case err != nil:
			return &sitemapError{ProblemXML, err.Error()}
		}
		switch token := token.(type) {
		case xml.StartElement:
			err = e.begin(token)
		case xml.EndElement:
			err = e.end(token.Name)
		case xml.CharData:
			e.characters(token)
		}
		if err != nil {
			return err
		}
	}
}

func (e *sitemapElements) begin(t xml.StartElement) error {
	depth := len(e.open)
	switch {
	case depth == sitemapDepth:
		return &sitemapError{ProblemDeep, t.Name.Local}
	case depth == 0 && e.kind != KindNone:
		return &sitemapError{ProblemXML, "a second root element: " + t.Name.Local}
	case depth == 0:
		shape, ok := shapeOf(t.Name.Local)
		if !ok {
			return &sitemapError{ProblemRoot, t.Name.Local}
		}
		e.shape, e.kind = shape, shape.kind
	case depth == e.shape.depth && t.Name.Local == e.shape.entry && (t.Name.Space == e.open[0].Space || e.kind == KindRSS):
		e.entry, e.addresses, e.unknown = &sitemapFields{}, 0, false
		if err := e.count(); err != nil {
			return err
		}
	case depth == e.shape.depth+1 && e.entry != nil && t.Name.Space == e.open[depth-1].Space: // not image:loc, nor atom:link
		e.field(t)
	}
	e.open = append(e.open, t.Name)
	return nil
}

// field is called where an element of an entry begins.
func (e *sitemapElements) field(t xml.StartElement) {
	if e.kind == KindAtom && t.Name.Local == e.shape.address {
		var href, rel string
		for _, a := range t.Attr {
			switch a.Name.Local {
			case "href":
				href = a.Value
			case "rel":
				rel = a.Value
			}
		}
		if e.entry.address == "" && (rel == "" || rel == "alternate") {
			e.entry.address = strings.TrimSpace(href)
		}
		return
	}
	e.wanted, e.value = t.Name.Local == e.shape.address || t.Name.Local == e.shape.date, e.value[:0]
}

// characters takes the text of a field, as far as it can be of use.
func (e *sitemapElements) characters(text xml.CharData) {
	if !e.wanted {
		return
	}
	e.value = append(e.value, text[:min(len(text), sitemapText-len(e.value))]...)
	if written := bytes.TrimPrefix(e.text.token, []byte("<")); !bytes.HasPrefix(written, []byte("![CDATA[")) {
		if fault, unknown := entityFault(written); fault {
			e.problem(ProblemEntity, string(bytes.TrimSuffix(written, []byte("<"))))
			e.unknown = e.unknown || unknown
		}
	}
}

// entityFault tells whether a text has an & that stands for nothing in XML, and whether one of them stands for something unknown.
func entityFault(text []byte) (fault, unknown bool) {
	for {
		_, rest, ok := bytes.Cut(text, []byte("&"))
		if !ok {
			return fault, unknown
		}
		text = rest
		name, _, ended := bytes.Cut(rest[:min(len(rest), 32)], []byte(";"))
		switch string(name) {
		case "amp", "lt", "gt", "quot", "apos":
			if ended {
				continue
			}
		}
		if ended && len(name) > 1 && name[0] == '#' {
			continue // the decoder knows it, or leaves it
		}
		fault = true
		if ended && len(name) > 0 && !bytes.ContainsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
			unknown = true
		}
	}
}

// end closes an element, and those within it that were left open.
func (e *sitemapElements) end(name xml.Name) error {
	last := len(e.open) - 1
	for i := last; i >= 0; i-- {
		if e.open[i] != name {
			continue
		}
		if i != last {
			e.problem(ProblemTag, name.Local)
		}
		for ; last >= i; last-- {
			if err := e.closed(last); err != nil {
				return err
			}
		}
		return nil
	}
	e.problem(ProblemTag, name.Local)
	return nil
}

// closed is called with the last element that is open, whose depth is given.
func (e *sitemapElements) closed(depth int) error {
	name := e.open[depth].Local
	e.open = e.open[:depth]
	switch {
	case depth == e.shape.depth+1 && e.wanted:
		e.wanted = false
		text := strings.TrimSpace(string(e.value))
		if name == e.shape.date {
			e.entry.date = text
		} else if e.addresses++; e.addresses == 1 {
			e.entry.address = text
		}
	case depth == e.shape.depth && e.entry != nil:
		f, feed := *e.entry, e.kind == KindRSS || e.kind == KindAtom
		e.entry = nil
		if f.address == "" && feed || e.unknown {
			return nil // an entry of a feed need not have a page
		}
		if e.addresses > 1 && !feed {
			e.problem(ProblemNoAddress, f.address)
		}
		return e.give(f)
	}
	return nil
}
