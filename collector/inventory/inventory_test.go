package inventory_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"veille/collector"
	"veille/collector/inventory"
)

const today = collector.Date("2026-11-22")

func options(sites ...string) inventory.Options {
	return inventory.Options{Source: "x", Today: today, Sites: sites}
}

// written is lines as one text: number, site, class, month, way, count, source, and state, month and end of what is retired, and the label.
func written(lines []inventory.Line) string {
	var b strings.Builder
	for _, l := range lines {
		_, _ = fmt.Fprintf(&b, "%d %s %s %s %s %d %s", l.Number, l.Site, l.Class, cmp.Or(l.Bought, "-"), l.As, l.Count, l.Source)
		for _, more := range []string{l.State, string(l.Left), l.To} {
			if more != "" {
				b.WriteString(" " + more)
			}
		}
		if l.Ecolabel {
			b.WriteString(" label")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestATableIsReadInEachFormThatSpreadsheetsSave(t *testing.T) {
	const want = "2 Lycée Curie notebook 2021-09 new 12 x\n3 Lycée Curie monitor - reused 3 x\n4 2 desktop 2019-03 refurbished 1200 x\n"
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
		"in French":        "établissement;Classe;Date d'achat;Provenance;Nombre\nLycée Curie;Portable;15/09/2021;neuf;12\nLycée Curie;Écran;;réemploi;3\n2;PC fixe;mars 2019;reconditionné;1200\n",
	} {
		found, err := inventory.Read([]byte(text), options())
		if err != nil || written(found.Lines) != want || found.Preset != inventory.PresetVeille || found.Assets != 1215 || found.Undated != 3 {
			t.Errorf("%s: %v, %+v\n%s; want\n%s", name, err, found, written(found.Lines), want)
		}
	}
}

func TestLinesOfTheSameDevicesArePutTogether(t *testing.T) {
	found, err := inventory.Read([]byte("site;class;bought;as;count;state\nA;tablet;2024-01;new;2;\nB;tablet;2024-01;new;1;\nA;tablet;2024-01-31;new;5;in service\nA;tablet;2024-02;new;1;\nA;tablet;2024-01;new;4;stock\n"), options())
	const want = "2 A tablet 2024-01 new 7 x\n3 B tablet 2024-01 new 1 x\n5 A tablet 2024-02 new 1 x\n6 A tablet 2024-01 new 4 x stock\n"
	if err != nil || written(found.Lines) != want {
		t.Errorf("%v\n%s; want\n%s", err, written(found.Lines), want)
	}
}

func TestAFileIsRefusedWithTheLinesThatAreWrong(t *testing.T) {
	const head = "site;class;bought;as;count\n"
	const all = "site;class;bought;as;count;state;left;to;ecolabel\nA;tablet;2024-01;new;1;"
	for _, c := range []struct{ text, want string }{
		{"", "the file is empty"},
		{head, "no line below"},
		{"site;class\nA;tablet\n", "no column bought, as, count"},
		{"site;class\nA;tablet\n", "a list of GLPI is recognised by the columns Lieu or Entité and Type"},
		{"site;site;class;bought;as;count\n", `two columns are called "site"`},
		{head + "A;tablet;2024-01;new;1\nA;phone;2024-01;new;1\n", `line 3: class "phone" is none of`},
		{head + "A;virtual machine;2024-01;new;1\n", `line 2: class "virtual machine" is none of`},
		{head + "A;tablet;2024-01;stolen;1\n", `line 2: acquired as "stolen"`},
		{head + "A;tablet;2024-01;new;0\n", "line 2: 0 devices"},
		{head + "A;tablet;2024-01;new;-1\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;1.5\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;1,000\n", "line 2: count \"1,000\" is not a whole number in plain digits"},
		{head + "A;tablet;2024-01;new;1.000\n", "line 2: count \"1.000\" is not a whole number in plain digits"},
		{head + "A;tablet;2024-01;new;1 000\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;+1\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;٣\n", "line 2: count"},
		{head + "A;tablet;2024-01;new;99999999999999999999\n", "line 2: count"},
		{head + "A;tablet;1989-12;new;1\n", "line 2: bought 1989-12"},
		{head + "A;tablet;2024-01;new;1e300\n", "line 2: count"},
		{head + "A;tablet;2024-01;new\n", "line 2: there are 4 cells"},
		{head + "A;tablet;2024-01;new;600000\nA;tablet;2024-01;new;600000\n", "line 3: with line 2: 1200000 devices"},
		{head + ";tablet;2024-01;new;1\n", "line 2: no site"},
		{head + "A;tablet;in the autumn;new;1\n", "line 2: bought"},
		{head + "A;tablet;44454;new;1\n", "line 2: bought: \"44454\" is no date: it is the number of a day"},
		{head + "A;tablet;2024-13;new;1\n", "line 2: bought"},
		{head + "A;tablet;2026-12;new;1\n", "line 2: bought 2026-12 is not from 1990 until today"},
		{head + "A;tablet;25/12/2021;new;1\nA;tablet;12/25/2021;new;1\n", "dates of bought: line 2, \"25/12/2021\", has its day first and line 3, \"12/25/2021\", its month"},
		{head + "A;\"tab;2024-01;new;1\n", "line 2: a quote is opened"},
		{all + "lost;;;\n", `line 2: state "lost" is not known`},
		{all + ";2025-01;;\n", "line 2: it has a date on which it was retired, and its state is not retired"},
		{all + "stock;;recycling;\n", "line 2: it says where it went"},
		{all + "retired;2023-12;;\n", "line 2: it was retired in 2023-12, before it was bought in 2024-01"},
		{all + "retired;2027-01;;\n", "line 2: left 2027-01 is not from 1990 until today"},
		{all + "retired;;the sea;\n", `line 2: where it went, "the sea", is none of`},
		{all + ";;;perhaps\n", `line 2: ecolabel "perhaps" is neither yes nor no`},
		{"PK\x03\x04xl/workbook.xml\x00\x00", "this is an Excel workbook: save it as CSV"},
		{strings.Repeat("x", inventory.MaxFile+1), "up to 16777216"},
		{head + strings.Repeat("A;phone;;new;1\n", 100), "… and 80 more: 100 of 100 lines are wrong"},
	} {
		found, err := inventory.Read([]byte(c.text), options("A"))
		if err == nil || !strings.Contains(err.Error(), c.want) || found.Lines != nil || found.Assets != 0 {
			t.Errorf("%.60q: %+v, %v; want %q", c.text, found, err, c.want)
		}
	}
	if _, err := inventory.Read([]byte(head), inventory.Options{Preset: "sap"}); err == nil || !strings.Contains(err.Error(), "none of auto, veille, glpi, ocs") {
		t.Error(err)
	}
}

func TestEachWrongLineIsNamed(t *testing.T) {
	_, err := inventory.Read([]byte("site;class;bought;as;count\nA;phone;;new;1\nA;tablet;;new;1\nA;tablet;x;new;1\n"), options())
	if err == nil || strings.Count(err.Error(), "line ") != 2 || !strings.Contains(err.Error(), "line 2: ") || !strings.Contains(err.Error(), "line 4: ") {
		t.Errorf("%v; want lines 2 and 4", err)
	}
}

// Whatever is read, each line is equipment that may be kept, and reading what was read gives the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte("site;class;bought;as;count\nLycée;notebook;2021-09;new;12\n"))
	f.Add([]byte("\ufeffcount,as,bought,class,site,state,left\r\n\"3\",reused,,monitor,2,retired,2020-01\r\n"))
	f.Add([]byte("site\tclass\tbought\tas\tcount\nLyc\xe9e\tserver\t15/03/2019\trefurbished\t1\n"))
	f.Add([]byte("Nom;Lieu;Type;Numéro de série;Date d'achat;Statut\nA;Siège;Portable;S1;2021-09-15;En service\nA;Siège;Portable;S1;2021-09-15;En service\n"))
	f.Add([]byte("TAG;Machine;Catégorie d'Actifs;\n\"Siège\";\"A\";\"Tour\";\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := inventory.Read(file, options("Siège", "Lycée"))
		if err != nil {
			if found.Lines != nil {
				t.Errorf("%v with lines", err)
			}
			return
		}
		again, count := "site;class;bought;as;count;state;ecolabel;left;to\n", 0
		for _, l := range found.Lines {
			if err := l.Validate(); err != nil || l.Site == "" || l.Number < 2 {
				t.Errorf("%+v: %v", l, err)
			}
			count += l.Count
			again += fmt.Sprintf("\"%s\";%s;%s;%s;%d;%s;%v;%s;%s\n", strings.ReplaceAll(l.Site, `"`, `""`), l.Class, l.Bought, l.As, l.Count, l.State, l.Ecolabel, l.Left, l.To)
		}
		if count != found.Assets || found.Assets < found.Undated || found.Assets < found.TakenAsNew {
			t.Errorf("%d devices in lines, %+v", count, found)
		}
		if strings.Contains(again, "\nsite;") || strings.ContainsAny(again, "\r") {
			return
		}
		twice, err := inventory.Read([]byte(again), options())
		if err != nil || len(twice.Lines) != len(found.Lines) || twice.Assets != count {
			t.Errorf("%q: %v, %d lines; want %d", again, err, len(twice.Lines), len(found.Lines))
		}
	})
}
