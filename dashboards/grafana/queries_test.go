package grafana_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"veille/dashboards/grafana"
)

// keys are the keys of panels by their titles.
func keys(t *testing.T, name string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for key, text := range words(t, "en") {
		if strings.HasPrefix(key, name+".") && strings.HasSuffix(key, ".title") {
			if all[text] != "" {
				t.Errorf("%s is the title of two panels", text)
			}
			all[text] = strings.TrimSuffix(key, ".title")
		}
	}
	return all
}

// choices are what somebody may choose: everything, two of several, and one.
func choices() map[string]chosen {
	same := func(c chosen) chosen {
		c["simulated"], c["organisation"], c["how"] = []string{"no"}, []string{"7"}, []string{"browser"}
		return c
	}
	return map[string]chosen{
		"all":  same(chosen{"focus": {"6"}, "page": {pages()[1]}}),
		"two":  same(chosen{"site": {"1", "2"}, "use": {"shared", "server"}, "website": {"4", "6"}, "focus": {"4"}, "page": {pages()[2]}}),
		"one":  same(chosen{"site": {"2"}, "use": {"server"}, "website": {"6"}, "focus": {"4"}, "page": {pages()[3]}}),
		"some": same(chosen{"site": {"1"}, "use": {"shared"}, "website": {"4"}, "focus": {"6"}, "page": {pages()[0]}}),
	}
}

func TestEveryPanelShowsOfInfluxDBWhatItsPointsAddUpTo(t *testing.T) {
	w := newWorld(t)
	checkBoards(t, w, startInflux(t, w))
}

func TestEveryPanelShowsOfVictoriaMetricsWhatItsPointsAddUpTo(t *testing.T) {
	w := newWorld(t)
	checkBoards(t, w, startVictoria(t, w))
}

func checkBoards(t *testing.T, w *world, a asked) {
	all := boards(t, grafana.Options{Lang: "en", Engine: a.engine, Names: names()})
	for name, b := range all {
		titles := keys(t, name)
		for label, c := range choices() {
			for _, p := range b.Panels {
				t.Run(name+"/"+label+"/"+p.Title, func(t *testing.T) { checkPanel(t, w, a, b, p, titles[p.Title], c) })
			}
		}
	}
	t.Run("variables", func(t *testing.T) { checkVariables(t, a) })
}

func checkPanel(t *testing.T, w *world, a asked, b boardJSON, p panelJSON, key string, c chosen) {
	if p.Type == "text" {
		return
	}
	frames, tables := see(t, a, b, p, c, w.now)
	from, to := rangeOf(t, b, p, w.now)
	is := picked{c, from, to, a.engine}
	if p.TimeFrom != "" { // those panels have a range of their own, which the figures to compare with know
		is.from = moment(t, b.Time.From, w.now)
	}
	switch p.Type {
	case "table":
		want := map[string]func(picked) map[string]cells{"it": w.itTables, "officer": w.officerTables, "web": w.webTables}[strings.Split(key, ".")[0]](is)[key]
		checkRows(t, p, transform(t, p.Transformations, tables), want)
	case "stat":
		sum := 0.0
		for _, f := range frames {
			for _, x := range f.at {
				sum += x
			}
		}
		if want, ok := w.officerStats(is)[key]; !ok || want == 0 || !near(sum, want) {
			t.Errorf("it shows %v, want %v", sum, want)
		}
	default:
		of := map[string]func(picked) map[string]lines{"it": w.itLines, "officer": w.officerLines, "web": w.webLines}[strings.Split(key, ".")[0]]
		want, ok := of(is)[strings.Replace(key, "months_before", "months", 1)]
		if !ok {
			t.Fatalf("nobody says what %s is to show", key)
		}
		checkLines(t, p, frames, want)
	}
}

// checkLines compares the series of a panel, under the names that people read.
func checkLines(t *testing.T, p panelJSON, frames []frame, want lines) {
	t.Helper()
	text := words(t, "en")
	known := map[string]string{}
	n := names()
	for _, ids := range []map[int64]string{n.Sites, n.Groups, n.Websites} {
		for id, name := range ids {
			known[fmt.Sprint(id)] = name
		}
	}
	known["0"] = text["group.none"]
	got := lines{}
	for _, f := range frames {
		name := displayed(p, f)
		if got[name] != nil {
			t.Errorf("two series are called %s", name)
		}
		if len(f.at) > 0 {
			got[name] = f.at
		}
	}
	values := 0
	for name, points := range want {
		title := name
		if said, ok := text[name]; ok {
			title = said
		} else if said, ok := known[name]; ok {
			title = said
		}
		for at, x := range points {
			values++
			if y, ok := got[title][at]; !ok || !near(x, y) {
				t.Errorf("%s at %d: %v, want %v (there: %v)", title, at, y, x, ok)
			}
		}
		if len(got[title]) != len(points) {
			t.Errorf("%s has %d values, want %d", title, len(got[title]), len(points))
		}
		delete(got, title)
	}
	if len(got) > 0 {
		t.Errorf("series of nothing: %v", slices.Collect(maps.Keys(got)))
	}
	if values == 0 && strings.Contains(t.Name(), "/all/") {
		t.Error("the world has nothing that it could show")
	}
}

func checkRows(t *testing.T, p panelJSON, rows []row, want cells) {
	t.Helper()
	if want == nil {
		t.Fatal("nobody says what it is to show")
	}
	if len(want) == 0 && strings.Contains(t.Name(), "/all/") {
		t.Error("the world has nothing that it could show")
	}
	text := words(t, "en")
	var by []string // the titles of its tags, in the order of the tags
	for _, tag := range []string{"group", "kind", "meter", "mode", "part", "site", "url", "use", "website"} {
		if title := text["column."+tag]; hasColumn(p, tag, title) {
			by = append(by, title)
		}
	}
	got := cells{}
	for _, r := range rows {
		var key []string
		for _, title := range by {
			key = append(key, fmt.Sprint(r[title]))
		}
		cell := map[string]float64{}
		for title, value := range r {
			if x, ok := value.(float64); ok {
				cell[title] = x
			}
		}
		if joined := strings.Join(key, "|"); got[joined] == nil {
			got[joined] = cell
		} else {
			t.Errorf("two rows are of %s", joined)
		}
	}
	for key, row := range want {
		for id, x := range row {
			title := text["column."+id]
			if y, ok := got[key][title]; !ok || !near(x, y) {
				t.Errorf("%s of %s: %v, want %v (there: %v)", title, key, y, x, ok)
			}
			delete(got[key], title)
		}
		if len(got[key]) > 0 {
			t.Errorf("%s shows %v besides", key, got[key])
		}
		delete(got, key)
	}
	if len(got) > 0 {
		t.Errorf("rows of nothing: %v", got)
	}
}

func hasColumn(p panelJSON, tag, title string) bool {
	for _, s := range p.Transformations {
		if s.ID == "organize" && s.Options.RenameByName[tag] == title {
			return true
		}
	}
	return false
}

// checkVariables asks for the values of variables that have no names.
func checkVariables(t *testing.T, a asked) {
	want := map[string][]string{
		"it.site": {"1", "2", "9"}, "officer.site": {"1", "2", "9"}, "officer.organisation": {"7", "8"}, "web.website": {"4", "6"}, "web.focus": {"4", "6"}, "web.page": slices.Sorted(slices.Values(pages())),
	}
	for name, b := range boards(t, grafana.Options{Lang: "en", Engine: a.engine}) {
		for _, v := range b.Templating.List {
			if v.Type != "query" {
				continue
			}
			got := a.values(t, fillIn(t, v.Definition, b, chosen{"focus": {"6"}}, a.engine))
			slices.Sort(got)
			if !slices.Equal(got, want[name+"."+v.Name]) {
				t.Errorf("%s %s: %q, want %q", name, v.Name, got, want[name+"."+v.Name])
			}
			delete(want, name+"."+v.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("never asked: %v", want)
	}
}
