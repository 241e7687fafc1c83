package practice

import "strings"

// dynamicPage says by what the page shows that it is made anew for each visitor: a cookie, no-store, or nothing by which a cache could
// ask whether it has changed. Measured is 1 for such a page and 0 for another: the sheet's 25 % are those of a site.
func dynamicPage() Check {
	return Check{
		ID: "dynamic-page", RWEB: []string{"0018"}, RefID: []string{"0013"}, RGESN: []string{"3.1", "6.1"}, Most: 0,
		Title: Words{"Page statique", "Static page"},
		Advice: Words{
			"Si la page est la même pour tous, servez-la comme un fichier : sans cookie, avec ETag ou Last-Modified, et sans interdire de la garder.",
			"Where the page is the same for everybody, serve it as a file: without a cookie, with ETag or Last-Modified, and without forbidding to keep it.",
		},
		Look: func(v *View) Finding {
			e := document(v)
			if e == nil {
				return Finding{Status: Nothing}
			}
			var signs []string
			if len(e.Header.Values("Set-Cookie")) > 0 {
				signs = append(signs, "set-cookie")
			}
			if _, never := directives(e.Header.Values("Cache-Control"))["no-store"]; never {
				signs = append(signs, "no-store")
			}
			if e.Header.Get("ETag") == "" && e.Header.Get("Last-Modified") == "" {
				signs = append(signs, "etag: –, last-modified: –")
			}
			var bad []Offender
			if len(signs) > 0 {
				bad = append(bad, Offender{URL: e.URL, Detail: strings.Join(signs, " · ")})
			}
			return blame(1, bad, 0, 0)
		},
	}
}
