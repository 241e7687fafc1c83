package practice

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// prose counts words, sentences and syllables of running text.
type prose struct {
	lang                        string // "fr" or "en"
	words, sentences, syllables int
	block                       strings.Builder // the text of the block that is being read
	in                          *html.Node      // the element that is that block
}

const (
	// mostBlock is how much of one block of text is read, in bytes.
	mostBlock = 1 << 20
	// shortBlock is how many words a block has at least that ends without a full stop and is no label or entry of a menu.
	shortBlock = 8
)

// ease is the reading ease: Flesch 1948 for English, its coefficients as fitted to French by Kandel and Moles 1958. There must be a sentence.
func (p *prose) ease() float64 {
	long, heavy := float64(p.words)/float64(p.sentences), float64(p.syllables)/float64(p.words)
	if p.lang == "fr" {
		return 207 - 1.015*long - 73.6*heavy
	}
	return 206.835 - 1.015*long - 84.6*heavy
}

// read counts what is below an element. Menus, forms, tables, code and what is not shown are left out.
func (p *prose) read(top *html.Node) {
	descend(top, func(n *html.Node, depth int) bool {
		switch {
		case p.words >= mostWords:
			return false
		case n.Type == html.TextNode:
			if block := blockOf(n); block != p.in {
				p.endBlock()
				p.in = block
			}
			if p.block.Len()+len(n.Data) <= mostBlock {
				p.block.WriteString(n.Data)
			}
		case n.Type == html.ElementNode && isAside(n):
			return depth == 0
		case isElement(n, "br"):
			p.endBlock()
		}
		return true
	})
	p.endBlock()
}

// blockOf is the element of which a text is a line: the nearest that is no part of a line.
func blockOf(n *html.Node) *html.Node {
	const most = 20 // a text so deep in parts of lines is rare, and must not cost much
	n = n.Parent
	for range most {
		if n.Parent == nil || !isElement(n, "a", "abbr", "b", "bdi", "bdo", "cite", "data", "del", "dfn", "em", "font", "i", "ins", "label", "mark", "q",
			"s", "small", "span", "strong", "sub", "time", "u", "var") {
			break
		}
		n = n.Parent
	}
	return n
}

// isAside tells whether what is in an element is no running text of the page.
func isAside(n *html.Node) bool {
	return !isElement(n) || hasAttr(n, "hidden") || wordOf(n, "aria-hidden") == "true" || isElement(n, "nav", "header", "footer", "aside", "script", "style",
		"noscript", "template", "pre", "code", "kbd", "samp", "select", "textarea", "button", "form", "iframe", "object", "video", "audio", "canvas", "table", "sup")
}

// endBlock counts the block that was read.
func (p *prose) endBlock() {
	text := p.block.String()
	p.block.Reset()
	words, sentences, syllables, open := 0, 0, 0, 0
	for one := range strings.FieldsSeq(text) {
		letters := lettersOf(one)
		if letters != "" {
			words++
			open++
			syllables += syllablesOf(p.lang, letters)
		}
		if open > 0 && endsSentence(one, letters) {
			sentences, open = sentences+1, 0
		}
	}
	switch {
	case words == 0 || open > 0 && sentences == 0 && words < shortBlock:
		return
	case open > 0:
		sentences++
	}
	p.words, p.sentences, p.syllables = p.words+words, p.sentences+sentences, p.syllables+syllables
}

// lettersOf is a word between spaces in small letters, without what surrounds it; "" for what has no letter or is an address. An elision
// ("l'eau") and what a hyphen joins are one word, as for those who count by spaces.
func lettersOf(field string) string {
	if len(field) > 100 || strings.Contains(field, "://") || strings.ContainsRune(field, '@') || strings.ContainsFunc(field, unicode.IsDigit) {
		return ""
	}
	return strings.ToLower(strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) }))
}

// endsSentence tells whether a sentence ends with a word: by its mark, behind which quotes and brackets may close. A point after one
// letter or an abbreviation of a title ends none.
func endsSentence(field, letters string) bool {
	field = strings.TrimRight(field, "\"'’”»)]")
	if strings.HasSuffix(field, ".") && !strings.HasSuffix(field, "..") {
		switch letters {
		case "mr", "mrs", "ms", "dr", "mme", "mlle", "st", "no", "art", "cf", "etc", "e.g", "i.e", "vs", "ex":
			return false
		}
		return utf8.RuneCountInString(letters) != 1
	}
	return strings.HasSuffix(field, "!") || strings.HasSuffix(field, "?") || strings.HasSuffix(field, "…") || strings.HasSuffix(field, "...") || strings.HasSuffix(field, ":") && letters == ""
}
