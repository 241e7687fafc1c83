package static

import (
	"iter"
	"strings"
)

// length reads a CSS length in pixels, with the arithmetic that sizes attributes use: calc, min, max and clamp.
func length(text string) (float64, bool) {
	p := arithmetic{rest: text}
	v, ok := p.sum(0)
	return v, ok && strings.TrimSpace(p.rest) == ""
}

// arithmetic is what remains to be read of a length.
type arithmetic struct{ rest string }

// maxNesting bounds the parentheses of a length: no stylist needs more, and a hostile page could ask for a million.
const maxNesting = 16

func (p *arithmetic) sum(depth int) (float64, bool) {
	v, ok := p.product(depth)
	for ok {
		sign := p.take("+-")
		if sign == 0 {
			break
		}
		var next float64
		next, ok = p.product(depth)
		if sign == '-' {
			next = -next
		}
		v += next
	}
	return v, ok
}

func (p *arithmetic) product(depth int) (float64, bool) {
	v, ok := p.term(depth)
	for ok {
		operator := p.take("*/")
		if operator == 0 {
			break
		}
		var next float64
		next, ok = p.term(depth)
		if operator == '/' {
			ok = ok && next != 0
			next = 1 / next
		}
		v *= next
	}
	return v, ok
}

// term is a number with its unit, or a function of sums.
func (p *arithmetic) term(depth int) (float64, bool) {
	p.rest = strings.TrimLeft(p.rest, " \t\n\r\f")
	end := strings.IndexAny(p.rest, " \t\n\r\f(),*/")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if p.take("(") == 0 {
		return number(word)
	}
	if depth >= maxNesting {
		return 0, false
	}
	var values []float64
	for {
		v, ok := p.sum(depth + 1)
		if !ok {
			return 0, false
		}
		values = append(values, v)
		switch p.take(",)") {
		case ')':
			return apply(word, values)
		case 0:
			return 0, false
		}
	}
}

// take removes the next character when it is one of set, and answers it; else it answers 0.
func (p *arithmetic) take(set string) byte {
	trimmed := strings.TrimLeft(p.rest, " \t\n\r\f")
	if trimmed == "" || strings.IndexByte(set, trimmed[0]) < 0 {
		return 0
	}
	p.rest = trimmed[1:]
	return trimmed[0]
}

func apply(function string, values []float64) (float64, bool) {
	v := values[0]
	switch function {
	case "", "calc", "-webkit-calc":
		return v, len(values) == 1
	case "min":
		for _, other := range values {
			v = min(v, other)
		}
		return v, true
	case "max":
		for _, other := range values {
			v = max(v, other)
		}
		return v, true
	case "clamp":
		if len(values) != 3 {
			return 0, false
		}
		return max(values[0], min(values[1], values[2])), true
	}
	return 0, false
}

// splitOutside splits text at sep, except inside parentheses, brackets and quotes.
func splitOutside(text string, sep byte) []string {
	var parts []string
	start := 0
	for i := range outside(text) {
		if text[i] == sep {
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// lastSpaceOutside is the place of the last space outside parentheses, or -1.
func lastSpaceOutside(text string) int {
	last := -1
	for i := range outside(text) {
		if text[i] == ' ' || text[i] == '\t' || text[i] == '\n' {
			last = i
		}
	}
	return last
}

// outside yields the places of text that no parenthesis, bracket or quote encloses.
func outside(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		depth, quote := 0, byte(0)
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case c == '\\':
				if depth == 0 && quote == 0 && !yield(i) {
					return
				}
				i++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '(' || c == '[':
				depth++
			case c == ')' || c == ']':
				depth = max(depth-1, 0)
			case depth == 0 && !yield(i):
				return
			}
		}
	}
}
