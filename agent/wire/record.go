// Package wire is the record an agent posts: its types, its version, its validation.
package wire

// Version is the version of the record this package writes. A collector accepts every released version and answers
// 415 to a newer one. Fields are added, never renamed.
const Version = 1

// MaxRecords is how many records one batch may hold.
const MaxRecords = 1000

// RefusedHeader is in each answer by which a collector says that a message, as it is, can never be accepted. A 400 or 413
// without it comes from something between the agent and the collector, and the agent tries again.
const RefusedHeader = "Veille-Refused"

// Batch is what one POST carries.
type Batch struct {
	Version int      `json:"version"` // Version
	Records []Record `json:"records"` // 1 to MaxRecords, at most one of each date and hour
}

// Record is what one machine did in one day, or in one hour where the use class allows it. It holds no moment: a date,
// and durations. A record always describes its whole day or hour; seconds not accounted for, or not lived yet, are
// "unknown", so that a running hour can be posted again as it grows.
type Record struct {
	Date      string  `json:"date"`                // civil date at the site, 2006-01-02
	Hour      *int    `json:"hour,omitempty"`      // whole hours since the local midnight, 0 to 24 or so; absent: the whole day
	LengthS   int     `json:"length_s"`            // exact length: a day has 86400 s, 82800 or 90000 when the clocks change
	Use       Use     `json:"use"`                 // use class of the machine
	Machine   Machine `json:"machine"`             // what kind of machine it is
	Parts     []Part  `json:"parts"`               // the parts of the day met, at most one of each; they sum to LengthS
	History   bool    `json:"history,omitempty"`   // made at the agent's first start, from the system's own log of starts and sleeps
	Simulated bool    `json:"simulated,omitempty"` // made by veille-fleet, not by a machine
}

// Use says how finely a machine may be described.
type Use string

// The use classes. Individual is the default when nothing is known: one record a day, no hour.
const (
	Individual Use = "individual"
	Shared     Use = "shared"
	Server     Use = "server"
)

// Hourly tells whether a machine of this class may send a record per hour.
func (u Use) Hourly() bool { return u == Shared || u == Server }

// Machine is a kind of machine, in classes that identify nobody.
type Machine struct {
	Class      string   `json:"class"`                 // chassis class: notebook, desktop, mini, all-in-one, thin-client, server, unknown
	Virtual    bool     `json:"virtual,omitempty"`     // it runs on a hypervisor, whose own meters it cannot see
	Hypervisor bool     `json:"hypervisor,omitempty"`  // virtual machines run on it
	OS         string   `json:"os"`                    // linux, windows or darwin
	OSVersion  string   `json:"os_version,omitempty"`  // family and major version, such as "debian-12"
	OSEnd      string   `json:"os_end,omitempty"`      // date of the end of its support, 2006-01-02; absent: not known
	CPU        string   `json:"cpu,omitempty"`         // class of the processor, such as "intel-5-8": maker and range of processors
	RAM        string   `json:"ram,omitempty"`         // range of memory in GiB, such as "8-16"
	Screens    []string `json:"screens,omitempty"`     // of each: internal, or the range of its diagonal in inches: <23, 23-24, 25-27, 28-32, >32, unknown
	Product    string   `json:"product,omitempty"`     // maker and model, where the policy lists it: many machines are of it
	SleepAfter string   `json:"sleep_after,omitempty"` // minutes after which the system puts an unused machine to sleep, or never; absent: not known
	Agent      string   `json:"agent"`                 // version of the agent
}

// Part is one part of the day, and what was counted in it.
type Part struct {
	Part    string   `json:"part"`     // open, night (outside open hours on an open day), weekend or holiday
	LengthS int      `json:"length_s"` // seconds of this part in the day or hour
	Seconds Seconds  `json:"seconds"`  // they sum to LengthS
	Energy  []Energy `json:"energy"`   // at most one per scope and method; empty when nothing could be said
}

// Seconds is how long the machine was in each state.
type Seconds struct {
	On         int `json:"on"`          // display on, or its state not known
	DisplayOff int `json:"display_off"` // on, display dark
	Sleep      int `json:"sleep"`
	Off        int `json:"off"`     // hibernation included
	Unknown    int `json:"unknown"` // not accounted for; never counted as off
}

// Sum is the number of seconds in all states.
func (s Seconds) Sum() int { return s.On + s.DisplayOff + s.Sleep + s.Off + s.Unknown }

// Energy is an energy with its range, how it was obtained and how much of the time it covers. Energies of two scopes are
// never added.
type Energy struct {
	Wh       float64 `json:"wh"`
	LowWh    float64 `json:"low_wh"`
	HighWh   float64 `json:"high_wh"`
	Method   string  `json:"method"`    // plug, battery, psys, emi, rapl, rapl+model, model-declared, model-class or none
	Scope    string  `json:"scope"`     // machine, cpu or display
	CoveredS int     `json:"covered_s"` // seconds of the part that the figure covers
}

// CoveredS is the number of seconds of r in a known state. Of two records of one day or hour, the one that covers more
// seconds replaces the other.
func (r Record) CoveredS() int {
	n := 0
	for _, p := range r.Parts {
		n += p.Seconds.Sum() - p.Seconds.Unknown
	}
	return n
}

// Verdict is what became of one record of a batch.
type Verdict struct {
	Index  int    `json:"index"`            // of the record in the batch
	Status Status `json:"status"`           // what became of it
	Reason string `json:"reason,omitempty"` // why it was refused
}

// Status is the fate of a record.
type Status string

// The fates of a record. After each of them but Refused, the collector has the record's seconds on disk.
const (
	Stored   Status = "stored"   // first of its date and hour
	Replaced Status = "replaced" // it covers more seconds than the one kept until now
	Kept     Status = "kept"     // the one kept already covers as many seconds
	Refused  Status = "refused"  // it can never be accepted as it is
)

// Answer is the body of a 200 to a batch: one verdict per record, in order.
type Answer struct {
	Verdicts []Verdict `json:"verdicts"`
}

// Enrolment asks for a machine's identity. The site's token travels in the Authorization header.
type Enrolment struct {
	Version    int    `json:"version"`     // Version
	InstallKey string `json:"install_key"` // 128 random bits made on the machine at its first enrolment, 32 hex digits
	Use        Use    `json:"use"`
}

// Credentials answers an enrolment.
type Credentials struct {
	Credential string `json:"credential"` // the machine's own password, sent as a bearer token with each batch
	Site       string `json:"site"`       // name of the site the machine now belongs to
	Policy     Policy `json:"policy"`
}

// Policy is what the site asks of its agents: which part of the day a moment belongs to.
type Policy struct {
	TimeZone string      `json:"time_zone"`          // IANA name, such as Europe/Paris
	Open     []OpenHours `json:"open"`               // hours open to the public or to work; a weekday without any is weekend
	Holidays []string    `json:"holidays"`           // dates on which the site is closed, 2006-01-02
	Products []string    `json:"products,omitempty"` // makers and models that many machines of the organisation are, which may be named
}

// OpenHours is one stretch of open time, the same every week.
type OpenHours struct {
	Weekday int    `json:"weekday"` // 1 Monday to 7 Sunday
	From    string `json:"from"`    // 08:00
	To      string `json:"to"`      // 18:00, later than From; 24:00 is midnight
}
