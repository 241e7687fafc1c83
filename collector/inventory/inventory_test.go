package inventory_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"veille/collector"
	"veille/collector/inventory"
)

const today = collector.Date("2026-11-22")

// written is lines as one text: site, class, month, way and count.
func written(lines []inventory.Line) string {
	var b strings.Builder
	for _, l := range lines {
		_, _ = fmt.Fprintf(&b, "%d %s %s %s %s %d %s\n", l.Number, l.Site, l.Class, l.Bought, l.As, l.Count, l.Source)
	}
	return b.String()
}

func TestATableIsReadInEachFormThatSpreadsheetsSave(t *testing.T) {
	const want = "2 Lycée Curie notebook 2021-09 new 12 f.csv\n3 Lycée Curie monitor  reused 3 f.csv\n4 2 desktop 2019-03 refurbished 1200 f.csv\n"
	const semicolons = "site;class;bought;as;count\nLycée Curie;notebook;2021-09-15;new;12\nLycée Curie;monitor;;reused;3\n2;desktop;15/03/2019;refurbished;1200\n"
	latin, err := charmap.Windows1252.NewEncoder().String(semicolons)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"semicolons":       semicolons,
		"with a mark":      "\ufeff" + semicolons,
		"Windows-1252":     latin,
		"commas":           strings.ReplaceAll(semicolons, ";", ","),
		"tabs":             strings.ReplaceAll(semicolons, ";", "\t"),
		"lines of Windows": strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"no last line end": strings.TrimSuffix(semicolons, "\n"),
		"empty lines":      strings.TrimSuffix(semicolons, "\n") + "\n;;;;\n\n",
		"other columns":    "Room;COUNT; As;bought;class;site\n1;12;New;2021-09;Notebook;Lycée Curie\n;3;reused;;monitor;Lycée Curie\n2; 1200 ;refurbished;2019-03-01;desktop;2\n",
		"in quotes":        "site,class,bought,as,count\n\"Lycée Curie\",notebook,2021-09,new,\" 12 \"\nLycée Curie,monitor,,reused,3\n2,desktop,2019-03,refurbished,1200\n",
	} {
		lines, err := inventory.Read([]byte(text), "f.csv", today)
		if err != nil || written(lines) != want {
			t.Errorf("%s: %v\n%s; want\n%s", name, err, written(lines), want)
		}
	}
}

func TestLinesOfTheSameDevicesArePutTogether(t *testing.T) {
	lines, err := inventory.Read([]byte("site;class;bought;as;count\nA;tablet;2024-01;new;2\nB;tablet;2024-01;new;1\nA;tablet;2024-01-31;new;5\nA;tablet;2024-02;new;1\n"), "x", today)
	const want = "2 A tablet 2024-01 new 7 x\n3 B tablet 2024-01 new 1 x\n5 A tablet 2024-02 new 1 x\n"
	if err != nil || written(lines) != want {
		t.Errorf("%v\n%s; want\n%s", err, written(lines), want)
	}
}

func TestAFileIsRefusedWithTheLinesThatAreWrong(t *testing.T) {
	const head = "site;class;bought;as;count\n"
	for _, c := range []struct{ text, want string }{
		{"", "the file is empty"},
		{head, "no line below"},
		{"site;class\nA;tablet\n", "no column bought, as, count"},
		{"site;site;class;bought;as;count\n", `two columns are called "site"`},
		{head + "A;tablet;2024-01;new;1\nA;phone;2024-01;new;1\n", `line 3: class "phone" is none of`},
		{head + "A;tablet;2024-01;stolen;1\n", `line 2: acquired as "stolen"`},
		{head + "A;tablet;2024-01;new;0\n", "line 2: 0 devices"},
		{head + "A;tablet;2024-01;new;-1\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;1.5\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;1,000\n", "line 2: count \"1,000\" is not a whole number in plain digits"},
		{head + "A;tablet;2024-01;new;1.000\n", "line 2: count \"1.000\" is not a whole number in plain digits"},
		{head + "A;tablet;2024-01;new;12,0\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;1 000\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;+1\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;٣\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;99999999999999999999\n", "line 2: count"},
		{head + "A;tablet;1989-12;new;1\n", "line 2: bought 1989-12"},
		{head + "A;tablet;2024-01;new;NaN\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;1e300\n", "line 2: count"},
		{head + "A;tablet;2024-01;new\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;600000\nA;tablet;2024-01;new;600000\n", "line 3: with line 2: 1200000 devices"},
		{head + ";tablet;2024-01;new;1\n", "line 2: no site"},
		{head + "A;tablet;september 2024;new;1\n", "line 2: bought"},
		{head + "A;tablet;2024-13;new;1\n", "line 2: bought"},
		{head + "A;tablet;2026-12;new;1\n", "line 2: bought 2026-12 is not from 1990 until today"},
		{head + "A;tablet;1024-09;new;1\n", "line 2: bought"},
		{head + "A;\"tab;2024-01;new;1\n", "line 2: "},
		{"PK\x03\x04\x00\x00", "no text"},
		{strings.Repeat("x", inventory.MaxFile+1), "up to 1048576"},
		{head + strings.Repeat("A;phone;;new;1\n", 100), "perhaps more"},
	} {
		lines, err := inventory.Read([]byte(c.text), "x", today)
		if err == nil || !strings.Contains(err.Error(), c.want) || lines != nil {
			t.Errorf("%.60q: %v, %v; want %q", c.text, lines, err, c.want)
		}
	}
}

func TestEachWrongLineIsNamed(t *testing.T) {
	_, err := inventory.Read([]byte("site;class;bought;as;count\nA;phone;;new;1\nA;tablet;;new;1\nA;tablet;x;new;1\n"), "x", today)
	if err == nil || strings.Count(err.Error(), "line ") != 2 || !strings.Contains(err.Error(), "line 2: ") || !strings.Contains(err.Error(), "line 4: ") {
		t.Errorf("%v; want lines 2 and 4", err)
	}
}

// Whatever is read, each line is equipment that may be kept, and reading what was read gives the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte("site;class;bought;as;count\nLycée;notebook;2021-09;new;12\n"))
	f.Add([]byte("\ufeffcount,as,bought,class,site\r\n\"3\",reused,,monitor,2\r\n"))
	f.Add([]byte("site\tclass\tbought\tas\tcount\nLyc\xe9e\tserver\t15/03/2019\trefurbished\t1\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		lines, err := inventory.Read(file, "x", today)
		if err != nil {
			return
		}
		again := "site;class;bought;as;count\n"
		for _, l := range lines {
			if err := l.Validate(); err != nil || l.Site == "" || l.Number < 2 {
				t.Errorf("%+v: %v", l, err)
			}
			again += fmt.Sprintf("\"%s\";%s;%s;%s;%d\n", strings.ReplaceAll(l.Site, `"`, `""`), l.Class, l.Bought, l.As, l.Count)
		}
		if len(again) > inventory.MaxFile {
			return
		}
		twice, err := inventory.Read([]byte(again), "x", today)
		if err != nil || len(twice) != len(lines) {
			t.Errorf("%q: %v, %d lines; want %d", again, err, len(twice), len(lines))
		}
	})
}
