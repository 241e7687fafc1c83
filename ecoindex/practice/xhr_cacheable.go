package practice

import "veille/ecoindex/web"

// xhrCacheable is the share of answers to scripts that browsers may not keep.
func xhrCacheable() Check {
	const most = 10 // % of the sheet
	return Check{
		ID: "xhr-cacheable", RWEB: []string{"0071"}, RefID: []string{"0102"}, RGESN: []string{"6.2"}, Unit: "%", Most: most,
		Title: Words{"Réponses aux scripts mises en cache", "Answers to scripts kept in caches"},
		Advice: Words{
			"Donnez une durée de vie, même courte, aux réponses que les scripts demandent et qui ne changent pas à chaque appel.",
			"Give a life, however short, to the answers that scripts ask for and that do not change at each call.",
		},
		Look: func(v *View) Finding {
			asked := chosen(v, func(e *web.Exchange) bool { return e.Kind == web.Fetch && came(e) && fetched(e.URL) })
			if len(asked) == 0 {
				return Finding{Status: Nothing}
			}
			var bad []Offender
			for _, e := range asked {
				if freshness(e.Header) <= 0 {
					bad = append(bad, Offender{URL: e.URL, Detail: cacheDetail(e)})
				}
			}
			return judge(100*float64(len(bad))/float64(len(asked)), most, listed(bad), Saving{})
		},
	}
}
