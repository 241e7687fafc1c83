package grafana_test

import (
	"strings"
	"time"

	"veille/collector"
)

// node tells which level of the tree a point of a month is of.
func node(tag func(string) string) string {
	switch {
	case tag("class") != "":
		return "class"
	case tag("group") != "":
		return "group"
	case tag("site") != "":
		return "site"
	}
	return "organisation"
}

func (w *world) officerLines(p picked) map[string]lines {
	l := map[string]lines{"officer.site_months": {}, "officer.group_months": {}}
	add := func(panel, name string, at time.Time, x float64) {
		if l[panel] == nil {
			l[panel] = lines{}
		}
		l[panel].add(name, at, x)
	}
	hours, told, out := lines{}, lines{}, lines{}
	w.each(collector.MonthSeconds, p, func(x collector.Point, tag func(string) string) {
		if p.has("organisation", tag("organisation")) && node(tag) == "organisation" {
			hours.add("use="+tag("use"), x.Time, all(x)/3600)
			if l["officer.machines"] == nil {
				l["officer.machines"] = lines{}
			}
			l["officer.machines"].add("use="+tag("use"), x.Time, 0)
			l["officer.machines"]["use="+tag("use")][x.Time.Unix()] = x.Fields["machines"] // the same in each part
		}
	})
	w.each(collector.MonthEnergy, p, func(x collector.Point, tag func(string) string) {
		kwh := x.Fields["wh"] / 1000
		switch level := node(tag); {
		case !p.has("organisation", tag("organisation")):
		case level == "organisation":
			for _, f := range []string{"wh", "low_wh", "high_wh"} {
				add("officer.range", "range="+f, x.Time, x.Fields[f]/1000)
			}
			add("officer.months", "part="+tag("part"), x.Time, kwh)
			add("officer.uses", "use="+tag("use"), x.Time, kwh)
			add("officer.coverage", "use="+tag("use"), x.Time, x.Fields["covered_s"]/3600)
			if tag("part") != "mixed" {
				told.add("", x.Time, kwh)
			}
			if outside(tag("part")) {
				out.add("part="+tag("part"), x.Time, kwh)
			}
		case level == "site" && p.has("site", tag("site")):
			add("officer.site_months", tag("site"), x.Time, kwh)
		case level == "group" && p.has("site", tag("site")):
			add("officer.group_months", tag("group"), x.Time, kwh)
		}
	})
	for name, values := range l["officer.coverage"] {
		for at := range values {
			values[at] /= hours[name][at]
		}
	}
	for _, values := range out {
		for at := range values {
			values[at] /= told[""][at]
		}
	}
	l["officer.shares"], l["officer.building_days"] = out, w.countedDays(p, "site", "building")
	return l
}

func (w *world) officerTables(p picked) map[string]cells {
	sites, parts, groups, building := cells{}, cells{}, cells{}, cells{}
	rows := func(tag func(string) string, do func(cells, string)) {
		switch {
		case !p.has("organisation", tag("organisation")) || !p.has("site", tag("site")):
		case node(tag) == "site":
			do(sites, tag("site")+"|"+tag("use"))
			do(parts, tag("part")+"|"+tag("site"))
		case node(tag) == "group":
			do(groups, tag("group")+"|"+tag("part")+"|"+tag("site"))
		}
	}
	w.each(collector.MonthSeconds, p, func(x collector.Point, tag func(string) string) {
		rows(tag, func(c cells, key string) { c.add(key, "machine_hours", all(x)/3600) })
	})
	w.each(collector.MonthEnergy, p, func(x collector.Point, tag func(string) string) {
		rows(tag, func(c cells, key string) { c.energy(key, x, true) })
		if p.has("organisation", tag("organisation")) && p.has("site", tag("site")) && node(tag) == "site" {
			for id, f := range map[string]string{"it": "wh", "it_low": "low_wh", "it_high": "high_wh"} {
				building.add(tag("site"), id, x.Fields[f]/1000)
			}
		}
	})
	w.counted(p, "building", func(_ time.Time, tag func(string) string, kwh float64) { building.add(tag("site"), "counted", kwh) })
	for _, c := range []cells{sites, parts, groups} {
		c.shares("coverage", "covered", "machine_hours", true)
	}
	building.shares("it_share", "it", "counted", false)
	return map[string]cells{"officer.sites": sites, "officer.site_parts": parts, "officer.groups": groups, "officer.building": building}
}

// officerStats are the sums of the range; from and to are those of each panel.
func (w *world) officerStats(p picked) map[string]float64 {
	one := func(p picked, name string) (sum float64) {
		for _, x := range w.officerLines(p)["officer.range"][name] {
			sum += x
		}
		return sum
	}
	return map[string]float64{"officer.total": one(p, "range=wh"), "officer.total_low": one(p, "range=low_wh"), "officer.total_high": one(p, "range=high_wh"), "officer.before": one(p, "range=wh")}
}

func (w *world) webLines(p picked) map[string]lines {
	l := map[string]lines{"web.mean": {}, "web.grades": {}, "web.size": {}}
	for _, x := range w.daily(collector.SiteScore, p) {
		website := x.Tags.Get("website")
		if p.has("website", website) {
			l["web.size"].add(website, x.Time, x.Fields["size_kb"])
		}
		if !p.has("focus", website) {
			continue
		}
		for _, f := range []string{"mean", "mean_low", "mean_high"} {
			if v, ok := x.Fields[f]; ok {
				l["web.mean"].add("range="+f, x.Time, v)
			}
		}
		for _, g := range "ABCDEFG" {
			l["web.grades"].add(string(g), x.Time, x.Fields["grade_"+strings.ToLower(string(g))])
		}
	}
	for _, f := range []string{"score_raw", "size_kb", "requests", "dom"} {
		l["web.page_"+f] = lines{}
		for _, x := range w.daily(collector.PageScore, p) {
			if p.has("focus", x.Tags.Get("website")) && p.has("how", x.Tags.Get("mode")) && p.has("page", x.Tags.Get("url")) {
				l["web.page_"+f].add("page="+f, x.Time, x.Fields[f])
			}
		}
	}
	return l
}

func (w *world) webTables(p picked) map[string]cells {
	sites, worst := cells{}, cells{}
	for key, runs := range w.scores(p, func(n string) bool { return p.has("website", n) }) {
		last := runs[len(runs)-1].Fields
		sites[key] = map[string]float64{"grade": last["mean"], "page_kb": last["size_kb"] / last["pages"]}
		for _, f := range []string{"mean", "mean_low", "mean_high", "pages", "measured", "failed"} {
			if x, ok := last[f]; ok {
				sites[key][f] = x
			}
		}
	}
	lastAt := map[string]time.Time{}
	w.each(collector.PageScore, p, func(x collector.Point, tag func(string) string) {
		if p.has("focus", tag("website")) && p.has("how", tag("mode")) && x.Time.After(lastAt[tag("url")]) {
			lastAt[tag("url")] = x.Time
			worst[tag("url")] = map[string]float64{"score": x.Fields["score_raw"], "grade": x.Fields["score_raw"]}
		}
	})
	return map[string]cells{"web.sites": sites, "web.worst": worst}
}
