// Package burst posts like many agents, and checks what was acknowledged.
package burst

import (
	"crypto/x509"
	"errors"
	"time"

	"veille/agent/wire"
)

// Records are what a machine has to tell of a day. Days count back from the one on which the machines were enrolled: 1 is the
// day before. It answers the same each time it is asked, valid records of one date, at most one of each hour, or none.
type Records func(machine, day int) []wire.Record

// Kinds is how many machines' records are made. The record of another machine is that of machine modulo Kinds, with other
// seconds and energies.
const Kinds = 32

// deepest is how many days back a record is still sent: a collector takes those of 45 days, and the date changes while it is posted.
const deepest = 44

// largest is how many records one post carries at most, as of an agent.
const largest = 100

// Way says how a collector is reached.
type Way struct {
	Collector   string         // its address, https://host[:port] or http://host[:port]
	Roots       *x509.CertPool // authorities that vouch for it; nil: those of the system
	Connections int            // open at once, at most; at least 1
	KeepAlive   bool           // a connection serves one machine after the other, as behind a proxy; else each machine opens its own
	NewSessions bool           // each connection over TLS begins anew; else those after the first resume
	Timeout     time.Duration  // of one post and its answer; 0: 30 s

	Retries    int           // tries of one post after the first; 0: none
	FirstPause time.Duration // after a failure, before a random part is taken from it; it doubles. 0: 5 s, as an agent's
	Patience   time.Duration // without any answer, after which the rest is given up; 0: 3 minutes
}

// Pack is how a body is packed.
type Pack string

// The ways of packing.
const (
	Fastest Pack = "fastest" // gzip, level 1
	Stored  Pack = "stored"  // the form of gzip, nothing compressed: the collector unpacks, and we do not pack
	Plain   Pack = "none"    // no Content-Encoding
)

// Check is which machines are looked for in the store at the end.
type Check string

// The ways of checking.
const (
	All    Check = "all"
	Sample Check = "sample" // 1,000 machines, evenly
	None   Check = "none"
)

// Plan is what is posted.
type Plan struct {
	Machines int           // the first so many of those enrolled
	Days     int           // of each machine, all in one post, as fast as possible; 0: one record a post, from machine to machine
	Posts    int64         // of one record each; 0: no bound
	For      time.Duration // after which no other record is begun; 0: no bound
	Rate     float64       // posts of one record per second; 0: as fast as possible
	Pack     Pack
	Check    Check
	CPU      func() time.Duration // processor time of this program so far; nil: not told
}

// Defaults of a Way.
const (
	usualTimeout  = 30 * time.Second
	usualPause    = 5 * time.Second
	usualPatience = 3 * time.Minute
	longestPause  = time.Hour
)

// complete fills in what was left out.
func (w Way) complete() Way {
	w.Connections = max(1, w.Connections)
	for _, d := range []struct {
		set   *time.Duration
		usual time.Duration
	}{{&w.Timeout, usualTimeout}, {&w.FirstPause, usualPause}, {&w.Patience, usualPatience}} {
		if *d.set <= 0 {
			*d.set = d.usual
		}
	}
	return w
}

// ErrUnreachable is a collector that cannot be spoken to, or that refuses all that is said.
var ErrUnreachable = errors.New("the collector took nothing")

// Valid says what is wrong with the address, or nothing.
func (w Way) Valid() error {
	_, err := newTarget(w)
	return err
}
