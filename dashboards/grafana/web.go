package grafana

import (
	"strings"

	"veille/collector"
)

// worstPages is how many pages the list of the worst has.
const worstPages = 20

// webBoard is what the webmaster looks at.
func (b *board) webBoard() {
	b.begin("web", "now-12M/d")
	focus := b.one("website", collector.SiteScore, "mean")
	focus.Name, focus.Label = "focus", b.say("variable.focus")
	b.variables(b.numbers("website", collector.SiteScore, "mean"), focus, b.how(), b.page())
	b.put(b.text("web.note"), width, 5, "web.note")
	b.webSites()
	here := ask{of: collector.SiteScore, fold: "last"}.and(is("website", "$focus"))
	of := func(field string) ask {
		a := here
		a.fields = []string{field}
		return a
	}
	b.put(b.chart(style{unit: "none", band: true, calc: "lastNotNull", top: new(100.0)}, []series{
		{ask: of("mean"), name: b.say("range=mean"), color: blue}, {ask: of("mean_low"), name: b.say("range=mean_low"), color: grey}, {ask: of("mean_high"), name: b.say("range=mean_high"), color: grey},
	}), 12, 10, "web.mean", "web_range", "web_method", "notes")
	var grades []series
	for _, g := range "abcdefg" {
		grades = append(grades, series{ask: of("grade_" + string(g)), name: strings.ToUpper(string(g)), color: gradeColors()[string(g)]})
	}
	b.put(b.chart(style{unit: "none", bars: true, calc: "lastNotNull"}, grades), 12, 10, "web.grades", "web_method", "web_scale")
	influx, prom := worst("$focus", "$how", worstPages)
	b.put(b.list(table{
		by: []string{"url"}, sort: "score", up: true,
		columns:  []column{{id: "score", influx: influx, prom: prom, unit: "none", decimals: 0}},
		reckoned: []reckoned{{id: "grade", left: "score", op: "*", right: "1"}}, order: []string{"score", "grade"},
	}), width, 12, "web.worst", "web_page", "web_method", "web_scale")
	page := ask{of: collector.PageScore, fold: "last"}.and(is("website", "$focus"), is("mode", "$how"), condition{"url", "is", []string{"$page"}})
	for _, f := range []struct{ field, unit string }{{"score_raw", "none"}, {"size_kb", "deckbytes"}, {"requests", "none"}, {"dom", "none"}} {
		page.fields = []string{f.field}
		b.put(b.chart(style{unit: f.unit, calc: "lastNotNull"}, []series{{ask: page, name: b.say("page=" + f.field), color: blue}}), 12, 9, "web.page_"+f.field, "web_page", "web_method")
	}
}

// webSites is a table of the last run of each website, and a chart of what their pages weigh.
func (b *board) webSites() {
	by := []string{"website", "mode"}
	all := ask{of: collector.SiteScore, fold: "last", by: by}.and(oneOf("website", "$website"))
	t := table{by: by, daily: true, sort: "mean", up: true}
	for _, f := range []struct {
		field    string
		unit     string
		decimals int
		aside    bool
	}{{field: "mean", decimals: 1}, {field: "mean_low", decimals: 1}, {field: "mean_high", decimals: 1}, {field: "pages"}, {field: "measured"}, {field: "failed"}, {field: "size_kb", unit: "deckbytes", aside: true}} {
		a := all
		a.fields = []string{f.field}
		t.columns = append(t.columns, column{ask: a, id: f.field, unit: f.unit, decimals: f.decimals, aside: f.aside})
	}
	t.reckoned = []reckoned{{id: "grade", left: "mean", op: "*", right: "1"}, {id: "page_kb", left: "size_kb", op: "/", right: "pages", unit: "deckbytes"}}
	t.order = []string{"mean", "grade", "mean_low", "mean_high", "pages", "measured", "failed", "page_kb"}
	b.put(b.list(t), width, 11, "web.sites", "web_range", "web_method", "web_scale")
	size := ask{of: collector.SiteScore, fold: "last", fields: []string{"size_kb"}, by: []string{"website"}}.and(oneOf("website", "$website"))
	b.put(b.chart(style{unit: "deckbytes", calc: "lastNotNull"}, []series{{ask: size}}), width, 9, "web.size", "web_method")
}
