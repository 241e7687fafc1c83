package privacy

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
)

// personal adds a month of machines of persons, where it is shown, from the cells of that month: what Ask answers, without what is kept.
func (f *Figures) personal(t *tree, p *pattern, v int) {
	x := &t.nodes[v]
	f.Of++
	if p.why[v] != "" {
		f.Why = p.why[v]
		return
	}
	f.Months++
	f.Machines = max(f.Machines, x.count)
	if f.Personal == nil {
		f.Personal = new(Total)
	}
	for i := x.lo; i < x.hi; i++ {
		f.Personal.add(&t.rows[i].Sum, p.labels[i])
	}
}

// fromCells is what is to be answered of the machines of persons of a node, and of none else.
func (w *world) fromCells(q Question, n Node, public bool) Figures {
	f := Figures{Node: n}
	for _, month := range w.months {
		if month < q.From || month > q.To {
			continue
		}
		var rows []*collector.PlaceMonth
		for i := range w.rows {
			if r := &w.rows[i]; r.Month == month && protected(r.Use) && r.Simulated == q.Simulated {
				rows = append(rows, r)
			}
		}
		t := newTree(rows)
		p := t.decide(audience{k: Inside}, nil, omissions{})
		if public {
			p = t.decide(audience{k: Public, public: true}, p, omissions{})
		}
		for v := range t.nodes {
			if t.nodes[v].node == n {
				f.personal(t, p, v)
			}
		}
	}
	f.Shown = f.Months > 0 || f.Of == 0
	return f
}

// kept is the world as a ledger keeps it, once its months are fixed.
func (w *world) kept() *stub {
	s := w.stub
	s.rows = nil
	for _, month := range w.months {
		var rows []collector.PlaceMonth
		for _, r := range w.rows {
			if r.Month == month {
				rows = append(rows, r)
			}
		}
		s.rows = append(s.rows, Coarsen(rows)...)
	}
	return &s
}

// mixedWorld is one some of whose machines are shared or of no known use, or simulated.
func mixedWorld(r *rand.Rand) *world {
	w := newWorld(r)
	for i := range w.rows {
		switch r.IntN(8) {
		case 0:
			w.rows[i].Use = "shared"
		case 1:
			w.rows[i].Use = ""
		case 2:
			w.rows[i].Simulated = true
		case 3:
			other := w.rows[i]
			other.Use = "" // some more of the same place
			w.rows = append(w.rows, other)
		}
	}
	return w
}

func TestWhatIsKeptAnswersAsTheCellsWould(t *testing.T) {
	shown, hidden := 0, 0
	for seed := range uint64(60) {
		w := mixedWorld(rand.New(rand.NewPCG(seed, 17)))
		cells := New(&w.stub, w, func() collector.Date { return "2026-06-20" })
		kept := New(w.kept(), w, func() collector.Date { return "2026-06-20" })
		for _, who := range []*collector.User{nil, user(0, "officer"), user(1, "reader")} {
			for _, n := range append(w.nodes(), Group(1, collector.WholeSite), Group(1, collector.WholeOrganisation), Class(1, 0, collector.AllClasses)) {
				for _, period := range [][2]int{{0, 0}, {1, 1}, {0, 1}} {
					q := Question{Organisation: 7, Node: n, From: w.months[period[0]], To: w.months[period[1]], Simulated: seed%3 == 0}
					before, wrong := cells.Ask(t.Context(), who, q)
					after, err := kept.Ask(t.Context(), who, q)
					if !errors.Is(err, wrong) || !reflect.DeepEqual(before, after) {
						t.Fatalf("world %d, %+v:\nbefore %+v, %v\nafter  %+v, %v", seed, q, before, wrong, after, err)
					}
					if err != nil {
						continue
					}
					for _, f := range append(after.Children, after.Self) {
						f.Others = nil
						if want := w.fromCells(q, f.Node, who == nil); !reflect.DeepEqual(f, want) {
							t.Fatalf("world %d, %+v of %+v: %+v\nwant %+v", seed, f.Node, q, f, want)
						}
						shown, hidden = shown+f.Months, hidden+f.Of-f.Months
					}
				}
			}
		}
	}
	t.Logf("%d figures of a month were shown, %d hidden", shown, hidden)
	if shown < 1000 || hidden < 1000 {
		t.Error("that says little")
	}
}

// fewest looks into rows that are kept of a month: each of machines of persons is to have no days, and figures of at least Inside machines
// only, none of which dominates, and else nothing but reasons. cells are those that they were made of.
func fewest(t *testing.T, kept, cells []collector.PlaceMonth) (rests int) {
	t.Helper()
	for i := range kept {
		r := &kept[i]
		if !protected(r.Use) {
			continue
		}
		if r.Told == nil || r.Days != nil || r.Told.Inside != 0 && (r.Told.Machines != 0 || !reflect.DeepEqual(r.Sum, collector.Sum{})) {
			t.Fatalf("there is kept %+v", r)
		}
		if r.Sum.Cost != (collector.CostSum{}) {
			t.Fatalf("what agents took is kept: %+v", r)
		}
		for _, e := range r.Sum.Energy {
			if e.Scope != scopeMachine || e.Method != r.Sum.Energy[0].Method && e.MWh|e.LowMWh|e.HighMWh != 0 {
				t.Fatalf("that of a scope or method is kept: %+v", r)
			}
		}
		if nodeOf(r).Level > OneSite && r.Told.Public == 0 {
			t.Fatalf("what the public does not see is shown to it: %+v", r)
		}
		if r.Told.Inside == 0 && r.Told.Machines < Inside {
			t.Fatalf("%d machines are shown", r.Told.Machines)
		}
		if len(r.Sum.Seconds) == 0 {
			continue
		}
		var w weight
		var whole Total
		for j := range cells {
			c := &cells[j]
			below := slices.ContainsFunc(kept, func(o collector.PlaceMonth) bool {
				return o.Told != nil && o.Told.Inside == 0 && o.Simulated == r.Simulated && nodeOf(&o) != nodeOf(r) && nodeOf(r).has(nodeOf(&o)) && nodeOf(&o).has(leaf(c.Place))
			})
			if protected(c.Use) && c.Simulated == r.Simulated && nodeOf(r).has(leaf(c.Place)) {
				whole.add(&c.Sum, identity())
				if !below {
					w.addMonth(c)
				}
			}
		}
		if got := Fold(r.Sum); !slices.Equal(got.Methods, whole.Methods) {
			t.Fatalf("%q gave some of what is left of a node whose energy is by %q", got.Methods, whole.Methods)
		}
		if w.count() < Inside || w.dominated() {
			t.Fatalf("%d machines, or mostly one, are in %+v", w.count(), r)
		}
		rests++
	}
	return rests
}

func TestNothingIsKeptOfFewerThanFiveMachinesOrMostlyOfOne(t *testing.T) {
	rests := 0
	for seed := range uint64(150) {
		w := mixedWorld(rand.New(rand.NewPCG(seed, 18)))
		kept := w.kept().rows
		for _, month := range w.months {
			of := func(rows []collector.PlaceMonth) (all []collector.PlaceMonth) {
				for _, r := range rows {
					if r.Month == month {
						all = append(all, r)
					}
				}
				return all
			}
			rests += fewest(t, of(kept), of(w.rows))
		}
	}
	if rests < 300 {
		t.Errorf("%d rows with figures were kept: that says little", rests)
	}
}

// Whoever reads the database has what is kept as equations, and all that may be asked as well.
func TestWhoReadsWhatIsKeptLearnsNoMoreThanWhoMayAskForAll(t *testing.T) {
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 6))
		w := newWorld(r)
		d := New(w.kept(), w, func() collector.Date { return "2026-06-20" })
		asked := newAttacker(t, w)
		asked.ask(r, d, append(w.insiders(), nil)...)
		independent := len(asked.knows.rows)
		for _, row := range w.kept().rows {
			f := Figures{Node: nodeOf(&row), Personal: new(Total)}
			f.Personal.add(&row.Sum, identity())
			asked.learn(Question{From: row.Month, To: row.Month}, f)
		}
		if n := len(asked.knows.rows); n != independent {
			t.Errorf("world %d: %d independent figures are kept beside %d that are told", seed, n-independent, independent)
		}
		if found := asked.breach(Inside); found != "" {
			t.Errorf("world %d: whoever reads what is kept can compute %s", seed, found)
		}
	}
}

func TestRowsOfAMonthThatAreKeptStayAsTheyAre(t *testing.T) {
	w := mixedWorld(rand.New(rand.NewPCG(3, 4)))
	rows := w.kept().rows
	again := Coarsen(rows)
	if !reflect.DeepEqual(again, rows) {
		t.Errorf("%+v became %+v", rows, again)
	}
}

func TestOfFourMachinesNothingIsKeptButThatTheyAreTooFew(t *testing.T) {
	kept := Coarsen([]collector.PlaceMonth{place(1, 5, "desktop", 3, 100, 1), place(2, 0, "laptop", 1, 100, 1)})
	if len(kept) != 7 || kept[0].Place != (collector.Place{Site: 1, Group: collector.WholeOrganisation, Class: collector.AllClasses, Use: "individual"}) {
		t.Fatalf("got %+v", kept)
	}
	for _, r := range kept {
		if r.Told.Inside == 0 || r.Told.Machines != 0 || r.Days != nil || !reflect.DeepEqual(r.Sum, collector.Sum{}) {
			t.Errorf("there is kept %+v", r)
		}
	}
}

func TestAClassThatStandsForAllIsNobodys(t *testing.T) {
	s := two()
	s.rows = []collector.PlaceMonth{place(1, 5, collector.AllClasses, 6, 100, 1), place(1, 5, "", 7, 100, 1)}
	want, wrong := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), march(Node{}))
	s.rows = Coarsen(s.rows)
	got, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), march(Node{}))
	if errors.Join(err, wrong) != nil || len(s.rows) != 4 || got.Self.Machines != 13 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v of %+v; want %+v", got, err, s.rows, want)
	}
}

func TestAMonthWithoutAnyFigureIsKeptAsOneThatHadNobody(t *testing.T) {
	m := place(1, 5, "desktop", 3, 100, 1)
	m.Sum = collector.Sum{Days: 21}
	for i := range m.Days {
		m.Days[i].Parts, m.Days[i].Top = 0, 0
	}
	s := two()
	s.rows = Coarsen([]collector.PlaceMonth{m})
	answer, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), march(Node{}))
	if err != nil || len(s.rows) != 1 || len(answer.Months) != 1 || answer.Self.Of != 0 || !answer.Self.Shown || answer.Self.Why != "" {
		t.Errorf("%+v, %v of %+v", answer, err, s.rows)
	}
}

func TestEveryReasonIsKeptAndAnUnknownOneHides(t *testing.T) {
	for _, w := range []Why{"", TooFew, Dominates, ToProtect, Above} {
		if got := whyOf(code(w)); got != w {
			t.Errorf("%q is kept as %q", w, got)
		}
	}
	for c := nobody; c < 256; c++ {
		if whyOf(uint8(c)) == "" {
			t.Errorf("%d is shown", c)
		}
	}
}
