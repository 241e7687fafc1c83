package chart

import (
	"html/template"
	"strings"
)

// Level is one level of a pyramid.
type Level struct {
	Label               string
	Left, Right         float64
	LeftText, RightText string
}

// Pyramid is two sides of bars: devices by age, bought new and not.
type Pyramid struct {
	ID, Title, Desc string
	Left, Right     string // what the sides are
	Levels          []Level
}

const levelHigh = 22

// SVG is the drawing.
func (p Pyramid) SVG() template.HTML {
	label, text, longest := 20.0, 10.0, 0.0
	for _, l := range p.Levels {
		label = max(label, min(long(l.Label), narrow/3)+16)
		text = max(text, min(max(long(l.LeftText), long(l.RightText)), narrow/6)+6)
		longest = max(longest, atLeastNothing(l.Left), atLeastNothing(l.Right))
	}
	if longest == 0 {
		longest = 1
	}
	const middle = narrow / 2
	length := scale{first: 0, last: longest, from: 0, to: middle - label/2 - text}
	var d pen
	d.begin(idOf(p.ID), "pyramid", p.Title, p.Desc, narrow, float64(len(p.Levels)+1)*levelHigh+8)
	left, right := middle-label/2, middle+label/2
	d.text("strong end", left, 15, fit(p.Left, left))
	d.text("strong", right, 15, fit(p.Right, narrow-right))
	var bars strings.Builder
	for i, l := range p.Levels {
		y := float64(i+1)*levelHigh + 4
		a, b := length.at(atLeastNothing(l.Left)), length.at(atLeastNothing(l.Right))
		for _, side := range []struct{ from, wide float64 }{{left - a, a}, {right, b}} {
			if side.wide > 0 {
				bars.WriteString(box(side.from, y, side.wide, levelHigh-5))
			}
		}
		d.text("end beside", left-a-5, y+13, fit(l.LeftText, text))
		d.text("middle", middle, y+13, fit(l.Label, label))
		d.text("beside", right+b+5, y+13, fit(l.RightText, text))
	}
	d.path("full", bars.String())
	d.path("axis", "M"+at(left, levelHigh)+"V"+px(float64(len(p.Levels)+1)*levelHigh+4)+"M"+at(right, levelHigh)+"V"+px(float64(len(p.Levels)+1)*levelHigh+4))
	return d.end()
}
