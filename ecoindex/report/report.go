// Package report writes measured pages for people and for programs.
//
// Text is for people; JSON, CSV, JUnit and SARIF are for programs. They write the same figures under the same names.
// Addresses, notes and messages come from the web: every writer takes away from them what its format, a terminal or a
// spreadsheet would take for something else than text.
package report

import (
	"errors"
	"fmt"
	"io"
	"time"

	"veille/ecoindex"
	"veille/ecoindex/web"
)

// Page is one visit of one page: what was measured, or why nothing could be.
type Page struct {
	Asked    string // the address, or the name of the recording, as the user gave it
	Mode     string // how it was looked at: browser, static, har
	Protocol string // how it was counted
	Step     string // of a journey, such as "before consent"; empty for a page without one

	Page   web.Page        // what was counted
	Result ecoindex.Result // its EcoIndex; Options.Basis decides which grade is shown, not Result.Grade
	Err    error           // why nothing could be measured; Page and Result are then not looked at

	Practices  []Practice    // that fail; nil where nobody looked for any
	Breaches   []Breach      // the limits it breaks; none when it holds its budget, or has none
	Runs       *Runs         // of several runs, the spread; nil when there was one
	Repeat     *Repeat       // the second visit, with what the first left in the cache; nil when there was none
	Screenshot string        // the file that shows the page when it could not be measured; empty when there is none
	Took       time.Duration // of the visit, or of all its runs

	lost *lostRuns // of several runs; nil when all gave figures
}

// Breach is one limit of a budget, broken.
type Breach struct {
	What string  // the limit: score, grade, dom, requests or size_kb
	Text string  // a sentence: "score 58 is under 75"
	Got  float64 // the figures of the sentence, as package budget has them; Text is quoted in other languages where Want is 0
	Want float64
}

// Repeat is a second visit with a warm cache.
type Repeat struct {
	Page   web.Page        // what was counted: what the cache answered is no request of it
	Result ecoindex.Result // its EcoIndex
	Cached int             // requests that the cache answered
}

// Writer writes pages, one after the other. Close writes what a format says at its end, does not close what is written
// to, and is to be called once, after the last page.
type Writer interface {
	Write(p Page) error
	Close() error
}

// Options are those of all writers.
type Options struct {
	Basis     ecoindex.Basis      // from which score grade and footprint are read; zero is the reference's way
	Footprint *ecoindex.Footprint // nil leaves gases and water out
	To        ecoindex.Grade      // the grade of which to say what to take away for it; empty is the next better one
	Language  Language            // Text: of its words; the zero value is English
	Color     bool                // Text: colours, for a terminal
	Resources bool                // JSON: each resource too
	Version   string              // SARIF: of the program; empty leaves it out
	Anchor    string              // SARIF: the file of a repository to attach findings to; see NewSARIF
	Started   time.Time           // JUnit: when the run began; zero leaves it out
}

func (o Options) basis() ecoindex.Basis {
	if o.Basis == ecoindex.FromRaw {
		return ecoindex.FromRaw
	}
	return ecoindex.FromRounded
}

// codeOf is the cause of an error, one word: a web.Code, or "internal".
func codeOf(err error) string {
	if known, ok := errors.AsType[*web.Error](err); ok {
		return string(known.Code)
	}
	return internal
}

// internal is the code of an error that is not about the page.
const internal = "internal"

// write writes a whole piece of a report.
func write(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
