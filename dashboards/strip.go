package dashboards

import (
	"math"
	"strconv"

	"veille/collector"
	"veille/ecoindex"
)

// strip is a drawing of how many pages have each grade, in the units of its view box.
type strip struct {
	Width, Height int
	Pieces        []piece
	Cells         []gradeCell // all seven
}

// piece is the pages of one grade.
type piece struct {
	Grade            ecoindex.Grade
	X, Width, Middle string
	Wide             bool // enough for its letter
}

// gradeCell is how many pages have a grade, for the table.
type gradeCell struct {
	Grade ecoindex.Grade
	Pages collector.WebFigure
}

// stripOf draws how many pages have each grade.
func stripOf(grades map[string]collector.WebFigure) strip {
	s := strip{Width: 320, Height: 24}
	sum := 0.0
	all := []ecoindex.Grade{ecoindex.A, ecoindex.B, ecoindex.C, ecoindex.D, ecoindex.E, ecoindex.F, ecoindex.G}
	for _, g := range all {
		sum += max(0, grades[string(g)].Value)
		s.Cells = append(s.Cells, gradeCell{g, grades[string(g)]})
	}
	if sum == 0 {
		return s
	}
	x := 0.0
	for _, g := range all {
		width := max(0, grades[string(g)].Value) / sum * float64(s.Width)
		if width > 0 {
			s.Pieces = append(s.Pieces, piece{g, px(x), px(width), px(x + width/2), width >= 12})
		}
		x += width
	}
	return s
}

// gridLine is a line across a drawing, and what is written beside it.
type gridLine struct {
	Y    string
	Text string
}

// label is a text on an axis.
type label struct {
	X    string
	Text string
}

// px is a length in a drawing, to a tenth.
func px(x float64) string { return strconv.FormatFloat(math.Round(10*x)/10, 'f', -1, 64) }
