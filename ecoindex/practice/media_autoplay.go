package practice

import (
	"net/url"

	"golang.org/x/net/html"
)

// mediaAutoplay counts videos and sounds that are loaded before anybody asks for them: with autoplay, without preload="none", or in a
// frame told to play.
func mediaAutoplay() Check {
	return Check{
		ID: "media-autoplay", RWEB: []string{"0106"}, RefID: []string{"4003"}, RGESN: []string{"4.1"}, Most: 0,
		Title: Words{"Vidéos et sons chargés d’office", "Videos and sounds loaded unasked"},
		Advice: Words{
			"Retirez autoplay et écrivez preload=\"none\", avec une image d’attente : seul le visiteur qui lance la lecture charge la vidéo ou le son.",
			"Remove autoplay and write preload=\"none\", with a poster: only the visitor who presses play loads the video or the sound.",
		},
		Look: func(v *View) Finding {
			exchanges := byAddress(v)
			media := 0
			var found []suspect
			eachElement(v, func(n *html.Node) {
				sources := mediaSources(v, n)
				played := plays(n)
				if isElement(n, "iframe") && played != "" {
					source, _ := attrOf(n, "src")
					one := suspect{Offender: Offender{Detail: played}, node: n}
					one.URL = addressOf(v, source)
					found, media = append(found, one), media+1
					return
				}
				if !isElement(n, "video", "audio") || len(sources) == 0 && played == "" {
					return
				}
				media++
				if played == "" {
					preload := wordOf(n, "preload")
					if preload == "none" {
						return
					}
					played = "preload=" + preload
				}
				one := suspect{Offender: Offender{Detail: n.Data + ", " + played}, node: n}
				for _, address := range sources {
					s := ofAddress(exchanges, address, "")
					one.Bytes, one.requests = one.Bytes+s.Bytes, one.requests+s.requests
					delete(exchanges, address) // saved once, though it is named twice
				}
				found = append(found, one)
			})
			if media == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(found)), 0, offending(found), saving(found))
		},
	}
}

// plays says what makes an element play by itself; "" for nothing. A frame does by its address, as those of the large video sites.
func plays(n *html.Node) string {
	switch {
	case isElement(n, "video", "audio") && hasAttr(n, "autoplay"):
		return "autoplay"
	case isElement(n, "iframe"):
		source, _ := attrOf(n, "src")
		if u, err := url.Parse(source); err == nil {
			if told := u.Query().Get("autoplay"); told == "1" || told == "true" {
				return "autoplay=" + told
			}
		}
	}
	return ""
}

// mediaSources are the addresses of a video or a sound, its own and those of its sources.
func mediaSources(v *View, n *html.Node) (addresses []string) {
	if !isElement(n, "video", "audio") {
		return nil
	}
	add := func(n *html.Node) {
		if source, ok := attrOf(n, "src"); ok && source != "" {
			addresses = append(addresses, addressOf(v, source))
		}
	}
	add(n)
	for c := range n.ChildNodes() {
		if isElement(c, "source") {
			add(c)
		}
	}
	return addresses
}
