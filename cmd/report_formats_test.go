package cmd_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/PuerkitoBio/goquery"
)

// wholeReport is a report as it is read from its JSON.
type wholeReport struct {
	Lines []wholeLine

	Actions []struct {
		KWh *struct{ Value, Low, High float64 } `json:"kwh"`
	}
	Evidence []struct{ Title, Where string }
	Weak     []string

	MethodVersion string `json:"method_version"`
	SHA256        string
	First         struct {
		Machines, Inventory int
		Limits              []struct{ FR, EN string }
	} `json:"read_first"`
}

type wholeLine struct {
	ID, Unit, Status                             string
	Decimals                                     int
	Value, Low, High, Previous, Target, Observed *float64
	CoveragePct                                  *float64 `json:"coverage_pct"`
	Missing                                      *struct{ FR, EN string }
}

// stated is a collector whose machines have lived a year and more, with something of all that people state and import.
func stated(t *testing.T) string {
	t.Helper()
	return begun(t, "stated", state).data
}

func state(t *testing.T) history {
	t.Helper()
	h := lived(t, crew{seed: 5, machines: 60, months: 14, weights: []int{2, 1, 1}, slept: past(8) + "-01"})
	run := func(args ...string) { manage(t, h.data, args...) }
	run("org", "set", "--siren", "123456782", "--contact", "dpo@example.org")
	run("action", "add", "Sleep after 20 minutes", "--measure", "sleep-policy", "--on", past(8)+"-01", "--baseline", past(14)+":"+past(9), "--owner", "IT department", "--expected-kwh", "5000", "--serves", "U1")
	run("price", "set", "--from", past(16), "--euro", "0.2213", "--tax", "excluded", "--source", "contract")
	run("price", "set", "--from", past(5), "--euro", "0.1987", "--tax", "excluded", "--source", "contract")
	for name, value := range map[string]string{
		"staff": "1412", "pupils": "12345", "purchases": "400000", "purchases-reused": "84000", "gifts": "12", "retired": "120", "retired-reused": "66", "weee": "1234.5",
		"weee-organised": "1000", "printers": "14", "printers-shared": "9", "sheets": "1234567", "trained": "57", "other-devices": "321.5", "contracts": "8", "contracts-clause": "3",
	} {
		run("quantity", "set", name, "--value", value, "--from", past(14), "--to", past(3), "--source", "register", "--owner", "IT department")
	}
	run("step", "add", "Charter signed", "--kind", "charter", "--on", past(12)+"-15", "--owner", "general management")
	run("evidence", "add", "Power policy", "--of", "U1", "--where", "https://intranet.example.org/policy.pdf", "--on", past(9)+"-02", "--sha256", strings.Repeat("ab", 32))
	run("evidence", "add", "Minutes", "--of", "step 1", "--where", "archive 2026-014")
	run("remark", "set", "U2", "--text", "The computers of two workshops must stay on.", "--by", "sustainability officer", "--on", past(3)+"-20")
	run("remark", "set", "S4.pue", "--not-applicable", "--text", "There is no data centre.")
	run("target", "add", "--indicator", "U1", "--value", "87.5", "--by", past(-12))
	folder := t.TempDir()
	put := func(name, text string) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	run("inventory", "import", put("inventory.csv", "site;class;bought;as;count\nSite 1;desktop;"+past(70)+";new;60\nSite 1;monitor;"+past(70)+";reused;60\nSite 2;notebook;"+
		past(30)+";refurbished;40\nSite 3;printer;;new;4\n"))
	run("meter", "import", put("meters.csv", "site;meter;from;to;kwh\nSite 1;M1;"+past(14)+"-01;"+past(3)+"-28;123456,7\n"))
	return h
}

// TestEachFormatOfEachTemplateHasEachNumberOfTheReport holds the page, the table, the workbook and the document, in both languages, against the JSON.
func TestEachFormatOfEachTemplateHasEachNumberOfTheReport(t *testing.T) {
	t.Parallel()
	data := stated(t)
	for _, template := range []string{"lnr-2019", "lnr-2022", "reen", "rcp-si"} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			report := func(format, lang string) []byte {
				file := filepath.Join(folder, template+"."+lang+"."+format)
				manage(t, data, "report", "--template", template, "--from", past(14), "--to", past(3), "-o", file, "--lang", lang)
				return contents(t, file)
			}
			sealed := report("json", "en")
			if !bytes.Equal(sealed, report("json", "fr")) {
				t.Error("the JSON is another in French")
			}
			do(t, nil, "veille-collector", "report", "verify", filepath.Join(folder, template+".en.json"))
			var r wholeReport
			if err := json.Unmarshal(sealed, &r); err != nil {
				t.Fatal(err)
			}
			if n := len(withValue(r.Lines)); template == "lnr-2019" && n < 30 || n < 5 {
				t.Fatalf("%d lines have a value: this test says little", n)
			}
			for _, lang := range []string{"en", "fr"} {
				tableHas(t, r, report("csv", lang), lang)
				workbookHas(t, r, report("xlsx", lang))
				pageHas(t, r, report("html", lang), lang)
				if hasChromium(t) {
					report("pdf", lang)
					documentHas(t, r, filepath.Join(folder, template+"."+lang+".pdf"), lang)
				}
			}
		})
	}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// withValue are the lines that have a value.
func withValue(lines []wholeLine) []wholeLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l wholeLine) bool { return l.Value == nil })
}

// numbers are those of a line, by the names of their columns in the table.
func (l wholeLine) numbers() map[string]*float64 {
	return map[string]*float64{
		"value": l.Value, "low": l.Low, "high": l.High, "previous": l.Previous, "target": l.Target, "observed": l.Observed, "coverage_pct": l.CoveragePct,
	}
}

func tableHas(t *testing.T, r wholeReport, text []byte, lang string) {
	t.Helper()
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	if lang == "fr" {
		reader.Comma = ';'
	}
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != len(r.Lines)+1 {
		t.Fatalf("the table in %s has %d rows for %d lines, %v", lang, len(rows), len(r.Lines), err)
	}
	for i, l := range r.Lines {
		row := rows[i+1]
		if row[0] != l.ID {
			t.Fatalf("row %d of the table in %s is of %s, want %s", i+1, lang, row[0], l.ID)
		}
		for column, want := range l.numbers() {
			cell := row[slices.Index(rows[0], column)]
			if lang == "fr" {
				cell = strings.Replace(cell, ",", ".", 1)
			}
			if !exactly(cell, want) {
				t.Errorf("%s of %s in the table in %s is %q, want %v", column, l.ID, lang, cell, told(want))
			}
		}
		if missing := row[slices.Index(rows[0], "missing")]; (missing == "") != (l.Value != nil) {
			t.Errorf("%s in %s has the value %v, and why it is missing is %q", l.ID, lang, told(l.Value), missing)
		}
	}
}

// exactly tells whether a text is a number to its last digit, or empty where there is none.
func exactly(text string, want *float64) bool {
	if want == nil {
		return text == ""
	}
	x, err := strconv.ParseFloat(text, 64)
	return err == nil && x == *want
}

// inWriting is a number as people read it in a language.
func inWriting(x float64, decimals int, lang string) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	separator, point := ",", "."
	if lang == "fr" {
		separator, point = "\u202f", ","
	}
	var groups []string
	for len(whole) > 3 {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
		whole = whole[:len(whole)-3]
	}
	text = strings.Join(append([]string{whole}, groups...), separator)
	if fraction != "" {
		text += point + fraction
	}
	if x < 0 && strings.Trim(text, "0.,") != "" {
		return "−" + text
	}
	return text
}

// phrases are what a line must say to people: its value, its bounds, the figure before, the target, and its coverage.
func (l wholeLine) phrases(lang string) (all []string) {
	for column, x := range l.numbers() {
		switch {
		case x == nil:
		case column == "coverage_pct" && math.Round(*x) == 100 && *x < 100:
			all = append(all, "99"+map[string]string{"en": "%", "fr": "\u202f%"}[lang])
		case column == "coverage_pct":
			all = append(all, inWriting(*x, 0, lang)+map[string]string{"en": "%", "fr": "\u202f%"}[lang])
		default:
			all = append(all, inWriting(*x, l.Decimals, lang))
		}
	}
	return all
}

// hasNumber tells whether a text has a number, which no other digit is next to.
func hasNumber(text, number string) bool {
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, number)
		if !ok {
			return false
		}
		last, next := lastOf(before), firstOf(after)
		if !unicode.IsDigit(last) && !unicode.IsDigit(next) {
			return true
		}
		rest = after
	}
}

func lastOf(s string) (last rune) {
	for _, c := range s {
		last = c
	}
	return last
}

func firstOf(s string) rune {
	for _, c := range s {
		return c
	}
	return 0
}

func pageHas(t *testing.T, r wholeReport, text []byte, lang string) {
	t.Helper()
	page, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if page.Find("script").Length() != 0 {
		t.Error("the page has a script")
	}
	says := map[string]string{}
	page.Find("div.line").Each(func(_ int, s *goquery.Selection) { says[s.Find("h4 .id").Text()] += s.Text() })
	for _, l := range r.Lines {
		if says[l.ID] == "" {
			t.Errorf("the page in %s does not have %s", lang, l.ID)
		}
		for _, phrase := range l.phrases(lang) {
			if !hasNumber(says[l.ID], phrase) {
				t.Errorf("%s of the page in %s does not say %q: %s", l.ID, lang, phrase, says[l.ID])
			}
		}
	}
	whole := page.Text()
	for _, phrase := range r.phrases(lang) {
		if !strings.Contains(whole, phrase) {
			t.Errorf("the page in %s does not say %q", lang, phrase)
		}
	}
}

// phrases are what a report must say beside its lines: what cannot be taken out, what its actions saved, its evidence, and its seal.
func (r wholeReport) phrases(lang string) []string {
	all := []string{r.SHA256, r.MethodVersion}
	for _, l := range r.First.Limits {
		all = append(all, map[string]string{"en": l.EN, "fr": l.FR}[lang])
	}
	for _, a := range r.Actions {
		if a.KWh != nil {
			all = append(all, inWriting(a.KWh.Value, 0, lang), inWriting(a.KWh.Low, 0, lang), inWriting(a.KWh.High, 0, lang))
		}
	}
	for _, e := range r.Evidence {
		all = append(all, e.Title, e.Where)
	}
	return all
}

// squeezed is a text without spaces, as lines of a document are broken anywhere.
func squeezed(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, text)
}

func documentHas(t *testing.T, r wholeReport, file, lang string) {
	t.Helper()
	for _, tool := range []string{"pdfinfo", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			if required("browser") {
				t.Fatalf("%v; make test installs poppler-utils", err)
			}
			t.Skip(err)
		}
	}
	info, err := exec.CommandContext(t.Context(), "pdfinfo", file).Output()
	if err != nil || !strings.Contains(strings.Join(strings.Fields(string(info)), " "), "Tagged: yes") {
		t.Errorf("the document in %s is not tagged: %s %v", lang, info, err)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	says := squeezed(string(text))
	for _, l := range r.Lines {
		for _, phrase := range l.phrases(lang) {
			if !strings.Contains(says, squeezed(phrase)) {
				t.Errorf("the document in %s does not say %q of %s", lang, phrase, l.ID)
			}
		}
	}
	for _, phrase := range r.phrases(lang) {
		if !strings.Contains(says, squeezed(phrase)) {
			t.Errorf("the document in %s does not say %q", lang, phrase)
		}
	}
}
