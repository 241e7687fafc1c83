package collector

import "time"

// Stream is one kind of change that destinations follow, each at its own pace. Its numbers only grow.
type Stream string

// The streams.
const (
	StreamHours    Stream = "hours"    // hours of shared machines and servers
	StreamWebsites Stream = "websites" // runs of websites
	StreamMeters   Stream = "meters"   // posts of meters
	StreamErased   Stream = "erased"   // machines that were erased: what is deleted, and not written
)

// Position is how far a destination has followed a stream. What is up to Settled it has had for long enough that it is on its disk; what lies
// between Settled and Acked it has acknowledged.
type Position struct {
	Acked, Settled int64
}

// Delivery is how a destination is doing, for people.
type Delivery struct {
	Destination string `json:"destination"`
	Behind      int64  `json:"behind"`        // changes that it does not have yet
	LagS        int64  `json:"lag_s"`         // for how many seconds something has been waiting for it; 0: nothing is
	Delivered   int64  `json:"delivered"`     // points it has acknowledged, those sent again included
	Refused     int64  `json:"refused"`       // points it never takes, kept in quarantine
	Stopped     bool   `json:"stopped"`       // nothing is sent until a person has done what Error says
	Error       string `json:"error"`         // the last one; "": the last delivery went well
	ComparedOn  Date   `json:"compared_on"`   // the last night in which everything was compared; "": none
	Differences int    `json:"differences"`   // days that were found to differ that night, and were sent again
	Comparison  string `json:"comparison"`    // why that comparison could not make all days the same; "": it did
	Restarts    int64  `json:"restarts"`      // how often it was found to have been started anew, and was sent its last points again
	WholeOn     Date   `json:"whole_on"`      // the last date on which it had everything that streams have; "": it never had
	LostFrom    Date   `json:"lost_from"`     // the first date of the hours that it never got: they were deleted here before it took them; "": none were
	LostTo      Date   `json:"lost_to"`       // and the last
	Said        int64  `json:"said_s,string"` // when this was written, in seconds since 1970
	Asked       int64  `json:"asked"`         // how often a person asked for it to be tried again; written by those commands alone
}

// RefusedPoint is a point that a destination never takes, and why.
type RefusedPoint struct {
	ID          int64       `json:"id"`
	Destination string      `json:"destination"`
	On          Date        `json:"on"`
	Measurement Measurement `json:"measurement"`
	Point       string      `json:"point"` // in line protocol
	Reason      string      `json:"reason"`
}

// Lease is the right to do a job that only one collector does at a time.
type Lease struct {
	Job    string
	Holder string // drawn by each collector when it starts
	For    time.Duration
}

// Tombstone says that a machine was erased, by a number that grows.
type Tombstone struct {
	ID      int64
	Machine int64
}

// RunPoints are the points of a run of a website: its own, and those of its pages.
type RunPoints struct {
	Run    int64
	Points []Point
}
