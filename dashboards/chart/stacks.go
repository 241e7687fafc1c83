package chart

import (
	"html/template"
	"slices"
	"strings"
)

// Share is a part of a bar.
type Share struct {
	Name  string // in words
	Style string // class of the style sheet, with a pattern of its own: "on", "display-off", "sleep", "off", "unknown"
	Value float64
	Text  string // beside or in it
}

// Stack is one bar.
type Stack struct {
	Label  string
	Shares []Share
	Text   string // what the whole is, at its end
}

// Stacks are bars of shares, as long as each other: hours by state, by part of the day.
type Stacks struct {
	ID, Title, Desc string
	Bars            []Stack
}

// style is the pattern of a state: what is drawn on its ground, in a tile of 8 units.
type style struct{ name, tile string }

// styles are those that there are, the darkest first. What has none of them is drawn as unknown.
func styles() []style {
	return []style{
		{"on", ""},
		{"display-off", "M-2 2L2 -2M-2 10L10 -2M6 10L10 6"},
		{"sleep", "M2 2h0M6 6h0"},
		{"off", ""},
		{"unknown", "M0 0L8 8M8 0L0 8"},
	}
}

// The bars, in the units of the view box.
const (
	stackHigh   = 18
	mostWritten = 30 // shares: where there are more, their names are written once, above all bars
	swatchWide  = 12
	barGap      = 12
)

// sheet is what is being drawn of bars.
type sheet struct {
	pen

	id     string
	y      float64
	shapes map[string]string // paths, by the name of their style
}

// SVG is the drawing.
func (s Stacks) SVG() template.HTML {
	d := sheet{id: idOf(s.ID), y: 4, shapes: map[string]string{}}
	shares := 0
	for _, b := range s.Bars {
		shares += len(b.Shares)
	}
	if shares > mostWritten {
		d.key(namesOf(s.Bars))
		d.y += barGap
	}
	for _, b := range s.Bars {
		d.head(b.Label, b.Text)
		d.stack(b.Shares)
		if shares <= mostWritten {
			d.key(b.Shares)
		}
		d.y += barGap
	}
	var p pen
	p.begin(d.id, "stacks", s.Title, s.Desc, narrow, max(d.y, 1))
	if len(s.Bars) > 0 {
		p.WriteString("<defs>")
		for _, st := range styles() {
			p.pattern(d.id+"-"+st.name, st.name, 8, st.tile)
		}
		p.WriteString("</defs>")
	}
	for _, st := range styles() {
		p.filled("state", d.id+"-"+st.name, d.shapes[st.name])
	}
	p.WriteString(d.String())
	return p.end()
}

// namesOf are the shares of all bars, each style once, without its figures.
func namesOf(bars []Stack) (names []Share) {
	for _, b := range bars {
		for _, s := range b.Shares {
			if !slices.ContainsFunc(names, func(n Share) bool { return n.Style == s.Style }) {
				names = append(names, Share{Name: s.Name, Style: s.Style})
			}
		}
	}
	return names
}

// head writes what a bar is, and at its other end what it amounts to; below it where there is no room beside it.
func (d *sheet) head(label, text string) {
	lines := wrap(label, narrow*.95) // they are bold
	for i, line := range lines {
		if i > 0 {
			d.y += lineHigh
		}
		d.text("strong", 0, d.y+13, line)
	}
	if len(lines) > 1 || 1.05*long(label)+long(text)+barGap > narrow {
		d.y += lineHigh
		d.text("beside", 0, d.y+13, fit(text, narrow))
	} else {
		d.text("end beside", narrow, d.y+13, text)
	}
	d.y += lineHigh + 2
}

func (d *sheet) stack(shares []Share) {
	sum := 0.0
	for _, s := range shares {
		sum += atLeastNothing(s.Value) / float64(len(shares)) // the mean of huge figures is a number
	}
	x := 1.0
	for _, s := range shares {
		if sum <= 0 {
			break
		}
		width := atLeastNothing(s.Value) / float64(len(shares)) / sum * (narrow - 2)
		if width >= .1 {
			gap := min(1, width/4)
			d.shape(s.Style, box(x+gap, d.y, width-2*gap, stackHigh))
		}
		x = min(x+width, narrow-1)
	}
	d.y += stackHigh
}

// key writes the names of shares with their figures, as many to a line as fit.
func (d *sheet) key(shares []Share) {
	x := 0.0
	d.y += 3
	for i, s := range shares {
		text := strings.TrimSpace(s.Name + " " + s.Text)
		room := swatchWide + 5 + long(text)
		if i > 0 && x+room > narrow {
			x, d.y = 0, d.y+lineHigh
		}
		d.shape(s.Style, box(x+1, d.y+3, swatchWide, swatchWide))
		d.text("beside", x+swatchWide+6, d.y+14, fit(text, narrow-swatchWide-6))
		x += room + barGap
	}
	d.y += lineHigh
}

// shape adds to the path of a style.
func (d *sheet) shape(name, path string) {
	if !slices.ContainsFunc(styles(), func(s style) bool { return s.name == name }) {
		name = "unknown"
	}
	d.shapes[name] += path
}
