package practice

import (
	"fmt"

	"veille/ecoindex/web"
)

// A text is not minified when more than a tenth of it is needless, or when more than 2 kB less would be sent.
const (
	mostNeedless      = 0.1
	mostNeedlessBytes = 2000
)

// minified counts pages, style sheets and scripts, with those inside pages, that hold comments and white space for people. Drawings have
// a check of their own.
func minified() Check {
	return Check{
		ID: "minified", RWEB: []string{"0077"}, RefID: []string{"0077"}, RGESN: []string{"6.3"}, Most: 0,
		Title: Words{"HTML, CSS et scripts minifiés", "Minified HTML, CSS and scripts"},
		Advice: Words{
			"Faites retirer commentaires, retraits et lignes vides à la publication du site : les visiteurs téléchargent ce que seuls les développeurs lisent.",
			"Have comments, indents and empty lines removed when the site is published: visitors fetch what only developers read.",
		},
		Look: func(v *View) Finding {
			texts := 0
			var bad []Offender
			for i := range v.Exchanges {
				e := &v.Exchanges[i]
				if !came(e) || !fetched(e.URL) || len(e.Body) < leastText {
					continue
				}
				what, strip := stripperOf(e)
				if strip == nil {
					continue
				}
				o, wordy, sure := wordy(v, e, what, strip)
				if sure {
					texts++
				}
				if wordy {
					bad = append(bad, o)
				}
			}
			return blame(texts, bad, 0, 0)
		},
	}
}

// stripperOf is what takes the needless out of a text, and its name; nil for a text that nothing is taken from.
func stripperOf(e *web.Exchange) (what string, strip func([]byte) ([]byte, bool)) {
	switch {
	case isSheet(e):
		return "css", func(text []byte) ([]byte, bool) { return stripCSS(text), true }
	case isCode(e):
		return "js", stripJS
	case typeOf(e) == "text/html" && (e.Kind == web.Document || e.Kind == web.Frame):
		return "html", func(text []byte) ([]byte, bool) { return stripHTML(text), true }
	}
	return "", nil
}

// lean is how long a text is without what is needless.
type lean struct {
	sure           bool // it could be read
	long, squeezed int  // bytes, and with gzip
}

// wordy tells whether a text has more in it than it needs, by the thresholds, and how much. It is not sure of one that can be read in two
// ways.
func wordy(v *View, e *web.Exchange, what string, strip func([]byte) ([]byte, bool)) (o Offender, wordy, sure bool) {
	after := remember(v.memory, what, e.Body, func(text []byte) lean {
		kept, ok := strip(text)
		if !ok {
			return lean{}
		}
		return lean{true, len(kept), squeeze(kept)}
	})
	spare := len(e.Body) - after.long
	share := float64(spare) / float64(len(e.Body))
	if !after.sure || share <= mostNeedless && spare <= mostNeedlessBytes {
		return Offender{}, false, after.sure
	}
	less := lighter(e, remember(v.memory, "gzip", e.Body, squeeze), after)
	if share <= mostNeedless && less <= mostNeedlessBytes {
		return Offender{}, false, true
	}
	return Offender{URL: e.URL, Detail: fmt.Sprintf("%s · %.0f %%", typeOf(e), 100*share), Bytes: less}, true, true
}
