package chart

import "strings"

// name is the label of an event, and where it lies above the lines.
type name struct {
	text  string
	class string
	x     float64 // of the event
	from  float64 // of the text
	to    float64
	row   int
}

// anchor is the point where the text is written.
func (n name) anchor() float64 {
	if n.class == "event end" {
		return n.to
	}
	return n.from
}

// names are the labels of the events, in as many rows as they need so that none covers another. Those for which there is no row left have a
// line without a label.
func (t Trend) names(w place) (list []name, rows int) {
	last := max(len(t.Now), len(t.Before))
	for _, e := range t.Events {
		n := name{text: fit(e.Label, mostPerName), x: w.left + float64(min(max(e.At, 0), last))*w.slot, class: "event"}
		n.from, n.to = n.x+5, n.x+5+long(n.text)
		if n.to > wide {
			n.class, n.from, n.to = "event end", n.x-5-long(n.text), n.x-5
		}
		for n.row < mostRows && covers(list, n) {
			n.row++
		}
		if n.row == mostRows {
			n.row, n.text = 0, ""
		}
		if n.text != "" {
			rows = max(rows, n.row+1)
		}
		list = append(list, n)
	}
	return list, rows
}

// covers tells whether a label lies where another is already.
func covers(list []name, n name) bool {
	for _, other := range list {
		if other.text != "" && other.row == n.row && n.from < other.to+8 && other.from < n.to+8 {
			return true
		}
	}
	return false
}

func drawEvents(p *pen, w place, names []name) {
	var lines strings.Builder
	for _, n := range names {
		lines.WriteString("M" + at(n.x, float64(n.row)*lineHigh+3) + "V" + px(w.y.from))
	}
	p.path("moment", lines.String())
	for _, n := range names {
		p.text(n.class, n.anchor(), float64(n.row)*lineHigh+14, n.text)
	}
}
