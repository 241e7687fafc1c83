package practice

import (
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// embeddedDocuments counts documents, such as PDF files, that are shown inside the page and so loaded by all who open it.
func embeddedDocuments() Check {
	return Check{
		ID: "embedded-documents", RWEB: []string{"0033"}, RefID: []string{"4039"}, RGESN: []string{"5.7"}, Most: 0,
		Title: Words{"Documents incorporés à la page", "Documents embedded in the page"},
		Advice: Words{
			"Remplacez le document incorporé par un lien qui dit son format et son poids : seuls ceux qui veulent le lire le chargent.",
			"Replace the embedded document by a link that says its format and its size: only those who want to read it load it.",
		},
		Look: func(v *View) Finding {
			exchanges := byAddress(v)
			listed := map[string]bool{}
			var found []suspect
			descend(v.Doc.Nodes[0], func(n *html.Node, _ int) bool {
				if !isElement(n, "embed", "object", "iframe") {
					return true
				}
				source, _ := attrOf(n, "src")
				if n.Data == "object" {
					source, _ = attrOf(n, "data")
				}
				address := addressOf(v, source)
				if !isDocument(wordOf(n, "type"), address, exchanges[address]) {
					return true
				}
				if address == "" || !listed[address] {
					one := ofAddress(exchanges, address, n.Data)
					one.node = n
					found, listed[address] = append(found, one), true
				}
				return false // what is inside is for browsers that cannot show it
			})
			return judge(float64(len(found)), 0, offending(found), saving(found))
		},
	}
}

// isDocument tells by its declared type, its name or its answer whether something is a document that people print or file.
func isDocument(kind, address string, e *web.Exchange) bool {
	if e != nil && came(e) && typeOf(e) != "" {
		kind = typeOf(e)
	}
	switch {
	case kind == "application/pdf", kind == "application/msword", strings.HasPrefix(kind, "application/vnd.oasis.opendocument."),
		strings.HasPrefix(kind, "application/vnd.openxmlformats-officedocument."), kind == "application/vnd.ms-powerpoint", kind == "application/vnd.ms-excel":
		return true
	case kind == "text/html" && e != nil:
		return false
	}
	switch suffixOf(address) {
	case "pdf", "doc", "docx", "odt", "ppt", "pptx", "odp", "xls", "xlsx", "ods", "rtf":
		return true
	}
	return false
}
