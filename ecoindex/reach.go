package ecoindex

import (
	"fmt"
	"math"
)

// Savings is what to take away from a page for a grade: each of the first three is enough alone, and so is Share.
// They are the least: one element, request, byte or tenth of a percent fewer does not reach the grade.
type Savings struct {
	DOM      *int    // elements; nil when the page would not reach the grade without a single one
	Requests *int    // requests; nil likewise
	Bytes    *int64  // bytes; nil likewise, and for a page of more than 2^53 bytes, whose size is not exact to the byte
	Share    float64 // percent of each of the three, 0 to 100 in steps of 0.1; what is taken is rounded down to whole ones
}

// ToReach answers what to take away from m to reach the grade g or a better one, when grades are read by the
// convention b. All is zero where m has reached it. An error says that m cannot be scored, or that g is not a grade.
//
// Every answer is tried with Compute. Compute never falls when something is taken away, to the last bit, because
// every step of it is rounded in the same direction; therefore halving the interval finds the least.
func ToReach(m Measure, g Grade, b Basis) (Savings, error) {
	if g.rank() == 0 {
		return Savings{}, fmt.Errorf("%q is not a grade that can be reached; give a letter from A to G", string(g))
	}
	if err := m.Validate(); err != nil {
		return Savings{}, err
	}
	reaches := func(rest Measure) bool {
		r, err := Compute(rest)
		return err == nil && !r.Graded(b).Grade.WorseThan(g)
	}
	if reaches(m) {
		return Savings{DOM: new(int), Requests: new(int), Bytes: new(int64)}, nil
	}
	s := Savings{
		DOM: least(m.DOM, func(n int) bool {
			return reaches(Measure{DOM: m.DOM - n, Requests: m.Requests, SizeKB: m.SizeKB})
		}),
		Requests: least(m.Requests, func(n int) bool {
			return reaches(Measure{DOM: m.DOM, Requests: m.Requests - n, SizeKB: m.SizeKB})
		}),
	}
	if bytes, ok := m.bytes(); ok {
		s.Bytes = least(bytes, func(n int64) bool {
			return reaches(Measure{DOM: m.DOM, Requests: m.Requests, SizeKB: float64(bytes-n) / 1000})
		})
	}
	// An empty page has 100 points, so that all of everything is always enough.
	if tenths := least(1000, func(n int) bool { return reaches(m.without(n)) }); tenths != nil {
		s.Share = float64(*tenths) / 10
	}
	return s, nil
}

// least is the smallest number from 1 to most that is enough, or nil when most is not. What is enough stays enough
// when it grows.
func least[N int | int64](most N, enough func(N) bool) *N {
	if most < 1 || !enough(most) {
		return nil
	}
	low := N(0) // is not enough
	for most-low > 1 {
		middle := low + (most-low)/2
		if enough(middle) {
			most = middle
		} else {
			low = middle
		}
	}
	return &most
}

// bytes is the size in whole bytes, the nearest; false when a float64 cannot tell it to the byte.
func (m Measure) bytes() (int64, bool) {
	bytes := math.Round(1000 * m.SizeKB)
	if bytes > 1<<53 {
		return 0, false
	}
	return int64(bytes), true
}

// without is m when some thousandths of each of the three are taken away, in whole elements, requests and bytes.
func (m Measure) without(thousandths int) Measure {
	rest := Measure{DOM: m.DOM - part(m.DOM, thousandths), Requests: m.Requests - part(m.Requests, thousandths), SizeKB: m.SizeKB}
	bytes, ok := m.bytes()
	taken := part(bytes, thousandths)
	switch {
	case !ok:
		rest.SizeKB *= float64(1000-thousandths) / 1000
	case taken > 0:
		rest.SizeKB = float64(bytes-taken) / 1000
	}
	return rest
}

// part is some thousandths of n, rounded down, without overflow.
func part[N int | int64](n N, thousandths int) N {
	return n/1000*N(thousandths) + n%1000*N(thousandths)/1000
}
