// Package calendar expands a site's calendar into plain open hours and closed dates.
package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"veille/collector"
)

// Bounds of a calendar. A policy holds each closed date once, so that even a calendar as full as this stays small.
const (
	maxDays     = 366  // of one closure
	maxClosures = 2000 // of one site
	maxName     = 120  // characters
	maxYears    = 20   // that may be expanded at once
)

// Default is the open hours of a site that has given none: Monday to Friday from 8:00 to 18:00. They are a convention, not a
// fact about the site.
func Default() []collector.OpenHours {
	hours := make([]collector.OpenHours, 0, 5)
	for weekday := 1; weekday <= 5; weekday++ {
		hours = append(hours, collector.OpenHours{Weekday: weekday, From: "08:00", To: "18:00"})
	}
	return hours
}

// Validate says why c is no calendar that agents can follow, or nothing: see Check for its hours.
func Validate(c collector.Calendar) error {
	if err := Check(c.Open); err != nil {
		return err
	}
	if c.Territory != "" && !slices.Contains(Territories(), c.Territory) {
		return fmt.Errorf("%q is no territory; these are: %s", c.Territory, strings.Join(Territories(), ", "))
	}
	if n := len(c.Closures) + len(c.Reopened); n > maxClosures {
		return fmt.Errorf("%d closures are too many; up to %d are possible", n, maxClosures)
	}
	for _, closure := range c.Closures {
		if err := checkDays(closure.Days); err != nil {
			return err
		}
		for _, text := range []string{closure.Name, closure.Source} {
			if text != tidy(text) {
				return fmt.Errorf("%q has control characters, double spaces or more than %d characters", text, maxName)
			}
		}
	}
	for _, days := range c.Reopened {
		if err := checkDays(days); err != nil {
			return err
		}
	}
	return nil
}

// tidy is a text as one short line.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxName {
		runes = runes[:maxName]
	}
	return strings.TrimSpace(string(runes))
}

// Expand is c as plain open hours, sorted, and the dates from one to another, both included, on which the site is closed,
// sorted, each once. The time zone, an IANA name, says whose public holidays they are when c does not.
func Expand(c collector.Calendar, timeZone string, from, to collector.Date) ([]collector.OpenHours, []collector.Date, error) {
	closed, err := Closed(c, timeZone, from, to)
	if err != nil {
		return nil, nil, err
	}
	dates := make([]collector.Date, 0, 128)
	for _, closure := range closed {
		for date := closure.From; date <= closure.To; date = add(date, 1) {
			dates = append(dates, date)
		}
	}
	slices.Sort(dates)
	return Hours(c), slices.Compact(dates), nil
}

// Hours are the open hours of c, or the default ones, sorted.
func Hours(c collector.Calendar) []collector.OpenHours {
	if len(c.Open) == 0 {
		return Default()
	}
	hours := slices.Clone(c.Open)
	slices.SortFunc(hours, func(a, b collector.OpenHours) int {
		return cmp.Or(a.Weekday-b.Weekday, strings.Compare(a.From, b.From))
	})
	return slices.Compact(hours)
}

// Closed is what closes the site from one date to another, both included: the closures of c, and the public holidays with
// their territory as source, without the days that are reopened. They are in order of their first days, and may overlap.
func Closed(c collector.Calendar, timeZone string, from, to collector.Date) ([]collector.Closure, error) {
	if err := Validate(c); err != nil {
		return nil, err
	}
	first, last, err := years(from, to)
	if err != nil {
		return nil, err
	}
	territory := cmp.Or(c.Territory, TerritoryOf(timeZone))
	all := slices.Clone(c.Closures)
	for year := first; year <= last; year++ {
		holidays, err := PublicHolidays(territory, year)
		if err != nil {
			return nil, err
		}
		all = append(all, holidays...)
	}
	var closed []collector.Closure
	for _, closure := range all {
		closure.From, closure.To = max(closure.From, from), min(closure.To, to)
		for _, days := range without(closure.Days, c.Reopened) {
			closure.Days = days
			closed = append(closed, closure)
		}
	}
	slices.SortFunc(closed, func(a, b collector.Closure) int {
		return cmp.Or(strings.Compare(string(a.From), string(b.From)), strings.Compare(string(a.To), string(b.To)),
			strings.Compare(a.Name, b.Name), strings.Compare(a.Source, b.Source))
	})
	return slices.Compact(closed), nil
}

func years(from, to collector.Date) (first, last int, err error) {
	a, err := parse(from)
	if err != nil {
		return 0, 0, err
	}
	b, err := parse(to)
	if err != nil {
		return 0, 0, err
	}
	if b.Before(a) || b.Year()-a.Year() > maxYears {
		return 0, 0, fmt.Errorf("%s to %s is not 0 to %d years", from, to, maxYears)
	}
	return a.Year(), b.Year(), nil
}

// ClockChanges are the moments from one to another at which the clocks of a zone begin to differ from UTC by another amount.
// The first is from itself, with what they differ by then.
func ClockChanges(zone *time.Location, from, to time.Time) []collector.ClockChange {
	offset := offsetAt(zone, from.Unix())
	changes := []collector.ClockChange{{From: from.UTC(), OffsetS: offset}}
	for at := from.Unix(); at < to.Unix(); {
		next := min(at+step, to.Unix())
		if now := offsetAt(zone, next); now != offset {
			next = firstWith(zone, at, next)
			offset = offsetAt(zone, next)
			if next < to.Unix() {
				changes = append(changes, collector.ClockChange{From: time.Unix(next, 0).UTC(), OffsetS: offset})
			}
		}
		at = next
	}
	return changes
}

// step is less than any clock keeps one offset. Clocks are looked at in such steps because Time.ZoneBounds answers moments that are
// past on the last day of a leap year (golang.org/issue/81583).
const step = 12 * 3600

func offsetAt(zone *time.Location, second int64) int {
	_, offset := time.Unix(second, 0).In(zone).Zone()
	return offset
}

// firstWith is the first second after before at which the clocks no longer have the offset of before; at after they have not.
func firstWith(zone *time.Location, before, after int64) int64 {
	was := offsetAt(zone, before)
	for after-before > 1 {
		if middle := before + (after-before)/2; offsetAt(zone, middle) == was {
			before = middle
		} else {
			after = middle
		}
	}
	return after
}

// Policy is what a site asks of its agents on a day, without a number. Its dates and clock changes are those from the first
// day of the year before to the last day of the year after next, so that it changes when somebody changes something, and
// when a year begins.
func Policy(site collector.Site, by collector.Responsible, c collector.Calendar, l collector.Limits, today collector.Date) (collector.Policy, error) {
	p := collector.Policy{
		Organisation: by.Name, Contact: by.Contact, DPO: by.DPO, Address: by.Address, Site: site.Name, TimeZone: site.TimeZone, Limits: l,
	}
	if err := l.Validate(); err != nil {
		return collector.Policy{}, fmt.Errorf("policy of site %q: %w", site.Name, err)
	}
	zone, err := site.Zone()
	if err != nil {
		return collector.Policy{}, err
	}
	from, to, err := Window(today)
	if err != nil {
		return collector.Policy{}, fmt.Errorf("policy of site %q: %w", site.Name, err)
	}
	if p.Open, p.Holidays, err = Expand(c, site.TimeZone, from, to); err != nil {
		return collector.Policy{}, fmt.Errorf("calendar of site %q: %w", site.Name, err)
	}
	start, err := from.Midnight(zone)
	if err != nil {
		return collector.Policy{}, err
	}
	end, err := add(to, 1).Midnight(zone)
	if err != nil {
		return collector.Policy{}, err
	}
	p.Clock = ClockChanges(zone, start, end)
	return p, nil
}

// Window is the first and the last date that policies of a day speak of.
func Window(today collector.Date) (from, to collector.Date, err error) {
	t, err := parse(today)
	if err != nil {
		return "", "", err
	}
	return collector.Date(fmt.Sprintf("%04d-01-01", t.Year()-1)), collector.Date(fmt.Sprintf("%04d-12-31", t.Year()+2)), nil
}
