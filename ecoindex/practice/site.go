package practice

import (
	"cmp"
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// Site is what was found of a whole site. No order in it means anything.
type Site struct {
	Pages     []SitePage  // addresses of the site that were found, each once
	Assets    []SiteAsset // what pages show, each address once: the largest of each page
	Sitemaps  []SiteMap   // that were asked for; none where the site has none, or nobody knows any more
	ErrorPage *ErrorPage  // nil where nobody asked for it
	Whole     bool        // no page was left out because there are too many of them, or too far away
}

// SitePage is an address of the site.
type SitePage struct {
	URL    string
	State  SiteState
	Status int      // that the server answered to a page that failed; 0 where that is not why
	Code   web.Code // why it failed
	Start  bool     // visitors and crawls begin there
	Listed bool     // a sitemap has it
	To     int32    // the number of the page that a redirect or a copy leads to; -1 for none of the site
	Links  []int32  // numbers of the pages that it links to
	Assets []int32  // numbers of what it shows

	// Of a page that was looked at:
	Title, Description string // hashes, equal for equal texts; "-" where it has none, "" where it is not known
	Text               string // likewise, of the document
	Hidden             bool   // it asks not to be listed
	Looked             bool   // by the checks, as the next two say
	Dynamic            bool   // it is made anew for each visitor, by the check dynamic-page
	Old                bool   // it has not changed for a year, by the check old-content
	Dated              bool   // it is known when it changed
}

// SiteState is what became of an address.
type SiteState string

// The states of an address.
const (
	SiteUnknown  SiteState = ""         // it was not asked for
	SiteSeen     SiteState = "seen"     // a page, looked at
	SiteFailed   SiteState = "failed"   // looked at in vain
	SiteRefused  SiteState = "refused"  // robots.txt asks to stay away
	SiteRedirect SiteState = "redirect" // it leads to another address
	SiteCopy     SiteState = "copy"     // a page that says that it is another one once more
)

// SiteAsset is what pages show.
type SiteAsset struct {
	URL    string
	Kind   web.Kind
	Bytes  int64  // as transferred
	Cached bool   // browsers keep it for a while
	Hash   string // equal for equal contents; "" where it is not known
}

// SiteMap is a sitemap that was asked for.
type SiteMap struct {
	URL      string
	Failed   string   // why it could not be read, or not to its end; "" when it could
	Problems []string // codes of its faults
}

// ErrorPage is what a site answers to an address that it does not have.
type ErrorPage struct {
	URL    string
	Status int
	Bytes  int64    // of the document and of what is known of what it shows
	Signs  []string // that it is made anew for each visitor, as names of fields
}

// SiteCheck is one rule for a whole site.
type SiteCheck struct {
	ID     string   // ours, for ever
	RWEB   []string // as in Check
	RefID  []string
	RGESN  []string
	Title  Words
	Advice Words
	Unit   string  // of what is measured: "", "%", "kB"
	Most   float64 // the threshold: what is measured may be so much
	look   func(*siteView) siteFinding
}

// SiteChecks are all rules for a site, in the order in which they are shown.
func SiteChecks() []SiteCheck {
	return slices.Concat(sitemapRules(), linkRules(), assetRules(), nameRules(), contentRules())
}

// Findings are what the rules say of the site, in the order of SiteChecks.
func (s *Site) Findings() []SiteFinding {
	v := viewOf(s)
	all := []SiteFinding{}
	for _, c := range SiteChecks() {
		all = append(all, c.finds(v))
	}
	return all
}

// siteFinding is what a rule found.
type siteFinding struct {
	known    bool // there was something to judge
	fails    bool // whatever was measured
	measured float64
	bytes    int64 // to be saved
	bad      []siteOffender
}

// siteOffender is what fails a rule. The worst has most bytes, then most weight.
type siteOffender struct {
	KeptOffender
	weight int
}

// mostSiteOffenders is how many offenders of a rule are shown.
const mostSiteOffenders = 20

// finds judges what a rule found.
func (c *SiteCheck) finds(v *siteView) SiteFinding {
	found := c.look(v)
	f := SiteFinding{ID: c.ID, Status: Nothing}
	if !found.known {
		return f
	}
	f.Status, f.Measured = Passed, found.measured
	if found.measured <= c.Most && !found.fails {
		return f
	}
	f.Status, f.Bytes = Failed, found.bytes
	slices.SortFunc(found.bad, func(a, b siteOffender) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.weight, a.weight), cmp.Compare(a.URL, b.URL), cmp.Compare(a.Detail, b.Detail))
	})
	shown := min(len(found.bad), mostSiteOffenders)
	f.More = len(found.bad) - shown
	for _, o := range found.bad[:shown] {
		f.Offenders = append(f.Offenders, KeptOffender{URL: brief(o.URL), Detail: brief(o.Detail), Bytes: o.Bytes})
	}
	return f
}

// counted is the finding of offenders that are counted.
func counted(bad []siteOffender) siteFinding {
	f := siteFinding{known: true, measured: float64(len(bad)), bad: bad}
	for _, o := range bad {
		f.bytes += o.Bytes
	}
	return f
}

// culprit is an offender without bytes.
func culprit(url string, weight int, detail ...string) siteOffender {
	return siteOffender{KeptOffender{URL: url, Detail: strings.Join(detail, " · ")}, weight}
}
