package label

import (
	"cmp"
	"math"
	"slices"

	"veille/collector"
	"veille/collector/privacy"
)

// split is kWh by how good they are: High, Medium, Low, in that order.
type split [3]float64

// classes are the qualities in the order of split.
func classes() []string { return []string{High, Medium, Low} }

// classOf is where energy that was obtained by a method is in split: a meter at the plug; measured inside of the machine, or a model that is
// calibrated on it; what is typical of its model or class.
func classOf(method string) int {
	switch method {
	case "plug":
		return 0
	case "battery", "psys", "emi", "rapl", "rapl+model":
		return 1
	}
	return 2
}

// weakest is where energy is in split of which it is only known by which methods some of it was obtained.
func weakest(methods []string) (class int) {
	for _, m := range methods {
		class = max(class, classOf(m))
	}
	if len(methods) == 0 {
		return len(split{}) - 1
	}
	return class
}

// splitOf is how the energy of a month was obtained. That of shared machines and of servers is known by method. That of machines of persons counts by
// the weakest method of its site, and what is of no site that is shown by the weakest of all.
func splitOf(a *privacy.Answer) (s split) {
	for i := range a.Self.Others {
		for _, e := range a.Self.Others[i].Sum.Energy {
			if e.Scope == "machine" || e.Scope == "display" { // what is of the processor is in that of its machine
				s[classOf(e.Method)] += kWh(e.MWh)
			}
		}
	}
	if a.Self.Personal == nil {
		return s
	}
	rest := energyOf(a.Self.Personal)
	for i := range a.Children {
		if p := a.Children[i].Personal; p != nil {
			site := min(energyOf(p), rest)
			s[weakest(p.Methods)] += kWh(site)
			rest -= site
		}
	}
	s[weakest(a.Self.Personal.Methods)] += kWh(rest)
	return s
}

// energyOf is the energy of all parts of the day.
func energyOf(t *privacy.Total) (sum collector.MilliWattHours) {
	for _, p := range t.Parts {
		sum += p.MWh
	}
	return sum
}

// kWh is an energy in kilowatt-hours.
func kWh(e collector.MilliWattHours) float64 { return float64(e) / 1e6 }

// split is how the energy of a period was obtained.
func (f *facts) split(p period) (s split) {
	for _, m := range f.months {
		if p.has(m.month) {
			for i := range s {
				s[i] += m.split[i]
			}
		}
	}
	return s
}

func (s split) all() float64 { return s[0] + s[1] + s[2] }

// most is the quality that most of the energy has; of two that have as much, the weaker. "" where there is none.
func (s split) most() string {
	if s.all() <= 0 {
		return ""
	}
	most := len(s) - 1
	for i := range slices.Backward(s[:]) {
		if s[i] > s[most] {
			most = i
		}
	}
	return classes()[most]
}

// quality is the split of a period in percent.
func (f *facts) quality(p period) (q Quality) {
	s, machines := f.split(p), f.machines(p)
	percents := s.percents(machines)
	q.HighPct, q.MediumPct, q.LowPct = percents[0], percents[1], percents[2]
	return q
}

// percents are the three shares in percent, as finely as privacy.Percent tells them. They add up to 100: what rounding loses goes to those that lose
// most by it. All are 0 where there is no energy.
func (s split) percents(machines int) (of [3]float64) {
	if s.all() <= 0 {
		return of
	}
	steps := 1000.0 // tenths
	if machines < fewMachines {
		steps = 100
	}
	left := steps
	for i := range s {
		of[i] = math.Floor(steps * s[i] / s.all())
		left -= of[i]
	}
	order := []int{0, 1, 2}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(steps*s[j]/s.all()-of[j], steps*s[i]/s.all()-of[i])
	})
	for n, i := range order {
		if float64(n) < left {
			of[i]++
		}
	}
	for i := range of {
		of[i] = of[i] * 100 / steps
	}
	return of
}

// qualityLine is the line C4 of one quality.
func qualityLine(class int) piece {
	return func(f *facts, p period) answer {
		s, machines := f.split(p), f.machines(p)
		if s.all() <= 0 {
			return answer{missing: f.noEnergy(p)}
		}
		a := answer{status: Measured, obtained: said(
			"Part des kWh des postes et des serveurs dont la qualité est celle-ci. Pour les machines individuelles, seules les méthodes d’un site sont connues\u202f: toute leur énergie compte selon la moins sûre.",
			"Share of the kWh of workstations and servers that have this quality. For personal machines, only the methods of a site are known: all of their energy counts by the least sure of them.",
		)}
		a.value, a.whole = new(s.percents(machines)[class]), machines < fewMachines
		if c, ok := f.hours(p).energy(machines); ok {
			a.coverage, a.weak = f.reach(p, c)
		}
		a.notes = f.doubts(p)
		return a
	}
}

// cost is what the agents of some machines took.
type cost struct {
	days  int64 // of machines
	cpuMs int64
	bytes int64
}

// costOf is that of shared machines and servers: what agents took on machines of persons is not told.
func costOf(f *privacy.Figures) (c cost) {
	for i := range f.Others {
		s := &f.Others[i].Sum
		c = cost{c.days + s.Days, c.cpuMs + s.Cost.CPUMs, c.bytes + s.Cost.SentBytes}
	}
	return c
}
