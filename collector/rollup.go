package collector

import (
	"fmt"
	"time"
)

// Month is a civil month at a site, 2006-01. Months sort as strings do.
type Month string

// Month is the month that the date is in.
func (d Date) Month() Month { return Month(d[:min(len(d), len("2006-01"))]) }

// Dates are the first and the last date of the month.
func (m Month) Dates() (first, last Date, err error) {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return "", "", fmt.Errorf("%q is not a month like 2006-01: %w", m, err)
	}
	return DateOf(t), DateOf(t.AddDate(0, 1, -1)), nil
}

// Plus is the month so many after m, or before it where n is below 0; m itself where it is no month.
func (m Month) Plus(n int) Month {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return m
	}
	return DateOf(t.AddDate(0, n, 0)).Month()
}

// Group is a part of a site: a building, or a type of room. Groups are fixed: a machine is in one, or in none, and figures are asked
// by group and never by any other choice of machines.
type Group struct {
	ID   int64
	Site int64
	Kind string // building or room
	Name string
}

// Virtual is the class of machines that run on a hypervisor: the energy of its host has theirs in it, so they stand apart.
const Virtual = "virtual"

// Place is where in the tree of groups a machine was on a day: organisation, site, group, class; and how finely it may be described.
type Place struct {
	Site      int64
	Group     int64  // 0: none
	Class     string // of its chassis, or Virtual
	Use       Use
	Simulated bool
}

// MachineDay is what one machine did on one day.
type MachineDay struct {
	Machine int64 // what it is now, where it was installed anew since
	Date    Date
	Place
	Records []Record // of the whole day, or of its hours, or of both
}

// MachineMonth is what one machine did in one month: Sum.Days says on how many days it was heard of.
type MachineMonth struct {
	Machine    int64
	Month      Month
	Place             // on the last of those days
	SleepAfter string // as its last record that says so; "": none does
	Sum        Sum
}

// Cell is what the machines of one place did on one day.
type Cell struct {
	Date Date
	Place
	Machines int            // how many; each counts once
	Top      MilliWattHours // of the one that took most; the figure of scope machine
	Sum      Sum
}

// OpenMonth is a month of which an organisation has cells, and which is not fixed: nobody was shown anything of it.
type OpenMonth struct {
	Organisation int64
	Month        Month
	Sites        []int64 // of the organisation
}

// Extent says which machine-days a ledger has.
type Extent struct {
	Oldest, Newest Date  // "": it has none
	Closed         Date  // the cells of dates up to it, and the machine-months of months that have one, are final; "": none are
	LastMachine    int64 // the highest number that a machine has, or has had
}

// Horizon says what has served: what is before goes. An empty one lets everything stay.
type Horizon struct {
	MachineDays   Date // and the group-days of machines of persons, which nothing is told of but the months that were fixed; and points that destinations refused
	MachineMonths Month
	GroupDays     Date
	GroupMonths   Month // those that were fixed
	Quarantine    Date  // by the date of reception
	Entries       Date  // of the audit log
}

// Deleted is how many of each went.
type Deleted struct {
	MachineDays   int64 `json:"machine_days"`
	MachineMonths int64 `json:"machine_months"`
	GroupDays     int64 `json:"group_days"`
	GroupMonths   int64 `json:"group_months"`
	Quarantine    int64 `json:"quarantine"`
	RefusedPoints int64 `json:"refused_points"` // that destinations never took
	WebScores     int64 `json:"web_scores"`     // of pages, of before what days of groups are kept from
	Entries       int64 `json:"entries"`        // of the audit log
	Keys          int64 `json:"keys"`           // of users, useless since before that
	Users         int64 `json:"users"`          // removed before that
}

// Run is what one run of roll-up and retention did. It is kept for ever, and shown to whoever answers for the protection of data.
type Run struct {
	On           Date    `json:"on"`            // what the clock of the collector said
	Until        Date    `json:"until"`         // the date from which ages were counted; "": nothing could be deleted yet
	Refused      string  `json:"refused"`       // why nothing was deleted; "": what has served was
	Dates        int     `json:"dates"`         // rolled up
	Months       int     `json:"months"`        // rolled up
	ClosedDates  int     `json:"closed_dates"`  // changed after they were closed, and not rolled up
	ClosedMonths int     `json:"closed_months"` // with dates that changed, and not rolled up
	Fixed        int     `json:"fixed"`         // months of organisations whose figures are the same from now on
	Deleted      Deleted `json:"deleted"`
}
