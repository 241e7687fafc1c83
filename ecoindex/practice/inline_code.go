package practice

import (
	"strings"

	"golang.org/x/net/html"
)

// inlineCode counts style sheets and scripts that are written in the page, where no cache keeps them. Data (ld+json, import maps,
// speculation rules, templates) and what is inside an svg are none.
func inlineCode() Check {
	return Check{
		ID: "inline-code", RWEB: []string{"0041"}, RefID: []string{"0032"}, Most: 2,
		Title: Words{"Styles et scripts écrits dans la page", "Styles and scripts written in the page"},
		Advice: Words{
			"Mettez styles et scripts dans des fichiers à part : le navigateur les garde en cache et ne les reçoit plus avec chaque page.",
			"Move styles and scripts to files of their own: the browser caches them and no longer receives them with each page.",
		},
		Look: func(v *View) Finding {
			var found []suspect
			eachElement(v, func(n *html.Node) {
				if !isStyle(n) && (!runsScript(n) || hasAttr(n, "src")) {
					return
				}
				if text := writtenIn(n); strings.TrimSpace(text) != "" {
					found = append(found, suspect{Offender: Offender{Detail: n.Data + ", " + kilobytes(int64(len(text)))}, node: n, weight: int64(len(text))})
				}
			})
			return judge(float64(len(found)), 2, offending(found), Saving{})
		},
	}
}
