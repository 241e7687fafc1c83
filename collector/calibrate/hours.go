package calibrate

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"veille/collector"
)

// mostApart is how far two readings of a counter may be apart for what it counted in an hour to be known: what lies between is spread evenly.
const mostApart = 10 * time.Minute

// Hours are those of a machine of which everything is known, by the points of hour_seconds and hour_energy of that machine, and those of meter_energy and
// meter_power of its plugs. Left out are hours of which a second is unknown, that are simulated, or that a plug does not cover. Where there are counters, what
// plugs say of their power is left aside: it is the same plug. A machine with several plugs takes what all of them say together.
func Hours(seconds, energy, plugs []collector.Point) (all []Hour) {
	spent, models := stateSeconds(seconds), modelled(energy)
	byMeter := plugsOf(plugs)
	if len(byMeter) == 0 {
		return nil
	}
	for at, s := range spent {
		if s[0]+s[1]+s[2]+s[3] != hourS {
			continue
		}
		h := Hour{At: time.Unix(at, 0).UTC(), Seconds: s, Model: models[at]}
		known := true
		for _, meter := range slices.Sorted(maps.Keys(byMeter)) {
			wh, ok := inHour(byMeter[meter], h.At)
			h.Wh, known = h.Wh+wh, known && ok
		}
		if known {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b Hour) int { return a.At.Compare(b.At) })
	return all
}

// stateSeconds are the seconds of each hour in each state; of an hour with seconds that are unknown, or simulated, too few.
func stateSeconds(points []collector.Point) map[int64][4]float64 {
	all := map[int64][4]float64{}
	for _, p := range points {
		if p.Measurement != collector.HourSeconds || p.Tags.Get("simulated") == "yes" {
			continue
		}
		s := all[p.Time.Unix()]
		for i, state := range States() {
			s[i] += p.Fields[state]
		}
		all[p.Time.Unix()] = s
	}
	return all
}

// modelled is what models say of whole hours.
func modelled(points []collector.Point) map[int64]*Model {
	all, covered := map[int64]*Model{}, map[int64]float64{}
	for _, p := range points {
		if p.Measurement != collector.HourEnergy || p.Tags.Get("scope") != "machine" || !strings.HasPrefix(p.Tags.Get("method"), "model") {
			continue
		}
		at := p.Time.Unix()
		if all[at] == nil {
			all[at] = &Model{}
		}
		m := all[at]
		m.Wh, m.Low, m.High = m.Wh+p.Fields["wh"], m.Low+p.Fields["low_wh"], m.High+p.Fields["high_wh"]
		covered[at] += p.Fields["covered_s"]
	}
	maps.DeleteFunc(all, func(at int64, _ *Model) bool { return covered[at] != hourS })
	return all
}

// plugsOf are the points of each plug in the order of their moments: those of counters, where there are any.
func plugsOf(points []collector.Point) map[string][]collector.Point {
	all := map[string][]collector.Point{}
	kind := collector.MeterPower
	if slices.ContainsFunc(points, func(p collector.Point) bool { return p.Measurement == collector.MeterEnergy }) {
		kind = collector.MeterEnergy
	}
	for _, p := range points {
		if p.Measurement == kind {
			all[p.Tags.Get("meter")] = append(all[p.Tags.Get("meter")], p)
		}
	}
	for _, of := range all {
		slices.SortStableFunc(of, func(a, b collector.Point) int { return a.Time.Compare(b.Time) })
	}
	return all
}

// inHour is what one plug says of the hour that begins at a moment, in Wh; false where it does not cover it.
func inHour(points []collector.Point, at time.Time) (wh float64, ok bool) {
	end := at.Add(time.Hour)
	first, _ := slices.BinarySearchFunc(points, at, func(p collector.Point, t time.Time) int { return cmp.Compare(p.Time.UnixNano(), t.UnixNano()+1) })
	if first--; first < 0 { // the last that is not after the beginning
		return 0, false
	}
	until := at
	for i := first; until.Before(end); i++ {
		p := points[i]
		next := p.Time.Add(collector.MeterHold)
		if i+1 < len(points) {
			next = points[i+1].Time
		}
		from, to := slices.MaxFunc([]time.Time{at, p.Time}, time.Time.Compare), slices.MinFunc([]time.Time{end, next}, time.Time.Compare)
		if p.Measurement == collector.MeterPower {
			if next.Sub(p.Time) > collector.MeterHold {
				return 0, false
			}
			wh += max(0, p.Fields["w"]) * to.Sub(from).Hours()
		} else {
			if i+1 == len(points) || next.Sub(p.Time) > mostApart || points[i+1].Fields["wh"] < p.Fields["wh"] {
				return 0, false
			}
			wh += (points[i+1].Fields["wh"] - p.Fields["wh"]) * float64(to.Sub(from)) / float64(next.Sub(p.Time))
		}
		if until = to; i+1 == len(points) && until.Before(end) {
			return 0, false
		}
	}
	return wh, true
}
