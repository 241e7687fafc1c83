package practice

import "golang.org/x/net/html"

// heavySVG is the length of the svg drawings written in the page, which no cache keeps. The threshold is ours.
func heavySVG() Check {
	return Check{
		ID: "svg-inline-heavy", Unit: "kB", Most: 10,
		Title: Words{"Dessins SVG écrits dans la page", "SVG drawings written in the page"},
		Advice: Words{
			"Mettez les dessins dans des fichiers SVG (img, ou use pour les icônes qui se répètent) : le navigateur les garde en cache d’une page à l’autre.",
			"Move drawings to SVG files (img, or use for icons that come again): the browser caches them from one page to the next.",
		},
		Look: func(v *View) Finding {
			all := 0
			var found []suspect
			descend(v.Doc.Nodes[0], func(n *html.Node, _ int) bool {
				if n.Type != html.ElementNode || n.Namespace != "svg" {
					return true
				}
				length := lengthOf(n)
				all += length
				found = append(found, suspect{Offender: Offender{Detail: kilobytes(int64(length))}, node: n, weight: int64(length)})
				return false
			})
			if len(found) == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(all)/1000, 10, offending(found), Saving{})
		},
	}
}

// lengthOf is about how long an element is when it is written, in bytes.
func lengthOf(top *html.Node) (n int) {
	descend(top, func(c *html.Node, _ int) bool {
		n += len(c.Data)
		if c.Type == html.ElementNode {
			n += len("<>") + len("</>") + len(c.Data)
			for _, a := range c.Attr {
				n += len(a.Key) + len(a.Val) + len(` =""`)
			}
		}
		return true
	})
	return n
}
