package grafana

import (
	"fmt"
	"strings"

	"veille/collector"
)

// What one ask cannot say: powers, machines that never sleep, the worst pages.

// drawn is the mean power of meters together, in W, by a tag. In VictoriaMetrics each month of a meter is a series of its own.
func drawn(a ask) (influx, prom string) {
	inner := fmt.Sprintf(`SELECT mean("w") AS "w"%s%s`, a.influxFrom(), influxBy("$__interval", append([]string{"meter"}, a.by...)))
	influx = fmt.Sprintf(`SELECT sum("w") FROM (%s) WHERE $timeFilter%s`, inner, influxBy("$__interval", a.by))
	by := strings.Join(a.by, ", ")
	prom = fmt.Sprintf("sum by (%s) (avg by (%s, meter) (avg_over_time(%s[$__interval] offset -$__interval)))", by, by, a.selector("w"))
	return influx, prom
}

// lastDrawn is the last power of each combination of tags in the range.
func lastDrawn(a ask) (influx, prom string) {
	influx = `SELECT last("w") AS "w"` + a.influxFrom() + influxBy("", a.by)
	prom = fmt.Sprintf("max by (%s) (last_over_time(%s[$__range]))", strings.Join(a.by, ", "), a.selector("w"))
	return influx, prom
}

// awakeAtLeast is for how many seconds a machine was on outside of open hours before it is said never to sleep.
const awakeAtLeast = 86_400

// sleepless counts the machines that were on outside of open hours for a day or more, and neither asleep nor off for a second. It groups by machine, which
// only points of shared machines and servers have, and gives no figure of one.
func sleepless(a ask) (influx, prom string) {
	each := a.grouped(append([]string{"machine"}, a.by...)...)
	inner := fmt.Sprintf(`SELECT sum("sleep") + sum("off") AS "rest", sum("on") + sum("display_off") AS "awake"%s%s`, each.influxFrom(), influxBy("", each.by))
	influx = fmt.Sprintf(`SELECT count("rest") AS "sleepless" FROM (SELECT "rest" FROM (%s) WHERE "rest" = 0 AND "awake" >= %d) WHERE $timeFilter%s`,
		inner, awakeAtLeast, influxBy("", a.by))
	rest, awake := each, each
	rest.fields, awake.fields = []string{"sleep", "off"}, []string{"on", "display_off"}
	prom = fmt.Sprintf("count by (%s) ((%s) == 0 and (%s) >= %d)", strings.Join(a.by, ", "), rest.promTotal(), awake.promTotal(), awakeAtLeast)
	return influx, prom
}

// heard counts the machines that said something.
func heard(a ask) (influx, prom string) {
	each := a.grouped(append([]string{"machine"}, a.by...)...)
	each.fields = []string{"on"}
	inner := `SELECT sum("on") AS "on"` + each.influxFrom() + influxBy("", each.by)
	influx = fmt.Sprintf(`SELECT count("on") AS "heard" FROM (%s) WHERE $timeFilter%s`, inner, influxBy("", a.by))
	prom = fmt.Sprintf("count by (%s) (%s)", strings.Join(a.by, ", "), each.promTotal())
	return influx, prom
}

// worst are the pages with the lowest of their last scores. A series of VictoriaMetrics ends where the version of the program changes, and the last value
// of the one before is no longer that of the page: of several the one of the shortest time back is taken.
func worst(website, how string, n int) (influx, prom string) {
	a := ask{of: collector.PageScore, where: []condition{is("website", website), is("mode", how)}}
	influx = fmt.Sprintf(`SELECT bottom("score", "url", %d) AS "score" FROM (SELECT last("score_raw") AS "score"%s GROUP BY "url") WHERE $timeFilter`, n, a.influxFrom())
	var all []string
	for _, window := range []string{"1d", "8d", "31d", "92d", "$__range"} {
		all = append(all, fmt.Sprintf("max by (url) (last_over_time(%s[%s]))", a.selector("score_raw"), window))
	}
	prom = fmt.Sprintf("bottomk(%d, (%s) and on (url) %s)", n, strings.Join(all, " or "), all[len(all)-1])
	return influx, prom
}
