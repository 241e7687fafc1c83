package practice

import (
	"fmt"

	"golang.org/x/net/html"
)

// domDepth is how many elements are inside one another below the body, those of svg left out. Yellow Lab Tools holds 15 for good and 25
// for bad.
func domDepth() Check {
	return Check{
		ID: "dom-depth", Most: 15,
		Title: Words{"Éléments emboîtés", "Elements inside one another"},
		Advice: Words{
			"Retirez les conteneurs qui n’entourent qu’un autre conteneur ; grilles et flexbox s’en passent : la page a moins d’éléments et s’affiche avec moins de calcul.",
			"Remove containers that hold only another container; grid and flexbox do without them: the page has fewer elements and is shown with less computing.",
		},
		Look: func(v *View) Finding {
			body := v.Doc.Find("body")
			if body.Length() == 0 {
				return Finding{Status: Nothing}
			}
			deepest := 0
			var at *html.Node
			descend(body.Nodes[0], func(n *html.Node, depth int) bool {
				if !isElement(n) {
					return false
				}
				if depth > deepest {
					deepest, at = depth, n
				}
				return true
			})
			if at == nil {
				return Finding{Status: Nothing}
			}
			return judge(float64(deepest), 15, offending([]suspect{{Offender: Offender{Detail: fmt.Sprint(deepest)}, node: at}}), Saving{})
		},
	}
}
