package template

import (
	"bytes"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

const (
	maxDepth   = 6       // of the elements that are looked at: what lies deeper is the text's more than the template's
	maxOpen    = 64      // elements open at a time; more deeply nested ones are passed over
	maxTokens  = 200_000 // of a page
	maxToken   = 1 << 20 // bytes of a tag or a text
	maxClasses = 4       // of an element
	maxFiles   = 4096    // resources of a page
)

// Of is the print of a page. All the prints of a site should be made from sights of the same kind, best the static one:
// a browser sees other elements and resources of the same page.
//
// Of the document it takes the paths of tags down to six levels, each with the first four classes of its last element. A
// path counts once: a list of ten items and one of two hundred have the same shape. Numbers in classes are taken for one
// another. What texts are written with is left out: phrases (a, em, code, span …), and paragraphs, lists, tables, headings
// and pictures without a class. So is what every page has (html, head, meta …) and what is inside an svg or a template.
// Of the resources it takes style sheets, scripts and fonts by their address without its query, and frames by their
// host. Images are left out: a single page does not tell those of the template from those of its text.
func Of(s *web.Sight) Print {
	var p Print
	p[0] = version
	shape, assets := newSketch(shapeSlots), newSketch(assetSlots)
	addShape(shape, bytes.NewReader(s.HTML))
	for i := range min(len(s.Resources), maxFiles) {
		if name := assetOf(&s.Resources[i]); name != "" {
			assets.add(hash(name))
		}
	}
	p.write(shape, headBytes, hasShape)
	p.write(assets, fromAssets, hasAssets)
	return p
}

// assetOf is what a resource tells of the template, or "".
func assetOf(r *web.Resource) string {
	u, err := url.Parse(r.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	switch r.Kind {
	case web.Stylesheet, web.Script, web.Font:
		return string(r.Kind) + " " + u.Host + u.Path
	case web.Frame:
		return string(r.Kind) + " " + u.Host
	case web.Image, web.Media: // a page does not tell which are shared; those of its text are its own
	case web.Document, web.Fetch, web.Other:
	}
	return ""
}

// element is one that is open.
type element struct {
	tag  string
	path uint64 // hash of the tags from the root to it
}

// addShape reads tags one by one. It builds no tree, so that its work is straight in the length of the page; elements
// that are closed by the next of their kind are closed roughly.
func addShape(shape *sketch, page io.Reader) {
	tokens := html.NewTokenizer(page)
	tokens.SetMaxBuf(maxToken)
	var open []element
	skipped := 0 // templates and pictures that are open
	for range maxTokens {
		kind := tokens.Next()
		switch kind {
		case html.ErrorToken:
			return
		case html.EndTagToken:
			name, _ := tokens.TagName()
			tag := string(name)
			if opaque(tag) {
				skipped = max(0, skipped-1)
			} else if skipped == 0 {
				open = closeTo(open, tag)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := tokens.TagName()
			tag := string(name)
			closed := kind == html.SelfClosingTagToken || void(tag)
			if skipped > 0 {
				if opaque(tag) && !closed {
					skipped++
				}
				continue
			}
			open = enter(shape, open, tag, classesOf(tokens, more), closed && (void(tag) || opaque(tag)))
			if opaque(tag) && !closed {
				skipped++
				open = closeTo(open, tag)
			}
		case html.TextToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

// enter adds the path of an element to the shape and opens it, unless nothing can be inside.
func enter(shape *sketch, open []element, tag string, classes uint64, closed bool) []element {
	if n := len(open); n > 0 && repeats(tag, open[n-1].tag) {
		open = open[:n-1]
	}
	parent := uint64(0)
	if n := len(open); n > 0 {
		parent = open[n-1].path
	}
	here := mix(parent ^ hash(tag))
	if len(open) < maxDepth && !phrase(tag) && !common(tag) && (classes != 0 || !flow(tag)) {
		shape.add(mix(here + classes))
	}
	if closed || len(open) >= maxOpen {
		return open
	}
	return append(open, element{tag, here})
}

// closeTo closes the last open element of a tag and what is inside it. An end without a beginning closes nothing.
func closeTo(open []element, tag string) []element {
	for i, e := range slices.Backward(open) {
		if e.tag == tag {
			return open[:i]
		}
	}
	return open
}

// classesOf is the same for the same classes in any order; 0 for none.
func classesOf(tokens *html.Tokenizer, more bool) (sum uint64) {
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		if string(key) != "class" {
			continue
		}
		n := 0
		for class := range strings.FieldsSeq(string(value)) {
			if n++; n > maxClasses {
				break
			}
			sum += hash(alikeNumbers(class))
		}
		break // the first of a name is the one that counts
	}
	return sum
}

// alikeNumbers writes each number as 0: post-12 and post-345 are one class.
func alikeNumbers(name string) string {
	var b strings.Builder
	digits := false
	for _, c := range []byte(name) {
		digit := c >= '0' && c <= '9'
		switch {
		case !digit:
			b.WriteByte(c)
		case !digits:
			b.WriteByte('0')
		}
		digits = digit
	}
	return b.String()
}

// hash is FNV-1a of 64 bits, and never 0.
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return max(1, h)
}

// repeats tells whether a start tag closes the open element before it, which has no end tag of its own.
func repeats(tag, open string) bool {
	switch open {
	case "p":
		switch tag {
		case "p", "div", "ul", "ol", "dl", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "section", "blockquote", "hr":
			return true
		}
	case "dt", "dd":
		return tag == "dt" || tag == "dd"
	case "td", "th":
		return tag == "td" || tag == "th"
	case "li", "tr", "option":
		return tag == open
	}
	return false
}

// void elements have nothing inside.
func void(tag string) bool {
	switch tag {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// opaque elements are not looked into.
func opaque(tag string) bool { return tag == "svg" || tag == "math" || tag == "template" }

// common elements are on every page and tell nothing; what they fetch is among the assets.
func common(tag string) bool {
	switch tag {
	case "html", "head", "body", "title", "meta", "link", "script", "style", "base", "noscript":
		return true
	}
	return false
}

// flow elements are what texts are written with; without a class they are the author's, not the template's.
func flow(tag string) bool {
	switch tag {
	case "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th",
		"pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "figure", "figcaption", "picture", "source":
		return true
	}
	return false
}

// phrase elements stand inside a text.
func phrase(tag string) bool {
	switch tag {
	case "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s",
		"samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var", "wbr":
		return true
	}
	return false
}
