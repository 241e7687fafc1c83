// Package fleet lives the days of machines that do not exist.
//
// Nothing here is measured: the shares, chances and hours are plausible, ours, and written where they are used. The powers are
// those of the agent's own classes (docs/method.md).
package fleet

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"veille/agent/wire"
)

// Plan says what fleet to make. The same plan makes the same fleet, to the byte, on every system: everything is drawn from the
// seed, the machine and the date with whole numbers, and no draw depends on another that was made before. Two plans that differ in
// their actions only make the same people, rooms and faults.
type Plan struct {
	Seed     uint64
	Machines int      // 1 or more
	Sites    int      // 1 or more; each twelfth is an office, each fortieth a library, the others are schools
	From, To string   // first and last date that is lived, 2006-01-02
	TimeZone string   // IANA name; "": Europe/Paris. Its days must have 23, 24 or 25 hours. The public holidays are those of metropolitan France anywhere
	Zones    []string // school zones, A, B or C, dealt to the sites in turn; none: all three
	Shares   Shares   // of the uses; zero: Region
	Actions  []Action // in order of time: the later one decides

	// WholeDays makes shared machines and servers send one record a day as well, instead of one an hour. It sums to the same seconds.
	WholeDays bool
}

// Shares are how many of a hundred machines have each use. They sum to 100.
type Shares struct{ Shared, Individual, Server int }

// Region is the mix of a French Region that looks after its lycées: classrooms, staff, and what serves both. It is a guess of
// ours, not a statistic.
func Region() Shares { return Shares{Shared: 62, Individual: 35, Server: 3} }

// Action is a change that somebody made, so that there is a before and an after: from a date, some share of the machines are put
// to sleep when nobody uses them. A twentieth of all machines never sleeps, whatever its setting: something keeps it awake.
type Action struct {
	From       string   // 2006-01-02
	Share      float64  // of the machines that it is for, 0 to 1
	Use        wire.Use // those of this use; "": all but servers
	Sites      []int    // those of these sites; none: all
	SleepAfter int      // minutes without use, 1 to 999; 0: never
}

// MaxDays is how many days a plan may have.
const MaxDays = 3660

// before and after are how many days the tables go beyond the plan: back to the last open day before a summer, and on to the day on
// which the last record is delivered.
const before, after = 70, 40

// Fleet is the machines of a plan. It takes some kilobytes for each site and for each year of each kind of calendar, and nothing for a
// machine or a day. It does not change, and any number of goroutines may ask it.
type Fleet struct {
	plan    Plan
	days    int      // in the tables; the plan's are before to days-after-1
	dates   []string // of the tables' days
	epoch   int      // of the first day of the tables, in days since 1970
	hours   [26]int  // what Record.Hour points at
	sites   []site
	actions []action
	kinds   []kind
	agents  []string // versions of the agent, the later the newer
}

// action is an Action in terms of the tables.
type action struct {
	Action
	from    int    // day
	chance  uint64 // of 1<<32
	setting string // as records say it
}

// New makes the fleet of a plan, or says why there is none.
func New(p Plan) (*Fleet, error) {
	p.TimeZone = orElse(p.TimeZone, "Europe/Paris")
	if p.Shares == (Shares{}) {
		p.Shares = Region()
	}
	if len(p.Zones) == 0 {
		p.Zones = []string{"A", "B", "C"}
	}
	p.Zones, p.Actions = slices.Clone(p.Zones), slices.Clone(p.Actions)
	from, to, err := p.validate()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", p.TimeZone, err)
	}
	f := &Fleet{plan: p, kinds: kinds(), epoch: from - before, days: to - from + 1 + before + after}
	for h := range f.hours {
		f.hours[h] = h
	}
	for d := range f.days {
		f.dates = append(f.dates, dateOf(f.epoch+d))
	}
	if f.sites, err = newSites(f, zone); err != nil {
		return nil, err
	}
	for _, a := range p.Actions {
		on, err := dayOf(a.From)
		if err != nil {
			return nil, err
		}
		setting := "never"
		if a.SleepAfter > 0 {
			setting = strconv.Itoa(a.SleepAfter)
		}
		f.actions = append(f.actions, action{a, on - f.epoch, uint64(a.Share * (1 << 32)), setting})
	}
	f.agents = versions((f.epoch + f.days - versionsFrom) / versionEvery)
	return f, nil
}

// validate says why p is no plan. The days are counted since 1970.
func (p Plan) validate() (from, to int, err error) {
	if from, err = dayOf(p.From); err != nil {
		return 0, 0, err
	}
	if to, err = dayOf(p.To); err != nil {
		return 0, 0, err
	}
	s := p.Shares
	switch {
	case p.Machines < 1 || p.Sites < 1 || p.Sites > p.Machines:
		return 0, 0, fmt.Errorf("%d machines at %d sites: give at least one site, and a machine for each", p.Machines, p.Sites)
	case to < from || to-from >= MaxDays:
		return 0, 0, fmt.Errorf("%s to %s is not 1 to %d days", p.From, p.To, MaxDays)
	case min(s.Shared, s.Individual, s.Server) < 0 || s.Shared+s.Individual+s.Server != 100:
		return 0, 0, fmt.Errorf("shares of %d, %d and %d do not sum to 100", s.Shared, s.Individual, s.Server)
	}
	for _, z := range p.Zones {
		if z != "A" && z != "B" && z != "C" {
			return 0, 0, fmt.Errorf("%q is no school zone; these are: A, B, C", z)
		}
	}
	last := ""
	for _, a := range p.Actions {
		if err := a.validate(p.Sites); err != nil {
			return 0, 0, fmt.Errorf("action of %s: %w", a.From, err)
		}
		if a.From < last {
			return 0, 0, errors.New("the actions are not in order of time")
		}
		last = a.From
	}
	return from, to, nil
}

func (a Action) validate(sites int) error {
	if _, err := dayOf(a.From); err != nil {
		return err
	}
	switch {
	case !(a.Share >= 0 && a.Share <= 1):
		return fmt.Errorf("a share of %v is not from 0 to 1", a.Share)
	case a.SleepAfter < 0 || a.SleepAfter > 999:
		return fmt.Errorf("%d minutes are not from 0 to 999", a.SleepAfter)
	case a.Use != "" && a.Use != wire.Individual && !a.Use.Hourly():
		return fmt.Errorf("use %q is none of individual, shared, server", a.Use)
	}
	for _, s := range a.Sites {
		if s < 0 || s >= sites {
			return fmt.Errorf("site %d is not from 0 to %d", s, sites-1)
		}
	}
	return nil
}

// Machines is how many machines there are, those that come later and those that go included.
func (f *Fleet) Machines() int { return f.plan.Machines }

// Dates are the dates of the plan, in order.
func (f *Fleet) Dates() []string { return slices.Clone(f.dates[before : f.days-after]) }

// day is the place of a date in the tables, if it is one of the plan's.
func (f *Fleet) day(date string) (int, bool) {
	n, err := dayOf(date)
	d := n - f.epoch
	return d, err == nil && d >= before && d < f.days-after
}

const secondsPerDay = 86_400

// dayOf is a date in days since 1970.
func dayOf(date string) (int, error) {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil || t.Year() < 1971 || t.Year() > 2198 {
		return 0, fmt.Errorf("%q is not a date like 2006-01-02", date)
	}
	return int(t.Unix() / secondsPerDay), nil
}

// dateOf is the date so many days after 1970-01-01.
func dateOf(day int) string {
	return time.Unix(int64(day)*secondsPerDay, 0).UTC().Format(time.DateOnly)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Versions of the agent come out every versionEvery days after versionsFrom (2025-01-01), in days since 1970. They are invented.
const versionsFrom, versionEvery = 20_089, 75

// versions are those up to the n-th after the first.
func versions(n int) []string {
	all := []string{"v0.1.0"}
	for i := 1; i <= n; i++ {
		all = append(all, fmt.Sprintf("v0.%d.0", i+1))
	}
	return all
}
