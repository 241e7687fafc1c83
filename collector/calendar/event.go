package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"veille/collector"
)

// event is an event of a file.
type event struct {
	uid     string
	name    string
	zones   []string  // school zones it is for; none: all
	start   time.Time // its first day, at 0:00 UTC whatever the zone
	days    int
	why     string    // why it is not taken; else it lasts days, at least one
	instead time.Time // the day of the occurrence that it takes the place of
	rules   []string
	more    []*ics.IANAProperty // RDATE
	less    []*ics.IANAProperty // EXDATE
	local   *time.Location
}

// Words of events that are not taken.
const (
	whyTimes     = "has a time of day; only whole days close a site"
	whyCancelled = "is cancelled"
	whyNoDate    = "has no date that can be read"
	whyBackwards = "ends before it begins: a mistake of the file; type it if you know better"
)

// newEvent reads an event. The site's zone is for moments in UTC.
func newEvent(c *ics.VEvent, local *time.Location) event {
	e := event{
		uid: value(c, ics.ComponentPropertyUniqueId), local: local,
		more: c.GetProperties(ics.ComponentPropertyRdate), less: c.GetProperties(ics.ComponentPropertyExdate),
	}
	if local == nil {
		e.local = time.UTC
	}
	name, zones, unknown := zonesOf(value(c, ics.ComponentPropertySummary))
	_, places, strange := zonesOf(value(c, ics.ComponentPropertyLocation))
	unknown = cmp.Or(unknown, strange)
	switch e.name, e.zones = tidy(name), zones; {
	case unknown != "":
		e.zones = nil // whoever's they are, it is reported
	case zones == nil:
		e.zones = places
	}
	if e.name == "" {
		e.name = "without a title"
	}
	for _, rule := range c.GetProperties(ics.ComponentPropertyRrule) {
		e.rules = append(e.rules, rule.Value)
	}
	if p := c.GetProperty(ics.ComponentPropertyRecurrenceId); p != nil {
		if day, _, err := moment(p.Value, e.local); err == nil {
			e.instead = day
		}
	}
	start := value(c, ics.ComponentPropertyDtStart)
	day, clock, err := moment(start, e.local)
	if err != nil {
		e.why = whyNoDate
		return e
	}
	e.start = day
	switch dates := len(start) == len("20060102"); {
	case strings.EqualFold(value(c, ics.ComponentPropertyStatus), "CANCELLED"):
		e.why = whyCancelled
	case clock != 0:
		e.why = whyTimes
	default:
		e.days, e.why = e.length(c, dates)
	}
	if e.why == "" && unknown != "" {
		e.why = fmt.Sprintf("has %q, and that is no school zone that is known; if it closes the site, type it", tidy(unknown))
	}
	return e
}

// length is how many days an event lasts that begins with a day. The end in a file is the day after the last one (RFC 5545,
// 3.6.1). Where begin and end are the same date, the writers that do it, DINUM's and the ministry's, mean one day.
func (e event) length(c *ics.VEvent, dates bool) (days int, why string) {
	end := c.GetProperty(ics.ComponentPropertyDtEnd)
	if end == nil {
		return e.duration(value(c, ics.ComponentProperty(ics.PropertyDuration)), dates)
	}
	last, clock, err := moment(end.Value, e.local)
	if err != nil {
		return 0, whyNoDate
	}
	if clock >= 23*time.Hour+59*time.Minute { // some write midnight so
		last, clock = last.AddDate(0, 0, 1), 0
	}
	switch {
	case last.Before(e.start):
		return 0, whyBackwards
	case clock != 0 || !dates && last.Equal(e.start):
		return 0, whyTimes
	}
	return max(1, int(last.Sub(e.start)/(24*time.Hour))), ""
}

// duration is a length written as P1D, P2W or PT24H; none at all is one day, of an event that is given as a date.
func (e event) duration(text string, dates bool) (days int, why string) {
	if text == "" && dates {
		return 1, ""
	}
	text = strings.TrimPrefix(strings.ToUpper(text), "+")
	for suffix, hours := range map[string]int{"W": 7 * 24, "D": 24, "DT0H0M0S": 24, "DT0S": 24, "H": 1} {
		prefix := "P"
		if suffix == "H" {
			prefix = "PT"
		}
		number, found := strings.CutSuffix(text, suffix)
		number, isDuration := strings.CutPrefix(number, prefix)
		n, err := strconv.ParseUint(number, 10, 12)
		if found && isDuration && err == nil && n > 0 && int(n)*hours%24 == 0 {
			return int(n) * hours / 24, ""
		}
	}
	return 0, whyTimes
}

func value(c *ics.VEvent, name ics.ComponentProperty) string {
	if p := c.GetProperty(name); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}

// on is the first day of e, "" when it could not be read.
func (e event) on() collector.Date {
	if e.start.IsZero() {
		return ""
	}
	return collector.DateOf(e.start)
}

// moment reads 20261224, 20261224T000000 or 20261223T230000Z: a day, as its midnight in UTC, and the time of that day. A
// time in a zone that the file names is taken as the clock of that zone shows it, since midnight there is what was meant.
func moment(text string, local *time.Location) (day time.Time, clock time.Duration, err error) {
	var t time.Time
	switch text = strings.TrimSpace(text); len(text) {
	case len("20060102"):
		t, err = time.Parse("20060102", text)
	case len("20060102T150405"):
		t, err = time.Parse("20060102T150405", strings.ToUpper(text))
	default:
		if t, err = time.Parse("20060102T150405Z", strings.ToUpper(text)); err == nil {
			t = t.In(local)
		}
	}
	if err != nil {
		return time.Time{}, 0, err
	}
	y, m, d := t.Date()
	if y < 1970 || y > 2199 {
		return time.Time{}, 0, errors.New("not a year from 1970 to 2199")
	}
	clock = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), clock, nil
}
