package practice

import (
	"bytes"
	"net/url"
	"path"
	"strings"

	"veille/ecoindex/web"
)

// mostFontBytes is what a font file may weigh. It is our own: a WOFF2 file of Latin letters in one weight has 15 to 40 kB, and one of
// more than twice that holds letters of languages that the page does not speak.
const mostFontBytes = 100_000

// fontFiles counts the font files that a page fetches, and those that its style sheets hold as data.
func fontFiles() Check {
	const most = 2 // of the sheet
	return Check{
		ID: "fonts", RWEB: []string{"0032"}, RefID: []string{"0029"}, RGESN: []string{"4.8"}, Most: most,
		Title: Words{"Fichiers de police", "Font files"},
		Advice: Words{
			"Préférez les polices du système ; sinon, gardez une famille et deux fichiers, ou une police variable.",
			"Prefer the fonts of the system; else keep one family and two files, or a variable font.",
		},
		Look: func(v *View) Finding {
			files := fontsOf(v)
			var bad []Offender
			for _, e := range files {
				bad = append(bad, Offender{URL: e.URL, Detail: fontFormatOf(e), Bytes: e.Bytes})
			}
			spare := bad[min(len(bad), most):] // the lightest, since the heaviest come first
			saves := Saving{Bytes: total(spare), Requests: len(spare)}
			known := map[dataFont]bool{}
			for _, s := range sheetsOf(v) {
				for _, data := range factsOf(v, s.text).fonts {
					if !known[data] {
						known[data] = true
						bad = append(bad, s.offender("data: "+kilobytes(int64(data.long))))
					}
				}
			}
			return judge(float64(len(bad)), most, listed(bad), saves)
		},
	}
}

// fontFormat counts font files that are not WOFF2. What a TTF or OTF that was sent as it is would weigh with a gzip is the least that can
// be saved, since WOFF2 does better; of others nobody can tell without making them again.
func fontFormat() Check {
	return Check{
		ID: "font-format", RGESN: []string{"4.8"}, Most: 0,
		Title: Words{"Polices en WOFF2", "Fonts in WOFF2"},
		Advice: Words{
			"Convertissez les polices en WOFF2, que tous les navigateurs actuels lisent : c’est leur format le plus léger.",
			"Convert fonts to WOFF2, which all browsers of today read: it is their lightest format.",
		},
		Look: func(v *View) Finding {
			files := fontsOf(v)
			var bad []Offender
			for _, e := range files {
				format := fontFormatOf(e)
				if format == "woff2" || format == "" {
					continue
				}
				o := Offender{URL: e.URL, Detail: format + " · " + kilobytes(e.Bytes)}
				if (format == "ttf" || format == "otf") && !compressed(e) {
					o.Bytes = min(squeezed(v, e), e.Bytes)
				}
				bad = append(bad, o)
			}
			return blame(len(files), bad, 0, 0)
		},
	}
}

// heavyFonts counts font files of more than 100 kB; what is more can be saved.
func heavyFonts() Check {
	return Check{
		ID: "heavy-fonts", RGESN: []string{"4.8"}, Most: 0,
		Title: Words{"Polices lourdes", "Heavy fonts"},
		Advice: Words{
			"Réduisez chaque police aux caractères des langues du site (sous-ensemble, unicode-range) : 100 ko suffisent largement.",
			"Reduce each font to the characters of the site’s languages (a subset, unicode-range): 100 kB are more than enough.",
		},
		Look: func(v *View) Finding {
			files := fontsOf(v)
			var bad []Offender
			for _, e := range files {
				if e.Bytes > mostFontBytes {
					bad = append(bad, Offender{URL: e.URL, Detail: fontFormatOf(e) + " · " + kilobytes(e.Bytes), Bytes: e.Bytes - mostFontBytes})
				}
			}
			return blame(len(files), bad, 0, 0)
		},
	}
}

// fontsOf are the font files that came, each address once, the heaviest first.
func fontsOf(v *View) []*web.Exchange {
	known := map[string]bool{}
	return chosen(v, func(e *web.Exchange) bool {
		if !came(e) || !fetched(e.URL) || known[e.URL] || e.Kind != web.Font && !isFont(typeOf(e)) {
			return false
		}
		known[e.URL] = true
		return true
	})
}

// isFont tells whether a media type is one of fonts, old names included.
func isFont(kind string) bool {
	minor, ok := strings.CutPrefix(kind, "application/")
	return strings.HasPrefix(kind, "font/") || ok && (strings.HasPrefix(minor, "font-") || strings.HasPrefix(minor, "x-font") || minor == "vnd.ms-fontobject")
}

// fontFormatOf is the format of a font file by its first bytes, or else by its type or its name; "" where nothing says it.
func fontFormatOf(e *web.Exchange) string {
	for _, f := range [][2]string{{"wOF2", "woff2"}, {"wOFF", "woff"}, {"OTTO", "otf"}, {"\x00\x01\x00\x00", "ttf"}, {"true", "ttf"}, {"ttcf", "ttc"}} {
		if bytes.HasPrefix(e.Body, []byte(f[0])) {
			return f[1]
		}
	}
	name := ""
	if u, err := url.Parse(e.URL); err == nil {
		name = strings.TrimPrefix(strings.ToLower(path.Ext(u.Path)), ".")
	}
	kind := typeOf(e)
	for _, known := range []string{"woff2", "woff", "otf", "ttf", "ttc", "eot", "svg"} {
		if strings.HasSuffix(kind, known) || name == known {
			return known
		}
	}
	if kind == "application/vnd.ms-fontobject" {
		return "eot"
	}
	return ""
}
