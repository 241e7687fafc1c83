package practice

import (
	"fmt"
	"strings"

	"veille/ecoindex/web"
)

// cookiesStatic counts static files that were asked for with a cookie. What it costs goes up, and EcoIndex counts what comes down, so
// that nothing is said to be saved.
func cookiesStatic() Check {
	const most = 1 // of the sheet
	return Check{
		ID: "cookies-static", RWEB: []string{"0080"}, RefID: []string{"0094"}, RGESN: []string{"6.7"}, Most: most,
		Title: Words{"Fichiers statiques demandés avec un cookie", "Static files asked for with a cookie"},
		Advice: Words{
			"Servez les fichiers statiques d’un domaine sans cookie, ou restreignez les cookies au chemin qui les lit : le navigateur les joint à chaque requête.",
			"Serve static files from a domain without cookies, or restrict cookies to the path that reads them: the browser adds them to each request.",
		},
		Look: func(v *View) Finding {
			files := chosen(v, static)
			var bad []Offender
			for _, e := range files {
				if e.Asked > 0 {
					bad = append(bad, Offender{URL: e.URL, Detail: fmt.Sprintf("cookie: %d B", e.Asked)})
				}
			}
			return blame(len(files), bad, most, 0)
		},
	}
}

// setCookieStatic counts static files that come with a cookie. The names of cookies are shown, their values are not.
func setCookieStatic() Check {
	return Check{
		ID: "set-cookie-static", RWEB: []string{"0080"}, RefID: []string{"0094"}, RGESN: []string{"6.7"}, Most: 0,
		Title: Words{"Fichiers statiques qui posent un cookie", "Static files that set a cookie"},
		Advice: Words{
			"Ne posez pas de cookie avec une image, une police ou une feuille de style : les caches partagés renoncent alors à garder le fichier.",
			"Do not set a cookie with a picture, a font or a style sheet: shared caches then give up keeping the file.",
		},
		Look: func(v *View) Finding {
			files := chosen(v, static)
			var bad []Offender
			for _, e := range files {
				if set := e.Header.Values("Set-Cookie"); len(set) > 0 {
					var names []string
					for _, one := range set[:min(len(set), 5)] {
						name, _, _ := strings.Cut(one, "=")
						names = append(names, strings.TrimSpace(name))
					}
					bad = append(bad, Offender{URL: e.URL, Detail: "set-cookie: " + short(strings.Join(names, ", "))})
				}
			}
			return blame(len(files), bad, 0, 0)
		},
	}
}

// cookieLength is the longest Cookie field that the page makes a browser send, in bytes.
func cookieLength() Check {
	const most = 512 // of the extension: more is no longer A
	return Check{
		ID: "cookie-length", RWEB: []string{"0061"}, RefID: []string{"0082"}, RGESN: []string{"6.1"}, Unit: "B", Most: most,
		Title: Words{"Longueur des cookies", "Length of cookies"},
		Advice: Words{
			"Gardez dans les cookies un identifiant court, et le reste sur le serveur : ils repartent avec chaque requête.",
			"Keep a short identifier in cookies, and the rest on the server: they go out with each request.",
		},
		Look: func(v *View) Finding {
			longest := 0
			var bad []Offender
			for _, e := range chosen(v, func(e *web.Exchange) bool { return fetched(e.URL) }) {
				longest = max(longest, e.Asked)
				if e.Asked > most {
					bad = append(bad, Offender{URL: e.URL, Detail: fmt.Sprintf("cookie: %d B", e.Asked)})
				}
			}
			return judge(float64(longest), most, listed(bad), Saving{})
		},
	}
}
