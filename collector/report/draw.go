package report

import (
	"math"

	"veille/collector/label"
)

// bar is a line drawn: its value within its bounds, its previous value and its target, on a scale. Lengths are of a drawing
// that is barWidth wide.
type bar struct {
	Title                  string
	From, To               string // at the ends of the scale
	Value                  float64
	Low, Wide              float64 // where the band begins, and how long it is; 0 long: there is none
	Previous, Target       float64
	Zero                   float64
	HasPrevious, HasTarget bool
	HasZero                bool    // it is not at the end
	Left, Right            float64 // of the diamond
}

// barWidth is how wide the drawing of a line is, in its own units; edge is what is left free at both ends.
const (
	barWidth = 320
	edge     = 8
)

// newBar draws a line. It answers nil where there is nothing to see: no value, or a value alone.
func newBar(l language, line label.Line) *bar {
	ranged := line.Low != nil && line.High != nil
	if line.Value == nil || !ranged && line.Target == nil && line.Previous == nil {
		return nil
	}
	from, to := scale(line)
	if !(to > from) || math.IsInf(to-from, 0) {
		return nil
	}
	at := func(x float64) float64 {
		return math.Round(10*(edge+(barWidth-2*edge)*(x-from)/(to-from))) / 10
	}
	b := &bar{
		Title: l.say("line.bar", l.text(line.Title)), From: l.mark(from), To: l.mark(to) + l.unit(line.Unit), Value: at(*line.Value),
	}
	if from < 0 && to > 0 {
		b.Zero, b.HasZero = at(0), true
	}
	if ranged {
		b.Low = at(*line.Low)
		b.Wide = math.Round(10*(at(*line.High)-b.Low)) / 10
	}
	if line.Target != nil {
		b.Target, b.HasTarget = at(*line.Target), true
	}
	if line.Previous != nil {
		b.Previous, b.HasPrevious = at(*line.Previous), true
		b.Left, b.Right = b.Previous-5, b.Previous+5
	}
	return b
}

// mark writes an end of a scale, which is a round number of two digits.
func (l language) mark(x float64) string {
	decimals := 0
	if x != 0 && math.Abs(x) < 10 {
		decimals = 1 - int(math.Floor(math.Log10(math.Abs(x))))
	}
	for decimals > 0 && math.Round(x*math.Pow10(decimals-1)) == math.Round(x*math.Pow10(decimals))/10 {
		decimals-- // a zero at its end
	}
	return l.number(x, decimals)
}

// scale is from where to where a line is drawn: all of it for a share, else from zero to a round number above all that is shown.
func scale(line label.Line) (from, to float64) {
	for _, x := range []*float64{line.Value, line.Low, line.High, line.Previous, line.Target} {
		if x != nil {
			from, to = min(from, *x), max(to, *x)
		}
	}
	if line.Unit == "%" && from >= 0 && to <= 100 {
		return 0, 100
	}
	return -rounded(-from), rounded(to)
}

// rounded is the next number of 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten.
func rounded(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, step := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8} {
		if x <= step*power {
			return step * power
		}
	}
	return 10 * power
}

// split is the quality of the energy drawn: where each of its parts begins, and how long it is.
type split struct{ High, Medium, Low, MediumAt, LowAt float64 }

// newSplit draws a quality. It answers nil where none is known.
func newSplit(q label.Quality) *split {
	all := q.HighPct + q.MediumPct + q.LowPct
	if !(all > 0) || q.HighPct < 0 || q.MediumPct < 0 || q.LowPct < 0 || math.IsInf(all, 0) {
		return nil
	}
	long := func(x float64) float64 { return math.Round(10*barWidth*x/all) / 10 }
	s := &split{High: long(q.HighPct), Medium: long(q.MediumPct)}
	s.MediumAt = s.High
	s.LowAt = math.Round(10*(s.High+s.Medium)) / 10
	s.Low = math.Round(10*(barWidth-s.LowAt)) / 10
	return s
}
