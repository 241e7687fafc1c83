package grafana

import "veille/collector"

// officerBoard is what the sustainability officer looks at.
func (b *board) officerBoard() {
	b.begin("officer", "now-12M/M")
	b.variables(b.simulated(), b.one("organisation", collector.MonthSeconds, "on"), b.numbers("site", collector.MonthSeconds, "on"))
	b.put(b.text("officer.note"), width, 6, "officer.note")
	org := func(a ask) ask { return real(a).and(is("organisation", "$organisation"), is("site", "")) }
	energy := org(ask{of: collector.MonthEnergy, fields: []string{"wh"}, per: perKWh})
	b.officerTotals(energy)
	b.officerParts(energy)
	seconds := org(ask{of: collector.MonthSeconds, fields: states(), per: perHour})
	var cover []series
	for _, use := range []string{"individual", "shared", "server"} {
		covered := energy.and(is("use", use))
		covered.fields, covered.per = []string{"covered_s"}, perHour
		cover = append(cover, series{ask: covered, over: new(seconds.and(is("use", use))), name: b.say("use=" + use), color: colorsOf("use")[use]})
	}
	b.put(b.chart(style{unit: "percentunit", calc: "lastNotNull", top: new(1.0)}, cover), 12, 9, "officer.coverage", "coverage", "hidden", "fixed")
	machines := org(ask{of: collector.MonthSeconds, fields: []string{"machines"}, fold: "max"})
	b.put(b.chart(style{unit: "none", calc: "lastNotNull"}, []series{{ask: machines.grouped("use")}}), 12, 9, "officer.machines", "hidden", "fixed")
	b.officerPlaces()
	b.officerBuildings()
}

func (b *board) officerTotals(energy ask) {
	for i, s := range b.ranged(energy) {
		key := []string{"officer.total", "officer.total_low", "officer.total_high"}[i]
		b.put(b.stat("kwatth", s, ""), 6, 5, key, "scopes", "range", "hidden", "fixed")
	}
	b.put(b.stat("kwatth", b.ranged(energy)[0], "1y"), 6, 5, "officer.before", "scopes", "hidden", "fixed")
	b.put(b.chart(style{unit: "kwatth", bars: true, calc: "sum"}, []series{{ask: energy.grouped("part")}}), 12, 10, "officer.months", "scopes", "hidden", "fixed", "utc_months")
	earlier := b.chart(style{unit: "kwatth", bars: true, calc: "sum"}, []series{{ask: energy.grouped("part")}})
	earlier.TimeShift = "1y"
	b.put(earlier, 12, 10, "officer.months_before", "scopes", "hidden", "fixed", "utc_months")
	b.put(b.chart(style{unit: "kwatth", band: true, calc: "sum"}, b.ranged(energy)), 12, 9, "officer.range", "scopes", "range", "hidden", "fixed", "notes")
	b.put(b.chart(style{unit: "kwatth", bars: true, calc: "sum"}, []series{{ask: energy.grouped("use")}}), 12, 9, "officer.uses", "scopes", "hidden", "fixed", "utc_months")
}

// officerParts are the shares of the energy that was used outside of open hours, of what may be told apart.
func (b *board) officerParts(energy ask) {
	var all []series
	told := energy.and(oneOf("part", "open", "night", "weekend", "holiday"))
	for _, part := range []string{"night", "weekend", "holiday"} {
		all = append(all, series{ask: energy.and(is("part", part)), over: &told, name: b.say("part=" + part), color: colorsOf("part")[part]})
	}
	b.put(b.chart(style{unit: "percentunit", calc: "lastNotNull", top: new(1.0)}, all), width, 9, "officer.shares", "share_range", "mixed", "hidden", "fixed")
}

func (b *board) officerPlaces() {
	sites := func(a ask) ask {
		return real(a).and(is("organisation", "$organisation"), oneOf("site", "$site"), is("group", ""))
	}
	groups := func(a ask) ask {
		return real(a).and(is("organisation", "$organisation"), oneOf("site", "$site"), isNot("group", ""), is("class", ""))
	}
	energy := ask{of: collector.MonthEnergy, fields: []string{"wh"}, per: perKWh}
	covered := ask{of: collector.MonthEnergy, fields: []string{"covered_s"}, per: perHour}
	hours := ask{of: collector.MonthSeconds, fields: states(), per: perHour}
	b.put(b.chart(style{unit: "kwatth", calc: "sum"}, []series{{ask: sites(energy).grouped("site")}}), 12, 11, "officer.site_months", "scopes", "hidden", "hidden_parts", "fixed")
	b.put(b.list(b.energyTable(sites(energy).grouped("site", "use"), sites(covered).grouped("site", "use"), sites(hours).grouped("site", "use"))), 12, 11,
		"officer.sites", "scopes", "range", "coverage", "hidden", "fixed")
	parts := []string{"site", "part"}
	b.put(b.list(b.energyTable(sites(energy).grouped(parts...), sites(covered).grouped(parts...), sites(hours).grouped(parts...))), 12, 10,
		"officer.site_parts", "scopes", "range", "coverage", "mixed", "hidden", "fixed")
	by := []string{"site", "group", "part"}
	b.put(b.list(b.energyTable(groups(energy).grouped(by...), groups(covered).grouped(by...), groups(hours).grouped(by...))), 12, 10,
		"officer.groups", "scopes", "range", "coverage", "mixed", "hidden", "fixed")
	b.put(b.chart(style{unit: "kwatth", calc: "sum"}, []series{{ask: groups(energy).grouped("group")}}), width, 9, "officer.group_months", "scopes", "hidden", "hidden_parts", "fixed")
}

// officerBuildings sets what machines used beside what the building's own meters counted.
func (b *board) officerBuildings() {
	building := ask{of: collector.DayMeter, fields: []string{"wh"}, per: perKWh, by: []string{"site"}}.and(is("kind", "building"), oneOf("site", "$site"))
	it := real(ask{of: collector.MonthEnergy, fields: []string{"wh"}, per: perKWh, by: []string{"site"}}).and(
		is("organisation", "$organisation"), oneOf("site", "$site"), is("group", ""))
	low, high := it, it
	low.fields, high.fields = []string{"low_wh"}, []string{"high_wh"}
	b.put(b.list(table{
		by: []string{"site"}, sort: "it_share",
		columns: []column{
			{ask: it, id: "it", unit: "kwatth"},
			{ask: low, id: "it_low", unit: "kwatth"},
			{ask: high, id: "it_high", unit: "kwatth"},
			{ask: building, id: "counted", unit: "kwatth"},
		},
		reckoned: []reckoned{{id: "it_share", left: "it", op: "/", right: "counted", unit: "percentunit", decimals: 1}},
		order:    []string{"it", "it_low", "it_high", "counted", "it_share"},
	}), 12, 10, "officer.building", "scopes", "range", "meters", "whole_months", "hidden", "fixed")
	b.put(b.chart(style{unit: "kwatth", bars: true, calc: "sum"}, []series{{ask: building}}), 12, 10, "officer.building_days", "meters", "utc_days")
}
