package grafana

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// board is a dashboard that is being put together.
type board struct {
	Options
	words   map[string]string
	missing []string // keys that have no words
	dash    dashboard
	x, y    int // where the next panel goes
	row     int // how high those beside it are
}

// say is the text of a key.
func (b *board) say(key string) string {
	text, ok := b.words[key]
	if !ok {
		b.missing = append(b.missing, key)
	}
	return text
}

// source is the data source of the board.
func (b *board) source() source {
	if b.Engine == Victoria {
		return source{"prometheus", "veille-victoria"}
	}
	return source{"influxdb", "veille-influx"}
}

// width is how many columns a board has.
const width = 24

// put adds a panel of that size at the next free place, with the title and the description of its key; notes are the keys of what all such panels say.
func (b *board) put(p panel, w, h int, key string, notes ...string) {
	if b.x+w > width {
		b.x, b.y, b.row = 0, b.y+b.row, 0
	}
	p.ID, p.GridPos = len(b.dash.Panels)+1, place{H: h, W: w, X: b.x, Y: b.y}
	b.x, b.row = b.x+w, max(b.row, h)
	p.Title = b.say(key + ".title")
	texts := []string{b.say(key + ".text")}
	for _, n := range notes {
		texts = append(texts, b.say("note."+n))
	}
	p.Description = strings.Join(texts, "\n\n")
	b.dash.Panels = append(b.dash.Panels, p)
}

// text is a panel of words.
func (b *board) text(key string) panel {
	return panel{Type: "text", Options: map[string]any{"mode": "markdown", "content": b.say(key + ".words")}}
}

// most is of how many steps a series may be at most: with fewer, Grafana would ask for longer ones, and months would be missed.
const most = 10_000

// style is how a chart is drawn.
type style struct {
	unit string
	bars bool // stacked; else lines
	band bool // the third series is the upper end of a range, and the second its lower end
	calc string
	zone string // of its axis; "": that of the board, UTC
	top  *float64
}

// chart draws series over time.
func (b *board) chart(s style, all []series) panel {
	src := b.source()
	custom := map[string]any{
		"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "always", "pointSize": 5, "spanNulls": true, "axisSoftMin": 0,
		"stacking": map[string]any{"mode": "none", "group": "A"},
	}
	if s.bars {
		custom = map[string]any{
			"drawStyle": "bars", "barAlignment": 1, "lineWidth": 1, "fillOpacity": 85, "showPoints": "never", "spanNulls": false, "axisSoftMin": 0,
			"stacking": map[string]any{"mode": "normal", "group": "A"},
		}
	}
	p := panel{
		Type: "timeseries", Datasource: &src, Targets: b.targets(all), MaxDataPoints: most,
		FieldConfig: &fieldConfig{
			Defaults:  defaults{Unit: s.unit, Max: s.top, NoValue: b.say("no_value"), Color: &color{Mode: "palette-classic"}, Custom: custom},
			Overrides: b.overrides(all),
		},
		Options: map[string]any{
			"legend":  map[string]any{"displayMode": "table", "placement": "bottom", "showLegend": true, "calcs": []string{s.calc}},
			"tooltip": map[string]any{"mode": "multi", "sort": "none"},
		},
	}
	if len(all) > 0 {
		p.Interval = all[0].every()
	}
	if s.zone != "" {
		p.Options["timezone"] = []string{s.zone}
	}
	if s.band {
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides,
			override{b.matcher(all, 1), []property{{ID: "custom.lineWidth", Value: 1}, {ID: "custom.showPoints", Value: "never"}}},
			override{b.matcher(all, 2), []property{
				{ID: "custom.lineWidth", Value: 1}, {ID: "custom.showPoints", Value: "never"}, {ID: "custom.fillBelowTo", Value: all[1].name}, {ID: "custom.fillOpacity", Value: 20},
			}})
	}
	return p
}

// overrides give series their names and colours.
func (b *board) overrides(all []series) (o []override) {
	o = []override{}
	for i, s := range all {
		if s.name == "" {
			o = append(o, b.valueOverrides(s.by[0])...)
			continue
		}
		set := []property{{ID: "displayName", Value: s.name}}
		if s.color != "" {
			set = append(set, property{ID: "color", Value: color{"fixed", s.color}})
		}
		o = append(o, override{b.matcher(all, i), set})
	}
	return o
}

// valueOverrides give the series of each value of a tag its name, and its colour where the values are always the same.
func (b *board) valueOverrides(tag string) (o []override) {
	colors := colorsOf(tag)
	names := b.values(tag)
	for _, value := range order(names) {
		set := []property{{ID: "displayName", Value: names[value]}}
		if colors[value] != "" {
			set = append(set, property{ID: "color", Value: color{"fixed", colors[value]}})
		}
		o = append(o, override{property{ID: "byName", Options: value}, set})
	}
	return o
}

// values are the names of the values of a tag: those of the ledger, or ours.
func (b *board) values(tag string) map[string]string {
	all := map[string]string{}
	if numbers, ok := map[string]map[int64]string{
		"organisation": b.Names.Organisations, "site": b.Names.Sites, "group": b.Names.Groups, "website": b.Names.Websites, "meter": b.Names.Meters,
	}[tag]; ok {
		for n, name := range numbers {
			all[strconv.FormatInt(n, 10)] = name
		}
		if tag == "group" {
			all["0"] = b.say("group.none")
		}
		return all
	}
	for key := range b.words {
		if value, ok := strings.CutPrefix(key, tag+"="); ok {
			all[value] = b.say(key)
		}
	}
	return all
}

// order is the order of values: numbers by size, words as they are written.
func order(names map[string]string) []string {
	return slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		if len(a) != len(b) && isNumber(a) && isNumber(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
}

func isNumber(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// stat shows the sum of a series over the range.
func (b *board) stat(unit string, s series, shift string) panel {
	src := b.source()
	return panel{
		Type: "stat", Datasource: &src, Targets: b.targets([]series{s}), MaxDataPoints: most, Interval: s.every(), TimeShift: shift,
		FieldConfig: &fieldConfig{
			Defaults: defaults{Unit: unit, NoValue: b.say("no_value"), Color: &color{"fixed", ink}}, Overrides: b.overrides([]series{s}),
		},
		Options: map[string]any{
			"colorMode": "none", "graphMode": "none", "textMode": "value", "justifyMode": "auto", "orientation": "auto",
			"reduceOptions": map[string]any{"calcs": []string{"sum"}, "fields": "", "values": false},
		},
	}
}

// list shows a table.
func (b *board) list(t table) panel {
	src := b.source()
	targets, names := b.tableTargets(t)
	p := panel{
		Type: "table", Datasource: &src, Targets: targets, Transformations: b.transformations(t, names), MaxDataPoints: most,
		FieldConfig: &fieldConfig{Defaults: defaults{NoValue: b.say("no_value"), Custom: map[string]any{"align": "auto", "filterable": true}}, Overrides: b.columnOverrides(t)},
		Options:     map[string]any{"showHeader": true, "cellHeight": "sm"},
	}
	if t.sort != "" {
		p.Options["sortBy"] = []map[string]any{{"displayName": b.say("column." + t.sort), "desc": !t.up}}
	}
	if t.daily {
		p.Interval = "1d"
	}
	return p
}

// columnOverrides give columns their units, and what is written in them their names.
func (b *board) columnOverrides(t table) (o []override) {
	add := func(id string, set ...property) {
		o = append(o, override{property{ID: "byName", Options: b.say("column." + id)}, set})
	}
	for _, tag := range t.by {
		if m := b.mapped(tag); len(m) > 0 {
			add(tag, property{ID: "mappings", Value: m})
		}
	}
	number := func(id, unit, none string, decimals int) {
		set := []property{{ID: "unit", Value: unit}, {ID: "decimals", Value: decimals}}
		if m := bandsOf(id, b); m != nil {
			set = []property{{ID: "mappings", Value: m}, {ID: "custom.displayMode", Value: "color-text"}}
		}
		if none != "" {
			set = append(set, property{ID: "noValue", Value: none})
		}
		add(id, set...)
	}
	for _, c := range t.columns {
		if !c.aside {
			number(c.id, c.unit, c.none, c.decimals)
		}
	}
	for _, r := range t.reckoned {
		number(r.id, r.unit, r.none, r.decimals)
	}
	return o
}

// mapped are the names of the values of a tag, as a table shows them.
func (b *board) mapped(tag string) []mapping {
	names := b.values(tag)
	if len(names) == 0 {
		return nil
	}
	all := map[string]result{}
	for i, value := range order(names) {
		all[value] = result{Text: names[value], Index: i}
	}
	return []mapping{{"value", all}}
}
