package collector

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// MeterKinds are the kinds of meters, in the order that lists have.
func MeterKinds() []string { return []string{"building", "pdu", "plug", "server"} }

// MeterUnits are the units of what a field of a line may be: what a counter has counted since it began, or what is drawn now.
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
	// Machine is the machine behind a plug: a shared machine or a server, and never one of a person, whose hours at a desk a plug would tell. 0: none, and no plug.
	Machine int64
	AddedOn Date
	// Since is the moment at which the rule was added, in milliseconds since 1970: what a plug said before is not taken, as nobody has said behind
	// which machine it was. 0, for a rule to be added: the end of AddedOn at the site.
	Since     int64
	RemovedOn Date
	// Barred tells that the machine behind the plug became a person's, at any time, by itself or by the policy of its site, or was erased. Its lines are
	// dropped, whatever other rule they are of too, and what it said is deleted.
	Barred bool
}

// MostMeters is how many meters a site may have: a tag with another value in each line is no name of a meter.
const MostMeters = 10_000

// MostASecond is how many moments of one second a meter may speak of.
const MostASecond = 2

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
	case r.Kind == "plug" && (r.Machine == 0 || len(r.By) > 0):
		return errors.New("a plug is one meter, and the shared machine or server behind it is named: behind a person's machine it would tell when that person was at the desk")
	case !slices.IsSorted(r.By) || !slices.IsSortedFunc(r.Tags, byName):
		return errors.New("the tags of a meter are not sorted by name")
	}
	return nil
}

// Narrows tells whether each line that may be of r may be of another rule too, whatever the fields: it has the tags of that one, and perhaps more.
func (r MeterRule) Narrows(other MeterRule) bool {
	return r.Measurement == other.Measurement && !slices.ContainsFunc(other.Tags, func(t Tag) bool { return !slices.Contains(r.Tags, t) })
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

// MeteredSource is the source of readings that are not imported but are those of meters that come by the door.
const MeteredSource = "meter by line protocol"

// MeterEntrance is what a token for meters opens.
type MeterEntrance struct {
	Site    int64
	Version int64 // of the rules of all sites: it grows with each change of one
}

// MeterKey names a meter before it has a number: a rule, and the values of the rule's By, each after the other with a unit separator between.
type MeterKey struct {
	Rule   int64
	Values string
}

// MeterStatus is a meter, and how it is doing. It has no moment.
type MeterStatus struct {
	Meter
	Machine   int64   // behind a plug; 0: none
	RemovedOn Date    // of its rule; "": lines are taken still
	LastOn    Date    // the last date, at its site, of which it has said something; "": it never has
	Month     Month   // the last that is over
	KWh       float64 // of that month, over CoveredS only
	CoveredS  int     // seconds of that month that are known
	LengthS   int     // seconds that it has
}

// MeterPost is what came in one post, as points of meter_energy and meter_power. Points of meters that are gone, or are not to be told of any
// more, are left out: there may be none.
type MeterPost struct {
	ID     int64
	Points []Point
}

// MeterDebt is what is still to be folded.
type MeterDebt struct {
	Posts int64
	Bytes int64
}

// Point is what the meter said, as a point of the series.
func (m Meter) Point(s MeterSample) Point {
	p := Point{
		Measurement: MeterPower, Time: time.UnixMilli(s.At).UTC(),
		Tags: Tags{{"kind", m.Kind}, {"meter", itoa(m.ID)}, {"site", itoa(m.Site)}}, Fields: Fields{"w": s.Value},
	}
	if m.Counts() {
		p.Measurement, p.Fields = MeterEnergy, Fields{"wh": s.Value}
	}
	return p
}

// DayPoint is what the meter counted on a day, as a point of the series.
func (m Meter) DayPoint(d MeterDay) (Point, error) {
	at, err := d.Date.Midnight(time.UTC)
	return Point{
		Measurement: DayMeter, Time: at, Tags: Tags{{"kind", m.Kind}, {"meter", itoa(m.ID)}, {"site", itoa(m.Site)}},
		Fields: Fields{"wh": d.Wh, "covered_s": float64(d.CoveredS)},
	}, err
}

// Bounds of what a meter may say: ten terawatt-hours, and a gigawatt. What feeds back draws less than nothing.
const (
	MostMeterWh = 1e13
	MostMeterW  = 1e9
)

// Possible says why a meter cannot have said so, or nothing.
func (m Meter) Possible(value float64) error {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return errors.New("it is no number")
	case m.Counts() && (value < 0 || value > MostMeterWh):
		return fmt.Errorf("a counter of %v Wh is not from 0 to %v", value, float64(MostMeterWh))
	case !m.Counts() && math.Abs(value) > MostMeterW:
		return fmt.Errorf("%v W are not from -%v to %v", value, float64(MostMeterW), float64(MostMeterW))
	}
	return nil
}
