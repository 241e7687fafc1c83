package privacy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
)

// attacker asks all that may be asked, and remembers what was told as equations.
type attacker struct {
	*world
	t      *testing.T
	knows  *space
	seen   map[string]bool
	before map[string]Answer // the same question has the same answer
	hidden [][]bool          // unknowns of a figure that was not shown
}

func newAttacker(t *testing.T, w *world) *attacker {
	return &attacker{world: w, t: t, knows: &space{width: len(w.unknowns)}, seen: map[string]bool{}, before: map[string]Answer{}}
}

// nodes are all nodes of the tree, and some that are none.
func (w *world) nodes() []Node {
	nodes := []Node{{}, Site(99), Group(1, 99)}
	for _, u := range w.unknowns {
		for level := OneSite; level <= OneClass; level++ {
			if n := leaf(u.place).at(level); !slices.Contains(nodes, n) {
				nodes = append(nodes, n)
			}
		}
	}
	return nodes
}

// insiders are all kinds of users of the organisation.
func (w *world) insiders() (all []*collector.User) {
	for _, roles := range [][]collector.Role{{"it"}, {"officer"}, {"reader"}, {"officer", "web"}, {"web"}} {
		for site := range len(w.sites) + 1 {
			all = append(all, &collector.User{Name: "a", Organisation: 7, Roles: roles, Site: int64(site)})
		}
	}
	return all
}

// ask asks every question that these may ask, in an order of its own.
func (a *attacker) ask(r *rand.Rand, d *Door, users ...*collector.User) {
	type asked struct {
		who *collector.User
		Question
	}
	var all []asked
	for _, who := range users {
		for _, n := range a.nodes() {
			for from := range a.months {
				for to := from; to < len(a.months); to++ {
					all = append(all, asked{who, Question{Organisation: 7, Node: n, From: a.months[from], To: a.months[to]}})
				}
			}
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, q := range all {
		answer, err := d.Ask(a.t.Context(), q.who, q.Question)
		if errors.Is(err, ErrRole) || errors.Is(err, collector.ErrNotFound) {
			continue
		}
		if err != nil {
			a.t.Fatal(err)
		}
		key := fmt.Sprint(q.Question, q.who == nil)
		if before, asked := a.before[key]; asked && !reflect.DeepEqual(before, answer) {
			a.t.Fatalf("%s: the same question had two answers:\n%+v\n%+v", key, before, answer)
		} else if asked {
			continue
		}
		a.before[key] = answer
		for _, f := range append(answer.Children, answer.Self) {
			if a.learn(q.Question, f); f.Personal == nil && (q.who != nil || len(users) == 1) {
				a.hide(q.Question, f)
			}
		}
	}
}

// hide remembers what a figure that was not shown is of. What is hidden from the public only is not hidden from those inside.
func (a *attacker) hide(q Question, f Figures) {
	if f.Machines != 0 || f.Months != 0 || f.Shown != (f.Of == 0) || f.Shown != (f.Why == "") {
		a.t.Errorf("%+v is hidden, and says something", f)
	}
	for m, month := range a.months {
		of := a.of(f.Node, m)
		if key := "hidden " + fmt.Sprint(of); month >= q.From && month <= q.To && !a.seen[key] {
			a.seen[key] = true
			a.hidden = append(a.hidden, of)
		}
	}
}

// learn makes equations of a figure, and checks that it is true.
func (a *attacker) learn(q Question, f Figures) {
	if f.Personal == nil {
		return
	}
	for _, p := range f.Personal.Parts {
		of := make([]bool, len(a.unknowns))
		var energy int64
		for i := range of {
			if i < 60 {
				of[i] = p.On>>i&1 == 1
			} else {
				of[i] = p.Sleep>>(i-60)&1 == 1
			}
			if of[i] {
				energy += a.workings[i]
			}
		}
		if int64(p.MWh) != energy {
			a.t.Errorf("%+v of %+v: %d mWh in %s; these machines took %d", f.Node, q, p.MWh, p.Part, energy)
		}
		if key := fmt.Sprint(of); !a.seen[key] {
			a.seen[key] = true
			a.knows.add(of)
		}
	}
}

// of are the unknowns of a node in a month.
func (w *world) of(n Node, month int) []bool {
	of := make([]bool, len(w.unknowns))
	for i, u := range w.unknowns {
		of[i] = u.month == month && n.has(leaf(u.place))
	}
	return of
}

// breach is something that could be computed and must not be: figures of too few machines, or mostly of one, or a hidden figure.
func (a *attacker) breach(k int) string {
	for _, of := range a.hidden {
		if n, _, _ := a.distinct(of); n > 0 && a.knows.tells(of) {
			return fmt.Sprintf("a hidden figure can be computed: %s", a.say(of))
		}
	}
	for m := range a.months {
		var rows []int
		for i, row := range a.knows.rows {
			if a.unknowns[first(row)].month == m {
				rows = append(rows, i)
			}
		}
		if found := a.search(k, m, rows); found != "" {
			return found
		}
	}
	return ""
}

// search tries all sums that can be computed, or where there are too many, all sets of places of a month, with all parts of the day or
// with one.
func (a *attacker) search(k, month int, rows []int) (found string) {
	try := func(of []bool) {
		n, energy, days := a.distinct(of)
		whole, single := a.shape(of)
		if n > 0 && n < k || n > 0 && whole && energy > Dominant || single && days > Dominant {
			found = fmt.Sprintf("%d machines, one with %.0f %% of the energy and %.0f %% of the days: %s", n, energy, days, a.say(of))
		}
	}
	if a.knows.sums(rows, try) {
		return found
	}
	var places []collector.Place
	var parts []string
	for _, u := range a.unknowns {
		if u.month == month && !slices.Contains(places, u.place) {
			places = append(places, u.place)
		}
		if !slices.Contains(parts, u.part) {
			parts = append(parts, u.part)
		}
	}
	for set := 1; set < 1<<len(places); set++ {
		for p := range len(parts) + 1 {
			of := make([]bool, len(a.unknowns))
			for i, u := range a.unknowns {
				of[i] = u.month == month && set>>slices.Index(places, u.place)&1 == 1 && (p == len(parts) || u.part == parts[p])
			}
			if n, _, _ := a.distinct(of); n > 0 && a.knows.tells(of) {
				try(of)
			}
		}
	}
	return found
}

// shape tells whether a set has all parts of each of its places, and whether it has only one part.
func (a *attacker) shape(of []bool) (whole, single bool) {
	whole, single = true, true
	var part string
	for i, in := range of {
		if !in {
			continue
		}
		for j, u := range a.unknowns {
			if u.place == a.unknowns[i].place && u.month == a.unknowns[i].month && !of[j] {
				whole = false
			}
		}
		if part != "" && part != a.unknowns[i].part {
			single = false
		}
		part = a.unknowns[i].part
	}
	return whole, single && part != ""
}

func (a *attacker) say(of []bool) (s string) {
	for i, in := range of {
		if in {
			n, _, _ := a.distinct(append(make([]bool, i), true))
			s += fmt.Sprintf("%+v of %d machines; ", a.unknowns[i], n)
		}
	}
	return s
}

// attack makes up a world, lets all who may ask ask all that they may, and gives what was found, for the public alone, and for it and all
// insiders together.
func attack(t *testing.T, seed uint64, without omissions) (public, all string, told int) {
	r := rand.New(rand.NewPCG(seed, 6))
	w := newWorld(r)
	d := New(w, w, func() collector.Date { return "2026-06-20" })
	d.without = without
	a := newAttacker(t, w)
	a.ask(r, d, nil)
	public = a.breach(Public)
	everybody := newAttacker(t, w)
	everybody.ask(r, d, append(w.insiders(), nil)...)
	return public, everybody.breach(Inside), len(everybody.knows.rows)
}

// worlds is how many are attacked. 1,500 were, once.
const worlds = 20

func TestNoSequenceOfAllowedQuestionsRevealsAHiddenCell(t *testing.T) {
	told := 0
	for seed := range uint64(worlds) {
		public, all, n := attack(t, seed, omissions{})
		if public != "" || all != "" {
			t.Errorf("world %d: the public alone can compute %q, everybody together %q", seed, public, all)
		}
		told += n
	}
	if told < 5*worlds {
		t.Errorf("%d independent figures were told of %d worlds: a door that tells nothing hides everything", told, worlds)
	}
}

func TestTheAttackFindsWhatASuppressorWithoutComplementReveals(t *testing.T) {
	finds(t, omissions{complement: true})
}

func TestTheAttackFindsWhatPartsOfTheDayReveal(t *testing.T) {
	finds(t, omissions{mixing: true})
}

func finds(t *testing.T, without omissions) {
	for seed := range uint64(100) {
		public, all, _ := attack(t, seed, without)
		if public != "" && all != "" {
			t.Logf("world %d: the public alone can compute %q, everybody together %q", seed, public, all)
			return
		}
	}
	t.Error("nothing was found in a hundred worlds")
}
