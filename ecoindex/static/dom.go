package static

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"veille/ecoindex/web"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// parseHTML reads an HTML page as a browser with scripts does: the content of noscript is text. The content of template
// elements is taken out, because it is not in the document. What is declared as a shadow root becomes one, see
// openTemplate. It fails with errCopies or errAttributes where the parser would take too much.
func parseHTML(ctx context.Context, body []byte, contentType string, copies *int) (*goquery.Document, error) {
	open := func() (io.Reader, error) {
		if len(body) == 0 { // the guess needs a byte to look at
			return bytes.NewReader(body), nil
		}
		return charset.NewReader(bytes.NewReader(body), contentType)
	}
	root, err := parseBounded(ctx, open, copies)
	if err != nil {
		return nil, fmt.Errorf("read the HTML: %w", err)
	}
	doc := goquery.NewDocumentFromNode(root)
	for _, t := range doc.Find("template").Nodes {
		openTemplate(t)
	}
	return doc, nil
}

// openTemplate turns a template that declares a shadow root into that root, which is a document of its own inside its
// host, and empties any other. Observed with Chromium 156.
func openTemplate(t *html.Node) {
	mode := strings.ToLower(attribute(t, "shadowrootmode"))
	host := t.Parent
	shadow := (mode == "open" || mode == "closed") && mayHost(host) && !isShadow(host.FirstChild)
	root := &html.Node{Type: html.DocumentNode, Data: mode}
	for c := t.FirstChild; c != nil; c = t.FirstChild {
		t.RemoveChild(c)
		root.AppendChild(c)
	}
	if shadow {
		host.RemoveChild(t)
		host.InsertBefore(root, host.FirstChild)
	}
}

// mayHost says whether an element may have a shadow root (DOM standard, "attach a shadow root").
func mayHost(n *html.Node) bool {
	if n == nil || n.Type != html.ElementNode || n.Namespace != "" {
		return false
	}
	switch n.Data {
	case "article", "aside", "blockquote", "body", "div", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "main", "nav", "p",
		"section", "span":
		return true
	}
	return strings.Contains(n.Data, "-")
}

func isShadow(n *html.Node) bool { return n != nil && n.Type == html.DocumentNode }

// countElements is the DOM size of the reference: every element, html, head and body included, but not what is inside
// an svg. In open shadow roots it is every element, in an svg or not; closed ones are not looked into. The documents of
// inner frames are not counted. The branches are the elements with ten or more inside them.
func countElements(doc *goquery.Document) (int, []web.Branch) {
	var c census
	return c.below(doc.Nodes[0], -1, false, false), c.branches
}

// census is what countElements has seen.
type census struct{ branches []web.Branch }

func (c *census) below(n *html.Node, parent int, inShadow, inSVG bool) int {
	total := 0
	for child := range n.ChildNodes() {
		switch {
		case isShadow(child) && child.Data == "open":
			total += c.below(child, parent, true, false)
		case child.Type == html.ElementNode:
			at := len(c.branches)
			c.branches = append(c.branches, web.Branch{Parent: parent})
			elements := c.below(child, at, inShadow, inSVG || child.Data == "svg" && !inShadow) // in an svg, for the shadow roots
			if !inSVG {
				elements++
			}
			total += elements
			if elements < 10 {
				c.branches = c.branches[:at]
				continue
			}
			c.branches[at].Elements, c.branches[at].Name = elements, web.NameOf(child.Data, attribute(child, "id"), attribute(child, "class"))
		}
	}
	return total
}

// hiddenIn are the elements that are surely not shown, each with all that is inside it: what a style sheet would have
// to undo with force is taken as sure, and closed details.
func hiddenIn(doc *goquery.Document) map[*html.Node]bool {
	hidden := map[*html.Node]bool{}
	for n := range doc.Nodes[0].Descendants() {
		if n.Type == html.ElementNode && (hidden[n.Parent] || hides(n)) {
			hidden[n] = true
		}
	}
	return hidden
}

func hides(n *html.Node) bool {
	if n.Parent.Data == "details" && n.Data != "summary" && !has(n.Parent, "open") {
		return true
	}
	style := attribute(n, "style")
	if !strings.Contains(strings.ToLower(style), "display") {
		return false
	}
	shown := true
	for _, declaration := range splitOutside(style, ';') {
		property, value, _ := strings.Cut(declaration, ":")
		if strings.EqualFold(strings.TrimSpace(property), "display") {
			value, _, _ = strings.Cut(value, "!")
			shown = !strings.EqualFold(strings.TrimSpace(value), "none")
		}
	}
	return !shown
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
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
