package ecoindex

import (
	"fmt"
	"math"
	"strings"
)

// Grade is a letter from A, the best, to G. Its zero value means that there is no grade.
type Grade string

// The seven grades.
const (
	A Grade = "A"
	B Grade = "B"
	C Grade = "C"
	D Grade = "D"
	E Grade = "E"
	F Grade = "F"
	G Grade = "G"
)

// GradeOf is the grade of a score. A score on a limit has the lower grade: 80 is a B.
func GradeOf(score float64) Grade {
	switch {
	case score > 80:
		return A
	case score > 70:
		return B
	case score > 55:
		return C
	case score > 40:
		return D
	case score > 25:
		return E
	case score > 10:
		return F
	}
	return G
}

// GradeOfRounded is the grade of a score that is no whole number, such as a mean: rounded half to even first, as the reference does with that
// of a page.
func GradeOfRounded(score float64) Grade { return GradeOf(math.RoundToEven(score)) }

// ParseGrade reads a grade, in capitals or not.
func ParseGrade(s string) (Grade, error) {
	g := Grade(strings.ToUpper(s))
	if g.rank() == 0 {
		return "", fmt.Errorf("%q is not a grade; give a letter from A to G", s)
	}
	return g, nil
}

// WorseThan says whether g is a lower grade than other.
func (g Grade) WorseThan(other Grade) bool { return g > other }

// Better is the grade next above g; false for A, and for what is no grade.
func (g Grade) Better() (Grade, bool) {
	if g.rank() < 2 {
		return "", false
	}
	return Grade(g[0] - 1), true
}

// rank is 1 for A to 7 for G, and 0 for what is no grade.
func (g Grade) rank() int {
	if len(g) != 1 || g < A || g > G {
		return 0
	}
	return int(g[0]-'A') + 1
}
