package practice

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// stripHTML is a page without its comments, with one space for several, and with its inner scripts and style sheets stripped. What a
// pre or a textarea holds stays as it is, and so do the comments that browsers, servers or frameworks read.
func stripHTML(text []byte) []byte {
	z := html.NewTokenizer(bytes.NewReader(text))
	out := make([]byte, 0, len(text))
	inside, strip := "", rawText // of the element whose text comes next
	pre := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return append(out, z.Raw()...)
		}
		raw := z.Raw()
		switch kind {
		case html.StartTagToken:
			out = append(out, raw...)
			inside, strip = textOf(z)
			if inside == "pre" {
				pre++
			}
			continue
		case html.EndTagToken:
			out = append(out, raw...)
			if name, _ := z.TagName(); string(name) == "pre" {
				pre = max(0, pre-1)
			}
		case html.CommentToken:
			if !needless(raw) {
				out = append(out, raw...)
			}
		case html.TextToken:
			switch {
			case inside != "" && inside != "pre":
				out = append(out, strip(raw)...)
			case pre > 0:
				out = append(out, raw...)
			default:
				out = collapse(out, raw)
			}
		default:
			out = append(out, raw...)
		}
		inside = ""
	}
}

func rawText(text []byte) []byte { return text }

// textOf is the name of the tag at which a tokenizer stands, where its text is not that of a page, and how that text is stripped.
func textOf(z *html.Tokenizer) (inside string, strip func([]byte) []byte) {
	name, more := z.TagName()
	switch string(name) {
	case "style":
		return "style", stripCSS
	case "pre", "textarea", "xmp", "title", "noscript", "iframe", "noframes", "plaintext":
		return string(name), rawText
	case "script":
	default:
		return "", rawText
	}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		kind := strings.ToLower(strings.TrimSpace(string(value)))
		if string(key) == "type" && kind != "" && !isScript(kind) {
			return "script", rawText
		}
	}
	return "script", func(text []byte) []byte {
		if kept, ok := stripJS(text); ok {
			return kept
		}
		return text
	}
}

// needless tells whether a comment is for people: it has words. Shorter ones are the marks of frameworks, "[if" is for old browsers,
// "#" for servers.
func needless(comment []byte) bool {
	text := bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimPrefix(comment, []byte("<!--")), []byte("-->")))
	if len(text) < 8 || bytes.HasPrefix(text, []byte("[if")) || bytes.HasPrefix(text, []byte("<![endif")) || text[0] == '#' || text[0] == '!' || text[0] == '$' {
		return false
	}
	return bytes.HasPrefix(comment, []byte("<!--")) && bytes.IndexByte(text, ' ') >= 0
}

// collapse adds a text to out, with one space or line end for several.
func collapse(out, text []byte) []byte {
	blank := false
	for _, c := range text {
		white := c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
		if !white || !blank {
			out = append(out, c)
		}
		blank = white
	}
	return out
}
