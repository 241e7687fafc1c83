package chart

import (
	"html/template"
	"strings"
)

// Bar is one figure with its range.
type Bar struct {
	Label            string
	Value, Low, High float64 // Low and High are around Value, or both zero: no range. NaN: there is no figure, and no bar
	Estimated        bool
	Text             string
}

// Bars are lying bars with ranges, which may be below zero, on one scale.
type Bars struct {
	ID, Title, Desc string
	Bars            []Bar
}

const barHigh = 14

// SVG is the drawing.
func (b Bars) SVG() template.HTML {
	low, high := 0.0, 0.0
	for _, bar := range b.Bars {
		if !known(bar.Value) {
			continue
		}
		low, high = min(low, bar.Value), max(high, bar.Value)
		if ranged(bar.Value, bar.Low, bar.High) {
			low, high = min(low, bar.Low), max(high, bar.High)
		}
	}
	if high-low < 1/most {
		high = low + 1
	}
	d := sheet{id: idOf(b.ID), y: 4}
	x := scale{first: low, last: high, from: 4, to: narrow - 4}
	var full, hatched, ranges, zero strings.Builder
	for _, bar := range b.Bars {
		d.head(bar.Label, bar.Text)
		zero.WriteString("M" + at(x.at(0), d.y-1) + "V" + px(d.y+barHigh+1))
		if known(bar.Value) {
			from, to := min(x.at(0), x.at(bar.Value)), max(x.at(0), x.at(bar.Value))
			if shape := box(from, d.y, to-from, barHigh); bar.Estimated {
				hatched.WriteString(shape)
			} else {
				full.WriteString(shape)
			}
			if ranged(bar.Value, bar.Low, bar.High) {
				ranges.WriteString(whisker(x.at(bar.Low), x.at(bar.High), d.y+barHigh/2))
			}
		}
		d.y += barHigh + barGap
	}
	var p pen
	p.begin(d.id, "bars", b.Title, b.Desc, narrow, max(d.y, 1))
	p.hatch(d.id)
	p.path("full", full.String())
	p.filled("full-line", d.id+"-estimated", hatched.String())
	p.path("axis", zero.String())
	p.path("range", ranges.String())
	p.WriteString(d.String())
	return p.end()
}

// whisker is the path of a range.
func whisker(from, to, y float64) string {
	return "M" + at(from, y-4) + "V" + px(y+4) + "M" + at(from, y) + "H" + px(to) + "M" + at(to, y-4) + "V" + px(y+4)
}
