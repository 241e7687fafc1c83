package static

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// matcher answers whether a selector of a style sheet finds an element that is shown in a document. It works for a
// bounded number of steps, and for as long as its context: a hostile page could otherwise ask for years. After them every
// selector is taken as matching.
type matcher struct {
	ctx    context.Context
	nodes  map[string][]*html.Node // by "#id", ".class" and tag; all of them under "*"
	hidden map[*html.Node]bool
	known  map[string]bool // answers already given
	steps  *int            // steps left, for all the documents of a page
}

// maxSteps is how many times an element may be compared with a part of a selector. Large pages need a tenth of it.
const maxSteps = 5_000_000

func newMatcher(ctx context.Context, doc *goquery.Document, hidden map[*html.Node]bool, steps *int) *matcher {
	m := &matcher{ctx: ctx, nodes: map[string][]*html.Node{}, hidden: hidden, known: map[string]bool{}, steps: steps}
	for n := range doc.Nodes[0].Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		m.file("*", n)
		m.file(strings.ToLower(n.Data), n)
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				m.file("#"+a.Val, n)
			case "class":
				for class := range strings.FieldsSeq(a.Val) {
					m.file("."+class, n)
				}
			}
		}
	}
	return m
}

func (m *matcher) file(key string, n *html.Node) { m.nodes[key] = append(m.nodes[key], n) }

// matches says whether one of the selectors finds an element.
func (m *matcher) matches(selectors []string) bool {
	return slices.ContainsFunc(selectors, func(s string) bool {
		answer, ok := m.known[s]
		if !ok {
			answer = m.finds(s)
			m.known[s] = answer
		}
		return answer
	})
}

func (m *matcher) finds(selector string) bool {
	parts, possible := m.parse(selector)
	if !possible {
		return false
	}
	if len(parts) == 0 {
		return true
	}
	last := len(parts) - 1
	return slices.ContainsFunc(m.nodes[parts[last].key], func(n *html.Node) bool {
		return !m.hidden[n] && m.match(parts, last, n)
	})
}

// tired takes a step, and says whether there are none left.
func (m *matcher) tired() bool {
	*m.steps--
	return *m.steps < 0 || m.ctx.Err() != nil
}

// match says whether n is found by parts[:i+1], going from the element to its ancestors and elder siblings.
func (m *matcher) match(parts []part, i int, n *html.Node) bool {
	if m.tired() {
		return true
	}
	if parts[i].test != nil && !parts[i].test.Match(n) {
		return false
	}
	if i == 0 {
		return true
	}
	step, once := m.relative(parts[i].relation)
	for other := step(n); other != nil; other = step(other) {
		if m.match(parts, i-1, other) {
			return true
		}
		if once {
			break
		}
	}
	return false
}

// relative is how to walk from an element along a combinator, and whether to take one step only.
func (m *matcher) relative(relation byte) (step func(*html.Node) *html.Node, once bool) {
	if relation == '+' || relation == '~' {
		return m.elder, relation == '+'
	}
	return parent, relation == '>'
}

func parent(n *html.Node) *html.Node {
	if n.Parent == nil || n.Parent.Type != html.ElementNode {
		return nil
	}
	return n.Parent
}

// elder skips texts and comments, of which a hostile page could put a million between two elements.
func (m *matcher) elder(n *html.Node) *html.Node {
	for n = n.PrevSibling; n != nil && n.Type != html.ElementNode; n = n.PrevSibling {
		if m.tired() {
			return nil
		}
	}
	return n
}

// part is one compound of a selector: "p.warning" in "div > p.warning".
type part struct {
	relation byte         // how it hangs on the part before: ' ', '>', '+' or '~'
	test     cascadia.Sel // nil matches every element
	key      string       // where to look for its elements: "#id", ".class", a tag or "*"
}

// parse cuts a selector into its parts. A selector with a name the document does not have is not possible, nor one that
// only an action of the reader makes true (:hover); one that cannot be understood has no parts, and matches.
func (m *matcher) parse(selector string) (parts []part, possible bool) {
	for relation, compound := range compounds(selector) {
		plain, possible := withoutPseudo(compound)
		if !possible {
			return nil, false
		}
		p := part{relation: relation, key: keyOf(plain)}
		if len(m.nodes[p.key]) == 0 {
			return nil, false
		}
		if plain != "" && plain != "*" {
			test, err := cascadia.Parse(plain)
			if err != nil {
				return nil, true
			}
			p.test = test
		}
		parts = append(parts, p)
	}
	return parts, true
}

// compounds yields the compounds of a selector, each with the combinator on its left.
func compounds(selector string) iter.Seq2[byte, string] {
	return func(yield func(byte, string) bool) {
		relation, start := byte(' '), 0
		for i := range outside(selector) {
			c := selector[i]
			if strings.IndexByte(" \t\n\r\f>+~", c) < 0 {
				continue
			}
			if i > start {
				if !yield(relation, selector[start:i]) {
					return
				}
				relation = ' '
			}
			if strings.IndexByte(">+~", c) >= 0 {
				relation = c
			}
			start = i + 1
		}
		if start < len(selector) {
			yield(relation, selector[start:])
		}
	}
}

// withoutPseudo removes the pseudo-elements and most pseudo-classes of a compound, which then matches more. States that
// a page just loaded is not in make it impossible.
func withoutPseudo(compound string) (plain string, possible bool) {
	pieces := splitOutside(compound, ':')
	plain = pieces[0]
	for _, piece := range pieces[1:] {
		name, argument, rest := cutPseudo(piece)
		switch strings.ToLower(name) {
		case "hover", "active", "focus", "focus-visible", "focus-within", "visited", "target", "selection", "backdrop",
			"fullscreen", "popover-open", "user-invalid", "autofill", "-webkit-autofill":
			return "", false
		case "root", "empty", "first-child", "checked", "disabled", "enabled":
			plain += ":" + name
		case "not":
			if !strings.ContainsAny(argument[1:], " >+~:(") {
				plain += ":" + name + argument
			}
		}
		plain += rest
	}
	return plain, true
}

// cutPseudo cuts "not(.a).b" into a name, an argument with its parentheses, and what follows.
func cutPseudo(piece string) (name, argument, rest string) {
	end := strings.IndexFunc(piece, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if end < 0 {
		return piece, "()", ""
	}
	name, rest = piece[:end], piece[end:]
	if rest[0] != '(' {
		return name, "()", rest
	}
	for i := range outside(rest) { // the first place no parenthesis encloses
		return name, rest[:i], rest[i:]
	}
	return name, rest, ""
}

// keyOf is the narrowest index the elements of a compound can be found in.
func keyOf(compound string) string {
	head, _, _ := strings.Cut(compound, ":")
	head, _, _ = strings.Cut(head, "[")
	if strings.ContainsAny(head, `\|`) {
		return "*"
	}
	for _, mark := range []string{"#", "."} {
		if _, rest, ok := strings.Cut(head, mark); ok {
			if end := strings.IndexAny(rest, "#."); end >= 0 {
				rest = rest[:end]
			}
			return mark + rest
		}
	}
	if head == "" {
		return "*"
	}
	return strings.ToLower(head)
}
