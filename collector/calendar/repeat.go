package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// cycle is a number of years after which the calendar is the same again: a multiple of 400. Rules are followed that much
// later. The library looks for the next day of a rule up to the year 9999, whatever its UNTIL: for a rule that no day meets,
// that is 8,000 years from now, and fewer than 400 from then.
const cycle = 19 * 400

// repeats tells whether e happens more than once.
func (e event) repeats() bool { return len(e.rules) > 0 || len(e.more) > 0 }

// starts are the first days of all times that e happens, in order, each once: one, for an event that does not repeat. Those
// that moved are left out.
func (e event) starts(moved []time.Time, how How) ([]time.Time, error) {
	if !e.repeats() {
		return []time.Time{e.start}, nil
	}
	if !e.instead.IsZero() {
		return nil, errors.New("repeats, and takes the place of one time only: that is not understood")
	}
	from, err := parse(how.From)
	if err != nil {
		return nil, err
	}
	until, err := parse(how.Until)
	if err != nil {
		return nil, err
	}
	starts := []time.Time{e.start}
	for _, text := range e.rules {
		more, err := e.follow(text, until)
		if err != nil {
			return nil, err
		}
		starts = append(starts, more...)
	}
	added, err := e.list(e.more)
	if err != nil {
		return nil, err
	}
	removed, err := e.list(e.less)
	if err != nil {
		return nil, err
	}
	out := map[time.Time]bool{} // all are midnights in UTC
	for _, t := range append(removed, moved...) {
		out[t] = true
	}
	starts = slices.DeleteFunc(append(starts, added...), func(t time.Time) bool {
		return t.AddDate(0, 0, e.days).Before(from) || t.After(until) || out[t]
	})
	slices.SortFunc(starts, time.Time.Compare)
	return slices.CompactFunc(starts, time.Time.Equal), nil
}

// follow gives the days of a rule up to one.
func (e event) follow(text string, until time.Time) ([]time.Time, error) {
	text = strings.ToUpper(text)
	option, err := rrule.StrToROptionInLocation(text, time.UTC)
	if err != nil {
		return nil, fmt.Errorf("repeats by a rule that is not understood (%s): %w", tidy(text), err)
	}
	if option.Freq > rrule.DAILY || len(option.Byhour)+len(option.Byminute)+len(option.Bysecond) > 0 {
		return nil, errors.New("repeats within a day; only whole days close a site")
	}
	if option.Interval > 1000 || option.Interval < 0 || option.Count < 0 || strange(option) || endless(text, option) {
		return nil, fmt.Errorf("repeats by a rule that is not understood (%s)", tidy(text))
	}
	if strings.Contains(text, "UNTIL") { // a moment in UTC may be a day of the site that has begun
		y, m, d := option.Until.In(e.local).Date()
		if at := option.Until; at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
			y, m, d = at.Date()
		}
		if option.Until = time.Date(y, m, d, 0, 0, 0, 0, time.UTC); option.Until.Before(e.start) {
			return nil, fmt.Errorf("repeats until a day before its first (%s): a mistake of the file, or a series that was ended; type it if you know better", tidy(text))
		}
	}
	if option.Until.IsZero() || option.Until.After(until) {
		option.Until = until
	}
	option.Dtstart, option.Until = e.start.AddDate(cycle, 0, 0), option.Until.AddDate(cycle, 0, 0)
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("repeats by a rule that is not understood (%s): %w", tidy(text), err)
	}
	var days []time.Time
	for next := rule.Iterator(); ; {
		day, ok := next()
		if !ok {
			return days, nil
		}
		if days = append(days, day.AddDate(-cycle, 0, 0)); len(days) > maxTimes {
			return nil, fmt.Errorf("repeats more than %d times; export it again with a later beginning", maxTimes)
		}
	}
}

// strange tells whether a rule has conditions that RFC 5545 does not give to its frequency. The library would look for days
// that meet them up to the year 9999.
func strange(o *rrule.ROption) bool {
	switch {
	case len(o.Byeaster) > 0:
		return true
	case o.Freq >= rrule.WEEKLY:
		return len(o.Bymonthday)+len(o.Byyearday)+len(o.Byweekno)+len(o.Bysetpos) > 0
	case o.Freq == rrule.MONTHLY:
		return len(o.Byyearday)+len(o.Byweekno) > 0
	}
	return false
}

// endless tells whether a rule has a count or an interval of zero. To the library these are not there.
func endless(text string, o *rrule.ROption) bool {
	return strings.Contains(text, "COUNT") && o.Count == 0 || strings.Contains(text, "INTERVAL") && o.Interval == 0
}

// list reads lists of dates.
func (e event) list(lists []*ics.IANAProperty) ([]time.Time, error) {
	var days []time.Time
	for _, p := range lists {
		for text := range strings.SplitSeq(p.Value, ",") {
			day, clock, err := moment(text, e.local)
			if err != nil || clock != 0 {
				return nil, fmt.Errorf("lists %q among its days, which is none", tidy(text))
			}
			days = append(days, day)
		}
	}
	return days, nil
}
