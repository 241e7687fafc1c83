package balance

import (
	"slices"

	"veille/collector/privacy"
)

// steady are the nodes below of two sides in the months that are used, without those that are not of the same machines in all of them as the whole
// is: all of its machines, or the shared ones alone where the whole is of those.
func steady(before, after []Account, below, belowAfter Told) (was, is Told) {
	was, is = below.only(in(monthsIn(before))), belowAfter.only(in(monthsIn(after)))
	hidden := slices.ContainsFunc(slices.Concat(before, after), func(a Account) bool { return a.HiddenMonths > 0 })
	for _, side := range []Told{was, is} {
		for node, all := range side.Children {
			if slices.ContainsFunc(all, func(a Account) bool { return a.HiddenMonths > 0 != hidden }) {
				delete(was.Children, node)
				delete(is.Children, node)
			}
		}
	}
	return was, is
}

// without are months of a whole without what its nodes have in parts of the day in which the other side has nothing of them.
func (b Book) without(months []Account, mine, theirs Told) (kept []Account) {
	for _, m := range months {
		m.Parts = slices.Clone(m.Parts)
		changed := false
		for _, node := range mine.sortedNodes() {
			all := mine.Children[node]
			for i := range all {
				if all[i].From == m.From {
					changed = m.takeOut(&all[i], theirs.Children[node]) || changed
				}
			}
		}
		if changed {
			m.reckon()
			b.value(&m)
		}
		if len(m.Parts) > 0 {
			kept = append(kept, m)
		}
	}
	return kept
}

// takeOut takes the parts of a node's month out of that of the whole in which the other side knows no energy of the node, and its machines where it
// knows none at all.
func (a *Account) takeOut(node *Account, other []Account) (changed bool) {
	all := true
	for _, p := range node.Parts {
		if coveredIn(other, p.Part) {
			all = false
			continue
		}
		changed = true
		i := slices.IndexFunc(a.Parts, func(x Part) bool { return x.Part == p.Part })
		if i < 0 {
			continue
		}
		if a.Parts[i] = a.Parts[i].less(p); a.Parts[i].hours() == 0 {
			a.Parts = slices.Delete(a.Parts, i, i+1)
		}
	}
	if changed && all {
		a.Machines, a.MachineDays = max(1, a.Machines-node.Machines), max(1, a.MachineDays-node.MachineDays)
	}
	return changed
}

// hours are all hours of machines in the part.
func (p *Part) hours() float64 { return p.On + p.DisplayOff + p.Sleep + p.Off + p.UnknownTime }

// less is what is left of a part; 0 where that is rounding.
func (p Part) less(o Part) Part {
	minus := func(x, y float64) float64 { return max(0, settle(x-y, x)) }
	p.On, p.DisplayOff, p.Sleep, p.Off = minus(p.On, o.On), minus(p.DisplayOff, o.DisplayOff), minus(p.Sleep, o.Sleep), minus(p.Off, o.Off)
	p.UnknownTime, p.Covered = minus(p.UnknownTime, o.UnknownTime), minus(p.Covered, o.Covered)
	if p.Covered == 0 {
		p.KWh = Range{}
		return p
	}
	value := minus(p.KWh.Value, o.KWh.Value)
	p.KWh = between(minus(p.KWh.Low, o.KWh.Low), value, minus(p.KWh.High, o.KWh.High))
	return p
}

// coveredHours are the hours of machines that the energy of months covers.
func coveredHours(months []Account) (sum float64) {
	for i := range months {
		sum += months[i].covered()
	}
	return sum
}

// sortedNodes are all nodes of one side, in one order: sums of numbers with a point depend on it in their last digits.
func (t Told) sortedNodes() []privacy.Node {
	nodes := make([]privacy.Node, 0, len(t.Children))
	for node := range t.Children {
		nodes = append(nodes, node)
	}
	slices.SortFunc(nodes, compareNodes)
	return nodes
}
