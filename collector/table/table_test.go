package table_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"veille/collector/table"
)

func columns() []table.Column {
	return []table.Column{
		{Name: "site", Known: []string{"lieu", "établissement"}, Needed: true},
		{Name: "serial", Known: []string{"N° de série"}},
		{Name: "kwh", Known: []string{"énergie (kWh)"}, Needed: true},
	}
}

// written is rows as one text.
func written(rows []table.Row) string {
	var b strings.Builder
	for _, r := range rows {
		_, _ = fmt.Fprintf(&b, "%d", r.Number)
		for _, name := range slices.Sorted(maps.Keys(r.Cells)) {
			_, _ = fmt.Fprintf(&b, " %s=%q", name, r.Cells[name])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// in16 is a text in UTF-16 with its mark.
func in16(text string, order binary.ByteOrder) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = append(out, 0, 0)
		order.PutUint16(out[len(out)-2:], unit)
	}
	return out
}

func TestATableIsReadInEachEncodingAndTheEncodingIsSaid(t *testing.T) {
	const text = "Lieu;kWh\nLycée Curie;12\n"
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"UTF-8":                {[]byte(text), "UTF-8"},
		"UTF-8 with a mark":    {[]byte("\ufeff" + text), "UTF-8"},
		"UTF-16 little endian": {in16(text, binary.LittleEndian), "UTF-16"},
		"UTF-16 big endian":    {in16(text, binary.BigEndian), "UTF-16"},
		"Windows-1252":         {[]byte(latin), "Windows-1252"},
	} {
		got, err := table.Read(c.file, columns())
		if err != nil || got.Encoding != c.want || written(got.Rows) != "2 kwh=\"12\" site=\"Lycée Curie\"\n" {
			t.Errorf("%s: %v, %s\n%s", name, err, got.Encoding, written(got.Rows))
		}
	}
}

func TestATableIsReadInEachFormThatProgramsSave(t *testing.T) {
	for name, c := range map[string]struct {
		file, want string
		separator  rune
	}{
		"semicolons":                    {"site;kwh\nA;1\n", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"commas":                        {"site,kwh\nA,1\n", "2 kwh=\"1\" site=\"A\"\n", ','},
		"tabs":                          {"site\tkwh\nA\t1\n", "2 kwh=\"1\" site=\"A\"\n", '\t'},
		"bars":                          {"site|kwh\nA|1\n", "2 kwh=\"1\" site=\"A\"\n", '|'},
		"sep=":                          {"sep=,\nsite,kwh\nA,1\n", "3 kwh=\"1\" site=\"A\"\n", ','},
		"sep= in quotes":                {"\"sep=\t\"\r\nsite\tkwh\r\nA\t1\r\n", "3 kwh=\"1\" site=\"A\"\n", '\t'},
		"separators within quotes":      {"\"a;b;c;d\",site,kwh\n1,A,2\n", "2 kwh=\"2\" site=\"A\"\n", ','},
		"commas in other names":         {"lieu;a, b, c, d;kwh\nA;x;1\n", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"lines of Windows":              {"site;kwh\r\nA;1\r\n", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"lines of an old Mac":           {"site;kwh\rA;1\r", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"no last line end":              {"site;kwh\nA;1", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"empty lines":                   {"\n\nsite;kwh\n\n;;\n  \nA;1\n;\n", "7 kwh=\"1\" site=\"A\"\n", ';'},
		"a separator at the end":        {"site;kwh;\nA;1;\nB;2\n", "2 kwh=\"1\" site=\"A\"\n3 kwh=\"2\" site=\"B\"\n", ';'},
		"cells behind, all empty":       {"site;kwh\nA;1;;;\n", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"quotes, and quotes in them":    {"site;kwh\n \"A \"\"B\"\"; C\" ;\"1\"\n", "2 kwh=\"1\" site=\"A \\\"B\\\"; C\"\n", ';'},
		"a cell of several lines":       {"site;note;kwh\nA;\"x\ny\n\nz\";1\nB;;2\n", "2 kwh=\"1\" site=\"A\"\n6 kwh=\"2\" site=\"B\"\n", ';'},
		"titles above":                  {"Meters of 2026;;\nBy;me\n\nsite;kwh\nA;1\n", "5 kwh=\"1\" site=\"A\"\n", ';'},
		"an inch":                       {"site;note;kwh\nA;24\" wide;1\n", "2 kwh=\"1\" site=\"A\"\n", ';'},
		"another order, other spelling": {"ENERGIE  kwh;  n de serie ; ÉTABLISSEMENT\n1;S;A\n", "2 kwh=\"1\" serial=\"S\" site=\"A\"\n", ';'},
		"spaces that do not break":      {"site;kwh\n\u00a0A\u202f;\u00a01\n", "2 kwh=\"1\" site=\"A\"\n", ';'},
	} {
		got, err := table.Read([]byte(c.file), columns())
		if err != nil || written(got.Rows) != c.want || got.Separator != c.separator {
			t.Errorf("%s: %v, %q\n%s; want\n%s", name, err, got.Separator, written(got.Rows), c.want)
		}
	}
}

func TestAFileThatIsNoTableIsRefusedInASentence(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "the file is empty: its first line has to name the columns: needed are site (or lieu, établissement), kwh (or énergie (kWh))"},
		{"\n;\n\n", "names no column site, kwh"},
		{"sep=;\n", "the file is empty"},
		{"site;kwh\n\n", "no line below"},
		{"site;A\nx;1\n", `line 1 names no column kwh: needed are site (or lieu, établissement), kwh (or énergie (kWh)); it names "site", "A"`},
		{"site;Site ;kwh\nA;A;1\n", `line 1: two columns are called "Site": take one away`},
		{"site;Lieu;kwh\nA;A;1\n", `line 1: the columns "site" and "Lieu" both say site: take one away`},
		{"PK\x03\x04\x14\x00[Content_Types].xml", "this is an Excel workbook: save it as CSV"},
		{"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "this is a LibreOffice spreadsheet: save it as CSV"},
		{"PK\x03\x04a.csv", "compressed file"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x", "an old Excel workbook"},
		{"%PDF-1.7\n", "a PDF document"},
		{"\n <!DOCTYPE html><table>", "a web page"},
		{"site;kwh\nA;\x00", "there is a zero byte on line 2"},
		{"\xff\xfe\x00\x00s\x00\x00\x00", "zero byte"},
		{"\xff\xfes\x00i", "cut off"},
		{"\xff\xfes\x00\n\x00\x00\xd8", "line 2 is none"},
		{"site;kwh\nLyc\xe9e;\x81\n", "neither UTF-8 nor Windows-1252, as line 2 shows"},
		{"site;kwh\nLycée é;1\nLyc\xe9e;2\n", "the text is UTF-8, but not on line 3"},
		{strings.Repeat("x", table.MaxFile+1), "up to 16777216 are possible"},
		{"site;kwh" + strings.Repeat(";x", table.MaxColumns) + "\nA;1\n", "more than 500 columns"},
		{"\"site;kwh\nA;1\n", "line 1, which has to name the columns: a quote is opened"},
		{"site;kwh\n" + strings.Repeat("A;1\n", table.MaxRows+1), "more than 300000 lines"},
	} {
		got, err := table.Read([]byte(c.file), columns())
		if err == nil || !strings.Contains(err.Error(), c.want) || got.Rows != nil {
			t.Errorf("%.60q: %v; want %q", c.file, err, c.want)
		}
	}
}

func TestLinesThatAreWrongAreNamedAndTheOthersAreRead(t *testing.T) {
	for name, c := range map[string]struct{ file, err, rows string }{
		"too few":                 {"site;note;kwh\nA;1\nB;;2\n", "line 2: there are 2 cells, and line 1 names 3 columns", "3 kwh=\"2\" site=\"B\"\n"},
		"too many":                {"site;kwh\nA;1;x\nB;2\n", "line 2: there are 3 cells, and line 1 names 2 columns", "3 kwh=\"2\" site=\"B\"\n"},
		"too many, no name there": {"site;kwh;\nA;1;x\nB;2;\n", "line 2: there are 3 cells, and line 1 names 2 columns", "3 kwh=\"2\" site=\"B\"\n"},
		"behind a quote":          {"site;kwh\n\"A\"x;1\nB;2\n", "line 2: a cell in quotes goes on behind its last quote", "3 kwh=\"2\" site=\"B\"\n"},
		"never closed":            {"site;kwh\nA;1\n\"B;2\nC;3\nD;4\n", "line 3: a quote is opened on this line and never closed", "2 kwh=\"1\" site=\"A\"\n4 kwh=\"3\" site=\"C\"\n5 kwh=\"4\" site=\"D\"\n"},
		"closed by the next one":  {"site;kwh\n\"A;1\nB;2\n\"C\";3\n", "line 2: a quote is opened on this line and not closed before line 4", "3 kwh=\"2\" site=\"B\"\n4 kwh=\"3\" site=\"C\"\n"},
		"met on a later line":     {"site;note;kwh\nA;\"x;1\nB;;2\nC;y\";3\n", "line 2: a quote is opened on this line and closed on line 4, with whole lines", "3 kwh=\"2\" site=\"B\"\n4 kwh=\"3\" site=\"C\"\n"},
		"met in another column":   {"site;note;kwh\nA;\"x;1\nB\";;2\n", "line 2: there are 4 cells, and line 1 names 3 columns; a quote that is opened on this line is closed on line 3", "3 kwh=\"2\" site=\"B\\\"\"\n"},
		"no letter":               {"site;kwh\nA\x01;1\nB;2\n", "line 2: there is a character that no text has, U+0001", "3 kwh=\"2\" site=\"B\"\n"},
		"too long":                {"site;kwh\nA;1" + strings.Repeat(";x", 2000) + "\nB;2\n", "line 2: there are more than 1000 cells", "3 kwh=\"2\" site=\"B\"\n"},
	} {
		got, wrong, err := table.Parse([]byte(c.file), columns())
		if err != nil || wrong.Count() == 0 || !strings.Contains(wrong.Err(9).Error(), c.err) || written(got.Rows) != c.rows {
			t.Errorf("%s: %v, %v\n%s; want %s\n%s", name, err, wrong.Err(9), written(got.Rows), c.err, c.rows)
		}
		if got, err := table.Read([]byte(c.file), columns()); err == nil || got.Rows != nil {
			t.Errorf("%s: %v, %v; want an error and no rows", name, got, err)
		}
	}
}

func TestTwentyLinesAreNamedAndTheOthersCounted(t *testing.T) {
	var l table.Lines
	if err := l.Err(5); err != nil {
		t.Errorf("nothing is wrong: %v", err)
	}
	for n := 60; n > 0; n -= 2 {
		l.Add(n, fmt.Errorf("e%d", n))
		l.Add(n, fmt.Errorf("again%d", n))
		l.Add(n+1, nil)
	}
	err := l.Err(1000).Error()
	if l.Count() != 30 || strings.Count(err, "line ") != 20 || !strings.HasPrefix(err, "line 2: e2\nline 4: e4\n") ||
		!strings.HasSuffix(err, "line 40: e40\n… and 10 more: 30 of 1000 lines are wrong") || strings.Contains(err, "again") {
		t.Errorf("%d\n%s", l.Count(), err)
	}
}

func TestTheFirstLineTellsHowColumnsAreCalled(t *testing.T) {
	head, err := table.Head([]byte("sep=,\n\"Nom\",  Lieu ,,x\n"))
	if err != nil || !slices.Equal(head, []string{"Nom", "Lieu", "", "x"}) {
		t.Errorf("%q, %v", head, err)
	}
	if _, err := table.Head(nil); err == nil {
		t.Error("nothing has a first line")
	}
}

func TestNamesAreComparedWithoutCaseAccentsAndMarks(t *testing.T) {
	for _, c := range [][2]string{{" N° de  Série", "n de serie"}, {"Cœur", "coeur"}, {"Date d’achat", "date d achat"}, {"DATE D'ACHAT", "date d achat"}, {"€/kWh", "kwh"}, {"--", ""}} {
		if got := table.Plain(c[0]); got != c[1] {
			t.Errorf("%q is %q, want %q", c[0], got, c[1])
		}
	}
}

// Every table that is written well is read as it was, by any separator, and any line end.
func TestWhatIsWrittenIsRead(t *testing.T) {
	cells := []string{"", "A", "a;b", "c,d", "e|f", "say \"x\"", "é\u202fl", "24\"", "x\ty"}
	for _, sep := range ";,\t|" {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			text, want := "site"+string(sep)+"kwh"+end, ""
			for i, x := range cells {
				for j, y := range cells {
					if x+y != "" {
						text += `"` + strings.ReplaceAll(x, `"`, `""`) + `"` + string(sep) + `"` + strings.ReplaceAll(y, `"`, `""`) + `"`
						want += fmt.Sprintf("%d kwh=%q site=%q\n", 2+i*len(cells)+j, y, x)
					}
					text += end
				}
			}
			got, err := table.Read([]byte(text), columns())
			if err != nil || written(got.Rows) != want {
				t.Errorf("%q %q: %v\n%s; want\n%s", sep, end, err, written(got.Rows), want)
			}
		}
	}
}

// Whatever the bytes, there is an answer, and no line is lost: each that has something is a row, part of one, or an error.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"site;kwh\nA;1\n", "sep=,\nsite,kwh\n\"A\nB\",1\n", "site;note;kwh\nA;\"x;1\nB;;2\nC;y\";3\n", "\xff\xfes\x00;\x00k\x00", "site;kwh\nLyc\xe9e;1\n",
		"site;kwh\n\"\"\"A;1\n;;;;x\n\"", "PK\x03\x04", "site\tkwh\n\x01\t\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, wrong, err := table.Parse(file, columns())
		if err != nil {
			if got.Rows != nil || err.Error() == "" {
				t.Errorf("%v with rows", err)
			}
			return
		}
		if len(got.Rows)+wrong.Count() == 0 || (wrong.Count() > 0) != (wrong.Err(1) != nil) {
			t.Errorf("%d rows, %d wrong, %v", len(got.Rows), wrong.Count(), wrong.Err(1))
		}
		last := 0
		for _, r := range got.Rows {
			if r.Number <= last || len(r.Cells) != len(got.Columns) {
				t.Errorf("after line %d: %+v", last, r)
			}
			last = r.Number
		}
		if _, err := table.Read(file, columns()); (err != nil) != (wrong.Count() > 0) {
			t.Errorf("%v with %d lines wrong", err, wrong.Count())
		}
	})
}
