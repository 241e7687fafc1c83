package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// school is a new collector with two sites, one of which has some devices.
func school(t *testing.T) (data, folder string) {
	t.Helper()
	data, folder = filepath.Join(t.TempDir(), "data"), t.TempDir()
	manage(t, data, "site", "add", "--time-zone", "Europe/Paris", "Lycée Curie")
	manage(t, data, "site", "add", "--time-zone", "Europe/Paris", "Siège")
	manage(t, data, "inventory", "import", fileOf(t, folder, "first.csv", []byte("site;class;bought;as;count\nSiège;desktop;2020-09;new;5\n")))
	return data, folder
}

func fileOf(t *testing.T, folder, name string, text []byte) string {
	t.Helper()
	name = filepath.Join(folder, name)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// inUTF16 is a text in UTF-16 with its mark, the small end first or the large one.
func inUTF16(text string, bigEndian bool) (all []byte) {
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		pair := []byte{byte(u), byte(u >> 8)}
		if bigEndian {
			slices.Reverse(pair)
		}
		all = append(all, pair...)
	}
	return all
}

const frenchTable = "Établissement;Classe;Date d’achat;Provenance;Nombre\nLycée Curie;portable;15/09/2021;neuf;12\nSiège;écran;2020-03;réemploi;3\n"

func TestAnInventoryIsReadInAnyOfTheUsualEncodings(t *testing.T) {
	t.Parallel()
	windows, err := charmap.Windows1252.NewEncoder().Bytes([]byte(frenchTable))
	if err != nil {
		t.Fatal(err)
	}
	data, folder := school(t)
	for name, text := range map[string][]byte{
		"utf8": []byte(frenchTable), "mark": append([]byte("\ufeff"), frenchTable...), "windows-1252": windows, "utf16-little": inUTF16(frenchTable, false), "utf16-big": inUTF16(frenchTable, true),
	} {
		manage(t, data, "inventory", "import", fileOf(t, folder, "table.csv", text))
		var rows []map[string]any
		if err := json.Unmarshal([]byte(manage(t, data, "inventory", "list", "--json")), &rows); err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprint(rows)
		if len(rows) != 2 || !strings.Contains(said, "Lycée Curie") || !strings.Contains(said, "notebook") || !strings.Contains(said, "reused") || !strings.Contains(said, "2021-09") {
			t.Errorf("%s: the inventory is %s", name, said)
		}
	}
}

func TestDatesInFourFormatsOfOneColumnAreTheSameDate(t *testing.T) {
	t.Parallel()
	data, folder := school(t)
	manage(t, data, "inventory", "import", fileOf(t, folder, "dates.csv", []byte("site;class;bought;as;count\nSiège;notebook;2021-09-15;new;1\nSiège;notebook;15/09/2021;new;2\n"+
		"Siège;notebook;15.09.2021 10:30;new;4\nSiège;notebook;septembre 2021;new;8\n")))
	if list := manage(t, data, "inventory", "list"); !regexp.MustCompile(`Siège +notebook +2021-09 +new +in-service +15 `).MatchString(list) {
		t.Errorf("the inventory is\n%s", list)
	}
}

// brokenTable has 1000 lines, of which one of ten is broken, each tenth of them in another way.
func brokenTable() string {
	ways := []string{
		"Siège;toaster;2021-09;new;1", "Siège;notebook;someday;new;1", "Siège;notebook;2021-09;stolen;1", "Siège;notebook;2021-09;new;many", "Siège;notebook;44454;new;1",
		"Siège;notebook;2021-09", "Siège;notebook;2021-09;new;-3", "Siège;notebook;2199-01;new;1", ";notebook;2021-09;new;1", "Siège;notebook;2021-09;new;1;2;3",
	}
	text := "site;class;bought;as;count\n"
	for i := range 1000 {
		if i%10 == 4 {
			text += ways[i/10%10] + "\n"
			continue
		}
		text += "Siège;notebook;2021-09;new;1\n"
	}
	return text
}

func TestABadInventoryIsRefusedAsAWholeAndSaysWhere(t *testing.T) {
	t.Parallel()
	data, folder := school(t)
	before := manage(t, data, "inventory", "list", "--json")
	book := xlsxOf(t, data)
	for name, tt := range map[string]struct {
		text []byte
		says []string
	}{
		"broken-utf8":  {[]byte(strings.Replace(frenchTable, "Siège", "Si\xe8ge", 1)), []string{"line 3"}},
		"cut-utf16":    {inUTF16(frenchTable, false)[:101], []string{"UTF-16", "save it anew"}},
		"zero":         {make([]byte, 5000), []string{"no text"}},
		"empty":        {nil, []string{"empty"}},
		"head-only":    {[]byte("site;class;bought;as;count\n"), []string{"no line"}},
		"no-column":    {[]byte("a;b;c\n1;2;3\n"), []string{"site", "class"}},
		"workbook":     {book, []string{"Excel", "save it as CSV"}},
		"old-workbook": {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 2000)...), []string{"Excel", "save it as CSV"}},
		"ten-percent":  {[]byte(brokenTable()), []string{"line 6", "line 16", "line 26", "line 96", "100 of 1000 lines"}},
		"duplicates": {
			[]byte("Nom;Lieu;Type;Numéro de série;Date d'achat;Statut\nPC-1;Siège;Portable;S-1;2021-09-15;En service\nPC-2;Siège;Portable;S-2;2021-09-15;En service\n" +
				"PC-1;Siège;Portable;S-1;2019-01-10;En stock\n"), []string{"line 4", "line 2"},
		},
		"no-site":    {[]byte("site;class;bought;as;count\nSiège;notebook;2021-09;new;1\nNowhere;notebook;2021-09;new;1\n"), []string{"line 3", "Nowhere"}},
		"late-error": {[]byte("site;class;bought;as;count\n" + strings.Repeat("Siège;notebook;2021-09;new;1\n", 5000) + "Siège;notebook;2021-09;new;\n"), []string{"line 5002"}},
	} {
		for _, dry := range []bool{true, false} {
			args := []string{"veille-collector", "inventory", "import", "--data", data, fileOf(t, folder, name+".csv", tt.text)}
			if dry {
				args = append(args, "--dry-run")
			}
			stdout, stderr, status := try(t, nil, args...)
			if status != 1 || stdout != "" || len(stderr) > 8000 {
				t.Errorf("%s: exit %d, printed %q and %d bytes of errors, want 1 and nothing", name, status, stdout, len(stderr))
			}
			for _, words := range append(tt.says, name+".csv", "nothing was changed") {
				if !strings.Contains(stderr, words) {
					t.Errorf("%s: %q is not in %s", name, words, stderr)
				}
			}
		}
		if after := manage(t, data, "inventory", "list", "--json"); after != before {
			t.Fatalf("%s: the inventory is\n%s\nbefore it was\n%s", name, after, before)
		}
	}
}

// xlsxOf is a workbook: a report of whatever is known.
func xlsxOf(t *testing.T, data string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.xlsx")
	manage(t, data, "report", "--template", "reen", "--from", past(3), "--to", past(2), "-o", file)
	return contents(t, file)
}

// good is a template that can be used, with two lines in an item.
const good = `id: own
version: "1"
title: {fr: "A", en: "A"}
source: {fr: "B", en: "B"}
themes:
  - id: T1
    title: {fr: "A", en: "A"}
    items:
      - id: Q1
        title: {fr: "A", en: "A"}
        indicators: [E1, U1]
`

func TestABadTemplateIsRefusedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	data, folder := school(t)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", "))
	}
	out := filepath.Join(folder, "out.html")
	for name, tt := range map[string]struct{ text, says string }{
		"unknown": {strings.Replace(good, "U1]", "Z99]", 1), `"Z99"`},
		"bomb":    {bomb, "no references"},
		"deep":    {strings.Repeat("[", 100_000), "depth"},
		"large":   {good + "#" + strings.Repeat("x", 1_000_000) + "\n", "262144 bytes"},
		"bytes":   {"\xff\xfe\x00\x01id: own", "UTF-8"},
		"empty":   {"", "empty"},
		"twice":   {good + "id: other\n", "already defined"},
	} {
		file := fileOf(t, folder, name+".yaml", []byte(tt.text))
		for _, args := range [][]string{
			{"template", "add", file}, {"template", "add", "--dry-run", file}, {"report", "--template", file, "--from", past(3), "--to", past(2), "-o", out},
		} {
			stdout, stderr, status := try(t, nil, slices.Concat([]string{"veille-collector"}, args, []string{"--data", data})...)
			if status != 1 || stdout != "" || !strings.Contains(stderr, tt.says) || !strings.Contains(stderr, name+".yaml") || len(stderr) > 2000 {
				t.Errorf("%s, %s: exit %d, printed %q, said %.2000s", name, args[0], status, stdout, stderr)
			}
		}
	}
	if list := manage(t, data, "template", "list"); strings.Contains(list, "own ") || strings.Count(list, "\n") != 5 {
		t.Errorf("there are the templates\n%s", list)
	}
	absent(t, out)
	manage(t, data, "template", "add", fileOf(t, folder, "good.yaml", []byte(good)))
	manage(t, data, "report", "--template", "own", "--from", past(3), "--to", past(2), "-o", out)
}

// absent fails where a file is there, or anything that was meant to become one.
func absent(t *testing.T, name string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Name() == filepath.Base(name) || strings.HasPrefix(e.Name(), ".veille") {
			t.Errorf("%s was written", e.Name())
		}
	}
}

// young is a collector with two sites, whose machines have lived four months and not much more.
func young(t *testing.T) history {
	t.Helper()
	return lived(t, crew{seed: 6, machines: 40, months: 4, weights: []int{1, 1}})
}

func TestAPeriodThatIsNoneIsRefusedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	h := begun(t, "young", young)
	out := filepath.Join(t.TempDir(), "out.json")
	for name, tt := range map[string]struct {
		from, to string
		status   int
		says     []string
	}{
		"nothing known": {past(40), past(30), 3, []string{"nothing is known", past(4)}},
		"in the future": {past(-20), past(-30), 3, nil},
		"not the first": {past(4) + "-02", past(3), 2, []string{"whole months"}},
		"not the last":  {past(4), past(3) + "-15", 2, []string{"whole months"}},
		"forty months":  {past(43), past(4), 2, []string{"36 months"}},
		"backwards":     {past(3), past(4), 2, []string{"is before"}},
		"no month":      {"2026-13", "2026-14", 2, []string{"2026-13"}},
		"no date":       {past(4) + "-31-31", past(3), 2, []string{"neither a month"}},
		"nothing said":  {"", "", 2, []string{"--from"}},
	} {
		for _, command := range [][]string{{"report", "-o", out}, {"report", "keep"}} {
			stdout, stderr, status := try(t, nil, slices.Concat([]string{"veille-collector"}, command, []string{"--data", h.data, "--template", "lnr-2019", "--from", tt.from, "--to", tt.to})...)
			if status != tt.status || stdout != "" || stderr == "" {
				t.Errorf("%s, %v: exit %d, printed %q, said %s", name, command, status, stdout, stderr)
			}
			for _, words := range tt.says {
				if !strings.Contains(stderr, words) {
					t.Errorf("%s: %q is not in %s", name, words, stderr)
				}
			}
		}
		absent(t, out)
	}
	if list := manage(t, h.data, "report", "list"); strings.Count(list, "\n") != 1 {
		t.Errorf("kept are\n%s", list)
	}
}

// tampered are ways to change a sealed report.
func tampered(sealed []byte) map[string][]byte {
	text := string(sealed)
	digit := regexp.MustCompile(`"value":[0-9]`).FindStringIndex(text)[1] - 1
	note := strings.Index(text, `"limits":[{"en":"`) + len(`"limits":[{"en":"`)
	lines := strings.Index(text, `"lines":[`) + len(`"lines":[`)
	flip := func(at int) []byte {
		other := []byte(text)
		other[at]++
		return other
	}
	return map[string][]byte{
		"one digit": flip(digit), "one letter of a sentence": flip(note), "the hash": flip(strings.Index(text, `"sha256":"`) + len(`"sha256":"`)),
		"a line taken away": []byte(text[:lines] + text[lines+len(firstObject(text[lines:]))+1:]),
		"a key twice":       []byte(`{"organisation":"Other",` + text[1:]), "a key more": []byte(`{"aaa":1,` + text[1:]),
		"something behind": []byte(text + "{}"),
		"cut off":          sealed[:len(sealed)/2], "the last byte missing": sealed[:len(sealed)-1], "empty": {}, "another kind of file": []byte("%PDF-1.4\n%âãÏÓ\n"), "zeros": make([]byte, 4096),
		"a list": []byte("[]"), "null": []byte("null"), "deep": []byte(strings.Repeat("[", 1_000_000)), "another version": bytes.Replace(sealed, []byte("veille-report/1"), []byte("veille-report/9"), 1),
	}
}

// firstObject is the object that a text begins with.
func firstObject(text string) string {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return text[:i+1]
			}
		}
	}
	return text
}

// TestMonthsThatAreStillToComeHaveNoReport asks for one of next year, where people have stated things and imported an inventory.
func TestMonthsThatAreStillToComeHaveNoReport(t *testing.T) {
	t.Parallel()
	data, folder := school(t)
	manage(t, data, "quantity", "set", "staff", "--value", "40", "--from", past(14), "--to", past(-30))
	out := filepath.Join(folder, "out.json")
	for _, command := range [][]string{{"report", "-o", out}, {"report", "keep"}} {
		stdout, stderr, status := try(t, nil, slices.Concat([]string{"veille-collector"}, command, []string{"--data", data, "--template", "reen", "--from", past(-1), "--to", past(-12)})...)
		if status != 3 || stdout != "" || !strings.Contains(stderr, past(-1)) {
			t.Errorf("%v: exit %d, printed %q, said %s", command, status, stdout, stderr)
		}
	}
	absent(t, out)
}

func TestAReportThatWasTamperedWithIsNotVerified(t *testing.T) {
	t.Parallel()
	h := begun(t, "young", young)
	folder := t.TempDir()
	file := filepath.Join(folder, "report.json")
	manage(t, h.data, "report", "--template", "lnr-2019", "--from", past(4), "--to", past(3), "-o", file, "--keep")
	do(t, nil, "veille-collector", "report", "verify", file)
	sealed := contents(t, file)
	do(t, nil, "veille-collector", "report", "verify", fileOf(t, folder, "spaces.json", bytes.ReplaceAll(sealed, []byte(`,"`), []byte(`,`+"\n"+` "`)))) // it says the same
	ways := tampered(sealed)
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		other := fileOf(t, folder, "other.json", ways[name])
		stdout, stderr, status := try(t, nil, "veille-collector", "report", "verify", other)
		if status != 3 || stdout != "" || !strings.Contains(stderr, "other.json is not") || len(stderr) > 1000 || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit %d, printed %q, said %.1000s", name, status, stdout, stderr)
		}
	}
	if stdout, stderr, status := try(t, nil, "veille-collector", "report", "verify", filepath.Join(folder, "none.json")); status != 1 || stdout != "" || !strings.Contains(stderr, "none.json") {
		t.Errorf("a file that is not there: exit %d, printed %q, said %s", status, stdout, stderr)
	}
	db := direct(t, h.data)
	for _, change := range []string{
		"UPDATE snapshot SET body = replace(body, '1', '2')", "UPDATE snapshot SET sha256 = 'x'", "DELETE FROM snapshot", "INSERT OR REPLACE INTO snapshot SELECT * FROM snapshot",
		"REPLACE INTO snapshot SELECT id, organisation, template, from_month, to_month, made_on, method, simulated, 'x', body FROM snapshot",
	} {
		if _, err := db.ExecContext(t.Context(), change); err == nil || !strings.Contains(err.Error(), "a report that was kept is never") {
			t.Errorf("%s: %v", change, err)
		}
	}
	if again := reportAgain(t, h.data); !bytes.Equal(again, sealed) {
		t.Error("the kept report is another")
	}
	for name, change := range map[string]string{"a digit": string(ways["one digit"]), "half": string(ways["cut off"]), "nothing": ""} {
		for _, statement := range []string{"DROP TRIGGER IF EXISTS snapshot_update", "UPDATE snapshot SET body = ?1"} {
			if _, err := db.ExecContext(t.Context(), statement, []byte(change)); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(folder, "snapshot.html")
		stdout, stderr, status := try(t, nil, "veille-collector", "report", "--snapshot", "1", "--data", h.data, "-o", out)
		if status != 3 || stdout != "" || !strings.Contains(stderr, "report 1 is kept, and not as it was") {
			t.Errorf("the database has %s changed: exit %d, printed %q, said %s", name, status, stdout, stderr)
		}
		absent(t, out)
	}
}

func reportAgain(t *testing.T, data string) []byte {
	t.Helper()
	return []byte(manage(t, data, "report", "--snapshot", "1", "--format", "json"))
}
