// Package estimate says what a site scores when a browser has measured some of its pages only, and how wrong that may be.
//
// A static look at a page misses what its scripts do. What they add is much the same on pages of one template, so a few
// browser measures of each group of pages tell about the others. Choose names the pages to measure, Of reads the result.
package estimate

import (
	"fmt"

	"veille/ecoindex"
)

// Page is what is known of a page.
type Page struct {
	URL     string            // tells pages apart when their order is drawn
	Group   int               // pages of one template have the same, any number
	Static  ecoindex.Measure  // what a static look counted
	Browser *ecoindex.Measure // what a browser counted; nil where none was sent
}

// Estimate is what a site scores in a browser.
type Estimate struct {
	Pages    int // of the site
	Measured int // of them, by a browser
	Unseen   int // pages in groups of which no page was measured: they borrow from the other groups

	Mean   Figure                    // of the scores of all pages, 0 to 100
	Median Figure                    // of the same; between the two in the middle when their number is even
	Grades map[ecoindex.Grade]Figure // pages of each grade, all seven; they sum to Pages, but need not be whole numbers

	Scores []float64 // of each page in the order they were given, 0 to 100: measured, or expected by the mean of its guesses
	Groups []Group   // those that cost the site most first
}

// Figure is an estimate with its error.
type Figure struct {
	Value float64
	Range *Range // nil when nothing is known of the error: no page was measured, or too few to see how they differ
}

// Range is where a figure lies in 95 sites of 100, both ends included.
type Range struct{ Low, High float64 }

// Group is what the pages of one template cost. Its figures are means of its pages, as a browser would find them, and
// have no error of their own.
type Group struct {
	Group    int
	Pages    int
	Measured int           // by a browser
	Score    float64       // 0 to 100
	DOM      float64       // elements
	Requests float64       // requests
	SizeKB   float64       // kilobytes of 1000 bytes
	Lost     ecoindex.Lost // points
	Share    float64       // of all points that the site lacks to 100 on every page, 0 to 1
}

// Of estimates a site from its pages. The error is of a page whose measure cannot be scored, or says that there is none.
//
// Value: a page that was measured has its score. Another gets a guess from each measured page of its group: its own
// static figures and what the browser found more (or less) on that page, in each of the three measures at once, scored
// by ecoindex.Compute. Its score is the mean of the guesses; the guesses themselves make the median and the grades, as
// pages differ more than their means do. (Scores of measures corrected by the mean difference would be too high or too
// low, as the score is not straight in the measures: Duan's smearing, 1983; for quantiles Chambers and Dunstan, 1986.)
// A group with four measured pages or more is then moved by the mean error of the guesses for its measured pages, each
// made without the page itself. A group without a measured page takes its guesses from all others, each weighing the same.
//
// Range: the spread of those errors is the spread within the group. It is drawn towards the one of all groups, which
// replaces it where a single page was measured. The groups' variances are added with the correction for finite
// populations (Cochran 1977, chapter 5), and Student's t is taken for the degrees of freedom of Satterthwaite (1946).
// A group without a measured page adds the spread of the mean errors of whole groups when they are guessed from the
// others; with less than three groups to see that, its pages may have anything from 0 to 100. The range of the median
// is the one of the share of pages below it (Woodruff 1952). With all pages measured, every range has no width.
//
// All this supposes that within its group a page was measured by chance, as Choose does (measuring the home page first
// is no chance, and matters in a small group), that all pages of the site are given, and that a browser finds the same
// twice. A group may hold pages of several kinds. But a kind that was never drawn leaves no trace: where a tenth of a
// group is much heavier, five measures miss it on six sites of ten, and value and range are then those of the rest. On
// simulated sites with 3 to 12 templates (1,500 of each sort) the truth is in the range of the mean on 94 or 95 of 100, and
// on 87 only where a fifth of the main template is much heavier than its static figures say. Pages weigh the same: nothing
// is known of their visitors.
func Of(pages []Page) (Estimate, error) {
	if len(pages) == 0 {
		return Estimate{}, fmt.Errorf("estimate a site: it has no page; give at least one")
	}
	for i := range pages {
		p := &pages[i]
		if err := p.Static.Validate(); err != nil {
			return Estimate{}, fmt.Errorf("estimate a site: the static look at %q: %w", p.URL, err)
		}
		if p.Browser != nil {
			if err := p.Browser.Validate(); err != nil {
				return Estimate{}, fmt.Errorf("estimate a site: the browser's measure of %q: %w", p.URL, err)
			}
		}
	}
	s := newSite(pages)
	e := Estimate{Pages: len(pages), Measured: s.measured, Scores: s.scores, Groups: s.costs()}
	for _, g := range s.groups {
		if len(g.sample) == 0 {
			e.Unseen += len(g.pages)
		}
	}
	e.Mean, e.Median, e.Grades = s.mean(), s.median(), s.grades()
	return e, nil
}
