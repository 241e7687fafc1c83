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

// beside is where a label of an event lies: right of it, or left where there is no room; cut where there is none on either side.
func beside(label string, x float64) name {
	const gap = 5
	right, left := wide-x-gap, x-gap
	if long(label) <= right || long(label) > left && right >= left {
		text := fit(label, right)
		return name{text: text, class: "event", x: x, from: x + gap, to: x + gap + long(text)}
	}
	text := fit(label, left)
	return name{text: text, class: "event end", x: x, from: x - gap - long(text), to: x - gap}
}

// names are the labels of the events, in as many rows as they need so that none covers another. One for which there is no row left is cut, and
// where that does not help either it is a line without a label.
func (t Trend) names(w place) (list []name, rows int) {
	last := max(len(t.Now), len(t.Before))
	for _, e := range t.Events {
		x := w.left + float64(min(max(e.At, 0), last))*w.slot
		n := beside(e.Label, x)
		if n.lay(list); n.row == mostRows {
			n = beside(fit(e.Label, mostPerName), x)
			n.lay(list)
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

// lay finds the first row in which a label covers no other; mostRows where there is none.
func (n *name) lay(list []name) {
	for n.row < mostRows && covers(list, *n) {
		n.row++
	}
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
