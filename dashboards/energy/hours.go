package energy

import (
	"maps"
	"slices"
	"strings"
	"time"

	"veille/collector"
)

// energy is a sum of energies of one scope, in watt-hours, with the sum of their ranges: errors of the same model do not
// cancel out between machines.
type energy struct {
	Wh, Low, High float64
	CoveredS      float64
	byMethod      map[string]float64 // watt-hours
}

func (e *energy) add(p collector.Point) {
	if p.Fields["covered_s"] == 0 {
		return // a later record has it no more
	}
	if e.byMethod == nil {
		e.byMethod = map[string]float64{}
	}
	e.Wh += p.Fields["wh"]
	e.Low += p.Fields["low_wh"]
	e.High += p.Fields["high_wh"]
	e.CoveredS += p.Fields["covered_s"]
	e.byMethod[p.Tags.Get("method")] += p.Fields["wh"]
}

// Methods are the methods the energy was obtained by, the one that gave most first.
func (e energy) Methods() []string {
	methods := make([]string, 0, len(e.byMethod))
	for m := range e.byMethod {
		methods = append(methods, m)
	}
	slices.SortFunc(methods, func(a, b string) int {
		if e.byMethod[a] != e.byMethod[b] {
			if e.byMethod[a] > e.byMethod[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return methods
}

// Measured is the share of the energy that meters measured, from 0 to 1.
func (e energy) Measured() float64 {
	if e.Wh == 0 {
		return 0
	}
	measured := 0.0
	for method, wh := range e.byMethod {
		if !estimated(method) {
			measured += wh
		}
	}
	return measured / e.Wh
}

// estimated tells whether a method has a model in it.
func estimated(method string) bool { return strings.Contains(method, "model") }

// hour is what the machines counted by the hour did in one hour.
type hour struct {
	Start     time.Time // in the zone of the site
	Machine   energy    // whole machines
	CPU       energy    // their processors, where measured; part of Machine, and never added to it
	Display   energy    // their external screens; not part of Machine, and not added to it
	Simulated bool
	machines  map[string]bool
}

// Machines is how many machines sent something about this hour.
func (h hour) Machines() int { return len(h.machines) }

// Coverage is the share of the hour of all these machines that their energy covers, from 0 to 1.
func (h hour) Coverage() float64 {
	if len(h.machines) == 0 {
		return 0
	}
	return min(1, h.Machine.CoveredS/float64(3600*len(h.machines)))
}

// hoursOf puts points of energy and of seconds into n hours, the last of which is the one that now lies in. A machine that
// sent its seconds and no energy counts as seen: its energy is what the coverage lacks. Simulated points count only where there are no others.
func hoursOf(points []collector.Point, zone *time.Location, now time.Time, n int) []hour {
	hours := make([]hour, n)
	first := firstHour(now, zone, n)
	for i := range hours {
		hours[i] = hour{Start: first.Add(time.Duration(i) * time.Hour).In(zone), machines: map[string]bool{}}
	}
	points = slices.DeleteFunc(slices.Clone(points), func(p collector.Point) bool {
		return p.Time.Before(first) || int(p.Time.Sub(first)/time.Hour) >= n
	})
	for _, p := range oneKind(points) {
		h := &hours[int(p.Time.Sub(first)/time.Hour)]
		h.machines[p.Tags.Get("machine")] = true
		h.Simulated = h.Simulated || simulated(p)
		switch p.Tags.Get("scope") {
		case "machine":
			h.Machine.add(p)
		case "cpu":
			h.CPU.add(p)
		case "display":
			h.Display.add(p)
		} // seconds have no scope
	}
	return hours
}

// oneKind are the real points; the simulated ones where there are no real ones at all. The two are never added.
func oneKind(points []collector.Point) []collector.Point {
	if !slices.ContainsFunc(points, func(p collector.Point) bool { return !simulated(p) }) {
		return points
	}
	return slices.DeleteFunc(slices.Clone(points), simulated)
}

// simulated tells whether no real machine sent a point.
func simulated(p collector.Point) bool { return p.Tags.Get("simulated") == "yes" }

// firstHour is the start of the first of n hours, as the clocks of the site strike them: in the Marquesas that is half an
// hour after those of Paris.
func firstHour(now time.Time, zone *time.Location, n int) time.Time {
	_, offset := now.In(zone).Zone()
	local := time.Duration(offset) * time.Second
	return now.Add(local).Truncate(time.Hour).Add(-local).Add(-time.Duration(n-1) * time.Hour).UTC()
}

// sum is what hours have in all.
type sum struct {
	energy
	Machines  int     // seen in any of the hours
	Coverage  float64 // share of the hours in which they were seen that the energy covers, from 0 to 1
	Simulated bool    // some of it
	HasCPU    bool    // some processors were measured
	Screens   bool    // some have external screens
}

func total(hours []hour) sum {
	t := sum{energy: energy{byMethod: map[string]float64{}}}
	seen, expectedS := map[string]bool{}, 0.0
	for _, h := range hours {
		t.Wh += h.Machine.Wh
		t.Low += h.Machine.Low
		t.High += h.Machine.High
		t.CoveredS += h.Machine.CoveredS
		for method, wh := range h.Machine.byMethod {
			t.byMethod[method] += wh
		}
		expectedS += float64(3600 * h.Machines())
		maps.Copy(seen, h.machines)
		t.Simulated = t.Simulated || h.Simulated
		t.HasCPU = t.HasCPU || h.CPU.CoveredS > 0
		t.Screens = t.Screens || h.Display.CoveredS > 0
	}
	t.Machines = len(seen)
	if expectedS > 0 {
		t.Coverage = min(1, t.CoveredS/expectedS)
	}
	return t
}
