package practice

import "strconv"

// siteView is a site with what follows from its links. Slices are by the number of a page.
type siteView struct {
	*Site
	linked  []int32 // pages that link to it, itself not
	depth   []int32 // links on the shortest way from a start; -1: there is no way
	started bool    // a start could be looked at
}

// maxHops is how many redirects and copies are followed from one address.
const maxHops = 10

func viewOf(s *Site) *siteView {
	n := len(s.Pages)
	v := &siteView{Site: s, linked: make([]int32, n), depth: make([]int32, n)}
	last := make([]int32, n) // the page that linked to it last
	for i := range n {
		v.depth[i], last[i] = -1, -1
	}
	for i := range s.Pages {
		for _, to := range s.Pages[i].Links {
			if v.has(to) && int(to) != i && last[to] != int32(i) {
				last[to] = int32(i)
				v.linked[to]++
			}
		}
	}
	v.walk()
	return v
}

// has tells whether there is a page of a number.
func (v *siteView) has(n int32) bool { return n >= 0 && int(n) < len(v.Pages) }

// walk finds the shortest ways from the starts. A redirect costs no link; what a copy is a copy of is as near as the copy.
func (v *siteView) walk() {
	var queue []int32
	reach := func(n, depth int32) {
		for range maxHops {
			if !v.has(n) || v.depth[n] >= 0 {
				return
			}
			v.depth[n] = depth
			queue = append(queue, n)
			if p := &v.Pages[n]; p.State != SiteRedirect && p.State != SiteCopy {
				return
			}
			n = v.Pages[n].To
		}
	}
	for i := range v.Pages {
		if v.Pages[i].Start {
			reach(int32(i), 0)
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		v.started = v.started || v.Pages[n].State == SiteSeen
		for _, to := range v.Pages[n].Links {
			reach(to, v.depth[n]+1)
		}
	}
}

// seen calls with each page that was looked at.
func (v *siteView) seen(with func(n int, p *SitePage)) {
	for i := range v.Pages {
		if p := &v.Pages[i]; p.State == SiteSeen {
			with(i, p)
		}
	}
}

// leads says where a redirect or a copy leads, after a sign; "" where that is no page of the site.
func (v *siteView) leads(p *SitePage, sign string) string {
	if !v.has(p.To) {
		return sign
	}
	return sign + " " + v.Pages[p.To].URL
}

// pagesOf says how many pages have something: a word that is the same in French and in English.
func pagesOf[N int | int32](n N) string { return "pages: " + strconv.Itoa(int(n)) }

// reason says why a page failed: the status, or the cause.
func (p *SitePage) reason() string {
	if p.Status > 0 {
		return strconv.Itoa(p.Status)
	}
	return string(p.Code)
}
