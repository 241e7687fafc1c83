package survey

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
)

// guess is where a crawl looks for a sitemap that nobody named.
const guess = "/sitemap.xml"

// sitemapsOf is what is kept of the sitemaps that a session of a crawl asked for: none after the first session. That there is none at an
// address that nobody named is no problem of the site, whatever the server answers there.
func sitemapsOf(v *visitor, summary *site.Summary) []sitemap {
	all := []sitemap{}
	for _, r := range summary.Sitemaps {
		m := sitemap{URL: r.URL, Failed: r.Failed}
		for _, p := range r.Problems {
			m.Problems = append(m.Problems, string(p.Code))
		}
		u, err := url.Parse(r.URL)
		guessed := err == nil && u.Path == guess && !v.names(u)
		if none := r.URLs == 0 && (r.Failed != "" || slices.Contains(m.Problems, string(site.ProblemRoot)) || slices.Contains(m.Problems, string(site.ProblemEmpty))); !guessed || !none {
			all = append(all, m)
		}
	}
	return all
}

// keep enters what is known of a crawl in the journal, under an address that no page has.
func (c *crawled) keep(j *site.Journal, o *Options) error {
	text, err := json.Marshal(note{Crawl: c})
	if err == nil {
		err = j.Note(o.Start[0].Scheme+"://"+o.Start[0].Host+robotsPath, text)
	}
	if err != nil {
		return fmt.Errorf("keep what was found of the site: %w", err)
	}
	return nil
}

// interrupted keeps what a session that did not come to its end found of sitemaps: the next one does not ask for them.
func interrupted(v *visitor, j *site.Journal, summary *site.Summary, o *Options) error {
	if maps := sitemapsOf(v, summary); len(maps) > 0 && o.MaxPages != 1 {
		return (&crawled{Sitemaps: maps}).keep(j, o)
	}
	return nil
}

// ended keeps what a crawl found that came to its end, unless the journal says so.
func (s *Survey) ended(v *visitor, j *site.Journal, o *Options) error {
	now := crawled{Whole: s.Summary.Left[site.Enough] == 0 && s.Summary.Left[site.TooDeep] == 0, Sitemaps: []sitemap{}}
	if o.MaxPages != 1 {
		now.Sitemaps = sitemapsOf(v, &s.Summary)
	}
	if len(now.Sitemaps) == 0 && s.crawl != nil {
		now.Sitemaps = s.crawl.Sitemaps
	}
	if s.crawl != nil && reflect.DeepEqual(*s.crawl, now) {
		return nil
	}
	s.crawled(now)
	return now.keep(j, o)
}

// crawled takes what is known of the crawl.
func (s *Survey) crawled(c crawled) {
	s.crawl = &c
	s.site.Whole, s.site.Sitemaps = c.Whole, nil
	for _, m := range c.Sitemaps {
		s.site.Sitemaps = append(s.site.Sitemaps, practice.SiteMap(m))
	}
}
