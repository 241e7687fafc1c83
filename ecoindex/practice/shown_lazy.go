package practice

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// lazyMargin is how far below the window, in CSS pixels, Chromium loads an image with loading="lazy" at once on a fast connection, since
// July 2020: what lies nearer is loaded by those who do not scroll, too.
const lazyMargin = 1250

// lazyLoading counts files of images that begin below the window and are loaded at once all the same. The bytes of an offender are what a
// visitor is rid of who does not scroll. Nothing is said to be saved of the page, since EcoIndex is measured once it has been scrolled to its
// end: its score stays. A file that is shown in the window too comes in any case, and one that a script puts in its place when it is
// reached, which its address in a data- attribute tells, waits already. Where frames and videos are on the page, nobody said.
func lazyLoading() Check {
	return Check{
		ID: "lazy-loading", RWEB: []string{"0050"}, RefID: []string{"0037"}, RGESN: []string{"6.5"}, Browser: true, Most: 0,
		Title: Words{"Images sous la première vue chargées d’office", "Images below the first view loaded at once"},
		Advice: Words{
			"Écrivez loading=\"lazy\" sur ces images seulement : qui ne descend pas jusqu’à elles ne les charge pas. L’EcoIndex, mesuré après défilement, ne change pas.",
			"Write loading=\"lazy\" on these images only: who does not scroll down to them does not load them. EcoIndex, measured after scrolling, does not change.",
		},
		Look: func(v *View) Finding {
			if v.Shown.Height <= 0 {
				return Finding{Status: Nothing, Why: Words{"la hauteur de la fenêtre n’est pas connue", "the height of the window is not known"}}
			}
			waiting := heldBack(v)
			below := 0
			var bad []Offender
			for _, f := range shownFiles(v) {
				top, eager := f.below(v.Shown.Height)
				if top < 0 {
					continue
				}
				below++
				if eager == 0 || waiting[f.url] {
					continue
				}
				o := Offender{URL: f.url, Detail: fmt.Sprintf("%d px · %s", top, kilobytes(f.weight()))}
				if top-v.Shown.Height >= lazyMargin {
					o.Bytes = f.weight()
				}
				bad = append(bad, o)
			}
			if below == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(bad)), 0, listed(bad), Saving{})
		},
	}
}

// below is where the first image of a file begins, from the beginning of the page, and how many of its images do not wait; -1 where it
// is not shown, or in the window too.
func (f *shownFile) below(window int) (top, eager int) {
	top = -1
	for _, i := range f.images {
		if !displayed(i) {
			continue
		}
		if i.Top < window {
			return -1, 0
		}
		if top < 0 || i.Top < top {
			top = i.Top
		}
		if !i.Lazy {
			eager++
		}
	}
	return top, eager
}

// heldBack are the addresses that images have in a data- attribute, such as data-src and data-lazy-srcset.
func heldBack(v *View) map[string]bool {
	held := map[string]bool{}
	eachElement(v, func(n *html.Node) {
		if !isElement(n, "img", "source") {
			return
		}
		for _, a := range n.Attr {
			if !strings.HasPrefix(a.Key, "data-") || !strings.Contains(a.Key, "src") && !strings.Contains(a.Key, "original") {
				continue
			}
			for _, address := range choices(v, a.Val) {
				held[address] = true
			}
		}
	})
	return held
}

// choices are the addresses of a srcset, or the one that there is. An address with a comma inside, which a srcset may have, is read as it
// is as well.
func choices(v *View, srcset string) (addresses []string) {
	const most = 50
	add := func(reference string) {
		if u := web.Resolve(v.Base, reference); u != nil {
			addresses = append(addresses, u.String())
		}
	}
	words := strings.Fields(srcset[:min(len(srcset), 16_384)])
	for _, word := range words[:min(len(words), most)] {
		word = strings.Trim(word, ",")
		add(word)
		if strings.Contains(word, ",") {
			for _, part := range strings.SplitN(word, ",", most) {
				add(part)
			}
		}
	}
	return addresses
}
