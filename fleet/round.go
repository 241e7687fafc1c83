package fleet

import "veille/agent/wire"

// The record of a personal machine is rounded at random, in the same cells and steps as the agent rounds it (agent/blur.go).
const (
	cellS        = 900
	stepUnits    = 5 * unitsPerWh // of a machine, or of its screens
	stepCPUUnits = 1 * unitsPerWh
)

// round rounds a record by the next draws.
func round(r *wire.Record, d *dice) {
	r.RoundedS = cellS
	for i := range r.Parts {
		roundPart(&r.Parts[i], d)
	}
	if c := r.Cost; c != nil {
		c.CPUS = float64(int64(float64(c.CPUS*10)+.5)) / 10
		c.Wakeups = (c.Wakeups + 250) / 500 * 500
	}
}

// grid is the cells of a part, and where they begin: a draw of 1<<16.
type grid struct{ length, cells, draw int64 }

// border is one of the two borders of cells around n seconds.
func (g grid) border(n int64) int64 {
	cell := (n*g.cells<<16 + g.draw*g.length) / (g.length << 16)
	return min(cell, g.cells) * g.length / g.cells
}

func roundPart(p *wire.Part, d *dice) {
	g := grid{int64(p.LengthS), int64(max(1, (p.LengthS+cellS/2)/cellS)), int64(d.below(1 << 16))}
	s := &p.Seconds
	sum, last := int64(0), int64(0)
	for _, state := range [...]*int{&s.Off, &s.Sleep, &s.DisplayOff, &s.On} {
		sum += int64(*state)
		next := g.border(sum)
		*state, last = int(next-last), next
	}
	s.Unknown = p.LengthS - int(last)
	kept := p.Energy[:0]
	covered := [3]int64{}
	for _, e := range p.Energy {
		c := &covered[scopeIndex(e.Scope)]
		from := g.border(*c)
		*c += int64(e.CoveredS)
		if n := g.border(*c) - from; n > 0 {
			kept = append(kept, roundEnergy(e, n, d))
		}
	}
	p.Energy = kept
}

func scopeIndex(scope string) int {
	switch scope {
	case "machine":
		return 0
	case "cpu":
		return 1
	}
	return 2
}

// roundEnergy is an energy over so many seconds instead of its own, in steps. Its bounds are those of a step less and a step more.
func roundEnergy(e wire.Energy, covered int64, d *dice) wire.Energy {
	step := int64(stepUnits)
	if e.Scope == "cpu" {
		step = stepCPUUnits
	}
	mid, low, high := units(e.Wh), units(e.LowWh), units(e.HighWh)
	drawn := (mid*covered/int64(e.CoveredS) + int64(d.below(int(step)))) / step * step
	if mid > 0 {
		e.LowWh = tenths(low * max(0, drawn-step) / mid)
		e.HighWh = max(float64(drawn)/unitsPerWh, tenths(high*(drawn+step)/mid))
	}
	e.Wh, e.CoveredS = float64(drawn)/unitsPerWh, int(covered)
	return e
}

// tenths are units in watt-hours, to a tenth.
func tenths(units int64) float64 { return float64((units+unitsPerWh/20)/(unitsPerWh/10)) / 10 }
