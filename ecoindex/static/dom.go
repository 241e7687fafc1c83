package static

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"

	"veille/ecoindex/web"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// parseHTML reads an HTML page as a browser with scripts does: the content of noscript is text. The content of template
// elements is taken out, because it is not in the document; that of a shadow root declared in the page is left in its
// host, because it is shown, and the reference counts it.
func parseHTML(body []byte, contentType string) (*goquery.Document, error) {
	var text io.Reader = bytes.NewReader(body)
	if len(body) > 0 { // the guess needs a byte to look at
		var err error
		if text, err = charset.NewReader(text, contentType); err != nil {
			return nil, fmt.Errorf("read the characters: %w", err)
		}
	}
	root, err := html.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the HTML: %w", err)
	}
	doc := goquery.NewDocumentFromNode(root)
	doc.Find("template").Each(func(_ int, t *goquery.Selection) {
		if _, shadow := t.Attr("shadowrootmode"); shadow {
			t.ReplaceWithSelection(t.Contents())
			return
		}
		t.Empty()
	})
	return doc, nil
}

// countElements is the DOM size of the reference: every element, html, head and body included, but not what is inside
// an svg. The documents of inner frames are not counted.
func countElements(doc *goquery.Document) int {
	return doc.Find("*").Length() - doc.Find("svg *").Length()
}

// baseOf is the address references of a document found at u start from.
func baseOf(doc *goquery.Document, u *url.URL) *url.URL {
	if href, ok := doc.Find("base[href]").First().Attr("href"); ok {
		if base := web.Resolve(u, href); base != nil {
			return base
		}
	}
	return u
}

// characters are those of the texts of a document that are shown, in order.
func characters(doc *goquery.Document) []rune {
	set := map[rune]bool{}
	for n := range doc.Nodes[0].Descendants() {
		if n.Type != html.TextNode || !shown(n.Parent) {
			continue
		}
		for _, r := range n.Data {
			set[r] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func shown(n *html.Node) bool {
	switch n.Data {
	case "script", "style", "noscript", "title", "textarea":
		return false
	}
	return true
}
