package grafana_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"veille/dashboards/grafana"
)

// What Grafana does with a panel, as its documentation and its sources say: it fills in the variables, asks, and brings the answers together.

// chosen are the values of variables that somebody chose; nil is all.
type chosen map[string][]string

// regexpEscape is how Grafana writes a value within a regular expression.
func regexpEscape(s string) string {
	return regexp.MustCompile(`[\\^$*+?.()|\[\]{}/]`).ReplaceAllString(s, `\$0`)
}

// fillIn replaces the variables of a board in a query.
func fillIn(t *testing.T, text string, b boardJSON, c chosen, engine grafana.Engine) string {
	t.Helper()
	return regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?::\w+)?\}`).ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "${}")
		i := slices.IndexFunc(b.Templating.List, func(v variableJSON) bool { return v.Name == name })
		if i < 0 {
			return found // one of Grafana's own
		}
		v, values := b.Templating.List[i], c[name]
		escape := regexpEscape
		if engine == grafana.Victoria {
			escape = func(s string) string { // the backslashes are those of a text in PromQL
				return strings.ReplaceAll(regexp.MustCompile(`[\\^$*+?.()|\[\]{}]`).ReplaceAllString(s, `\$0`), `\`, `\\`)
			}
		}
		switch {
		case v.IncludeAll && values == nil:
			return v.AllValue
		case !v.Multi && engine == grafana.Victoria:
			return strings.ReplaceAll(strings.ReplaceAll(values[0], `\`, `\\`), "'", `\\'`)
		case len(values) == 1:
			return escape(values[0])
		case len(values) == 0:
			t.Fatalf("nothing is chosen for %s", name)
		}
		all := make([]string, len(values))
		for i, value := range values {
			all[i] = escape(value)
		}
		return "(" + strings.Join(all, "|") + ")"
	})
}

// length is a length of time as Grafana writes it.
func length(t *testing.T, text string) time.Duration {
	t.Helper()
	n, err := strconv.Atoi(text[:len(text)-1])
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[text[len(text)-1:]]
	if err != nil || unit == 0 {
		t.Fatalf("%q is no length of time", text)
	}
	return time.Duration(n) * unit
}

// moment is a moment like now-12M/M, in UTC.
func moment(t *testing.T, text string, now time.Time) time.Time {
	t.Helper()
	m := regexp.MustCompile(`^now(?:-(\d+)([dMy]))?(?:/([dM]))?$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%q is no moment", text)
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "d":
		now = now.AddDate(0, 0, -n)
	case "M":
		now = now.AddDate(0, -n, 0)
	case "y":
		now = now.AddDate(-n, 0, 0)
	}
	switch m[3] {
	case "d":
		return now.Truncate(24 * time.Hour)
	case "M":
		return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return now
}

// rangeOf is the range of a panel.
func rangeOf(t *testing.T, b boardJSON, p panelJSON, now time.Time) (from, to time.Time) {
	t.Helper()
	from, to = moment(t, b.Time.From, now), moment(t, b.Time.To, now)
	if p.TimeFrom != "" {
		from, to = now.Add(-length(t, p.TimeFrom)), now
	}
	if p.TimeShift != "" {
		from, to = moment(t, "now-"+p.TimeShift, from), moment(t, "now-"+p.TimeShift, to)
	}
	return from, to
}

// queryOf is a query as it leaves Grafana.
func queryOf(t *testing.T, text string, b boardJSON, p panelJSON, c chosen, e grafana.Engine, q question) string {
	text = fillIn(t, text, b, c, e)
	interval := fmt.Sprintf("%dm", int(q.step.Minutes()))
	if e == grafana.Influx {
		text = strings.ReplaceAll(text, "$timeFilter", fmt.Sprintf("time >= %dms and time <= %dms", q.from.UnixMilli(), q.to.UnixMilli()))
	}
	text = strings.ReplaceAll(text, "$__interval", interval)
	text = strings.ReplaceAll(text, "$__range", fmt.Sprintf("%ds", int64(math.Round(q.to.Sub(q.from).Seconds()))))
	if strings.Contains(text, "$__") || strings.Contains(text, "$time") {
		t.Errorf("%s: %s has a macro that nobody fills in", p.Title, text)
	}
	return text
}

// frame is a series as Grafana has it.
type frame struct {
	ref, name string
	labels    map[string]string
	at        map[int64]float64 // by seconds
}

// see asks the queries of a panel.
func see(t *testing.T, a asked, b boardJSON, p panelJSON, c chosen, now time.Time) (frames []frame, tables [][]row) {
	t.Helper()
	from, to := rangeOf(t, b, p, now)
	step := 24 * time.Hour
	if p.Interval != "" {
		step = length(t, p.Interval)
		if to.Sub(from)/time.Duration(p.MaxDataPoints) > step {
			t.Errorf("%s: Grafana would ask in longer steps than %v", p.Title, step)
		}
	}
	for _, g := range p.Targets {
		q := question{from: from, to: to, step: step, instant: g.Instant}
		if g.Type == "math" {
			frames = append(frames, divide(t, g, frames))
			continue
		}
		text := g.Query + g.Expr
		answers := a.query(t, queryOf(t, text, b, p, c, a.engine, q), q)
		if p.Type == "table" {
			tables = append(tables, tableOf(g, len(p.Targets), answers))
			continue
		}
		frames = append(frames, framesOf(g, answers)...)
	}
	hidden := map[string]bool{}
	for _, g := range p.Targets {
		hidden[g.RefID] = g.Hide
	}
	return slices.DeleteFunc(frames, func(f frame) bool { return hidden[f.ref] }), tables
}

func framesOf(g targetJSON, answers []answer) (frames []frame) {
	for _, a := range answers {
		for i, column := range a.columns[1:] {
			name := regexp.MustCompile(`\$tag_(\w+)|\{\{(\w+)\}\}|\$col`).ReplaceAllStringFunc(g.Alias+g.LegendFormat, func(s string) string {
				if s == "$col" {
					return column
				}
				return a.labels[strings.Trim(strings.TrimPrefix(s, "$tag_"), "{}")]
			})
			f := frame{ref: g.RefID, name: name, labels: a.labels, at: map[int64]float64{}}
			for _, r := range a.rows {
				if x, ok := r[i+1].(float64); ok {
					f.at[int64(r[0].(float64))/1000] = x
				}
			}
			frames = append(frames, f)
		}
	}
	return frames
}

// divide is the arithmetic of Grafana with two series that have no labels.
func divide(t *testing.T, g targetJSON, frames []frame) frame {
	t.Helper()
	names := regexp.MustCompile(`^\$\{(\w+)\} / \$\{(\w+)\}$`).FindStringSubmatch(g.Expression)
	if names == nil {
		t.Fatalf("%q is no division", g.Expression)
	}
	above, below := map[int64]float64{}, map[int64]float64{}
	for _, f := range frames {
		if len(f.labels) > 0 {
			t.Errorf("%v has labels: other series may be joined to it", f.labels)
		}
		switch f.ref {
		case names[1]:
			above = f.at
		case names[2]:
			below = f.at
		}
	}
	f := frame{ref: g.RefID, name: g.RefID, at: map[int64]float64{}}
	for at, x := range above {
		if y, ok := below[at]; ok {
			f.at[at] = x / y
		}
	}
	return f
}

// displayed are the names of series as the overrides of a panel make them.
func displayed(p panelJSON, f frame) string {
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.ID == "byFrameRefID" && o.Matcher.Options == f.ref || o.Matcher.ID == "byName" && o.Matcher.Options == f.name {
			for _, set := range o.Properties {
				if name, ok := set.Value.(string); ok && set.ID == "displayName" {
					return name
				}
			}
		}
	}
	return f.name
}
