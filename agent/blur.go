package agent

import (
	"math"
	"math/rand/v2"

	"veille/agent/wire"
)

// The record of a personal machine is rounded at random before it is sent. Told to the second, the time on in the night and in the open
// hours would say when somebody came who starts the machine before the site opens. The draw is made once, when the day is closed. It is
// as likely to go up as the distance says, so that sums over many machines and days are right on average (as statistical offices do
// it, "random rounding").
const (
	cellS     = 900 // seconds, about: a part is cut in equal cells
	stepWh    = 5.0 // of a whole machine, or of its screens
	stepCPUWh = 1.0
)

// blur rounds the record of a personal machine by the draw that belongs to its day. Seconds go in cells, and sum to their part as
// before; an energy follows the seconds that it covers, and goes in steps.
func blur(r wire.Record, draw uint64) wire.Record {
	random := rand.New(rand.NewPCG(draw, uint64(len(r.Parts)))) //nolint:gosec // it hides minutes, and is no key
	r.RoundedS = cellS
	parts := make([]wire.Part, len(r.Parts))
	for i, p := range r.Parts {
		parts[i] = blurPart(p, random)
	}
	r.Parts = parts
	if r.Cost != nil { // it follows the time on as well
		c := *r.Cost
		c.CPUS, c.Wakeups = round(c.CPUS, 1), (c.Wakeups+250)/500*500
		r.Cost = &c
	}
	return r
}

func blurPart(p wire.Part, random *rand.Rand) wire.Part {
	cells := max(1, (p.LengthS+cellS/2)/cellS)
	// round is one of the two borders of cells around n seconds, by the draw u.
	round := func(n int, u float64) int {
		cell := math.Floor(float64(n)*float64(cells)/float64(p.LengthS) + u)
		return int(min(cell, float64(cells))) * p.LengthS / cells
	}
	u, sum, border := random.Float64(), 0, 0
	s := &p.Seconds
	for _, state := range []*int{&s.Off, &s.Sleep, &s.DisplayOff, &s.On} {
		sum += *state
		next := round(sum, u)
		*state, border = next-border, next
	}
	s.Unknown = p.LengthS - border
	p.Energy = blurEnergies(p.Energy, random, func(n int) int { return round(n, u) })
	return p
}

// blurEnergies lays the time that the energies of each scope cover end to end as the states are laid, and rounds it by the same draw: it
// never covers more than is known.
func blurEnergies(all []wire.Energy, random *rand.Rand, round func(int) int) []wire.Energy {
	energies := make([]wire.Energy, 0, len(all))
	covered := map[string]int{}
	for _, e := range all {
		before := covered[e.Scope]
		covered[e.Scope] = before + e.CoveredS
		if e, ok := blurEnergy(e, round(before+e.CoveredS)-round(before), random.Float64()); ok {
			energies = append(energies, e)
		}
	}
	return energies
}

// blurEnergy is e over so many seconds instead of its own, in steps; nothing over no time. Its bounds are those of a step less and a step
// more than what was drawn: they hold what was true, and tell no more than the draw.
func blurEnergy(e wire.Energy, covered int, u float64) (wire.Energy, bool) {
	if covered == 0 || e.CoveredS == 0 {
		return e, false
	}
	step := stepWh
	if e.Scope == "cpu" {
		step = stepCPUWh
	}
	wh := e.Wh * float64(covered) / float64(e.CoveredS)
	drawn := step * math.Floor(wh/step+u)
	if e.Wh > 0 {
		e.LowWh = round(e.LowWh/e.Wh*max(0, drawn-step), 1)
		e.HighWh = max(drawn, min(round(e.HighWh/e.Wh*(drawn+step), 1), wire.MaxPower*float64(covered)/3600))
	}
	e.Wh, e.CoveredS = drawn, covered
	return e, true
}
