// Package browsertest serves pages whose EcoIndex counts are known.
package browsertest

import "slices"

// Counts are what one set of rules finds on a page.
type Counts struct{ DOM, Requests int }

// A Page is a page of a Site and what there is to count on it.
//
// DOM and Requests are those of the reference at the end of its protocol: a new browser, a viewport of 1280 by 720 on
// a screen of 1920 by 1080, the load event, 3 s, the arrow-down key and one smooth scroll to the bottom, 3 s. They
// were counted by hand, and found by reference.mjs with Playwright 1.65 on Chromium 156, three times each.
type Page struct {
	Path          string // to give to Site.URL
	About         string // a sentence: what the page checks
	DOM, Requests int
	Frames        int // elements of all inner documents, by the rule of DOM; no part of the score

	// HAR is how many entries reference.mjs finds on a full Chromium. It is Requests, but for pages with blob:
	// addresses, which its HAR lists and which travel nowhere, and with an icon that is not /favicon.ico.
	HAR int

	// Stable says that the size too is the same in each run: Site.Bytes less Unseen. It is not where an answer is
	// never finished, so that nobody knows how much of it has come.
	Stable bool

	// Unseen are the bytes that the site writes and the reference does not count: those of requests that fail, and
	// the bodies of workers' own scripts, of which Chromium reports the headers only.
	Unseen int

	Published  Counts // in a viewport of 1920 by 1080
	Lighthouse Counts // by the Lighthouse plugin 7.4.2 in its headless shell, which asks for no icon of its own accord
	Accepted   Counts // after a click on #accept, where there is one
}

// Pages are all the pages.
func Pages() []Page {
	return slices.Concat(elements(), frames(), workers(), transfers(), loading(), times())
}

// page is a page without inner documents, all of whose bytes count.
func page(path string, dom, requests int, lighthouse Counts, about string) Page {
	return Page{
		Path: path, About: about, DOM: dom, Requests: requests, HAR: requests, Stable: true,
		Published: Counts{dom, requests}, Lighthouse: lighthouse,
	}
}

func (p Page) frames(elements int) Page { p.Frames = elements; return p }
func (p Page) har(entries int) Page     { p.HAR = entries; return p }
func (p Page) unseen(bytes int) Page    { p.Unseen = bytes; return p }
func (p Page) rough() Page              { p.Stable = false; return p }

func (p Page) published(dom, requests int) Page { p.Published = Counts{dom, requests}; return p }
func (p Page) accepted(dom, requests int) Page  { p.Accepted = Counts{dom, requests}; return p }
