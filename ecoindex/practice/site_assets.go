package practice

import (
	"cmp"
	"slices"
)

// assetRules look at what pages show, across pages.
func assetRules() []SiteCheck { return []SiteCheck{sharedUncached(), duplicateAssets()} }

// users are how many pages show each asset.
func (v *siteView) users() []int {
	users, last := make([]int, len(v.Assets)), make([]int, len(v.Assets))
	v.seen(func(n int, p *SitePage) {
		for _, a := range p.Assets {
			if a >= 0 && int(a) < len(users) && last[a] != n+1 {
				users[a]++
				last[a] = n + 1
			}
		}
	})
	return users
}

// sharedUncached counts files that several pages show and that browsers do not keep. Of each, all pages but one transfer it for nothing.
func sharedUncached() SiteCheck {
	return SiteCheck{
		ID: "shared-uncached", RWEB: []string{"0073", "0074"}, RefID: []string{"0099", "0101"}, RGESN: []string{"6.2"}, Most: 0,
		Title: Words{"Fichiers communs sans mise en cache", "Shared files that no cache keeps"},
		Advice: Words{
			"Ces fichiers servent à plusieurs pages : avec Cache-Control: max-age, qui en visite plusieurs ne les télécharge qu’une fois.",
			"Several pages use these files: with Cache-Control: max-age, who visits more than one of them fetches each file once.",
		},
		look: func(v *siteView) siteFinding {
			var bad []siteOffender
			shared := false
			for a, n := range v.users() {
				if n < 2 {
					continue
				}
				shared = true
				if f := &v.Assets[a]; !f.Cached {
					o := culprit(f.URL, n, pagesOf(n)+" × "+kilobytes(f.Bytes))
					o.Bytes = f.Bytes * int64(n-1)
					bad = append(bad, o)
				}
			}
			if !shared {
				return siteFinding{}
			}
			return counted(bad)
		},
	}
}

// duplicateAssets counts files whose content pages show under another address too. The one to keep is what most pages show.
func duplicateAssets() SiteCheck {
	return SiteCheck{
		ID: "duplicate-assets", Most: 0,
		Title: Words{"Mêmes fichiers sous plusieurs adresses", "The same files under several addresses"},
		Advice: Words{
			"Servez chaque fichier sous une seule adresse dans tout le site : le cache du navigateur ne reconnaît un fichier qu’à son adresse.",
			"Serve each file under one address on the whole site: the browser's cache knows a file by its address only.",
		},
		look: func(v *siteView) siteFinding {
			users := v.users()
			same := map[string][]int{}
			for a := range v.Assets {
				if h := v.Assets[a].Hash; h != "" && users[a] > 0 {
					same[h] = append(same[h], a)
				}
			}
			if len(same) == 0 {
				return siteFinding{}
			}
			var bad []siteOffender
			for _, files := range same {
				kept := slices.MinFunc(files, func(a, b int) int {
					return cmp.Or(cmp.Compare(users[b], users[a]), cmp.Compare(v.Assets[a].URL, v.Assets[b].URL))
				})
				for _, a := range files {
					if a != kept {
						o := culprit(v.Assets[a].URL, users[a], "= "+short(v.Assets[kept].URL), pagesOf(users[a]))
						o.Bytes = v.Assets[a].Bytes
						bad = append(bad, o)
					}
				}
			}
			return counted(bad)
		},
	}
}
