// Package budget says how much a page may cost, and which page costs more.
package budget

import (
	"fmt"
	"math"
	"strconv"

	"veille/ecoindex"
)

// Budget is what a page may cost. A field left at zero sets no limit, so that the zero Budget is held by every page.
type Budget struct {
	Score    float64        // at least, 0 to 100; compared with the rounded score
	Grade    ecoindex.Grade // at least, A being the best
	DOM      int            // at most, elements
	Requests int            // at most
	SizeKB   float64        // at most, kilobytes of 1000 bytes
}

// Validate says in a sentence why b cannot be a budget, or answers nil.
func (b Budget) Validate() error {
	switch {
	case !(b.Score >= 0 && b.Score <= 100):
		return fmt.Errorf("score %s is not a score; give a number from 0 to 100", number(b.Score))
	case b.DOM < 0:
		return fmt.Errorf("dom %d is not a limit; give a number of elements above 0", b.DOM)
	case b.Requests < 0:
		return fmt.Errorf("requests %d is not a limit; give a number of requests above 0", b.Requests)
	case !(b.SizeKB >= 0) || math.IsInf(b.SizeKB, 1):
		return fmt.Errorf("size_kb %s is not a limit; give a number of kilobytes above 0", number(b.SizeKB))
	case b.Grade == "":
		return nil
	}
	if _, err := ecoindex.ParseGrade(string(b.Grade)); err != nil {
		return fmt.Errorf("grade: %w", err)
	}
	return nil
}

// Over is b where other sets no limit, and other where it sets one: flags over a file, for instance.
func (b Budget) Over(other Budget) Budget {
	return Budget{
		Score:    either(b.Score, other.Score),
		Grade:    either(b.Grade, other.Grade),
		DOM:      either(b.DOM, other.DOM),
		Requests: either(b.Requests, other.Requests),
		SizeKB:   either(b.SizeKB, other.SizeKB),
	}
}

func either[T comparable](first, second T) T {
	var none T
	if first != none {
		return first
	}
	return second
}

// What is the limit a page breaks: one word that scripts may rely on, the same as the key in a file.
type What string

// The limits.
const (
	Score    What = "score"
	Grade    What = "grade"
	DOM      What = "dom"
	Requests What = "requests"
	Size     What = "size_kb"
)

// Breach is one limit of a budget, broken.
type Breach struct {
	What What
	Got  float64 // as the limit counts; of a grade its place, 1 for A to 7 for G
	Want float64 // the limit itself
}

// String is the breach as a sentence: "52 requests are more than 40".
func (b Breach) String() string {
	got, want := number(math.Round(1000*b.Got)/1000), number(b.Want)
	if got == want {
		got = number(b.Got) // more than the limit by less than a byte
	}
	switch b.What {
	case Score:
		return "score " + got + " is under " + want
	case Grade:
		return "grade " + letter(b.Got) + " is worse than " + letter(b.Want)
	case DOM:
		return got + " elements are more than " + want
	case Requests:
		return got + " requests are more than " + want
	}
	return got + " kB are more than " + want
}

// Broken is the limits of b that a page breaks, in the order score, grade, dom, requests, size_kb; none when it is held.
// A page that is exactly at a limit holds it.
func (b Budget) Broken(m ecoindex.Measure, r ecoindex.Result) []Breach {
	var list []Breach
	add := func(broken bool, what What, got, want float64) {
		if broken {
			list = append(list, Breach{What: what, Got: got, Want: want})
		}
	}
	score := float64(r.Score)
	add(score < b.Score, Score, score, b.Score)
	add(b.Grade != "" && r.Grade.WorseThan(b.Grade), Grade, place(r.Grade), place(b.Grade))
	add(b.DOM > 0 && m.DOM > b.DOM, DOM, float64(m.DOM), float64(b.DOM))
	add(b.Requests > 0 && m.Requests > b.Requests, Requests, float64(m.Requests), float64(b.Requests))
	add(b.SizeKB > 0 && m.SizeKB > b.SizeKB, Size, m.SizeKB, b.SizeKB)
	return list
}

// place is the rank of a grade, 1 for A; 0 for what is no grade.
func place(g ecoindex.Grade) float64 {
	if len(g) != 1 {
		return 0
	}
	return float64(g[0]-'A') + 1
}

func letter(place float64) string {
	if !(place >= 1 && place <= 7) {
		return "?"
	}
	return string(rune('A' + int(place) - 1))
}

// number is v without an exponent, and without zeros that say nothing.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
