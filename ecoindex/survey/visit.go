package survey

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
	"veille/ecoindex/template"
	"veille/ecoindex/web"
)

// visitor looks at the pages of a crawl.
type visitor struct {
	static Static
	memory *practice.Memory
	stamp  func() string // the time

	mu     sync.Mutex
	robots map[string]*site.Robots // by their address, of those that were read
}

// maxFile is how long a robots.txt or a sitemap may be, without its compression.
const maxFile = 51 << 20

// Text asks for robots.txt or a sitemap.
func (v *visitor) Text(ctx context.Context, address string) (site.Text, error) {
	a, err := v.static.Fetch(ctx, address, maxFile)
	if err != nil {
		if problem, ok := errors.AsType[*web.Error](err); ok { // who reads it has the address already
			err = errors.New(problem.Text)
		}
		return site.Text{}, err
	}
	body := a.Body
	if strings.HasSuffix(address, robotsPath) {
		body = &overheard{ReadCloser: body, end: func(text []byte) { v.heard(address, a.Status, text) }}
	}
	return site.Text{URL: a.URL, Status: a.Status, Body: body}, nil
}

// robotsPath is where robots.txt is.
const robotsPath = "/robots.txt"

// heard remembers what a robots.txt says, for the one address that is not asked for by the crawl.
func (v *visitor) heard(address string, status int, text []byte) {
	r, err := site.Judge(status, bytes.NewReader(text))
	if err != nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.robots == nil {
		v.robots = map[string]*site.Robots{}
	}
	v.robots[address] = r
}

// allows tells whether robots.txt lets an address be asked for; one that was not read does not.
func (v *visitor) allows(agent string, u *url.URL) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := v.robots[u.Scheme+"://"+u.Host+robotsPath]
	return r != nil && r.Away() == "" && r.Allowed(agent, u)
}

// names tells whether a robots.txt that was read names a sitemap.
func (v *visitor) names(sitemap *url.URL) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range v.robots {
		if slices.Contains(r.Sitemaps(), sitemap.String()) {
			return true
		}
	}
	return false
}

// overheard is a body of which a copy is made as it is read.
type overheard struct {
	io.ReadCloser
	text []byte
	end  func(text []byte)
}

// mostHeard is how much of a robots.txt is copied: more than is read of it.
const mostHeard = 1 << 20

func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	if room := mostHeard - len(o.text); room > 0 {
		o.text = append(o.text, p[:min(n, room)]...)
	}
	return n, err //nolint:wrapcheck // io.EOF must stay what it is
}

// Close ends the body, and says what was read of it.
func (o *overheard) Close() error {
	if o.end != nil {
		o.end(o.text)
		o.end = nil
	}
	return o.ReadCloser.Close()
}

// Visit looks at a page, unless the server says that it is the one of the last time.
func (v *visitor) Visit(ctx context.Context, address string, before json.RawMessage) (site.View, error) {
	if before != nil {
		same, err := v.unchanged(ctx, address, before)
		if err != nil || same {
			return site.View{URL: address, Unchanged: same}, err
		}
	}
	s, err := v.static.Look(ctx, address)
	if ctx.Err() != nil {
		return site.View{}, context.Cause(ctx)
	}
	if err != nil {
		return failed(address, err)
	}
	withoutWay(s)
	kept, err := practice.Keep(s, v.memory)
	if err != nil { // a page that no parser reads to its end has its figures all the same
		s.Notes = append(s.Notes, "practices not looked at: "+err.Error())
	}
	view := site.View{URL: s.URL, HTML: s.HTML, Header: http.Header{}}
	for i := range s.Exchanges {
		if e := &s.Exchanges[i]; e.Kind == web.Document && e.URL == s.URL && e.Header != nil {
			view.Header = e.Header
		}
	}
	p := template.Of(s)
	known := static.ValidatorsOf(s)
	view.Result, err = json.Marshal(Result{
		Figures: figuresOf(s.Measure()), At: v.stamp(), Print: p[:], ETag: known.ETag, LastModified: known.LastModified, PageKept: kept,
		Head: headOf(s.HTML, view.Header), Assets: assetsOf(s), Notes: s.Notes,
	})
	if err != nil {
		return site.View{}, fmt.Errorf("keep the result of %s: %w", address, err)
	}
	return view, nil
}

// unchanged asks whether a page is the one of the last time. That the server does not answer is for the look to tell.
func (v *visitor) unchanged(ctx context.Context, address string, before json.RawMessage) (bool, error) {
	var last Result
	if err := json.Unmarshal(before, &last); err != nil {
		return false, fmt.Errorf("read the last result of %s: %w", address, err)
	}
	if last.ETag == "" && last.LastModified == "" {
		return false, nil
	}
	_, changed, err := v.static.Changed(ctx, address, static.Validators{ETag: last.ETag, LastModified: last.LastModified})
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return err == nil && !changed, nil
}

// failed is a page that could not be looked at.
func failed(address string, err error) (site.View, error) {
	f := Failure{URL: address, Code: web.CodeAnswer, Text: err.Error()}
	if problem, ok := errors.AsType[*web.Error](err); ok {
		f.Code, f.Text = problem.Code, problem.Text
	}
	if answer, ok := errors.AsType[*web.StatusError](err); ok {
		f.Status = answer.Status
	}
	view := site.View{URL: address, Failed: true}
	view.Again, view.After = web.MayPass(err)
	view.Result, err = json.Marshal(f)
	return view, err
}

// withoutWay takes the redirects that led to a page out of its figures: they are of the address that was asked for.
func withoutWay(s *web.Sight) {
	bytes := math.Round(s.SizeKB * 1000) // whole, so that nothing is left over, nor less than nothing
	for len(s.Exchanges) > 1 && s.Exchanges[0].Kind == web.Document && s.Exchanges[0].URL != s.URL {
		s.Requests--
		bytes -= float64(s.Exchanges[0].Bytes)
		s.SizeKB = max(0, bytes) / 1000
		s.Exchanges, s.Resources = s.Exchanges[1:], s.Resources[1:]
	}
}

// assetsOf are the largest resources of a page.
func assetsOf(s *web.Sight) []Asset {
	heavy := []*web.Exchange{}
	for i := range s.Exchanges {
		e := &s.Exchanges[i]
		if e.Kind != web.Document && e.Status == http.StatusOK && len(e.URL) <= mostText {
			heavy = append(heavy, e)
		}
	}
	slices.SortStableFunc(heavy, func(a, b *web.Exchange) int { return cmp.Compare(b.Bytes, a.Bytes) })
	all := []Asset{}
	for _, e := range heavy[:min(len(heavy), mostAssets)] {
		all = append(all, Asset{URL: e.URL, Kind: e.Kind, Bytes: e.Bytes, Cached: practice.Fresh(e), Hash: hashOf(e)})
	}
	return all
}
