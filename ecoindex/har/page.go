package har

import (
	"fmt"
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// PageError says that it is unclear which page of a recording is meant: it holds several and none was asked for, or not
// the one that was.
type PageError struct {
	Name  string // of the recording
	Asked string // the id that was asked for; empty when none was
	Pages []PageInfo
}

// PageInfo is one page of a recording.
type PageInfo struct {
	ID       string
	Title    string // often its address; may be empty
	Requests int    // that count
}

// Error lists the pages that can be asked for.
func (e *PageError) Error() string {
	const most = 10
	var list []string
	for _, p := range e.Pages[:min(most, len(e.Pages))] {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s (%s) %.100s", p.ID, requests(p.Requests), p.Title)))
	}
	if len(e.Pages) > most {
		list = append(list, fmt.Sprintf("and %d more", len(e.Pages)-most))
	}
	why := fmt.Sprintf("it holds %d pages", len(e.Pages))
	if e.Asked != "" {
		why = fmt.Sprintf("it holds no request of a page %q", e.Asked)
	}
	return "measure " + e.Name + ": " + why + "; ask for one of these by its id: " + strings.Join(list, ", ")
}

func requests(n int) string {
	if n == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%d requests", n)
}

// choose answers the requests of the page that was asked for, or of the only one.
func (r *recording) choose() ([]request, error) {
	if len(r.kept) == 0 {
		return nil, r.refuse(web.CodeAnswer, nil, "it holds no request to a web server; record the page with the network panel open before it is loaded")
	}
	pages := r.pages()
	asked := r.options.Page
	if asked == "" && len(pages) < 2 {
		return r.kept, nil // those that name no page too: recorders do not know the page of a worker
	}
	if !slices.ContainsFunc(pages, func(p PageInfo) bool { return p.ID == asked }) {
		return nil, &PageError{Name: r.options.Name, Asked: asked, Pages: pages}
	}
	var own []request
	for _, q := range r.kept {
		if q.page == asked {
			own = append(own, q)
		}
	}
	return own, nil
}

// pages are the pages that have requests, in the order of their first one.
func (r *recording) pages() []PageInfo {
	var list []PageInfo
	place := map[string]int{}
	for _, q := range r.kept {
		if q.page == "" {
			continue
		}
		i, seen := place[q.page]
		if !seen {
			i = len(list)
			place[q.page] = i
			list = append(list, PageInfo{ID: q.page})
		}
		list[i].Requests++
	}
	for _, t := range r.titles {
		if i, ok := place[t.id]; ok {
			list[i].Title = t.text
		}
	}
	return list
}

// page sums up the requests of the page.
func (r *recording) page(own []request) (web.Page, error) {
	p := web.Page{DOM: r.options.DOM, Requests: len(own)}
	var bytes int64
	for _, q := range own {
		bytes += q.resource.Bytes
		p.Resources = append(p.Resources, q.resource)
	}
	p.SizeKB = float64(bytes) / 1000
	main := mainDocument(p.Resources)
	if main < 0 {
		p.URL = p.Resources[0].URL
		p.Notes = append(r.notes(own), "the recording does not hold the page itself; it was perhaps begun too late")
		return p, nil
	}
	p.URL = p.Resources[main].URL
	isFirst := !slices.ContainsFunc(p.Resources[:main], func(before web.Resource) bool { return before.Kind != web.Document })
	if status := p.Resources[main].Status; status >= 400 && isFirst {
		return web.Page{}, r.refuse(web.CodeStatus, nil,
			"%s was answered with status %d, so that this would be the score of an error page; record it when it answers 200", p.URL, status)
	}
	p.Notes = r.notes(own)
	for i, q := range own[main+1:] {
		if p.Resources[main+1+i].Kind == web.Frame && q.frame != "" && q.frame == own[main].frame {
			p.Notes = append(p.Notes, "the recording goes on to "+q.resource.URL+", whose requests are counted too; record one page alone")
			break
		}
	}
	return p, nil
}

// mainDocument is the place of the page itself, or -1; the documents after it become frames. It is the first document
// that was answered, and not with a redirect.
func mainDocument(resources []web.Resource) int {
	main := -1
	for i := range resources {
		status := resources[i].Status
		switch {
		case resources[i].Kind != web.Document:
		case main >= 0:
			resources[i].Kind = web.Frame
		case status != 0 && (status < 300 || status > 399 || status == 304):
			main = i
		}
	}
	return main
}

// notes say what a reader of the figures must know.
func (r *recording) notes(own []request) []string {
	notes := []string{"the number of elements was given, not counted: a recording holds none"}
	add := func(n int, format string) {
		if n > 0 {
			notes = append(notes, fmt.Sprintf(format, n, len(own)))
		}
	}
	counts := map[source]int{}
	cached, unnamed := 0, 0
	for _, q := range own {
		counts[q.from]++
		if q.cached {
			cached++
		}
		if q.page == "" {
			unnamed++
		}
	}
	add(cached, "%d of %d requests were answered by the browser itself, and have 0 bytes; a first visit is recorded with the cache disabled")
	add(counts[headersAndBody], "%d of %d sizes are those of headers and body, because the recording does not say what was transferred")
	add(counts[bodyOnly], "%d of %d sizes are those of the body alone, because the recording does not say more")
	add(counts[content], "%d of %d sizes are those of the content, perhaps decompressed, because the recording does not say what was transferred")
	add(counts[unknown], "%d of %d sizes are not in the recording, and were taken for 0 bytes")
	if unnamed < len(own) {
		add(unnamed, "%d of %d requests name no page, and were counted")
	}
	return append(append(notes, r.otherPages()...), r.leftOut()...)
}

// otherPages say what else the recording holds.
func (r *recording) otherPages() []string {
	pages := r.pages()
	if len(pages) < 2 {
		return nil
	}
	notes := []string{fmt.Sprintf("the recording holds %d pages, of which this is %s", len(pages), r.options.Page)}
	unnamed := len(r.kept)
	for _, p := range pages {
		unnamed -= p.Requests
	}
	if unnamed > 0 {
		notes = append(notes, fmt.Sprintf("requests that name no page, not counted: %d", unnamed))
	}
	return notes
}

// leftOut counts the entries of the page that are no requests, by reason.
func (r *recording) leftOut() []string {
	counts := map[exclusion]int{}
	for _, l := range r.excluded {
		if r.options.Page == "" || l.page == r.options.Page {
			counts[l.why]++
		}
	}
	var parts []string
	for _, why := range []exclusion{notWeb, favicon, preflight, socket} {
		if counts[why] > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", why, counts[why]))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{"not counted, as in the reference: " + strings.Join(parts, ", ")}
}
