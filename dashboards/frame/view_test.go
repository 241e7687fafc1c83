package frame

import (
	"slices"
	"strings"
	"testing"
)

func TestAColumnOfNumbersEndsAlikeAlsoWhereAllAreMissing(t *testing.T) {
	columns := []Column{{ID: "of", Unit: "kWh"}, {ID: "kwh", Unit: "kWh"}, {ID: "score", Decimals: 1}, {ID: "note"}, {ID: "words", Unit: "kWh"}, {ID: "known"}, {ID: "grade", Decimals: 1}}
	none := []Cell{Text("a"), {}, {}, {}, Text("between " + strings.Repeat("x", 40)), {}, {Mark: "<b>A</b>"}}
	some := slices.Clone(none)
	some[5] = Num(1)
	for name, tt := range map[string]struct {
		rows [][]Cell
		want []string
	}{
		"all missing": {[][]Cell{none, none}, []string{"", "n", "n", "", "words", "", ""}},
		"one known":   {[][]Cell{none, some}, []string{"", "n", "n", "", "words", "n", ""}},
	} {
		if got := (Table{Columns: columns, Rows: tt.rows}).classes(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestSpreadsheetsAndProgramsGetAPlainMinus(t *testing.T) {
	table := Table{Columns: []Column{{ID: "of"}, {ID: "kwh", Unit: "kWh"}}, Rows: [][]Cell{{Text("a"), Num(-1234.5)}}}
	for code, want := range map[string]string{"fr": "a;-1234,5\n", "en": "a,-1234.5\n"} {
		var b strings.Builder
		if err := table.CSV(&b, Language{Code: code}); err != nil || !strings.HasSuffix(b.String(), want) {
			t.Errorf("%s: %q, %v; want %q", code, b.String(), err, want)
		}
	}
	if text, err := table.MarshalJSON(); err != nil || !strings.Contains(string(text), "-1234.5") {
		t.Errorf("%s, %v", text, err)
	}
	if got := (TableShown{Page: Page{Language: Language{Code: "en"}}, Table: table}).Write(table.Rows[0][1], 1); got != "−1,234" && got != "−1,235" {
		t.Errorf("a page shows %q", got)
	}
}
