package practice

import "golang.org/x/net/html"

// canvases counts canvas elements, on which scripts draw.
func canvases() Check {
	return Check{
		ID: "canvas", RWEB: []string{"0054"}, RefID: []string{"4013"}, Most: 0,
		Title: Words{"Dessins par script (canvas)", "Drawings by script (canvas)"},
		Advice: Words{
			"Préférez une image SVG ou du CSS au canvas quand le dessin ne change pas : le processeur du visiteur ne le recalcule plus.",
			"Prefer an SVG picture or CSS to a canvas where the drawing does not change: the visitor's processor no longer computes it.",
		},
		Look: func(v *View) Finding {
			var found []suspect
			eachElement(v, func(n *html.Node) {
				if isElement(n, "canvas") {
					found = append(found, suspect{node: n})
				}
			})
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}
