package practice

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

const (
	// maxOffenders is how many offenders a finding names: who mends fifty looks again.
	maxOffenders = 50
	// longestDetail is the length of a detail that a page wrote, in characters.
	longestDetail = 80
	// maxPathNames are the names in the path of an element, as in web.Part.
	maxPathNames = 4
)

// isElement tells whether a node is an element of HTML, not of an svg or a formula, with one of the tags; without tags, any.
func isElement(n *html.Node, tags ...string) bool {
	return n.Type == html.ElementNode && n.Namespace == "" && (len(tags) == 0 || slices.Contains(tags, n.Data))
}

// descend shows a node and all below it, in the order of the page, and the depth of each: 0 for the first. What is inside an element
// for which visit says false is left out; so is what is inside a template, which is no part of the page. It keeps no stack: a page may be deep.
func descend(top *html.Node, visit func(n *html.Node, depth int) bool) {
	n, depth := top, 0
	for {
		inside := visit(n, depth) && !isElement(n, "template")
		if inside && n.FirstChild != nil {
			n, depth = n.FirstChild, depth+1
			continue
		}
		for n != top && n.NextSibling == nil {
			n, depth = n.Parent, depth-1
		}
		if n == top {
			return
		}
		n = n.NextSibling
	}
}

// eachElement shows all elements of the page, those of its svg included.
func eachElement(v *View, visit func(*html.Node)) {
	descend(v.Doc.Nodes[0], func(n *html.Node, _ int) bool {
		if n.Type == html.ElementNode {
			visit(n)
		}
		return true
	})
}

// attrOf is the value of an attribute, and whether the element has it.
func attrOf(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

// wordOf is an attribute that is one word: in small letters, without spaces around it.
func wordOf(n *html.Node, key string) string {
	value, _ := attrOf(n, key)
	return strings.ToLower(strings.TrimSpace(value))
}

// hasAttr tells whether an element has an attribute, even an empty one.
func hasAttr(n *html.Node, key string) bool {
	_, has := attrOf(n, key)
	return has
}

// placeOf is where an element is: up to four names, from the last id before it, as in web.Part.
func placeOf(n *html.Node) string {
	var names []string
	for ; n != nil && n.Type == html.ElementNode && len(names) < maxPathNames; n = n.Parent {
		if len(names) > 0 && isElement(n, "html", "body") {
			break
		}
		id, _ := attrOf(n, "id")
		class, _ := attrOf(n, "class")
		names = append(names, web.NameOf(n.Data, id, class))
		if strings.HasPrefix(names[len(names)-1], "#") {
			break
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " > ")
}

// suspect is what may become an offender.
type suspect struct {
	Offender
	node     *html.Node // its place; nil where it has a URL
	weight   int64      // by which it is ordered where no bytes are saved
	requests int        // that are saved by mending it
}

// offending are the first fifty of what was found, the worst first. Only those get a path, so that a page of a million of them costs little.
func offending(found []suspect) []Offender {
	slices.SortStableFunc(found, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.weight, a.weight))
	})
	var list []Offender
	for _, s := range found[:min(len(found), maxOffenders)] {
		if s.node != nil && s.URL == "" {
			s.Where = placeOf(s.node)
		}
		s.Detail = shortened(s.Detail)
		list = append(list, s.Offender)
	}
	return list
}

// saving is what mending all that was found saves.
func saving(found []suspect) (s Saving) {
	for _, f := range found {
		s.Bytes += f.Bytes
		s.Requests += f.requests
	}
	return s
}

// lightest are the lightest of what was found without the most that a page may keep: what is surely saved, whichever of them go.
func lightest(found []suspect, most int) []suspect {
	sorted := slices.Clone(found)
	slices.SortStableFunc(sorted, func(a, b suspect) int { return cmp.Compare(a.Bytes, b.Bytes) })
	return sorted[:max(0, len(sorted)-most)]
}

// shortened is the beginning of a text that a page may have made very long, on one line.
func shortened(text string) string {
	const enough = 4 * longestDetail // bytes, in which there are as many characters as are shown
	cut := len(text) > enough
	if cut {
		text = strings.ToValidUTF8(text[:enough], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longestDetail {
		text, cut = string(runes[:longestDetail]), true
	}
	if cut {
		text += "…"
	}
	return text
}

// addressOf is the address that an element of the page means, or "" where nothing is to be fetched.
func addressOf(v *View, reference string) string {
	if u := web.Resolve(v.Base, reference); u != nil {
		return u.String()
	}
	return ""
}

// byAddress are the exchanges by what was asked for; of two, the first.
func byAddress(v *View) map[string]*web.Exchange {
	found := make(map[string]*web.Exchange, len(v.Exchanges))
	for i := range v.Exchanges {
		if e := &v.Exchanges[i]; found[e.URL] == nil {
			found[e.URL] = e
		}
	}
	return found
}

// ofAddress is a suspect that has an address; what is saved is what was sent for it, if anything was.
func ofAddress(exchanges map[string]*web.Exchange, address, detail string) suspect {
	s := suspect{Offender: Offender{URL: address, Detail: detail}}
	if e := exchanges[address]; e != nil {
		s.Bytes, s.requests = e.Bytes, 1
	}
	return s
}

// pageExchange is the exchange that brought the page itself; nil where there was none.
func pageExchange(v *View) (page *web.Exchange) {
	for i := range v.Exchanges {
		e := &v.Exchanges[i]
		if e.Kind != web.Document || e.Header == nil {
			continue
		}
		if e.URL == v.URL {
			return e
		}
		page = e
	}
	return page
}

// writtenIn is the text right inside an element, such as that of a script; a script's is one piece.
func writtenIn(n *html.Node) string {
	if c := n.FirstChild; c != nil && c.NextSibling == nil && c.Type == html.TextNode {
		return c.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// runsScript tells whether an element is a script that a browser runs, written in the page or not: the other types of the HTML standard are data.
func runsScript(n *html.Node) bool {
	if !isElement(n, "script") {
		return false
	}
	kind, _, _ := strings.Cut(wordOf(n, "type"), ";")
	switch strings.TrimSpace(kind) {
	case "", "module", "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript", "application/ecmascript",
		"text/x-javascript", "text/jscript", "text/livescript":
		return true
	}
	return false
}

// isStyle tells whether an element is a style sheet written in the page.
func isStyle(n *html.Node) bool {
	kind := wordOf(n, "type")
	return isElement(n, "style") && (kind == "" || kind == "text/css")
}

// cssTokens shows the tokens of a style sheet, comments left out, until next says false.
func cssTokens(text []byte, next func(kind css.TokenType, token []byte) bool) {
	l := css.NewLexer(parse.NewInputBytes(slices.Clip(text))) // clipped: the lexer writes behind the text where there is room
	for {
		kind, token := l.Next()
		if kind == css.ErrorToken || kind != css.CommentToken && !next(kind, token) {
			return
		}
	}
}

// suffixOf is the suffix of the path of an address in small letters, without its dot; "" for none.
func suffixOf(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	_, path, ok := strings.Cut(address, "://")
	if !ok {
		path = address
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || len(name)-dot > 8 || !strings.Contains(path, "/") && ok {
		return ""
	}
	return strings.ToLower(name[dot+1:])
}
