package balance_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// place is a site of a made fleet: its machines take the same watts in all months.
type place struct {
	watts     [2]float64          // in open hours, and at night
	shared    [2]float64          // of its shared machines; of 0 it has none
	is        func(int) bool      // in which months it is there
	hidden    func(int) bool      // in which months its machines of persons may not be told of
	machines  func(month int) int // of persons
	sharedToo int
}

func always(int) bool { return true }
func never(int) bool  { return false }

// fleetOf are answers about an organisation of places, month by month.
func fleetOf(from collector.Month, n int, places ...place) (answers []privacy.Answer) {
	for i := range n {
		m := from.Plus(i)
		a := privacy.Answer{Question: privacy.Question{From: m, To: m}}
		self := privacy.Figures{Months: 1, Of: 1, Shown: true, Personal: &privacy.Total{Methods: []string{"model-class"}}}
		pool := privacy.Other{Use: "shared"}
		for site, p := range places {
			if !p.is(i) {
				continue
			}
			count := p.machines(i)
			f := figures(count, int64(count*30), parts(float64(count), p.watts)...)
			f.Node = privacy.Site(int64(site + 1))
			self.Machines += count
			self.Personal.Days += f.Personal.Days
			self.Personal.Parts = added(self.Personal.Parts, f.Personal.Parts)
			if p.sharedToo > 0 {
				o := sharedOf(p.sharedToo, p.shared)
				f.Others = []privacy.Other{o}
				pool.Machines += o.Machines
				pool.Sum.Add(o.Sum)
			}
			if p.hidden(i) {
				f.Personal, f.Machines, f.Months, f.Shown, f.Why = nil, 0, 0, false, "few"
			}
			a.Children = append(a.Children, *f)
		}
		if pool.Machines > 0 {
			self.Others = []privacy.Other{pool}
		}
		a.Self = self
		answers = append(answers, a)
	}
	return answers
}

func parts(machines float64, watts [2]float64) []hours {
	return []hours{{part: "open", on: machines * 200, wattOn: watts[0]}, {part: "night", on: machines * 300, wattOn: watts[1]}}
}

func sharedOf(machines int, watts [2]float64) privacy.Other {
	s := collector.Sum{Days: int64(machines * 30)}
	for _, h := range parts(float64(machines), watts) {
		p := h.total()
		s.Seconds = append(s.Seconds, p.PartSum)
		s.Energy = append(s.Energy, collector.EnergySum{Part: h.part, Scope: "machine", Method: "rapl+model", CoveredS: p.CoveredS, MWh: p.MWh, LowMWh: p.LowMWh, HighMWh: p.HighMWh})
	}
	return privacy.Other{Use: "shared", Machines: machines, Sum: s}
}

func added(all, more []privacy.PartSum) []privacy.PartSum {
	if len(all) == 0 {
		return append(all, more...)
	}
	for i := range all {
		p, q := &all[i], more[i]
		p.On, p.CoveredS = p.On+q.On, p.CoveredS+q.CoveredS
		p.MWh, p.LowMWh, p.HighMWh = p.MWh+q.MWh, p.LowMWh+q.LowMWh, p.HighMWh+q.HighMWh
	}
	return all
}

// effectOf is that of an action in the middle of twelve months.
func effectOf(t testing.TB, answers []privacy.Answer) (balance.Effect, string) {
	t.Helper()
	b := book(t)
	told := b.TellOf(answers)
	base, why := balance.BaselineOf(policyAction(), told)
	if why != "" {
		t.Fatal(why)
	}
	return b.Since(policyAction(), base, told, "2025-07", "2025-12")
}

func anyPlace(random *rand.Rand) place {
	return place{
		watts: [2]float64{float64(1 + random.IntN(100)), float64(1 + random.IntN(50))}, is: always, hidden: never,
		machines: func(int) int { return 10 + random.IntN(500) },
	}
}

// TestMachinesOfConstantPowerSaveNothing draws fleets in which no machine ever takes another power, and sites grow, shrink, open, close, and are hidden
// now and then.
func TestMachinesOfConstantPowerSaveNothing(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 21))
		var places []place
		for range 2 + random.IntN(4) {
			places = append(places, anyPlace(random))
		}
		if random.IntN(2) == 0 {
			opened := anyPlace(random)
			opened.is = func(m int) bool { return m >= 6+random.IntN(3) }
			places = append(places, opened)
		}
		if random.IntN(2) == 0 {
			closed := anyPlace(random)
			closed.is = func(m int) bool { return m < 6 }
			places = append(places, closed)
		}
		if random.IntN(2) == 0 {
			small := anyPlace(random)
			small.shared, small.sharedToo = [2]float64{150, 90}, 12
			small.machines = func(int) int { return 7 }
			small.hidden = func(int) bool { return random.IntN(3) == 0 }
			places = append(places, small)
		}
		e, why := effectOf(t, fleetOf("2025-01", 12, places...))
		if why != "" || math.Abs(e.KWh.Value) > 1e-6*e.After.KWh.Value || !e.Within {
			t.Fatalf("seed %d: %+v kWh of %+v are avoided (new %v, matched %v, %q)", seed, e.KWh, e.After.KWh, e.New, e.Matched, why)
		}
	}
}

func TestASiteThatOpenedAfterTheActionIsLeftOutAndTold(t *testing.T) {
	old := place{watts: [2]float64{50, 50}, is: always, hidden: never, machines: func(int) int { return 100 }}
	opened := place{watts: [2]float64{5, 5}, is: func(m int) bool { return m >= 6 }, hidden: never, machines: func(int) int { return 300 }}
	e, why := effectOf(t, fleetOf("2025-01", 12, old, opened))
	if why != "" || e.KWh.Value != 0 || !near(e.New, 0.75) || !near(e.Matched, 0.25) || !near(e.After.KWh.Value, 6*100*500*0.05) || e.After.Machines != 100 {
		t.Errorf("%+v, %q", e, why)
	}
	none := place{watts: [2]float64{50, 50}, is: func(m int) bool { return m < 6 }, hidden: never, machines: func(int) int { return 100 }}
	if e, why := effectOf(t, fleetOf("2025-01", 12, none, opened)); why != balance.NoBaseline {
		t.Errorf("all sites were closed, and others opened: %+v, %q", e.KWh, why)
	}
}

func TestAHiddenMonthOfASiteIsNotComparedWithItsSharedMachines(t *testing.T) {
	other := place{watts: [2]float64{30, 20}, is: always, hidden: never, machines: func(int) int { return 200 }}
	small := place{
		watts: [2]float64{20, 10}, shared: [2]float64{200, 200}, sharedToo: 20, is: always, machines: func(int) int { return 8 },
		hidden: func(m int) bool { return m < 6 },
	}
	if e, why := effectOf(t, fleetOf("2025-01", 12, other, small)); why != "" || math.Abs(e.KWh.Value) > 1e-6*e.After.KWh.Value {
		t.Errorf("%+v, %q", e.KWh, why)
	}
}

// TestWhatSitesSaveAddsUp compares the effect on an organisation with those on its sites, each by itself.
func TestWhatSitesSaveAddsUp(t *testing.T) {
	b := book(t)
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 22))
		n := 1 + random.IntN(5)
		var was, is []place
		for range n {
			p := anyPlace(random)
			was = append(was, p)
			p.watts = [2]float64{float64(random.IntN(100)), float64(random.IntN(50))}
			is = append(is, p)
		}
		answers := append(fleetOf("2025-01", 6, was...), fleetOf("2025-07", 6, is...)...)
		whole, why := effectOf(t, answers)
		if why != "" {
			t.Fatal(why)
		}
		sum := 0.0
		told := b.TellOf(answers)
		for _, all := range told.Children {
			site := balance.Told{Self: all}
			base, _ := balance.BaselineOf(policyAction(), site)
			e, why := b.Since(policyAction(), base, site, "2025-07", "2025-12")
			if why != "" {
				t.Fatal(why)
			}
			sum += e.KWh.Value
		}
		if math.Abs(whole.KWh.Value-sum) > 1e-6*whole.After.KWh.Value+1e-6 {
			t.Fatalf("seed %d: the whole saves %v, its sites %v", seed, whole.KWh.Value, sum)
		}
	}
}

func TestASiteWhosePartsOfTheDayAreMixedInAMonthSavesNothingByThat(t *testing.T) {
	large := place{watts: [2]float64{10, 5}, is: always, hidden: never, machines: func(int) int { return 1000 }}
	small := place{watts: [2]float64{90, 60}, is: always, hidden: never, machines: func(m int) int { return 10 + m }}
	answers := fleetOf("2025-01", 12, large, small)
	mix := func(f *privacy.Figures, night privacy.PartSum) {
		i := slices.IndexFunc(f.Personal.Parts, func(p privacy.PartSum) bool { return p.Part == "night" })
		f.Personal.Parts = slices.Clone(f.Personal.Parts)
		p := &f.Personal.Parts[i]
		p.On, p.CoveredS, p.MWh, p.LowMWh, p.HighMWh = p.On-night.On, p.CoveredS-night.CoveredS, p.MWh-night.MWh, p.LowMWh-night.LowMWh, p.HighMWh-night.HighMWh
		if p.On == 0 {
			f.Personal.Parts = slices.Delete(f.Personal.Parts, i, i+1)
		}
		night.Part = collector.Mixed
		f.Personal.Parts = append(f.Personal.Parts, night)
	}
	for _, month := range []int{2, 8} {
		night := answers[month].Children[1].Personal.Parts[1]
		mix(&answers[month].Children[1], night)
		mix(&answers[month].Self, night)
	}
	e, why := effectOf(t, answers)
	if why != "" || math.Abs(e.KWh.Value) > 1e-6*e.After.KWh.Value || e.Left <= 0 || !near(e.Matched, 1) {
		t.Errorf("%+v of %+v, matched %v, left %v, %q", e.KWh, e.After.KWh, e.Matched, e.Left, why)
	}
}

// TestWhateverIsToldAnEffectIsInOrder draws figures of nodes that need not even add up to those of the whole.
func TestWhateverIsToldAnEffectIsInOrder(t *testing.T) {
	b, told := book(t), 0
	for seed := range uint64(1500) {
		random := rand.New(rand.NewPCG(seed, 23))
		var answers []privacy.Answer
		for i := range 12 {
			m := collector.Month("2025-01").Plus(i)
			a := privacy.Answer{Question: privacy.Question{From: m, To: m}, Self: *anyFigures(random)}
			for site := range int64(random.IntN(4)) {
				f := anyFigures(random)
				f.Node = privacy.Site(site + 1)
				a.Children = append(a.Children, *f)
			}
			answers = append(answers, a)
		}
		all := b.TellOf(answers)
		base, _ := balance.BaselineOf(policyAction(), all)
		e, why := b.Since(policyAction(), base, all, "2025-07", "2025-12")
		for what, share := range map[string]float64{"matched": e.Matched, "new": e.New, "left": e.Left} {
			if math.IsNaN(share) || share < 0 || share > 1+1e-9 {
				t.Fatalf("seed %d: %s is %v", seed, what, share)
			}
		}
		if why != "" {
			continue
		}
		told++
		for what, r := range map[string]*balance.Range{"kWh": &e.KWh, "euros": e.Euros, "carbon": e.Carbon, "a year": e.YearKWh, "before": &e.Before.KWh, "after": &e.After.KWh} {
			inOrder(t, what, r)
		}
		if e.Before.KWh.Low < 0 || e.After.KWh.Low < 0 || e.After.Months > 6 {
			t.Fatalf("seed %d: %+v", seed, e)
		}
	}
	if told < 20 {
		t.Errorf("only %d effects were told", told)
	}
}
