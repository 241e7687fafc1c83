package practice

import "veille/ecoindex/web"

// cacheHeaders counts static files that browsers may not keep, whatever their type: pictures and fonts too.
func cacheHeaders() Check {
	return Check{
		ID: "cache-headers", RWEB: []string{"0073", "0074"}, RefID: []string{"0099", "0101"}, RGESN: []string{"6.2"}, Most: 0,
		Title: Words{"Fichiers statiques mis en cache", "Static files kept in caches"},
		Advice: Words{
			"Dites au navigateur combien de temps il peut garder chaque fichier statique (Cache-Control: max-age) : à la page suivante, il ne le redemande pas.",
			"Tell the browser how long it may keep each static file (Cache-Control: max-age): on the next page it does not ask for it again.",
		},
		Look: func(v *View) Finding {
			files := chosen(v, static)
			var bad []Offender
			for _, e := range files {
				if freshness(e.Header) <= 0 {
					bad = append(bad, Offender{URL: e.URL, Detail: cacheDetail(e)})
				}
			}
			return blame(len(files), bad, 0, 0)
		},
	}
}

// cacheDetail is what a server says about keeping an answer, and its weight.
func cacheDetail(e *web.Exchange) string {
	said := "cache-control: –"
	if line := e.Header.Get("Cache-Control"); line != "" {
		said = "cache-control: " + short(line)
	} else if line := e.Header.Get("Expires"); line != "" {
		said = "expires: " + short(line)
	}
	return said + " · " + kilobytes(e.Bytes)
}
