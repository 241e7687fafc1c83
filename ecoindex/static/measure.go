// Package static measures a page without running its scripts: it asks for the page and for what its HTML and its style
// sheets make a browser fetch, and counts elements, requests and bytes as the EcoIndex reference does.
//
// It is quick and needs no browser, and says less: what scripts add to the page is not counted. Of style sheets, the
// images are those of the rules whose selector finds an element. The cascade is not followed: an image that a stronger
// rule replaces, or of an element that is not displayed, is counted too. An address is asked for once a page, where a
// browser may ask again for each inner document that uses it.
//
// Bytes are those of the status line, the headers and the body as transferred; what chunked transfer adds between the
// pieces of a body is not counted, and headers compressed by HTTP/2 are counted as if they were not.
package static

import (
	"context"
	"net/http"
	"time"

	"veille/ecoindex/web"
)

// Protocol is the name of this way of counting, to be shown with each figure.
const Protocol = "static"

// Options set the limits of a Measurer. A field left at zero has its default.
type Options struct {
	// AllowPrivate lets it connect to this machine and to private networks, and use the proxy of the environment. Left
	// false, every connection to an address outside the public internet is refused, whatever name or redirect led
	// there: a collector must not be a way into the network it runs in.
	AllowPrivate bool
	// AllowHosts are names of hosts that may lead to private networks all the same, as web.ParseHost reads them: see
	// web.Reach. Pages of other hosts may fetch from them too.
	AllowHosts []string

	UserAgent      string        // default "Mozilla/5.0 (compatible; VeilleEcoIndex/1.0)"
	PageTimeout    time.Duration // for the page and all it fetches; default 60 s
	RequestTimeout time.Duration // for one response; default 20 s
	MaxResponse    int64         // bytes transferred for one response; default 64 MiB
	// Memory: reading a hostile page takes up to eighty times MaxParsed, a real one a tenth of that.
	MaxParsed    int64 // decompressed bytes of a page or a style sheet, four times that for all of them; default 4 MiB
	MaxResources int   // requests of a page; default 4000, above the worst twentieth of the web
	MaxRedirects int   // from one address; default 20
	MaxDepth     int   // documents inside documents; default 3

	Access web.Access // for pages that not everybody may see

	// Shared is how many bytes of style sheets, scripts, images and fonts are kept for the next pages, which then do not ask for them again;
	// 0: each page asks for its own. It is for a Measurer of one site.
	Shared int64
}

// connections is how many requests are under way at once, as in browsers.
const connections = 6

// maxParsedPerPage is how many times MaxParsed all that is parsed for a page may take.
const maxParsedPerPage = 4

func (o Options) withDefaults() Options {
	o.UserAgent = orDefault(o.UserAgent, "Mozilla/5.0 (compatible; VeilleEcoIndex/1.0)")
	o.PageTimeout = orDefault(o.PageTimeout, time.Minute)
	o.RequestTimeout = orDefault(o.RequestTimeout, 20*time.Second)
	o.MaxResponse = orDefault(o.MaxResponse, 64<<20)
	o.MaxParsed = orDefault(o.MaxParsed, 4<<20)
	o.MaxResources = orDefault(o.MaxResources, 4000)
	o.MaxRedirects = orDefault(o.MaxRedirects, 20)
	o.MaxDepth = orDefault(o.MaxDepth, 3)
	return o
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Measurer measures pages. It is safe for concurrent use, and keeps connections open between pages of one site.
type Measurer struct {
	options   Options
	transport *http.Transport
	round     http.RoundTripper // by which pages ask: the transport, or what keeps its answers
}

// New makes a Measurer. Call Close when it has served.
func New(o Options) *Measurer {
	o = o.withDefaults()
	m := &Measurer{options: o, transport: o.transport()}
	m.round = m.transport
	if o.Shared > 0 {
		m.round = newShared(m.transport, o.Shared)
	}
	return m
}

// Close closes the connections that no page uses.
func (m *Measurer) Close() { m.transport.CloseIdleConnections() }

// Measure measures the page at address. Every error is a *web.Error.
func (m *Measurer) Measure(ctx context.Context, address string) (web.Page, error) {
	page, _, err := m.see(ctx, address, nil)
	return page, err
}

// see measures the page at address, and keeps what was said where there is a keeper.
func (m *Measurer) see(ctx context.Context, address string, k *keeper) (web.Page, *visit, error) {
	u, err := web.ParseAddress(address)
	if err != nil {
		return web.Page{}, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.options.PageTimeout)
	defer cancel()
	v, err := newVisit(m, u)
	if err != nil {
		return web.Page{}, nil, explain(u, err)
	}
	v.keeper = k
	page, err := v.measure(ctx)
	if err != nil {
		return web.Page{}, nil, explain(u, err)
	}
	return page, v, nil
}
