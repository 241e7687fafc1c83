package collector

import "time"

// Delivery is how a destination is doing, for people.
type Delivery struct {
	Destination string   `json:"destination"`
	Behind      int64    `json:"behind"`       // changes that it does not have yet, to two digits, rounded up
	LagS        int64    `json:"lag_s"`        // for how many seconds something has been waiting for it; 0: nothing is
	Delivered   int64    `json:"delivered"`    // points it has acknowledged, those sent again included
	Refused     int64    `json:"refused"`      // points it never takes, kept in quarantine
	Stopped     bool     `json:"stopped"`      // nothing is sent until a person has done what Error says
	Error       string   `json:"error"`        // the last one, which may name hosts and databases; "": the last delivery went well
	Cause       Cause    `json:"cause"`        // what kind of thing Error tells of, for those who may not read it
	Advice      []string `json:"advice"`       // what should be set up otherwise there, though it takes points; each a sentence
	ComparedOn  Date     `json:"compared_on"`  // the last night in which everything was compared; "": none
	Differences int      `json:"differences"`  // days on which what streams bring was found to differ that night, and was sent again; each measurement has its own
	Still       int      `json:"still"`        // days on which anything differed still after that; each measurement has its own
	Comparison  string   `json:"comparison"`   // why that comparison could not make all days the same; "": it did
	Restarts    int64    `json:"restarts"`     // how often it was found to have been started anew, and was sent its last points again
	RestartedOn Date     `json:"restarted_on"` // when it was last; "": never
	WholeOn     Date     `json:"whole_on"`     // the last date on which it had everything that streams have; "": it never had
	LostFrom    Date     `json:"lost_from"`    // the first date of the hours that it never got: they were deleted here before it took them; "": none were
	LostTo      Date     `json:"lost_to"`      // and the last
	Said        int64    `json:"said_s"`       // when this was written, in seconds since 1970: once an hour at least while a collector delivers to it
	Asked       int64    `json:"asked"`        // how often a person asked for it to be tried again; written by those commands alone
}

// Cause is what kind of thing keeps points from a destination. It names nothing.
type Cause string

// The causes.
const (
	NoCause     Cause = ""            // nothing does
	Unreachable Cause = "unreachable" // there is no way to it, or it broke off
	Busy        Cause = "busy"        // it answers, and takes nothing now: it has too much to do, fails, or its disk is full
	Unready     Cause = "unready"     // a person has to do something there: its secret, a right, the database, its flags, its clock
	Refusing    Cause = "refusing"    // it refuses all points, or too many
	OwnLedger   Cause = "ledger"      // the collector could not read or write what it is to send
)

// Causes are all that there are.
func Causes() []Cause { return []Cause{Unreachable, Busy, Unready, Refusing, OwnLedger} }

// DeliveryState is the word for how a destination is doing, on pages, in commands and for programs.
type DeliveryState string

// The words.
const (
	Well       DeliveryState = "well"       // it has everything, or what it lacks is on its way
	Retrying   DeliveryState = "retrying"   // the last delivery failed, and is tried again by itself
	Late       DeliveryState = "late"       // something has been waiting for more than fifteen minutes
	Stopped    DeliveryState = "stopped"    // nothing is sent until a person has done something
	Unattended DeliveryState = "unattended" // no collector delivers to it: none that runs names it
)

// DeliveryStates are all that there are.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{Well, Retrying, Late, Stopped, Unattended}
}

const (
	lateAfter       = 15 * 60 // seconds: points are sent a few minutes after they came at most
	unattendedAfter = 3 * time.Hour
)

// ForgottenAfter is after which time a destination that no collector delivers to is forgotten, and all that was kept for it. It is longer than hours
// are kept, so what is named again later has none of a machine that was erased meanwhile.
const ForgottenAfter = 100 * 24 * time.Hour

// State is the word for how the destination is doing.
func (d Delivery) State(now time.Time) DeliveryState {
	switch {
	case d.Silent(now) > unattendedAfter:
		return Unattended
	case d.Stopped:
		return Stopped
	case d.LagS > lateAfter:
		return Late
	case d.Error != "":
		return Retrying
	}
	return Well
}

// Silent is for how long no collector has said how the destination is doing; 0 where none ever did.
func (d Delivery) Silent(now time.Time) time.Duration {
	if d.Said == 0 {
		return 0
	}
	return max(0, now.Sub(time.Unix(d.Said, 0)))
}

// Rounded is a number to two digits, rounded up: nobody is told when a single record came.
func Rounded(n int64) int64 {
	if n <= 0 {
		return 0
	}
	unit := int64(10)
	for n > 100*unit {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}
