package practice

import "time"

// leastFresh is the life that Yellow Lab Tools asks of a static file, whether its address carries a version or not.
const leastFresh = 7 * 24 * time.Hour

// cacheDuration counts static files that browsers may keep, but for less than a week. Yellow Lab Tools lets 5 pass and gives nought
// from 25; here none may.
func cacheDuration() Check {
	return Check{
		ID: "cache-duration", RGESN: []string{"6.2"}, Most: 0,
		Title: Words{"Durée de mise en cache d’au moins une semaine", "Kept in caches for a week at least"},
		Advice: Words{
			"Laissez les fichiers statiques en cache une semaine au moins, un an quand leur adresse change avec leur contenu : qui revient le lendemain ne les télécharge pas.",
			"Let static files stay in caches for a week at least, a year where their address changes with what is in them: who comes back the next day does not fetch them.",
		},
		Look: func(v *View) Finding {
			kept := 0
			var bad []Offender
			for _, e := range chosen(v, static) {
				life := freshness(e.Header)
				if life <= 0 {
					continue
				}
				kept++
				if life < leastFresh {
					bad = append(bad, Offender{URL: e.URL, Detail: life.String() + " · " + kilobytes(e.Bytes)})
				}
			}
			return blame(kept, bad, 0, 0)
		},
	}
}
