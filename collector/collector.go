// Package collector is the vocabulary of the collector: organisation, site, machine, record, website, point, query. It does
// nothing.
package collector

import (
	"errors"
	"fmt"
	"time"
)

// Answers of a ledger that are no failures of it.
var (
	ErrNotFound = errors.New("not found")      // nothing has that name or number
	ErrExists   = errors.New("exists already") // something has that name
	// ErrToken tells nobody which of the four it is.
	ErrToken = errors.New("the token is unknown, expired, revoked or used up; ask for a new one")
	// ErrRevoked is for a machine that has a good token.
	ErrRevoked = errors.New("this machine was revoked by the administrator of the collector, who can undo it with veille-collector machine restore")
	// ErrOvertaken is for a roll-up that stood still meanwhile.
	ErrOvertaken = errors.New("another collector has begun the roll-up since, and does it")
)

// Date is a civil date at a site, 2006-01-02. Dates sort as strings do.
type Date string

// DateOf is the civil date of t in its own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Midnight is the moment the date begins in zone.
func (d Date) Midnight(zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date like 2006-01-02: %w", d, err)
	}
	for DateOf(t) < d { // no clock showed midnight that day, and the answer was an hour too early
		t = t.Add(30 * time.Minute)
	}
	return t, nil
}

// Extent is when the day, or one of its hours, begins in zone, and how long it lasts: nothing for an hour the day does not
// have. An hour is counted from the midnight, or WholeDay.
func (d Date) Extent(hour int, zone *time.Location) (start time.Time, length time.Duration, err error) {
	start, err = d.Midnight(zone)
	if err != nil {
		return start, 0, err
	}
	// 36 hours after a midnight it is the next date, also where the clocks change at midnight itself.
	end, err := DateOf(start.Add(36 * time.Hour)).Midnight(zone)
	if err != nil || hour == WholeDay {
		return start, end.Sub(start), err
	}
	start = start.Add(time.Duration(hour) * time.Hour)
	return start, max(0, min(time.Hour, end.Sub(start))), nil
}

// Organisation is a body that answers for its machines and pages: a Region, a school, an office.
type Organisation struct {
	ID   int64
	Name string
}

// Site is a place of an organisation, with its own time.
type Site struct {
	ID           int64
	Organisation int64
	Name         string
	TimeZone     string // IANA name
	Open         bool   // everybody may see its figures, by the rules for the public

	// What follows is told by lists of sites; the site of a machine or of a record is without it.

	Scope   string // of SiteScopes; "": nobody has said
	Code    string // the number by which it is known to others, such as the UAI of a school; "": nobody has said
	Commune string // INSEE code of where it is; "": nobody has said
}

// Zone is the time zone of the site.
func (s Site) Zone() (*time.Location, error) {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone of site %q: %w", s.Name, err)
	}
	return zone, nil
}
