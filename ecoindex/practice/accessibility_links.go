package practice

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// Bounds of what is read of a link.
const (
	mostLinkText    = 300  // bytes of its text
	mostLinkAddress = 2000 // bytes; a longer address is none of these
)

// addresses are those of the declaration and of the multi-year plan that the page links to; "" for none. Of several, the one that says
// best what it is; of those that say the same, the first.
func (t *foldedPage) addresses(v *View) (declaration, plan string) {
	best := 0
	for i := range t.links {
		l := &t.links[i]
		href, _ := attrOf(l.node, "href")
		if href == "" || strings.HasPrefix(strings.TrimSpace(href), "#") || len(href) > mostLinkAddress {
			continue
		}
		text := t.said(l)
		if !maySay(text) && !maySay(strings.ToLower(href)) {
			continue
		}
		path := spaced(href)
		u := web.Resolve(v.Base, href)
		if u == nil || len(u.String()) > mostLinkAddress {
			continue
		}
		if plan == "" && namesPlan(text, path) {
			plan = u.String()
			continue
		}
		score := namesDeclaration(text, path, u, v.Base)
		if score > 0 && l.foot {
			score++
		}
		if score > best && u.String() != v.URL {
			best, declaration = score, u.String()
		}
	}
	return declaration, plan
}

// maySay tells whether a text may be of accessibility: it is a quick look, that all others pass.
func maySay(text string) bool { return hasAny(text, "acc", "a11y", "pluri", "multi", "rgaa") }

// said is what a link says: its text, and its label and its title where they may say something.
func (t *foldedPage) said(l *statementLink) string {
	text := strings.TrimSpace(t.text[l.from:min(max(l.from, l.to), l.from+mostLinkText, len(t.text))])
	for _, label := range labelsOf(l.node) {
		text = strings.TrimSpace(text + "\n" + label)
	}
	return text
}

// labelsOf are the label and the title of a link, folded, where they may be of accessibility.
func labelsOf(n *html.Node) (labels []string) {
	for _, key := range []string{"aria-label", "title"} {
		label, _ := attrOf(n, key)
		if label = label[:min(len(label), mostLinkText)]; maySay(strings.ToLower(label)) {
			labels = append(labels, folded(label))
		}
	}
	return labels
}

// spaced is an address as it is compared: folded, with spaces for what stands for them.
func spaced(href string) string {
	if plain, err := url.PathUnescape(href); err == nil {
		href = plain
	}
	return folded(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '+' {
			return ' '
		}
		return r
	}, href))
}

// namesPlan tells whether a link is one to the multi-year plan of accessibility. Bodies have such plans of other things too.
func namesPlan(text, path string) bool {
	for _, said := range []string{text, path} {
		if hasAny(said, "schema pluriannuel", "schemapluriannuel", "plan pluriannuel", "multi-year", "multi year", "multiyear", "multiannual", "pluriannual") {
			return hasAny(text+path, "accessib", "a11y", "rgaa", "numerique") && !hasAny(text+path, "investissement", "budget", "immobili", "voirie", "batiment")
		}
	}
	return false
}

// namesDeclaration says how well a link says that it is one to the declaration; 0 where it does not. Accessibility of buildings, of
// transport and of polling stations is no matter here.
func namesDeclaration(text, path string, u, base *url.URL) int {
	if elsewhere(u, base) || hasAny(text+path, "registre", "locaux", "batiment", "pmr", "voirie", "transport", "logement", "commission", "stationnement",
		"plan d'action", "ad'ap", "personnes a mobilite", "bureaux de vote", "parametres d'", "etablissements recevant") {
		return 0
	}
	state := ""
	if at := strings.Index(text, "accessibilit"); at >= 0 && len(text) > at+13 {
		state, _ = mentionAt(text[at+13:])
	}
	near := u.Host == base.Host
	switch _, after, ok := strings.Cut(text, "accessibilit"); {
	case state != "":
		return 50
	case ok && strings.Contains(text, "declaration"), strings.Contains(text, "accessibility statement"):
		return 40
	case strings.Contains(path, "declaration") && strings.Contains(path, "accessib"), strings.Contains(path, "accessibility statement"):
		return 30
	case ok && strings.HasPrefix(text, "accessibilit") && (len(after) < 2 || strings.HasPrefix(after[1:], " numerique") || strings.HasPrefix(after[1:], " :") || strings.HasPrefix(after[1:], " du site")):
		return 20
	case near && hasAny(spaced(u.Path), "/accessibilit", "/a11y", "/rgaa"), text == "a11y":
		return 10
	}
	return 0
}

// elsewhere tells whether an address is of those who say what accessibility is, and not of this site.
func elsewhere(u, base *url.URL) bool {
	host := strings.TrimPrefix(u.Hostname(), "www.")
	if host == strings.TrimPrefix(base.Hostname(), "www.") {
		return false
	}
	switch host {
	case "accessibilite.numerique.gouv.fr", "references.modernisation.gouv.fr", "numerique.gouv.fr", "legifrance.gouv.fr", "defenseurdesdroits.fr",
		"formulaire.defenseurdesdroits.fr", "disic.github.io", "arcom.fr", "w3.org", "eur-lex.europa.eu", "betagouv.github.io", "design.numerique.gouv.fr":
		return true
	}
	return false
}
