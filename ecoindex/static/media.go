package static

import (
	"strconv"
	"strings"
)

// The browser of the reference: a window of 1280 by 720, one device pixel per pixel, a mouse, a screen.
const (
	viewportWidth  = 1280
	viewportHeight = 720
)

// maxMedia bounds a media query list: no stylist's is as long.
const maxMedia = 10_000

// mediaMatches evaluates a media query list for the reference browser. What it does not understand, it takes as
// true: an image counted too often is seen, one forgotten is not.
func mediaMatches(list string) bool {
	list = strings.ToLower(strings.TrimSpace(list))
	if list == "" || len(list) > maxMedia {
		return true
	}
	for query := range strings.SplitSeq(list, ",") {
		if queryMatches(strings.TrimSpace(query)) {
			return true
		}
	}
	return false
}

func queryMatches(query string) bool {
	query, negated := strings.CutPrefix(query, "not ")
	query = strings.TrimPrefix(query, "only ")
	matches := true
	for condition := range strings.SplitSeq(query, " and ") {
		matches = matches && conditionMatches(strings.TrimSpace(condition))
	}
	return matches != negated
}

func conditionMatches(condition string) bool {
	switch condition {
	case "screen", "all":
		return true
	case "print", "speech", "aural", "braille", "embossed", "handheld", "projection", "tty", "tv":
		return false
	}
	inner, ok := strings.CutPrefix(condition, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !ok || !closed || strings.ContainsAny(inner, "()") {
		return true
	}
	if name, value, ok := strings.Cut(inner, ":"); ok {
		return featureMatches(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return rangeMatches(strings.NewReplacer("<=", " <= ", ">=", " >= ", "<", " < ", ">", " > ", "< =", "<=", "> =", ">=").Replace(inner))
}

func featureMatches(name, value string) bool {
	bound, name := boundOf(name)
	if have, ok := featureValue(name); ok {
		want, known := number(value)
		switch {
		case !known:
			return true
		case bound == "min":
			return have >= want
		case bound == "max":
			return have <= want
		}
		return have == want
	}
	switch name {
	case "orientation":
		return value == "landscape"
	case "prefers-color-scheme":
		return value == "light"
	case "prefers-reduced-motion", "prefers-contrast", "forced-colors", "prefers-reduced-data", "prefers-reduced-transparency":
		return value == "no-preference" || value == "none"
	case "hover", "any-hover":
		return value == "hover"
	case "pointer", "any-pointer":
		return value == "fine"
	case "display-mode":
		return value == "browser"
	}
	return true
}

// boundOf separates "min-width" and its prefixed relatives from "width".
func boundOf(name string) (bound, rest string) {
	name = strings.TrimPrefix(name, "-webkit-")
	for _, bound := range []string{"min", "max"} {
		if rest, ok := strings.CutPrefix(name, bound+"-"); ok {
			return bound, rest
		}
	}
	return "", name
}

func featureValue(name string) (float64, bool) {
	switch name {
	case "width":
		return viewportWidth, true
	case "height":
		return viewportHeight, true
	case "device-width":
		return 1920, true
	case "device-height":
		return 1080, true
	case "aspect-ratio":
		return float64(viewportWidth) / viewportHeight, true
	case "resolution", "device-pixel-ratio":
		return 1, true
	}
	return 0, false
}

// rangeMatches evaluates "width >= 600px" and "400px <= width <= 900px".
func rangeMatches(inner string) bool {
	words := strings.Fields(inner)
	if len(words) != 3 && len(words) != 5 {
		return true
	}
	for i := 0; i+2 < len(words); i += 2 {
		left, ok := operand(words[i])
		right, known := operand(words[i+2])
		if !ok || !known {
			return true
		}
		if !compare(left, words[i+1], right) {
			return false
		}
	}
	return true
}

func operand(word string) (float64, bool) {
	if v, ok := featureValue(word); ok {
		return v, true
	}
	return number(word)
}

func compare(left float64, operator string, right float64) bool {
	switch operator {
	case "<":
		return left < right
	case "<=":
		return left <= right
	case ">":
		return left > right
	case ">=":
		return left >= right
	}
	return left == right
}

// number reads a length in pixels, a resolution in dots per pixel, a ratio or a plain number.
func number(text string) (float64, bool) {
	if above, below, ok := strings.Cut(text, "/"); ok {
		a, okA := number(strings.TrimSpace(above))
		b, okB := number(strings.TrimSpace(below))
		return a / b, okA && okB && b != 0
	}
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz%")
	v, err := strconv.ParseFloat(digits, 64)
	factor, ok := unit(text[len(digits):])
	return v * factor, err == nil && ok
}

// unit is a unit in pixels (CSS Values 4), or in dots per pixel.
func unit(name string) (float64, bool) {
	switch name {
	case "", "px", "x", "dppx":
		return 1, true
	case "em", "rem": // in media queries, always of the initial font size
		return 16, true
	case "vw":
		return viewportWidth / 100.0, true
	case "vh":
		return viewportHeight / 100.0, true
	case "vmin":
		return viewportHeight / 100.0, true
	case "vmax":
		return viewportWidth / 100.0, true
	case "ch", "ex":
		return 8, true
	case "in":
		return 96, true
	case "cm":
		return 96 / 2.54, true
	case "mm":
		return 96 / 25.4, true
	case "pt":
		return 96 / 72.0, true
	case "pc":
		return 16, true
	case "dpi":
		return 1 / 96.0, true
	case "dpcm":
		return 2.54 / 96, true
	}
	return 0, false
}
