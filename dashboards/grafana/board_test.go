package grafana_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"veille/dashboards/grafana"
)

// The model of Grafana as these tests read it, apart from what wrote it.

type boardJSON struct {
	UID           string
	Title         string
	Description   string
	Timezone      string
	Refresh       *string
	SchemaVersion int
	Time          struct{ From, To string }
	Templating    struct{ List []variableJSON }
	Panels        []panelJSON
	Annotations   struct {
		List []struct {
			BuiltIn    int
			Name, Type string
			Datasource struct{ Type, UID string }
		}
	}
}

type variableJSON struct {
	Name, Label, Type string
	Definition        string
	Query             any
	Multi, IncludeAll bool
	AllValue          string
	Current           struct{ Text, Value any }
	Options           []struct{ Text, Value string }
	Datasource        *struct{ Type, UID string }
}

type panelJSON struct {
	ID              int
	Type            string
	Title           string
	Description     string
	GridPos         struct{ H, W, X, Y int }
	Datasource      *struct{ Type, UID string }
	Targets         []targetJSON
	Transformations []transformationJSON
	Interval        string
	MaxDataPoints   int
	TimeFrom        string
	TimeShift       string
	Options         map[string]any
	FieldConfig     struct {
		Defaults  struct{ Unit string }
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
}

type targetJSON struct {
	RefID                                                            string
	Datasource                                                       struct{ Type, UID string }
	Hide, RawQuery, Instant, Range                                   bool
	Query, ResultFormat, Alias, Expr, LegendFormat, Format, Interval string
	Type, Expression                                                 string
}

type transformationJSON struct {
	ID      string
	Options struct {
		Exclude struct{ Names []string }
		Fields  map[string]struct {
			Aggregations []string
			Operation    string
		}
		Alias         string
		Binary        struct{ Left, Operator, Right string }
		RenameByName  map[string]string
		ExcludeByName map[string]bool
		IndexByName   map[string]int
	}
}

// words are those of a language.
func words(t testing.TB, lang string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("words/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// boards are those of some options, by name: it, officer, web.
func boards(t testing.TB, o grafana.Options) map[string]boardJSON {
	t.Helper()
	all := map[string]boardJSON{}
	written, err := grafana.Files(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range written {
		name, ok := strings.CutPrefix(f.Name, "dashboards/veille/veille-")
		if !ok {
			continue
		}
		var b boardJSON
		if err := json.Unmarshal(f.Bytes, &b); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		all[strings.TrimSuffix(name, ".json")] = b
	}
	if len(all) != 3 {
		t.Fatalf("there are %d boards", len(all))
	}
	return all
}
