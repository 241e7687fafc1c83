// Package chart draws figures as inline SVG.
//
// What a shape means never hangs on its colour: estimated is hatched or dashed, the year before has dashes and marks of its own, each state its
// pattern. Colours and the sizes of texts are those of the style sheet of the pages.
package chart

import (
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// The drawings, in the units of their view boxes. Texts are 14 units high: a drawing of 400 units shown 320 pixels wide has texts of 11 pixels.
const (
	wide      = 600 // lines of time
	narrow    = 400 // bars, which fit on a phone
	perLetter = 8.7 // that a letter of a text takes in a broad font
	lineHigh  = 18  // of a text
)

// pen writes the elements of a drawing. Texts go through it, so that none is taken for markup.
type pen struct {
	strings.Builder
}

// begin opens a drawing that has a name and a description for those who do not see it.
func (p *pen) begin(id, kind, title, desc string, width, height float64) {
	p.WriteString(`<svg class="chart ` + kind + `" role="img" aria-labelledby="` + id + `-title ` + id + `-desc" viewBox="0 0 ` + px(width) + " " + px(height) + `">`)
	p.WriteString(`<title id="` + id + `-title">` + escape(title) + `</title><desc id="` + id + `-desc">` + escape(desc) + `</desc>`)
}

func (p *pen) end() template.HTML {
	p.WriteString("</svg>\n")
	return template.HTML(p.String()) //nolint:gosec // every text in it was escaped
}

// path draws lines; nothing where there are none.
func (p *pen) path(class, d string) {
	if d != "" {
		p.WriteString(`<path class="` + class + `" d="` + d + `"/>`)
	}
}

// filled draws shapes with a pattern; nothing where there are none.
func (p *pen) filled(class, pattern, d string) {
	if d != "" {
		p.WriteString(`<path class="` + class + `" fill="url(#` + pattern + `)" d="` + d + `"/>`)
	}
}

// text writes at a point; nothing where there is none to write.
func (p *pen) text(class string, x, y float64, text string) {
	if text != "" {
		p.WriteString(`<text class="` + class + `" x="` + px(x) + `" y="` + px(y) + `">` + escape(text) + `</text>`)
	}
}

// pattern defines a tile of lines, which a class of the style sheet colours, on a ground.
func (p *pen) pattern(id, class string, size float64, tile string) {
	side := px(size)
	p.WriteString(`<pattern id="` + id + `" width="` + side + `" height="` + side + `" patternUnits="userSpaceOnUse"><path class="` + class + `-ground" d="M0 0H` + side + "V" + side + `H0Z"/>`)
	p.path(class+"-ink", tile)
	p.WriteString(`</pattern>`)
}

// hatch defines the pattern of what is estimated.
func (p *pen) hatch(id string) {
	p.WriteString("<defs>")
	p.pattern(id+"-estimated", "estimated", 6, "M-1 1L1 -1M-1 7L7 -1M5 7L7 5")
	p.WriteString("</defs>")
}

func escape(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

// idOf is an id without what would end an address in url().
func idOf(id string) string {
	return strings.Map(func(r rune) rune {
		if r < 128 && (r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, id)
}

// long is about how much room a text takes.
func long(text string) float64 { return perLetter * float64(len([]rune(text))) }

// fit is a text that takes no more room than there is: its end is cut off where it is longer. The table beside the drawing has all of it.
func fit(text string, room float64) string {
	letters := []rune(text)
	most := int(room / perLetter)
	if len(letters) <= most {
		return text
	}
	if most < 2 {
		return ""
	}
	return strings.TrimRight(string(letters[:most-1]), " ") + "…"
}

// wrap is a text in at most three lines of so much room.
func wrap(text string, room float64) []string {
	const most = 3
	var lines []string
	for word := range strings.FieldsSeq(text) {
		switch last := len(lines) - 1; {
		case last >= 0 && (long(lines[last]+" "+word) <= room || len(lines) == most):
			lines[last] += " " + word
		default:
			lines = append(lines, word)
		}
	}
	for i := range lines {
		lines[i] = fit(lines[i], room)
	}
	return lines
}

// box is the path of a rectangle.
func box(x, y, width, height float64) string {
	return "M" + px(x) + " " + px(y) + "H" + px(x+width) + "V" + px(y+height) + "H" + px(x) + "Z"
}

// at is a point in a path.
func at(x, y float64) string { return px(x) + " " + px(y) }

// px is a length, to a tenth.
func px(x float64) string { return strconv.FormatFloat(math.Round(10*x)/10+0, 'f', -1, 64) }
