package grafana

import (
	"maps"
	"strings"
)

// series is a line, or the bars of one kind, in a panel.
type series struct {
	ask
	over         *ask   // what it is divided by; nil: nothing
	influx, prom string // the queries, where an ask cannot say them
	name         string // "": one series for each value of the first tag it is grouped by, which is its name
	color        string
}

// ref is the letter of a target.
func ref(i int) string { return string(rune('A' + i)) }

// together tells whether one query of InfluxQL finds all of these series, as a column each: they are fields of the same points.
func (b *board) together(all []series) bool {
	if b.Engine != Influx || len(all) < 2 {
		return false
	}
	first := all[0]
	for _, s := range all {
		if s.name == "" || s.over != nil || s.influx != "" || len(s.fields) != 1 || s.influxFrom() != first.influxFrom() {
			return false
		}
	}
	return true
}

// matcher finds a series in the answers, for an override.
func (b *board) matcher(all []series, i int) property {
	if b.together(all) {
		return property{ID: "byName", Options: all[i].fields[0]}
	}
	return property{ID: "byFrameRefID", Options: ref(i)}
}

// targets are the queries of some series.
func (b *board) targets(all []series) (targets []target) {
	if b.together(all) {
		selects := make([]string, len(all))
		for i, s := range all {
			selects[i] = s.influxValue() + " AS " + quoted(s.fields[0])
		}
		query := "SELECT " + strings.Join(selects, ", ") + all[0].influxFrom() + influxBy(all[0].every(), nil)
		return []target{{RefID: ref(0), Datasource: b.source(), Query: query, RawQuery: true, ResultFormat: "time_series", Alias: "$col"}}
	}
	for i, s := range all {
		if b.Engine == Victoria {
			targets = append(targets, b.promTarget(ref(i), s))
			continue
		}
		targets = append(targets, b.influxTargets(ref(i), s)...)
	}
	return targets
}

func (b *board) promTarget(id string, s series) target {
	expr := s.prom
	switch {
	case expr != "":
	case s.over != nil:
		expr = "(" + s.ask.prom() + ") / (" + s.over.prom() + ")"
	default:
		expr = s.ask.prom()
	}
	legend := s.name
	if legend == "" {
		legend = "{{" + s.by[0] + "}}"
	}
	return target{RefID: id, Datasource: b.source(), EditorMode: "code", Expr: expr, LegendFormat: legend, Range: true, Interval: s.every()}
}

// every is the step of the queries.
func (s series) every() string {
	if s.of == "" {
		return ""
	}
	every, _ := pace(s.of)
	return every
}

// influxTargets are the queries of a series. InfluxQL cannot divide what it finds in two measurements: Grafana does that.
func (b *board) influxTargets(id string, s series) []target {
	one := func(id, query string) target {
		alias := s.name
		if alias == "" {
			alias = "$tag_" + s.by[0]
		}
		return target{RefID: id, Datasource: b.source(), Query: query, RawQuery: true, ResultFormat: "time_series", Alias: alias}
	}
	switch {
	case s.influx != "":
		return []target{one(id, s.influx)}
	case s.over == nil:
		return []target{one(id, s.ask.influx())}
	}
	above, below := one(id+"n", s.ask.influx()), one(id+"d", s.over.influx())
	above.Hide, below.Hide = true, true
	return []target{above, below, {
		RefID: id, Datasource: source{"__expr__", "__expr__"}, Type: "math", Expression: "${" + above.RefID + "} / ${" + below.RefID + "}",
	}}
}

// column is a column of a table that comes from the store.
type column struct {
	ask
	id           string // the key of its title, and its name in queries
	influx, prom string // the queries, where an ask cannot say them
	agg          string // of the rows of a day each, which one: first, or last where it is ""
	unit         string
	decimals     int
	none         string // what an empty cell means; "": that nothing is known
	aside        bool   // it serves to reckon another, and is not shown
}

// reckoned is a column that Grafana makes of two others, or of one and a number.
type reckoned struct {
	id, left, op, right string
	unit, none          string
	decimals            int
}

// table is what a table shows: a row for each combination of tags.
type table struct {
	by       []string
	daily    bool // the queries give a row for each day, of which the first and the last are shown
	columns  []column
	reckoned []reckoned
	order    []string // the ids of the columns, the tags before them left aside
	sort     string   // the column it is sorted by
	up       bool     // from the lowest
}

// tableTargets are the queries of a table, and the name that each column has in their answers.
func (b *board) tableTargets(t table) (targets []target, names map[string]string) {
	names = map[string]string{}
	if b.Engine == Victoria {
		return b.promTable(t, names), names
	}
	for _, c := range t.columns {
		names[c.id] = c.id
	}
	var order, selects []string // by what follows the list of columns
	lists := map[string][]string{}
	for _, c := range t.columns {
		end := c.influxFrom() + influxBy(t.every(c), t.by)
		if c.influx != "" {
			selects = append(selects, c.influx)
			continue
		}
		if lists[end] == nil {
			order = append(order, end)
		}
		lists[end] = append(lists[end], c.influxValue()+" AS "+quoted(c.id))
	}
	for _, end := range order {
		targets = append(targets, b.influxTable("SELECT "+strings.Join(lists[end], ", ")+end, len(targets)))
	}
	for _, q := range selects {
		targets = append(targets, b.influxTable(q, len(targets)))
	}
	return targets, names
}

func (b *board) influxTable(query string, i int) target {
	return target{RefID: ref(i), Datasource: b.source(), Query: query, RawQuery: true, ResultFormat: "table"}
}

// every is the step of a query of a table; "" where it gives one row only.
func (t table) every(c column) string {
	if !t.daily || c.of == "" {
		return ""
	}
	every, _ := pace(c.of)
	return every
}

// promTable asks for each column by itself, and for none twice.
func (b *board) promTable(t table, names map[string]string) (targets []target) {
	seen := map[string]string{}
	for _, c := range t.columns {
		expr := c.prom
		switch {
		case expr != "":
		case t.daily:
			expr = c.ask.prom()
		default:
			expr = c.promTotal()
		}
		if seen[expr] == "" {
			seen[expr] = ref(len(targets))
			targets = append(targets, target{
				RefID: seen[expr], Datasource: b.source(), EditorMode: "code", Expr: expr, Format: "table", Instant: !t.daily, Range: t.daily, Interval: t.every(c),
			})
		}
		names[c.id] = "Value #" + seen[expr]
	}
	if len(targets) == 1 { // Grafana numbers the answers of several queries only
		for id := range names {
			names[id] = "Value"
		}
	}
	return targets
}

// transformations bring the answers together, one row for each combination of tags, with the titles of the columns.
func (b *board) transformations(t table, names map[string]string) (all []transformation) {
	step := func(id string, options map[string]any) { all = append(all, transformation{id, options}) }
	if !t.daily {
		step("filterFieldsByName", map[string]any{"exclude": map[string]any{"names": []string{"Time"}}})
	}
	step("merge", map[string]any{})
	if t.daily {
		step("groupBy", map[string]any{"fields": b.grouping(t, names)})
	}
	for _, r := range t.reckoned {
		right := r.right
		if names[right] != "" {
			right = names[right]
		}
		step("calculateField", map[string]any{
			"mode": "binary", "alias": r.id, "replaceFields": false, "reduce": map[string]any{"reducer": "sum"},
			"binary": map[string]any{"left": names[r.left], "operator": r.op, "right": right, "reducer": "sum"},
		})
		names[r.id] = r.id
	}
	rename, index, exclude := map[string]string{}, map[string]int{}, map[string]bool{"Time": true}
	for i, tag := range t.by {
		rename[tag], index[tag] = b.say("column."+tag), i
	}
	for i, id := range t.order {
		rename[names[id]], index[names[id]] = b.say("column."+id), len(t.by)+i
	}
	for _, c := range t.columns {
		if c.aside {
			exclude[names[c.id]] = true
		}
	}
	step("organize", map[string]any{"renameByName": rename, "indexByName": index, "excludeByName": exclude})
	return all
}

// grouping is the first or last day of each column, whose name it changes to the one that Grafana gives it.
func (b *board) grouping(t table, names map[string]string) map[string]any {
	type group struct {
		Aggregations []string `json:"aggregations"`
		Operation    string   `json:"operation"`
	}
	fields, changed := map[string]any{}, map[string]string{}
	for _, tag := range t.by {
		fields[tag] = group{[]string{}, "groupby"}
	}
	for _, c := range t.columns {
		agg := c.agg
		if agg == "" {
			agg = "last"
		}
		name := names[c.id]
		g, _ := fields[name].(group)
		fields[name] = group{append(g.Aggregations, agg), "aggregate"}
		changed[c.id] = name + " (" + agg + ")"
	}
	maps.Copy(names, changed)
	return fields
}
