package practice

import (
	"cmp"
	"slices"
	"strconv"
)

// cssImports counts the sheets that style sheets import: the browser hears of them once it has read the first.
func cssImports() Check {
	return Check{
		ID: "css-imports", Most: 0,
		Title: Words{"@import dans les feuilles de style", "@import in style sheets"},
		Advice: Words{
			"Remplacez @import par un élément link, ou joignez les feuilles à la publication : chaque niveau ajoute une requête et une attente.",
			"Replace @import by a link element, or join the sheets when the site is published: each level adds a request and a wait.",
		},
		Look: eachCSS(0, func(f *cssFacts) *tally { return &f.imports }),
	}
}

// cssImportant counts declarations that are !important. Yellow Lab Tools gives nought from 200.
func cssImportant() Check {
	const most = 200
	return Check{
		ID: "css-important", Most: most,
		Title: Words{"Déclarations !important", "!important declarations"},
		Advice: Words{
			"Remplacez !important par un ordre clair des feuilles ou par @layer : les règles qui se combattent grossissent les feuilles.",
			"Replace !important by a clear order of the sheets or by @layer: rules that fight each other make the sheets grow.",
		},
		Look: sumCSS(most, func(f *cssFacts) *tally { return &f.important }),
	}
}

// cssRules counts style rules. Yellow Lab Tools is content up to 2000 and gives nought from 5000.
func cssRules() Check {
	const most = 5000
	return Check{
		ID: "css-rules", Most: most,
		Title: Words{"Nombre de règles CSS", "Number of CSS rules"},
		Advice: Words{
			"Ne livrez à la page que les règles de ses composants : le navigateur lit et compare toutes les autres pour rien.",
			"Give the page the rules of its components only: the browser reads and compares all others for nothing.",
		},
		Look: sumCSS(most, func(f *cssFacts) *tally { return &f.rules }),
	}
}

// cssLonghand counts rules that say each side of a margin, a padding or a border where one declaration would do.
func cssLonghand() Check {
	return Check{
		ID: "css-longhand", RWEB: []string{"0118"}, RefID: []string{"0026"}, Most: 0,
		Title: Words{"Notations CSS abrégées", "CSS shorthand"},
		Advice: Words{
			"Écrivez les quatre côtés d’une marge ou d’une bordure en une seule déclaration.",
			"Write the four sides of a margin or a border in one declaration.",
		},
		Look: eachCSS(0, func(f *cssFacts) *tally { return &f.longhands }),
	}
}

// cssDuplicates counts declarations that a rule has twice, and rules that declare the same as another of their sheet.
func cssDuplicates() Check {
	const most = 1 // of the sheet
	return Check{
		ID: "css-duplicates", RWEB: []string{"0119"}, RefID: []string{"0025"}, Most: most,
		Title: Words{"Déclarations CSS répétées", "Repeated CSS declarations"},
		Advice: Words{
			"Réunissez sous une liste de sélecteurs les règles qui déclarent la même chose, et retirez les déclarations en double.",
			"Join the rules that declare the same under one list of selectors, and remove declarations that are there twice.",
		},
		Look: eachCSS(most, func(f *cssFacts) *tally { return &f.duplicates }),
	}
}

// cssSelectors counts selectors that make the browser look at many elements.
func cssSelectors() Check {
	return Check{
		ID: "css-selectors", RWEB: []string{"0040"}, RefID: []string{"0024"}, Most: 0,
		Title: Words{"Sélecteurs CSS simples", "Simple CSS selectors"},
		Advice: Words{
			"Visez les éléments par une classe plutôt que par une longue descendance ou par « * » : le navigateur essaie chaque sélecteur sur chaque élément.",
			"Aim at elements by a class rather than by a long descent or by “*”: the browser tries each selector on each element.",
		},
		Look: eachCSS(0, func(f *cssFacts) *tally { return &f.slow }),
	}
}

// eachCSS judges what is counted in all style sheets; each thing is an offender.
func eachCSS(most float64, pick func(*cssFacts) *tally) func(*View) Finding {
	return func(v *View) Finding {
		sheets := sheetsOf(v)
		if len(sheets) == 0 {
			return Finding{Status: Nothing}
		}
		n := 0
		var bad []Offender
		for _, s := range sheets {
			f := factsOf(v, s.text)
			found := pick(&f)
			n += found.n
			for _, one := range found.first[:min(len(found.first), maxOffendersListed-len(bad))] {
				bad = append(bad, s.offender(one))
			}
		}
		return judge(float64(n), most, bad, Saving{})
	}
}

// sumCSS judges what is counted in all style sheets; each sheet is an offender, the one with most first.
func sumCSS(most float64, pick func(*cssFacts) *tally) func(*View) Finding {
	return func(v *View) Finding {
		sheets := sheetsOf(v)
		if len(sheets) == 0 {
			return Finding{Status: Nothing}
		}
		n := 0
		var bad []Offender
		for _, s := range sheets {
			f := factsOf(v, s.text)
			if found := pick(&f).n; found > 0 {
				n += found
				bad = append(bad, s.offender(strconv.Itoa(found)))
			}
		}
		return judge(float64(n), most, mostFirst(bad), Saving{})
	}
}

// mostFirst orders offenders whose detail is a number by it, and lists those that are shown.
func mostFirst(list []Offender) []Offender {
	slices.SortStableFunc(list, func(a, b Offender) int {
		return cmp.Or(cmp.Compare(len(b.Detail), len(a.Detail)), cmp.Compare(b.Detail, a.Detail))
	})
	return list[:min(len(list), maxOffendersListed)]
}
