package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/collector/label"
	"veille/collector/report"
)

// sample is a report with lines of every status, parts, remarks, evidence, savings below zero, long texts and hostile ones.
func sample(t testing.TB) label.Report {
	t.Helper()
	raw, err := os.ReadFile("testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var r label.Report
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

type writer func(io.Writer, label.Report, string) error

func write(t testing.TB, w writer, r label.Report, language string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w(&b, r, language); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writers() map[string]writer {
	return map[string]writer{"html": report.HTML, "xlsx": report.XLSX, "csv": report.CSV}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; see git diff after UPDATE_GOLDEN=1 go test ./collector/report", name)
	}
}

func TestThePageAndTheTableAreAsTheirGoldens(t *testing.T) {
	for _, language := range []string{"fr", "en"} {
		golden(t, "report."+language+".html", write(t, report.HTML, sample(t), language))
		golden(t, "report."+language+".csv", write(t, report.CSV, sample(t), language))
	}
}

func TestThereIsNoOtherLanguage(t *testing.T) {
	for format, w := range writers() {
		var b bytes.Buffer
		if err := w(&b, sample(t), "de"); err == nil || b.Len() > 0 || !strings.Contains(err.Error(), "fr and en") {
			t.Errorf("%s in German: %d bytes, %v", format, b.Len(), err)
		}
	}
}

func TestAnEmptyReportIsWrittenAndSaysThatNothingIsKnown(t *testing.T) {
	for _, language := range []string{"fr", "en"} {
		for format, w := range writers() {
			if len(write(t, w, label.Report{}, language)) == 0 {
				t.Errorf("nothing is written as %s", format)
			}
		}
	}
	page := string(write(t, report.HTML, label.Report{}, "en"))
	for _, part := range []string{`id="first"`, "no energy is known", "Coverage of energy", "unknown: there is nothing to reckon it from", "this report is not frozen"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page of an empty report does not say %q", part)
		}
	}
}

func TestTheSameReportGivesTheSameBytes(t *testing.T) {
	for format, w := range writers() {
		if !bytes.Equal(write(t, w, sample(t), "fr"), write(t, w, sample(t), "fr")) {
			t.Errorf("%s: the bytes differ from one time to the next", format)
		}
	}
}

// failing is a writer that takes nothing.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestAWriterThatFailsIsAnError(t *testing.T) {
	for format, w := range writers() {
		if err := w(failing{}, sample(t), "fr"); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

// words are those of a language.
func words(t *testing.T, language string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("words/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// source is the text of the package and of its templates.
func source(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(raw)
		}
	}
	return b.String()
}

func TestBothLanguagesHaveTheSameWordsAndNoneIsUnused(t *testing.T) {
	french, english, text := words(t, "fr"), words(t, "en"), source(t)
	// What codes of data are named: statuses, months and the like.
	named := regexp.MustCompile(`^(month|status|quality|trend|method|measure|step|device|price|unit|glossary)\.|^gain\.[a-z]+\.(up|down)$`)
	for key, fr := range french {
		en, both := english[key]
		if !both {
			t.Errorf("%s has no English", key)
		}
		if !named.MatchString(key) && !strings.Contains(text, `"`+key+`"`) {
			t.Errorf("%s is not used", key)
		}
		if strings.Count(fr, "%s") != strings.Count(en, "%s") {
			t.Errorf("%s has other blanks in French (%q) than in English (%q)", key, fr, en)
		}
	}
	for key := range english {
		if _, both := french[key]; !both {
			t.Errorf("%s has no French", key)
		}
	}
	for _, m := range regexp.MustCompile(`say[ (]"([a-z_.]+[a-z_])"`).FindAllStringSubmatch(text, -1) {
		if _, known := french[m[1]]; !known {
			t.Errorf("%s is said, and has no words", m[1])
		}
	}
}

func TestFrenchWordsAreSetAsFrenchIs(t *testing.T) {
	wrong := regexp.MustCompile(`'| [:;?!»]|« |[0-9] %`)
	for key, text := range words(t, "fr") {
		if wrong.MatchString(text) {
			t.Errorf("%s: %q", key, text)
		}
	}
}

func TestEveryCodeHasWords(t *testing.T) {
	all := words(t, "fr")
	for prefix, codes := range codes() {
		for _, code := range codes {
			if all[prefix+code] == "" {
				t.Errorf("%s%s has no words", prefix, code)
			}
		}
	}
}

func TestNoKeyStandsInThePlaceOfWords(t *testing.T) {
	raw := regexp.MustCompile(`\[[a-z]+(\.[a-z_-]+)*\]`)
	for _, r := range []label.Report{sample(t), {}} {
		for _, language := range []string{"fr", "en"} {
			page := regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAll(write(t, report.HTML, r, language), nil)
			if found := raw.Find(page); found != nil {
				t.Errorf("the page says %s", found)
			}
			for name, rows := range read(t, write(t, report.XLSX, r, language)) {
				for _, row := range rows {
					if found := raw.FindString(strings.Join(row, "\n")); found != "" {
						t.Errorf("the sheet %s says %s", name, found)
					}
				}
			}
		}
	}
}
