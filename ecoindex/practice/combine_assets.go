package practice

import (
	"strings"

	"veille/ecoindex/web"
)

// combineAssets is the largest number of style sheets, or of scripts, that come from one host over HTTP/1: over HTTP/2 there is nothing
// to gain from joining files, and files of different hosts cannot be joined.
func combineAssets() Check {
	const most = 2 // of the sheet, for each of the two
	return Check{
		ID: "combine-assets", RWEB: []string{"0075"}, RefID: []string{"0079"}, Most: most,
		Title: Words{"Feuilles de style et scripts regroupés", "Style sheets and scripts joined"},
		Advice: Words{
			"Tant que le serveur parle HTTP/1, réunissez les feuilles de style d’un côté et les scripts de l’autre ; passer à HTTP/2 en dispense.",
			"As long as the server speaks HTTP/1, join the style sheets, and the scripts; with HTTP/2 there is no need to.",
		},
		Look: func(v *View) Finding {
			groups := map[string][]Offender{} // by host and kind
			files, known := 0, 0
			for _, e := range chosen(v, func(e *web.Exchange) bool { return fetched(e.URL) && (isSheet(e) || isCode(e)) }) {
				files++
				if e.Protocol != "" {
					known++
				}
				if oldProtocol(e) {
					group := hostOf(e.URL) + " css"
					if isCode(e) {
						group = hostOf(e.URL) + " js"
					}
					groups[group] = append(groups[group], Offender{URL: e.URL, Detail: strings.ToLower(short(e.Protocol)) + " · " + kilobytes(e.Bytes)})
				}
			}
			switch {
			case files == 0:
				return Finding{Status: Nothing}
			case known == 0:
				return Finding{Status: Nothing, Why: protocolUnknown()}
			case len(groups) == 0:
				return Finding{Status: Nothing, Why: Words{"HTTP/2 et HTTP/3 rendent le regroupement inutile", "HTTP/2 and HTTP/3 make joining needless"}}
			}
			largest, spare := 0, 0
			var bad []Offender
			for _, group := range groups {
				largest = max(largest, len(group))
				if len(group) > most {
					spare += len(group) - most
					bad = append(bad, group...)
				}
			}
			return judge(float64(largest), most, listed(sortedByURL(bad)), Saving{Requests: spare})
		},
	}
}
