package survey

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// noPage is the address, on the site, that no site has: it says by itself who asks and what for, to those who read the server's log.
const noPage = "/veille-page-that-does-not-exist"

// Bounds of what is read of an error page.
const (
	mostErrorPage  = 1 << 20 // bytes without compression
	mostErrorParts = 50
	mostErrorSaid  = 1 << 30 // bytes that are believed to be transferred
)

// askErrorPage asks once in a crawl for a page that does not exist, unless robots.txt asks not to.
func (s *Survey) askErrorPage(ctx context.Context, v *visitor, j *site.Journal, o Options) error {
	if s.site.ErrorPage != nil || o.MaxPages == 1 { // of a single page nobody wants to know more
		return nil
	}
	u := url.URL{Scheme: o.Start[0].Scheme, Host: o.Start[0].Host, Path: strings.TrimSuffix(o.Under, "/") + noPage}
	if !v.allows(cmp.Or(o.Agent, "VeilleEcoIndex"), &u) {
		return nil
	}
	a, err := v.static.Fetch(ctx, u.String(), mostErrorPage)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e := errorPage{}
	if err != nil {
		e.Problem = err.Error()
	} else {
		e = readErrorPage(a)
	}
	text, err := json.Marshal(note{ErrorPage: &e})
	if err == nil {
		err = j.Note(u.String(), text)
	}
	if err != nil {
		return fmt.Errorf("keep what the site answers to an address that it does not have: %w", err)
	}
	s.errorPage(u.String(), e)
	return o.Rest(ctx)
}

// readErrorPage reads an answer to its end. What it shows is not asked for: of most of it the size is known from other pages.
func readErrorPage(a static.Answer) errorPage {
	e := errorPage{Status: a.Status}
	text, failed := io.ReadAll(io.LimitReader(a.Body, mostErrorPage))
	if closed := a.Body.Close(); failed == nil {
		failed = closed
	}
	e.Bytes = int64(len(text))
	if failed != nil { // what was read until then counts
		e.Problem = failed.Error()
	} else if n, err := strconv.ParseInt(a.Header.Get("Content-Length"), 10, 64); err == nil && n > 0 {
		e.Bytes = min(n, mostErrorSaid) // as transferred, where the server says it
	}
	if len(a.Header.Values("Set-Cookie")) > 0 {
		e.Signs = append(e.Signs, "set-cookie")
	}
	if strings.Contains(strings.ToLower(strings.Join(a.Header.Values("Cache-Control"), ",")), "no-store") {
		e.Signs = append(e.Signs, "no-store")
	}
	if base, err := url.Parse(a.URL); err == nil {
		e.Parts = partsOf(text, base)
	}
	return e
}

// partsOf are the addresses of what a document shows, each once: style sheets, scripts, icons and pictures that it names itself.
func partsOf(text []byte, base *url.URL) (parts []string) {
	z := html.NewTokenizer(bytes.NewReader(text))
	for len(parts) < mostErrorParts {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		tag, at, rel := string(name), "", ""
		for more {
			var key, value []byte
			key, value, more = z.TagAttr()
			switch string(key) {
			case "src", "href":
				at = string(value)
			case "rel":
				rel = strings.ToLower(string(value))
			}
		}
		shows := tag == "img" || tag == "script" || tag == "iframe" || tag == "link" && slices.Contains(strings.Fields(rel), "stylesheet")
		if u := web.Resolve(base, at); shows && u != nil && len(u.String()) <= mostText && !slices.Contains(parts, u.String()) {
			parts = append(parts, u.String())
		}
	}
	return parts
}

// errorPage takes what the site answers to an address that it does not have.
func (s *Survey) errorPage(url string, e errorPage) {
	s.site.ErrorPage = &practice.ErrorPage{URL: url, Status: e.Status, Bytes: e.Bytes, Signs: e.Signs}
	s.parts = e.Parts
}
