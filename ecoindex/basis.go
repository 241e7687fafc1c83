package ecoindex

import "fmt"

// Basis is the convention by which a grade, and a footprint that follows the score, are read: from the score after
// rounding or before. For a raw score up to half a point above a limit of the grades the two differ: 80.4 is a B
// rounded and an A raw.
type Basis string

// The two conventions in use. Any other Basis is taken for FromRounded.
const (
	FromRounded Basis = "rounded" // the reference behind ecoindex.fr, cnumr/EcoIndex_python
	FromRaw     Basis = "raw"     // npm ecoindex, the Lighthouse plugin, the extension GreenIT-Analysis
)

// ParseBasis reads "rounded" or "raw".
func ParseBasis(s string) (Basis, error) {
	switch b := Basis(s); b {
	case FromRounded, FromRaw:
		return b, nil
	}
	return "", fmt.Errorf(`%q is no way to read a grade; give "rounded" (the reference) or "raw" (before rounding)`, s)
}

// Value is the number, 0 to 100, from which grade and footprint are read by the convention b.
func (r Result) Value(b Basis) float64 {
	if b == FromRaw {
		return r.Raw
	}
	return float64(r.Score)
}

// Graded is r with the grade that the convention b gives. All else stays.
func (r Result) Graded(b Basis) Result {
	r.Grade = GradeOf(r.Value(b))
	return r
}
