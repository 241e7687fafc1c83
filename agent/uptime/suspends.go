package uptime

import (
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// after completes a reading of the clocks with what the kernel says of its suspends, read in sys, the root of sysfs, and
// with what is carried over from last, the reading before it: the zero one when there is none.
//
// CLOCK_BOOTTIME goes on in suspend and in hibernation alike, but kernel/power counts suspends only (pm_suspend calls
// dpm_save_errno, hibernate does not: seen in 3.x, 5.x and 6.18). A gap in which the count stood still is a hibernation. One
// in which it moved is sleep, all of it: suspend-then-hibernate counts as sleep, as does a hibernation within one interval
// with a suspend. So does hybrid sleep, which is not counted but leaves its name in power/disk. Without the count (before
// Linux 5.4, or on a system without sysfs) a gap is sleep.
func (r Reading) after(last Reading, sys fs.FS) Reading {
	from := r.origin(last)
	r.Suspends, r.Counted = suspends(sys)
	r.Down, r.Standby = from.Down, from.Standby
	if gap := r.gap(from); gap >= shortest && r.Counted && from.Counted && r.Suspends == from.Suspends && !hybrid(sys) {
		r.Down += gap
	}
	return r
}

// origin is last, or the start of r's own boot when last is of another.
func (r Reading) origin(last Reading) Reading {
	if !last.Wall.IsZero() && sameBoot(last, r) {
		return last
	}
	return Reading{Wall: r.Wall.Add(-r.SinceBoot), Boot: r.Boot, Counted: true}
}

// gap is how much longer SinceBoot moved than Awake.
func (r Reading) gap(from Reading) time.Duration {
	return (r.SinceBoot - from.SinceBoot) - (r.Awake - from.Awake)
}

// suspends is how often the kernel tried to suspend since the boot; false when it does not say. Failures are counted too: a
// platform may sleep for hours and then report one.
func suspends(sys fs.FS) (int64, bool) {
	if sys == nil {
		return 0, false
	}
	total := int64(0)
	for _, name := range []string{"success", "fail"} {
		n, err := strconv.ParseInt(word(sys, "power/suspend_stats/"+name), 10, 64)
		if err != nil || n < 0 {
			return 0, false
		}
		total += n
	}
	return total, true
}

// hybrid tells whether hibernating leaves the machine suspended instead of switched off. It is asked after the fact: what
// hibernated last has chosen it.
func hybrid(sys fs.FS) bool { return strings.Contains(word(sys, "power/disk"), "[suspend]") }
