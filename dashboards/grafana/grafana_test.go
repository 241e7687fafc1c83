package grafana_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/dashboards/grafana"
	"veille/ecoindex"
)

// every does something with each board there is.
func every(t *testing.T, do func(t *testing.T, o grafana.Options, name string, b boardJSON)) {
	t.Helper()
	for _, engine := range grafana.Engines() {
		for _, lang := range grafana.Languages() {
			for _, n := range []grafana.Names{{}, names()} {
				o := grafana.Options{Lang: lang, Engine: engine, Names: n}
				for name, b := range boards(t, o) {
					t.Run(fmt.Sprintf("%s/%s/%s/%v", name, lang, engine, len(n.Sites) > 0), func(t *testing.T) { do(t, o, name, b) })
				}
			}
		}
	}
}

func TestABoardHasWhatGrafanaExpects(t *testing.T) {
	uids := map[string]string{}
	every(t, func(t *testing.T, o grafana.Options, name string, b boardJSON) {
		if before := uids[b.UID]; before != "" && before != b.Title {
			t.Errorf("%s is the number of two boards", b.UID)
		}
		uids[b.UID] = b.Title
		if b.UID != "veille-"+name+"-"+o.Lang+"-"+string(o.Engine) || len(b.UID) > 40 || b.Title == "" || b.Description == "" {
			t.Errorf("uid %q, title %q, description %q", b.UID, b.Title, b.Description)
		}
		if b.Timezone != "utc" || b.Refresh == nil || *b.Refresh != "" || b.SchemaVersion != 36 {
			t.Errorf("time zone %q, refresh %v, schema %d", b.Timezone, b.Refresh, b.SchemaVersion)
		}
		if len(b.Annotations.List) != 1 || b.Annotations.List[0].BuiltIn != 1 || b.Annotations.List[0].Datasource.UID != "-- Grafana --" {
			t.Errorf("annotations: %+v", b.Annotations)
		}
		want := map[grafana.Engine][2]string{grafana.Influx: {"influxdb", "veille-influx"}, grafana.Victoria: {"prometheus", "veille-victoria"}}[o.Engine]
		ids := map[int]bool{}
		for i, p := range b.Panels {
			checkShape(t, p, want)
			if ids[p.ID] || p.ID == 0 {
				t.Errorf("%s has the number %d of another", p.Title, p.ID)
			}
			ids[p.ID] = true
			for _, q := range b.Panels[:i] {
				a, c := p.GridPos, q.GridPos
				if a.X < c.X+c.W && c.X < a.X+a.W && a.Y < c.Y+c.H && c.Y < a.Y+a.H {
					t.Errorf("%s lies over %s", p.Title, q.Title)
				}
			}
		}
		checkUsed(t, b)
	})
	if len(uids) != 12 {
		t.Errorf("there are %d boards, want 12", len(uids))
	}
}

func checkShape(t *testing.T, p panelJSON, source [2]string) {
	t.Helper()
	if g := p.GridPos; g.W < 1 || g.H < 3 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
		t.Errorf("%s lies at %+v", p.Title, g)
	}
	if p.Type == "text" {
		if p.Options["content"] == "" || p.Options["mode"] != "markdown" {
			t.Errorf("%s says nothing", p.Title)
		}
		return
	}
	if !slices.Contains([]string{"timeseries", "table", "stat"}, p.Type) || p.Datasource == nil || p.Datasource.Type != source[0] || p.Datasource.UID != source[1] || len(p.Targets) == 0 {
		t.Errorf("%s is of type %s, with the source %v and %d queries", p.Title, p.Type, p.Datasource, len(p.Targets))
	}
	refs := map[string]bool{}
	for _, g := range p.Targets {
		if g.RefID == "" || refs[g.RefID] {
			t.Errorf("%s: %q is no letter of a query, or that of two", p.Title, g.RefID)
		}
		refs[g.RefID] = true
		if g.Type == "math" {
			if g.Datasource.UID != "__expr__" {
				t.Errorf("%s: %+v", p.Title, g)
			}
			continue
		}
		influx, prom := g.Query != "" && g.RawQuery && g.ResultFormat != "", g.Expr != "" && g.Range != g.Instant
		if g.Datasource.Type != source[0] || g.Datasource.UID != source[1] || influx == prom || influx != (source[0] == "influxdb") {
			t.Errorf("%s: %+v", p.Title, g)
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		if len(o.Properties) == 0 || o.Matcher.Options == "" || o.Matcher.ID == "byFrameRefID" && !refs[o.Matcher.Options] {
			t.Errorf("%s: the override of %v is of nothing", p.Title, o.Matcher)
		}
	}
}

// checkUsed compares the variables of a board with those that its panels use.
func checkUsed(t *testing.T, b boardJSON) {
	t.Helper()
	own := regexp.MustCompile(`^(__.*|timeFilter|tag_.*|col|A[nd]|B[nd]|C[nd])$`)
	known, used := map[string]bool{}, map[string]bool{}
	for _, v := range b.Templating.List {
		if known[v.Name] = true; v.Label == "" || v.Type == "query" && (v.Datasource == nil || v.Definition == "") || v.Type == "custom" && len(v.Options) == 0 {
			t.Errorf("variable %+v", v)
		}
	}
	texts := []string{}
	for _, v := range b.Templating.List {
		texts = append(texts, v.Definition)
	}
	for _, p := range b.Panels {
		texts = append(texts, fmt.Sprint(p.Options["content"]))
		for _, g := range p.Targets {
			texts = append(texts, g.Query, g.Expr, g.Alias, g.LegendFormat, g.Expression)
		}
	}
	for _, found := range regexp.MustCompile(`\$\{?([A-Za-z_]\w*)`).FindAllStringSubmatch(strings.Join(texts, "\n"), -1) {
		if !own.MatchString(found[1]) && !known[found[1]] {
			t.Errorf("$%s is no variable of %s", found[1], b.Title)
		}
		used[found[1]] = true
	}
	for name := range known {
		if !used[name] {
			t.Errorf("nothing uses $%s of %s", name, b.Title)
		}
	}
}

// TestEveryPanelSaysWhatItIs asks for the unit, the origin, the error, and what is left out.
func TestEveryPanelSaysWhatItIs(t *testing.T) {
	every(t, func(t *testing.T, o grafana.Options, _ string, b boardJSON) {
		says := map[string][]string{
			"en": {"Unit: ", "unit", "range|bounds|percent|exact|points|wrong|off by|too low", "left out|absent|missing|only|in neither|hidden|not in"},
			"fr": {"Unité : ", "unité", "intervalle|borne|pour cent|exact|points|trop basse|fausse", "laissées|absent|manque|seulement|nulle part|masqué|n’y sont pas|omis"},
		}[o.Lang]
		for _, p := range b.Panels {
			if p.Title == "" || strings.Contains(p.Description, "[") {
				t.Errorf("panel %d: %q %q", p.ID, p.Title, p.Description)
			}
			if p.Type == "text" {
				continue
			}
			if !strings.HasPrefix(p.Description, says[0]) {
				t.Errorf("%s does not begin with its unit: %s", p.Title, p.Description)
			}
			for _, one := range says[2:] {
				if !regexp.MustCompile(one).MatchString(p.Description) {
					t.Errorf("%s says nothing like %s: %s", p.Title, one, p.Description)
				}
			}
		}
	})
}

func TestNoPanelIsOfSingleMachinesOfPersons(t *testing.T) {
	groups := 0
	every(t, func(t *testing.T, _ grafana.Options, _ string, b boardJSON) {
		for _, p := range b.Panels {
			for _, g := range p.Targets {
				text := g.Query + g.Expr
				if !strings.Contains(text, "machine\"") && !regexp.MustCompile(`by \([^)]*\bmachine\b`).MatchString(text) {
					continue
				}
				groups++
				for _, m := range collector.Measurements() {
					hours := m == collector.HourEnergy || m == collector.HourSeconds
					if regexp.MustCompile(`\b`+string(m)+`(\b|_)`).MatchString(text) && !hours && regexp.MustCompile(`GROUP BY [^)]*"machine"|by \([^)]*\bmachine\b`).MatchString(text) {
						t.Errorf("%s groups %s by machine: %s", p.Title, m, text)
					}
				}
				if regexp.MustCompile(`hour_`).MatchString(text) && !regexp.MustCompile(`^(SELECT count\(|count by \(site, use\))`).MatchString(text) {
					t.Errorf("%s gives figures of single machines: %s", p.Title, text)
				}
			}
		}
	})
	if groups == 0 {
		t.Error("no query was looked at")
	}
}

// TestScopesAndLevelsAreNeverAddedBlindly looks for sums of energy without a scope, and of months without a level.
func TestScopesAndLevelsAreNeverAddedBlindly(t *testing.T) {
	every(t, func(t *testing.T, _ grafana.Options, _ string, b boardJSON) {
		for _, p := range b.Panels {
			for _, g := range p.Targets {
				text := g.Query + g.Expr
				scoped := regexp.MustCompile(`scope"? ?=~? ?["'/]`).MatchString(text)
				if strings.Contains(text, "day_energy") || strings.Contains(text, "hour_energy") {
					if !scoped || strings.Contains(text, "cpu") && strings.Contains(text, "display") {
						t.Errorf("%s adds scopes: %s", p.Title, text)
					}
				}
				if strings.Contains(text, "month_") && !regexp.MustCompile(`"site" = ''|"group" = ''|"class" = ''|site=""|group=""|class=""`).MatchString(text) {
					t.Errorf("%s adds levels of the tree: %s", p.Title, text)
				}
				if regexp.MustCompile(`(day|hour|month)_(energy|seconds)`).MatchString(text) && !regexp.MustCompile(`simulated"? ?= ?["']\$simulated`).MatchString(text) {
					t.Errorf("%s adds simulated machines to real ones: %s", p.Title, text)
				}
			}
		}
		for _, v := range b.Templating.List {
			if v.Name == "simulated" && v.Current.Value != "no" {
				t.Errorf("simulated is %v where nobody chose", v.Current)
			}
		}
	})
}

func TestBothLanguagesAskTheSame(t *testing.T) {
	for _, e := range grafana.Engines() {
		en, fr := boards(t, grafana.Options{Lang: "en", Engine: e}), boards(t, grafana.Options{Lang: "fr", Engine: e})
		for name := range en {
			if len(en[name].Panels) != len(fr[name].Panels) {
				t.Fatalf("%s has more panels in one language", name)
			}
			for i, p := range en[name].Panels {
				q := fr[name].Panels[i]
				for j := range p.Targets {
					if p.Targets[j].Query != q.Targets[j].Query || p.Targets[j].Expr != q.Targets[j].Expr {
						t.Errorf("%s asks otherwise in French", p.Title)
					}
				}
				if p.Title == q.Title && p.Type != "text" {
					t.Errorf("%s is not in French", p.Title)
				}
			}
		}
	}
}

func TestBothLanguagesHaveTheSameWordsAndEachIsUsed(t *testing.T) {
	en, fr := words(t, "en"), words(t, "fr")
	for key, text := range en {
		if text == "" || fr[key] == "" {
			t.Errorf("%s is missing", key)
		}
		if fr[key] == text && len(text) > 25 {
			t.Errorf("%s is not in French: %s", key, text)
		}
	}
	if len(en) != len(fr) {
		t.Errorf("%d words in English, %d in French", len(en), len(fr))
	}
	var all strings.Builder
	for _, e := range grafana.Engines() {
		written, err := grafana.Files(grafana.Options{Lang: "en", Engine: e, Names: names()})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range written {
			all.Write(f.Bytes)
		}
	}
	for key, text := range en {
		if quoted, err := json.Marshal(text); err != nil || !strings.Contains(all.String(), string(quoted[1:len(quoted)-1])) {
			t.Errorf("%s is on no board: %s (%v)", key, text, err)
		}
	}
}

// TestAGradeIsTheOneThatPagesHave reads the ranges as Grafana does: the first that a value lies in.
func TestAGradeIsTheOneThatPagesHave(t *testing.T) {
	for name, b := range boards(t, grafana.Options{Lang: "en", Engine: grafana.Influx}) {
		for _, p := range b.Panels {
			for _, o := range p.FieldConfig.Overrides {
				if o.Matcher.Options != "Grade" {
					continue
				}
				list := o.Properties[0].Value.([]any)
				for tenth := range 1001 {
					score := float64(tenth) / 10
					if got, want := textOf(list, score), string(ecoindex.GradeOfRounded(score)); got != want {
						t.Errorf("%s, %s: %v is %q, want %q", name, p.Title, score, got, want)
					}
				}
			}
		}
	}
}

func textOf(mappings []any, x float64) string {
	for _, m := range mappings {
		o := m.(map[string]any)["options"].(map[string]any)
		if o["from"].(float64) <= x && x <= o["to"].(float64) {
			return o["result"].(map[string]any)["text"].(string)
		}
	}
	return ""
}

func TestANameWithACommaOrAColonStaysOneName(t *testing.T) {
	b := boards(t, grafana.Options{Lang: "en", Engine: grafana.Influx, Names: names()})["officer"]
	want := map[string]string{"site": `Lycée A : 1, Lycée B\, annexe : 2`, "organisation": `Other\, office : 3 : 8, Région Démonstration : 7`}
	for _, v := range b.Templating.List {
		if text, ok := want[v.Name]; ok && v.Query != text {
			t.Errorf("%s: %q, want %q", v.Name, v.Query, text)
		}
	}
}

func TestTheBoardsAreThoseOfTheGoldenFiles(t *testing.T) {
	for e, lang := range map[grafana.Engine]string{grafana.Influx: "fr", grafana.Victoria: "en"} { // each engine and each language once
		written, err := grafana.Files(grafana.Options{Lang: lang, Engine: e, Names: names()})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range written {
			golden := filepath.Join("testdata", string(e)+"-"+lang, filepath.FromSlash(f.Name))
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.MkdirAll(filepath.Dir(golden), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, f.Bytes, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || !bytes.Equal(f.Bytes, want) {
				t.Errorf("%s differs (%v): look at it, then UPDATE_GOLDEN=1", golden, err)
			}
		}
	}
}

func TestFilesAreWrittenBelowTheFolderAndReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	o := grafana.Options{Lang: "fr", Engine: grafana.Victoria, Names: names()}
	for range 2 {
		if err := grafana.Write(dir, o); err != nil {
			t.Fatal(err)
		}
	}
	want, err := grafana.Files(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range want {
		if text, err := os.ReadFile(filepath.Join(dir, f.Name)); err != nil || !bytes.Equal(text, f.Bytes) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := grafana.Write(file, o); err == nil || !strings.Contains(err.Error(), "choose another folder") {
		t.Errorf("written into a file: %v", err)
	}
}

func TestOptionsThatThereAreNotAreRefused(t *testing.T) {
	for _, o := range []grafana.Options{{}, {Lang: "de", Engine: grafana.Influx}, {Lang: "en", Engine: "graphite"}, {Lang: "../en", Engine: grafana.Influx}} {
		if _, err := grafana.Files(o); err == nil || !strings.Contains(err.Error(), "choose") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
