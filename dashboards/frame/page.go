package frame

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"veille/collector"
)

// Reader is who asks for a page.
type Reader struct {
	User  *collector.User // nil: nobody has signed in
	Token string          // what forms bring back, so that no other site can send one; "" where nobody has signed in
}

type readerKey struct{}

// With is a context of what a reader asks for.
func With(ctx context.Context, r Reader) context.Context {
	return context.WithValue(ctx, readerKey{}, r)
}

// ReaderOf is who asks; its zero value where nobody has signed in.
func ReaderOf(ctx context.Context) Reader {
	r, _ := ctx.Value(readerKey{}).(Reader)
	return r
}

// Page is what every template is given.
type Page struct {
	Language
	Title  string
	Path   string // without the language
	Query  string // the parameters but the language, to be appended to ?lang=xx
	Style  string
	Reader Reader
}

// Page is the page with a title, by its key, at a path, with parameters.
func (f *Frame) Page(r *http.Request, title, path, query string) Page {
	l := f.Choose(r)
	return Page{Language: l, Title: l.Say(title), Path: path, Query: query, Style: f.styleName, Reader: ReaderOf(r.Context())}
}

// Elsewhere is the address of the same page in the other language; "" where it has no address of its own.
func (p Page) Elsewhere() string {
	if p.Path == "" {
		return ""
	}
	return p.Path + "?lang=" + p.Other() + p.Query
}

// Self is the page itself, for what embeds it.
func (p Page) Self() Page { return p }

// To is the address of a page of ours in the language of the reader. Names and values of further parameters follow.
func (p Page) To(path string, more ...any) string {
	for i := 0; i+1 < len(more); i += 2 {
		path += map[bool]string{true: "?lang=" + p.Code + "&", false: "&"}[i == 0] + fmt.Sprint(more[i]) + "=" + url.QueryEscape(fmt.Sprint(more[i+1]))
	}
	if len(more) == 0 {
		path += "?lang=" + p.Code
	}
	return path
}

// Door is a way to another page.
type Door struct {
	Path  string
	Words string // key
	Here  bool
}

// Menu is where this reader may go from any page, in one order for all.
func (p Page) Menu() []Door {
	const it, officer, web, reader = collector.RoleIT, collector.RoleOfficer, collector.RoleWeb, collector.RoleReader
	var doors []Door
	for _, d := range []struct {
		path, words string
		roles       []collector.Role // nil: everybody who has signed in
		whole       bool             // it is of the whole organisation: not for those who see one site only
	}{
		{path: "/", words: "nav.overview"},
		{path: "/sites", words: "nav.sites", roles: []collector.Role{it, officer, reader}},
		{path: "/levers", words: "nav.levers", roles: []collector.Role{it, officer, reader}},
		{path: "/actions", words: "nav.actions", roles: []collector.Role{it, officer, reader}},
		{path: "/equipment", words: "nav.equipment", roles: []collector.Role{it, officer, reader}},
		{path: "/machines", words: "nav.machines", roles: []collector.Role{it}},
		{path: "/web", words: "nav.web"},
		{path: "/reports", words: "nav.reports", roles: []collector.Role{it, officer, reader}, whole: true},
		{path: "/settings", words: "nav.settings", roles: []collector.Role{it, officer}},
	} {
		if p.Reader.User != nil && (d.roles == nil || p.Reader.User.Has(d.roles...)) && (!d.whole || p.Reader.User.Site == 0) {
			doors = append(doors, Door{d.path, d.words, d.path == p.Path})
		}
	}
	return doors
}

// About is where everybody may go from any page, signed in or not.
func (p Page) About() []Door {
	var doors []Door
	for _, d := range []Door{{Path: "/method", Words: "nav.method"}, {Path: "/data", Words: "nav.data"}, {Path: "/accessibility", Words: "nav.accessibility"}, {Path: "/eco-design", Words: "nav.ecodesign"}} {
		d.Here = d.Path == p.Path
		doors = append(doors, d)
	}
	return doors
}
