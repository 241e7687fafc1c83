package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Runs is what several runs of one page gave.
type Runs struct {
	Asked    int    // runs made
	Measured int    // runs that gave figures
	DOM      Spread // elements
	Requests Spread
	SizeKB   Spread // kilobytes of 1000 bytes
	Score    Spread // before rounding
}

// lostRuns are the runs of a page that gave no figures.
type lostRuns struct {
	last error  // why the last gave none
	note string // that says so, in English
}

// Spread is the smallest and the largest figure of several runs.
type Spread struct{ Min, Max float64 }

func (s *Spread) add(v float64, first bool) {
	if first {
		*s = Spread{v, v}
	}
	s.Min, s.Max = min(s.Min, v), max(s.Max, v)
}

// Median is the run to show of several runs of one page: the one of median raw score (of an even number, the lower of
// the two in the middle), with the spread of all that were measured, and the time all took together. When none was
// measured it is the first. A single run is shown as it is.
func Median(runs []Page) Page {
	if len(runs) == 0 {
		return Page{Err: errors.New("measure the page: no run was made")}
	}
	if len(runs) == 1 {
		return runs[0]
	}
	all := Runs{Asked: len(runs)}
	var measured []Page
	shown := runs[0]
	var took time.Duration
	var failed error
	for _, p := range runs {
		took += p.Took
		if p.Err != nil {
			failed = p.Err
			continue
		}
		first := len(measured) == 0
		all.DOM.add(float64(p.Page.DOM), first)
		all.Requests.add(float64(p.Page.Requests), first)
		all.SizeKB.add(p.Page.SizeKB, first)
		all.Score.add(p.Result.Raw, first)
		measured = append(measured, p)
	}
	all.Measured = len(measured)
	if len(measured) > 0 {
		slices.SortStableFunc(measured, func(a, b Page) int { return cmp.Compare(a.Result.Raw, b.Result.Raw) })
		shown = measured[(len(measured)-1)/2]
	}
	if failed != nil && shown.Err == nil {
		note := fmt.Sprintf("%d of %d runs gave no figures, the last: %v", all.Asked-all.Measured, all.Asked, failed)
		shown.Page.Notes = append(slices.Clone(shown.Page.Notes), note)
		shown.lost = &lostRuns{failed, note}
	}
	shown.Runs, shown.Took = &all, took
	return shown
}
