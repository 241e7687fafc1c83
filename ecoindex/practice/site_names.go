package practice

import (
	"cmp"
	"slices"
)

// nameRules look at what pages call themselves.
func nameRules() []SiteCheck {
	return []SiteCheck{missingTitles(), duplicateTitles(), duplicateDescriptions()}
}

// nameless is the hash of what a page has not.
const nameless = "-"

// missingTitles counts pages without a title.
func missingTitles() SiteCheck {
	return nameRule("missing-titles",
		Words{"Pages sans titre", "Pages without a title"},
		Words{
			"Donnez un titre à ces pages : sans lui, on les ouvre pour savoir ce qu’elles contiennent.",
			"Give these pages a title: without one, people open them to know what is in them.",
		},
		func(v *siteView) siteFinding {
			var bad []siteOffender
			known := false
			v.seen(func(n int, p *SitePage) {
				known = known || p.Title != ""
				if p.Title == nameless {
					bad = append(bad, culprit(p.URL, int(v.linked[n])))
				}
			})
			if !known {
				return siteFinding{}
			}
			return counted(bad)
		})
}

// duplicateTitles counts pages whose title another page has.
func duplicateTitles() SiteCheck {
	return nameRule("duplicate-titles",
		Words{"Pages de même titre", "Pages of the same title"},
		Words{
			"Donnez à chaque page un titre qui la distingue : qui cherche choisit la bonne du premier coup, au lieu d’en ouvrir plusieurs.",
			"Give each page a title that tells it apart: who searches picks the right one at once, and does not open several.",
		},
		func(v *siteView) siteFinding { return v.namesakes(func(p *SitePage) string { return p.Title }) })
}

// duplicateDescriptions counts pages whose description another page has.
func duplicateDescriptions() SiteCheck {
	return nameRule("duplicate-descriptions",
		Words{"Pages de même description", "Pages of the same description"},
		Words{
			"Écrivez pour chaque page une description (meta description) qui lui est propre : les moteurs de recherche la montrent sous le titre.",
			"Write a description (meta description) of its own for each page: search engines show it under the title.",
		},
		func(v *siteView) siteFinding { return v.namesakes(func(p *SitePage) string { return p.Description }) })
}

// nameRule is a rule on the sheet of titles and descriptions: no page may fail.
func nameRule(id string, title, advice Words, look func(*siteView) siteFinding) SiteCheck {
	return SiteCheck{ID: id, RWEB: []string{"0011"}, RefID: []string{"4015"}, Title: title, Advice: advice, look: look}
}

// namesakes counts pages that share a name with another one; an offender is the first of those of one name, by its address. A document that
// is there under several addresses is one page: that is for another rule.
func (v *siteView) namesakes(name func(*SitePage) string) siteFinding {
	first := map[[2]string]string{} // the first address of each document of each name
	v.seen(func(_ int, p *SitePage) {
		n := name(p)
		if n == "" || n == nameless {
			return
		}
		document := [2]string{n, cmp.Or(p.Text, p.URL)}
		if at, ok := first[document]; !ok || p.URL < at {
			first[document] = p.URL
		}
	})
	pages := map[string][]string{}
	for document, url := range first {
		pages[document[0]] = append(pages[document[0]], url)
	}
	if len(pages) == 0 {
		return siteFinding{}
	}
	f := siteFinding{known: true}
	for _, same := range pages {
		if len(same) > 1 {
			f.measured += float64(len(same))
			f.bad = append(f.bad, culprit(slices.Min(same), len(same), pagesOf(len(same))))
		}
	}
	return f
}
