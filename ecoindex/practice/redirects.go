package practice

import (
	"strconv"

	"veille/ecoindex/web"
)

// redirects counts answers that send the browser elsewhere: 301, 302, 303, 307 and 308.
func redirects() Check {
	const most = 1 // of the sheet
	return Check{
		ID: "redirects", RWEB: []string{"0112"}, RefID: []string{"0095"}, RGESN: []string{"6.1"}, Most: most,
		Title: Words{"Redirections", "Redirects"},
		Advice: Words{
			"Écrivez dans la page l’adresse définitive de chaque ressource : une redirection est une requête et une attente pour rien.",
			"Write the final address of each resource in the page: a redirect is a request and a wait for nothing.",
		},
		Look: func(v *View) Finding {
			var bad []Offender
			for i := range v.Exchanges {
				if e := &v.Exchanges[i]; redirected(e) {
					bad = append(bad, Offender{URL: e.URL, Detail: strconv.Itoa(e.Status), Bytes: e.Bytes})
				}
			}
			return blame(len(v.Exchanges), bad, most, 1)
		},
	}
}

// redirected tells whether an answer sends the browser to another address.
func redirected(e *web.Exchange) bool {
	switch e.Status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
