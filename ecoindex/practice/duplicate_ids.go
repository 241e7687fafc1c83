package practice

import (
	"fmt"

	"golang.org/x/net/html"
)

// duplicateIDs counts ids that more than one element has. The threshold is that of Yellow Lab Tools.
func duplicateIDs() Check {
	return Check{
		ID: "duplicate-ids", Most: 0,
		Title: Words{"Identifiants en double", "Ids used twice"},
		Advice: Words{
			"Donnez à chaque élément un id qui n’est qu’à lui : liens, étiquettes et scripts vont au bon endroit, sans correctifs.",
			"Give each element an id of its own: links, labels and scripts reach the right place, without workarounds.",
		},
		Look: func(v *View) Finding {
			seen := map[string]int{}
			var twice []*html.Node // the second element of each id
			eachElement(v, func(n *html.Node) {
				id, _ := attrOf(n, "id")
				if id == "" {
					return
				}
				if seen[id]++; seen[id] == 2 {
					twice = append(twice, n)
				}
			})
			if len(seen) == 0 {
				return Finding{Status: Nothing}
			}
			var found []suspect
			for _, n := range twice {
				id, _ := attrOf(n, "id")
				found = append(found, suspect{Offender: Offender{Detail: fmt.Sprint(seen[id])}, node: n, weight: int64(seen[id])})
			}
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}
