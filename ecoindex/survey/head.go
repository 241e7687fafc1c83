package survey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// mostHead is how much of a document is read for its title, in bytes.
const mostHead = 512 << 10

// without is what stands for the hash of what a page has not.
const without = "-"

// headOf reads what a document calls itself.
func headOf(text []byte, header http.Header) Head {
	h := Head{Title: without, Description: without}
	if len(bytes.TrimSpace(text)) > 0 {
		h.Text = brief(text)
	}
	for _, value := range header.Values("X-Robots-Tag") {
		h.Hidden = h.Hidden || hides(value)
	}
	z := html.NewTokenizer(bytes.NewReader(text[:min(len(text), mostHead)]))
	titled := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return h
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch {
			case string(name) == "body":
				return h
			case string(name) == "meta" && more:
				h.meta(z)
			case string(name) == "title" && !titled && z.Next() == html.TextToken: // its text is never a tag
				titled = true
				h.Title = nameOf(string(z.Text()))
			}
		}
	}
}

// meta reads an element that may describe the page, or ask robots for something.
func (h *Head) meta(z *html.Tokenizer) {
	name, content := "", ""
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "name":
			name = strings.ToLower(strings.TrimSpace(string(value)))
		case "content":
			content = string(value)
		}
	}
	switch {
	case name == "description" && h.Description == without:
		h.Description = nameOf(content)
	case name == "robots":
		h.Hidden = h.Hidden || hides(content)
	}
}

// hides tells whether robots are asked not to list the page.
func hides(content string) bool {
	for one := range strings.SplitSeq(strings.ToLower(content), ",") {
		if one = strings.TrimSpace(one); one == "noindex" || one == "none" {
			return true
		}
	}
	return false
}

// nameOf is the hash of what a page is called, whatever the spaces in it.
func nameOf(text string) string {
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return without
	}
	return brief([]byte(text))
}

// brief is a hash of 48 bits as text: of a million different ones two are equal in one site of 500.
func brief(text []byte) string {
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// hashOf is that of a resource: of its length and of what was kept of its body, which is all of it or its beginning (static.Measurer.Look).
// Two files of the same length and the same beginning are taken for one.
func hashOf(e *web.Exchange) string {
	if e.Decoded < leastHashed || len(e.Body) == 0 {
		return ""
	}
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, e.Decoded) // a hash takes all
	_, _ = h.Write(e.Body)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:6])
}
