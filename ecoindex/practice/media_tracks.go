package practice

import (
	"strings"

	"golang.org/x/net/html"
)

// mediaTracks is the share of videos and sounds without captions, and without a transcript near them.
func mediaTracks() Check {
	return Check{
		ID: "media-tracks", RWEB: []string{"0030"}, RefID: []string{"4005"}, RGESN: []string{"4.7"}, Unit: "%", Most: 10,
		Title: Words{"Vidéos et sons sans texte", "Videos and sounds without text"},
		Advice: Words{
			"Donnez à chaque vidéo ou son des sous-titres (track) ou un lien vers sa transcription : qui ne peut ou ne veut pas l’écouter lit, pour mille fois moins d’octets.",
			"Give each video or sound captions (track) or a link to its transcript: who cannot or will not listen reads, for a thousandth of the bytes.",
		},
		Look: func(v *View) Finding {
			near := nearTranscripts(v)
			media := 0
			var found []suspect
			eachElement(v, func(n *html.Node) {
				if !isElement(n, "video", "audio") || wordOf(n, "aria-hidden") == "true" {
					return
				}
				media++
				if !hasTrack(n) && !nearOne(near, n) {
					found = append(found, suspect{Offender: Offender{Detail: n.Data}, node: n})
				}
			})
			if media == 0 {
				return Finding{Status: Nothing}
			}
			return judge(100*float64(len(found))/float64(media), 10, offending(found), Saving{})
		},
	}
}

// hasTrack tells whether a medium has captions or subtitles; a track without a kind has subtitles.
func hasTrack(n *html.Node) bool {
	for c := range n.ChildNodes() {
		if isElement(c, "track") {
			switch kind := wordOf(c, "kind"); {
			case kind == "captions", kind == "subtitles", !hasAttr(c, "kind"):
				return true
			}
		}
	}
	return false
}

// nearLevels is how far above a medium and a transcript the element may be that has both.
const nearLevels = 3

// nearTranscripts are the elements around the links, buttons and summaries that name a transcript.
func nearTranscripts(v *View) map[*html.Node]bool {
	near := map[*html.Node]bool{}
	eachElement(v, func(n *html.Node) {
		if !isElement(n, "a", "button", "summary") || !namesTranscript(n) {
			return
		}
		for i, up := 0, n.Parent; up != nil && i < nearLevels; i, up = i+1, up.Parent {
			near[up] = true
		}
	})
	return near
}

func nearOne(near map[*html.Node]bool, n *html.Node) bool {
	for i, up := 0, n.Parent; up != nil && i < nearLevels; i, up = i+1, up.Parent {
		if near[up] {
			return true
		}
	}
	return false
}

// namesTranscript tells whether an element or its address says "transcript", "transcription" or "retranscription".
func namesTranscript(n *html.Node) bool {
	const most = 50 // nodes: a link is short
	href, _ := attrOf(n, "href")
	label, _ := attrOf(n, "aria-label")
	said := strings.Contains(strings.ToLower(href), "transcri") || strings.Contains(strings.ToLower(label), "transcri")
	seen := 0
	descend(n, func(c *html.Node, _ int) bool {
		if seen++; !said && seen <= most && c.Type == html.TextNode {
			said = strings.Contains(strings.ToLower(c.Data), "transcri")
		}
		return seen <= most
	})
	return said
}
