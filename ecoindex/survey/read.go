package survey

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
)

// Read reads what a journal has.
func Read(j *site.Journal) (*Survey, error) {
	r := newReader()
	if err := j.Read(r.page, r.note); err != nil {
		return nil, err
	}
	s := r.survey()
	s.group()
	return s, s.estimate()
}

// Bounds of what is held of a site.
const (
	mostLinks = 20_000_000 // between pages, of all together
	mostNames = 2_000_000  // addresses that pages link to
)

// reader is one reading of a journal.
type reader struct {
	s      *Survey
	shown  map[string]note
	words  *words
	names  map[string]int32 // addresses that pages are at or link to
	links  int
	assets map[string]int32 // by address
	full   bool             // something was left out
}

func newReader() *reader {
	return &reader{
		s: &Survey{seed: maphash.MakeSeed()}, shown: map[string]note{}, words: newWords(), names: map[string]int32{}, assets: map[string]int32{},
	}
}

// page takes a page of the journal.
func (r *reader) page(k site.Kept) error {
	if len(r.s.Pages)+len(r.s.Failed) >= mostRows {
		return fmt.Errorf("read the survey: it has more than %d pages", mostRows)
	}
	p := practice.SitePage{URL: k.URL, State: stateOf(k), Start: k.Start, Listed: k.Listed, To: r.number(k.To), Links: r.numbers(k.Links)}
	switch k.State {
	case site.Seen:
		page := Page{URL: k.URL, hash: maphash.Bytes(r.s.seed, k.Result)}
		if err := json.Unmarshal(k.Result, &page.Result); err != nil {
			return fmt.Errorf("read the survey: the result of %s: %w", k.URL, err)
		}
		r.words.spare(&page.Result)
		p.Assets = r.assetsOf(page.Assets)
		p.Title, p.Description, p.Text, p.Hidden = page.Head.Title, page.Head.Description, page.Head.Text, page.Head.Hidden
		r.s.numbers = append(r.s.numbers, int32(len(r.s.site.Pages)))
		r.s.Pages = append(r.s.Pages, page)
	case site.Failed:
		f := Failure{URL: k.URL}
		if err := json.Unmarshal(k.Result, &f); err != nil {
			return fmt.Errorf("read the survey: the result of %s: %w", k.URL, err)
		}
		p.Status, p.Code = f.Status, f.Code
		r.s.Failed = append(r.s.Failed, f)
	}
	r.number(k.URL)
	r.s.site.Pages = append(r.s.site.Pages, p)
	return nil
}

// stateOf is what became of an address, in the words of the rules.
func stateOf(k site.Kept) practice.SiteState {
	switch k.State {
	case site.Seen:
		return practice.SiteSeen
	case site.Failed:
		return practice.SiteFailed
	case site.Refused:
		return practice.SiteRefused
	case site.Alias:
		return practice.SiteRedirect
	case site.Copy:
		return practice.SiteCopy
	}
	return practice.SiteUnknown
}

// number is a number for an address; -1 for none, and where there are too many. It is that of no page yet: see settle.
func (r *reader) number(address string) int32 {
	if address == "" {
		return -1
	}
	n, ok := r.names[address]
	switch {
	case ok:
		return n
	case len(r.names) >= mostNames:
		r.full = true
		return -1
	}
	n = int32(len(r.names))
	r.names[address] = n
	return n
}

func (r *reader) numbers(addresses []string) []int32 {
	if r.links += len(addresses); r.links > mostLinks {
		r.full = true
		return nil
	}
	all := make([]int32, 0, len(addresses))
	for _, address := range addresses {
		if n := r.number(address); n >= 0 {
			all = append(all, n)
		}
	}
	return all
}

// note takes a note of the journal.
func (r *reader) note(url string, text json.RawMessage) error {
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return fmt.Errorf("read the survey: the browser's measure of %s: %w", url, err)
	}
	switch {
	case n.ErrorPage != nil:
		r.s.errorPage(url, *n.ErrorPage)
	case n.Crawl != nil:
		r.s.crawled(*n.Crawl)
	case n.Shown != nil:
		if n.Practices != nil {
			r.words.spareKept(n.Practices)
		}
		r.shown[url] = n
	}
	return nil
}

// survey is what was read.
func (r *reader) survey() *Survey {
	s := r.s
	for i := range s.Pages {
		if n, ok := r.shown[s.Pages[i].URL]; ok {
			s.Pages[i].take(n)
		}
	}
	r.settle()
	return s
}

// settle gives links the numbers of pages: links to what was not asked for are left out. A site has pages that were left out where there are
// such links; those with a query are taken for more of the many addresses of one path.
func (r *reader) settle() {
	of := make([]int32, len(r.names))
	for i := range of {
		of[i] = -1
	}
	pages := r.s.site.Pages
	for i := range pages {
		if n, ok := r.names[pages[i].URL]; ok {
			of[n] = int32(i)
		}
	}
	for i := range pages {
		p := &pages[i]
		if p.To >= 0 {
			p.To = of[p.To]
		}
		kept := p.Links[:0]
		for _, n := range p.Links {
			if of[n] >= 0 {
				kept = append(kept, of[n])
			}
		}
		p.Links = kept
	}
	whole := !r.full
	for address, n := range r.names {
		whole = whole && (of[n] >= 0 || strings.Contains(address, "?"))
	}
	if r.s.crawl == nil { // it did not come to its end, or is of another program
		r.s.site.Whole = whole
	}
	for i := range r.s.site.Assets {
		if a := &r.s.site.Assets[i]; a.Hash == changing {
			a.Hash = ""
		}
	}
}
