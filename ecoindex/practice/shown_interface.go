package practice

import (
	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// mostInterface is how many images of an interface are looked at.
const mostInterface = 1000

// interfaceBitmaps counts bitmaps in what is around the content: the head, the menus, the foot and the buttons of a page. What a drawing
// in their place would weigh, nobody can tell, so that nothing is said to be saved.
func interfaceBitmaps() Check {
	const most = 5 // of the sheet
	return Check{
		ID: "interface-bitmaps", RWEB: []string{"0037", "0049", "0100"}, RefID: []string{"0035", "0035", "0035"}, RGESN: []string{"5.1"}, Most: most,
		Title: Words{"Images matricielles dans l’interface", "Bitmaps in the interface"},
		Advice: Words{
			"Remplacez les images d’en-tête, de menu, de pied de page et de bouton par du SVG, du CSS ou des caractères : quelques centaines d’octets, nets à toute taille.",
			"Replace images of the head, the menus, the foot and the buttons by SVG, CSS or characters: some hundred bytes, sharp at any size.",
		},
		Look: func(v *View) Finding {
			exchanges := byAddress(v)
			known := map[string]bool{}
			images := 0
			var found []suspect
			eachInInterface(v, func(n *html.Node) {
				if images++; images > mostInterface {
					return
				}
				address := usedImage(v, n, exchanges)
				e := arrived(exchanges, address)
				kind := bitmapKind(address, e)
				if kind == "" || known[address] {
					return
				}
				known[address] = true
				one := suspect{Offender: Offender{URL: address, Detail: kind}}
				if e != nil {
					one.Detail, one.weight = kind+" · "+kilobytes(e.Bytes), e.Bytes
				}
				found = append(found, one)
			})
			if images == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(found)), most, offending(found), Saving{})
		},
	}
}

// room is what a part of a page is for.
type room byte

const (
	wholePage room = iota // or a part that nothing is said of
	content
	interfaces
)

// roomOf is what an element is for that is inside another. The head and the foot of an article are content, those of the page are not.
func roomOf(n *html.Node, outer room) room {
	if outer == interfaces || isElement(n, "nav", "button") {
		return interfaces
	}
	switch wordOf(n, "role") {
	case "navigation", "button", "banner", "contentinfo", "menubar", "toolbar":
		return interfaces
	}
	switch {
	case isElement(n, "header", "footer") && outer == wholePage:
		return interfaces
	case isElement(n, "article", "main", "section"):
		return content
	}
	return outer
}

// eachInInterface shows the images of the interface of a page; a button that is an image is one.
func eachInInterface(v *View, visit func(*html.Node)) {
	rooms := []room{wholePage} // of the nodes around, the outermost first
	descend(v.Doc.Nodes[0], func(n *html.Node, depth int) bool {
		outer := rooms[max(0, depth-1)]
		rooms = append(rooms[:depth], roomOf(n, outer))
		if isElement(n, "img") && rooms[depth] == interfaces || isElement(n, "input") && wordOf(n, "type") == "image" {
			visit(n)
		}
		return true
	})
}

// usedImage is the address of an image that was asked for, among those it offers; its own where none was.
func usedImage(v *View, n *html.Node, exchanges map[string]*web.Exchange) string {
	source, _ := attrOf(n, "src")
	own := addressOf(v, source)
	if exchanges[own] != nil {
		return own
	}
	srcset, _ := attrOf(n, "srcset")
	offers := choices(v, srcset)
	if isElement(n.Parent, "picture") {
		left := 20 // nodes before the image: a picture has few
		for c := n.PrevSibling; c != nil && left > 0; c, left = c.PrevSibling, left-1 {
			if isElement(c, "source") {
				srcset, _ := attrOf(c, "srcset")
				offers = append(offers, choices(v, srcset)...)
			}
		}
	}
	for _, offer := range offers {
		if exchanges[offer] != nil {
			return offer
		}
	}
	return own
}

// bitmapKind is the format of a bitmap by the type of its answer, or else by its name; "" for what is none.
func bitmapKind(address string, e *web.Exchange) string {
	kind := suffixOf(address)
	if e != nil {
		switch typeOf(e) {
		case "image/svg+xml":
			return ""
		case "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif":
			return typeOf(e)[len("image/"):]
		}
	}
	switch kind {
	case "jpg":
		return "jpeg"
	case "png", "jpeg", "gif", "webp", "avif":
		return kind
	}
	return ""
}
