package web

import "net/http"

// Sight is what was seen of a page beside its figures, for those who look for what it could do better. It is kept no longer than they
// look: it holds the page's own text.
type Sight struct {
	Page
	HTML      []byte     // of the page, in UTF-8: as it was sent, or as its scripts left it where a browser looked
	Exchanges []Exchange // in the order of Page.Resources, of which each has one
	Shown     *Shown     // what only a browser knows; nil where none looked
}

// Exchange is what was said about one resource.
type Exchange struct {
	Resource
	Protocol string      // "http/1.1", "h2" or "h3"; "" where it is not known
	Asked    int         // bytes of the value of the Cookie header that was sent
	Header   http.Header // of the answer; nil when there was none, and of no field where a page said too much
	Decoded  int64       // bytes of the body without its compression; 0 where they were not counted
	Body     []byte      // without its compression, from its beginning; shorter than Decoded where the rest was not kept
}

// Whole tells whether all of the body was kept.
func (e *Exchange) Whole() bool { return e.Decoded > 0 && int64(len(e.Body)) == e.Decoded }

// Shown is what a browser knows of a page once it has been scrolled to its end. Lengths are CSS pixels.
type Shown struct {
	Height     int // of the window
	Images     []ShownImage
	Animations int     // that CSS or scripts run
	BlockedMS  float64 // total blocking time
	Errors     int     // of scripts
}

// ShownImage is an img element, or a picture's, as it is shown.
type ShownImage struct {
	URL                         string
	Path                        string // of the element, as Part says it
	NaturalWidth, NaturalHeight int    // in its own pixels; 0 for none
	Width, Height               int    // on the page; 0 where it is not displayed
	Top                         int    // from the beginning of the page
	Lazy                        bool
	Density                     float64 // pixels of the screen for one of CSS
}
