package practice

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
)

// linkRules look at where links of the site lead.
func linkRules() []SiteCheck {
	return []SiteCheck{internalRedirects(), brokenLinks(), pageCopies(), deepPages()}
}

// internalRedirects counts redirecting addresses that pages of the site link to.
func internalRedirects() SiteCheck {
	return SiteCheck{
		ID: "internal-redirects", RWEB: []string{"0112"}, RefID: []string{"0095"}, RGESN: []string{"6.1"}, Most: 0,
		Title: Words{"Liens internes qui redirigent", "Links of the site that redirect"},
		Advice: Words{
			"Écrivez dans ces liens l’adresse d’arrivée : chaque clic fait aujourd’hui une requête pour rien.",
			"Write the final address into these links: today each click makes a request for nothing.",
		},
		look: func(v *siteView) siteFinding {
			return v.targets(func(p *SitePage) (string, bool) { return v.leads(p, "→"), p.State == SiteRedirect })
		},
	}
}

// brokenLinks counts addresses that pages of the site link to and that answer with 404, 410 or an error of the server.
func brokenLinks() SiteCheck {
	return SiteCheck{
		ID: "broken-links", Most: 0,
		Title: Words{"Liens internes cassés", "Broken links of the site"},
		Advice: Words{
			"Corrigez ou retirez ces liens : ils mènent à une page d’erreur, que le visiteur charge avant de chercher ailleurs.",
			"Mend or remove these links: they lead to an error page, which visitors load before they look elsewhere.",
		},
		look: func(v *siteView) siteFinding {
			return v.targets(func(p *SitePage) (string, bool) {
				broken := p.Status == http.StatusNotFound || p.Status == http.StatusGone || p.Status >= 500
				return strconv.Itoa(p.Status), p.State == SiteFailed && broken
			})
		},
	}
}

// targets counts addresses that pages link to and that are bad ones, those that most pages link to first. It says nothing of a site without
// links.
func (v *siteView) targets(bad func(*SitePage) (detail string, yes bool)) siteFinding {
	var found []siteOffender
	links := false
	for i := range v.Pages {
		if v.linked[i] == 0 {
			continue
		}
		links = true
		if detail, yes := bad(&v.Pages[i]); yes {
			found = append(found, culprit(v.Pages[i].URL, int(v.linked[i]), detail, pagesOf(v.linked[i])))
		}
	}
	if !links {
		return siteFinding{}
	}
	return counted(found)
}

// pageCopies counts addresses of pages that are there under another address too: by their own word (canonical), or because the documents are
// the same.
func pageCopies() SiteCheck {
	return SiteCheck{
		ID: "page-copies", Most: 0,
		Title: Words{"Pages en plusieurs exemplaires", "Pages under several addresses"},
		Advice: Words{
			"Donnez à chaque page une seule adresse (http ou https, avec ou sans barre finale, sans paramètre inutile), et liez toujours celle-là.",
			"Give each page one address (http or https, with or without a final slash, without needless parameters), and always link to that one.",
		},
		look: func(v *siteView) siteFinding {
			var bad []siteOffender
			texts := map[string][]int{}
			pages := 0
			for i := range v.Pages {
				switch p := &v.Pages[i]; p.State {
				case SiteCopy:
					pages++
					bad = append(bad, culprit(p.URL, int(v.linked[i]), v.leads(p, "="), pagesOf(v.linked[i])))
				case SiteSeen:
					pages++
					if p.Text != "" {
						texts[p.Text] = append(texts[p.Text], i)
					}
				}
			}
			for _, same := range texts {
				first := slices.MinFunc(same, v.better)
				for _, n := range same {
					if n != first {
						bad = append(bad, culprit(v.Pages[n].URL, int(v.linked[n]), "= "+v.Pages[first].URL, pagesOf(v.linked[n])))
					}
				}
			}
			if pages == 0 {
				return siteFinding{}
			}
			return counted(bad)
		},
	}
}

// better orders pages of one document: first the one to keep, which is a start, or that most pages link to, or whose address is shorter.
func (v *siteView) better(a, b int) int {
	x, y := &v.Pages[a], &v.Pages[b]
	switch {
	case x.Start != y.Start && x.Start:
		return -1
	case x.Start != y.Start:
		return 1
	}
	return cmp.Or(cmp.Compare(v.linked[b], v.linked[a]), cmp.Compare(len(x.URL), len(y.URL)), cmp.Compare(x.URL, y.URL))
}

// mostDeep is how many links a visitor follows to a page at most.
const mostDeep = 5

// deepPages counts pages that are further from the first one.
func deepPages() SiteCheck {
	return SiteCheck{
		ID: "deep-pages", Most: 0,
		Title: Words{"Pages à plus de cinq liens de l’accueil", "Pages more than five links from the first"},
		Advice: Words{
			"Rapprochez ces pages : un menu, une recherche ou un plan évite au visiteur de charger les pages du chemin.",
			"Bring these pages nearer: with a menu, a search or a site map visitors need not load the pages on the way.",
		},
		look: func(v *siteView) siteFinding {
			if !v.Whole || !v.started {
				return siteFinding{}
			}
			var bad []siteOffender
			v.seen(func(n int, p *SitePage) {
				if d := int(v.depth[n]); d > mostDeep {
					bad = append(bad, culprit(p.URL, d, strconv.Itoa(d)))
				}
			})
			return counted(bad)
		},
	}
}
