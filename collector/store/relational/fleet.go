package relational

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"veille/collector"
)

// fleets are the fleets that were counted, by organisation: the last of each. They are kept in memory only.
type fleets struct {
	mu sync.Mutex
	of map[int64]*fleet
}

// fleet is the machines of one organisation, counted.
type fleet struct {
	mu      sync.Mutex // held while they are counted: who else asks waits, and does not count too
	counted collector.Fleet
}

func (f *fleets) get(organisation int64) *fleet {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[int64]*fleet{}
	}
	if f.of[organisation] == nil {
		f.of[organisation] = &fleet{}
	}
	return f.of[organisation]
}

// Fleet is the machines of an organisation, as they were counted today: see FleetOn. The date is that of this machine, in its zone.
func (s *Store) Fleet(ctx context.Context, organisation int64) (collector.Fleet, error) {
	return s.FleetOn(ctx, organisation, collector.DateOf(time.Now()))
}

// FleetOn is the machines of an organisation, counted on a date. They are counted once for a date, when somebody first asks, and kept in
// memory: what changes later that day is not told before the next date. Of several collectors with one ledger each counts for itself. It answers ErrNotFound where the organisation has no site.
//
// Machines that were revoked count as such and nowhere else, those that were replaced not at all. The settings, methods and low use of the month are
// those of machines that are neither, at the site where each was in that month. It takes about a second for fifty thousand machines.
func (s *Store) FleetOn(ctx context.Context, organisation int64, on collector.Date) (collector.Fleet, error) {
	sites, err := list(ctx, s.read, scanOne[int64], "SELECT id FROM site WHERE organisation = ? ORDER BY id", organisation)
	if err == nil && len(sites) == 0 {
		err = collector.ErrNotFound
	}
	if err != nil {
		return collector.Fleet{}, fmt.Errorf("count the machines of organisation %d: %w", organisation, err)
	}
	f := s.fleets.get(organisation)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counted.On != on {
		c := counting{store: s, organisation: organisation, on: on, good: map[int64]bool{}}
		counted, err := c.fleet(ctx, sites)
		if err != nil {
			return collector.Fleet{}, fmt.Errorf("count the machines of organisation %d: %w", organisation, err)
		}
		f.counted = counted
	}
	return copyOf(f.counted), nil
}

// copyOf is a fleet that its reader may change.
func copyOf(f collector.Fleet) collector.Fleet {
	f.Sites = slices.Clone(f.Sites)
	for i := range f.Sites {
		x := &f.Sites[i]
		x.Machines = maps.Clone(x.Machines)
		for _, counts := range []*[]collector.Count{&x.Silent, &x.Agents, &x.OS, &x.Classes, &x.SleepAfter, &x.Methods} {
			*counts = slices.Clone(*counts)
		}
	}
	return f
}

// counting is one count of the machines of an organisation.
type counting struct {
	store        *Store
	organisation int64
	on           collector.Date
	good         map[int64]bool // machines that were neither revoked nor replaced
	simulated    int            // of them in the month
	real         int            // the others in the month
}

// tally is how many machines of a site have what, while they are counted.
type tally struct {
	silent, agents, os, classes, sleep, methods map[string]int
	shared, lowUse                              int
}

func (c *counting) fleet(ctx context.Context, sites []int64) (collector.Fleet, error) {
	f := collector.Fleet{On: c.on}
	at := map[int64]*tally{}
	for _, site := range sites {
		t := &tally{silent: map[string]int{}, agents: map[string]int{}, os: map[string]int{}, classes: map[string]int{}, sleep: map[string]int{}, methods: map[string]int{}}
		x, err := c.site(ctx, site, t)
		if err != nil {
			return f, err
		}
		at[site] = t
		f.Sites = append(f.Sites, x)
	}
	month, err := c.lastMonth(ctx)
	if err != nil {
		return f, err
	}
	if month != 0 {
		f.Month = monthIn(month)
		err = c.store.eachMachineMonth(ctx, func(m collector.MachineMonth) { c.month(m, at[m.Site]) },
			"m.month = ? AND p.site IN (SELECT id FROM site WHERE organisation = ?)", month, c.organisation)
	}
	f.Simulated = c.simulated > 0 && c.real == 0
	for i := range f.Sites {
		x := &f.Sites[i]
		t := at[x.Site]
		x.Silent, x.Agents, x.OS, x.Classes = inWords(t.silent, silences()), mostFirst(t.agents), mostFirst(t.os), mostFirst(t.classes)
		x.Shared, x.LowUse = t.shared, t.lowUse
		if f.Month != "" {
			x.SleepAfter = inWords(t.sleep, delays())
			x.Methods = slices.DeleteFunc(inWords(t.methods, collector.Methods()), func(n collector.Count) bool { return n.Machines == 0 })
		}
	}
	return f, err
}

// site counts the machines of a site.
func (c *counting) site(ctx context.Context, site int64, t *tally) (x collector.SiteFleet, err error) {
	x = collector.SiteFleet{Site: site, Machines: map[collector.Use]int{}}
	machines, err := c.store.Machines(ctx, site)
	if err != nil {
		return x, err
	}
	for _, m := range machines {
		switch {
		case m.ReplacedBy != 0:
			continue
		case m.RevokedOn != "":
			x.Revoked++
			continue
		}
		if len(m.Doubtful) > 0 {
			x.Doubtful++
		}
		c.good[m.ID] = true
		x.Machines[m.Use]++
		t.agents[m.Kind.Agent]++
		t.os[m.Kind.OS]++
		t.classes[m.Kind.Class]++
		silence, err := silence(m.SeenOn, c.on)
		if err != nil {
			return x, fmt.Errorf("machine %d: %w", m.ID, err)
		}
		t.silent[silence]++
	}
	return x, nil
}

// lastMonth is the number of the last month of which the organisation has machine-months; 0: there is none.
func (c *counting) lastMonth(ctx context.Context) (month int64, err error) {
	err = c.store.read.QueryRowContext(ctx, `SELECT m.month FROM machine_month m WHERE m.place IN (SELECT p.id FROM place p JOIN site s ON s.id = p.site WHERE s.organisation = ?)
		ORDER BY m.month DESC LIMIT 1`, c.organisation).Scan(&month)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("find the last month: %w", err)
	}
	return month, nil
}

// month counts what a machine did in the month.
func (c *counting) month(m collector.MachineMonth, t *tally) {
	if !c.good[m.Machine] || t == nil { // of a site that was added meanwhile
		return
	}
	if m.Simulated {
		c.simulated++
	} else {
		c.real++
	}
	if m.Use != "server" {
		t.sleep[delay(m.SleepAfter)]++
	}
	if m.Use == "shared" {
		t.share(m.Sum)
	}
	best := len(collector.Methods()) - 1 // none
	for _, e := range m.Sum.Energy {
		if i := slices.Index(collector.Methods(), e.Method); e.Scope == "machine" && e.CoveredS > 0 && i >= 0 {
			best = min(best, i)
		}
	}
	t.methods[collector.Methods()[best]]++
}

// share counts a shared machine by how much of the open time it was on. One of which less than half of it is known is not counted.
func (t *tally) share(s collector.Sum) {
	for _, p := range s.Seconds {
		known := p.Length() - p.Unknown
		if p.Part != "open" || known <= 0 || 2*known < p.Length() {
			continue
		}
		t.shared++
		if 10*(p.On+p.DisplayOff) < known {
			t.lowUse++
		}
	}
}

// silences are the words for how long ago a machine last spoke.
func silences() []string { return []string{"7", "30", "90", "longer"} }

// silence is the word for how long before a date a machine last spoke. It speaks after midnight of the day before.
func silence(seen, on collector.Date) (string, error) {
	first, last, err := daysOf(seen, on)
	if err != nil {
		return "", err
	}
	for _, word := range silences() {
		if most, err := strconv.Atoi(word); err == nil && last-first <= int64(most) {
			return word, nil
		}
	}
	return "longer", nil
}

// delays are the words for how long an unused machine waits until it sleeps.
func delays() []string { return []string{"never", "1-15", "16-30", "31-60", "longer", ""} }

// delay is the word for a setting: minutes, or never; "" where it is not known, or is no setting.
func delay(setting string) string {
	if setting == "never" {
		return setting
	}
	minutes, err := strconv.Atoi(setting)
	switch {
	case err != nil || minutes < 1:
		return ""
	case minutes <= 15:
		return "1-15"
	case minutes <= 30:
		return "16-30"
	case minutes <= 60:
		return "31-60"
	}
	return "longer"
}

// inWords are the counts of all words of a list, in its order.
func inWords(of map[string]int, words []string) []collector.Count {
	all := make([]collector.Count, len(words))
	for i, word := range words {
		all[i] = collector.Count{Of: word, Machines: of[word]}
	}
	return all
}

// mostFirst are counts, those of the most machines first.
func mostFirst(of map[string]int) []collector.Count {
	all := make([]collector.Count, 0, len(of))
	for word, n := range of {
		all = append(all, collector.Count{Of: word, Machines: n})
	}
	slices.SortFunc(all, func(a, b collector.Count) int {
		return cmp.Or(cmp.Compare(b.Machines, a.Machines), cmp.Compare(a.Of, b.Of))
	})
	return all
}
