package fleet

import "veille/agent/wire"

// Day is what the agent of the i-th machine has to say of a date: nothing when it is not there; one record of the whole day for a
// machine of use individual; else one for each of its 24 hours, or 23, or 25, unless the plan wants whole days. What the records point
// at (hours, screens) is shared and not to be changed.
func (f *Fleet) Day(i int, date string) []wire.Record {
	d, ok := f.day(date)
	if !ok || i < 0 || i >= f.plan.Machines {
		return nil
	}
	u := f.unit(i)
	if !u.there(d) {
		return nil
	}
	w := writer{fleet: f, unit: u, day: d, true: f.trueTo(&u)}
	f.live(&w.life, &w.unit, d)
	today := &f.sites[u.site].days[d]
	size := today.length
	if u.use != individual && !f.plan.WholeDays {
		size = 3600
	}
	return w.records(today, size)
}

// writer makes the records of one day. What they hold is made in one piece each, and nothing else outlives it.
type writer struct {
	fleet    *Fleet
	unit     unit
	day      int
	life     life
	true     int64 // what the machine takes of what is typical of its class, per mille
	energies []wire.Energy
}

// trueTo is how much of the power of its class a machine takes, per mille.
func (f *Fleet) trueTo(u *unit) int64 {
	d := f.dice(forPower, u.index, 0)
	return int64(d.around(1000, 450))
}

// records cuts the day in slots of a size, in seconds.
func (w *writer) records(today *day, size int32) []wire.Record {
	n := int(today.length / size)
	records := make([]wire.Record, n)
	parts := make([]wire.Part, 0, n+len(today.spans))
	machine := w.fleet.kindOn(&w.unit, w.day)
	span, state := 0, 0
	for k := range records {
		r := &records[k]
		*r = wire.Record{
			Date: w.fleet.dates[w.day], LengthS: int(size), Use: useName(w.unit.use), Machine: machine, Simulated: true,
		}
		if n > 1 {
			r.Hour = &w.fleet.hours[k]
		}
		first := len(parts)
		for at, end := int32(k)*size, int32(k+1)*size; at < end; {
			until := min(end, today.spans[span].to, w.life.ends[state])
			name := partName(today.spans[span].part)
			p := first
			for p < len(parts) && parts[p].Part != name {
				p++
			}
			if p == len(parts) {
				parts = append(parts, wire.Part{Part: name})
			}
			spend(&parts[p], w.life.states[state], int(until-at))
			at = until
			if at == today.spans[span].to {
				span++
			}
			if at == w.life.ends[state] {
				state++
			}
		}
		r.Parts = parts[first:len(parts):len(parts)]
	}
	w.finish(records, len(parts))
	return records
}

func spend(p *wire.Part, state uint8, n int) {
	p.LengthS += n
	switch state {
	case on:
		p.Seconds.On += n
	case dark:
		p.Seconds.DisplayOff += n
	case asleep:
		p.Seconds.Sleep += n
	case off:
		p.Seconds.Off += n
	default:
		p.Seconds.Unknown += n
	}
}

// mostEnergies is how many energies a part can have: see energiesOf.
const mostEnergies = 5

// finish adds the energies and the agent's own cost, and rounds what is personal.
func (w *writer) finish(records []wire.Record, parts int) {
	w.energies = make([]wire.Energy, 0, parts*mostEnergies)
	costs := make([]wire.Cost, len(records))
	for k := range records {
		r := &records[k]
		awake := 0
		for p := range r.Parts {
			s := &r.Parts[p].Seconds
			awake += s.On + s.DisplayOff
			first := len(w.energies)
			w.energiesOf(s)
			r.Parts[p].Energy = w.energies[first:len(w.energies):len(w.energies)]
		}
		if awake > 0 {
			costs[k] = costOf(awake, r.LengthS)
			r.Cost = &costs[k]
		}
	}
	if w.unit.use == individual {
		d := w.fleet.dice(forRounding, w.unit.index, w.day)
		for k := range records {
			round(&records[k], &d)
		}
	}
}

// costOf is what an agent takes that samples once a minute and uploads once a day.
func costOf(awake, length int) wire.Cost {
	c := wire.Cost{CPUS: float64(awake/100) / 1000, Wakeups: int64(awake / 50)}
	if length > 3600 {
		c.SentBytes, c.ReceivedBytes = 2900, 4200
	}
	return c
}
