package grafana

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
)

// ask is a question to a store of points, whatever language that speaks.
type ask struct {
	of     collector.Measurement
	fields []string // their sum
	where  []condition
	by     []string
	per    float64 // what the sum is divided by; 0: nothing
	fold   string  // how points of one step are made one: sum where it is "", max, or last
}

// condition is what a tag of a point must be. Its value may hold variables of a board.
type condition struct {
	tag    string
	op     string // =, !=, =~, or is: the value of a variable of which one value is chosen, whatever it is made of
	values []string
}

func is(tag, value string) condition               { return condition{tag, "=", []string{value}} }
func isNot(tag, value string) condition            { return condition{tag, "!=", []string{value}} }
func oneOf(tag string, values ...string) condition { return condition{tag, "=~", values} }

func (a ask) and(more ...condition) ask {
	a.where = append(slices.Clip(a.where), more...)
	return a
}

func (a ask) grouped(by ...string) ask {
	a.by = by
	return a
}

// pace is how far apart the points of one series are, and how much of that lies after the moment a query is asked at, for it to find the point of that moment. In
// VictoriaMetrics a newer version of a point lies later within the same hour, or the same day: the last one counts.
func pace(m collector.Measurement) (every, after string) {
	if m.Keeping() == collector.KeepHours {
		return "1h", "3599999ms"
	}
	return "1d", "86399999ms"
}

// The queries of InfluxQL.

func quoted(name string) string { return `"` + name + `"` }

// influx writes a condition. Grafana escapes the one value of a variable for a regular expression in InfluxQL, and for a text in PromQL.
func (c condition) influx() string {
	if c.op != "=~" && c.op != "is" {
		return quoted(c.tag) + " " + c.op + " '" + c.values[0] + "'"
	}
	text := strings.Join(c.values, "|")
	if len(c.values) > 1 {
		text = "(" + text + ")"
	}
	return quoted(c.tag) + " =~ /^" + text + "$/"
}

func (a ask) influxFrom() string {
	all := make([]string, 0, len(a.where)+1)
	for _, c := range a.where {
		all = append(all, c.influx())
	}
	return " FROM " + quoted(string(a.of.Keeping())) + "." + quoted(string(a.of)) + " WHERE " + strings.Join(append(all, "$timeFilter"), " AND ")
}

func (a ask) influxValue() string {
	fold := a.fold
	if fold == "" {
		fold = "sum"
	}
	all := make([]string, len(a.fields))
	for i, f := range a.fields {
		all[i] = fold + "(" + quoted(f) + ")"
	}
	text := strings.Join(all, " + ")
	if a.per == 0 {
		return text
	}
	if len(all) > 1 {
		text = "(" + text + ")"
	}
	return text + " / " + number(a.per)
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// influxBy is the end of a query. A step without points gets no row.
func influxBy(every string, by []string) string {
	all := make([]string, 0, len(by)+1)
	if every != "" {
		all = append(all, "time("+every+")")
	}
	for _, tag := range by {
		all = append(all, quoted(tag))
	}
	switch {
	case len(all) == 0:
		return ""
	case every == "":
		return " GROUP BY " + strings.Join(all, ", ")
	}
	return " GROUP BY " + strings.Join(all, ", ") + " fill(none)"
}

// influx is a series for each combination of the tags, step by step.
func (a ask) influx() string {
	every, _ := pace(a.of)
	return "SELECT " + a.influxValue() + a.influxFrom() + influxBy(every, a.by)
}

// The queries of PromQL.

func (c condition) prom() string {
	if c.op == "is" {
		c.op = "="
	}
	return c.tag + c.op + `"` + strings.Join(c.values, "|") + `"`
}

// database is the label that tells our points in VictoriaMetrics from those of others.
const database = "veille"

// selector is one field of the points.
func (a ask) selector(field string) string {
	all := []string{`db="` + database + `"`}
	for _, c := range a.where {
		all = append(all, c.prom())
	}
	return string(a.of) + "_" + field + "{" + strings.Join(all, ",") + "}"
}

// newest is the newest version of each point, at the beginning of its step.
func (a ask) newest(field string) string {
	every, after := pace(a.of)
	return fmt.Sprintf("last_over_time(%s[%s] offset -%s)", a.selector(field), every, after)
}

// total is the sum of the newest versions in the range of the board. The range of a query begins after its first moment, and that of the board with it.
func (a ask) total(field string) string {
	every, _ := pace(a.of)
	return "sum_over_time(" + a.newest(field) + "[$__range:" + every + "] offset 1s)"
}

// promOf adds what each field gives.
func (a ask) promOf(each func(field string) string) string {
	fold, by := "sum", ""
	if a.fold != "" {
		fold = "max" // of one step there is one version of each series; of several series the highest
	}
	if len(a.by) > 0 {
		by = " by (" + strings.Join(a.by, ", ") + ")"
	}
	all := make([]string, len(a.fields))
	for i, f := range a.fields {
		all[i] = fold + by + " (" + each(f) + ")"
	}
	text := strings.Join(all, " + ")
	if a.per == 0 {
		return text
	}
	if len(all) > 1 {
		text = "(" + text + ")"
	}
	return text + " / " + number(a.per)
}

// prom is a series for each combination of the tags, step by step.
func (a ask) prom() string { return a.promOf(a.newest) }

// promTotal is one figure for each combination of the tags.
func (a ask) promTotal() string { return a.promOf(a.total) }
