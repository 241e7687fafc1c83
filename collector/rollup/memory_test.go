package rollup

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"veille/collector"
)

var errBroken = errors.New("broken")

// key is what a row is kept under.
type key struct {
	date    collector.Date
	machine int64 // its own number
	place   collector.Place
}

// ownMonth is a month of an organisation.
type ownMonth struct {
	organisation int64
	month        collector.Month
}

// fixedMonth is what a month was when it was fixed.
type fixedMonth struct {
	on   collector.Date
	rows []collector.PlaceMonth
}

// organisationOf is the organisation of a site: sites 1 and 2 are of one, all others of another.
func organisationOf(site int64) int64 {
	if site <= 2 {
		return 1
	}
	return 2
}

// memory is a ledger in memory. It breaks when it is told to.
type memory struct {
	rows       map[key][]collector.Record
	replaced   map[int64]int64 // by a newer number
	last       int64
	stale      map[collector.Date]bool // whether it is being rolled up
	cells      map[collector.Date][]collector.Cell
	months     map[collector.Month]map[int64]collector.MachineMonth
	fixed      map[ownMonth]fixedMonth
	closed     collector.Date
	quarantine []collector.Date
	entries    []collector.Date
	runs       []collector.Run

	calls   int
	breakAt int    // the call that fails, from 1; 0: none
	after   bool   // it fails only when it has done its work
	meet    func() // called before each call does its work
	closing func(upTo collector.Date)
	fixing  func(of ownMonth, on collector.Date)
}

func newMemory() *memory {
	return &memory{
		rows: map[key][]collector.Record{}, replaced: map[int64]int64{}, stale: map[collector.Date]bool{}, cells: map[collector.Date][]collector.Cell{},
		months: map[collector.Month]map[int64]collector.MachineMonth{}, fixed: map[ownMonth]fixedMonth{},
	}
}

// call does the work of one call, or breaks before or after it.
func (m *memory) call(work func() error) error {
	m.calls++
	if m.meet != nil {
		m.meet()
	}
	if m.calls == m.breakAt && !m.after {
		return errBroken
	}
	err := work()
	if m.calls == m.breakAt && err == nil {
		return errBroken
	}
	return err
}

// now is what a machine is now.
func (m *memory) now(machine int64) int64 {
	for m.replaced[machine] != 0 {
		machine = m.replaced[machine]
	}
	return machine
}

// keep keeps a record, as the store does: one of the same date and hour is replaced where it covers more.
func (m *memory) keep(machine int64, place collector.Place, r collector.Record) {
	m.last = max(m.last, machine)
	at := key{r.Date, machine, place}
	for k, records := range m.rows {
		if k.date != r.Date || k.machine != machine {
			continue
		}
		for i, before := range records {
			if before.Hour != r.Hour {
				continue
			}
			if before.CoveredS() < r.CoveredS() {
				records = slices.Clone(records)
				records[i] = r
				m.rows[k] = records
				m.stale[r.Date] = false
			}
			return
		}
	}
	m.rows[at] = append(slices.Clone(m.rows[at]), r)
	slices.SortFunc(m.rows[at], func(a, b collector.Record) int { return cmp.Compare(a.Hour, b.Hour) })
	m.stale[r.Date] = false
}

// been is a machine's number, and all that it had before it was installed anew.
func (m *memory) been(machine int64) (all []int64) {
	for n := int64(1); n <= m.last; n++ {
		for is := n; is != 0; is = m.replaced[is] {
			if is == machine {
				all = append(all, n)
			}
		}
	}
	return all
}

// touch makes the dates stale that a machine has rows of, under whatever number.
func (m *memory) touch(machine int64) {
	been := m.been(machine)
	for k := range m.rows {
		if slices.Contains(been, k.machine) {
			m.stale[k.date] = false
		}
	}
}

// erase erases a machine, and answers the numbers that it had.
func (m *memory) erase(machine int64) []int64 {
	m.touch(machine)
	been := m.been(machine)
	maps.DeleteFunc(m.rows, func(k key, _ []collector.Record) bool { return slices.Contains(been, k.machine) })
	for _, n := range been {
		for _, months := range m.months {
			delete(months, n)
		}
		delete(m.replaced, n)
	}
	return been
}

func (m *memory) Extent(context.Context) (e collector.Extent, err error) {
	return e, m.call(func() error {
		e.Closed, e.LastMachine = m.closed, m.last
		for k := range m.rows {
			e.Newest = max(e.Newest, k.date)
			if e.Oldest == "" || k.date < e.Oldest {
				e.Oldest = k.date
			}
		}
		return nil
	})
}

func (m *memory) Stale(context.Context) (dates []collector.Date, err error) {
	return dates, m.call(func() error {
		for d := range m.stale {
			m.stale[d] = true
		}
		dates = slices.Sorted(maps.Keys(m.stale))
		return nil
	})
}

func (m *memory) BeginRollUp(ctx context.Context) (context.Context, error) { return ctx, nil }

func (m *memory) Rolled(_ context.Context, dates []collector.Date) error {
	return m.call(func() error {
		for _, d := range dates {
			if m.stale[d] {
				delete(m.stale, d)
			}
		}
		return nil
	})
}

func (m *memory) Days(_ context.Context, date collector.Date, from, to int64, yield func(collector.MachineDay) error) error {
	return m.call(func() error {
		var keys []key
		for k := range m.rows {
			if now := m.now(k.machine); k.date == date && from <= now && now <= to {
				keys = append(keys, k)
			}
		}
		slices.SortFunc(keys, func(a, b key) int {
			return cmp.Or(cmp.Compare(m.now(a.machine), m.now(b.machine)), cmp.Compare(a.machine, b.machine), compare(a.place, b.place))
		})
		for _, k := range keys {
			if err := yield(collector.MachineDay{Machine: m.now(k.machine), Date: date, Place: k.place, Records: m.rows[k]}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *memory) PutDay(_ context.Context, date collector.Date, cells []collector.Cell) error {
	return m.call(func() error {
		m.cells[date] = cells
		return nil
	})
}

func (m *memory) Cells(_ context.Context, date collector.Date, yield func(collector.Cell) error) error {
	return m.call(func() error {
		for _, c := range m.cells[date] {
			if err := yield(c); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *memory) PutMonths(_ context.Context, month collector.Month, from, to int64, months []collector.MachineMonth) error {
	return m.call(func() error {
		if m.months[month] == nil {
			m.months[month] = map[int64]collector.MachineMonth{}
		}
		maps.DeleteFunc(m.months[month], func(machine int64, _ collector.MachineMonth) bool { return from <= machine && machine <= to })
		for _, x := range months {
			m.months[month][x.Machine] = x
		}
		return nil
	})
}

func (m *memory) OpenMonths(context.Context) (open []collector.OpenMonth, err error) {
	return open, m.call(func() error {
		with := map[ownMonth]bool{}
		for date, cells := range m.cells {
			for _, c := range cells {
				with[ownMonth{organisationOf(c.Site), date.Month()}] = true
			}
		}
		for of := range with {
			if _, ok := m.fixed[of]; !ok {
				open = append(open, collector.OpenMonth{Organisation: of.organisation, Month: of.month, Sites: [][]int64{{1, 2}, {3, 4}}[of.organisation-1]})
			}
		}
		slices.SortFunc(open, func(a, b collector.OpenMonth) int {
			return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Organisation, b.Organisation))
		})
		return nil
	})
}

func (m *memory) Heard(_ context.Context, organisation int64, month collector.Month) (machines, heard int, err error) {
	return machines, heard, m.call(func() error {
		first, _, err := month.Dates()
		if err != nil {
			return err
		}
		t, err := parse(first)
		if err != nil {
			return err
		}
		had, later := map[int64]bool{}, map[int64]bool{}
		for at, months := range m.months {
			for machine, x := range months {
				switch {
				case at > month:
					later[machine] = true
				case at >= collector.DateOf(t.AddDate(0, -1, 0)).Month() && organisationOf(x.Site) == organisation && !x.Use.Hourly():
					had[machine] = true
				}
			}
		}
		for machine := range had {
			machines++
			heard += btoi(later[machine])
		}
		return nil
	})
}

func (m *memory) Fix(_ context.Context, organisation int64, month collector.Month, on collector.Date, rows []collector.PlaceMonth) error {
	return m.call(func() error {
		of := ownMonth{organisation, month}
		if _, ok := m.fixed[of]; ok {
			return collector.ErrExists
		}
		if m.fixing != nil {
			m.fixing(of, on)
		}
		m.fixed[of] = fixedMonth{on, rows}
		return nil
	})
}

func (m *memory) CloseBooks(_ context.Context, upTo collector.Date) error {
	return m.call(func() error {
		if m.closing != nil {
			m.closing(upTo)
		}
		m.closed = max(m.closed, upTo)
		return nil
	})
}

// clear deletes what is in m and too old, and counts it.
func clear[K comparable, V any](m map[K]V, old func(K) bool) (n int64) {
	before := len(m)
	maps.DeleteFunc(m, func(k K, _ V) bool { return old(k) })
	return int64(before - len(m))
}

func clearDates(list *[]collector.Date, limit collector.Date) int64 {
	before := len(*list)
	*list = slices.DeleteFunc(*list, func(d collector.Date) bool { return d < limit })
	return int64(before - len(*list))
}

func (m *memory) Finish(_ context.Context, run collector.Run, l collector.Horizon) (collector.Run, error) {
	return run, m.call(func() error {
		c := &run.Deleted
		c.MachineDays = clear(m.rows, func(k key) bool { return k.date < l.MachineDays })
		for month, months := range m.months {
			if month < l.MachineMonths {
				c.MachineMonths += int64(len(months))
				delete(m.months, month)
			}
		}
		for date, cells := range m.cells {
			m.cells[date] = slices.DeleteFunc(slices.Clone(cells), func(c collector.Cell) bool {
				return date < l.GroupDays || date < l.MachineDays && !c.Use.Hourly()
			})
			c.GroupDays += int64(len(cells) - len(m.cells[date]))
		}
		for of, x := range m.fixed {
			if of.month < l.GroupMonths {
				c.GroupMonths += int64(len(x.rows))
				delete(m.fixed, of)
			}
		}
		c.Quarantine, c.Entries = clearDates(&m.quarantine, l.Quarantine), clearDates(&m.entries, l.Entries)
		m.runs = append(m.runs, run)
		return nil
	})
}

func (m *memory) LastRun(context.Context) (run collector.Run, err error) {
	return run, m.call(func() error {
		if len(m.runs) > 0 {
			run = m.runs[len(m.runs)-1]
		}
		return nil
	})
}

// crowd keeps a record of each of n new machines of a place on a date.
func (m *memory) crowd(date collector.Date, n int, p collector.Place) {
	for range n {
		r := whole(1, 0, 0, 0)
		r.Date = date
		m.keep(m.last+1, p, r)
	}
}

func leaf(site, group int64, class string) collector.Place {
	return collector.Place{Site: site, Group: group, Class: class, Use: individual}
}
