package uptime

import (
	"slices"
	"time"
)

// Source is the provider of an event in the System log of Windows.
type Source uint8

// The providers whose events say when the machine ran. Their order is that of sources.
const (
	OtherSource         Source = iota
	KernelPower                // Microsoft-Windows-Kernel-Power
	KernelBoot                 // Microsoft-Windows-Kernel-Boot
	KernelGeneral              // Microsoft-Windows-Kernel-General
	PowerTroubleshooter        // Microsoft-Windows-Power-Troubleshooter
	EventLog                   // EventLog
)

// sources are the names of the providers, in the order of the constants.
func sources() []string {
	return []string{
		"", "Microsoft-Windows-Kernel-Power", "Microsoft-Windows-Kernel-Boot", "Microsoft-Windows-Kernel-General",
		"Microsoft-Windows-Power-Troubleshooter", "EventLog",
	}
}

// Event is what is read of one event of the System log: who wrote it, its number, its time, and one number of its data. Its
// text, its computer and its user are never asked for.
type Event struct {
	Source Source
	ID     uint16
	Data   uint32 // BootType of Kernel-Boot 27, TargetState of Kernel-Power 42; else 0
	At     time.Time
}

// meaning is what an event says of the machine.
type meaning uint8

const (
	nothing   meaning = iota
	shuts             // Windows ends in order: Kernel-Power 109, Kernel-General 13, EventLog 6006
	sleeps            // Kernel-Power 42
	dozes             // Kernel-Power 506: Modern Standby begins
	rouses            // Kernel-Power 507: Modern Standby ends
	resumes           // Kernel-Power 107
	woken             // Power-Troubleshooter 1, after a resume; Kernel-General 1: the clock was set, as after a resume
	restores          // Kernel-Boot 27 with type 1 or 2: the kernel was read back from the disk
	boots             // Kernel-General 12, Kernel-Boot 27 with type 0
	unordered         // EventLog 6008: the end before this boot was not in order
)

const (
	fastStartup     = 1 // BootType of Kernel-Boot 27
	fromHibernation = 2 // BootType of Kernel-Boot 27
	targetHibernate = 5 // SYSTEM_POWER_STATE PowerSystemHibernate, TargetState of Kernel-Power 42
	targetShutdown  = 6 // PowerSystemShutdown
	targetSleep1    = 2 // PowerSystemSleeping1
	targetSleep3    = 4 // PowerSystemSleeping3
)

// means knows the events. Seen in public logs and manifests: 42 with TargetState, 506, 507 before 42 and again after the
// wake (kolide/launcher#1248), 27 with BootType. That 109 comes before a Fast Startup shut-down, and that 12, 13 and 6006 do
// not, is unverified, and nothing below depends on it alone.
func (e Event) means() meaning {
	type key struct {
		source Source
		id     uint16
	}
	switch (key{e.Source, e.ID}) {
	case key{KernelPower, 109}, key{KernelGeneral, 13}, key{EventLog, 6006}:
		return shuts
	case key{KernelPower, 42}:
		return sleeps
	case key{KernelPower, 506}:
		return dozes
	case key{KernelPower, 507}:
		return rouses
	case key{KernelPower, 107}:
		return resumes
	case key{PowerTroubleshooter, 1}, key{KernelGeneral, 1}:
		return woken
	case key{KernelGeneral, 12}:
		return boots
	case key{EventLog, 6008}:
		return unordered
	case key{KernelBoot, 27}:
		if e.Data == fastStartup || e.Data == fromHibernation {
			return restores
		}
		return boots
	}
	return nothing
}

// eventIDs are the numbers that mean something, of any provider.
func eventIDs() []int { return []int{1, 12, 13, 27, 42, 107, 109, 506, 507, 6006, 6008} }

const (
	// settling is how long after a resume or boot its other events still come.
	settling = 5 * time.Minute
	// stale is how close to the sleep before it a resume is dated when the clock was not set yet.
	stale = 3 * time.Second
)

// chronicle makes states of events, which it is told in the order of their times.
type chronicle struct {
	changes
	seen   time.Time // the last event
	away   bool      // nothing runs: since the change gone
	gone   int       // where the last time down is among the changes; -1 before the first
	ending bool      // Windows has said that it ends, since it last began
	target uint32    // of the last Kernel-Power 42

	restored time.Time // the kernel was last read back from the disk
}

// chronicleOf makes states of events. The first state is what the machine did before the first of them.
func chronicleOf(first State, begins time.Time, events []Event) *chronicle {
	c := &chronicle{gone: -1}
	c.set(begins, first)
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b Event) int { return a.At.Compare(b.At) })
	for _, e := range sorted {
		if m := e.means(); m != nothing {
			c.tell(m, e)
			c.seen = e.At
		}
	}
	return c
}

func (c *chronicle) tell(m meaning, e Event) {
	switch m {
	case shuts:
		c.leave(e.At, Off)
		c.ending = true
	case sleeps:
		c.target = e.Data
		to := Asleep
		if c.ending || e.Data == targetHibernate || e.Data == targetShutdown {
			to = Off
		}
		c.leave(e.At, to)
	case dozes:
		if !c.early(e.At) {
			c.begin(e.At, standby)
		}
	case rouses:
		if c.state() == standby || c.away && !c.early(e.At) {
			c.begin(e.At, On)
		}
	case resumes:
		if c.state() != On && !c.early(e.At) {
			c.begin(e.At, On)
		}
	case woken:
		if c.away && !c.early(e.At) && (!c.ending || e.At.Sub(c.changes[c.gone].at) >= settling) {
			c.begin(e.At, On)
		}
	case restores:
		c.restore(e)
	case boots:
		c.boot(e.At)
	case unordered:
		c.rename(e.At, Unknown)
	}
}

// leave is a state in which nothing runs. Windows says several times that it ends, and is down from the last of them.
func (c *chronicle) leave(at time.Time, to State) {
	if c.ending && c.away {
		c.changes = c.changes[:c.gone]
	}
	c.set(at, to)
	c.away, c.gone = true, len(c.changes)-1
}

// begin is a state in which the machine runs.
func (c *chronicle) begin(at time.Time, to State) {
	c.away, c.ending = false, false
	c.set(at, to)
}

// early tells whether what is dated here cannot be the end of the sleep: after a resume Windows writes events before it has
// set its clock, dated as the sleep itself [unverified]. The next event then ends it.
func (c *chronicle) early(at time.Time) bool {
	return c.away && at.Sub(c.changes[c.gone].at) < stale
}

// restore says that the kernel was on the disk: hibernation, or a shut-down with Fast Startup. Both are off. A machine that
// went to sleep and comes from the disk lost its mains in between, or hibernated without saying so: how long it did which is
// not known.
func (c *chronicle) restore(e Event) {
	early, was := c.early(e.At), Off
	c.restored = e.At
	if e.Data == fromHibernation && c.target >= targetSleep1 && c.target <= targetSleep3 {
		was = Unknown
	}
	c.rename(e.At, was)
	if c.state() != On && !early {
		c.begin(e.At, On)
	}
}

// boot begins anew. Where the end before was not in order, the time since the last event is unknown.
func (c *chronicle) boot(at time.Time) {
	switch s := c.state(); {
	case s == On && c.seen.Equal(c.changes[len(c.changes)-1].at) && at.Sub(c.seen) < settling:
		return // this boot has been told already
	case s != Off && !c.seen.IsZero():
		c.set(c.seen, Unknown)
	}
	c.target = 0
	c.begin(at, On)
}

// rename gives another state to the last time down: the one that lasts, or one that ended just before.
func (c *chronicle) rename(at time.Time, to State) {
	n := len(c.changes)
	if c.away || c.gone >= 0 && c.gone == n-2 && at.Sub(c.changes[n-1].at) < settling {
		c.changes[c.gone].to = to
	}
}
