package practice

import "fmt"

// medianDOM is the number of elements that half of the pages of the web stay below: the eleventh of the 21 quantiles of EcoIndex.
const medianDOM = 603

// domSize is how many elements the page has, by the rule of the protocol.
func domSize() Check {
	return Check{
		ID: "dom-size", Most: medianDOM,
		Title: Words{"Nombre d’éléments", "Number of elements"},
		Advice: Words{
			"Divisez les longues listes, et ne construisez menus et fenêtres que lorsqu’on les ouvre : la moitié des pages du Web a moins de 603 éléments, et rien ne pèse autant dans l’EcoIndex.",
			"Divide long lists, and build menus and dialogs only when they are opened: half of the web's pages have fewer than 603 elements, and nothing weighs as much in EcoIndex.",
		},
		Look: func(v *View) Finding {
			if v.DOM == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(v.DOM), medianDOM, largestParts(v), Saving{Elements: v.DOM - medianDOM})
		},
	}
}

// largestParts are the largest pieces of the page and their elements, or the page itself where none were found.
func largestParts(v *View) (parts []Offender) {
	for _, p := range v.Parts {
		parts = append(parts, Offender{Where: p.Path, Detail: fmt.Sprint(p.Elements)})
	}
	if len(parts) == 0 {
		parts = []Offender{{URL: v.URL, Detail: fmt.Sprint(v.DOM)}}
	}
	return parts
}
