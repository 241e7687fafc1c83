package grafana

import (
	"strconv"
	"strings"

	"veille/collector"
)

// begin is what all boards have.
func (b *board) begin(name, from string) {
	b.dash = dashboard{
		UID: "veille-" + name + "-" + b.Lang + "-" + string(b.Engine), Title: b.say(name + ".board"), Description: b.say(name + ".about"),
		Tags: []string{"veille"}, Timezone: "utc", WeekStart: "monday", Editable: true, GraphTooltip: 1, SchemaVersion: schema, Version: 1,
		Time: span{from, "now"}, TimePicker: picker{[]string{}}, Links: []link{{
			Title: b.say("boards"), Type: "dashboards", Tags: []string{"veille"}, AsDropdown: true, KeepTime: false, Icon: "external link",
		}},
		Annotations: annotations{[]annotation{{
			BuiltIn: 1, Name: b.say("annotations"), Type: "dashboard", Datasource: source{"grafana", "-- Grafana --"}, Enable: true, IconColor: vermilion,
			Target: tagsOfNote{Limit: 100, Tags: []string{"veille"}, Type: "tags"},
		}}},
	}
}

func (b *board) variables(all ...variable) { b.dash.Templating = templating{all} }

// custom is a variable with these values, in their order. The first is chosen, or all are.
func (b *board) custom(name string, values, texts []string, several bool) variable {
	v := variable{
		Name: name, Label: b.say("variable." + name), Type: "custom", Multi: several, IncludeAll: several, Options: []option{},
	}
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = strings.ReplaceAll(texts[i], ",", `\,`) + " : " + value
		v.Options = append(v.Options, option{texts[i], value, !several && i == 0})
	}
	v.Query = strings.Join(all, ", ")
	if several {
		v.AllValue, v.Current = ".+", option{[]string{"All"}, []string{"$__all"}, true}
		v.Options = append([]option{{"All", "$__all", true}}, v.Options...)
	} else if len(v.Options) > 0 {
		v.Current = v.Options[0]
	}
	return v
}

// simulated chooses between real machines, which are shown unless somebody asks, and simulated ones. The two are never added.
func (b *board) simulated() variable {
	return b.custom("simulated", []string{"no", "yes"}, []string{b.say("simulated=no"), b.say("simulated=yes")}, false)
}

// listed chooses some of the values of a tag whose values are always the same.
func (b *board) listed(tag string, values ...string) variable {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = b.say(tag + "=" + v)
	}
	return b.custom(tag, values, texts, true)
}

// how chooses how pages were measured.
func (b *board) how() variable {
	return b.custom("how", []string{"browser", "static"}, []string{b.say("mode=browser"), b.say("mode=static")}, false)
}

// named is a variable of numbers that have names; false where there are none.
func (b *board) named(tag string, several bool) (variable, bool) {
	names := map[string]map[int64]string{"organisation": b.Names.Organisations, "site": b.Names.Sites, "website": b.Names.Websites}[tag]
	if len(names) == 0 {
		return variable{}, false
	}
	var values, texts []string
	for _, n := range sorted(names) {
		values, texts = append(values, strconv.FormatInt(n, 10)), append(texts, names[n])
	}
	return b.custom(tag, values, texts, several), true
}

// numbers chooses some of the values of a tag, by their names; without names, of the numbers in the store.
func (b *board) numbers(tag string, of collector.Measurement, field string) variable {
	if v, ok := b.named(tag, true); ok {
		return v
	}
	v := b.found(tag, tag, of, field)
	v.Multi, v.IncludeAll, v.AllValue, v.Current = true, true, ".+", option{[]string{"All"}, []string{"$__all"}, true}
	return v
}

// one chooses one of the values of a tag.
func (b *board) one(tag string, of collector.Measurement, field string) variable {
	if v, ok := b.named(tag, false); ok {
		return v
	}
	return b.found(tag, tag, of, field)
}

// page chooses one of the pages of a website.
func (b *board) page() variable {
	return b.found("page", "url", collector.PageScore, "score", is("website", "$focus"))
}

// found is a variable of the values of a tag that the store has. It is asked when the board is opened.
func (b *board) found(name, tag string, of collector.Measurement, field string, where ...condition) variable {
	src := b.source()
	v := variable{Name: name, Label: b.say("variable." + name), Type: "query", Datasource: &src, Refresh: 1, Sort: 3, Options: []option{}, Current: option{"", "", false}}
	a := ask{of: of, where: where}
	if b.Engine == Victoria {
		v.Definition = "label_values(" + a.selector(field) + ", " + tag + ")"
		v.Query = map[string]string{"query": v.Definition, "refId": "Veille"}
		return v
	}
	v.Definition = "SHOW TAG VALUES FROM " + quoted(string(of.Keeping())) + "." + quoted(string(of)) + " WITH KEY = " + quoted(tag)
	for _, c := range where {
		v.Definition += " WHERE " + c.influx()
	}
	v.Query = v.Definition
	return v
}

// during shows a panel of another range than that of the board: the last hours or days.
func (p panel) during(length string) panel {
	p.TimeFrom = length
	return p
}
