package collector

import "math"

// FloatSum adds numbers up and keeps what each addition rounded away (Neumaier's way), so that the sum of many is as good as that of few, and their
// order matters to the last digit at most. The zero value is the sum of nothing, 0.
type FloatSum struct{ total, lost float64 }

// Add adds a number of any size and sign.
func (s *FloatSum) Add(x float64) {
	next := s.total + x
	if math.Abs(s.total) >= math.Abs(x) {
		s.lost += (s.total - next) + x
	} else {
		s.lost += (x - next) + s.total
	}
	s.total = next
}

// Value is the sum so far. It is infinite, or not a number, when what was added makes it so.
func (s *FloatSum) Value() float64 {
	if math.IsInf(s.total, 0) || math.IsNaN(s.lost) || math.IsInf(s.lost, 0) {
		return s.total // what was lost means nothing beside it
	}
	return s.total + s.lost
}
