package practice

import (
	"strings"

	"veille/ecoindex/web"
)

// emptyAnswers counts files that came without a body. Answers to scripts may rightly be empty and do not count; nor does 204, which says so.
func emptyAnswers() Check {
	return Check{
		ID: "empty-answers", Most: 0,
		Title: Words{"Réponses vides", "Empty answers"},
		Advice: Words{
			"Retirez de la page les fichiers vides : chacun coûte une requête et n’apporte rien.",
			"Remove empty files from the page: each costs a request and brings nothing.",
		},
		Look: func(v *View) Finding {
			var bad []Offender
			for i := range v.Exchanges {
				e := &v.Exchanges[i]
				if e.Status == 200 && e.Problem == "" && fetched(e.URL) && e.Kind != web.Fetch && e.Kind != web.Document && empty(e) {
					bad = append(bad, Offender{URL: e.URL, Detail: "0 B", Bytes: e.Bytes})
				}
			}
			return blame(len(v.Exchanges), bad, 0, 1)
		},
	}
}

// empty tells whether an answer surely has no body: a Decoded of 0 may also mean that nobody counted. Over HTTP/1 the fields are sent as
// they are read, so that an answer that is no longer than they are has nothing after them.
func empty(e *web.Exchange) bool {
	switch {
	case e.Decoded != 0 || len(e.Body) > 0 || e.Header == nil:
		return false
	case strings.TrimSpace(e.Header.Get("Content-Length")) == "0":
		return true
	case !oldProtocol(e):
		return false
	}
	fields := int64(len("HTTP/1.1 200\r\n\r\n"))
	for name, values := range e.Header {
		for _, value := range values {
			fields += int64(len(name) + len(value) + len(": \r\n"))
		}
	}
	return e.Bytes > 0 && e.Bytes <= fields
}
