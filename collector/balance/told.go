package balance

import (
	"cmp"
	"slices"

	"veille/collector"
	"veille/collector/privacy"
)

// Told are the accounts of a node and of the nodes right below it, month by month.
type Told struct {
	Simulated bool // of machines that do not exist
	Self      []Account
	Children  map[privacy.Node][]Account
}

// TellOf are the accounts of a node, from answers about it, one of each month: workstations, or servers where it has nothing else.
func (b Book) TellOf(answers []privacy.Answer) Told {
	t := b.tell(answers, Workstations)
	if len(t.Self) == 0 {
		t = b.tell(answers, Servers)
	}
	return t
}

func (b Book) tell(answers []privacy.Answer, kind Kind) Told {
	t := Told{Children: map[privacy.Node][]Account{}}
	for i := range answers {
		t.Simulated = answers[i].Simulated
		month := answers[i].From
		if a, ok := b.Of(month, &answers[i].Self, kind); ok {
			t.Self = append(t.Self, a)
		}
		for j := range answers[i].Children {
			child := &answers[i].Children[j]
			if a, ok := b.Of(month, child, kind); ok {
				t.Children[child.Node] = append(t.Children[child.Node], a)
			}
		}
	}
	return t
}

// only are the months that keep says.
func (t Told) only(keep func(collector.Month) bool) Told {
	some := func(all []Account) (kept []Account) {
		for _, a := range all {
			if keep(a.From) {
				kept = append(kept, a)
			}
		}
		return kept
	}
	only := Told{Simulated: t.Simulated, Self: some(t.Self), Children: map[privacy.Node][]Account{}}
	for node, all := range t.Children {
		if kept := some(all); len(kept) > 0 {
			only.Children[node] = kept
		}
	}
	return only
}

// apart is t without the time in which parts of the day are not told apart, and the share of its own time that is left out so: see Apart.
func (t Told) apart() (Told, float64) {
	self, left := Apart(t.Self)
	without := Told{Simulated: t.Simulated, Self: self, Children: map[privacy.Node][]Account{}}
	for node, all := range t.Children {
		without.Children[node] = unmixed(all)
	}
	return without, left
}

// unmixed are months of a node without the time in which parts of the day are not told apart. None of them is left out: what is told of its parts of the
// day is in the whole, which decides for itself which months it leaves out.
func unmixed(all []Account) []Account {
	all = slices.Clone(all)
	for i, m := range all {
		if m.mixed() {
			all[i].Parts = slices.DeleteFunc(slices.Clone(m.Parts), isMixed)
			all[i].reckon()
		}
	}
	return all
}

// monthsIn are the months that accounts are of, those with figures.
func monthsIn(all []Account) (months []collector.Month) {
	for _, a := range all {
		if a.Months > 0 {
			months = append(months, a.From)
		}
	}
	return months
}

// in tells whether a month is among some.
func in(months []collector.Month) func(collector.Month) bool {
	return func(m collector.Month) bool { return slices.Contains(months, m) }
}

// compareNodes puts nodes into one order: sums of numbers with a point depend on it in their last digits.
func compareNodes(x, y privacy.Node) int {
	return cmp.Or(cmp.Compare(x.Level, y.Level), cmp.Compare(x.Site, y.Site), cmp.Compare(x.Group, y.Group), cmp.Compare(x.Class, y.Class))
}
