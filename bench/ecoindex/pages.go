package main

import (
	"context"
	_ "embed" // pages.txt
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"veille/ecoindex/browser/browsertest"
)

//go:embed pages.txt
var pagesList string

// site is a place where a page is served, and knows what it was asked for.
type site interface {
	URL(path string) string
	Take() []request // what was asked for since the last call
	Close() error
}

// page is a page to measure, on a site of its own.
type page struct {
	site
	name      string // for people: site and path
	path      string
	peer      bool // the slow peer measures it too
	elsewhere bool // it asks other servers
	scripts   bool // it has scripts
	text      string
}

func (p *page) url() string { return p.URL(p.path) }

// openPages serves the first limit pages of the list (0 is all) and says on progress which are missing.
func openPages(tools string, limit int, progress progress) ([]*page, error) {
	var pages []*page
	for line := range strings.Lines(pagesList) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" || limit > 0 && len(pages) == limit {
			continue
		}
		p := &page{name: fields[0] + fields[1], path: fields[1], peer: slices.Contains(fields[2:], "peer"), elsewhere: slices.Contains(fields[2:], "elsewhere")}
		var err error
		if p.site, err = openSite(tools, fields[0]); err == nil {
			err = p.look()
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if p.site != nil {
				err = p.Close()
			}
			progress.say("%s is left out: it is not there; run bench/ecoindex/install.sh\n", p.name)
		case err == nil:
			pages = append(pages, p)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			closePages(pages)
			return nil, fmt.Errorf("serve %s: %w", p.name, err)
		}
	}
	return pages, nil
}

func openSite(tools, name string) (site, error) {
	if name == "fixture" {
		s, err := browsertest.NewSite()
		return &fixtures{Site: s}, err
	}
	// A root, so that no link of a package leads out of the folder.
	root, err := os.OpenRoot(filepath.Join(tools, "sites", name))
	if err != nil {
		return nil, err
	}
	return serve(root.FS())
}

// icons are the names of the files that the page names as its icon.
func (p *page) icons() []string {
	var names []string
	for tag := range strings.SplitSeq(p.text, "<link") {
		tag, _, _ = strings.Cut(tag, ">")
		_, rel, _ := strings.Cut(tag, "rel=")
		_, href, named := strings.Cut(tag, "href=")
		rel = strings.ToLower(value(rel))
		if named && slices.Contains(strings.Fields(rel), "icon") {
			names = append(names, short(value(href)))
		}
	}
	return names
}

// value is an attribute's, with quotes or without.
func value(text string) string {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		text, _, _ = strings.Cut(text[1:], text[:1])
		return text
	}
	text, _, _ = strings.Cut(text, " ")
	return text
}

// look fetches the page once: is it there, and has it scripts?
func (p *page) look() error {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.url(), http.NoBody)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %w", p.name, answer.Status, fs.ErrNotExist)
	}
	text, err := io.ReadAll(answer.Body)
	p.text = string(text)
	p.scripts = strings.Contains(strings.ToLower(p.text), "<script")
	p.Take()
	return err
}

func closePages(pages []*page) {
	for _, p := range pages {
		_ = p.Close() // nothing is lost with a port
	}
}

// fixtures is our own test site.
type fixtures struct{ *browsertest.Site }

// Take answers what was asked for since the last call.
func (f *fixtures) Take() []request {
	var asked []request
	for _, e := range f.Exchanges() {
		path, _, _ := strings.Cut(e.Path, "?")
		asked = append(asked, request{path, float64(e.Bytes)})
	}
	f.Reset()
	return asked
}
