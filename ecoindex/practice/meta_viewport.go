package practice

import (
	"strings"

	"golang.org/x/net/html"
)

// metaViewport tells whether the page says that it fits the width of small screens.
func metaViewport() Check {
	return Check{
		ID: "meta-viewport", RGESN: []string{"2.5"}, Most: 0,
		Title: Words{"Largeur d’écran non déclarée", "Width of the screen not declared"},
		Advice: Words{
			"Ajoutez <meta name=\"viewport\" content=\"width=device-width\"> : les téléphones affichent la page à leur taille, et choisissent des images plus petites.",
			"Add <meta name=\"viewport\" content=\"width=device-width\">: phones show the page at their size, and choose smaller pictures.",
		},
		Look: func(v *View) Finding {
			fits := false
			eachElement(v, func(n *html.Node) {
				if isElement(n, "meta") && wordOf(n, "name") == "viewport" {
					for one := range strings.FieldsFuncSeq(wordOf(n, "content"), func(r rune) bool { return r == ',' || r == ';' }) {
						key, value, _ := strings.Cut(one, "=")
						fits = fits || strings.TrimSpace(key) == "width" && strings.TrimSpace(value) == "device-width" || strings.TrimSpace(key) == "initial-scale"
					}
				}
			})
			if fits {
				return judge(0, 0, nil, Saving{})
			}
			return judge(1, 0, []Offender{{Where: "head", Detail: "meta viewport"}}, Saving{})
		},
	}
}
