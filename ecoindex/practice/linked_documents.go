package practice

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// linkedDocuments counts documents and archives that the page links to. It informs: their sizes are not known here.
func linkedDocuments() Check {
	return Check{
		ID: "linked-documents", RWEB: []string{"0108", "0109"}, RefID: []string{"0107", "0108"}, RGESN: []string{"5.2", "5.7"}, Most: 0,
		Title: Words{"Documents à télécharger", "Documents to download"},
		Advice: Words{
			"Donnez l’essentiel dans la page, et allégez les documents qui restent (images réduites, PDF optimisé) : chaque lecture charge alors bien moins.",
			"Give the essentials in the page, and make the remaining documents lighter (smaller pictures, optimised PDF): each reading then loads far less.",
		},
		Look: func(v *View) Finding {
			var found []suspect
			for _, l := range documentLinks(v) {
				found = append(found, suspect{Offender: Offender{URL: l.address, Detail: l.kind}})
			}
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}

// documentSize counts links to documents that do not say how large they are.
func documentSize() Check {
	return Check{
		ID: "document-size-said", RGESN: []string{"4.11"}, Most: 0,
		Title: Words{"Documents dont le poids n’est pas dit", "Documents whose size is not said"},
		Advice: Words{
			"Écrivez le format et le poids dans le lien, par exemple « PDF, 1,2 Mo » : le visiteur choisit avant de charger.",
			"Write format and size in the link, such as “PDF, 1.2 MB”: visitors choose before they load.",
		},
		Look: func(v *View) Finding {
			links := documentLinks(v)
			if len(links) == 0 {
				return Finding{Status: Nothing}
			}
			var found []suspect
			for _, l := range links {
				if !l.sized {
					found = append(found, suspect{Offender: Offender{URL: l.address, Detail: l.kind}})
				}
			}
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}

// documentLink is a link to a document.
type documentLink struct {
	address, kind string
	sized         bool // a link to it says how large it is
}

// documentLinks are the documents that the page links to, each once, in its order.
func documentLinks(v *View) (links []documentLink) {
	size := regexp.MustCompile(`(?i)\d\s*([kmg]?[ob]|[kmg]i[ob]|octets|bytes)\b`) // "1,2 Mo", "300 KB"
	at := map[string]int{}
	eachElement(v, func(n *html.Node) {
		if !isElement(n, "a", "area") {
			return
		}
		href, _ := attrOf(n, "href")
		kind := suffixOf(href)
		switch kind {
		case "pdf", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods", "ppt", "pptx", "odp", "zip", "7z", "rar", "gz", "epub":
		default:
			return
		}
		address := addressOf(v, href)
		if address == "" {
			return
		}
		i, known := at[address]
		if !known {
			i = len(links)
			at[address] = i
			links = append(links, documentLink{address: address, kind: kind})
		}
		links[i].sized = links[i].sized || size.MatchString(aroundLink(n))
	})
	return links
}

// aroundLink is what a link says: its text, its title, and the text right behind it, where many write the size.
func aroundLink(n *html.Node) string {
	const most = 500 // bytes
	var b strings.Builder
	seen := 0
	descend(n, func(c *html.Node, _ int) bool {
		if seen++; c.Type == html.TextNode && b.Len() < most {
			b.WriteString(c.Data[:min(len(c.Data), most)] + " ")
		}
		return seen < most
	})
	for _, key := range []string{"title", "aria-label"} {
		value, _ := attrOf(n, key)
		b.WriteString(value[:min(len(value), most)] + " ")
	}
	if next := n.NextSibling; next != nil && next.Type == html.TextNode {
		b.WriteString(next.Data[:min(len(next.Data), most)])
	}
	return strings.Join(strings.Fields(b.String()), " ") // French puts spaces of several kinds before the unit
}
