package paper

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// policy lets a page have its own style and pictures that stand in it. It holds beside the policy that the page has itself.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"

// quiet is a page without what runs, fetches, or leads elsewhere by itself, and with a policy that forbids it. Chromium would open a file
// of this machine in a frame, since the page is a file too: that is why a policy is not left to the page.
//
// A broken page may be another one when it is read again: it is read until it stays the same, and refused where it does not.
func quiet(page []byte) ([]byte, error) {
	if len(bytes.TrimSpace(page)) == 0 {
		return nil, errors.New("it is empty")
	}
	for range 5 {
		root, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
		if err != nil {
			return nil, fmt.Errorf("read it: %w", err)
		}
		strip(root)
		again, err := render(root)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(again, page) {
			forbid(root)
			return render(root)
		}
		page = again
	}
	return nil, errors.New("it is so broken that each reading of it gives another page")
}

func render(root *html.Node) ([]byte, error) {
	var b bytes.Buffer
	if err := html.Render(&b, root); err != nil {
		return nil, fmt.Errorf("write it without scripts: %w", err)
	}
	return b.Bytes(), nil
}

// strip takes out what is active.
func strip(root *html.Node) {
	var loud []*html.Node
	for n := range root.Descendants() {
		if active(n) {
			loud = append(loud, n)
		}
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return strings.HasPrefix(strings.ToLower(a.Key), "on") || leads(n, a) })
	}
	for _, n := range loud {
		n.Parent.RemoveChild(n)
	}
}

// leads tells whether an attribute is a link to anything but a place on the page, the web or a mailbox. In a document a link of another kind would be to a
// program or to a file: one that begins with nothing to the folder of the browser.
func leads(n *html.Node, a html.Attribute) bool {
	if !slices.Contains([]string{"a", "area"}, strings.ToLower(n.Data)) || a.Key != "href" && a.Key != "ping" {
		return false
	}
	to := strings.ToLower(a.Val)
	return a.Key == "ping" || !slices.ContainsFunc([]string{"#", "http://", "https://", "mailto:"}, func(good string) bool { return strings.HasPrefix(to, good) })
}

// forbid puts the policy before all else in the head.
func forbid(root *html.Node) {
	for n := range root.Descendants() {
		if n.DataAtom == atom.Head && n.Namespace == "" {
			n.InsertBefore(&html.Node{Type: html.ElementNode, DataAtom: atom.Meta, Data: "meta", Attr: []html.Attribute{
				{Key: "http-equiv", Val: "Content-Security-Policy"}, {Key: "content", Val: policy},
			}}, n.FirstChild)
			return
		}
	}
}

// active tells whether a node runs, fetches, or leads elsewhere.
func active(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	name := strings.ToLower(n.Data)
	if name == "meta" {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
			return a.Key == "http-equiv" && !strings.EqualFold(strings.TrimSpace(a.Val), "content-security-policy")
		})
	}
	return slices.Contains([]string{"script", "iframe", "frame", "frameset", "object", "embed", "applet", "portal", "fencedframe", "link", "base"}, name)
}
