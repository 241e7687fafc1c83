package collector

// Fleet is the machines of an organisation, counted. It tells of no machine by itself: its counts of machines of persons are shown to those only who
// may see single machines, and others get none.
type Fleet struct {
	On    Date        // on which they were counted
	Month Month       // the last with machine-months, of which SleepAfter, Methods, Shared and LowUse are; "": there is none
	Sites []SiteFleet // by number

	// Simulated tells that all machines that count in that month are simulated; false where there is none.
	Simulated bool
}

// SiteFleet is the machines of a site, counted.
type SiteFleet struct {
	Site       int64
	Machines   map[Use]int
	Silent     []Count // by how long ago they last spoke: "7" (in the last 7 days), "30", "90", "longer", in that order, each also where it has none
	Agents     []Count // by the version of their agent, the most first
	OS         []Count // by their system
	Classes    []Count // by the class of their chassis
	SleepAfter []Count // by the setting of the month: "never", "1-15", "16-30", "31-60", "longer", "" (not known), in that order, each also where it has none; without servers
	Methods    []Count // by the best way by which some of the energy of the month was obtained, in the order of Methods; "none" last
	Revoked    int
	Doubtful   int // may be an earlier machine installed anew
	Shared     int // shared machines of which half of the open time of the month or more is known
	LowUse     int // of Shared: those that were on, display off included, for less than a tenth of it
}

// Count is how many there are of something.
type Count struct {
	Of       string
	Machines int
}
