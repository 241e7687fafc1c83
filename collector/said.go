package collector

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The first and the last month that may be said of anything.
const (
	firstMonth = Month("1990-01")
	lastMonth  = Month("2200-12")
)

// possible says why a month is none that may be said, or nothing.
func possible(m Month) error {
	if _, _, err := m.Dates(); err != nil {
		return fmt.Errorf("%.60q is not a month like 2026-01", m) // its own error says all of it
	}
	if m < firstMonth || m > lastMonth {
		return fmt.Errorf("the month %s is not from %s to %s", m, firstMonth, lastMonth)
	}
	return nil
}

// inMonths says why the months from one to another are none that may be said, or nothing.
func inMonths(from, to Month) error {
	for _, m := range []Month{from, to} {
		if err := possible(m); err != nil {
			return err
		}
	}
	if to < from {
		return fmt.Errorf("the last month, %s, is before the first, %s", to, from)
	}
	return nil
}

// possibleDate says why a date is none that may be said, or nothing.
func possibleDate(d Date) error {
	if _, err := d.Midnight(time.UTC); err != nil {
		return fmt.Errorf("%.60q is not a date like 2026-01-31", d) // its own error says all of it
	}
	if d.Month() < firstMonth || d.Month() > lastMonth {
		return fmt.Errorf("the date %s is not from %s to %s", d, firstMonth, lastMonth)
	}
	return nil
}

// inOrder says why the dates from one to another are none that may be said, or nothing.
func inOrder(from, to Date) error {
	for _, d := range []Date{from, to} {
		if err := possibleDate(d); err != nil {
			return err
		}
	}
	if to < from {
		return fmt.Errorf("the last date, %s, is before the first, %s", to, from)
	}
	return nil
}

// between tells whether x is a number from low to high.
func between(x, low, high float64) bool {
	return !math.IsNaN(x) && !math.IsInf(x, 0) && x >= low && x <= high
}

// longestLine is how many bytes a text of one line may have.
const longestLine = 300

// line says why a text is not one line of words, or nothing. Marks of the direction of writing would let a text pass for another.
func line(what, text string, mayBeEmpty bool) error {
	switch {
	case !mayBeEmpty && strings.TrimSpace(text) == "":
		return fmt.Errorf("%s is missing", what)
	case len(text) > longestLine || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s is not one line of up to %d bytes in UTF-8", what, longestLine)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return fmt.Errorf("%s has an invisible mark that turns the direction of writing: type it anew", what)
	}
	return nil
}

// paragraphs says why a text is not one of several lines, or nothing.
func paragraphs(what, text string, most int, allowed string) error {
	switch {
	case len(text) > most:
		return fmt.Errorf("%s has %d bytes, and may have %d", what, len(text), most)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is not in UTF-8", what)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(allowed, r) }):
		return fmt.Errorf("%s has an invisible control character: type it anew", what)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return fmt.Errorf("%s has an invisible mark that turns the direction of writing: type it anew", what)
	}
	return nil
}

// isLine matches the id of a line of the label report: U1, E4a, L1.age.
func isLine() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Z]{1,2}[0-9]{1,2}[a-z]?(\.[a-z][a-z0-9-]{0,30})?$`)
}

// isOf matches what evidence and remarks may be of: a line, an item of a template, an action, a step.
func isOf() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Z]{1,4}[0-9]{1,3}[a-z]?(\.[a-z0-9][a-z0-9-]{0,30}){0,3}|(action|step) [1-9][0-9]{0,17})$`)
}

// isHash matches a SHA-256 as it is written.
func isHash() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) }
