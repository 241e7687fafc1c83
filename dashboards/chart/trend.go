package chart

import (
	"html/template"
	"slices"
	"strings"
)

// Point is one figure on a line of time.
type Point struct {
	Label     string // below: a month
	Value     float64
	Low, High float64 // around Value; both zero where there is no range
	Missing   bool    // there is no figure: the line has a gap
	Estimated bool    // a model is in it: told apart by its shape, not by its colour
	Text      string  // the figure in words: 1,480 kWh (1,300–1,700)
}

// there tells whether a point can be drawn.
func (p Point) there() bool { return !p.Missing && known(p.Value) }

// Event is a moment on the axis: an action.
type Event struct {
	At    int // the point before which it lies
	Label string
}

// Trend is a line of months with its band, and, where there are any, the same months of the year before as a line of its own shape.
type Trend struct {
	ID, Title, Desc string // ID is unique on its page
	Unit            string
	Now, Before     []Point // Before is as long as Now, or nil
	NowLabel        string  // of the lines, written beside them
	BeforeLabel     string
	Events          []Event
	Number          func(float64) string // writes a tick
}

// The room around the lines, in the units of the view box.
const (
	trendHigh   = 190 // of the lines
	trendBelow  = 26  // for the months
	mostRows    = 4   // of labels of events
	mostTicks   = 110 // of room for what is written left of the lines
	mostBeside  = 150 // of room for what is written right of them
	mostPerName = 190 // of room for the label of an event where others leave none for all of it
)

// place is where things lie in a trend.
type place struct {
	y           scale
	left, right float64
	slot        float64 // the room of a point
}

func (p place) x(i int) float64 { return p.left + (float64(i)+.5)*p.slot }

// SVG is the drawing.
func (t Trend) SVG() template.HTML {
	ticks := t.ticks()
	n := max(len(t.Now), len(t.Before), 1)
	w := place{left: 24, right: wide - 8}
	for _, k := range ticks {
		w.left = max(w.left, min(long(k.text), mostTicks)+10)
	}
	if labels := max(long(t.NowLabel), long(t.BeforeLabel)); labels > 0 {
		w.right = wide - min(labels, mostBeside) - 10
	}
	w.slot = (w.right - w.left) / float64(n)
	names, rows := t.names(w)
	top := 8 + float64(rows)*lineHigh
	if t.Unit != "" {
		top += lineHigh
	}
	base := top + trendHigh
	w.y = scale{first: ticks[0].value, last: ticks[len(ticks)-1].value, from: base, to: top}
	var p pen
	p.begin(idOf(t.ID), "trend", t.Title, t.Desc, wide, base+trendBelow)
	t.axes(&p, w, ticks, float64(rows)*lineHigh)
	t.months(&p, w, n)
	t.lines(&p, w)
	drawEvents(&p, w, names)
	t.beside(&p, w)
	return p.end()
}

// ticks are round numbers around all figures and nothing.
func (t Trend) ticks() []tick {
	low, high := 0.0, 0.0
	for _, p := range slices.Concat(t.Now, t.Before) {
		if !p.there() {
			continue
		}
		low, high = min(low, p.Value), max(high, p.Value)
		if ranged(p.Value, p.Low, p.High) {
			low, high = min(low, p.Low), max(high, p.High)
		}
	}
	return ticksOf(low, high, t.Number)
}

func (t Trend) axes(p *pen, w place, ticks []tick, above float64) {
	var grid strings.Builder
	for _, k := range ticks {
		y := w.y.at(k.value)
		grid.WriteString("M" + at(w.left, y) + "H" + px(w.right))
		p.text("end", w.left-7, y+5, fit(k.text, w.left-7))
	}
	p.path("grid", grid.String())
	p.path("axis", "M"+at(w.left, w.y.at(0))+"H"+px(w.right))
	p.text("unit", 0, above+14, fit(t.Unit, wide))
}

// months writes below, each so manieth where there is no room for all, and always the last.
func (t Trend) months(p *pen, w place, n int) {
	labels := make([]string, n)
	room := 1.0
	for i := range labels {
		switch {
		case i < len(t.Now):
			labels[i] = t.Now[i].Label
		case i < len(t.Before):
			labels[i] = t.Before[i].Label
		}
		labels[i] = fit(labels[i], mostTicks)
		room = max(room, long(labels[i])+8)
	}
	every := max(1, int(room/w.slot+.999))
	for i, label := range labels {
		if half := long(label) / 2; (n-1-i)%every == 0 {
			p.text("middle", min(max(w.x(i), half), wide-half), w.y.from+20, label)
		}
	}
}

// lines draws the year before below this one, and this one's band below both.
func (t Trend) lines(p *pen, w place) {
	p.path("band", band(t.Now, w))
	sure, guess := joined(t.Before, w)
	p.path("before", sure+guess)
	diamonds := func(x, y float64) string {
		return "M" + at(x, y-4) + "L" + at(x+4, y) + "L" + at(x, y+4) + "L" + at(x-4, y) + "Z"
	}
	full, open := marks(t.Before, w, diamonds)
	p.path("diamond", full)
	p.path("diamond open", open)
	sure, guess = joined(t.Now, w)
	p.path("line", sure)
	p.path("line estimated", guess)
	full, open = marks(t.Now, w, func(x, y float64) string { return "M" + at(x, y) + "h0" })
	p.path("dot", full+open)
	p.path("hole", open)
}

// joined are the lines between neighbours: between two that were measured, and where a model is in one of them.
func joined(points []Point, w place) (sure, guess string) {
	var lines [2]strings.Builder
	pen := -1 // in which of them the last point is the end
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if !a.there() || !b.there() {
			pen = -1
			continue
		}
		which := 0
		if a.Estimated || b.Estimated {
			which = 1
		}
		if pen != which {
			lines[which].WriteString("M" + at(w.x(i-1), w.y.at(a.Value)))
		}
		lines[which].WriteString("L" + at(w.x(i), w.y.at(b.Value)))
		pen = which
	}
	return lines[0].String(), lines[1].String()
}

// marks are the shapes of points, those of what was measured and those where a model is in it.
func marks(points []Point, w place, shape func(x, y float64) string) (full, open string) {
	var shapes [2]strings.Builder
	for i, p := range points {
		if !p.there() {
			continue
		}
		which := 0
		if p.Estimated {
			which = 1
		}
		shapes[which].WriteString(shape(w.x(i), w.y.at(p.Value)))
	}
	return shapes[0].String(), shapes[1].String()
}

// band is the path around the ranges, in as many pieces as lie between points without one.
func band(points []Point, w place) string {
	var path strings.Builder
	for from := 0; from < len(points); from++ {
		to := from
		for to < len(points) && points[to].there() && ranged(points[to].Value, points[to].Low, points[to].High) {
			to++
		}
		switch piece := points[from:to]; {
		case len(piece) == 1:
			path.WriteString(box(w.x(from)-3, w.y.at(piece[0].High), 6, w.y.at(piece[0].Low)-w.y.at(piece[0].High)))
		case len(piece) > 1:
			for i, p := range piece {
				path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + at(w.x(from+i), w.y.at(p.High)))
			}
			for i, p := range slices.Backward(piece) {
				path.WriteString("L" + at(w.x(from+i), w.y.at(p.Low)))
			}
			path.WriteString("Z")
		}
		from = max(from, to)
	}
	return path.String()
}

// beside writes the names of the lines where they end, one below the other where they end alike.
func (t Trend) beside(p *pen, w place) {
	now, before := wrap(t.NowLabel, wide-w.right-10), wrap(t.BeforeLabel, wide-w.right-10)
	if len(t.Before) == 0 {
		before = nil
	}
	above, below := now, before
	yAbove, yBelow := ending(t.Now, w)+5, ending(t.Before, w)+5
	if yBelow < yAbove {
		above, below, yAbove, yBelow = below, above, yBelow, yAbove
	}
	tall := float64(len(above)) * lineHigh
	yBelow = max(yBelow, yAbove+tall)
	yBelow = min(yBelow, w.y.from+lineHigh-float64(len(below))*lineHigh)
	yAbove = min(yAbove, yBelow-tall)
	yNow, yBefore := yAbove, yBelow
	if ending(t.Before, w) < ending(t.Now, w) {
		yNow, yBefore = yBefore, yNow
	}
	for i, line := range now {
		p.text("strong", w.right+8, yNow+float64(i)*lineHigh, line)
	}
	for i, line := range before {
		p.text("beside", w.right+8, yBefore+float64(i)*lineHigh, line)
	}
}

// ending is the height at which a line ends; that of nothing where there is none.
func ending(points []Point, w place) float64 {
	for _, p := range slices.Backward(points) {
		if p.there() {
			return w.y.at(p.Value)
		}
	}
	return w.y.at(0)
}
