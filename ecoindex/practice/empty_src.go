package practice

import "golang.org/x/net/html"

// emptySources counts elements whose address is there but empty: some browsers, and the tools in between, load the page itself for it.
func emptySources() Check {
	return Check{
		ID: "empty-src", Most: 0,
		Title: Words{"Adresses vides (src, href)", "Empty addresses (src, href)"},
		Advice: Words{
			"Retirez les attributs src et href vides, ou donnez-leur une adresse : certains logiciels redemandent la page pour eux.",
			"Remove empty src and href attributes, or give them an address: some software asks for the page again because of them.",
		},
		Look: func(v *View) Finding {
			var found []suspect
			eachElement(v, func(n *html.Node) {
				key := "src"
				switch {
				case isElement(n, "link"):
					key = "href"
				case !isElement(n, "img", "script", "iframe", "video", "audio", "source", "embed", "input"):
					return
				}
				if hasAttr(n, key) && wordOf(n, key) == "" {
					found = append(found, suspect{Offender: Offender{Detail: n.Data + ", " + key}, node: n})
				}
			})
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}
