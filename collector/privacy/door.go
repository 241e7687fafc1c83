package privacy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// Question asks for a node, what it has for children, and whole months. There is nothing else to ask by: states, parts of the day and
// whatever more there is of a figure come together or not at all.
type Question struct {
	Organisation int64
	Node         Node
	From, To     collector.Month // both in it; ten years at most
	Simulated    bool            // of simulated machines only, and else of real ones only; the two are apart in everything
}

// Answer is what may be seen.
type Answer struct {
	Question
	Months   []collector.Month // those of the question that are fixed and have figures of the organisation; all else here is of them
	Self     Figures
	Children []Figures // in the order of their numbers and classes; none of a class, and in public none of a site
}

// Ask answers a question of a user, or of the public where who is nil. What is not there and what the user may not know of is
// collector.ErrNotFound alike; a user whose roles see no figures of machines gets ErrRole.
//
// What is shown to a user of one site is decided as for all others; he only may ask less.
func (d *Door) Ask(ctx context.Context, who *collector.User, q Question) (Answer, error) {
	from, err := d.ask(ctx, who, q)
	if err != nil {
		return Answer{}, err
	}
	answer := newAsking(q, who == nil, from.known)
	for _, m := range from.months {
		answer.Months = append(answer.Months, m)
		answer.month(from.rows[m], d.without)
	}
	return answer.done(), nil
}

// Monthly answers a question month by month, those that are fixed and have figures of the organisation, the oldest first: what as many
// calls of Ask would answer, whose errors it has. Answers about a whole organisation are shared: nobody may change what they hold.
func (d *Door) Monthly(ctx context.Context, who *collector.User, q Question) ([]Answer, error) {
	months, known, err := d.may(ctx, who, q)
	if err != nil {
		return nil, err
	}
	var all []Answer
	found := false
	for some := range slices.Chunk(months, atOnce) {
		from, here, err := d.read(ctx, q, some, known)
		if err != nil {
			return nil, err
		}
		found = found || here
		for _, m := range from.months {
			one := q
			one.From, one.To = m, m
			all = append(all, d.monthOf(one, who == nil, known, from.rows[m]))
		}
	}
	if !found {
		return nil, collector.ErrNotFound
	}
	return all, nil
}

// atOnce is how many months Monthly reads together: whoever asks for two years of a large fleet has the rows of half a year in memory.
const atOnce = 6

// asked is what a question is answered from.
type asked struct {
	known  map[Node]bool
	months []collector.Month // that may be told, in order
	rows   map[collector.Month][]*collector.PlaceMonth
}

// ask reads what a question is answered from, if whoever asks may.
func (d *Door) ask(ctx context.Context, who *collector.User, q Question) (asked, error) {
	months, known, err := d.may(ctx, who, q)
	if err != nil {
		return asked{}, err
	}
	a, here, err := d.read(ctx, q, months, known)
	if err == nil && !here {
		err = collector.ErrNotFound
	}
	return a, err
}

// may are the months of a question, and the nodes that are known, if whoever asks may.
func (d *Door) may(ctx context.Context, who *collector.User, q Question) ([]collector.Month, map[Node]bool, error) {
	all, err := months(q.From, q.To)
	if err != nil {
		return nil, nil, err
	}
	if err := admit(who, q.Organisation, q.Node); err != nil {
		return nil, nil, err
	}
	known, err := d.known(ctx, q.Organisation, q.Node)
	return all, known, err
}

// read reads what some months of a question, which follow one another, are answered from, and whether its node is there in them.
func (d *Door) read(ctx context.Context, q Question, months []collector.Month, known map[Node]bool) (asked, bool, error) {
	from, to := months[0], months[len(months)-1]
	rows, err := d.ledger.Months(ctx, q.Organisation, from, to)
	if err != nil {
		return asked{}, false, fmt.Errorf("figures of organisation %d from %s to %s: %w", q.Organisation, from, to, err)
	}
	a := asked{known: known, rows: byMonth(rows, q.Simulated)}
	for _, m := range months {
		day, err := daysAfter(m, d.today())
		if err != nil {
			return asked{}, false, err
		}
		// A ledger that has fixed it earlier is wrong, and nothing of it is shown.
		if day >= FirstDay && len(a.rows[m]) > 0 {
			a.months = append(a.months, m)
		}
	}
	return a, there(q.Node, known, rows), nil
}

// byMonth are rows by their month: those of simulated machines, or of real ones.
func byMonth(rows []collector.PlaceMonth, simulated bool) map[collector.Month][]*collector.PlaceMonth {
	months := make(map[collector.Month][]*collector.PlaceMonth)
	var last []*collector.PlaceMonth // of the month of the row before: ledgers have them in some order
	for i := range rows {
		if i == 0 || rows[i].Month != rows[i-1].Month {
			if i > 0 {
				months[rows[i-1].Month] = last
			}
			last = months[rows[i].Month]
		}
		if rows[i].Simulated == simulated {
			last = append(last, &rows[i])
		}
	}
	if len(rows) > 0 {
		months[rows[len(rows)-1].Month] = last
	}
	return months
}

// admit tells whether the user, nil for the public, may ask for the node.
func admit(who *collector.User, organisation int64, n Node) error {
	switch {
	case !n.valid():
		return collector.ErrNotFound
	case who == nil && n.Level > OneSite:
		return collector.ErrNotFound
	case who == nil:
		return nil
	case who.RemovedOn != "":
		return ErrRole
	case who.Organisation != organisation:
		return collector.ErrNotFound
	case !who.Has(collector.RoleIT, collector.RoleOfficer, collector.RoleReader):
		return ErrRole
	case who.Site != 0 && !Site(who.Site).has(n):
		return collector.ErrNotFound
	}
	return nil
}

// known are the sites and groups that the organisation has; ErrNotFound where there is none, or not the site of n. The tree is as it is
// today, so what is shown does not depend on it.
func (d *Door) known(ctx context.Context, organisation int64, n Node) (map[Node]bool, error) {
	sites, groups, err := d.ledger.Tree(ctx, organisation)
	if err != nil {
		return nil, fmt.Errorf("tree of organisation %d: %w", organisation, err)
	}
	nodes := make(map[Node]bool)
	for _, s := range sites {
		if s.Organisation == organisation {
			nodes[Site(s.ID)], nodes[Group(s.ID, 0)] = true, true
		}
	}
	for _, g := range groups {
		if nodes[Site(g.Site)] {
			nodes[Group(g.Site, g.ID)] = true
		}
	}
	if len(nodes) == 0 || n.Level > WholeOrganisation && !nodes[n.at(OneSite)] {
		return nil, collector.ErrNotFound
	}
	return nodes, nil
}

// there tells whether there is such a group, or was: a group that was removed has a past.
func there(n Node, known map[Node]bool, rows []collector.PlaceMonth) bool {
	n = n.at(OneGroup)
	return n.Level < OneGroup || known[n] || slices.ContainsFunc(rows, func(r collector.PlaceMonth) bool { return n.has(nodeOf(&r)) })
}

// asking is an answer while it is put together.
type asking struct {
	Answer
	public   bool
	children map[Node]*Figures
}

func newAsking(q Question, public bool, known map[Node]bool) *asking {
	a := &asking{Answer{Question: q, Self: Figures{Node: q.Node}}, public, make(map[Node]*Figures)}
	for n := range known {
		if n.Level == q.Node.Level+1 && n.Group == 0 == (n.Level < OneGroup) { // group 0 is listed where it has machines
			a.child(n)
		}
	}
	return a
}

// child are the figures of the child of the question's node that n is, or is in; nil where it is none that is listed.
func (a *asking) child(n Node) *Figures {
	level := a.Node.Level + 1
	if level > OneClass || a.public && level > OneSite || n.Level < level || !a.Node.has(n) {
		return nil
	}
	n = n.at(level)
	if a.children[n] == nil {
		a.children[n] = &Figures{Node: n}
	}
	return a.children[n]
}

// month adds what may be seen of the rows of one month.
func (a *asking) month(rows []*collector.PlaceMonth, without omissions) {
	var personal []*collector.PlaceMonth
	others := make(map[*Figures]map[collector.Use]*weight)
	for _, r := range toTell(rows, without) {
		if protected(r.Use) {
			personal = append(personal, r)
			continue
		}
		if a.Node.has(leaf(r.Place)) {
			a.Self.other(r, others)
			if child := a.child(leaf(r.Place)); child != nil {
				child.other(r, others)
			}
		}
	}
	for f, uses := range others {
		for i := range f.Others {
			if w := uses[f.Others[i].Use]; w != nil {
				f.Others[i].Machines = max(f.Others[i].Machines, w.count())
			}
		}
	}
	a.tell(personal)
}

// tell adds what is told of the nodes that are asked for.
func (a *asking) tell(rows []*collector.PlaceMonth) {
	shown := make(map[Node]bool)
	for _, r := range rows {
		n := nodeOf(r)
		f := &a.Self
		if n != a.Node {
			if f = nil; n.Level == a.Node.Level+1 {
				f = a.child(n)
			}
		}
		if f != nil {
			shown[n] = f.told(r.Told, a.public)
		}
	}
	for _, r := range rows {
		n, l := nodeOf(r), identity()
		if a.public {
			l = labelsOf(r.Told.Mixed)
		}
		if shown[a.Node] && a.Node.has(n) {
			a.Self.Personal.add(&r.Sum, l)
		}
		if level := a.Node.Level + 1; n.Level >= level && shown[n.at(level)] {
			a.child(n).Personal.add(&r.Sum, l)
		}
	}
}

// other adds a row of shared machines or servers, and remembers how many there were on each day of the month.
func (f *Figures) other(r *collector.PlaceMonth, days map[*Figures]map[collector.Use]*weight) {
	i, found := slices.BinarySearchFunc(f.Others, r.Use, func(o Other, u collector.Use) int { return strings.Compare(string(o.Use), string(u)) })
	if !found {
		f.Others = slices.Insert(f.Others, i, Other{Use: r.Use})
	}
	f.Others[i].Sum.Add(r.Sum)
	if days[f] == nil {
		days[f] = make(map[collector.Use]*weight)
	}
	if days[f][r.Use] == nil {
		days[f][r.Use] = new(weight)
	}
	days[f][r.Use].addMonth(r)
}

// told adds what was decided of a month of machines of persons, its figures aside, and answers whether they are shown.
func (f *Figures) told(told *collector.Told, public bool) bool {
	why := told.Inside
	if public {
		why = cmp.Or(told.Public, told.Inside)
	}
	if why == nobody {
		return false
	}
	f.Of++
	if f.Personal == nil && why == 0 {
		f.Personal = new(Total)
	}
	if why != 0 {
		f.Why = whyOf(why)
		return false
	}
	f.Months++
	f.Machines = max(f.Machines, int(told.Machines))
	return true
}

// done is the answer.
func (a *asking) done() Answer {
	for _, f := range a.children {
		a.Children = append(a.Children, *f)
	}
	slices.SortFunc(a.Children, func(x, y Figures) int { return x.Node.compare(y.Node) })
	for i := range a.Children {
		a.Children[i].Shown = a.Children[i].Months > 0 || a.Children[i].Of == 0
	}
	a.Self.Shown = a.Self.Months > 0 || a.Self.Of == 0
	return a.Answer
}
