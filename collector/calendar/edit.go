package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// ErrOpen says that days that were to be reopened are not closed.
var ErrOpen = errors.New("the site is not closed on any of these days")

// Close adds days on which the site is closed, and takes the place of what was typed of them before.
func Close(c collector.Calendar, days collector.Days, name string) (collector.Calendar, error) {
	if err := checkDays(days); err != nil {
		return c, err
	}
	c.Closures = append(cutTyped(c.Closures, days), collector.Closure{Days: days, Name: tidy(name), Source: collector.Typed})
	var reopened []collector.Days
	for _, d := range c.Reopened {
		reopened = append(reopened, without(d, []collector.Days{days})...)
	}
	c.Reopened = reopened
	sortClosures(c.Closures)
	return c, Validate(c)
}

// Reopen opens the site on days that something closes. What was typed is taken back; what was imported, and a public
// holiday, stays in the calendar and no longer counts, also when it is imported again. It answers ErrOpen when nothing closes
// the site on any of the days.
func Reopen(c collector.Calendar, timeZone string, days collector.Days) (collector.Calendar, error) {
	if err := checkDays(days); err != nil {
		return c, err
	}
	before, err := Closed(c, timeZone, days.From, days.To)
	if err != nil {
		return c, err
	}
	if len(before) == 0 {
		return c, ErrOpen
	}
	c.Closures = cutTyped(c.Closures, days)
	after, err := Closed(c, timeZone, days.From, days.To)
	if err != nil {
		return c, err
	}
	if len(after) > 0 {
		c.Reopened = join(append(slices.Clone(c.Reopened), days))
	}
	return c, Validate(c)
}

// cutTyped is closures without what was typed of some days.
func cutTyped(closures []collector.Closure, days collector.Days) []collector.Closure {
	var left []collector.Closure
	for _, closure := range closures {
		if closure.Source != collector.Typed {
			left = append(left, closure)
			continue
		}
		for _, d := range without(closure.Days, []collector.Days{days}) {
			closure.Days = d
			left = append(left, closure)
		}
	}
	return left
}

// Replace puts imported closures in the place of those that were imported from the same source before and have days between
// the first and the last of the new ones. What lies before or after stays: published calendars drop past years, which records
// of those days still need, and a file of a past year may come after that of the next. kept is how many stay, out how many are
// taken out.
func Replace(c collector.Calendar, source string, imported []collector.Closure) (_ collector.Calendar, kept, out int, err error) {
	if source == "" || source == collector.Typed || source != tidy(source) {
		return c, 0, 0, fmt.Errorf("%q is no name of something imported", source)
	}
	if len(imported) == 0 {
		return c, 0, 0, fmt.Errorf("nothing to import from %q", source)
	}
	span := imported[0].Days
	for _, x := range imported {
		span.From, span.To = min(span.From, x.From), max(span.To, x.To)
	}
	var closures []collector.Closure
	for _, x := range c.Closures {
		if x.Source == source {
			if x.From <= span.To && x.To >= span.From {
				out++
				continue
			}
			kept++
		}
		closures = append(closures, x)
	}
	for _, x := range imported {
		x.Source = source
		closures = append(closures, x)
	}
	c.Closures = closures
	sortClosures(c.Closures)
	return c, kept, out, Validate(c)
}

// Forget takes out everything that was imported from a source, and says how much that was.
func Forget(c collector.Calendar, source string) (collector.Calendar, int) {
	before := len(c.Closures)
	c.Closures = slices.DeleteFunc(slices.Clone(c.Closures), func(x collector.Closure) bool { return x.Source == source })
	return c, before - len(c.Closures)
}

// Sources are the names of what the closures come from, sorted, each once.
func Sources(c collector.Calendar) []string {
	var sources []string
	for _, x := range c.Closures {
		sources = append(sources, x.Source)
	}
	slices.Sort(sources)
	return slices.Compact(sources)
}

func sortClosures(closures []collector.Closure) { slices.SortFunc(closures, byDays) }

func byDays(a, b collector.Closure) int {
	return cmp.Or(strings.Compare(string(a.From), string(b.From)), strings.Compare(string(a.To), string(b.To)),
		strings.Compare(a.Source, b.Source), strings.Compare(a.Name, b.Name))
}
