package practice

import (
	"slices"
	"strings"
)

// sitemapRules look at what sitemaps say of the site.
func sitemapRules() []SiteCheck {
	return []SiteCheck{sitemapMissing(), sitemapErrors(), sitemapEntries(), unlistedPages(), orphanPages()}
}

// sitemapRule is a rule on the sheet of sitemaps: none of them may fail.
func sitemapRule(id string, title, advice Words, look func(*siteView) siteFinding) SiteCheck {
	return SiteCheck{ID: id, RWEB: []string{"0089"}, RefID: []string{"4008"}, Title: title, Advice: advice, look: look}
}

// listed tells whether a sitemap has an address.
func (v *siteView) listed() bool {
	return slices.ContainsFunc(v.Pages, func(p SitePage) bool { return p.Listed })
}

// sitemapMissing is 1 for a site of several pages that no sitemap lists.
func sitemapMissing() SiteCheck {
	return sitemapRule("sitemap-missing",
		Words{"Plan du site pour les robots (sitemap)", "Sitemap for robots"},
		Words{
			"Publiez un fichier sitemap.xml et nommez-le dans robots.txt : les robots demandent alors les pages qui comptent, et elles seules.",
			"Publish a sitemap.xml and name it in robots.txt: robots then ask for the pages that matter, and for no others.",
		},
		func(v *siteView) siteFinding {
			pages, start := 0, ""
			v.seen(func(_ int, p *SitePage) {
				if pages++; p.Start && (start == "" || p.URL < start) {
					start = p.URL
				}
			})
			switch {
			case len(v.Sitemaps) > 0 || v.listed():
				return counted(nil)
			case pages < 2:
				return siteFinding{}
			}
			return counted([]siteOffender{culprit(start, pages, pagesOf(pages))})
		})
}

// sitemapErrors counts sitemaps that cannot be read, or have faults.
func sitemapErrors() SiteCheck {
	return sitemapRule("sitemap-errors",
		Words{"Sitemaps sans erreur", "Sitemaps without errors"},
		Words{
			"Corrigez ces fichiers, ou retirez de robots.txt ceux qui n’existent plus : un robot qui les lit mal visite le site à l’aveugle.",
			"Mend these files, or remove from robots.txt those that no longer exist: a robot that cannot read them visits the site blindly.",
		},
		func(v *siteView) siteFinding {
			if len(v.Sitemaps) == 0 {
				return siteFinding{}
			}
			var bad []siteOffender
			for _, m := range v.Sitemaps {
				problems := slices.Sorted(slices.Values(m.Problems))
				switch {
				case m.Failed != "":
					bad = append(bad, culprit(m.URL, 1<<20, append([]string{m.Failed}, problems...)...))
				case len(problems) > 0:
					bad = append(bad, culprit(m.URL, len(problems), problems...))
				}
			}
			return counted(bad)
		})
}

// sitemapEntries counts addresses that a sitemap lists and that are no pages to list.
func sitemapEntries() SiteCheck {
	return sitemapRule("sitemap-entries",
		Words{"Adresses du sitemap à retirer", "Addresses to take out of the sitemap"},
		Words{
			"Ne listez que des pages qui répondent, à leur adresse définitive : ni erreur, ni redirection, ni copie, ni page interdite aux robots.",
			"List only pages that answer, at their final address: no error, no redirect, no copy, no page that robots may not visit.",
		},
		func(v *siteView) siteFinding {
			var bad []siteOffender
			listed := false
			for i := range v.Pages {
				p := &v.Pages[i]
				if !p.Listed {
					continue
				}
				listed = listed || p.State != SiteUnknown
				switch {
				case p.State == SiteFailed:
					bad = append(bad, culprit(p.URL, 5, p.reason()))
				case p.State == SiteRefused:
					bad = append(bad, culprit(p.URL, 4, "robots.txt"))
				case p.State == SiteRedirect:
					bad = append(bad, culprit(p.URL, 3, v.leads(p, "→")))
				case p.State == SiteCopy:
					bad = append(bad, culprit(p.URL, 2, v.leads(p, "=")))
				case p.State == SiteSeen && p.Hidden:
					bad = append(bad, culprit(p.URL, 1, "noindex"))
				}
			}
			if !listed || !v.Whole && len(bad) == 0 {
				return siteFinding{}
			}
			return counted(bad)
		})
}

// unlistedPages counts pages that links lead to and that no sitemap lists. A sitemap that could not be read may have them.
func unlistedPages() SiteCheck {
	return sitemapRule("unlisted-pages",
		Words{"Pages absentes du sitemap", "Pages that the sitemap lacks"},
		Words{
			"Ajoutez ces pages au sitemap, ou demandez qu’elles ne soient pas indexées (noindex) si personne ne doit les chercher.",
			"Add these pages to the sitemap, or ask for them not to be indexed (noindex) where nobody should search for them.",
		},
		func(v *siteView) siteFinding {
			unread := slices.ContainsFunc(v.Sitemaps, func(m SiteMap) bool { return m.Failed != "" || slices.ContainsFunc(m.Problems, cuts) })
			if !v.Whole || unread || !v.listed() {
				return siteFinding{}
			}
			var bad []siteOffender
			v.seen(func(n int, p *SitePage) {
				if !p.Listed && !p.Hidden {
					bad = append(bad, culprit(p.URL, int(v.linked[n]), pagesOf(v.linked[n])))
				}
			})
			return counted(bad)
		})
}

// cuts tells whether after a fault a sitemap was not read to its end.
func cuts(problem string) bool {
	return strings.HasPrefix(problem, "too-") || strings.HasPrefix(problem, "bad-gzip") || problem == "bad-xml" || problem == "cut-short" ||
		problem == "long-token" || problem == "wrong-root" || problem == "empty"
}

// orphanPages counts pages that a sitemap lists and that no way of links from the first page leads to.
func orphanPages() SiteCheck {
	return sitemapRule("orphan-pages",
		Words{"Pages orphelines", "Orphan pages"},
		Words{
			"Aucun lien ne mène à ces pages depuis l’accueil : reliez-les à une page qui les annonce, ou supprimez-les si elles ne servent plus.",
			"No link leads to these pages from the first one: link to them from a page that announces them, or remove them where nobody needs them.",
		},
		func(v *siteView) siteFinding {
			if !v.Whole || !v.started || !v.listed() {
				return siteFinding{}
			}
			var bad []siteOffender
			v.seen(func(n int, p *SitePage) {
				if v.depth[n] < 0 {
					bad = append(bad, culprit(p.URL, -int(v.linked[n]), pagesOf(v.linked[n]))) // first those that no page at all links to
				}
			})
			return counted(bad)
		})
}
