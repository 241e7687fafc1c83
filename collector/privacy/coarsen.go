package privacy

import (
	"slices"

	"veille/collector"
)

// Coarsen makes of the rows of one organisation and month, which are of cells, those that are kept when it is fixed. Rows of shared
// machines and servers stay as they are. Those of machines of persons become what may be told of them, a row for each node that had
// machines, real and simulated ones apart: whether it is shown, and why not; how many machines it had where it is shown; and what is
// left of it without its shown children. All else is left out: figures of hidden nodes, of days, of methods, of displays, and of parts of
// the day that are mixed.
//
// Each of these rests is what somebody who may ask for all of the organisation gets by subtraction: so whoever reads the rows learns no
// more than that, and decide says why each rest is of Inside machines or more.
func Coarsen(rows []collector.PlaceMonth) []collector.PlaceMonth { return coarsen(rows, omissions{}) }

func coarsen(rows []collector.PlaceMonth, without omissions) (all []collector.PlaceMonth) {
	var real, simulated []*collector.PlaceMonth
	for i := range rows {
		switch r := &rows[i]; {
		case !raw(r):
			all = append(all, *r)
		default:
			if r.Class == collector.AllClasses { // a machine that says so of itself
				other := *r
				other.Class = ""
				r = &other
			}
			if r.Simulated {
				simulated = append(simulated, r)
			} else {
				real = append(real, r)
			}
		}
	}
	return slices.Concat(all, tell(real, without), tell(simulated, without))
}

// individual is the use of what is told of machines of persons, also of those whose use was not known.
const individual collector.Use = "individual"

// raw tells whether a row is of cells of machines of persons.
func raw(r *collector.PlaceMonth) bool { return protected(r.Use) && r.Told == nil }

// toTell is the rows of a month as they are kept. A ledger that has cells of persons is given no more trust than one that has none: the
// answers are the same.
func toTell(rows []*collector.PlaceMonth, without omissions) (all []*collector.PlaceMonth) {
	if !slices.ContainsFunc(rows, raw) {
		return rows
	}
	list := make([]collector.PlaceMonth, 0, len(rows))
	for _, r := range rows {
		list = append(list, *r)
	}
	list = coarsen(list, without)
	for i := range list {
		all = append(all, &list[i])
	}
	return all
}

// tell makes the rows that are kept of these, which are of machines of persons, all real or all simulated.
func tell(rows []*collector.PlaceMonth, without omissions) []collector.PlaceMonth {
	if len(rows) == 0 {
		return nil
	}
	t, site := newTree(rows), rows[0].Site
	for _, r := range rows {
		site = min(site, r.Site)
	}
	row := func(n Node, told collector.Told) collector.PlaceMonth {
		return collector.PlaceMonth{Place: placeOf(n, site, rows[0].Simulated), Month: rows[0].Month, Told: &told}
	}
	if len(t.nodes) == 0 {
		return []collector.PlaceMonth{row(Node{}, collector.Told{Inside: nobody, Public: nobody})}
	}
	inside := t.decide(audience{k: Inside}, nil, without)
	public := t.decide(audience{k: Public, public: true}, inside, without)
	all := make([]collector.PlaceMonth, len(t.nodes))
	for v := range t.nodes {
		x := &t.nodes[v]
		told := collector.Told{Inside: code(inside.why[v]), Public: code(public.why[v])}
		if x.node.Level > OneSite {
			told.Public = code(Above)
		}
		if told.Inside == 0 {
			told.Machines = int32(x.count)
		}
		all[v] = row(x.node, told)
	}
	rests := make([]Total, len(t.nodes))
	for i, v := range t.rests(inside, audience{k: Inside}) {
		if v >= 0 {
			rests[v].add(&t.rows[i].Sum, inside.labels[i])
			all[v].Told.Mixed = mixedBetween(inside.labels[i], public.labels[i])
		}
	}
	for v := range rests {
		if len(rests[v].Parts) > 0 {
			all[v].Sum = rests[v].sum(t.methods(v))
		}
	}
	return all
}

// methods are those by which some of the energy of a vertex was obtained, its shown children included: which of them gave some of its rest
// is told to nobody.
func (t *tree) methods(v int) []string {
	var all Total
	for _, r := range t.rows[t.nodes[v].lo:t.nodes[v].hi] {
		for _, e := range r.Sum.Energy {
			if e.Scope == scopeMachine || e.Scope == scopeDisplay {
				all.addMethod(e.Method)
			}
		}
	}
	return all.Methods
}

// sum is a total as it is kept: its energy stands under the first of the methods, and the others have none.
func (t *Total) sum(methods []string) collector.Sum {
	s := collector.Sum{Days: t.Days}
	for i, p := range t.Parts {
		one := collector.Sum{Seconds: []collector.PartSum{p.PartSum}}
		for j, m := range methods {
			e := collector.EnergySum{Part: p.Part, Scope: scopeMachine, Method: m}
			if j == 0 {
				e.MWh, e.LowMWh, e.HighMWh, e.CoveredS = p.MWh, p.LowMWh, p.HighMWh, p.CoveredS
			}
			if i == 0 || j == 0 {
				one.Energy = append(one.Energy, e)
			}
		}
		s.Add(one)
	}
	return s
}

// placeOf is the place of what is told of a node. site stands for the organisation.
func placeOf(n Node, site int64, simulated bool) collector.Place {
	p := collector.Place{Site: n.Site, Group: n.Group, Class: n.Class, Use: individual, Simulated: simulated}
	if n.Level < OneClass {
		p.Class = collector.AllClasses
	}
	switch n.Level {
	case WholeOrganisation:
		p.Site, p.Group = site, collector.WholeOrganisation
	case OneSite:
		p.Group = collector.WholeSite
	}
	return p
}

// nodeOf is the node that a row is of.
func nodeOf(r *collector.PlaceMonth) Node {
	switch {
	case r.Told == nil || r.Class != collector.AllClasses:
		return leaf(r.Place)
	case r.Group == collector.WholeOrganisation:
		return Node{}
	case r.Group == collector.WholeSite:
		return Site(r.Site)
	}
	return Group(r.Site, r.Group)
}

// mixedBetween is the parts that one pattern tells apart and another does not.
func mixedBetween(inside, public labels) (set collector.PartSet) {
	for part := range inside {
		if inside[part] != mixed && public[part] == mixed {
			set |= 1 << part
		}
	}
	return set
}

// labelsOf are the labels where the parts of a set are mixed.
func labelsOf(set collector.PartSet) labels {
	l := identity()
	for part := range l {
		if set&(1<<part) != 0 {
			l[part] = mixed
		}
	}
	return l
}

// The numbers that reasons are kept as: of collector.Told. nobody says that there was no machine that had figures.
const nobody = 5

// code is the number of a reason.
func code(w Why) uint8 {
	switch w {
	case "":
		return 0
	case TooFew:
		return 1
	case Dominates:
		return 2
	case ToProtect:
		return 3
	}
	return 4
}

// whyOf is the reason of a number. One that we do not know is a reason too.
func whyOf(code uint8) Why {
	switch code {
	case 0:
		return ""
	case 1:
		return TooFew
	case 2:
		return Dominates
	case 3:
		return ToProtect
	}
	return Above
}
