package practice

// validators counts static files of which a cache cannot ask whether they have changed. A file that says it never does needs none.
func validators() Check {
	return Check{
		ID: "validators", RWEB: []string{"0018"}, RefID: []string{"0013"}, RGESN: []string{"6.2"}, Most: 0,
		Title: Words{"Fichiers statiques avec ETag ou Last-Modified", "Static files with ETag or Last-Modified"},
		Advice: Words{
			"Faites envoyer ETag ou Last-Modified avec chaque fichier statique : un cache périmé demande s’il a changé et reçoit une réponse sans corps.",
			"Send ETag or Last-Modified with each static file: a cache whose copy is old asks whether it has changed, and gets an answer without a body.",
		},
		Look: func(v *View) Finding {
			files := chosen(v, static)
			var bad []Offender
			for _, e := range files {
				_, immutable := directives(e.Header.Values("Cache-Control"))["immutable"]
				if e.Header.Get("ETag") == "" && e.Header.Get("Last-Modified") == "" && (!immutable || freshness(e.Header) < leastFresh) {
					bad = append(bad, Offender{URL: e.URL, Detail: kilobytes(e.Bytes)})
				}
			}
			return blame(len(files), bad, 0, 0)
		},
	}
}
