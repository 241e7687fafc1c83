package report_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"veille/ecoindex/report"
	"veille/ecoindex/web"
)

// spoken are pages of which the text says all that it can say.
func spoken(t *testing.T) []report.Page {
	t.Helper()
	full := page(t, "https://www.example.org/cours", web.Page{
		URL: "https://www.example.org/cours/", DOM: 12_345, Requests: 1, SizeKB: 23_456.7,
		Resources: []web.Resource{
			{URL: "https://www.example.org/1", Kind: web.Document, Bytes: 12_345_678},
			{URL: "https://www.example.org/2", Kind: web.Font, Bytes: 1_234_567},
			{URL: "https://www.example.org/3", Kind: web.Media, Bytes: 1},
		},
		Parts: []web.Part{{Path: "#1", Elements: 12_000}, {Path: "#2", Elements: 1}},
		Notes: []string{"scripts were not run: what they add to the page is not counted", "something else"},
	})
	for i := range 9 {
		full.Practices = append(full.Practices, report.Practice{
			ID: "p-" + strconv.Itoa(i), Title: "Titre", Measured: 1234.5 + float64(i), Most: 2, Unit: []string{"kB", "%", "", "B", "s", "ms"}[i%6], Points: float64(i) / 2,
			Offenders: []report.Offender{{URL: "https://www.example.org/2", Detail: "gif · 12.3 kB"}, {Where: "#1"}},
		})
	}
	full.Breaches = []report.Breach{
		{What: "score", Text: "score 9 is under 75", Got: 9, Want: 75},
		{What: "grade", Text: "grade G is worse than B", Got: 7, Want: 2},
		{What: "dom", Text: "12345 elements are more than 800", Got: 12_345, Want: 800},
		{What: "requests", Text: "2 requests are more than 1", Got: 2, Want: 1},
		{What: "size_kb", Text: "23456.7 kB are more than 1000.5", Got: 23_456.7, Want: 1000.5},
	}
	lost := report.Page{Asked: "https://www.example.org/", Err: &web.Error{Code: web.CodeStep, URL: "https://www.example.org/", Text: "no"}, Step: "after 2 measures", Screenshot: "1.png"}
	other := report.Page{Asked: "1.har", Err: errors.New("no"), Step: "after consent"}
	named := report.Page{Asked: "2.yaml", Err: errors.New("no"), Step: "requests"} // by the user
	runs := report.Median([]report.Page{pages(t)[0], lost, pages(t)[1]})
	return append(pages(t), full, lost, other, named, runs)
}

func in(code string, o report.Options) report.Options {
	o.Language = report.In(code)
	return o
}

func TestTheTextSpeaksEnglishAndFrench(t *testing.T) {
	golden(t, "spoken.en.txt", render(t, makers()["txt"], in("en", options(t)), spoken(t)...))
	golden(t, "spoken.fr.txt", render(t, makers()["txt"], in("fr", options(t)), spoken(t)...))
}

func TestProgramsReadTheSameInEveryLanguage(t *testing.T) {
	for extension, newWriter := range makers() {
		english, french := render(t, newWriter, in("en", options(t)), spoken(t)...), render(t, newWriter, in("fr", options(t)), spoken(t)...)
		if (english == french) != (extension != "txt") {
			t.Errorf("%s: the same in both languages is %v", extension, english == french)
		}
	}
}

// known tells whether a sentence has French.
func known(english string) bool { return report.In("fr").Quote(english) != "<"+english+">" }

var (
	verbs = regexp.MustCompile(`%[-+*0-9.]*[a-z]`)
	word  = regexp.MustCompile(`\p{L}{3,}`)
)

func TestEverySentenceOfTheTextHasFrench(t *testing.T) {
	exempt := []string{"docs/practices.md#", "after "}
	for _, name := range []string{"text.go", "practices.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				return n.Tag == nil
			case *ast.BasicLit:
				text, err := strconv.Unquote(n.Value)
				if n.Kind != token.STRING || err != nil || !word.MatchString(verbs.ReplaceAllString(text, "")) || slices.Contains(exempt, text) {
					return true
				}
				if seen++; !known(text) && text != " measures" {
					t.Errorf("%s: %q has no French", name, text)
				}
			}
			return true
		})
		if seen == 0 {
			t.Errorf("%s has no sentence", name)
		}
	}
}

func TestFrenchHasTheBlanksOfTheEnglishAndNoSentenceThatNobodySays(t *testing.T) {
	var sources strings.Builder
	for _, name := range []string{"text.go", "practices.go", "language.go", "cost.go"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(data)
	}
	for _, p := range report.FrenchPhrases() {
		if e, f := verbs.FindAllString(p.English, -1), verbs.FindAllString(p.French, -1); !slices.Equal(e, f) {
			t.Errorf("%q has the blanks %v, %q has %v", p.English, e, p.French, f)
		}
		if said := strconv.Quote(p.English); !strings.Contains(sources.String(), said) && !strings.Contains(sources.String(), strings.TrimSuffix(said, `s"`)+`"`) {
			t.Errorf("nobody says %s", said)
		}
	}
}

func TestEveryKindAndEveryCauseHasAFrenchName(t *testing.T) {
	french := report.In("fr")
	for file, what := range map[string]string{"../web/page.go": "Kind", "../web/errors.go": "Code"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`\w+ +`+what+` += "([a-z]+)"`).FindAllStringSubmatch(string(data), -1)
		if len(found) < 5 {
			t.Fatalf("%s has %d of type %s", file, len(found), what)
		}
		for _, m := range found {
			if what == "Kind" && !known(m[1]) || what == "Code" && french.Cause(m[1], "") == french.Cause("internal", "") {
				t.Errorf("%s %s has no French", what, m[1])
			}
		}
	}
	for _, o := range []report.Options{options(t)} {
		if !known(o.Footprint.Source) {
			t.Errorf("%q has no French", o.Footprint.Source)
		}
	}
	if got := french.Cause("dns", "x"); got != "le nom du serveur est inconnu <x>" {
		t.Errorf("a cause is said %q", got)
	}
	if got := (report.Language{}).Cause("dns", "x"); got != "x" {
		t.Errorf("in English a cause is said %q", got)
	}
}

func TestAFrenchTextHasNoEnglishWord(t *testing.T) {
	french, english := map[string]bool{}, map[string]bool{}
	for _, p := range report.FrenchPhrases() {
		for _, w := range word.FindAllString(strings.ToLower(verbs.ReplaceAllString(p.French, "")), -1) {
			french[w] = true
		}
		for _, w := range word.FindAllString(strings.ToLower(verbs.ReplaceAllString(p.English, "")), -1) {
			english[w] = true
		}
	}
	quoted := regexp.MustCompile(`<[^>]*>|https?://\S+|docs/\S+|, requests\n|mode (static|browser)`)
	text := quoted.ReplaceAllString(render(t, makers()["txt"], in("fr", options(t)), spoken(t)...), "")
	for _, w := range word.FindAllString(strings.ToLower(text), -1) {
		if english[w] && !french[w] {
			t.Errorf("%q stands in the French text", w)
		}
	}
	for mark, want := range map[string]bool{" :": false, " ;": false, " %": false, "\u00a0:": true, "\u202f%": true, "'": false} {
		if strings.Contains(text, mark) != want {
			t.Errorf("%q in the French text is %v", mark, !want)
		}
	}
}

func TestColumnsAreStraightInEveryLanguage(t *testing.T) {
	last := regexp.MustCompile(`(one less|une unité|https://www.example.org/[1-3]$|#[12]$)`)
	for _, code := range []string{"en", "fr"} {
		full := render(t, makers()["txt"], in(code, options(t)), spoken(t)[4])
		tables := 0
		for table := range strings.SplitSeq(full, "\n\n") {
			before := -1
			for line := range strings.SplitSeq(table, "\n") {
				place := last.FindStringIndex(line)
				if place == nil || !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "      ") && strings.Contains(table, "p-8") {
					continue
				}
				column := utf8.RuneCountInString(line[:place[0]])
				if before >= 0 && column != before {
					t.Errorf("%s: %q begins its last column at %d, the line before at %d", code, line, column, before)
				}
				if before < 0 {
					tables++
				}
				before = column
			}
		}
		if tables != 3 {
			t.Errorf("%s: %d tables; want 3", code, tables)
		}
	}
}

func TestNumbersAreWrittenAsTheLanguageDoes(t *testing.T) {
	french, english := report.In("fr"), report.In("en")
	for _, tt := range []struct{ got, want string }{
		{french.Number(-1234567.891, 2), "-1\u202f234\u202f567,89"},
		{french.Number(-123, 0), "-123"},
		{french.Number(999, 0), "999"},
		{english.Number(1234567.891, 2), "1234567.89"},
		{french.Count(0, "request"), "0 requête"},
		{french.Count(1, "element"), "1 élément"},
		{french.Count(2, "element"), "2 éléments"},
		{english.Count(0, "request"), "0 requests"},
		{english.Count(1, "address"), "1 address"},
		{english.Count(2, "address"), "2 addresses"},
		{french.Noun(1.99, 2, "point"), "point"},
		{french.Noun(1.999, 2, "point"), "points"},
		{english.Noun(1, 2, "point"), "points"},
		{french.KB(12_345.67), "12\u202f345,7\u00a0ko"},
		{french.Size(9_999.9), "9\u202f999,9\u00a0ko"},
		{french.Size(12_345.67), "12,3\u00a0Mo"},
		{english.Size(12_345.67), "12345.7 kB"},
		{french.Percent(24.3, 1), "24,3\u202f%"},
		{english.Percent(24.3, 1), "24.3 %"},
		{french.Amount(0.30000000000000004, "kB"), "0,3\u00a0ko"},
		{french.Amount(12, "%"), "12\u202f%"},
		{french.Amount(1500, "B"), "1\u202f500\u00a0o"},
		{english.Amount(1500, "B"), "1500 B"},
		{french.Day("2026-01-31"), "31/01/2026"},
		{french.Day("soon"), "soon"},
		{english.Day("2026-01-31"), "2026-01-31"},
		{french.Breach(report.Breach{What: "size_kb", Got: 1000.0004, Want: 1000}), "1\u202f000,0004\u00a0ko, c’est plus que 1\u202f000"},
		{french.Breach(report.Breach{What: "score", Text: "score 4 is under 5"}), "<score 4 is under 5>"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q is written; want %q", tt.got, tt.want)
		}
	}
}

func TestWhatASiteSaysDoesNotCommandTheTerminalInFrenchEither(t *testing.T) {
	evil := "\x1b[2J\u202e"
	p := report.Page{Asked: evil, Step: evil, Err: errors.New(evil), Screenshot: evil}
	out := render(t, func(w io.Writer, o report.Options) report.Writer { return report.NewText(w, o) }, in("fr", report.Options{}), p)
	if strings.ContainsAny(out, "\x1b\u202e") || !strings.Contains(out, "non mesurée (internal)") {
		t.Errorf("it says %q", out)
	}
}
