package frame

import (
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Alphabet compares names as people in France sort them, in every language of the pages: Érables is between École and Frênes, and Salle 2
// before Salle 10. What it answers is for one goroutine.
func Alphabet() func(a, b string) int {
	return collate.New(language.French, collate.Numeric).CompareString
}
