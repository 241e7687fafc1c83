package practice

import "veille/ecoindex/web"

// svgOptimised counts drawings with comments, notes of the editor, white space, or decimals that nobody sees.
func svgOptimised() Check {
	return Check{
		ID: "svg-optimised", RWEB: []string{"0099", "0077"}, RefID: []string{"0036", "0077"}, Most: 0,
		Title: Words{"Images SVG optimisées", "Optimised SVG pictures"},
		Advice: Words{
			"Passez les SVG dans un optimiseur : il retire les notes du logiciel de dessin, les commentaires et les décimales invisibles.",
			"Run SVG files through an optimiser: it removes the notes of the drawing program, comments, and decimals that nobody sees.",
		},
		Look: func(v *View) Finding {
			files := chosen(v, func(e *web.Exchange) bool {
				return came(e) && fetched(e.URL) && typeOf(e) == "image/svg+xml" && len(e.Body) > 0
			})
			var bad []Offender
			for _, e := range files {
				if len(e.Body) < leastText {
					continue
				}
				drawn := func(text []byte) ([]byte, bool) { return stripSVG(text), true }
				if o, wordy, _ := wordy(v, e, "svg", drawn); wordy {
					bad = append(bad, o)
				}
			}
			return blame(len(files), bad, 0, 0)
		},
	}
}
