package practice

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

const (
	// leastFlesch is the reading ease that RWEB asks for: what 13 to 15 year olds read without trouble, on Flesch's scale of 1948.
	leastFlesch = 60
	// leastWords is how many words say something about a text: Flesch took samples of a hundred.
	leastWords = 100
	// mostWords is how many are read: more of them change nothing.
	mostWords = 20_000
)

// readableText is how many points the text of the page is below 60 on the scale of reading ease, in French by Kandel and Moles (1958),
// in English by Flesch (1948). It informs: the formulas know short words and short sentences, not sense.
func readableText() Check {
	return Check{
		ID: "readable-text", RWEB: []string{"0110"}, RefID: []string{"0113"}, Most: 0,
		Title: Words{"Lisibilité du texte : points sous 60", "Ease of reading: points below 60"},
		Advice: Words{
			"Coupez les longues phrases et préférez les mots courants : le lecteur comprend à la première lecture, et passe moins de temps devant l’écran.",
			"Cut long sentences and prefer everyday words: readers understand at the first reading, and spend less time in front of the screen.",
		},
		Look: func(v *View) Finding {
			lang, _ := attrOf(htmlOf(v), "lang")
			lang, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(lang)), "-")
			if lang != "fr" && lang != "en" {
				return Finding{Status: Nothing, Why: Words{"la langue n’est ni le français ni l’anglais", "the language is neither French nor English"}}
			}
			c := prose{lang: lang}
			c.read(textTop(v))
			if c.words < leastWords {
				return Finding{Status: Nothing, Why: Words{"moins de cent mots de texte suivi", "less than a hundred words of running text"}}
			}
			ease := c.ease()
			detail := fmt.Sprintf("%s: %.1f, %d / %d / %d", lang, ease, c.sentences, c.words, c.syllables)
			return judge(max(0, leastFlesch-ease), 0, []Offender{{Where: placeOf(textTop(v)), Detail: detail}}, Saving{})
		},
	}
}

// htmlOf is the html element, which the parser adds where it is missing.
func htmlOf(v *View) *html.Node {
	for n := range v.Doc.Nodes[0].ChildNodes() {
		if isElement(n, "html") {
			return n
		}
	}
	return v.Doc.Nodes[0]
}

// textTop is the element that holds the text of the page: main where there is one.
func textTop(v *View) *html.Node {
	var main, body *html.Node
	eachElement(v, func(n *html.Node) {
		switch {
		case main == nil && (isElement(n, "main") || wordOf(n, "role") == "main"):
			main = n
		case body == nil && isElement(n, "body"):
			body = n
		}
	})
	switch {
	case main != nil:
		return main
	case body != nil:
		return body
	}
	return htmlOf(v)
}
