package balance

import "math"

// between is a range that holds its value, whatever the rounding of its bounds did.
func between(low, value, high float64) Range {
	return Range{Value: value, Low: min(low, value), High: max(high, value)}
}

// plus adds bounds like figures: errors of the same model do not cancel out.
func (r Range) plus(o Range) Range {
	return Range{r.Value + o.Value, r.Low + o.Low, r.High + o.High}
}

// by multiplies with an exact number from 0 up.
func (r Range) by(x float64) Range { return Range{r.Value * x, r.Low * x, r.High * x} }

// times multiplies with a factor from 0 up, and takes the bounds that are furthest out. r may be below 0.
func (r Range) times(f Range) Range {
	return between(min(r.Low*f.Low, r.Low*f.High), r.Value*f.Value, max(r.High*f.Low, r.High*f.High))
}

// has tells whether x lies in the range.
func (r Range) has(x float64) bool { return r.Low <= x && x <= r.High }

// ratio is part of whole; 0 of nothing.
func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// plusMaybe adds what may be missing: once it is, the sum is missing too.
func plusMaybe(sum, r *Range) *Range {
	if sum == nil || r == nil {
		return nil
	}
	both := sum.plus(*r)
	return &both
}

// negligible is the share of a figure below which a difference is rounding of the processor, and none.
const negligible = 1e-9

// settle makes 0 of a difference that is nothing but rounding.
func settle(difference, of float64) float64 {
	if math.Abs(difference) <= negligible*math.Abs(of) {
		return 0
	}
	return difference
}
