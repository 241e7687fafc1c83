package power

import "slices"

// processors is the counters of the processor packages and of the memory outside them, however the system shows them.
type processors struct {
	method   Method
	cpu      cut
	left     []Left             // what is not counted
	suspects []*zone            // those of cpu that may show one counter
	kin      func(*zone) string // only zones of one kin may
	memory   func(*zone) bool   // whether a zone is memory
}

// Left is a counter that is there and not used, and why.
type Left struct{ Name, Why string }

// Zones are the names of the counters in the sum, such as package-0 and dram, or RAPL_Package0_PKG.
func (p *processors) Zones() []string { return slices.Sorted(slices.Values(p.cpu.names())) }

// Left are the counters that are there and not used, now.
func (p *processors) Left() []Left { return slices.Clone(p.left) }

func (p *processors) leave(name, why string) { p.left = append(p.left, Left{name, why}) }

// count is the energy of the processors. A counter that stands still is dead, and not a processor that uses nothing; memory
// without a counter behind its zone is left out.
func (p *processors) count(over Interval) (Figure, error) {
	if over.tells() {
		for _, gone := range p.cpu.unwired(p.memory) {
			p.drop(gone, "stands at zero")
		}
	}
	if err := p.cpu.advance(over); err != nil {
		return Figure{}, err
	}
	if err := p.leaveTwins(); err != nil {
		return Figure{}, err
	}
	used := p.cpu.sum()
	return Figure{
		Energy: used, Low: used - used*packageError/100, High: used + used*packageError/100,
		Method: p.method, Scope: ScopeCPU, Covered: over.Elapsed,
	}, nil
}

// drop takes a zone out of the sum.
func (p *processors) drop(z *zone, why string) {
	p.leave(z.name, why)
	p.cpu, p.suspects = p.cpu.without(z), without(p.suspects, z)
}

// leaveTwins leaves out the zones that show the counter of another: processors of several dies may show one counter under
// the name of each. It answers ErrTwins while that is not known.
func (p *processors) leaveTwins() error {
	twins, unsure := twinsAmong(p.suspects, p.kin)
	for _, t := range twins {
		p.drop(t.zone, "shows the counter of "+t.of.name)
	}
	if unsure {
		return ErrTwins
	}
	p.suspects = nil // who counts apart once is no twin later
	return nil
}
