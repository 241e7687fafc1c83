package influx

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"veille/collector/store/wire"
)

const (
	harmless = 30 * time.Second // by which clocks may differ
	wavering = 5 * time.Second  // by which what is told does not change: a date is of whole seconds, and an answer takes its time
)

// clock is how far the clock of a server is ahead of ours, as the dates of its answers tell. Several goroutines may use it.
type clock struct {
	mutex sync.Mutex
	told  time.Duration
}

// look looks at the date of an answer, which was made between two moments of ours. An answer without one says nothing.
func (c *clock) look(date string, asked, answered time.Time) {
	there, err := http.ParseTime(date)
	if err != nil {
		return
	}
	ahead := time.Duration(0)
	if least := there.Sub(answered); least > 0 {
		ahead = least
	} else if most := there.Add(time.Second).Sub(asked); most < 0 {
		ahead = most
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if ahead == 0 || (ahead-c.told).Abs() >= wavering {
		c.told = ahead
	}
}

// ahead is how far that is; below 0: behind; 0 where it does no harm.
func (c *clock) ahead() time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.told.Abs() < harmless {
		return 0
	}
	return c.told
}

// aboutClock says which clock is how wrong, what that leads to, and what to do.
func (s *Store) aboutClock(ahead time.Duration) string {
	where, what := "ahead of", "InfluxDB lets points go that much before their time, and refuses those that come late"
	if ahead < 0 {
		where, what = "behind", "InfluxDB keeps points that much beyond their time"
	}
	return fmt.Sprintf("the clock of the server of InfluxDB at %s is %s %s the clock of this collector, so %s, and what reads there by its own clock asks for other hours: "+
		"compare both with the time (date -u), and let NTP set the one that is wrong (timedatectl set-ntp true); nothing is lost meanwhile, the ledger has everything",
		s.at(), wire.HowLong(ahead.Abs()), where, what)
}
