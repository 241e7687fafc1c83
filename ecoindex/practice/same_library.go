package practice

import (
	"regexp"
	"strings"

	"veille/ecoindex/web"
)

// bannerWindow is how much of a script is read for its banner, in bytes.
const bannerWindow = 1000

// sameLibrary counts scripts that are a library the page has already, in this version or another, by the banner at their beginning. The
// largest is kept, the others can go.
func sameLibrary() Check {
	return Check{
		ID: "same-library", Most: 0,
		Title: Words{"Bibliothèque chargée plusieurs fois", "A library loaded more than once"},
		Advice: Words{
			"Gardez une seule version de chaque bibliothèque et faites-y passer les composants qui apportent la leur.",
			"Keep one version of each library, and move the components that bring their own to it.",
		},
		Look: func(v *View) Finding {
			banner := regexp.MustCompile(`/\*[!*]?[\s*]*(?:@(?:name|license|preserve)\s+)?([A-Za-z][\w.-]{1,30}(?: [A-Z][\w.-]{0,30}){0,2}),?\s+(?:[-–—]\s+)?[vV]?(\d{1,3}\.\d{1,3}(?:\.\d{1,4})?)`)
			first, known := map[string]string{}, map[string]bool{}
			named := 0
			var bad []Offender
			for _, e := range chosen(v, func(e *web.Exchange) bool { return isCode(e) && fetched(e.URL) }) {
				found := banner.FindSubmatch(e.Body[:min(len(e.Body), bannerWindow)])
				if found == nil || known[e.URL] {
					continue
				}
				named++
				known[e.URL] = true
				title := strings.TrimSuffix(string(found[1]), " JavaScript Library") // as jQuery calls itself
				shown, name := title+" "+string(found[2]), strings.TrimSuffix(strings.ToLower(title), ".js")
				if other, twice := first[name]; twice {
					bad = append(bad, Offender{URL: e.URL, Detail: short(shown + " / " + other), Bytes: e.Bytes})
					continue
				}
				first[name] = shown
			}
			return blame(named, bad, 0, 1)
		},
	}
}
