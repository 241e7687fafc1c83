package chart

import (
	"math"
	"strconv"
)

// most is the largest figure that is drawn as it is, so that no sum of two leaves the numbers of a computer.
const most = 1e300

// known tells whether x is a number that can be drawn.
func known(x float64) bool { return !math.IsNaN(x) && math.Abs(x) <= most }

// atLeastNothing is x where that is a length, and otherwise nothing.
func atLeastNothing(x float64) float64 {
	if !known(x) || x < 1/most {
		return 0
	}
	return x
}

// ranged tells whether a figure has a range around it. No range is written as a low and a high of zero.
func ranged(value, low, high float64) bool {
	return known(low) && known(high) && low <= value && value <= high && (low != 0 || high != 0)
}

// scale is where figures lie between two ends.
type scale struct {
	first, last float64 // figures, the last above the first
	from, to    float64 // where they are drawn
}

func (s scale) at(x float64) float64 {
	share := (x - s.first) / (s.last - s.first)
	return s.from + min(max(share, 0), 1)*(s.to-s.from)
}

// tick is a round number on an axis.
type tick struct {
	value float64
	text  string
}

// ticksOf are about five round numbers around all from low to high. No two of them are written alike.
func ticksOf(low, high float64, write func(float64) string) []tick {
	if write == nil {
		write = func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	}
	if high-low < 1/most {
		high = low + 1
	}
	step := nice((high - low) / 4)
	for range 40 { // steps of 1, 2 and 5: as many as there are from a billionth up to a thousand
		list, distinct := ticksBy(step, low, high, write)
		if distinct {
			return list
		}
		step = nice(step * 1.1)
	}
	return []tick{{low, write(low)}, {high, write(high)}}
}

func ticksBy(step, low, high float64, write func(float64) string) (list []tick, distinct bool) {
	distinct = true
	for n := math.Floor(low / step); ; n++ {
		value := n*step + 0
		list = append(list, tick{value, write(value)})
		if i := len(list) - 1; i > 0 && list[i].text == list[i-1].text {
			distinct = false
		}
		if value >= high || len(list) > 9 {
			return list, distinct && len(list) > 1
		}
	}
}

// nice is the next number from x up that is 1, 2 or 5 times a power of ten.
func nice(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, n := range []float64{1, 2, 5} {
		if x <= n*unit*(1+1e-9) {
			return n * unit
		}
	}
	return 10 * unit
}
