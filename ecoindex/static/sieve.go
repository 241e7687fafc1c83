package static

import (
	"bytes"
	"context"
	"errors"
	"io"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// sieve is what html.Parse reads a page through. The parser knows neither time nor measure: out of eighty kilobytes of
// tags it can make millions of elements, and one tag may cost it a millisecond. The sieve looks at each tag before the
// parser does, and at the time every kilobyte. Where the parser may have copied too much, it ends the page.
type sieve struct {
	ctx      context.Context
	tokens   *html.Tokenizer
	disorder *disorder
	proven   int // bytes at the beginning, of which is known what the parser copies
	limit    int // of what it may copy after them

	given   int  // bytes looked at
	stopped bool // the page was ended there
	buffer  []byte
	ready   []byte // looked at, and not yet given to the parser
	raw     bool   // a tag has just begun text without tags, as a script does
}

// errCopies is a page of which the parser copies more than maxCopies.
var errCopies = errors.New("elements closed in disorder")

const (
	maxCopies = 300_000   // what the parser may copy for a page, some 150 bytes each
	maxDoubt  = 1_000_000 // what it may have copied before it is asked; 76,000 pages of documentation come to 8,000 at most
	maxProofs = 100       // how often it is asked
)

// sieveBatch is the number of bytes between two looks at the time.
const sieveBatch = 1 << 10

// Read gives the parser the next tags. It fails with errAttributes or the error of the context.
func (s *sieve) Read(p []byte) (int, error) {
	if len(s.ready) == 0 {
		if err := s.ctx.Err(); err != nil {
			return 0, err
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

func (s *sieve) fill() error {
	s.buffer = s.buffer[:0]
	for len(s.buffer) < sieveBatch && !s.stopped {
		s.tokens.AllowCDATA(s.disorder.inForeign())
		kind := s.tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		from, length := len(s.buffer), len(s.tokens.Raw())
		if err := s.pass(kind); err != nil {
			return err
		}
		if s.given < s.proven {
			s.disorder.spent = 0
		}
		if s.disorder.spent > s.limit {
			s.stopped = true
			s.buffer = s.buffer[:from]
			break
		}
		s.given += length
	}
	s.ready = s.buffer
	if len(s.ready) == 0 {
		return io.EOF
	}
	return nil
}

// pass checks one token and lets it through. What is a tag depends on whether the parser is inside an svg. Where that
// is not sure, the token is made such that the parser finds the same tags after it either way.
func (s *sieve) pass(kind html.TokenType) error {
	from := len(s.buffer)
	s.buffer = append(s.buffer, s.tokens.Raw()...)
	token := s.buffer[from:]
	raw := s.raw && s.disorder.adrift
	s.raw = false
	switch kind {
	case html.TextToken:
		for i := 0; raw && i < len(token); i++ {
			if token[i] == '<' {
				token[i] = ' '
			}
		}
	case html.CommentToken:
		if s.disorder.adrift && bytes.HasPrefix(token, []byte("<![CDATA[")) {
			s.buffer = append(s.buffer[:from], "<!---->"...)
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		return s.start(token, kind == html.SelfClosingTagToken)
	case html.EndTagToken:
		name, _ := s.tokens.TagName()
		s.disorder.end(atom.String(name))
	}
	return nil
}

func (s *sieve) start(token []byte, selfClosing bool) error {
	name, more := s.tokens.TagName()
	t := tag{name: atom.String(name), text: token, closed: selfClosing}
	t.kind = kindOf(t.name)
	if t.kind == kindFormatting || t.kind == kindRoot || len(token) > 2*maxAttributes {
		for ; more; t.attributes++ {
			_, _, more = s.tokens.TagAttr()
		}
	}
	if t.attributes > maxAttributes {
		return errAttributes
	}
	err := s.disorder.start(t)
	switch {
	case s.disorder.inForeign():
		s.tokens.NextIsNotRawText()
	case t.kind == kindText, t.name == "plaintext":
		s.raw = true
	}
	return err
}

// parseBounded is html.Parse for a page of unknown intent. Where the parser may have copied too much, the page up to
// there is parsed to see what it did copy, before the parser sees more. What it copied is taken from left, and all of it
// when that is not enough.
func parseBounded(ctx context.Context, open func() (io.Reader, error), left *int) (*html.Node, error) {
	proven := 0
	for range maxProofs {
		if *left < 0 {
			break
		}
		text, err := open()
		if err != nil {
			return nil, err
		}
		s := &sieve{ctx: ctx, tokens: html.NewTokenizer(text), disorder: newDisorder(), proven: proven, limit: maxDoubt}
		root, err := html.Parse(s)
		if err != nil {
			return nil, err
		}
		copied := max(0, weightOf(root)-s.disorder.own)
		switch {
		case copied > *left, s.stopped && s.given == proven:
			*left = -1
		case !s.stopped:
			*left -= copied
			return root, nil
		}
		proven = s.given
	}
	*left = -1
	return nil, errCopies
}

// weightOf is the weight of the formatting elements of a document.
func weightOf(root *html.Node) int {
	total := 0
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Namespace == "" && kindOf(n.Data) == kindFormatting {
			length := 0
			for _, a := range n.Attr {
				length += len(a.Key) + len(a.Val)
			}
			total += weigh(len(n.Attr), length)
		}
	}
	return total
}
