package practice

import "veille/ecoindex/web"

// cssFiles counts style sheets, by their addresses.
func cssFiles() Check {
	const most = 7 // the sheet says 3 to 10; the extension grades 7 and less A
	return Check{
		ID: "css-files", RWEB: []string{"0035"}, RefID: []string{"0022"}, RGESN: []string{"6.5"}, Most: most,
		Title: Words{"Nombre de feuilles de style", "Number of style sheets"},
		Advice: Words{
			"Réunissez les feuilles de style qui servent sur toutes les pages et retirez celles des composants absents de la page.",
			"Join the style sheets that all pages use, and remove those of components that are not in the page.",
		},
		Look: func(v *View) Finding {
			known := map[string]bool{}
			var sheets []Offender
			for _, e := range chosen(v, func(e *web.Exchange) bool { return isSheet(e) && fetched(e.URL) }) {
				if !known[e.URL] {
					known[e.URL] = true
					sheets = append(sheets, Offender{URL: e.URL, Detail: kilobytes(e.Bytes)})
				}
			}
			if len(sheets) == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(sheets)), most, listed(sheets), Saving{Requests: max(0, len(sheets)-most)})
		},
	}
}
