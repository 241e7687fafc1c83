package static

// kind is how html.Parse treats the elements of a name, as far as it matters to what it copies.
type kind int

const (
	kindPlain      kind = iota
	kindFormatting      // opened again after the block that closed it too early
	kindBlock           // may close what is open; what is inside it ends with it
	kindWall            // a block that hides what is around it from end tags inside it
	kindRoot            // there is one; the attributes of others are merged into it
	kindEmpty           // has no end tag
	kindText            // holds no tags
	kindForeign         // svg, math and all that is inside
	kindReset           // has rules of its own
)

func kindOf(name string) kind {
	switch name {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return kindFormatting
	case "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen", "link",
		"meta", "param", "source", "track", "wbr":
		return kindEmpty
	case "iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp":
		return kindText
	case "applet", "caption", "marquee", "object", "select", "table", "td", "th":
		return kindWall
	case "html", "body":
		return kindRoot
	case "math", "svg":
		return kindForeign
	case "template", "frameset", "plaintext":
		return kindReset
	case "address", "article", "aside", "blockquote", "button", "center", "colgroup", "dd", "details", "dialog", "dir", "div", "dl",
		"dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup",
		"li", "listing", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "rb", "rp", "rt", "rtc", "search", "section",
		"summary", "tbody", "tfoot", "thead", "tr", "ul":
		return kindBlock
	}
	return kindPlain
}

// leaves says whether a tag ends the svg or the formula it stands in, because it is HTML.
func leaves(name string) bool {
	switch name {
	case "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "font", "h1", "h2", "h3",
		"h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small",
		"span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var":
		return true
	}
	return false
}

// isDoor says whether HTML may stand inside an element of an svg or a formula.
func isDoor(name string) bool {
	switch name {
	case "foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml":
		return true
	}
	return false
}
