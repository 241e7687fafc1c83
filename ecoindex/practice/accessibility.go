package practice

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Statement is what a page says of the accessibility of its site, as article 47 of the French law of 11 February 2005 wants it said. Of a
// site, it is what its pages say together.
type Statement struct {
	Mention  string  `json:"mention,omitempty"`  // "total", "partial" or "none": totalement, partiellement, non conforme; "" where the page says nothing
	URL      string  `json:"url,omitempty"`      // of the declaration that the page links to
	Here     bool    `json:"here,omitempty"`     // the page is itself the declaration; of a site: its declaration was read
	Rate     float64 `json:"rate,omitempty"`     // stated on the declaration or beside the mention, percent of the criteria; 0 for none
	Date     string  `json:"date,omitempty"`     // of the declaration, as 2026-01-31; "" for none
	Plan     string  `json:"plan,omitempty"`     // address of the multi-year plan
	Conflict bool    `json:"conflict,omitempty"` // of a site: its mention is not what its declaration says
}

// The states of a mention.
const (
	fullyAccessible  = "total"
	partlyAccessible = "partial"
	notAccessible    = "none"
)

// StatementOf reads what a page says; nil for nothing.
func StatementOf(v *View) *Statement {
	t := readFolded(v)
	s := Statement{}
	s.Mention, s.Rate = t.mention()
	s.URL, s.Plan = t.addresses(v)
	if t.declares() {
		s.Here = true
		if state := declaredState(t.text); state != "" {
			s.Mention = state
		}
		if rate, ok := rateIn(t.text); ok {
			s.Rate = rate
		}
		s.Date = dateIn(t.text)
	}
	if s == (Statement{}) {
		return nil
	}
	return &s
}

// span is a part of a folded text.
type span struct{ from, to int }

// holds tells whether a place is in a part.
func (s span) holds(at int) bool { return s.from <= at && at < s.to }

// statementLink is a link of the page.
type statementLink struct {
	span
	node *html.Node
	foot bool // it is in the footer
}

// foldedPage is the text of a page as it is compared: folded, what is one block on a line.
type foldedPage struct {
	text   string
	title  string
	heads  []span // h1
	foots  []span // footers
	links  []statementLink
	inFoot int
	open   []int // links that have not ended, by their place in links
	heading,
	footing int // where those that are open began
	folder
}

// readFolded reads the text of a page once.
func readFolded(v *View) *foldedPage {
	t := &foldedPage{}
	t.out = make([]byte, 0, len(v.HTML)/4) // about what is text
	top := v.Doc.Nodes[0]
	for n := top; ; {
		if t.enter(n) && n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		for {
			t.leave(n)
			if n == top {
				t.text = string(t.out)
				return t
			}
			if n.NextSibling != nil {
				n = n.NextSibling
				break
			}
			n = n.Parent
		}
	}
}

// enter begins a node, and tells whether what is inside is text of the page. Every node comes here: it is a switch, and no list of names.
func (t *foldedPage) enter(n *html.Node) bool {
	switch {
	case n.Type == html.TextNode:
		t.fold(n.Data)
		return false
	case n.Type == html.DocumentNode:
		return true
	case n.Type != html.ElementNode || n.Namespace != "":
		return false
	}
	switch n.Data {
	case "title":
		if t.title == "" {
			t.title = folded(writtenIn(n))
		}
		return false
	case "script", "style", "template", "noscript", "textarea", "select", "iframe", "object":
		return false
	case "br":
		t.space()
		return false
	case "img":
		alt, _ := attrOf(n, "alt")
		t.fold(alt)
		return false
	}
	if !inLine(n.Data) {
		t.line()
	}
	switch {
	case n.Data == "a", n.Data == "area":
		t.open = append(t.open, len(t.links))
		t.links = append(t.links, statementLink{span: span{from: len(t.out)}, node: n, foot: t.inFoot > 0})
	case n.Data == "h1":
		t.heading = len(t.out)
	case isFooter(n):
		if t.inFoot == 0 {
			t.footing = len(t.out)
		}
		t.inFoot++
	}
	return true
}

// leave ends a node.
func (t *foldedPage) leave(n *html.Node) {
	if n.Type != html.ElementNode || n.Namespace != "" {
		return
	}
	switch {
	case n.Data == "br", n.Data == "img":
		return
	case n.Data == "a", n.Data == "area":
		last := len(t.open) - 1
		t.links[t.open[last]].to = len(t.out)
		t.open = t.open[:last]
	case n.Data == "h1":
		t.heads = append(t.heads, span{t.heading, len(t.out)})
	case isFooter(n):
		if t.inFoot--; t.inFoot == 0 {
			t.foots = append(t.foots, span{t.footing, len(t.out)})
		}
	}
	if !inLine(n.Data) {
		t.line()
	}
}

// isFooter tells whether an element is a footer.
func isFooter(n *html.Node) bool {
	if n.Data == "footer" {
		return true
	}
	role, _ := attrOf(n, "role")
	return role == "contentinfo"
}

// inLine tells whether an element of a name is part of a line. Those that a site names itself are.
func inLine(name string) bool {
	switch name {
	case "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "label", "mark", "q", "s", "small", "span", "strong",
		"sub", "sup", "time", "u", "var", "wbr":
		return true
	}
	return strings.IndexByte(name, '-') > 0
}

// declares tells whether the page is itself a declaration of accessibility: its title or its heading says so, and it has sections that
// such a page has. A page that explains how to write one is none.
func (t *foldedPage) declares() bool {
	const long = 300 // bytes of a title or a heading
	titles := []string{t.title}
	for _, h := range t.heads[:min(len(t.heads), 5)] {
		titles = append(titles, t.text[h.from:min(h.to, h.from+long)])
	}
	strength := 0
	for _, title := range titles {
		strength = max(strength, titleStrength(title[:min(len(title), long)]))
	}
	if strength == 0 {
		return false
	}
	sections := strength
	for _, names := range declarationSections() {
		if hasAny(t.text, names...) {
			sections++
		}
	}
	if declaredState(t.text) != "" {
		sections++
	}
	return sections > 3
}

// titleStrength is how surely a title is that of a declaration: 2 for its name, 1 for "accessibility" alone, 0 for another or for a page
// about declarations.
func titleStrength(title string) int {
	strength := 0
	for part := range strings.FieldsFuncSeq(strings.ReplaceAll(title, " - ", "|"), func(r rune) bool { return r == '|' || r == '·' || r == '•' || r == '>' }) {
		part = strings.TrimSpace(part)
		switch {
		case !strings.Contains(part, "accessib"):
		case hasAny(part, "modele", "comment ", "generateur", "guide", "exemple", "rediger", "how to", "template", "publier", "generator", "formation"):
			return 0
		case hasAny(part, "declaration", "statement"):
			strength = 2
		case strings.HasPrefix(part, "accessib"):
			strength = max(strength, 1)
		}
	}
	return strength
}

// declarationSections are the headings and phrases of a declaration, each in the ways it is said.
func declarationSections() [][]string {
	return [][]string{
		{"etat de conformite", "compliance status", "conformance status"},
		{"contenus non accessibles", "contenu non accessible", "non-accessible content", "inaccessible content", "limitations"},
		{"etablissement de cette declaration", "preparation of this", "etablissement de la declaration"},
		{"retour d'information et contact", "retour d'information", "feedback and contact", "feedback"},
		{"voies de recours", "voie de recours", "enforcement procedure", "defenseur des droits"},
		{"resultats des tests", "resultat des tests", "test results"},
		{"article 47 de la loi", "rgaa"},
	}
}

// hasAny tells whether a text has one of some words.
func hasAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}
