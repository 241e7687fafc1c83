package grafana

import "veille/collector"

// What all boards ask for. Energy of the scope machine and of external displays is added, as on the pages; that of a processor is part of its machine's.
func real(a ask) ask  { return a.and(is("simulated", "$simulated")) }
func whole(a ask) ask { return a.and(oneOf("scope", "machine", "display")) }
func chosen(a ask) ask {
	return a.and(oneOf("site", "$site"), oneOf("use", "$use"))
}

// states are the seconds of the five states.
func states() []string { return []string{"on", "display_off", "sleep", "off", "unknown"} }

const (
	perHour = 3600 // seconds
	perKWh  = 1000 // watt-hours
)

// itBoard is what IT staff look at.
func (b *board) itBoard() {
	b.begin("it", "now-30d/d")
	b.variables(b.simulated(), b.numbers("site", collector.DaySeconds, "on"), b.listed("use", "shared", "server"))
	b.put(b.text("it.note"), width, 5, "it.note")
	b.itHours()
	b.itEnergy()
	b.itMeters()
	b.put(b.list(table{
		by: []string{"website", "mode"}, daily: true, sort: "difference", up: true,
		columns: []column{
			{ask: ask{of: collector.SiteScore, fields: []string{"mean"}, fold: "last", by: []string{"website", "mode"}}, id: "first", agg: "first", unit: "none", decimals: 1},
			{ask: ask{of: collector.SiteScore, fields: []string{"mean"}, fold: "last", by: []string{"website", "mode"}}, id: "last", unit: "none", decimals: 1},
		},
		reckoned: []reckoned{
			{id: "difference", left: "last", op: "-", right: "first", unit: "none", decimals: 1},
			{id: "trend", left: "difference", op: "*", right: "1"},
		},
		order: []string{"first", "last", "difference", "trend"},
	}), width, 8, "it.falling", "web_method")
}

func (b *board) itHours() {
	seconds := chosen(real(ask{of: collector.DaySeconds, per: perHour}))
	var lines []series
	var columns []column
	for _, s := range states() {
		a := seconds
		a.fields = []string{s}
		lines = append(lines, series{ask: a, name: b.say("state=" + s), color: stateColors()[s]})
		columns = append(columns, column{ask: a.grouped("site", "use"), id: s, unit: "suffix: h", decimals: 0})
	}
	b.put(b.chart(style{unit: "suffix: h", bars: true, calc: "sum"}, lines), 12, 10, "it.hours", "hours", "others_only", "utc_days")
	b.put(b.list(table{
		by: []string{"site", "use"}, columns: columns, order: states(), sort: "on",
	}), 12, 10, "it.sites", "hours", "others_only")
	outside := chosen(real(ask{of: collector.HourSeconds})).and(isNot("part", "open")).grouped("site", "use")
	all := chosen(real(ask{of: collector.HourSeconds})).and(isNot("part", "open")).grouped("site", "use")
	awakeInflux, awakeProm := sleepless(outside)
	heardInflux, heardProm := heard(all)
	b.put(b.list(table{
		by: []string{"site", "use"}, sort: "sleepless",
		columns: []column{
			{id: "sleepless", influx: awakeInflux, prom: awakeProm, unit: "none", none: "0"},
			{id: "heard", influx: heardInflux, prom: heardProm, unit: "none"},
		},
		reckoned: []reckoned{{id: "sleepless_share", left: "sleepless", op: "/", right: "heard", unit: "percentunit", none: "0"}},
		order:    []string{"sleepless", "heard", "sleepless_share"},
	}).during("7d"), 12, 9, "it.sleepless", "others_only", "no_single")
}

func (b *board) itEnergy() {
	energy := chosen(real(whole(ask{of: collector.DayEnergy, fields: []string{"wh"}, per: perKWh})))
	outside := energy.and(oneOf("part", "night", "weekend", "holiday"))
	b.put(b.chart(style{unit: "kwatth", bars: true, calc: "sum"}, []series{{ask: outside.grouped("part")}}), 12, 9, "it.outside", "scopes", "others_only", "utc_days")
	b.put(b.chart(style{unit: "kwatth", band: true, calc: "sum"}, b.ranged(energy)), 12, 9, "it.range", "scopes", "range", "others_only", "utc_days")
	by := outside.grouped("site", "use")
	hours := chosen(real(ask{of: collector.DaySeconds, fields: states(), per: perHour})).and(oneOf("part", "night", "weekend", "holiday")).grouped("site", "use")
	covered := by.and(is("scope", "machine"))
	covered.fields, covered.per = []string{"covered_s"}, perHour
	b.put(b.list(b.energyTable(by, covered, hours)), 12, 9, "it.outside_sites", "scopes", "range", "coverage", "others_only")
	hourly := chosen(real(whole(ask{of: collector.HourEnergy, fields: []string{"wh"}, by: []string{"use"}})))
	b.put(b.chart(style{unit: "watt", bars: true, calc: "mean", zone: "browser"}, []series{{ask: hourly}}).during("7d"), 12, 9, "it.power", "scopes", "others_only")
	cpu := chosen(real(ask{of: collector.DayEnergy, fields: []string{"wh"}, per: perKWh})).and(is("scope", "cpu"))
	b.put(b.chart(style{unit: "kwatth", calc: "sum"}, []series{{ask: cpu, name: b.say("scope=cpu"), color: blue}}), 12, 9, "it.cpu", "others_only", "utc_days")
}

func (b *board) itMeters() {
	days := ask{of: collector.DayMeter, fields: []string{"wh"}, per: perKWh}.and(oneOf("site", "$site")).grouped("kind")
	b.put(b.chart(style{unit: "kwatth", bars: true, calc: "sum"}, []series{{ask: days}}), 12, 9, "it.meter_days", "meters", "utc_days")
	power := ask{of: collector.MeterPower}.and(oneOf("site", "$site"))
	influx, prom := drawn(power.grouped("kind"))
	chart := b.chart(style{unit: "watt", calc: "lastNotNull", zone: "browser"}, []series{{ask: power.grouped("kind"), influx: influx, prom: prom}}).during("24h")
	chart.Interval, chart.MaxDataPoints = "15m", 500
	for i := range chart.Targets {
		if chart.Targets[i].Expr != "" {
			chart.Targets[i].Interval = "15m"
		}
	}
	b.put(chart, 12, 9, "it.meter_power", "meters_power")
	by := []string{"site", "kind", "meter"}
	influx, prom = lastDrawn(power.grouped(by...))
	b.put(b.list(table{
		by: by, columns: []column{{id: "w", influx: influx, prom: prom, unit: "watt"}}, order: []string{"w"}, sort: "w",
	}).during("1h"), width, 9, "it.meters_now", "meters_power")
}

// ranged are an energy, and the lower and the upper end of its range.
func (b *board) ranged(a ask) (all []series) {
	for _, f := range []string{"wh", "low_wh", "high_wh"} {
		a.fields = []string{f}
		all = append(all, series{ask: a, name: b.say("range=" + f), color: map[string]string{"wh": blue, "low_wh": grey, "high_wh": grey}[f]})
	}
	return all
}

// energyTable is an energy with its range and its coverage, by the tags of all three.
func (b *board) energyTable(energy, covered, hours ask) table {
	t := table{by: energy.by, sort: "kwh"}
	for _, f := range []struct{ id, field string }{{"kwh", "wh"}, {"kwh_low", "low_wh"}, {"kwh_high", "high_wh"}} {
		a := energy
		a.fields = []string{f.field}
		t.columns = append(t.columns, column{ask: a, id: f.id, unit: "kwatth", decimals: 0})
	}
	t.columns = append(t.columns,
		column{ask: covered, id: "covered", unit: "suffix: h", aside: true}, column{ask: hours, id: "machine_hours", unit: "suffix: h"})
	t.reckoned = []reckoned{{id: "coverage", left: "covered", op: "/", right: "machine_hours", unit: "percentunit"}}
	t.order = []string{"kwh", "kwh_low", "kwh_high", "machine_hours", "coverage"}
	return t
}
