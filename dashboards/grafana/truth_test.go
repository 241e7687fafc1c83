package grafana_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"veille/collector"
	"veille/dashboards/grafana"
)

// What each panel is to show, added up here from the points of the world, in other words than those of the queries.

// picked are sites, uses and what else somebody chose, and the range.
type picked struct {
	chosen
	from, to time.Time
	engine   grafana.Engine
}

// has tells whether a variable lets a value through.
func (p picked) has(name, value string) bool {
	return p.chosen[name] == nil || slices.Contains(p.chosen[name], value)
}

// sums are figures by name and second; of a table by the values of its tags and the ids of its columns.
type (
	lines map[string]map[int64]float64
	cells map[string]map[string]float64
)

func (l lines) add(name string, at time.Time, x float64) {
	if l[name] == nil {
		l[name] = map[int64]float64{}
	}
	l[name][at.Unix()] += x
}

func (c cells) add(key, column string, x float64) {
	if c[key] == nil {
		c[key] = map[string]float64{}
	}
	c[key][column] += x
}

// each gives the points of a measurement in the range that are not simulated.
func (w *world) each(m collector.Measurement, p picked, do func(collector.Point, func(string) string)) {
	for _, x := range w.points {
		if x.Measurement == m && !x.Time.Before(p.from) && !x.Time.After(p.to) && x.Tags.Get("simulated") != "yes" {
			do(x, x.Tags.Get)
		}
	}
}

// others are shared machines and servers of the chosen sites.
func (w *world) others(m collector.Measurement, p picked, do func(collector.Point, func(string) string)) {
	w.each(m, p, func(x collector.Point, tag func(string) string) {
		if p.has("site", tag("site")) && p.has("use", tag("use")) {
			do(x, tag)
		}
	})
}

func all(x collector.Point) float64 {
	return x.Fields["on"] + x.Fields["display_off"] + x.Fields["sleep"] + x.Fields["off"] + x.Fields["unknown"]
}

func outside(part string) bool { return part == "night" || part == "weekend" || part == "holiday" }

func (w *world) itLines(p picked) map[string]lines {
	hours, out, ranged, power, cpu := lines{}, lines{}, lines{}, lines{}, lines{}
	w.others(collector.DaySeconds, p, func(x collector.Point, _ func(string) string) {
		for _, s := range []string{"on", "display_off", "sleep", "off", "unknown"} {
			hours.add("state="+s, x.Time, x.Fields[s]/3600)
		}
	})
	w.others(collector.DayEnergy, p, func(x collector.Point, tag func(string) string) {
		if tag("scope") == "cpu" {
			cpu.add("scope=cpu", x.Time, x.Fields["wh"]/1000)
			return
		}
		if outside(tag("part")) {
			out.add("part="+tag("part"), x.Time, x.Fields["wh"]/1000)
		}
		for _, f := range []string{"wh", "low_wh", "high_wh"} {
			ranged.add("range="+f, x.Time, x.Fields[f]/1000)
		}
	})
	week := p
	week.from = p.to.Add(-7 * 24 * time.Hour)
	if p.engine == grafana.Victoria { // it is asked at whole hours
		week.from = week.from.Truncate(time.Hour)
	}
	w.others(collector.HourEnergy, week, func(x collector.Point, tag func(string) string) {
		if tag("scope") != "cpu" {
			power.add("use="+tag("use"), x.Time, x.Fields["wh"])
		}
	})
	return map[string]lines{"it.hours": hours, "it.outside": out, "it.range": ranged, "it.power": power, "it.cpu": cpu, "it.meter_days": w.countedDays(p, "kind", ""), "it.meter_power": w.powers(p)}
}

func (w *world) itTables(p picked) map[string]cells {
	sites, out, awake, now, falling := cells{}, cells{}, cells{}, cells{}, cells{}
	w.others(collector.DaySeconds, p, func(x collector.Point, tag func(string) string) {
		key := tag("site") + "|" + tag("use")
		for _, s := range []string{"on", "display_off", "sleep", "off", "unknown"} {
			sites.add(key, s, x.Fields[s]/3600)
		}
		if outside(tag("part")) {
			out.add(key, "machine_hours", all(x)/3600)
		}
	})
	w.others(collector.DayEnergy, p, func(x collector.Point, tag func(string) string) {
		if outside(tag("part")) && tag("scope") != "cpu" {
			out.energy(tag("site")+"|"+tag("use"), x, tag("scope") == "machine")
		}
	})
	out.shares("coverage", "covered", "machine_hours", true)
	week := p
	week.from = p.to.Add(-7 * 24 * time.Hour)
	rest, on := map[string]float64{}, map[string]float64{}
	w.others(collector.HourSeconds, week, func(x collector.Point, tag func(string) string) {
		if tag("part") != "open" {
			key := tag("site") + "|" + tag("use") + "#" + tag("machine")
			rest[key] += x.Fields["sleep"] + x.Fields["off"]
			on[key] += x.Fields["on"] + x.Fields["display_off"]
		}
	})
	for key := range rest {
		place, _, _ := strings.Cut(key, "#")
		awake.add(place, "heard", 1)
		if rest[key] == 0 && on[key] >= 86_400 {
			awake.add(place, "sleepless", 1)
		}
	}
	awake.shares("sleepless_share", "sleepless", "heard", false)
	w.each(collector.MeterPower, picked{from: p.to.Add(-time.Hour), to: p.to}, func(x collector.Point, tag func(string) string) {
		if p.has("site", tag("site")) {
			now[tag("kind")+"|"+tag("meter")+"|"+tag("site")] = map[string]float64{"w": x.Fields["w"]} // they are in order
		}
	})
	for key, scores := range w.scores(p, func(string) bool { return true }) {
		first, last := scores[0].Fields["mean"], scores[len(scores)-1].Fields["mean"]
		falling[key] = map[string]float64{"first": first, "last": last, "difference": last - first, "trend": last - first}
	}
	return map[string]cells{"it.sites": sites, "it.outside_sites": out, "it.sleepless": awake, "it.meters_now": now, "it.falling": falling}
}

// energy adds an energy to a row; its covered time where it is of whole machines.
func (c cells) energy(key string, x collector.Point, machine bool) {
	for id, f := range map[string]string{"kwh": "wh", "kwh_low": "low_wh", "kwh_high": "high_wh"} {
		c.add(key, id, x.Fields[f]/1000)
	}
	if machine {
		c.add(key, "covered", x.Fields["covered_s"]/3600)
	}
}

// shares divides, and takes away what was divided where it was only for that.
func (c cells) shares(id, above, below string, away bool) {
	for _, r := range c {
		a, ok := r[above]
		b, ok2 := r[below]
		if ok && ok2 {
			r[id] = a / b
		}
		if away {
			delete(r, above)
		}
	}
}

// counted gives what the meters of a kind counted on the days of the range at the chosen sites, in kWh; kind "": all of them.
func (w *world) counted(p picked, kind string, do func(at time.Time, tag func(string) string, kwh float64)) {
	w.each(collector.DayMeter, p, func(x collector.Point, tag func(string) string) {
		if p.has("site", tag("site")) && (kind == "" || tag("kind") == kind) {
			do(x.Time, tag, x.Fields["wh"]/1000)
		}
	})
}

func (w *world) countedDays(p picked, by, kind string) lines {
	l := lines{}
	w.counted(p, kind, func(at time.Time, tag func(string) string, kwh float64) {
		name := tag(by)
		if by == "kind" {
			name = "kind=" + name
		}
		l.add(name, at, kwh)
	})
	return l
}

// powers are the means of quarters of an hour, of which each has one reading at most.
func (w *world) powers(p picked) lines {
	l := lines{}
	from := p.to.Add(-24 * time.Hour)
	w.each(collector.MeterPower, picked{from: from, to: p.to}, func(x collector.Point, tag func(string) string) {
		if p.has("site", tag("site")) {
			l.add("kind="+tag("kind"), x.Time.Truncate(15*time.Minute), x.Fields["w"])
		}
	})
	return l
}

// daily are points of websites and pages, one for each day and each of their tags but the version. Of several InfluxDB gives the last, and VictoriaMetrics the highest
// of each figure.
func (w *world) daily(m collector.Measurement, p picked) []collector.Point {
	at, all := map[string]int{}, []collector.Point{}
	var found []collector.Point
	w.each(m, p, func(x collector.Point, _ func(string) string) { found = append(found, x) })
	slices.SortFunc(found, func(a, b collector.Point) int { return a.Time.Compare(b.Time) })
	for _, x := range found {
		x.Time, x.Fields = x.Time.Truncate(24*time.Hour), maps.Clone(x.Fields)
		key := strings.Join([]string{x.Tags.Get("website"), x.Tags.Get("mode"), x.Tags.Get("url"), x.Time.String()}, "|")
		i, ok := at[key]
		if !ok {
			at[key] = len(all)
			all = append(all, x)
			continue
		}
		for f, v := range x.Fields {
			if before := all[i].Fields[f]; p.engine == grafana.Influx || v > before {
				all[i].Fields[f] = v
			}
		}
	}
	return all
}

// scores are the days of websites in the range that have a run, by website and mode, in order.
func (w *world) scores(p picked, of func(website string) bool) map[string][]collector.Point {
	all := map[string][]collector.Point{}
	for _, x := range w.daily(collector.SiteScore, p) {
		if of(x.Tags.Get("website")) {
			key := x.Tags.Get("mode") + "|" + x.Tags.Get("website")
			all[key] = append(all[key], x)
		}
	}
	return all
}

// near tells whether two figures are the same but for how computers add.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1) || cmp.Compare(a, b) == 0
}
