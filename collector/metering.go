package collector

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// MeterKinds are the kinds of meters, in the order that lists have.
func MeterKinds() []string { return []string{"building", "pdu", "plug", "server"} }

// Quantities that a field of a line may be, with their units: what a counter has counted since it began, or what is drawn now.
func MeterUnits() []string { return []string{"Wh", "kWh", "MWh", "J", "W", "kW"} }

// MeterRule says which lines that come by the door are a meter of a site, and what they say. A line is of a rule when its measurement is the
// rule's, it has all tags of Tags, and the field Field. Each combination of values of the tags By is a meter of its own.
type MeterRule struct {
	ID          int64
	Site        int64
	Name        string // of the meter; with By, what the names of its meters begin with
	Kind        string // of MeterKinds
	Measurement string
	Tags        Tags     // that a line must have; may be empty
	By          []string // names of tags, sorted; may be empty
	Field       string
	Unit        string // of MeterUnits
	// Machine is the machine behind a plug: a shared machine or a server, and never one of a person, whose hours at a desk a plug would tell. 0: none.
	Machine   int64
	AddedOn   Date
	RemovedOn Date
}

// Validate tells whether a rule can be used.
func (r MeterRule) Validate() error {
	for what, text := range map[string]string{"name": r.Name, "measurement": r.Measurement, "field": r.Field} {
		if strings.TrimSpace(text) == "" || len(text) > 200 || strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Errorf("the %s %.40q of a meter is empty, longer than 200 bytes, or holds a control character", what, text)
		}
	}
	switch {
	case !slices.Contains(MeterKinds(), r.Kind):
		return fmt.Errorf("%.40q is no kind of meter; there are: %s", r.Kind, strings.Join(MeterKinds(), ", "))
	case !slices.Contains(MeterUnits(), r.Unit):
		return fmt.Errorf("%.40q is no unit of a meter; there are: %s", r.Unit, strings.Join(MeterUnits(), ", "))
	case r.Machine != 0 && r.Kind != "plug":
		return errors.New("a machine is named for a plug only")
	case !slices.IsSorted(r.By) || !slices.IsSortedFunc(r.Tags, byName):
		return errors.New("the tags of a meter are not sorted by name")
	}
	return nil
}

// Meter is one meter that lines came of.
type Meter struct {
	ID   int64
	Rule int64
	Site int64
	Name string
	Kind string
	Unit string
}

// Counts tells whether a meter says what it has counted since it began, and not what is drawn now.
func (m Meter) Counts() bool { return m.Unit != "W" && m.Unit != "kW" }

// MeterToken lets lines in, for the meters of one site. Its secret is kept as a hash.
type MeterToken struct {
	Number    string // the first 8 hexadecimal digits of its hash
	Site      int64
	Note      string
	CreatedOn Date
	ExpiresOn Date // the first date on which it is refused
	RevokedOn Date
}

// MeterSample is what one meter said at one moment: watt-hours since it began, or watts.
type MeterSample struct {
	Meter int64
	At    int64 // milliseconds since 1970
	Value float64
}

// MeterDay is what a meter counted on one date of its site.
type MeterDay struct {
	Meter    int64
	Date     Date
	Wh       float64 // over CoveredS only
	CoveredS int     // seconds of the date that are known: between two readings of a counter, or after a reading of power, five minutes at most
	Samples  int64
	Resets   int // how often the counter began anew: what it counted meanwhile is not known, and in no figure
}
