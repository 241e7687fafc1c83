package main

import (
	"context"
	"slices"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/rollup"
)

// mostMonths is how many months a simulation may touch.
const mostMonths = 128

// nights decides on which nights there is a roll-up. A month that may be fixed is fixed on the night on which it would be with one each
// night, because what comes later is not in it. So it counts which machines of persons were heard of, as the store does. Where it
// is wrong, a month is fixed some days late.
type nights struct {
	roller *rollup.Roller
	months []collector.Month           // in order
	fixed  map[collector.Month]bool    // or without any cell
	heard  [][mostMonths / 64]uint64   // by machine of a person: a bit for each month of which something was delivered; others have none
	month  []int                       // of each day
	as     func(who int) (machine int) // that an identity is to the store; -1: not a person's
}

func newNights(roller *rollup.Roller, dates []collector.Date, machines []planned) *nights {
	n := &nights{roller: roller, fixed: map[collector.Month]bool{}, heard: make([][mostMonths / 64]uint64, 2*len(machines))}
	for _, date := range dates {
		if m := date.Month(); len(n.months) == 0 || m != n.months[len(n.months)-1] {
			n.months = append(n.months, m)
		}
		n.month = append(n.month, len(n.months)-1)
	}
	n.as = func(who int) int {
		m := &machines[who%len(machines)]
		switch {
		case m.use != wire.Individual:
			return -1
		case m.isTold():
			return who % len(machines)
		}
		return who
	}
	return n
}

// hear counts what is delivered.
func (n *nights) hear(parcels []parcel) {
	for _, p := range parcels {
		if machine := n.as(p.who); machine >= 0 {
			m := n.month[p.of]
			n.heard[machine][m/64] |= 1 << (m % 64)
		}
	}
}

// has tells of which of the months from one to another, the last not included, something was heard of a machine.
func (n *nights) has(machine, from, to int) bool {
	for m := max(0, from); m < to; m++ {
		if n.heard[machine][m/64]&(1<<(m%64)) != 0 {
			return true
		}
	}
	return false
}

// fixes tells whether a month is to be fixed today.
func (n *nights) fixes(today collector.Date) bool {
	for i, month := range n.months {
		_, last, err := month.Dates()
		if err != nil || last >= today || n.fixed[month] {
			continue
		}
		machines, heard := 0, 0
		for machine := range n.heard {
			if n.has(machine, i-1, i+1) {
				machines++
				if n.has(machine, i+1, len(n.months)) {
					heard++
				}
			}
		}
		if is, err := privacy.Closes(month, today, machines, heard); err == nil && is {
			return true
		}
	}
	return false
}

// run is what a collector does at night. open are the months that are not fixed.
func (n *nights) run(ctx context.Context, today collector.Date, open func(context.Context) ([]collector.OpenMonth, error)) (collector.Run, error) {
	run, err := n.roller.Run(ctx, today, rollup.Options{})
	if err != nil {
		return run, err
	}
	left, err := open(ctx)
	if err != nil {
		return run, err
	}
	for _, month := range n.months {
		if month < today.Month() && !slices.ContainsFunc(left, func(o collector.OpenMonth) bool { return o.Month == month }) {
			n.fixed[month] = true
		}
	}
	return run, nil
}
