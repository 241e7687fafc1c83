package privacy

import (
	"cmp"
	"slices"

	"veille/collector"
)

// Why is the reason for which a figure is not shown.
type Why string

// The reasons. "" is none.
const (
	TooFew    Why = "too few machines"
	Dominates Why = "one dominates" // one machine may have most of it; in public, or one site
	ToProtect Why = "to protect another"
	Above     Why = "what it is in is hidden"
)

// tree is what the machines of persons of an organisation did in one month. A node comes before those in it, and each has machines.
type tree struct {
	rows  []*collector.PlaceMonth // in the order of the leaves
	nodes []vertex
}

type vertex struct {
	node   Node
	parent int // -1: none
	kids   []int
	weight weight
	count  int // of its weight
	lo, hi int // its rows
}

// newTree is the tree of these rows, which are of one month and of machines of persons, all real or all simulated. Those of no machine
// are left out, whatever figures they have.
func newTree(rows []*collector.PlaceMonth) *tree {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, compareRows)
	t := &tree{rows: rows[:0], nodes: make([]vertex, 0, 2*len(rows)+4)}
	var path [OneClass + 1]int // the last vertex of each level
	for _, row := range rows {
		var w weight
		w.addMonth(row)
		if w.count() <= 0 {
			continue
		}
		place, above := leaf(row.Place), -1
		for level := range path {
			n := place.at(Level(level))
			if len(t.nodes) <= level || t.nodes[path[level]].node != n {
				path[level] = t.open(n, above)
			}
			above = path[level]
			t.nodes[above].weight.add(&w)
			t.nodes[above].hi = len(t.rows) + 1
		}
		t.rows = append(t.rows, row)
	}
	for v := range t.nodes {
		t.nodes[v].count = t.nodes[v].weight.count()
	}
	return t
}

// open adds the vertex of a node, whose rows begin with the next.
func (t *tree) open(n Node, parent int) int {
	v := len(t.nodes)
	t.nodes = append(t.nodes, vertex{node: n, parent: parent, lo: len(t.rows)})
	if parent >= 0 {
		t.nodes[parent].kids = append(t.nodes[parent].kids, v)
	}
	return v
}

// audience is to whom figures are shown.
type audience struct {
	k      int
	public bool // nothing below sites, and no site that has most of what several have
}

// pattern is which nodes are shown to an audience in one month, and how finely the parts of the day are told apart there.
type pattern struct {
	why    []Why    // by vertex; it is shown where it is ""
	labels []labels // by row
}

// decide says which nodes are shown. What is hidden in within stays hidden.
//
// A node is hidden when it is too small or dominated itself, and with it all that is in it. Where a shown node has hidden children, what
// is left of it without its shown children can be computed; so the smallest of these are hidden too until that rest is of two children
// or more, of k machines or more, and not dominated. At the worst all children are hidden, and the rest is the node itself.
//
// So the shown nodes are a tree with the same root, each with a rest; the rests have no place in common, and a shown node is the sum
// of the rests of the shown nodes in it, itself included. Whatever is computed from shown figures by adding and subtracting is then a
// combination of rests, and none is of fewer than k machines or within a hidden node. That an audience of larger k sees what another
// sees too, or less, makes the same true of both together.
func (t *tree) decide(a audience, within *pattern, without omissions) *pattern {
	p := &pattern{why: make([]Why, len(t.nodes)), labels: make([]labels, len(t.rows))}
	for v := len(t.nodes) - 1; v >= 0; v-- {
		p.why[v] = t.own(v, a)
		if within != nil {
			p.why[v] = cmp.Or(p.why[v], within.why[v])
		}
		if kids := t.kids(v, a); p.why[v] == "" && len(kids) == 1 {
			p.why[v] = p.why[kids[0]] // it is its only child
		}
	}
	for v := range t.nodes {
		switch {
		case p.why[v] != "":
			for _, kid := range t.kids(v, a) {
				p.why[kid] = cmp.Or(p.why[kid], Above)
			}
		case !without.complement:
			t.complement(p, v, a)
		}
	}
	t.mix(p, a, within, without)
	return p
}

// own is why the figures of a vertex are not shown, others left aside.
func (t *tree) own(v int, a audience) Why {
	x := &t.nodes[v]
	switch {
	case x.count < a.k:
		return TooFew
	case x.weight.dominated():
		return Dominates
	case a.public && x.node.Level < OneSite && t.ruled(t.kids(v, a), &x.weight):
		return Dominates
	}
	return ""
}

// ruled tells whether one of several sites has more than it should of the energy of all, or of the machines. One that stands alone is
// not among several.
func (t *tree) ruled(sites []int, all *weight) bool {
	return len(sites) > 1 && slices.ContainsFunc(sites, func(s int) bool {
		return exceeds(float64(t.nodes[s].weight.energy), float64(all.energy)) || exceeds(float64(t.nodes[s].count), float64(all.count()))
	})
}

// kids are the children of a vertex, as far down as the audience is shown any.
func (t *tree) kids(v int, a audience) []int {
	if a.public && t.nodes[v].node.Level == OneSite {
		return nil
	}
	return t.nodes[v].kids
}

// complement hides children of a shown vertex, the smallest first, until those that are hidden can be seen together.
func (t *tree) complement(p *pattern, v int, a audience) {
	var rest weight
	var hidden, candidates []int
	for _, kid := range t.kids(v, a) {
		if p.why[kid] == "" {
			candidates = append(candidates, kid)
			continue
		}
		hidden = append(hidden, kid)
		rest.add(&t.nodes[kid].weight)
	}
	if len(hidden) == 0 {
		return
	}
	slices.SortStableFunc(candidates, func(x, y int) int {
		return cmp.Or(cmp.Compare(t.nodes[x].count, t.nodes[y].count), cmp.Compare(t.nodes[x].weight.energy, t.nodes[y].weight.energy))
	})
	for _, kid := range candidates {
		if t.together(hidden, &rest, a) {
			return
		}
		p.why[kid] = ToProtect
		hidden = append(hidden, kid)
		rest.add(&t.nodes[kid].weight)
	}
}

// together tells whether the rest, which is of these vertices, may be seen.
func (t *tree) together(hidden []int, rest *weight, a audience) bool {
	if len(hidden) < 2 || rest.count() < a.k || rest.dominated() {
		return false
	}
	return !a.public || !t.ruled(hidden, rest)
}
