package practice

import (
	"strconv"

	"veille/ecoindex/web"
)

// httpErrors counts requests that fail: an answer of 400 and more, or none, whose detail is 0. The weight and the request of those that
// are not documents can be saved, since the page already does without them.
func httpErrors() Check {
	return Check{
		ID: "http-errors", Most: 0,
		Title: Words{"Requêtes en erreur", "Requests that fail"},
		Advice: Words{
			"Corrigez ou retirez les adresses qui répondent par une erreur ou ne répondent pas : la page les demande à chaque visite, pour rien.",
			"Correct or remove the addresses that answer with an error or not at all: the page asks for them at every visit, for nothing.",
		},
		Look: func(v *View) Finding {
			var bad []Offender
			spare := 0
			for i := range v.Exchanges {
				e := &v.Exchanges[i]
				if e.Status > 0 && e.Status < 400 || !fetched(e.URL) {
					continue
				}
				o := Offender{URL: e.URL, Detail: strconv.Itoa(e.Status)}
				if e.Kind != web.Document && e.Kind != web.Frame {
					o.Bytes = e.Bytes
					spare++
				}
				bad = append(bad, o)
			}
			if len(v.Exchanges) == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(bad)), 0, listed(bad), Saving{Bytes: total(bad), Requests: spare})
		},
	}
}
