package storetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"veille/collector"
)

// Samples are points of every measurement with all tags and fields that it has, at an hour, or at the date of that hour. n makes others of them.
func Samples(at time.Time, n int) []collector.Point {
	tags := map[collector.Measurement]string{
		collector.HourEnergy: "machine method part scope simulated site use", collector.HourSeconds: "machine part simulated site use",
		collector.PageScore: "mode protocol url version website", collector.SiteScore: "mode protocol url version website",
		collector.DayEnergy: "class group method part scope simulated site use", collector.DaySeconds: "class group part simulated site use",
		collector.MonthEnergy:  "class group organisation part simulated site use",
		collector.MonthSeconds: "class group organisation part simulated site use",
		collector.DayMeter:     "kind meter site", collector.MeterEnergy: "kind meter site", collector.MeterPower: "kind meter site",
	}
	const energy, seconds = "wh low_wh high_wh covered_s", "on display_off sleep off unknown"
	fields := map[collector.Measurement]string{
		collector.HourEnergy: energy, collector.HourSeconds: seconds, collector.PageScore: "dom requests size_kb score score_raw",
		collector.SiteScore: "mean mean_low mean_high median pages measured failed size_kb grade_a grade_b grade_c grade_d grade_e grade_f grade_g",
		collector.DayEnergy: energy, collector.DaySeconds: seconds + " machines", collector.MonthEnergy: energy,
		collector.MonthSeconds: seconds + " machines", collector.DayMeter: "wh covered_s",
		collector.MeterEnergy: "wh", collector.MeterPower: "w",
	}
	var all []collector.Point
	for _, m := range collector.Measurements() {
		p := collector.Point{Measurement: m, Time: at, Fields: collector.Fields{}}
		if name := string(m); strings.HasPrefix(name, "day_") || strings.HasPrefix(name, "month_") {
			p.Time = at.UTC().Truncate(24 * time.Hour)
		}
		for name := range strings.FieldsSeq(tags[m]) {
			p.Tags = append(p.Tags, collector.Tag{Name: name, Value: fmt.Sprintf("%s %d", name, n)})
		}
		for i, name := range strings.Fields(fields[m]) {
			p.Fields[name] = math.Sqrt(float64(i+2)) * float64(n+1) * 100
		}
		all = append(all, p)
	}
	return all
}

// OddTexts are values of tags that engines may trip over.
func OddTexts() []string {
	return []string{
		"a b", " ", "a,b", "a=b", `a"b`, `"`, "a'b", "'", `a\b`, `\`, `\\`, `\,`, `\ `, `\=`, `a\,b\ c\=d\`, `\n`, `\'`, `\"`, "a'; DROP DATABASE x; --",
		"🌱", "é à œ ß", "日本", "#", "# a", "${x}", "$", "{}", "[]", ".*", "^$", "a|b", "%s", "a/b?c=d&e=f#g", "null", "0", "-1", "1e9", "true",
		"\u2060", "\\\u2060", "\\\u2060,", "a\u2060b\\\u2060\u2060 c", "\u00a0", "\ufeff", strings.Repeat("long ", 800),
	}
}
