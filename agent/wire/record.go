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

	// Acked is how many records of this machine the collector has said it had on disk, replacements included; see Answer.Before.
	// A collector that has fewer was restored from an older copy: it keeps nothing and answers 409 with Restored, and the agent
	// sends what is in its journal once more.
	Acked int64 `json:"acked,omitempty"`
}

// Restored is the body of a 409: the collector has fewer records of this machine than it once said.
type Restored struct {
	Before int64 `json:"before"` // how many it has
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
	Cost      *Cost   `json:"cost,omitempty"`      // what the agent itself took in this time; absent: not counted
	RoundedS  int     `json:"rounded_s,omitempty"` // about how many seconds its times are rounded to, at random; absent: told to the second
}

// Cost is what the agent itself took while it counted the record's time, and since its last record.
type Cost struct {
	CPUS          float64 `json:"cpu_s"`             // processor time, seconds
	Wakeups       int64   `json:"wakeups,omitempty"` // times that it was woken up; absent: the system does not tell
	SentBytes     int64   `json:"sent_bytes"`        // to the collector, encryption included
	ReceivedBytes int64   `json:"received_bytes"`    // from the collector, encryption included
	Dropped       int     `json:"dropped,omitempty"` // records that were given up because too many waited, or they were too old
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

	// Before is how many records of this machine the collector had put on disk before this batch, replacements included. It
	// only grows. Absent: the collector does not count.
	Before *int64 `json:"before,omitempty"`
}

// Enrolment asks for a machine's identity. The site's token travels in the Authorization header.
type Enrolment struct {
	Version    int    `json:"version"`     // Version
	InstallKey string `json:"install_key"` // 128 random bits made on the machine at its first enrolment, 32 hex digits
	Use        Use    `json:"use"`

	// Machine is what kind of machine asks, as its records will say: a machine that was installed anew is looked for among
	// the silent ones of its kind. Absent: not told.
	Machine *Machine `json:"machine,omitempty"`

	Personal bool `json:"personal,omitempty"` // the operator marked this machine as a person's own: the collector refuses it
}

// Credentials answers an enrolment.
type Credentials struct {
	Credential string       `json:"credential"`       // the machine's own password, sent as a bearer token with each batch
	Site       string       `json:"site"`             // name of the site the machine now belongs to
	PolicyKey  []byte       `json:"policy_key"`       // Ed25519 public key of the collector, which signs policies; base64 in JSON
	Policy     SignedPolicy `json:"policy"`           // in force at the site
	Silent     int          `json:"silent,omitempty"` // machines of this kind at the site that have been silent since before today: this one may be one of them, installed anew
}
