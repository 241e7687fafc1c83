package static

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"veille/ecoindex/web"

	"github.com/PuerkitoBio/goquery"
)

// refresh is the wish of a page to send its reader elsewhere by itself.
type refresh struct {
	text   string
	after  float64 // seconds
	target string  // empty for the page itself
}

const (
	refreshWait  = 6 // seconds: with Chromium 156, the reference counts what comes after 6, not after 7
	maxRefreshes = 5
)

// follow goes where the page sends its reader before the reference has counted, as often as it does, and answers the
// document that is shown at last. The requests of all count.
func (v *visit) follow(ctx context.Context, doc *goquery.Document, from answer) (*goquery.Document, error) {
	waited := 0.0
	been := map[string]bool{v.wanted.String(): true, v.page.String(): true}
	for range maxRefreshes {
		r, ok := refreshOf(doc, from.refresh)
		if !ok {
			return doc, nil
		}
		waited += r.after
		target := v.page
		if r.target != "" {
			target = web.Resolve(baseOf(doc, v.page), r.target)
		}
		switch {
		case target == nil || (waited > refreshWait && r.target != ""):
			v.note("the page sends its readers elsewhere (%s); measure that address to know its cost", quote(r.text))
			return doc, nil
		case waited > refreshWait:
			return doc, nil
		case been[target.String()]:
			v.note("the page loads itself again and again (%s), which a browser counts each time", quote(r.text))
			return doc, nil
		}
		been[target.String()] = true
		next := v.fetch(ctx, reference{url: target, kind: web.Document, turn: len(v.resources)})
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("follow the page: %w", ctx.Err())
		case v.asked.Load() > int64(v.options.MaxResources):
			return nil, v.greedy()
		case next.err != nil:
			v.record(next)
			v.note("the page sends its readers to %s, which could not be measured (%s); the elements are those before", clean(target.String()), explain(target, next.err).Text)
			return doc, nil //nolint:nilerr // the note says it, and what came before is measured
		}
		v.note("the page sent its reader on to %s after %v s: the requests are those of both, the elements those of the second", clean(target.String()), r.after)
		var err error
		if doc, err = v.load(ctx, next); err != nil {
			return nil, err
		}
		from = next
	}
	v.note("the page sends its readers on more than %d times", maxRefreshes)
	return doc, nil
}

// refreshOf reads the Refresh header and the meta element that stands for it: the first of them that can be read.
func refreshOf(doc *goquery.Document, header string) (refresh, bool) {
	if r, ok := parseRefresh(header); ok {
		return r, true
	}
	for _, n := range doc.Find("meta[http-equiv][content]").Nodes {
		if strings.EqualFold(attribute(n, "http-equiv"), "refresh") {
			if r, ok := parseRefresh(attribute(n, "content")); ok {
				return r, true
			}
		}
	}
	return refresh{}, false
}

// parseRefresh reads "5", "5; url=/next" and their relatives, as the HTML standard does.
func parseRefresh(text string) (refresh, bool) {
	const space = " \t\n\r\f"
	rest := strings.TrimLeft(text, space)
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	after, err := strconv.ParseFloat("0"+digits, 64)
	if err != nil || (digits == "" && !strings.HasPrefix(rest, ".")) {
		return refresh{}, false
	}
	r := refresh{text: text, after: after}
	rest = strings.TrimLeft(strings.TrimLeft(rest, "0123456789."), space)
	if rest == "" {
		return r, true
	}
	if rest[0] == ';' || rest[0] == ',' {
		rest = strings.TrimLeft(rest[1:], space)
	}
	if len(rest) > 3 && strings.EqualFold(rest[:3], "url") {
		if value, ok := strings.CutPrefix(strings.TrimLeft(rest[3:], space), "="); ok {
			rest = strings.TrimLeft(value, space)
		}
	}
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		rest, _, _ = strings.Cut(rest[1:], rest[:1])
	}
	r.target = strings.TrimRight(rest, space)
	return r, true
}
