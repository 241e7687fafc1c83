package practice

import "golang.org/x/net/html"

// iframes counts inner pages. Yellow Lab Tools holds 4 for good and 15 for bad.
func iframes() Check {
	return Check{
		ID: "iframes", Most: 4,
		Title: Words{"Pages dans la page", "Pages inside the page"},
		Advice: Words{
			"Remplacez les iframes par un lien ou une image qui ne les charge qu’au clic : chacune est une page entière, avec ses styles et ses scripts.",
			"Replace iframes by a link or a picture that loads them only on a click: each is a whole page, with its styles and scripts.",
		},
		Look: func(v *View) Finding {
			exchanges := byAddress(v)
			var found []suspect
			eachElement(v, func(n *html.Node) {
				if !isElement(n, "iframe", "frame") {
					return
				}
				source, _ := attrOf(n, "src")
				one := ofAddress(exchanges, addressOf(v, source), n.Data)
				one.node = n
				delete(exchanges, one.URL)
				found = append(found, one)
			})
			return judge(float64(len(found)), 4, offending(found), saving(lightest(found, 4)))
		},
	}
}
