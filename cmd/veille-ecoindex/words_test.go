package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"veille/ecoindex/practice"
	"veille/ecoindex/report"
	"veille/ecoindex/site"
)

var (
	verbs = regexp.MustCompile(`%[-+*0-9.]*[a-z]`)
	word  = regexp.MustCompile(`\p{L}{3,}`)
)

// known tells whether a sentence has French.
func known(english string) bool {
	return report.In("fr", frenchPhrases()...).Quote(english) != "<"+english+">"
}

func TestEverySentenceOfTheProgramHasFrench(t *testing.T) {
	exempt := []string{"EcoIndex", "total", "partial"}
	for name, all := range map[string]bool{"sitetext.go": true, "siteprint.go": false, "gate.go": false, "progress.go": false} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		check := func(n ast.Node) int {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return 0
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || !word.MatchString(verbs.ReplaceAllString(text, "")) || slices.Contains(exempt, text) {
				return 0
			}
			if !known(text) && text != "none" { // a code of a statement
				t.Errorf("%s: %q has no French", name, text)
			}
			return 1
		}
		seen := 0
		ast.Inspect(file, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			if call, ok := n.(*ast.CallExpr); ok && !all {
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Say" {
					seen += check(call.Args[0])
				}
			} else if all {
				seen += check(n)
			}
			return true
		})
		if seen == 0 {
			t.Errorf("%s has no sentence", name)
		}
	}
}

func TestFrenchHasTheBlanksOfTheEnglish(t *testing.T) {
	for _, p := range frenchPhrases() {
		if e, f := verbs.FindAllString(p.English, -1), verbs.FindAllString(p.French, -1); !slices.Equal(e, f) {
			t.Errorf("%q has the blanks %v, %q has %v", p.English, e, p.French, f)
		}
	}
}

func TestEveryReasonAndEveryProblemOfASitemapHasAFrenchName(t *testing.T) {
	for file, what := range map[string]string{"scope.go": "Reason", "sitemap.go": "ProblemCode"} {
		data, err := os.ReadFile("../../ecoindex/site/" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`\w+ +`+what+` += "([-a-z0-9]+)"`).FindAllStringSubmatch(string(data), -1)
		if len(found) < 7 {
			t.Fatalf("%s has %d of type %s", file, len(found), what)
		}
		for _, m := range found {
			if !known(m[1]) {
				t.Errorf("%s %s has no French", what, m[1])
			}
		}
	}
}

func TestEveryUnitOfAPracticeHasFrench(t *testing.T) {
	french := report.In("fr", frenchPhrases()...)
	units := map[string]string{"": "1,5", "%": "1,5\u202f%", "kB": "1,5\u00a0ko", "B": "1,5\u00a0o", "ms": "1,5\u00a0ms", "s": "1,5\u00a0s"}
	all := map[string]bool{}
	for _, c := range practice.Checks() {
		all[c.Unit] = true
	}
	for _, c := range practice.SiteChecks() {
		all[c.Unit] = true
	}
	for unit := range all {
		if got := french.Amount(1.5, unit); got != units[unit] {
			t.Errorf("the unit %q is written %q; want %q", unit, got, units[unit])
		}
	}
}

// surveyed is a site of which the text says all that it can say.
func surveyed() *siteJSON {
	low, high := 60.5, 71.25
	return &siteJSON{
		Site: "https://www.example.org/",
		Crawl: site.Summary{
			Found: 1234, Failed: 2, Aliases: 1, Unchanged: 3, Delay: 90 * time.Second, Left: map[site.Reason]int{site.Outside: 1, site.File: 1500},
			Robots: []string{"https://www.example.org: status 503"},
			Sitemaps: []site.Report{{
				URL: "https://www.example.org/1.xml", URLs: 1234, Failed: "no answer",
				Problems: []site.Problem{{Code: site.ProblemModified, Count: 3, First: "yesterday"}, {Code: site.ProblemEmpty, Count: 1}},
			}},
		},
		Score: scoreJSON{
			Pages: 1234, Measured: 12, Mean: figureJSON{65.432, &low, &high}, Median: figureJSON{Value: 66},
			Grades: map[string]figureJSON{"A": {Value: 1000}, "B": {Value: 234}},
		},
		Practices: []practiceJSON{
			{ID: "p-1", Pages: 1234, Points: 12_345.6, SizeKB: 1_234_567, Title: "Titre"},
			{ID: "p-2", Pages: 1, Points: 0.5, Title: "Été"},
		},
		Rules: []ruleJSON{
			{SiteFinding: practice.SiteFinding{ID: "r-1", Status: practice.Failed, Measured: 1234.5, Offenders: []practice.KeptOffender{{URL: "https://www.example.org/1", Detail: "pages: 3"}, {Where: "#1"}}}, Title: "Titre", Unit: "kB", Most: 1.5},
			{SiteFinding: practice.SiteFinding{ID: "r-2", Status: practice.Failed, Measured: 2}, Title: "Titre"},
			{SiteFinding: practice.SiteFinding{ID: "r-3", Status: practice.Passed}},
		},
		Access:    &practice.Statement{Mention: "none", Rate: 71.5, Date: "2026-01-31"},
		Templates: []templateJSON{{Pages: 1233, Score: 65.4, DOM: 12_345.6, Requests: 1, SizeKB: 12_345, Share: 1, Example: "https://www.example.org/1"}, {Pages: 1, Score: 100, DOM: 1, Requests: 123, Share: 0.05, Example: "https://www.example.org/2"}},
		Pages:     []pageJSON{{URL: "https://www.example.org/1", Score: 9.5, Grade: "F"}, {URL: "https://www.example.org/2", Score: 100, Grade: "A"}},
	}
}

func said(t *testing.T, code string, s *siteJSON) string {
	t.Helper()
	var out strings.Builder
	if err := s.text(&out, report.In(code, frenchPhrases()...)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestASiteIsToldInEnglishAndInFrench(t *testing.T) {
	for _, code := range []string{"en", "fr"} {
		got, name := said(t, code, surveyed()), "testdata/site."+code+".txt"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; got\n%s", name, got)
		}
	}
}

func TestAFrenchSurveyHasNoEnglishWord(t *testing.T) {
	french, english := map[string]bool{}, map[string]bool{}
	for _, p := range frenchPhrases() {
		for _, w := range word.FindAllString(strings.ToLower(verbs.ReplaceAllString(p.French, "")), -1) {
			french[w] = true
		}
		for _, w := range word.FindAllString(strings.ToLower(verbs.ReplaceAllString(p.English, "")), -1) {
			english[w] = true
		}
	}
	quoted := regexp.MustCompile(`<[^>]*>|https?://\S+|docs/\S+`)
	text := quoted.ReplaceAllString(said(t, "fr", surveyed()), "")
	for _, w := range word.FindAllString(strings.ToLower(text), -1) {
		if english[w] && !french[w] {
			t.Errorf("%q stands in the French text", w)
		}
	}
	for _, mark := range []string{" :", " ;", " %", "'", "kB"} {
		if strings.Contains(text, mark) {
			t.Errorf("%q stands in the French text", mark)
		}
	}
}

func TestColumnsOfASurveyAreStraight(t *testing.T) {
	last := regexp.MustCompile(`(Titre|Été|https://www.example.org/[12])$`)
	for _, code := range []string{"en", "fr"} {
		tables := 0
		for table := range strings.SplitSeq(said(t, code, surveyed()), "\n\n") {
			before := -1
			for line := range strings.SplitSeq(table, "\n") {
				place := last.FindStringIndex(line)
				if place == nil || strings.Contains(line, "r-") || strings.Contains(line, "      #") {
					continue
				}
				column := utf8.RuneCountInString(line[:place[0]])
				if before >= 0 && column != before {
					t.Errorf("%s: %q begins its last column at %d, the line before at %d", code, line, column, before)
				}
				if before >= 0 {
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

func TestAMentionIsSaidInWordsAndNothingIsNotANonConformity(t *testing.T) {
	for mention, want := range map[string]string{"": "mention none found", "none": "mention not conformant", "total": "mention fully conformant", "partial": "mention partly conformant"} {
		s := surveyed()
		s.Access.Mention = mention
		if got := said(t, "en", s); !strings.Contains(got, want) {
			t.Errorf("%q is told\n%s\nwant %q", mention, got, want)
		}
	}
}

func TestWhatASiteSaysDoesNotCommandTheTerminal(t *testing.T) {
	s := surveyed()
	s.Crawl.Robots = []string{"\x1b[2J\u202e"}
	s.Rules[0].Offenders[0].Detail = "\x1b[2J\n"
	for _, code := range []string{"en", "fr"} {
		if got := said(t, code, s); strings.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("%s: it says %q", code, got)
		}
	}
}
