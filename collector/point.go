package collector

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Measurement is the name of a series' subject.
type Measurement string

// The measurements. Their tags and fields are fixed: an engine that has seen one type of a field refuses another. A tag whose value is empty is
// left out: version, of what was measured by a program that did not say it.
const (
	HourEnergy  Measurement = "hour_energy"  // machine, method, part, scope, simulated, site, use: wh, low_wh, high_wh, covered_s
	HourSeconds Measurement = "hour_seconds" // machine, part, simulated, site, use: on, display_off, sleep, off, unknown
	PageScore   Measurement = "page_score"   // mode, protocol, url, version, website (its number): dom, requests, size_kb, score, score_raw
	// SiteScore has mode, protocol, url (where the site begins), version, website: mean, mean_low, mean_high, median, pages, measured, failed,
	// size_kb, grade_a to grade_g. A bound of the mean that is not known is no field.
	SiteScore Measurement = "site_score"

	// Shared machines and servers of one place on one day, under its date at 00:00 UTC.
	DayEnergy  Measurement = "day_energy"  // class, group (its number; left out: none), method, part, scope, simulated, site, use: wh, low_wh, high_wh, covered_s
	DaySeconds Measurement = "day_seconds" // class, group, part, simulated, site, use: on, display_off, sleep, off, unknown, machines

	// A node of the tree in one month that was fixed, under its first date at 00:00 UTC: what users of the organisation may be told of it, and
	// nothing where it is hidden. class, group and site are left out of a node of more than one; use is individual, shared or server.
	MonthEnergy  Measurement = "month_energy"  // class, group, organisation, part (also mixed), simulated, site, use: wh, low_wh, high_wh, covered_s
	MonthSeconds Measurement = "month_seconds" // class, group, organisation, part, simulated, site, use: on, display_off, sleep, off, unknown, machines

	// What meters of buildings, racks and plugs counted on one day, under its date at 00:00 UTC, over the seconds of the date that are known; and what
	// they said, at the moment they say.
	DayMeter    Measurement = "day_meter"    // kind, meter (its number), site: wh, covered_s
	MeterEnergy Measurement = "meter_energy" // kind, meter (its number), site: wh, what the meter has counted since it began
	MeterPower  Measurement = "meter_power"  // kind, meter, site: w
)

// Point is the value of a measurement at one moment. Points of the same measurement, tags and moment are the same point:
// the one written last takes the place of the other, field by field.
type Point struct {
	Measurement Measurement
	Tags        Tags // sorted by name, each once
	Time        time.Time
	Fields      Fields
	// Version orders what was said of the same point: of two the one with the higher version counts, whichever came first. From 0 to 3,600,
	// as what is known of an hour grows with the seconds that it covers. A series that knows which was written last may leave it aside.
	Version int
}

// MaxVersion is the highest version of a point.
const MaxVersion = 3600

// Tag is a name and a value that points are found by.
type Tag struct{ Name, Value string }

// Tags are tags in the order of their names.
type Tags []Tag

// Fields are the numbers of a point.
type Fields map[string]float64

// Get is the value of a tag, "" when there is none.
func (t Tags) Get(name string) string {
	for _, tag := range t {
		if tag.Name == name {
			return tag.Value
		}
	}
	return ""
}

// NewTags sorts tags by name.
func NewTags(tags ...Tag) Tags {
	slices.SortFunc(tags, byName)
	return tags
}

func byName(a, b Tag) int { return strings.Compare(a.Name, b.Name) }

// Validate tells whether every engine can keep p.
func (p Point) Validate() error {
	if p.Measurement == "" || len(p.Fields) == 0 || p.Time.IsZero() {
		return errors.New("a point needs a measurement, a moment and a field")
	}
	if p.Version < 0 || p.Version > MaxVersion {
		return fmt.Errorf("point of %s: its version %d is not between 0 and %d", p.Measurement, p.Version, MaxVersion)
	}
	if !slices.IsSortedFunc(p.Tags, byName) {
		return fmt.Errorf("point of %s: the tags are not sorted by name", p.Measurement)
	}
	for i, tag := range p.Tags {
		if tag.Name == "" || tag.Value == "" || i > 0 && p.Tags[i-1].Name == tag.Name {
			return fmt.Errorf("point of %s: tag %q is empty or there twice", p.Measurement, tag.Name)
		}
		if strings.ContainsFunc(tag.Value, unicode.IsControl) {
			return fmt.Errorf("point of %s: tag %q holds a control character", p.Measurement, tag.Name)
		}
	}
	for name, x := range p.Fields {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("point of %s: field %s is %v", p.Measurement, name, x)
		}
	}
	return nil
}

// Query asks for the points of one measurement from From on and before To that have all of Tags, in the order of their
// moments and tags. A tag without a value asks for points that do not have it; what is to be deleted cannot be named so.
type Query struct {
	Measurement Measurement
	Tags        Tags
	From, To    time.Time
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
