package practice

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"

	"veille/ecoindex/web"
)

// Bounds of what is kept of a style sheet at a time.
const (
	maxPrelude      = 4096 // bytes of a selector list or a declaration; the rest of a longer one is not looked at
	maxCSSDepth     = 64   // blocks inside blocks
	maxDeclarations = 1000 // of one rule that are compared
	maxDataFonts    = 100
)

// styles is a style sheet of a page: a file, or a style element.
type styles struct {
	url, where string // as of an Offender
	text       []byte
}

func (s styles) offender(detail string) Offender {
	return Offender{URL: s.url, Where: s.where, Detail: short(detail)}
}

// sheetsOf are the style sheets of a page, each address once, as far as they were kept.
func sheetsOf(v *View) []styles {
	var all []styles
	known := map[string]bool{}
	for i := range v.Exchanges {
		if e := &v.Exchanges[i]; isSheet(e) && len(e.Body) > 0 && !known[e.URL] {
			known[e.URL] = true
			all = append(all, styles{url: e.URL, text: e.Body})
		}
	}
	v.Doc.Find("style").Each(func(_ int, s *goquery.Selection) {
		parent := s.Parent()
		where := web.NameOf(goquery.NodeName(parent), parent.AttrOr("id", ""), parent.AttrOr("class", "")) + " > style"
		all = append(all, styles{where: where, text: []byte(s.Text())})
	})
	return all
}

// tally counts, and keeps the first of what it counted.
type tally struct {
	n     int
	first []string
}

func (t *tally) add(what string) {
	if t.n++; t.n <= maxOffendersListed {
		t.first = append(t.first, short(what))
	}
}

// cssFacts are what is in a style sheet.
type cssFacts struct {
	rules      tally // style rules
	important  tally // declarations
	imports    tally
	longhands  tally // rules with all sides of what could be said at once
	duplicates tally // declarations twice in a rule, and rules with the declarations of another
	slow       tally // selectors
	fonts      []dataFont
}

// dataFont is a font written in a style sheet.
type dataFont struct {
	hash [sha256.Size]byte
	long int // characters
}

// cssBlock is a pair of braces, from the first on.
type cssBlock struct {
	at           string // "@media" and such, or "" for a rule
	prelude      string
	declarations []string // "property:value"
	frames       bool     // it is inside an @keyframes
	place        uint64   // the same for blocks inside the same
}

// cssReader reads a style sheet once, token by token.
type cssReader struct {
	facts   cssFacts
	blocks  []cssBlock
	deep    int // blocks open beyond maxCSSDepth
	at      string
	prelude []byte
	bang    bool // the last token was an exclamation mark
	rules   map[uint64]bool
}

// readCSS reads a style sheet. It is as forgiving as browsers are: what it does not understand counts for nothing.
func readCSS(text []byte) cssFacts {
	r := cssReader{rules: map[uint64]bool{}}
	lexer := css.NewLexer(parse.NewInputBytes(bytes.Clone(text))) // the lexer writes behind the end of what it is given
	for {
		kind, data := lexer.Next()
		switch kind {
		case css.ErrorToken:
			return r.facts
		case css.CommentToken, css.CDOToken, css.CDCToken:
		case css.WhitespaceToken:
			if n := len(r.prelude); n > 0 && r.prelude[n-1] != ' ' {
				r.keep(" ")
			}
		case css.AtKeywordToken:
			if r.at == "" && len(r.prelude) == 0 {
				r.at = strings.ToLower(string(data))
			} else {
				r.keep(string(data))
			}
		case css.LeftBraceToken:
			r.open()
		case css.RightBraceToken:
			r.finish()
			r.close()
		case css.SemicolonToken:
			r.finish()
		case css.URLToken:
			r.font(data)
			r.keep(string(data[:min(len(data), maxPrelude)]))
		default:
			if kind == css.IdentToken && r.bang && bytes.EqualFold(data, []byte("important")) {
				r.facts.important.add(string(r.prelude))
			}
			if kind == css.StringToken && bytes.HasSuffix(r.prelude, []byte("url(")) {
				r.font(data)
			}
			r.keep(string(data[:min(len(data), maxPrelude)]))
			r.bang = kind == css.DelimToken && string(data) == "!"
		}
	}
}

// keep adds to what comes before the next brace or semicolon.
func (r *cssReader) keep(text string) {
	if len(r.prelude)+len(text) <= maxPrelude {
		r.prelude = append(r.prelude, text...)
	}
}

// font notes a font that is written in the sheet.
func (r *cssReader) font(data []byte) {
	text := strings.TrimSpace(string(data))
	if len(text) > 4 && strings.EqualFold(text[:4], "url(") {
		text = strings.TrimSpace(strings.TrimSuffix(text[4:], ")"))
	}
	text = strings.Trim(text, `"'`)
	kind, _, ok := strings.Cut(text[:min(len(text), 200)], ",")
	kind, inside := strings.CutPrefix(strings.ToLower(kind), "data:")
	kind, _, _ = strings.Cut(kind, ";")
	if ok && inside && isFont(strings.TrimSpace(kind)) && len(r.facts.fonts) < maxDataFonts {
		r.facts.fonts = append(r.facts.fonts, dataFont{sha256.Sum256([]byte(text)), len(text)})
	}
}

// open begins a block.
func (r *cssReader) open() {
	b := cssBlock{at: r.at, prelude: strings.TrimSpace(string(r.prelude))}
	r.at, r.prelude, r.bang = "", r.prelude[:0], false
	if n := len(r.blocks); n > 0 {
		b.frames, b.place = r.blocks[n-1].frames, r.blocks[n-1].place
	}
	if b.at == "" && !b.frames {
		r.facts.rules.add(b.prelude)
		for _, s := range selectorsOf(b.prelude) {
			if slow(s) {
				r.facts.slow.add(s)
			}
		}
	}
	if len(r.blocks) >= maxCSSDepth {
		r.deep++
		return
	}
	b.frames = b.frames || strings.HasPrefix(b.at, "@") && strings.HasSuffix(b.at, "keyframes")
	b.place = sumOf(b.place, b.at, b.prelude)
	r.blocks = append(r.blocks, b)
}

// sumOf is a number that is the same for the same texts in the same place.
func sumOf(place uint64, texts ...string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, place)) // into memory
	for _, text := range texts {
		_, _ = h.Write([]byte(text + ";"))
	}
	return h.Sum64()
}

// finish ends a declaration, or an at-rule without a block.
func (r *cssReader) finish() {
	text := strings.TrimSpace(string(r.prelude))
	at := r.at
	r.at, r.prelude, r.bang = "", r.prelude[:0], false
	if at == "@import" {
		r.facts.imports.add(text)
	}
	if at != "" || len(r.blocks) == 0 || r.deep > 0 {
		return
	}
	name, value, ok := strings.Cut(text, ":")
	b := &r.blocks[len(r.blocks)-1]
	if ok && b.at == "" && len(b.declarations) < maxDeclarations {
		b.declarations = append(b.declarations, strings.ToLower(strings.TrimSpace(name))+":"+strings.TrimSpace(value))
	}
}

// close ends a block.
func (r *cssReader) close() {
	if r.deep > 0 {
		r.deep--
		return
	}
	n := len(r.blocks)
	if n == 0 {
		return
	}
	b := r.blocks[n-1]
	r.blocks = r.blocks[:n-1]
	if b.at != "" || len(b.declarations) < 2 || b.frames {
		return
	}
	names := map[string]bool{}
	said := map[string]bool{}
	for _, d := range b.declarations {
		if said[d] {
			r.facts.duplicates.add(b.prelude + " { " + d + " }")
		}
		said[d] = true
		name, _, _ := strings.Cut(d, ":")
		names[name] = true
	}
	if run := longhand(names); run != "" {
		r.facts.longhands.add(b.prelude + " { " + run + " }")
	}
	r.repeated(b)
}

// leastRepeated is how many declarations a rule has that is worth joining with another of the same.
const leastRepeated = 3

// repeated notes a rule that declares what another of the same block declares.
func (r *cssReader) repeated(b cssBlock) {
	if len(b.declarations) < leastRepeated {
		return
	}
	place := uint64(0)
	if n := len(r.blocks); n > 0 {
		place = r.blocks[n-1].place
	}
	slices.Sort(b.declarations)
	if sum := sumOf(place, b.declarations...); r.rules[sum] {
		r.facts.duplicates.add(b.prelude + " { … }")
	} else {
		r.rules[sum] = true
	}
}

// longhand is the name of what a rule says side by side and could say at once; "" for nothing.
func longhand(names map[string]bool) string {
	all := func(of ...string) bool {
		return !slices.ContainsFunc(of, func(one string) bool { return !names[one] })
	}
	for _, short := range []string{"margin", "padding"} {
		if all(short+"-top", short+"-right", short+"-bottom", short+"-left") {
			return short
		}
	}
	for _, part := range []string{"width", "style", "color"} {
		if all("border-top-"+part, "border-right-"+part, "border-bottom-"+part, "border-left-"+part) {
			return "border-" + part
		}
	}
	for _, short := range []string{"border", "border-top", "border-right", "border-bottom", "border-left", "outline"} {
		if all(short+"-width", short+"-style", short+"-color") {
			return short
		}
	}
	if all("border-top-left-radius", "border-top-right-radius", "border-bottom-right-radius", "border-bottom-left-radius") {
		return "border-radius"
	}
	return ""
}
