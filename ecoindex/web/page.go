// Package web holds what measuring a web page gives, or why it could not be measured, whoever looked at it.
package web

import "veille/ecoindex"

// Page is what was measured of a page.
type Page struct {
	URL       string  // where the page was found, after redirects
	DOM       int     // elements, by the rule of the protocol
	Requests  int     // requests, by the rule of the protocol
	SizeKB    float64 // bytes transferred, in kilobytes of 1000 bytes
	DOMFrames *int    // elements of the inner documents, never in the score; nil when nobody counted them
	Cached    int     // requests that a cache answered, of a repeat visit; they are not in Requests
	Resources []Resource
	Parts     []Part   // the largest pieces of the document; none where it was not seen, as in a recording
	Notes     []string // sentences to show beside the figures
}

// Measure is the three numbers EcoIndex wants.
func (p Page) Measure() ecoindex.Measure {
	return ecoindex.Measure{DOM: p.DOM, Requests: p.Requests, SizeKB: p.SizeKB}
}

// Resource is one request and its response; each redirect is one.
type Resource struct {
	URL    string
	Kind   Kind
	Status int   // 0 when there was no response
	Bytes  int64 // status line, headers and body as transferred; 0 when there was no response

	// Problem says why there was no response, or why it was cut short. A request without a response counts as a
	// request, as in the reference.
	Problem string
}

// Kind is what a page wants a resource for.
type Kind string

// The kinds of resources.
const (
	Document   Kind = "document" // the page itself
	Stylesheet Kind = "stylesheet"
	Script     Kind = "script"
	Image      Kind = "image"
	Font       Kind = "font"
	Media      Kind = "media"
	Frame      Kind = "frame" // the document of an iframe or an object
	Fetch      Kind = "fetch" // what a script asks for
	Other      Kind = "other"
)
