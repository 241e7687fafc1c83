package table

import (
	"errors"
	"fmt"
	"slices"
)

// mostShown is how many errors Lines names.
const mostShown = 20

// Lines collects what is wrong, by line. The zero value has nothing. It keeps the first errors only, so that a file in which all is wrong costs
// little.
type Lines struct {
	shown []lineError // of the lowest lines, by line
	lines map[int]bool
}

// lineError is what is wrong with a line.
type lineError struct {
	number int
	err    error
}

// Add says that something is wrong with a line. A line may be said more than once: it counts once, and what came first is named. A nil error is
// nothing.
func (l *Lines) Add(number int, err error) {
	if err == nil || l.lines[number] {
		return
	}
	if l.lines == nil {
		l.lines = map[int]bool{}
	}
	l.lines[number] = true
	i, _ := slices.BinarySearchFunc(l.shown, number, func(e lineError, n int) int { return e.number - n })
	if i < mostShown {
		l.shown = slices.Insert(l.shown, i, lineError{number, err})
		l.shown = l.shown[:min(len(l.shown), mostShown)]
	}
}

// Count is how many lines are wrong.
func (l *Lines) Count() int { return len(l.lines) }

// Err names the first 20 lines, and how many there are in all of how many; nil for none.
func (l *Lines) Err(of int) error {
	if len(l.lines) == 0 {
		return nil
	}
	var errs []error
	for _, e := range l.shown {
		errs = append(errs, fmt.Errorf("line %d: %w", e.number, e.err))
	}
	if more := len(l.lines) - len(l.shown); more > 0 {
		errs = append(errs, fmt.Errorf("… and %d more: %d of %d lines are wrong", more, len(l.lines), max(of, len(l.lines))))
	}
	return errors.Join(errs...)
}
