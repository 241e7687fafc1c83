package collector

import "time"

// Stream is one kind of change that destinations follow, each at its own pace. Its numbers only grow.
type Stream string

// The streams.
const (
	StreamHours    Stream = "hours"    // hours of shared machines and servers
	StreamWebsites Stream = "websites" // runs of websites
	StreamMeters   Stream = "meters"   // posts of meters
	StreamErased   Stream = "erased"   // machines and websites that are gone: what is deleted
)

// Position is how far a destination has followed a stream. What is up to Settled it has had for long enough that it is on its disk; what lies
// between Settled and Acked it has acknowledged.
type Position struct {
	Acked, Settled int64
}

// RefusedPoint is a point that a destination never takes, and why.
type RefusedPoint struct {
	ID          int64       `json:"id"`
	Destination string      `json:"destination"`
	On          Date        `json:"on"` // of the refusal; of what is kept for days only, its own
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

// Gone is what a tombstone is of: the name of the tag by which points are found.
type Gone string

// What may be gone.
const (
	GoneMachine Gone = "machine" // it was erased, or became a person's: points of its hours
	GoneWebsite Gone = "website" // it was removed: its scores and those of its pages
)

// Tombstone says that everything that destinations have of something is to be deleted, by a number that grows. What the ledger has of it, as of a
// machine that was a person's and is shared again, is brought to them anew.
type Tombstone struct {
	ID     int64
	Gone   Gone
	Number int64 // of the machine or website
}

// RunPoints are the points of a run of a website: its own, and those of its pages.
type RunPoints struct {
	Run    int64
	Points []Point
}
