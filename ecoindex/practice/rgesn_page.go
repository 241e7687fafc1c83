package practice

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// elements is what the criteria want to know of the elements of a page.
type elements struct {
	plays   int // videos and sounds that start by themselves
	videos  int // that have a source
	oneFile int // of them, those of one file
	endless int // marks of endless scrolling
}

// walk looks at all elements once.
func (e *evidence) walk() {
	eachElement(e.View, func(n *html.Node) {
		if isEndless(n) {
			e.elements.endless++
		}
		if !isElement(n, "video", "audio") {
			return
		}
		sources := mediaSources(e.View, n)
		if len(sources) == 0 {
			return
		}
		if plays(n) != "" {
			e.plays++
		}
		if n.Data == "video" {
			e.videos++
			if isOneFile(n, sources) {
				e.oneFile++
			}
		}
	})
}

// variants are the addresses that the page offers as one of several for an image.
func (e *evidence) variants() map[string]bool {
	offered := map[string]bool{}
	eachElement(e.View, func(n *html.Node) {
		if !isElement(n, "img", "source") || !hasAttr(n, "srcset") {
			return
		}
		set, _ := attrOf(n, "srcset")
		if all := choices(e.View, set); len(all) > 1 || n.Data == "source" {
			for _, address := range all {
				offered[address] = true
			}
		}
	})
	return offered
}

// isOneFile tells whether a video has neither a stream of several definitions nor a source for some screens.
func isOneFile(video *html.Node, sources []string) bool {
	for _, address := range sources {
		if kind := suffixOf(address); kind == "m3u8" || kind == "mpd" || address == "" { // a script feeds it
			return false
		}
	}
	for c := range video.ChildNodes() {
		if isElement(c, "source") && wordOf(c, "media") != "" {
			return false
		}
	}
	return true
}

// isEndless tells whether an element bears the mark of a well-known tool for endless scrolling.
func isEndless(n *html.Node) bool {
	if !isElement(n) {
		return false
	}
	for _, a := range n.Attr {
		switch {
		case a.Key == "data-infinite-scroll", a.Key == "infinite-scroll", a.Key == "data-ajax-load-more", a.Key == "v-infinite-scroll":
			return true
		case a.Key == "class":
			for one := range strings.FieldsSeq(a.Val) {
				switch one {
				case "infinite-scroll", "infinite-scroll-component", "infinite-scroll-request", "infinitescroll", "js-infinite-scroll", "ajax-load-more-wrap", "jscroll-inner":
					return true
				}
			}
		case a.Key == "src" && n.Data == "script":
			for _, name := range []string{"infinite-scroll", "infinitescroll", "infinite_scroll", "ajax-load-more", "jquery.jscroll"} {
				if strings.Contains(a.Val[:min(len(a.Val), 1000)], name) {
					return true
				}
			}
		}
	}
	return false
}

// autoplay counts what starts by itself. A moving picture or a frame that is told to play is for a person to judge.
func (e *evidence) autoplay() Verdict {
	moving := e.by("animated-gif", "animations", "media-autoplay")
	if e.plays > 0 {
		return Verdict{Status: Failed, Measured: float64(e.plays)}
	}
	if moving.Status == Nothing {
		return moving
	}
	return Verdict{Status: Passed}
}

// endless counts marks of endless scrolling; that there is none says nothing.
func (e *evidence) endless() Verdict {
	if e.elements.endless == 0 {
		return unknown()
	}
	return atMost(float64(e.elements.endless), 0)
}

// outsideSites counts the domains of others.
func (e *evidence) outsideSites() Verdict {
	sites := map[string]bool{}
	for i := range e.Exchanges {
		if x := &e.Exchanges[i]; fetched(x.URL) {
			sites[e.site(hostOf(x.URL))] = true
		}
	}
	if len(sites) == 0 {
		return unknown()
	}
	delete(sites, e.own)
	return atMost(float64(len(sites)), 0)
}

// outsideBytes is what others sent, in kB.
func (e *evidence) outsideBytes() Verdict {
	bytes, seen, called := int64(0), false, false
	for i := range e.Exchanges {
		x := &e.Exchanges[i]
		if !fetched(x.URL) {
			continue
		}
		seen = true
		if !e.ours(x) {
			called = true
			bytes += max(0, x.Bytes)
		}
	}
	switch {
	case !seen:
		return unknown()
	case !called:
		return none()
	}
	return atMost(float64(bytes)/1000, 0)
}

// oneFileVideos counts videos that are the same for all screens.
func (e *evidence) oneFileVideos() Verdict {
	if e.videos == 0 {
		return none()
	}
	return atMost(float64(e.oneFile), 0)
}

// videoBytes is what the page loads of videos, in kB.
func (e *evidence) videoBytes() Verdict {
	bytes, films := int64(0), e.videos
	for i := range e.Exchanges {
		if x := &e.Exchanges[i]; came(x) && strings.HasPrefix(typeOf(x), "video/") {
			bytes, films = bytes+max(0, x.Bytes), films+1
		}
	}
	if films == 0 {
		return none()
	}
	return atMost(float64(bytes)/1000, targetKB)
}

// documents counts those that the page links to or shows.
func (e *evidence) documents() Verdict {
	found := e.by("linked-documents", "embedded-documents")
	if found.Status == Passed && found.Measured == 0 {
		return none()
	}
	return found
}

// The targets of the EcoIndex for a page, as its reference has them.
const (
	targetKB       = 1024
	targetRequests = 40
)

// budget is the share of the targets that the page uses, in percent.
func (e *evidence) budget() Verdict {
	if e.Requests <= 0 || !(e.SizeKB >= 0) { // nobody counted, or it is no number
		return unknown()
	}
	return atMost(100*max(float64(e.Requests)/targetRequests, e.SizeKB/targetKB), 100)
}

// serverCache is the age of the page in a cache of its server, in seconds, by RFC 9111 §5.1 or the fields that well-known ones send.
func (e *evidence) serverCache() Verdict {
	x := pageExchange(e.View)
	if x == nil {
		return unknown()
	}
	age, err := strconv.ParseUint(strings.TrimSpace(x.Header.Get("Age")), 10, 31)
	if err == nil && age > 0 || cacheHit(x) {
		return Verdict{Status: Passed, Measured: float64(age)}
	}
	return unknown()
}

// cacheHit tells whether an answer says that a cache of the server had it.
func cacheHit(x *web.Exchange) bool {
	for _, name := range []string{"X-Cache", "X-Cache-Status", "CF-Cache-Status", "X-Proxy-Cache", "X-Drupal-Cache", "X-Drupal-Dynamic-Cache", "X-Varnish-Cache", "Cache-Status", "X-LiteSpeed-Cache"} {
		value := x.Header.Get(name)
		for word := range strings.FieldsFuncSeq(strings.ToLower(value[:min(len(value), 200)]), func(r rune) bool { return strings.ContainsRune(" ,;:=", r) }) {
			if word == "hit" {
				return true
			}
		}
	}
	return len(strings.Fields(x.Header.Get("X-Varnish"))) == 2 // of Varnish: the request, and the one that filled the cache
}
