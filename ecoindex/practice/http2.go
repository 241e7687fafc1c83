package practice

import (
	"strings"

	"veille/ecoindex/web"
)

// http2 counts requests over HTTP/1 and before. Those of which the protocol is not known do not count.
func http2() Check {
	return Check{
		ID: "http2", RWEB: []string{"0082"}, RefID: []string{"4006"}, RGESN: []string{"6.7"}, Most: 0,
		Title: Words{"HTTP/2 ou HTTP/3", "HTTP/2 or HTTP/3"},
		Advice: Words{
			"Activez HTTP/2 ou HTTP/3 sur le serveur : toutes les ressources passent par une seule connexion, avec des en-têtes compressés.",
			"Turn on HTTP/2 or HTTP/3 on the server: all resources come over one connection, with compressed header fields.",
		},
		Look: func(v *View) Finding {
			known := chosen(v, func(e *web.Exchange) bool { return e.Protocol != "" && fetched(e.URL) })
			if len(known) == 0 {
				return Finding{Status: Nothing, Why: protocolUnknown()}
			}
			var bad []Offender
			for _, e := range known {
				if oldProtocol(e) {
					bad = append(bad, Offender{URL: e.URL, Detail: short(e.Protocol)})
				}
			}
			return blame(len(known), bad, 0, 0)
		},
	}
}

func protocolUnknown() Words {
	return Words{"la version du protocole HTTP n’est pas connue", "the version of HTTP is not known"}
}

// oldProtocol tells whether an answer came over HTTP/1 or before.
func oldProtocol(e *web.Exchange) bool {
	p := strings.ToLower(e.Protocol)
	return strings.HasPrefix(p, "http/1") || strings.HasPrefix(p, "http/0")
}
