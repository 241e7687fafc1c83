package practice

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// printStylesheet tells whether a page with styles has some for paper: in a link, a style element, an @media or an @import, wherever it is.
func printStylesheet() Check {
	return Check{
		ID: "print-stylesheet", RWEB: []string{"0031"}, RefID: []string{"0027"}, Most: 0,
		Title: Words{"Styles pour l’impression absents", "Styles for print missing"},
		Advice: Words{
			"Ajoutez des règles @media print qui cachent menus, fonds et images de décor : qui imprime la page use moins de papier et d’encre.",
			"Add @media print rules that hide menus, backgrounds and decoration: who prints the page uses less paper and ink.",
		},
		Look: lookForPrint,
	}
}

func lookForPrint(v *View) Finding {
	styles, unread, forPrint := 0, 0, false
	exchanges := byAddress(v)
	eachElement(v, func(n *html.Node) {
		switch {
		case forPrint:
		case isElement(n, "link") && relates(n, "stylesheet"), isStyle(n):
			styles++
			media, _ := attrOf(n, "media")
			href, _ := attrOf(n, "href")
			if address := addressOf(v, href); address != "" && exchanges[address] == nil {
				unread++
			}
			forPrint = printsMedia(media) || isStyle(n) && printsStyle([]byte(writtenIn(n)))
		}
	})
	for i := range v.Exchanges {
		e := &v.Exchanges[i]
		if forPrint || !came(e) || e.Kind != web.Stylesheet && typeOf(e) != "text/css" {
			continue
		}
		styles++
		if !e.Whole() {
			unread++
		}
		forPrint = printsStyle(e.Body)
	}
	switch {
	case styles == 0 && !forPrint:
		return Finding{Status: Nothing}
	case unread > 0 && !forPrint:
		return Finding{Status: Nothing, Why: Words{"une feuille de style n’a pas été lue en entier", "a style sheet was not read to its end"}}
	case forPrint:
		return judge(0, 0, nil, Saving{})
	}
	return judge(1, 0, []Offender{{Where: "head", Detail: "@media print"}}, Saving{})
}

// relates tells whether the rel of a link has a word.
func relates(n *html.Node, word string) bool {
	for one := range strings.FieldsSeq(wordOf(n, "rel")) {
		if one == word {
			return true
		}
	}
	return false
}

// printsMedia tells whether a list of media names print, other than to exclude it.
func printsMedia(media string) bool {
	prints := false
	negated := false
	cssTokens([]byte(media), func(kind css.TokenType, token []byte) bool {
		printsToken(kind, token, &negated, &prints)
		return true
	})
	return prints
}

// printsToken reads a token of a list of media.
func printsToken(kind css.TokenType, token []byte, negated, prints *bool) {
	switch {
	case kind == css.CommaToken:
		*negated = false
	case kind != css.IdentToken:
	case strings.EqualFold(string(token), "not"):
		*negated = true
	case strings.EqualFold(string(token), "print") && !*negated:
		*prints = true
	}
}

// printsStyle tells whether a style sheet has an @media or an @import for print.
func printsStyle(text []byte) bool {
	prints, negated, inList := false, false, false
	cssTokens(text, func(kind css.TokenType, token []byte) bool {
		switch kind {
		case css.AtKeywordToken:
			inList = strings.EqualFold(string(token), "@media") || strings.EqualFold(string(token), "@import")
			negated = false
		case css.LeftBraceToken, css.RightBraceToken, css.SemicolonToken:
			inList = false
		default:
			if inList {
				printsToken(kind, token, &negated, &prints)
			}
		}
		return !prints
	})
	return prints
}
