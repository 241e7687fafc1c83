package report_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"veille/collector/label"
	"veille/collector/report"
)

func table(t testing.TB, raw []byte, comma rune) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTheTableHasALineForEachLineAndReadsAsTheLanguageDoes(t *testing.T) {
	r := sample(t)
	fr, en := write(t, report.CSV, r, "fr"), write(t, report.CSV, r, "en")
	if !bytes.HasPrefix(fr, []byte("\ufeff")) || bytes.HasPrefix(en, []byte("\ufeff")) {
		t.Error("the byte order mark is for the French table alone")
	}
	french, english := table(t, fr, ';'), table(t, en, ',')
	if len(french) != len(r.Lines)+1 || len(english) != len(french) {
		t.Fatalf("there are %d and %d rows for %d lines", len(french), len(english), len(r.Lines))
	}
	if got := strings.Join(french[0], " "); got != strings.Join(english[0], " ") || got != "id theme item title value low high unit status coverage_pct quality previous target target_by trend observed methods missing evidence" {
		t.Errorf("the columns are %s", got)
	}
	for i, line := range r.Lines {
		f, e := french[i+1], english[i+1]
		if f[0] != line.ID || e[0] != line.ID {
			t.Errorf("row %d is %s and %s, not %s", i+1, f[0], e[0], line.ID)
		}
		for _, column := range []int{4, 5, 6, 9, 11, 12, 15} {
			if strings.Replace(f[column], ",", ".", 1) != e[column] {
				t.Errorf("%s: %s in French and %s in English", line.ID, f[column], e[column])
			}
		}
		if (line.Value == nil) != (e[4] == "") || (line.Value == nil) != (e[17] != "") {
			t.Errorf("%s: the value is %q and it is missing because %q", line.ID, e[4], e[17])
		}
	}
	if e1 := french[5]; e1[0] != "E1" || e1[1] != "T1 T4" || e1[2] != "PA2 PA10.3" || e1[4] != "1284310,4" || e1[16] != "plug rapl+model model-class" {
		t.Errorf("the row of E1 is %q", e1)
	}
}

func TestATextThatLooksLikeAFormulaHasAnApostropheAndANumberHasNone(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1"} {
		value := -12.5
		line := label.Line{ID: text, Value: &value, Unit: text}
		line.Title.EN = text
		row := table(t, write(t, report.CSV, label.Report{Lines: []label.Line{line}}, "en"), ',')[1]
		if row[0] != "'"+text || row[3] != "'"+text || row[7] != "'"+text || row[4] != "-12.5" {
			t.Errorf("%q is written as %q", text, row)
		}
	}
}

// A spreadsheet that is set to commas takes a table of semicolons apart at other places, and the other way round.
func TestNoPartOfATextIsAFormulaWhateverMarkPartsCells(t *testing.T) {
	for _, text := range []string{"a;=1+1", "a,=1+1", "a, +1", "a|@x", "a\t-1", "a\n=1", " =1", "＝1", "a;\"=1", "a; \u00a0=1", "\u202e=1", "a;\u2066=1"} {
		line := label.Line{ID: "E1"}
		line.Title.EN, line.Title.FR = text, text
		for code, comma := range map[string]rune{"en": ',', "fr": ';'} {
			cell := table(t, write(t, report.CSV, label.Report{Lines: []label.Line{line}}, code), comma)[1][3]
			for part := range strings.FieldsFuncSeq(cell, func(c rune) bool { return strings.ContainsRune(",;|\t\n", c) }) {
				if begins := strings.TrimLeft(part, " \u00a0\u202f\""); begins != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(begins)[0]) {
					t.Errorf("%q is written as %q", text, cell)
				}
			}
			if strings.ContainsAny(cell, "\u202e\u2066") {
				t.Errorf("%q turns around what is behind it", cell)
			}
		}
	}
}
