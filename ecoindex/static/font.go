package static

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/ecoindex/web"

	"github.com/tdewolff/parse/v2/css"
)

// face is an @font-face: one file of a family.
type face struct {
	family string // in small letters
	source *url.URL
	italic bool
	low    int // the weights it serves; 0 when not said
	high   int
	ranges []runes // the characters it serves; none means all
}

// runes is a range of characters, both ends included.
type runes struct{ low, high rune }

func (f *face) declare(property string, values []css.Token, base *url.URL) {
	value := strings.ToLower(text(values))
	switch property {
	case "font-family":
		f.family = unquote(value)
	case "font-style":
		f.italic = strings.HasPrefix(value, "italic") || strings.HasPrefix(value, "oblique")
	case "font-weight":
		f.low, f.high = weights(value)
	case "src":
		f.source = fontSource(values, base)
	case "unicode-range":
		f.ranges = unicodeRange(value)
	}
}

// fontSource is the first address of a src whose format the browser reads.
func fontSource(values []css.Token, base *url.URL) *url.URL {
	for _, source := range splitOutside(text(values), ',') {
		source = strings.TrimSpace(source)
		if len(source) < 4 || !strings.EqualFold(source[:4], "url(") {
			continue
		}
		end := strings.IndexByte(source, ')')
		if end < 0 {
			continue
		}
		rest := strings.ToLower(source[end+1:])
		if strings.Contains(rest, "embedded-opentype") || strings.Contains(rest, "svg") {
			continue
		}
		return web.Resolve(base, address(source[:end+1])) // nil for a data: font, which costs no request
	}
	return nil
}

// weights reads the value of a font-weight descriptor: a number, a range of two, a word.
func weights(value string) (low, high int) {
	words := strings.Fields(value)
	if len(words) == 0 {
		return 0, 0
	}
	return weight(words[0]), weight(words[len(words)-1])
}

// weight is 0 for a word that is no weight.
func weight(word string) int {
	switch word {
	case "normal":
		return 400
	case "bold", "bolder":
		return 700
	case "lighter":
		return 300
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > 1000 {
		return 0
	}
	return n
}

// unicodeRange reads "U+0000-00FF, U+131, U+4??".
func unicodeRange(value string) []runes {
	var list []runes
	for item := range strings.SplitSeq(value, ",") {
		item, ok := strings.CutPrefix(strings.TrimSpace(item), "u+")
		if !ok {
			continue
		}
		first, last, isRange := strings.Cut(item, "-")
		if !isRange {
			first, last = strings.ReplaceAll(item, "?", "0"), strings.ReplaceAll(item, "?", "f")
		}
		low, errLow := strconv.ParseInt(first, 16, 32)
		high, errHigh := strconv.ParseInt(last, 16, 32)
		if errLow == nil && errHigh == nil {
			list = append(list, runes{rune(low), rune(high)})
		}
	}
	return list
}

// serves says whether the face has one of the characters of the page, which are in order.
func (f face) serves(page []rune) bool {
	return len(f.ranges) == 0 || slices.ContainsFunc(f.ranges, func(in runes) bool {
		i, _ := slices.BinarySearch(page, in.low)
		return i < len(page) && page[i] <= in.high
	})
}

// maxFaces and maxWeights bound the fonts of a document: the largest families have some hundred files.
const (
	maxFaces   = 2000
	maxWeights = 20
)

// asked is what the style sheets that apply ask of the fonts.
type asked struct {
	names   map[string]bool // families in small letters, and variables
	weights []int
	italic  bool
	page    []rune // the characters of the page, in order
}

// chosen are the faces a browser downloads: of each family in use and each weight in use, the nearest one, if it has
// a character of the page. Which element uses which weight is not followed.
func (a asked) chosen(faces []face) []face {
	type wish struct {
		family string
		italic bool
		weight int
	}
	nearest := map[wish]int{}
	for _, f := range faces {
		for _, weight := range a.weights {
			w := wish{f.family, f.italic, weight}
			if best, ok := nearest[w]; !ok || f.distance(weight) < best {
				nearest[w] = f.distance(weight)
			}
		}
	}
	var list []face
	for _, f := range faces {
		if f.source == nil || !a.names[f.family] || !f.serves(a.page) || (f.italic && !a.italic) {
			continue
		}
		if slices.ContainsFunc(a.weights, func(want int) bool { return f.distance(want) == nearest[wish{f.family, f.italic, want}] }) {
			list = append(list, f)
		}
	}
	return list
}

// distance orders the faces for a wanted weight as CSS Fonts 4 does: heavier is better when bold is wanted, lighter
// when it is not.
func (f face) distance(want int) int {
	low, high := f.low, f.high
	if low == 0 || high == 0 {
		low, high = 400, 400
	}
	const wrongSide = 1000
	switch {
	case low <= want && want <= high:
		return 0
	case want >= 400 && want <= 500 && low > want && low <= 500:
		return low - want
	case low > want && want > 500:
		return low - want
	case high < want && want <= 500:
		return want - high
	case low > want:
		return wrongSide + low - want
	}
	return wrongSide + want - high
}

// add asks for what a rule that applies asks for.
func (a *asked) add(r rule) {
	for _, name := range r.uses {
		a.names[name] = true
	}
	for _, word := range r.weights {
		if n := weight(word); n > 0 && len(a.weights) < maxWeights && !slices.Contains(a.weights, n) {
			a.weights = append(a.weights, n)
		}
		a.italic = a.italic || word == "italic" || word == "oblique"
	}
}
