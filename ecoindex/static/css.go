package static

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"veille/ecoindex/web"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// sheet is what a style sheet may make a browser fetch.
type sheet struct {
	imports []*url.URL
	rules   []rule
	faces   []face
}

// rule is what a group of declarations asks for, when one of its selectors finds an element. Most find none, so that
// addresses are resolved when they are wanted.
type rule struct {
	base      *url.URL
	selectors []string
	images    []string   // addresses in its declarations, but for the background
	back      []string   // those of its last background
	variables []variable // "--logo: url(logo.svg)": fetched where var(--logo) is used
	uses      []string   // names of variables, and in small letters of font families
	weights   []string   // values of font-weight
}

// variable is a custom property that holds an address.
type variable struct{ name, address string }

// maxRules bounds the rules kept for a document, of those that ask for something; large sites have a tenth of it.
const maxRules = 20_000

// maxBlocks bounds the blocks inside blocks.
const maxBlocks = 64

// everything is the selector list of declarations that apply without a selector.
func everything() []string { return []string{"*"} }

// readSheet reads a style sheet found at base, as far as ctx lets it.
func readSheet(ctx context.Context, text []byte, base *url.URL) sheet {
	text = text[:readable(text)]
	r := sheetReader{base: base, parser: css.NewParser(parse.NewInputBytes(text), false)}
	r.read(ctx)
	return r.sheet
}

// readStyle reads a style attribute found at base, as far as ctx lets it.
func readStyle(ctx context.Context, text string, base *url.URL) sheet {
	text = text[:readable(text)]
	r := sheetReader{base: base, parser: css.NewParser(parse.NewInputString(text), true)}
	r.stack = []block{{selectors: everything(), active: true}}
	r.read(ctx)
	return r.sheet
}

// maxSigns bounds the signs of a style sheet: of a statement without end the parser keeps a hundred bytes for each. Real
// sheets have one in four letters, and this many in four megabytes.
const maxSigns = 1_000_000

// readable is the length of a style sheet up to maxSigns signs.
func readable[T string | []byte](text T) int {
	signs := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 0x80:
		case signs == maxSigns:
			return i
		default:
			signs++
		}
	}
	return len(text)
}

// block is a pair of braces the reader is in.
type block struct {
	selectors []string
	active    bool  // the reference browser applies what is inside
	face      *face // inside an @font-face
	rule      rule
}

type sheetReader struct {
	base   *url.URL
	parser *css.Parser
	stack  []block
	deep   int // blocks open beyond maxBlocks, which are not read
	sheet  sheet
}

func (r *sheetReader) read(ctx context.Context) {
	for ctx.Err() == nil {
		grammar, _, data := r.parser.Next()
		switch grammar {
		case css.ErrorGrammar:
			if !r.parser.HasParseError() {
				for len(r.stack) > 0 { // what the end of the text closed
					r.close()
				}
				return
			}
			r.rescue()
		case css.AtRuleGrammar:
			r.statement(string(data))
		case css.BeginAtRuleGrammar:
			r.openAt(string(data))
		case css.BeginRulesetGrammar:
			r.openRule(selectorsOf(text(r.parser.Values())))
		case css.EndAtRuleGrammar, css.EndRulesetGrammar:
			r.close()
		case css.DeclarationGrammar, css.CustomPropertyGrammar:
			r.declare(string(data), r.parser.Values())
		}
	}
}

// rescue reads what the parser refuses: declarations directly inside an @media that is inside a rule. It takes them for
// a selector until it meets the brace that closes the @media.
func (r *sheetReader) rescue() {
	values := r.parser.Values()
	if len(values) == 0 || values[len(values)-1].TokenType != css.RightBraceToken {
		return
	}
	declarations := css.NewParser(parse.NewInputString(text(values[:len(values)-1])), true)
	for {
		grammar, _, data := declarations.Next()
		switch grammar {
		case css.ErrorGrammar:
			if !declarations.HasParseError() {
				r.close()
				return
			}
		case css.DeclarationGrammar:
			r.declare(string(data), declarations.Values())
		}
	}
}

// statement is an at-rule without braces. Browsers fetch an @import whatever its media are.
func (r *sheetReader) statement(name string) {
	if !strings.EqualFold(name, "@import") || len(r.stack) > 0 {
		return
	}
	found := addresses(r.parser.Values(), true)
	if len(found) == 0 {
		return
	}
	if u := web.Resolve(r.base, found[0]); u != nil {
		r.sheet.imports = append(r.sheet.imports, u)
	}
}

func (r *sheetReader) openAt(name string) {
	if len(r.stack) == maxBlocks {
		r.deep++
		return
	}
	b := block{active: r.active()}
	if len(r.stack) > 0 {
		b.selectors = r.stack[len(r.stack)-1].selectors
	}
	switch strings.ToLower(name) {
	case "@media":
		b.active = b.active && mediaMatches(text(r.parser.Values()))
	case "@font-face":
		b.face = &face{}
	case "@keyframes", "@-webkit-keyframes", "@page", "@property", "@counter-style":
		b.active = false
	}
	r.stack = append(r.stack, b)
}

func (r *sheetReader) openRule(selectors []string) {
	if len(r.stack) == maxBlocks {
		r.deep++
		return
	}
	b := block{selectors: selectors, active: r.active()}
	if len(r.stack) > 0 {
		b.selectors = nest(r.stack[len(r.stack)-1].selectors, selectors)
	}
	r.stack = append(r.stack, b)
}

func (r *sheetReader) active() bool { return len(r.stack) == 0 || r.stack[len(r.stack)-1].active }

// selectorsOf splits a selector list. One that no stylist wrote is taken as matching.
func selectorsOf(list string) []string {
	if len(list) > 20_000 {
		return everything()
	}
	return splitOutside(list, ',')
}

// maxNested bounds the selectors of a rule inside another, and the length of each; a hostile sheet could nest to any.
const (
	maxNested       = 16
	maxNestedLength = 1000
)

// nest writes the selectors of a rule inside another as if it stood alone.
func nest(outer, inner []string) []string {
	if len(outer) == 0 {
		return inner
	}
	if len(outer)*len(inner) > maxNested {
		return everything()
	}
	var all []string
	for _, o := range outer {
		for _, i := range inner {
			references := strings.Count(i, "&")
			if len(i)+max(1, references)*len(o) > maxNestedLength {
				return everything()
			}
			if references > 0 {
				all = append(all, strings.ReplaceAll(i, "&", o))
			} else {
				all = append(all, o+" "+i)
			}
		}
	}
	return all
}

func (r *sheetReader) close() {
	if r.deep > 0 {
		r.deep--
		return
	}
	if len(r.stack) == 0 {
		return
	}
	b := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	switch {
	case !b.active:
	case b.face != nil:
		r.sheet.faces = append(r.sheet.faces, *b.face)
	case len(r.sheet.rules) < maxRules && !b.rule.empty():
		b.rule.base, b.rule.selectors = r.base, b.selectors
		r.sheet.rules = append(r.sheet.rules, b.rule)
	}
}

func (r rule) empty() bool {
	return len(r.images)+len(r.back)+len(r.variables)+len(r.uses)+len(r.weights) == 0
}

func (r *sheetReader) declare(property string, values []css.Token) {
	if len(r.stack) == 0 || !r.active() || r.deep > 0 {
		return
	}
	b := &r.stack[len(r.stack)-1]
	property = strings.ToLower(property)
	switch {
	case b.face != nil:
		b.face.declare(property, values, r.base)
	case strings.HasPrefix(property, "--"):
		b.rule.declareVariable(property, text(values))
	default:
		b.rule.declare(property, values)
	}
}

func (r *rule) declare(property string, values []css.Token) {
	switch property {
	case "font-family", "font":
		r.uses = append(r.uses, families(text(values))...)
	}
	if property == "font-weight" || property == "font" || property == "font-style" {
		r.weights = append(r.weights, strings.Fields(strings.ToLower(text(values)))...)
	}
	found := slices.DeleteFunc(addresses(values, false), func(address string) bool {
		return strings.HasPrefix(address, "#") || strings.HasPrefix(address, "data:")
	})
	if property == "background" || property == "background-image" { // the last one of a rule is the one that counts
		r.back = found
	} else {
		r.images = append(r.images, found...)
	}
	for i, v := range values {
		if v.TokenType == css.CustomPropertyNameToken || (v.TokenType == css.IdentToken && i > 0 && strings.HasPrefix(string(v.Data), "--")) {
			r.uses = append(r.uses, strings.ToLower(string(v.Data)))
		}
	}
}

// declareVariable keeps what a custom property may stand for: an address, a family, another variable.
func (r *rule) declareVariable(name, value string) {
	lexer := css.NewLexer(parse.NewInputString(value))
	var values []css.Token
	for {
		kind, data := lexer.Next()
		if kind == css.ErrorToken {
			break
		}
		values = append(values, css.Token{TokenType: kind, Data: data})
	}
	var inner rule
	inner.declare("font-family", values)
	for _, address := range inner.images {
		r.variables = append(r.variables, variable{name, address})
	}
	if len(value) < 200 { // longer is a drawing, not the name of a font
		r.uses = append(r.uses, inner.uses...)
	}
}

// addresses are the url() of a value, and of an image-set() the first only, which is the one for density 1. In an
// @import a string is an address too.
func addresses(values []css.Token, stringsToo bool) []string {
	var list []string
	inSet, depth := 0, 0 // the depth at which an image-set opened, the depth we are at
	taken := false
	for _, v := range values {
		word := strings.ToLower(string(v.Data))
		switch v.TokenType {
		case css.FunctionToken:
			depth++
			if inSet == 0 && strings.HasSuffix(word, "image-set(") {
				inSet, taken = depth, false
			}
		case css.LeftParenthesisToken:
			depth++
		case css.RightParenthesisToken:
			if depth == inSet {
				inSet = 0
			}
			depth--
		case css.URLToken, css.StringToken:
			isURL := v.TokenType == css.URLToken
			if (!isURL && !stringsToo && inSet == 0) || (inSet > 0 && taken) || (!isURL && inSet > 0 && depth > inSet) {
				continue
			}
			taken = true
			list = append(list, address(string(v.Data)))
		}
	}
	return list
}

// address takes url(...) and quotes away.
func address(token string) string {
	if len(token) > 4 && strings.EqualFold(token[:4], "url(") {
		token = strings.TrimSuffix(token[4:], ")")
	}
	return unquote(strings.TrimSpace(token))
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func text(values []css.Token) string {
	var b strings.Builder
	for _, v := range values {
		b.Write(v.Data)
	}
	return strings.TrimSpace(b.String())
}

// families are the names in the value of font-family, or at the end of font, in small letters.
func families(value string) []string {
	if len(value) > 1000 { // no stylist's
		return nil
	}
	var names []string
	for _, name := range splitOutside(value, ',') {
		name = strings.TrimSpace(name)
		// In "font: italic 1em/2 Name" what precedes the name is cut at the last space; a quoted name ends the value.
		if i := strings.IndexAny(name, `"'`); i >= 0 {
			name = unquote(name[i:])
		}
		names = append(names, strings.ToLower(name))
		if words := strings.Fields(name); len(words) > 1 {
			for i := 1; i < len(words) && i < 8; i++ {
				names = append(names, strings.ToLower(strings.Join(words[i:], " ")))
			}
		}
	}
	return slices.Compact(names)
}
