package energy

import (
	"math"
	"strconv"

	"veille/dashboards/frame"
)

// bars is a bar chart of hours, in the units of its view box. Everything it says is in the table beside it too.
type bars struct {
	Width, Height int
	Left, Right   int // where the bars begin, and end
	Base          int // where they stand
	Bars          []bar
	Lines         []gridLine
	Hours         []label // below the bars
}

// LabelX is where the texts left of the bars end.
func (c bars) LabelX() int { return c.Left - 6 }

type bar struct {
	X, Y, Width, Height string
	Middle, Low, High   string // of the range
	Estimated           bool
}

type gridLine struct {
	Y    string
	Text string
}

type label struct {
	X    string
	Text string
}

// chartOf draws hours. An hour without data has no bar.
func chartOf(l frame.Language, hours []hour) bars {
	c := bars{Width: 720, Height: 260, Left: 64, Right: 712, Base: 228}
	const top = 12
	most := 0.0
	for _, h := range hours {
		most = max(most, h.Machine.High)
	}
	step := niceStep(most)
	scale := float64(c.Base-top) / max(step*math.Ceil(most/step), step)
	for n := 0; float64(n)*step*scale <= float64(c.Base-top)+.5; n++ {
		c.Lines = append(c.Lines, gridLine{px(float64(c.Base) - float64(n)*step*scale), l.Tick(float64(n)*step, step, most)})
	}
	slot := float64(c.Right-c.Left) / float64(len(hours))
	for i, h := range hours {
		x := float64(c.Left) + float64(i)*slot
		if i%3 == (len(hours)-1)%3 {
			c.Hours = append(c.Hours, label{px(x + slot/2), h.Start.Format("15:04")})
		}
		if h.Machine.CoveredS == 0 {
			continue
		}
		y := func(wh float64) string { return px(float64(c.Base) - wh*scale) }
		c.Bars = append(c.Bars, bar{
			X: px(x + slot*.15), Y: y(h.Machine.Wh), Width: px(slot * .7), Height: px(h.Machine.Wh * scale),
			Middle: px(x + slot/2), Low: y(h.Machine.Low), High: y(h.Machine.High), Estimated: h.Machine.Measured() < 1,
		})
	}
	return c
}

// niceStep is the distance of about four lines up to most: 1, 2 or 5 times a power of ten.
func niceStep(most float64) float64 {
	if most <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(most/4)))
	for _, n := range []float64{1, 2, 5} {
		if most/4 <= n*unit {
			return n * unit
		}
	}
	return 10 * unit
}

// px is a length in the drawing, to a tenth.
func px(x float64) string { return strconv.FormatFloat(math.Round(10*x)/10, 'f', -1, 64) }
