package collector

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Calendar is when a site is open, as its administrators typed and imported it. The zero value is a site that has said
// nothing: the default hours, and the public holidays of the territory that its time zone is of.
type Calendar struct {
	Open      []OpenHours `json:"open,omitempty"`      // the same every week; none: the default hours
	Territory string      `json:"territory,omitempty"` // whose public holidays close the site; "": that of its time zone
	Closures  []Closure   `json:"closures,omitempty"`
	Reopened  []Days      `json:"reopened,omitempty"` // open all the same, whatever closes them: a bridge that is worked, the first week of a school's summer
}

// OpenHours is one stretch of open time, the same every week.
type OpenHours struct {
	Weekday int    `json:"weekday"` // 1 Monday to 7 Sunday
	From    string `json:"from"`    // 08:00
	To      string `json:"to"`      // 18:00, later than From; 24:00 is midnight
}

// Days are days without a gap, the first and the last included.
type Days struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Closure is days on which a site is closed.
type Closure struct {
	Days
	Name   string `json:"name"`   // why, for those who look after the calendar; agents are told the dates only
	Source string `json:"source"` // Typed, or the zone or file it was imported from
}

// Typed is the source of what an administrator typed.
const Typed = "typed"

// Limits are what a site asks of its agents beyond the calendar. An agent follows them where they make it collect less, less
// finely and less often than its own settings.
type Limits struct {
	Use           Use      `json:"use,omitempty"`             // the finest use class that machines may have; "": their own
	SampleEveryS  int      `json:"sample_every_s,omitempty"`  // shortest time between samples, seconds up to MaxSampleEveryS; 0: the agent's own
	UploadWithinS int      `json:"upload_within_s,omitempty"` // least time over which uploads are spread, seconds up to MaxUploadWithinS; 0: the agent's own
	Pause         bool     `json:"pause,omitempty"`           // count nothing
	Omit          []string `json:"omit,omitempty"`            // what records are not to say, of Omittable
	Products      []string `json:"products,omitempty"`        // makers and models that records may name, of those the agent may; nil: all of those
}

// Bounds of what a policy may ask for. The agents' are the same.
const (
	MaxSampleEveryS  = 300
	MaxUploadWithinS = 12 * 3600
)

// Omittable are what a policy may leave out of records. The agents' list is the same.
func Omittable() []string {
	return []string{"os_version", "os_end", "cpu", "ram", "screens", "product", "sleep_after", "hypervisor", "history", "cost"}
}

// Validate says why agents could not follow l, or nothing.
func (l Limits) Validate() error {
	switch {
	case l.Use != "" && l.Use != "individual" && !l.Use.Hourly():
		return fmt.Errorf("use %q is none of individual, shared, server", l.Use)
	case l.SampleEveryS < 0 || l.SampleEveryS > MaxSampleEveryS:
		return fmt.Errorf("a sample every %d s is not from 1 to %d s", l.SampleEveryS, MaxSampleEveryS)
	case l.UploadWithinS < 0 || l.UploadWithinS > MaxUploadWithinS:
		return fmt.Errorf("uploads within %d s are not within 1 to %d s", l.UploadWithinS, MaxUploadWithinS)
	}
	for _, word := range l.Omit {
		if !slices.Contains(Omittable(), word) {
			return fmt.Errorf("%q cannot be omitted; these can: %s", word, strings.Join(Omittable(), ", "))
		}
	}
	for _, product := range l.Products {
		if strings.TrimSpace(product) == "" || strings.ContainsFunc(product, unicode.IsControl) {
			return fmt.Errorf("%q is no maker and model", product)
		}
	}
	return nil
}

// Policy is what a site asks of its agents: its calendar expanded into plain hours and dates, and its limits.
type Policy struct {
	Serial       int64 // of two policies the one with the larger number is the later; 0 until it is issued
	Organisation string
	Contact      string
	DPO          string // "" where nobody has said
	Address      string // "" where nobody has said
	Site         string
	TimeZone     string        // IANA name
	Clock        []ClockChange // its offsets from UTC, in order of time
	Open         []OpenHours   // sorted
	Holidays     []Date        // dates on which the site is closed, sorted, each once
	Limits       Limits
}

// ClockChange is a moment from which the clocks of a site have some offset.
type ClockChange struct {
	From    time.Time // UTC
	OffsetS int       // seconds ahead of UTC
}

// Responsible is an organisation with what a notice must say of it (GDPR, article 13): plain text, "" where nobody has said.
type Responsible struct {
	Organisation
	Contact string // how to reach the data protection officer
	DPO     string // who that is
	Address string // of the organisation

	SIREN    string // its number in the French register, 9 digits; "": nobody has said
	OpenData bool   // its public data sets are published at /opendata/
	Licence  string // of its data sets, "" for the Licence Ouverte 2.0
}
