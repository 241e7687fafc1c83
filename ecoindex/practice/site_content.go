package practice

import (
	"net/http"
	"slices"
	"strconv"
)

// contentRules look at how pages are made and kept.
func contentRules() []SiteCheck { return []SiteCheck{errorPages(), dynamicPages(), oldPages()} }

// mostErrorPage is the weight from which an error page is heavy, in kB: what a page of text with a style sheet and a logo takes.
const mostErrorPage = 100

// errorPages is the weight of what the site answers to an address that it does not have. It fails at once where the answer is no error, or is
// made anew for each visitor.
func errorPages() SiteCheck {
	return SiteCheck{
		ID: "error-page", RWEB: []string{"0020"}, RefID: []string{"0096"}, Unit: "kB", Most: mostErrorPage,
		Title: Words{"Page d’erreur légère et statique", "Light and static error page"},
		Advice: Words{
			"Répondez 404 avec un fichier statique et court, sans cookie : robots et liens périmés demandent cette page plus souvent qu’on ne croit.",
			"Answer 404 with a short static file, without a cookie: robots and outdated links ask for this page more often than one thinks.",
		},
		look: func(v *siteView) siteFinding {
			e := v.ErrorPage
			if e == nil || e.Status == 0 {
				return siteFinding{}
			}
			f := siteFinding{known: true, measured: float64(e.Bytes) / 1000}
			signs := append([]string{strconv.Itoa(e.Status), kilobytes(e.Bytes)}, slices.Sorted(slices.Values(e.Signs))...)
			f.bad = []siteOffender{culprit(e.URL, 0, signs...)}
			f.bytes = max(0, e.Bytes-mostErrorPage*1000)
			f.fails = e.Status != http.StatusNotFound && e.Status != http.StatusGone || len(e.Signs) > 0
			return f
		},
	}
}

// dynamicPages is the share of pages that are made anew for each visitor.
func dynamicPages() SiteCheck {
	return SiteCheck{
		ID: "dynamic-pages", RWEB: []string{"0018"}, RefID: []string{"0013"}, RGESN: []string{"3.1", "6.1"}, Unit: "%", Most: 25,
		Title: Words{"Part des pages dynamiques", "Share of dynamic pages"},
		Advice: Words{
			"Servez comme des fichiers les pages qui sont les mêmes pour tous : sans cookie, avec ETag ou Last-Modified, gardées par les caches.",
			"Serve pages that are the same for everybody as files: without a cookie, with ETag or Last-Modified, kept by caches.",
		},
		look: func(v *siteView) siteFinding {
			return v.share(func(p *SitePage) (yes, known bool) { return p.Dynamic, p.Looked })
		},
	}
}

// oldPages is the share of pages that have not changed for a year, of those of which it is known. It informs: an old page may be right.
func oldPages() SiteCheck {
	return SiteCheck{
		ID: "old-pages", RWEB: []string{"0116"}, RefID: []string{"4036"}, Unit: "%", Most: 0,
		Title: Words{"Part des contenus de plus d’un an", "Share of content older than a year"},
		Advice: Words{
			"Relisez ces pages une fois par an : gardez celles qui sont justes, mettez à jour les autres, et retirez ce qui ne sert plus à personne.",
			"Read these pages again once a year: keep those that are right, bring the others up to date, and remove what nobody needs.",
		},
		look: func(v *siteView) siteFinding {
			return v.share(func(p *SitePage) (yes, known bool) { return p.Old, p.Dated })
		},
	}
}

// share is the share of pages that are so, of those of which it is known, in percent; first those that most pages link to.
func (v *siteView) share(is func(*SitePage) (yes, known bool)) siteFinding {
	var bad []siteOffender
	all := 0
	v.seen(func(n int, p *SitePage) {
		yes, known := is(p)
		if !known {
			return
		}
		all++
		if yes {
			bad = append(bad, culprit(p.URL, int(v.linked[n]), pagesOf(v.linked[n])))
		}
	})
	if all == 0 {
		return siteFinding{}
	}
	return siteFinding{known: true, measured: 100 * float64(len(bad)) / float64(all), bad: bad}
}
