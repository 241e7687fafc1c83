package main

import (
	"errors"
	"fmt"
	"io"
)

// line is one figure, beside what it is to be.
type line struct {
	what        string
	found       float64
	least, most float64 // 0: no bound
	exact       bool    // most is a bound, though it is 0
}

func (l line) held() bool {
	return (l.least == 0 || l.found >= l.least) && (l.most == 0 && !l.exact || l.found <= l.most)
}

func (l line) bound() string {
	switch {
	case l.least > 0:
		return fmt.Sprintf("≥ %.0f", l.least)
	case l.most > 0 || l.exact:
		return fmt.Sprintf("≤ %.0f", l.most)
	}
	return ""
}

// report prints the lines as a table. It is an error when a number is not held.
func report(w io.Writer, lines []line) error {
	_, _ = fmt.Fprintf(w, "| what | found | asked |\n|---|--:|--:|\n")
	bad := 0
	for _, l := range lines {
		mark := ""
		if !l.held() {
			mark = " **not held**"
			bad++
		}
		_, _ = fmt.Fprintf(w, "| %s | %.4g%s | %s |\n", l.what, l.found, mark, l.bound())
	}
	if bad > 0 {
		return errors.New("a number is not held")
	}
	return nil
}
