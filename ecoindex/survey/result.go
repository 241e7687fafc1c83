package survey

import (
	"veille/ecoindex"
	"veille/ecoindex/practice"
	"veille/ecoindex/web"
)

// Figures are the three that EcoIndex wants.
type Figures struct {
	DOM      int     `json:"dom"`
	Requests int     `json:"requests"`
	SizeKB   float64 `json:"size_kb"`
}

// Measure is the same, as the formula takes it.
func (f Figures) Measure() ecoindex.Measure {
	return ecoindex.Measure{DOM: f.DOM, Requests: f.Requests, SizeKB: f.SizeKB}
}

func figuresOf(m ecoindex.Measure) Figures { return Figures{m.DOM, m.Requests, m.SizeKB} }

// Shown is what a browser measured, or why it could not.
type Shown struct {
	Figures
	At       string   `json:"at"`                 // when it measured, RFC 3339 in UTC; of an unchanged page that is an earlier survey
	Protocol string   `json:"protocol,omitempty"` // by which it did
	Code     web.Code `json:"code,omitempty"`
	Text     string   `json:"text,omitempty"`
}

// Result is what is kept of a quick look at a page. Nothing of its text is.
type Result struct {
	Figures
	At           string `json:"at"`    // when it was looked at, RFC 3339 in UTC; of an unchanged page that is an earlier survey
	Print        []byte `json:"print"` // template.Print
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	practice.PageKept
	Head   Head     `json:"head"`
	Assets []Asset  `json:"assets"` // the largest, for what is shared by many pages
	Notes  []string `json:"notes,omitempty"`
}

// Head tells pages apart by what they call themselves, without keeping it: short hashes, for which two pages are compared and nothing else.
type Head struct {
	Title       string `json:"title,omitempty"`       // hash; "-": it has none; "": nobody looked
	Description string `json:"description,omitempty"` // likewise
	Text        string `json:"text,omitempty"`        // hash of the whole document
	Hidden      bool   `json:"hidden,omitempty"`      // it asks not to be listed
}

// Asset is a resource of a page.
type Asset struct {
	URL    string   `json:"url"`
	Kind   web.Kind `json:"kind"`
	Bytes  int64    `json:"bytes"`
	Cached bool     `json:"cached"`         // by browsers, for a while
	Hash   string   `json:"hash,omitempty"` // of its length and what was kept of it, which is all or its beginning; "" where it is short or not known
}

// Failure is a page that could not be looked at.
type Failure struct {
	URL    string   `json:"url"`
	Code   web.Code `json:"code"`
	Status int      `json:"status,omitempty"` // that the server answered, where it is why
	Text   string   `json:"text"`
}

// What is kept of one page at most.
const (
	mostAssets = 10
	mostText   = 300 // bytes of an address
)

// leastHashed is the length in bytes from which the copies of a file matter.
const leastHashed = 100

// note is what a survey writes into a journal beside the pages. It is one of these.
type note struct {
	*Shown                       // of a page, by a browser
	Practices *practice.PageKept `json:"practices,omitempty"` // of the same look

	ErrorPage *errorPage `json:"error_page,omitempty"` // of the site
	Crawl     *crawled   `json:"crawl,omitempty"`      // of the site
}

// crawled is what is kept of a crawl beside its pages, so that one that goes on later knows it.
type crawled struct {
	Whole    bool      `json:"whole"`    // no page was left out because there are too many of them, or too far away
	Sitemaps []sitemap `json:"sitemaps"` // that were asked for
}

// errorPage is what the site answers to an address that it does not have.
type errorPage struct {
	Status  int      `json:"status,omitempty"` // 0: no answer, or robots.txt asks not to ask
	Bytes   int64    `json:"bytes,omitempty"`  // of the document
	Signs   []string `json:"signs,omitempty"`  // that it is made anew for each visitor
	Parts   []string `json:"parts,omitempty"`  // addresses of what it shows, without what scripts and style sheets want
	Problem string   `json:"problem,omitempty"`
}

// sitemap is what is kept of the reading of a sitemap.
type sitemap struct {
	URL      string   `json:"url"`
	Failed   string   `json:"failed,omitempty"`
	Problems []string `json:"problems,omitempty"` // codes
}
