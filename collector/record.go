package collector

import (
	"fmt"
	"slices"
	"time"
)

// WholeDay is the hour of a record that describes a whole day.
const WholeDay = -1

// Record is what one machine did in one day or one hour.
type Record struct {
	Date       Date     `json:"date"`
	Hour       int      `json:"hour"` // whole hours since the local midnight, or WholeDay
	LengthS    int      `json:"length_s"`
	Use        Use      `json:"use"`                  // of the machine when it made the record; from a ledger: no finer than it was when that came
	Class      string   `json:"class"`                // chassis class of the machine
	Virtual    bool     `json:"virtual,omitempty"`    // it runs on a hypervisor
	Hypervisor bool     `json:"hypervisor,omitempty"` // virtual machines run on it
	OS         string   `json:"os"`
	OSVersion  string   `json:"os_version,omitempty"`  // family and major version
	OSEnd      Date     `json:"os_end,omitempty"`      // end of its support
	CPU        string   `json:"cpu,omitempty"`         // maker and range of processors
	RAM        string   `json:"ram,omitempty"`         // range of memory in GiB
	Screens    []string `json:"screens,omitempty"`     // internal, or range of size
	Product    string   `json:"product,omitempty"`     // where many machines are of it
	SleepAfter string   `json:"sleep_after,omitempty"` // minutes after which an unused machine is put to sleep, or never
	Agent      string   `json:"agent"`                 // version
	Parts      []Part   `json:"parts"`                 // parts of the day; they sum to LengthS
	History    bool     `json:"history,omitempty"`     // from the system's own log, before the agent was there
	Simulated  bool     `json:"simulated,omitempty"`
	Cost       *Cost    `json:"cost,omitempty"` // what the agent itself took; nil: not counted
}

// Cost is what the agent itself took while it counted the record's time, and since its last record.
type Cost struct {
	CPUS          float64 `json:"cpu_s"`             // processor time, seconds
	Wakeups       int64   `json:"wakeups,omitempty"` // times that it was woken up; 0: the system does not tell
	SentBytes     int64   `json:"sent_bytes"`        // to the collector
	ReceivedBytes int64   `json:"received_bytes"`    // from the collector
	Dropped       int     `json:"dropped,omitempty"` // records given up: too many waited, or they were too old
}

// Part is one part of the day, and what was counted in it.
type Part struct {
	Part    string   `json:"part"` // open, night, weekend or holiday
	LengthS int      `json:"length_s"`
	Seconds Seconds  `json:"seconds"`
	Energy  []Energy `json:"energy"`
}

// Seconds is how long a machine was in each state; they sum to the length of the part.
type Seconds struct {
	On         int `json:"on"`
	DisplayOff int `json:"display_off"`
	Sleep      int `json:"sleep"`
	Off        int `json:"off"`
	Unknown    int `json:"unknown"`
}

// Energy is an energy in watt-hours with its range, how it was obtained, what of, and the seconds it covers.
type Energy struct {
	Wh       float64 `json:"wh"`
	LowWh    float64 `json:"low_wh"`
	HighWh   float64 `json:"high_wh"`
	Method   string  `json:"method"`
	Scope    string  `json:"scope"`
	CoveredS int     `json:"covered_s"`
}

// CoveredS is the number of seconds in a known state.
func (r Record) CoveredS() int {
	n := r.LengthS
	for _, p := range r.Parts {
		n -= p.Seconds.Unknown
	}
	return n
}

// Outcome is what became of a record given to a ledger.
type Outcome int

// The outcomes. After each of them the record's seconds are on disk.
const (
	Stored   Outcome = iota + 1 // the first of its machine, date and hour
	Replaced                    // it covers more seconds than the one before
	Kept                        // the one before covers as many seconds
)

// Receipt says what became of the records given to a ledger, in order, and how many of their machine's it had put on disk
// before them, those that took the place of another included. That number only grows, also when records are deleted.
type Receipt struct {
	Outcomes []Outcome
	Before   int64
}

// RestoredError says that a ledger has put fewer records of a machine on disk than the machine was once told: it was restored
// from an older copy.
type RestoredError struct {
	Before int64 // how many it has
}

// Error tells how many.
func (e RestoredError) Error() string {
	return fmt.Sprintf("the ledger was restored from an older copy: it has put %d records of this machine on disk, and the machine was told more", e.Before)
}

// Supersede is r in the place of the record before it of the same machine, date and hour. Energies and parts that r no
// longer has are carried on as nothing, over no time: whoever has followed the record before, a series for one, then
// learns that they are gone.
func (r Record) Supersede(before Record) Record {
	r.Use, r.Simulated = before.Use, before.Simulated
	r.Parts = slices.Clone(r.Parts)
	for _, old := range before.Parts {
		i := slices.IndexFunc(r.Parts, func(p Part) bool { return p.Part == old.Part })
		if i < 0 {
			r.Parts = append(r.Parts, Part{Part: old.Part})
			i = len(r.Parts) - 1
		}
		energies := slices.Clone(r.Parts[i].Energy)
		for _, e := range old.Energy {
			if !slices.ContainsFunc(energies, func(x Energy) bool { return x.Method == e.Method && x.Scope == e.Scope }) {
				energies = append(energies, Energy{Method: e.Method, Scope: e.Scope})
			}
		}
		r.Parts[i].Energy = energies
	}
	return r
}

// Change is a record that was stored or replaced, with the number of that change. Numbers grow.
type Change struct {
	Revision int64
	Machine  int64
	Site     Site // where the machine was when the record first came
	Record   Record
}

// Points is the change as the series show it: nothing at all for a whole day, because a day of one machine is not to be
// seen beside others; for an hour of a shared machine or server, its energy by part, scope and method, and its seconds by
// part, at the moment the hour begins.
func (c Change) Points() ([]Point, error) {
	r := c.Record
	if r.Hour == WholeDay || !r.Use.Hourly() {
		return nil, nil
	}
	zone, err := c.Site.Zone()
	if err != nil {
		return nil, err
	}
	return c.PointsIn(zone)
}

// PointsIn are the points for who knows the time zone of the site, which takes long to look up.
func (c Change) PointsIn(zone *time.Location) ([]Point, error) {
	r := c.Record
	if r.Hour == WholeDay || !r.Use.Hourly() {
		return nil, nil
	}
	start, _, err := r.Date.Extent(r.Hour, zone)
	if err != nil {
		return nil, err
	}
	at, version := start.UTC(), min(max(0, r.CoveredS()), MaxVersion)
	var points []Point
	for _, p := range r.Parts {
		tags := func(more ...Tag) Tags {
			return NewTags(append(more,
				Tag{"machine", itoa(c.Machine)}, Tag{"part", p.Part}, Tag{"simulated", yes(r.Simulated)},
				Tag{"site", itoa(c.Site.ID)}, Tag{"use", string(r.Use)})...)
		}
		s := p.Seconds
		points = append(points, Point{Measurement: HourSeconds, Tags: tags(), Time: at, Version: version, Fields: Fields{
			"on": float64(s.On), "display_off": float64(s.DisplayOff), "sleep": float64(s.Sleep), "off": float64(s.Off), "unknown": float64(s.Unknown),
		}})
		for _, e := range p.Energy {
			points = append(points, Point{Measurement: HourEnergy, Tags: tags(Tag{"method", e.Method}, Tag{"scope", e.Scope}), Time: at, Version: version, Fields: Fields{
				"wh": e.Wh, "low_wh": e.LowWh, "high_wh": e.HighWh, "covered_s": float64(e.CoveredS),
			}})
		}
	}
	return points, nil
}
