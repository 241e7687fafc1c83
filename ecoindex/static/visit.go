package static

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"veille/ecoindex/web"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// visit is the measure of one page. It has its own cookies, as a first visit has.
type visit struct {
	options Options
	client  *http.Client
	wanted  *url.URL     // the page that was asked for
	page    *url.URL     // where the page was found
	parsed  atomic.Int64 // bytes
	asked   atomic.Int64 // requests

	frames    []*frame
	seen      map[string]bool // addresses asked for
	pending   []reference
	resources []web.Resource
	cut       []string // requests without a complete answer
	samples   int      // audio and video files read in part
	steps     int      // see maxSteps
	copies    int      // see disorder
	notes     []string

	keeper *keeper // nil where nobody looks
	said   []*said // one per resource
	html   []byte  // of the page, in UTF-8
}

// What a hostile page could make too many of.
const (
	maxFrames = 100 // documents looked into
	maxNotes  = 20
)

// frame is a document of the page: the page itself, or what an iframe shows.
type frame struct {
	doc    *goquery.Document
	hidden map[*html.Node]bool
	depth  int
	rules  []rule
	faces  []face
}

func newVisit(m *Measurer, u *url.URL) (*visit, error) {
	all, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	var cookies []*http.Cookie
	for name, value := range m.options.Access.Cookies {
		cookies = append(cookies, &http.Cookie{Name: name, Value: value, Path: "/"})
	}
	all.SetCookies(u, cookies)
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visit{
		options: m.options,
		client:  &http.Client{Transport: m.round, Jar: &jar{CookieJar: all, kept: map[string]bool{}}, CheckRedirect: stay},
		wanted:  u,
		page:    u,
		steps:   maxSteps,
		copies:  maxCopies,
		notes:   []string{"scripts were not run: what they add to the page is not counted"},
	}, nil
}

func (v *visit) measure(ctx context.Context) (web.Page, error) {
	top := v.fetch(ctx, reference{url: v.page, kind: web.Document}) // its turn is the first
	if top.err != nil {
		return web.Page{}, top.err
	}
	doc, err := v.load(ctx, top)
	if err != nil {
		return web.Page{}, err
	}
	if doc, err = v.follow(ctx, doc, top); err != nil {
		return web.Page{}, err
	}
	return v.report(doc), nil
}

// load reads a page and fetches what it wants. An address is asked for again by another page.
func (v *visit) load(ctx context.Context, top answer) (*goquery.Document, error) {
	v.page = top.url
	v.frames, v.seen = nil, map[string]bool{v.wanted.String(): true, v.page.String(): true}
	v.record(top)
	doc, err := parseHTML(ctx, top.body, top.contentType, &v.copies)
	if err != nil {
		return nil, err
	}
	if v.keeper != nil {
		v.html = inUTF8(top.body, top.contentType)
	}
	v.open(ctx, doc, baseOf(doc, v.page), 0)
	if err := v.explore(ctx); err != nil {
		return nil, err
	}
	return doc, nil
}

// explore fetches what is pending, and what that makes pending, until nothing is. What the rules of style sheets want
// is known when all of them are there.
func (v *visit) explore(ctx context.Context) error {
	for dressed := 0; len(v.pending) > 0 || dressed < len(v.frames); {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read what the page fetches: %w", err)
		}
		if len(v.pending) == 0 {
			v.paint(ctx, v.frames[dressed])
			dressed++
			continue
		}
		wave := v.pending
		v.pending = nil
		if len(v.resources)+len(wave) > v.options.MaxResources {
			return v.greedy()
		}
		answers := v.fetchAll(ctx, wave)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("fetch the resources: %w", err)
		}
		if v.asked.Load() > int64(v.options.MaxResources) {
			return v.greedy()
		}
		if v.parsed.Load() > maxParsedPerPage*v.options.MaxParsed {
			return web.Problem(web.CodeSize, v.page, errTooLarge, "its style sheets and inner documents are larger than the limits; a browser can measure it")
		}
		for i, a := range answers {
			v.record(a)
			v.read(ctx, wave[i], a)
		}
	}
	return nil
}

// record adds the requests of an answer to those of the page.
func (v *visit) record(a answer) {
	v.resources = append(v.resources, a.hops...)
	v.said = append(v.said, a.said...)
}

// greedy is the error of a page that makes too many requests.
func (v *visit) greedy() error {
	return web.Problem(web.CodeSize, v.page, nil, "it makes more than %d requests; raise the limit if this is a real page", v.options.MaxResources)
}

// fetchAll fetches the references, some at a time, and answers in their order.
func (v *visit) fetchAll(ctx context.Context, refs []reference) []answer {
	answers := make([]answer, len(refs))
	work, turn := make(chan int), len(v.resources)
	var workers sync.WaitGroup
	for range min(connections, len(refs)) {
		workers.Go(func() {
			for i := range work {
				ref := refs[i]
				ref.turn = turn + i
				answers[i] = v.fetch(ctx, ref)
			}
		})
	}
	for i := range refs {
		work <- i
	}
	close(work)
	workers.Wait()
	return answers
}

// read looks for more references in an answer.
func (v *visit) read(ctx context.Context, ref reference, a answer) {
	last := a.hops[len(a.hops)-1]
	if ref.kind == web.Media && !ref.whole && last.Bytes > mediaSample {
		v.samples++
	}
	if a.err != nil {
		v.cut = append(v.cut, clean(last.URL)+" ("+last.Problem+")")
		return
	}
	if len(a.body) == 0 {
		return
	}
	switch ref.kind {
	case web.Stylesheet:
		s := readSheet(ctx, a.body, a.url)
		if ref.idle { // its imports are fetched all the same
			s.rules, s.faces = nil, nil
		}
		v.apply(ref.from, s, ref.idle)
	case web.Frame:
		if doc := v.inner(ctx, a.body, a.contentType, "the inner document "+clean(a.url.String())); doc != nil {
			v.open(ctx, doc, baseOf(doc, a.url), ref.from.depth+1)
		}
	}
}

// inner reads an inner document, or says in a note why not.
func (v *visit) inner(ctx context.Context, body []byte, contentType, name string) *goquery.Document {
	doc, err := parseHTML(ctx, body, contentType, &v.copies)
	if err != nil {
		v.note("%s could not be read (%s): what it fetches is not counted", name, explain(v.page, err).Text)
		return nil
	}
	return doc
}

// open looks into a document of the page.
func (v *visit) open(ctx context.Context, doc *goquery.Document, base *url.URL, depth int) {
	if depth > v.options.MaxDepth || len(v.frames) == maxFrames {
		v.note("what inner documents fetch is not counted beyond %d deep and %d in all", v.options.MaxDepth, maxFrames)
		return
	}
	f := &frame{doc: doc, hidden: hiddenIn(doc), depth: depth}
	v.frames = append(v.frames, f)
	found := discover(ctx, doc, base, f.hidden, v.options.MaxResources)
	for _, ref := range found.refs {
		ref.from = f
		v.want(ref)
	}
	for _, s := range found.sheets {
		v.apply(f, s, false)
	}
	for _, text := range found.inner {
		if inner := v.inner(ctx, []byte(text), "text/html; charset=utf-8", "an inner document"); inner != nil {
			v.open(ctx, inner, baseOf(inner, base), depth+1)
		}
		if len(v.frames) == maxFrames {
			return
		}
	}
}

// note adds a sentence to show beside the figures, once.
func (v *visit) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(v.notes) < maxNotes && !slices.Contains(v.notes, text) {
		v.notes = append(v.notes, text)
	}
}

func (v *visit) apply(f *frame, s sheet, idle bool) {
	for _, u := range s.imports {
		v.want(reference{url: u, kind: web.Stylesheet, idle: idle, from: f})
	}
	f.rules = append(f.rules, s.rules[:min(len(s.rules), maxRules-len(f.rules))]...)
	f.faces = append(f.faces, s.faces[:min(len(s.faces), maxFaces-len(f.faces))]...)
}

// want adds a reference, unless its address was asked for already.
func (v *visit) want(ref reference) {
	key := ref.url.String()
	if v.seen[key] || web.IsFavicon(ref.url) {
		return
	}
	v.seen[key] = true
	v.pending = append(v.pending, ref)
}

// paint wants the images and the fonts of the rules that find an element.
func (v *visit) paint(ctx context.Context, f *frame) {
	m := newMatcher(ctx, f.doc, f.hidden, &v.steps)
	ask := asked{names: map[string]bool{}, weights: []int{400}, page: characters(f.doc)}
	if f.doc.Find("b, strong, th, h1, h2, h3, h4, h5, h6").Length() > 0 {
		ask.weights = append(ask.weights, 700)
	}
	ask.italic = f.doc.Find("i, em, cite, dfn, var, address").Length() > 0
	want := func(r rule, address string) {
		if u := web.Resolve(r.base, address); u != nil {
			v.want(reference{url: u, kind: web.Image, from: f})
		}
	}
	var applied []rule
	for _, r := range f.rules {
		if !m.matches(r.selectors) {
			continue
		}
		ask.add(r)
		applied = append(applied, r)
		for _, address := range slices.Concat(r.images, r.back) {
			want(r, address)
		}
	}
	for _, r := range applied { // now it is known which variables are used
		for _, variable := range r.variables {
			if ask.names[variable.name] {
				want(r, variable.address)
			}
		}
	}
	for _, chosen := range ask.chosen(f.faces) {
		v.want(reference{url: chosen.source, kind: web.Font, from: f})
	}
}

func (v *visit) report(doc *goquery.Document) web.Page {
	elements, branches := countElements(doc)
	p := web.Page{
		URL: v.page.String(), DOM: elements, Requests: len(v.resources), Resources: v.resources, Parts: web.LargestParts(branches),
	}
	var bytes int64
	for _, r := range v.resources {
		bytes += r.Bytes
	}
	p.SizeKB = float64(bytes) / 1000
	if n := len(v.cut); n > 0 {
		v.note("requests without a complete answer: %d, counted with the bytes received where a limit of ours ended them, and without where a browser fails too; the first is %s", n, v.cut[0])
	}
	if v.samples > 0 {
		v.note("audio or video read for its first %d kB only: %d; how much a browser takes depends on the file", mediaSample/1000, v.samples)
	}
	p.Notes = v.notes
	return p
}
