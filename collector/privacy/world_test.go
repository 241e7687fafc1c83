package privacy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"

	"veille/collector"
)

// stub has what it is given.
type stub struct {
	sites    []collector.Site
	groups   []collector.Group
	rows     []collector.PlaceMonth
	cells    []collector.Cell
	machines []collector.MachineMonth
	log      []collector.Entry
	broken   bool // the audit log
}

func (s *stub) Tree(_ context.Context, organisation int64) (sites []collector.Site, groups []collector.Group, err error) {
	for _, x := range s.sites {
		if x.Organisation == organisation {
			sites = append(sites, x)
			for _, g := range s.groups {
				if g.Site == x.ID {
					groups = append(groups, g)
				}
			}
		}
	}
	return sites, groups, nil
}

func (s *stub) Months(_ context.Context, organisation int64, from, to collector.Month) (rows []collector.PlaceMonth, err error) {
	for _, r := range s.rows {
		if r.Month >= from && r.Month <= to && slices.ContainsFunc(s.sites, func(x collector.Site) bool { return x.ID == r.Site && x.Organisation == organisation }) {
			rows = append(rows, r)
		}
	}
	rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows, nil
}

func (s *stub) Cells(context.Context, int64, collector.Date, collector.Date) iter.Seq2[collector.Cell, error] {
	return func(yield func(collector.Cell, error) bool) {
		for _, c := range s.cells {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (s *stub) MachineMonths(context.Context, int64, collector.Month) ([]collector.MachineMonth, error) {
	return s.machines, nil
}

func (s *stub) Log(_ context.Context, e collector.Entry) error {
	if s.broken {
		return errDisk
	}
	s.log = append(s.log, e)
	return nil
}

var errDisk = errors.New("disk full")

// fold makes rows of cells, as a roll-up does.
func fold(cells []collector.Cell) (rows []collector.PlaceMonth, err error) {
	type key struct {
		collector.Place
		month collector.Month
	}
	at := make(map[key]int)
	for _, c := range cells {
		k := key{c.Place, c.Date.Month()}
		i, found := at[k]
		if !found {
			i = len(rows)
			at[k] = i
			rows = append(rows, collector.PlaceMonth{Place: c.Place, Month: k.month})
		}
		if err := rows[i].Add(c); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// unknown is what an attacker wants to know: what the machines of one place did in one part of the days of one month.
type unknown struct {
	place collector.Place
	month int // of world.months
	part  string
}

// world is an organisation of which everything is known, to attack what is told of it.
type world struct {
	stub
	months   []collector.Month
	unknowns []unknown
	index    map[unknown]int
	machines []map[int]int64 // by unknown: days of each machine
	energies []map[int]int64 // by unknown: energy of scope machine of each machine, mWh
	workings []int64         // by unknown: energy of machines and displays
}

// newWorld makes up an organisation of at most three sites and ten places, its machines and two months of them. Sites close on days of
// their own, machines come and go and move to other places, some take much more than others, and some have no display.
func newWorld(r *rand.Rand) *world {
	w := &world{months: []collector.Month{"2026-03", "2026-04"}, index: make(map[unknown]int)}
	var places []collector.Place
	for site := range int64(1 + r.IntN(3)) {
		w.sites = append(w.sites, collector.Site{ID: site + 1, Organisation: 7})
		for group := range int64(1 + r.IntN(3)) {
			if group > 0 {
				w.groups = append(w.groups, collector.Group{ID: 10*site + group, Site: site + 1})
			}
			for _, class := range []string{"desktop", "laptop"}[:1+r.IntN(2)] {
				p := collector.Place{Site: site + 1, Class: class, Use: "individual"}
				if group > 0 {
					p.Group = 10*site + group
				}
				if len(places) < 10 {
					places = append(places, p)
				}
			}
		}
	}
	var machines []collector.Place // where each is
	for _, p := range places {
		for range sizes(r) {
			machines = append(machines, p)
		}
	}
	w.live(r, machines, places)
	for i := range w.unknowns { // what each is told by, whatever it is added to: a bit, in a field of its month
		u := w.unknowns[i]
		bit := int64(1) << i
		for j := range w.rows {
			if w.rows[j].Place != u.place || w.rows[j].Month != w.months[u.month] {
				continue
			}
			for k := range w.rows[j].Sum.Seconds {
				if s := &w.rows[j].Sum.Seconds[k]; s.Part == u.part {
					s.On, s.Sleep = 0, 0
					if i < 60 {
						s.On = bit
					} else {
						s.Sleep = int64(1) << (i - 60)
					}
				}
			}
		}
	}
	return w
}

// sizes is how many machines a place has: mostly few, around the thresholds.
func sizes(r *rand.Rand) int {
	return [...]int{0, 1, 1, 2, 3, 4, 4, 5, 5, 6, 8, 10, 11, 14, 25}[r.IntN(15)]
}

// live fills the world with the days of the machines.
func (w *world) live(r *rand.Rand, machines, places []collector.Place) {
	hours := make([]int64, len(machines)) // what each takes, at random far apart
	late := make([]int, len(machines))    // the day of April from which it is there
	for i := range machines {
		hours[i] = [...]int64{1, 90, 100, 110, 130, 150, 4000}[r.IntN(7)]
		if r.IntN(6) == 0 {
			late[i] = 1 + r.IntN(29)
		}
	}
	var cells []collector.Cell
	for m, month := range w.months {
		closed := make(map[int64]int) // by site: a day of the month that is a holiday there only
		for _, s := range w.sites {
			closed[s.ID] = r.IntN(60)
		}
		for day := 1; day <= 12; day++ { // a short month is enough
			today := make(map[collector.Place]*collector.Cell)
			for i := range machines {
				if m == 1 && day < late[i] || r.IntN(8) == 0 {
					continue
				}
				if r.IntN(80) == 0 { // it moves
					p := places[r.IntN(len(places))]
					machines[i] = p
				}
				p := machines[i]
				if today[p] == nil {
					today[p] = &collector.Cell{Date: collector.Date(fmt.Sprintf("%s-%02d", month, day)), Place: p}
				}
				w.book(r, today[p], unknown{place: p, month: m}, i, hours[i], partsOf(day, closed[p.Site]))
			}
			for _, p := range slices.SortedFunc(maps.Keys(today), func(a, b collector.Place) int { return leaf(a).compare(leaf(b)) }) {
				cells = append(cells, *today[p])
			}
		}
	}
	rows, err := fold(cells)
	if err != nil {
		panic(err)
	}
	w.rows = rows
}

// partsOf are the parts of a day of the month at a site that is closed on one day of its own.
func partsOf(day, closed int) []string {
	switch {
	case day == closed:
		return []string{"holiday"}
	case day%7 == 0:
		return []string{"weekend"}
	}
	return []string{"open", "night"}
}

// book adds a day of a machine to its cell, and to what is known of it.
func (w *world) book(r *rand.Rand, c *collector.Cell, u unknown, machine int, hour int64, parts []string) {
	var sum collector.Sum
	sum.Days = 1
	var top collector.MilliWattHours
	for _, part := range parts {
		u.part = part
		i, found := w.index[u]
		if !found {
			i = len(w.unknowns)
			w.index[u] = i
			w.unknowns = append(w.unknowns, u)
			w.machines, w.energies, w.workings = append(w.machines, map[int]int64{}), append(w.energies, map[int]int64{}), append(w.workings, 0)
		}
		e := hour + r.Int64N(5)
		method := [...]string{"battery", "model-class"}[machine%2]
		one := collector.Sum{
			Seconds: []collector.PartSum{{Part: part, On: 1, Off: 3600}},
			Energy:  []collector.EnergySum{{Part: part, Scope: "machine", Method: method, MWh: collector.MilliWattHours(e), CoveredS: 3600}},
		}
		w.workings[i] += e
		if machine%3 == 0 {
			one.Energy = append(one.Energy, collector.EnergySum{Part: part, Scope: "display", Method: "model-class", MWh: 7, CoveredS: 3600})
			w.workings[i] += 7
		}
		if machine%5 == 0 { // in scope machine already
			one.Energy = append(one.Energy, collector.EnergySum{Part: part, Scope: "cpu", Method: "rapl", MWh: 3, CoveredS: 3600})
		}
		sum.Add(one)
		top += collector.MilliWattHours(e)
		w.machines[i][machine]++
		w.energies[i][machine] += e
	}
	c.Machines++
	c.Top = max(c.Top, top)
	c.Sum.Add(sum)
}

// distinct is how many machines have a share in these unknowns, and the most that one of them has of their energy and of their days of
// machines, in percent.
func (w *world) distinct(of []bool) (n int, energy, days float64) {
	e, d := make(map[int]int64), make(map[int]int64)
	var allE, allD int64
	for i, in := range of {
		if !in {
			continue
		}
		for m, x := range w.energies[i] {
			e[m] += x
			allE += x
		}
		for m, x := range w.machines[i] {
			d[m] += x
			allD += x
		}
	}
	if len(d) == 0 {
		return 0, 0, 0
	}
	most := func(m map[int]int64) int64 { return slices.MaxFunc(slices.Collect(maps.Values(m)), cmp.Compare[int64]) }
	return len(d), 100 * float64(most(e)) / float64(allE), 100 * float64(most(d)) / float64(allD)
}
