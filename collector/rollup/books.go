package rollup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"veille/collector"
)

// sheets are the cells of some dates while they are made. What one machine-day is in is made in one reading: to read it takes longer.
type sheets map[collector.Date]map[collector.Place]*collector.Cell

func newSheets(dates []collector.Date) sheets {
	s := sheets{}
	for _, date := range dates {
		s[date] = map[collector.Place]*collector.Cell{}
	}
	return s
}

// add adds the account of a machine to the cells of a date, if they are made.
func (s sheets) add(date collector.Date, a account) {
	cells, made := s[date]
	if !made {
		return
	}
	c := cells[a.Place]
	if c == nil {
		c = &collector.Cell{Date: date, Place: a.Place}
		cells[a.Place] = c
	}
	c.Machines++
	c.Top = max(c.Top, a.energy())
	a.addTo(&c.Sum)
}

// alone makes the cells of dates whose month is left as it is.
func (n *night) alone(ctx context.Context, dates []collector.Date, days sheets) error {
	return n.chunks(ctx, func(from, to int64) error {
		for _, date := range dates {
			if err := n.accounts(ctx, date, from, to, func(a account) { days.add(date, a) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// machineMonths makes the machine-months of a month from its dates, some machines at a time, and with them the cells of some of these.
func (n *night) machineMonths(ctx context.Context, month collector.Month, all []collector.Date, days sheets) error {
	return n.chunks(ctx, func(from, to int64) error {
		months := map[int64]*collector.MachineMonth{}
		for _, date := range all {
			err := n.accounts(ctx, date, from, to, func(a account) {
				days.add(date, a)
				m := months[a.machine]
				if m == nil {
					m = &collector.MachineMonth{Machine: a.machine, Month: month}
					months[a.machine] = m
				}
				m.Place = a.Place
				m.SleepAfter = cmp.Or(a.sleepAfter, m.SleepAfter)
				a.addTo(&m.Sum)
			})
			if err != nil {
				return err
			}
		}
		sorted := make([]collector.MachineMonth, 0, len(months))
		for _, machine := range slices.Sorted(maps.Keys(months)) {
			sorted = append(sorted, *months[machine])
		}
		if err := n.PutMonths(ctx, month, from, to, sorted); err != nil {
			return fmt.Errorf("keep the months of machines %d to %d: %w", from, to, err)
		}
		n.tell(Progress{"machines in " + string(month), int(min(to, n.extent.LastMachine)), int(n.extent.LastMachine)})
		return nil
	})
}

// inOrder is what there is of each place, in the order of places: the same roll-up is the same list.
func inOrder[T any](of map[collector.Place]*T) []T {
	list := make([]T, 0, len(of))
	for _, place := range slices.SortedFunc(maps.Keys(of), compare) {
		list = append(list, *of[place])
	}
	return list
}

// compare orders places.
func compare(a, b collector.Place) int {
	simulated := func(p collector.Place) int {
		if p.Simulated {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Use, b.Use),
		cmp.Compare(simulated(a), simulated(b)))
}
