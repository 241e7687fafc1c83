package practice

import "golang.org/x/net/html"

// metaRefresh counts elements that send the reader elsewhere, or load the page again, from inside the page.
func metaRefresh() Check {
	return Check{
		ID: "meta-refresh", RWEB: []string{"0112"}, RefID: []string{"0095"}, RGESN: []string{"6.1"}, Most: 0,
		Title: Words{"Redirection écrite dans la page", "Redirect written in the page"},
		Advice: Words{
			"Remplacez meta refresh par une redirection du serveur, et les liens par l’adresse d’arrivée : la page intermédiaire n’est plus chargée pour rien.",
			"Replace meta refresh by a redirect of the server, and links by the final address: the page in between is no longer loaded in vain.",
		},
		Look: func(v *View) Finding {
			var found []suspect
			eachElement(v, func(n *html.Node) {
				if isElement(n, "meta") && wordOf(n, "http-equiv") == "refresh" {
					content, _ := attrOf(n, "content")
					found = append(found, suspect{Offender: Offender{Detail: content}, node: n})
				}
			})
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}
