// Package ecoindex computes the EcoIndex of a web page: elements, requests and kilobytes in; score, grade and the
// points each of them cost out.
//
// The formula is the one of the EcoIndex reference behind ecoindex.fr (cnumr/EcoIndex_python, compute 5.10.0, 2026):
// each measure is placed among the quantiles of the web, the three places are weighted 3, 2 and 1, and the score is
// rounded half to even before the grade is read. Other implementations differ; see Basis and testdata/README.md.
package ecoindex

import (
	"fmt"
	"math"
)

// Measure is what was counted on a page.
type Measure struct {
	DOM      int     // elements, without what is inside an svg
	Requests int     // requests made, each redirect being one
	SizeKB   float64 // bytes transferred, in kilobytes of 1000 bytes
}

// Validate says in a sentence why m cannot be scored, or answers nil.
func (m Measure) Validate() error {
	switch {
	case m.DOM < 0:
		return fmt.Errorf("the number of elements is %d; it cannot be negative", m.DOM)
	case m.Requests < 0:
		return fmt.Errorf("the number of requests is %d; it cannot be negative", m.Requests)
	case math.IsNaN(m.SizeKB) || math.IsInf(m.SizeKB, 0):
		return fmt.Errorf("the size is %v kB; it must be a finite number", m.SizeKB)
	case m.SizeKB < 0:
		return fmt.Errorf("the size is %v kB; it cannot be negative", m.SizeKB)
	}
	return nil
}

// Result is the EcoIndex of a measure.
type Result struct {
	Score int     // 0 (worst) to 100 (best): Raw rounded half to even, as the reference does
	Raw   float64 // the score before rounding
	Grade Grade   // read from Score, as the reference does; Graded reads it from Raw
	Lost  Lost    // where the missing points went
}

// Lost is the number of points each measure cost. The three sum to 100 minus the raw score; the elements can cost
// 50 points at most, the requests 33.3, the size 16.7.
type Lost struct {
	DOM      float64
	Requests float64
	Size     float64
}

// Compute scores m. The error is the one of Validate.
func Compute(m Measure) (Result, error) {
	if err := m.Validate(); err != nil {
		return Result{}, err
	}
	q := webQuantiles()
	dom := place(&q.dom, float64(m.DOM))
	requests := place(&q.requests, float64(m.Requests))
	size := place(&q.size, m.SizeKB)

	// The conversions forbid the compiler to fuse a product with the sum that follows: fused, the last bit would
	// differ between processors, and a half could round the other way.
	weighted := float64(3*dom) + float64(2*requests) + size
	raw := 100 - float64(5*weighted)/6
	score := math.RoundToEven(raw)
	return Result{
		Score: int(score),
		Raw:   raw,
		Grade: GradeOf(score),
		Lost:  Lost{DOM: 15 * dom / 6, Requests: 10 * requests / 6, Size: 5 * size / 6},
	}, nil
}

// place is the position of v among the quantiles, 0 to 20, interpolated between two of them. What lies above the
// last quantile is at 20.
func place(quantiles *[21]float64, v float64) float64 {
	for i := 1; i < len(quantiles); i++ {
		if v < quantiles[i] {
			low := quantiles[i-1]
			return float64(i-1) + (v-low)/(quantiles[i]-low)
		}
	}
	return 20
}

type quantiles struct{ dom, requests, size [21]float64 }

// webQuantiles are the twentieths of the web's pages for each measure, as published by EcoIndex (the same 63 numbers
// in the six implementations compared). They are an answer and not a variable, so that nothing can change them.
func webQuantiles() quantiles {
	return quantiles{
		dom: [21]float64{
			0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603,
			674, 753, 843, 949, 1076, 1237, 1459, 1801, 2479, 594601,
		},
		requests: [21]float64{
			0, 2, 15, 25, 34, 42, 49, 56, 63, 70, 78,
			86, 95, 105, 117, 130, 147, 170, 205, 281, 3920,
		},
		size: [21]float64{
			0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1098.62, 1265.47, 1448.32,
			1648.27, 1876.08, 2142.06, 2465.37, 2866.31, 3401.59, 4155.73, 5400.08, 8037.54, 223212.26,
		},
	}
}
