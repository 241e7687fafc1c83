package privacy

import (
	"slices"

	"veille/collector"
)

// Mixed is the part that figures are of where parts of the day are not told apart.
const Mixed = collector.Mixed

// scopeMachine and scopeDisplay are the scopes that make up a workplace. A display of scopeDisplay is none of those in scopeMachine, and
// what is of scope cpu is in scopeMachine.
const (
	scopeMachine = "machine"
	scopeDisplay = "display"
)

// The places of parts in figures: those of collector.Parts, then mixed.
const (
	mixed  = 4
	places = mixed + 1
)

// labels say under which part each part of the day is shown: under itself, or mixed.
type labels [places]uint8

// label is where figures of a part are. It is a switch, because parts are looked up for every place.
func label(part string) int {
	switch part {
	case "open":
		return 0
	case "night":
		return 1
	case "weekend":
		return 2
	case "holiday":
		return 3
	}
	return mixed
}

// partOf is the word for a label.
func partOf(label int) string {
	if label < mixed {
		return collector.Parts()[label]
	}
	return Mixed
}

// identity is every part as it is.
func identity() (l labels) {
	for i := range l {
		l[i] = uint8(i)
	}
	return l
}

// mix decides which parts of the day are told apart. Not all machines of a rest have figures of all parts: sites close on days of their
// own, and three machines that were closed on one more day than all others would be alone in the holidays of their organisation. So in
// each rest a part is told apart only where k machines have it, and none most of its days. The others are mixed, with more of them
// until the same is true of the mixture: at the worst with all, and that is the rest itself.
//
// Each figure of a part is then a sum of such parts of rests, which have nothing in common, as decide says of figures of the whole.
func (t *tree) mix(p *pattern, a audience, within *pattern, without omissions) {
	for i := range t.rows {
		p.labels[i] = identity()
		if within != nil {
			p.labels[i] = within.labels[i]
		}
	}
	if without.mixing {
		return
	}
	rows := make([][]int, len(t.nodes))
	for i, v := range t.rests(p, a) {
		if v >= 0 {
			rows[v] = append(rows[v], i)
		}
	}
	for _, of := range rows {
		t.mixRest(p, of, a.k)
	}
}

// rests is the vertex in whose rest each row is; -1: in none.
func (t *tree) rests(p *pattern, a audience) []int {
	rest := slices.Repeat([]int{-1}, len(t.rows))
	for v := range t.nodes {
		if p.why[v] != "" || a.public && t.nodes[v].node.Level > OneSite {
			continue
		}
		for i := t.nodes[v].lo; i < t.nodes[v].hi; i++ {
			rest[i] = v // those below come later
		}
	}
	return rest
}

// mixRest mixes parts in the rest that is of these rows.
func (t *tree) mixRest(p *pattern, rows []int, k int) {
	var single [places]int         // how many machines have each label
	var together collector.PartSet // the labels that are mixed
	days := t.machines(p, rows)
	for l := range single {
		single[l] = int(slices.Max(days[l][:]))
		if l == mixed && single[l] > 0 || single[l] > 0 && (single[l] < k || crowded(&days[l])) {
			together |= 1 << l
		}
	}
	for together != 0 && !t.enough(p, rows, together, k) {
		next := -1
		for l, n := range single {
			if n > 0 && together&(1<<l) == 0 && (next < 0 || n < single[next]) {
				next = l
			}
		}
		if next < 0 {
			break // it is all of the rest
		}
		together |= 1 << next
	}
	for _, i := range rows {
		for part, l := range p.labels[i] {
			if together&(1<<l) != 0 {
				p.labels[i][part] = mixed
			}
		}
	}
}

// machines is how many machines of these rows have figures under each label, by day.
func (t *tree) machines(p *pattern, rows []int) (days [places][monthDays]int32) {
	for _, i := range rows {
		for d, day := range daysOf(t.rows[i]) {
			for l, under := range p.labels[i].sets() {
				if day.Parts&under != 0 {
					days[l][d] += day.Machines
				}
			}
		}
	}
	return days
}

// enough tells whether there are k machines in these rows that have figures under one of the labels, and not mostly days of one.
func (t *tree) enough(p *pattern, rows []int, wanted collector.PartSet, k int) bool {
	var days [monthDays]int32
	for _, i := range rows {
		var parts collector.PartSet
		for part, l := range p.labels[i] {
			if wanted&(1<<l) != 0 {
				parts |= 1 << part
			}
		}
		for d, day := range daysOf(t.rows[i]) {
			if day.Parts&parts != 0 {
				days[d] += day.Machines
			}
		}
	}
	return int(slices.Max(days[:])) >= k && !crowded(&days)
}

// sets are the parts that are shown under each label.
func (l labels) sets() (s [places]collector.PartSet) {
	for part, to := range l {
		s[to] |= 1 << part
	}
	return s
}
