package practice

import "strings"

// maxCombinators is how many elements above it a selector may name.
const maxCombinators = 3

// selectorsOf are the selectors of a list, cut at the commas that are not inside parentheses, brackets or strings.
func selectorsOf(list string) []string {
	var all []string
	start := 0
	walk(list, func(i int) {
		if list[i] == ',' {
			all = append(all, strings.TrimSpace(list[start:i]))
			start = i + 1
		}
	})
	return append(all, strings.TrimSpace(list[start:]))
}

// slow tells whether a selector makes the browser look at many elements: it ends with "any element" below another, or names more than
// three above.
func slow(selector string) bool {
	combinators := 0
	last := 0          // where the last compound begins
	separated := false // white space or a sign came since the last compound
	walk(selector, func(i int) {
		switch selector[i] {
		case ' ', '>', '+', '~':
			separated = true
		default:
			if separated {
				combinators, last, separated = combinators+1, i, false
			}
		}
	})
	key := selector[last:]
	anything := key == "*" || strings.HasPrefix(key, "*:")
	return combinators > maxCombinators || anything && combinators > 0
}

// walk goes through a text and calls at with the places that are not inside parentheses, brackets or strings. An opening sign is outside.
func walk(text string, at func(int)) {
	depth := 0
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		if quote == 0 && depth == 0 {
			at(i)
		}
		switch {
		case c == '\\':
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
			depth = max(0, depth-1)
		}
	}
}
