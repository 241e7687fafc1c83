package privacy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/collector"
)

// place is a row of n machines that take mwh each on every day of a week, one of them factor times as much.
func place(site, group int64, class string, n int, mwh, factor int64) collector.PlaceMonth {
	m := collector.PlaceMonth{Place: collector.Place{Site: site, Group: group, Class: class, Use: "individual"}, Month: "2026-03"}
	for day := 2; day <= 8 && n > 0; day++ {
		parts := partsOf(day, 0)
		sum := collector.Sum{Days: int64(n)}
		for _, part := range parts {
			e := collector.MilliWattHours(mwh * (int64(n) - 1 + factor) / int64(len(parts)))
			sum.Add(collector.Sum{
				Seconds: []collector.PartSum{{Part: part, On: int64(n) * 3600}},
				Energy:  []collector.EnergySum{{Part: part, Scope: "machine", Method: "model-class", MWh: e, LowMWh: e / 2, HighMWh: 2 * e, CoveredS: int64(n) * 3600}},
			})
		}
		c := collector.Cell{Date: collector.Date(fmt.Sprintf("2026-03-%02d", day)), Place: m.Place, Machines: n, Top: collector.MilliWattHours(mwh * factor), Sum: sum}
		if err := m.Add(c); err != nil {
			panic(err)
		}
	}
	return m
}

// verdict is what was decided of each node, in the order of the tree.
func verdict(rows []collector.PlaceMonth, public bool) (all []string) {
	t := newTree(pointers(rows))
	p := t.decide(audience{k: Inside}, nil, omissions{})
	if public {
		p = t.decide(audience{k: Public, public: true}, p, omissions{})
	}
	for v, x := range t.nodes {
		if x.node.Level == OneClass || public && x.node.Level > OneSite {
			continue
		}
		name := [...]string{"all", fmt.Sprint("site ", x.node.Site), fmt.Sprint("group ", x.node.Group)}[x.node.Level]
		if p.why[v] != "" {
			name += ": " + string(p.why[v])
		}
		all = append(all, name)
	}
	return all
}

func pointers(rows []collector.PlaceMonth) (all []*collector.PlaceMonth) {
	for i := range rows {
		all = append(all, &rows[i])
	}
	return all
}

func TestWhatIsShown(t *testing.T) {
	site := func(site int64, n int) collector.PlaceMonth { return place(site, 0, "desktop", n, 100, 1) }
	room := func(group int64, n int) collector.PlaceMonth { return place(1, group, "desktop", n, 100, 1) }
	for _, tt := range []struct {
		name   string
		rows   []collector.PlaceMonth
		public bool
		want   []string
	}{
		{
			"four and thirty: both are hidden, their parent is shown", // facts/label.md §8.8
			[]collector.PlaceMonth{site(1, 4), site(2, 30)},
			false,
			[]string{"all", "site 1: too few machines", "group 0: too few machines", "site 2: to protect another", "group 0: what it is in is hidden"},
		},
		{
			"the same in public: one site is most of what is left",
			[]collector.PlaceMonth{site(1, 4), site(2, 30)},
			true,
			[]string{"all: one dominates", "site 1: too few machines", "site 2: to protect another"},
		},
		{
			"five are shown, four are not, and the smallest other goes with them",
			[]collector.PlaceMonth{room(1, 5), room(2, 4), room(3, 9), room(4, 6)},
			false,
			[]string{"all", "site 1", "group 1: to protect another", "group 2: too few machines", "group 3", "group 4"},
		},
		{
			"two small rooms protect each other once they are five together",
			[]collector.PlaceMonth{room(1, 2), room(2, 3), room(3, 9)},
			false,
			[]string{"all", "site 1", "group 1: too few machines", "group 2: too few machines", "group 3"},
		},
		{
			"two small rooms that are four together need a third",
			[]collector.PlaceMonth{room(1, 1), room(2, 3), room(3, 9), room(4, 10)},
			false,
			[]string{"all", "site 1", "group 1: too few machines", "group 2: too few machines", "group 3: to protect another", "group 4"},
		},
		{
			"rooms without machines protect nobody",
			[]collector.PlaceMonth{room(1, 0), room(2, 4), room(3, 9), room(4, 10)},
			false,
			[]string{"all", "site 1", "group 2: too few machines", "group 3: to protect another", "group 4"},
		},
		{
			"a site of one room is shown as the room is",
			[]collector.PlaceMonth{room(1, 7)},
			false,
			[]string{"all", "site 1", "group 1"},
		},
		{
			"an organisation of four machines shows nothing",
			[]collector.PlaceMonth{site(1, 4)},
			false,
			[]string{"all: too few machines", "site 1: too few machines", "group 0: too few machines"},
		},
		{
			"one machine has 90 % of a room of ten",
			[]collector.PlaceMonth{place(1, 1, "desktop", 10, 100, 81), room(2, 20), room(3, 30)},
			false,
			[]string{"all", "site 1", "group 1: one dominates", "group 2: to protect another", "group 3"},
		},
		{
			"one machine has 84 % of a room of ten",
			[]collector.PlaceMonth{place(1, 1, "desktop", 10, 100, 47), room(2, 20)},
			false,
			[]string{"all", "site 1", "group 1", "group 2"},
		},
		{
			"what is left is not to be mostly one machine's either",
			[]collector.PlaceMonth{place(1, 1, "desktop", 10, 100, 300), room(2, 20), room(3, 60)},
			false,
			[]string{"all", "site 1", "group 1: one dominates", "group 2: to protect another", "group 3: to protect another"},
		},
		{
			"the public needs eleven",
			[]collector.PlaceMonth{site(1, 10), site(2, 11), site(3, 12)},
			true,
			[]string{"all", "site 1: too few machines", "site 2: to protect another", "site 3"},
		},
		{
			"no site has more than 85 % of what the public sees of several",
			[]collector.PlaceMonth{site(1, 87), site(2, 13)},
			true,
			[]string{"all: one dominates", "site 1: what it is in is hidden", "site 2: what it is in is hidden"},
		},
		{
			"85 % is not more than 85 %",
			[]collector.PlaceMonth{site(1, 85), site(2, 15)},
			true,
			[]string{"all", "site 1", "site 2"},
		},
		{
			"nor of what is left of it",
			[]collector.PlaceMonth{site(1, 1), site(2, 30), site(3, 31), site(4, 90)},
			true,
			[]string{"all", "site 1: too few machines", "site 2: to protect another", "site 3: to protect another", "site 4"},
		},
		{
			"an organisation of one site is what the site is",
			[]collector.PlaceMonth{site(1, 30)},
			true,
			[]string{"all", "site 1"},
		},
		{
			"what is hidden inside is hidden from the public",
			[]collector.PlaceMonth{place(1, 0, "desktop", 20, 100, 200), site(2, 400), site(3, 500), site(4, 600)},
			true,
			[]string{"all", "site 1: one dominates", "site 2: to protect another", "site 3: to protect another", "site 4"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := verdict(tt.rows, tt.public); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAMachineThatWasAloneForMostOfTheMonthIsNotShown(t *testing.T) {
	m := place(1, 1, "desktop", 1, 100, 1)
	for len(m.Days) < 31 {
		m.Days = append(m.Days, collector.PlaceDay{Machines: 1, Parts: 1})
	}
	m.Days[30].Machines = 5 // four more came on the last day
	if got := verdict([]collector.PlaceMonth{m}, false)[0]; got != "all: one dominates" {
		t.Errorf("got %q: 30 days of 34 are one machine's", got)
	}
}

func TestAMachineThatMovesIsNotCountedTwice(t *testing.T) {
	a, b := place(1, 1, "desktop", 4, 100, 1), place(1, 2, "desktop", 4, 100, 1)
	for i := range a.Days { // the four are in one room in the first days, in the other in the last
		if i < 4 {
			b.Days[i] = collector.PlaceDay{}
		} else {
			a.Days[i] = collector.PlaceDay{}
		}
	}
	if got := verdict([]collector.PlaceMonth{a, b}, false)[0]; got != "all: too few machines" {
		t.Errorf("got %q: there are four machines", got)
	}
}

func TestPartsOfTheDayThatFewMachinesHaveAreMixed(t *testing.T) {
	few, many := place(1, 1, "desktop", 4, 100, 1), place(2, 1, "desktop", 30, 100, 1)
	for i, p := range few.Sum.Seconds { // it was closed on the last day, and the other was not
		if p.Part == "weekend" {
			few.Sum.Seconds[i].Part, few.Sum.Energy[i].Part = "holiday", "holiday"
		}
	}
	few.Days[6].Parts = 1 << label("holiday")
	tree := newTree(pointers([]collector.PlaceMonth{few, many}))
	f := Figures{}
	f.personal(tree, tree.decide(audience{k: Inside}, nil, omissions{}), 0)
	got := make(map[string]int64)
	for _, part := range f.Personal.Parts {
		got[part.Part] = part.On / 3600
	}
	// The holiday of four machines is mixed with the weekend of thirty, the part that fewest others have.
	if want := map[string]int64{"open": 34 * 6, "night": 34 * 6, Mixed: 4 + 30}; !maps.Equal(got, want) {
		t.Errorf("got %v hours, want %v", got, want)
	}
}

func TestAPartThatIsMostlyDaysOfOneMachineIsMixed(t *testing.T) {
	m := place(1, 1, "desktop", 30, 100, 1)
	m.Days = nil
	for day := range 31 { // one machine is there on 27 holidays, and four more on another; thirty on three days of work
		d := collector.PlaceDay{Machines: 1, Parts: 1 << label("holiday")}
		switch {
		case day == 0:
			d.Machines = 5
		case day > 27:
			d = collector.PlaceDay{Machines: 30, Parts: 1<<label("open") | 1<<label("night")}
		}
		m.Days = append(m.Days, d)
	}
	p := newTree(pointers([]collector.PlaceMonth{m})).decide(audience{k: Inside}, nil, omissions{})
	want := identity()
	want[label("holiday")], want[label("open")] = mixed, mixed // open: one more, so that it is not alone
	if p.why[0] != "" || p.labels[0] != want {
		t.Errorf("%q, parts under %v, want %v", p.why[0], p.labels[0], want)
	}
}

// check is what decide promises of a pattern, apart from how it got there.
func check(t *tree, p *pattern, a audience) error {
	depth := OneClass
	if a.public {
		depth = OneSite
	}
	for v, x := range t.nodes {
		if x.node.Level > depth {
			continue
		}
		if x.parent >= 0 && p.why[v] == "" && p.why[x.parent] != "" {
			return fmt.Errorf("%+v is shown, and what it is in is not", x.node)
		}
		if p.why[v] != "" {
			continue
		}
		var rest, hiddenSum weight
		rest.add(&x.weight)
		var hidden []int
		for _, kid := range t.kids(v, a) {
			if p.why[kid] != "" {
				hidden = append(hidden, kid)
				hiddenSum.add(&t.nodes[kid].weight)
			}
		}
		switch {
		case x.count < a.k || x.weight.dominated():
			return fmt.Errorf("%+v is shown with %d machines", x.node, x.count)
		case len(hidden) == 1 || len(hidden) > 1 && (hiddenSum.count() < a.k || hiddenSum.dominated()):
			return fmt.Errorf("%+v is shown, and what is left of it is of %d nodes and %d machines", x.node, len(hidden), hiddenSum.count())
		}
	}
	return nil
}

func FuzzDecide(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		b := make([]byte, 6*(1+r.IntN(12)))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	f.Add([]byte{0, 0, 4, 7, 10, 10, 1, 0, 30, 7, 10, 10})
	f.Fuzz(func(t *testing.T, b []byte) {
		var rows []collector.PlaceMonth
		for ; len(b) >= 6 && len(rows) < 60; b = b[6:] {
			m := place(int64(b[0]%4), int64(b[1]%3), string('a'+rune(b[1]>>4%3)), int(b[2]%40), int64(b[4])<<(b[4]%32), int64(b[5]))
			for i := range m.Days {
				switch {
				case b[3]>>(i%8)&1 == 0:
					m.Days[i].Machines /= 2
				case b[3] > 200:
					m.Days[i].Parts = collector.PartSet(b[5] + byte(i))
				}
			}
			rows = append(rows, m)
		}
		tree := newTree(pointers(rows))
		inside := tree.decide(audience{k: Inside}, nil, omissions{})
		public := tree.decide(audience{k: Public, public: true}, inside, omissions{})
		if err := check(tree, inside, audience{k: Inside}); err != nil {
			t.Errorf("inside: %v", err)
		}
		if err := check(tree, public, audience{k: Public, public: true}); err != nil {
			t.Errorf("public: %v", err)
		}
		for v, x := range tree.nodes {
			if x.node.Level <= OneSite && public.why[v] == "" && inside.why[v] != "" {
				t.Errorf("%+v is shown to the public and not inside", x.node)
			}
		}
		for i := range tree.rows {
			for part, l := range public.labels[i] {
				if in := inside.labels[i][part]; l != mixed && l != in || in != mixed && int(in) != part {
					t.Errorf("part %d is %d inside and %d in public", part, in, l)
				}
			}
		}
	})
}
