package practice

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// carousels counts carousels, not the libraries that make them: by their role, by the element or the class that well-known libraries give
// to the outermost element. One inside another is part of it. A library without such an element is one carousel: its script makes it.
func carousels() Check {
	return Check{
		ID: "carousel", RWEB: []string{"0010"}, RefID: []string{"4030"}, Most: 1,
		Title: Words{"Carrousels", "Carousels"},
		Advice: Words{
			"Remplacez les carrousels par une image ou une liste courte : peu de gens vont au-delà de la première vue, et toutes les autres sont chargées.",
			"Replace carousels by one picture or a short list: few people go beyond the first view, and all others are loaded.",
		},
		Look: func(v *View) Finding {
			var found []suspect
			descend(v.Doc.Nodes[0], func(n *html.Node, _ int) bool {
				what := carouselOf(n)
				if what != "" {
					found = append(found, suspect{Offender: Offender{Detail: what}, node: n})
				}
				return what == ""
			})
			if len(found) == 0 {
				for _, address := range loaded(v) {
					if name := carouselLibrary(address); name != "" {
						found = append(found, suspect{Offender: Offender{URL: address, Detail: name}})
						break
					}
				}
			}
			return judge(float64(len(found)), 1, offending(found), Saving{})
		},
	}
}

// carouselOf says by what an element is a carousel; "" where it is none.
func carouselOf(n *html.Node) string {
	if !isElement(n) {
		return ""
	}
	switch role := wordOf(n, "aria-roledescription"); role {
	case "carousel", "carrousel", "karussell", "carrusel":
		return role
	}
	switch n.Data {
	case "swiper-container", "amp-carousel", "amp-base-carousel", "ngb-carousel", "ion-slides", "owl-carousel-o", "v-carousel", "el-carousel":
		return n.Data
	}
	if hasAttr(n, "uk-slideshow") || hasAttr(n, "uk-slider") {
		return "uk-slideshow"
	}
	if wordOf(n, "data-ride") == "carousel" || wordOf(n, "data-bs-ride") == "carousel" {
		return "data-ride"
	}
	class, _ := attrOf(n, "class")
	for one := range strings.FieldsSeq(class) {
		switch one {
		case "swiper", "swiper-container", "slick-slider", "slick-carousel", "owl-carousel", "splide", "glide", "flickity-enabled", "flexslider",
			"keen-slider", "glider-contain", "tns-outer", "bx-wrapper", "bxslider", "swiffy-slider", "nivoSlider", "royalSlider", "jcarousel",
			"cycle-slideshow", "metaslider", "soliloquy-container", "rev_slider", "rev_slider_wrapper", "n2-ss-slider", "embla", "f-carousel", "siema":
			return one
		case "carousel": // of Bootstrap, which has "slide" or an inner part beside it; alone it is anybody's word
			if slices.Contains(strings.Fields(class), "slide") || hasClassBelow(n, "carousel-inner") {
				return one
			}
		}
	}
	return ""
}

// hasClassBelow tells whether a child of an element has a class.
func hasClassBelow(n *html.Node, class string) bool {
	for c := range n.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		if value, _ := attrOf(c, "class"); slices.Contains(strings.Fields(value), class) {
			return true
		}
	}
	return false
}

// carouselLibrary is the library of carousels that the name of a file is of: "swiper-bundle.min.js" is, "swiperight.js" is not.
func carouselLibrary(address string) string {
	path, _, _ := strings.Cut(address, "?")
	if kind := suffixOf(path); kind != "js" && kind != "mjs" && kind != "css" {
		return ""
	}
	name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	word, _, _ := strings.Cut(strings.TrimPrefix(name, "jquery."), ".")
	first, _, _ := strings.Cut(word, "-")
	for _, known := range []string{"swiper", "slick", "splide", "glide", "flickity", "flexslider", "bxslider", "jcarousel", "lightslider", "owl", "siema", "embla"} {
		if word == known || first == known {
			return known
		}
	}
	return ""
}

// loaded are the addresses that the page has loaded, or would: what was seen, and the scripts and links it names. Each comes once.
func loaded(v *View) []string {
	var all []string
	seen := map[string]bool{}
	add := func(address string) {
		if address != "" && !seen[address] {
			seen[address] = true
			all = append(all, address)
		}
	}
	for i := range v.Exchanges {
		add(v.Exchanges[i].URL)
	}
	eachElement(v, func(n *html.Node) {
		switch {
		case runsScript(n), isElement(n, "img", "iframe"):
			source, _ := attrOf(n, "src")
			add(addressOf(v, source))
		case isElement(n, "link") && relates(n, "stylesheet"):
			source, _ := attrOf(n, "href")
			add(addressOf(v, source))
		}
	})
	return all
}
