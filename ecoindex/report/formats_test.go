package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"veille/ecoindex"
	"veille/ecoindex/report"
	"veille/ecoindex/web"
)

// keys are those of an object, in the order they are written.
func keys(t *testing.T, object string) []string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	var list []string
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(key))
	}
	return list
}

func TestTheKeysOfTheJSONAreAContract(t *testing.T) {
	want := []string{
		"url", "mode", "protocol", "dom", "requests", "size_kb", "score", "score_raw", "grade", "ghg_g", "water_cl",
		"points_lost", "practices", "error",
		"grade_from", "footprint", "rating", "to_reach", "dom_frames", "notes", "runs", "repeat_visit", "step", "screenshot", "breaches", "parts",
	}
	for _, p := range pages(t) {
		line := render(t, makers()["json"], options(t), p)
		if got := keys(t, line); !slices.Equal(got, want) || strings.Count(line, "\n") != 1 {
			t.Errorf("the keys are %v; want %v, on one line", got, want)
		}
	}
	o := options(t)
	o.Resources = true
	line := render(t, makers()["json"], o, pages(t)[1])
	if got := keys(t, line); !slices.Equal(got, slices.Insert(want, 23, "resources")) || !strings.Contains(line, `"resources":[],`) {
		t.Errorf("with resources the keys are %v", got)
	}
}

func TestTheTableHasTheNamesOfTheJSONAndOneRowForEachPage(t *testing.T) {
	out := render(t, makers()["csv"], options(t), pages(t)...)
	if strings.Count(out, "\r\n") != strings.Count(out, "\n") {
		t.Error("a line does not end with CR LF")
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows, %v; want a header and 4", len(rows), err)
	}
	lines := strings.Split(render(t, makers()["json"], options(t), pages(t)...), "\n")
	for i, row := range rows[1:] {
		var object map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &object); err != nil {
			t.Fatal(err)
		}
		for column, name := range rows[0] {
			if got, want := row[column], cell(t, object, name); got != want {
				t.Errorf("row %d: %s is %q; want %q as in the JSON", i, name, got, want)
			}
		}
	}
}

// cell is what the table has of a value of the JSON.
func cell(t *testing.T, object map[string]any, name string) string {
	t.Helper()
	var value any = object
	for part := range strings.SplitSeq(name, ".") {
		inner, ok := value.(map[string]any)
		if !ok {
			return ""
		}
		if value, ok = inner[part]; !ok {
			t.Fatalf("the JSON has no %s", name)
		}
	}
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var texts []string
		for _, one := range v {
			if breach, ok := one.(map[string]any); ok {
				one = breach["message"]
			}
			texts = append(texts, fmt.Sprint(one))
		}
		return strings.Join(texts, " | ")
	}
	return fmt.Sprint(value)
}

func TestNoCellIsTakenForAFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1", `=HYPERLINK("https://evil.example")`} {
		p := report.Page{Asked: text, Step: text, Screenshot: text, Err: errors.New(text)}
		rows, err := csv.NewReader(strings.NewReader(render(t, makers()["csv"], report.Options{}, p))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		quoted := 0
		for _, got := range rows[1] {
			if strings.HasPrefix(got, "'") {
				quoted++
			}
		}
		if quoted != 4 {
			t.Errorf("%q gives %q; want an apostrophe before each", text, rows[1])
		}
	}
	rows, err := csv.NewReader(strings.NewReader(render(t, makers()["csv"], report.Options{}, report.Page{Asked: "https://a.example/?=-1"}))).ReadAll()
	if err != nil || rows[1][0] != "https://a.example/?=-1" {
		t.Errorf("a harmless address became %q, %v", rows[1][0], err)
	}
}

func TestTheSuiteCountsItsFailuresAndErrors(t *testing.T) {
	var suites struct {
		Suite struct {
			Tests     int    `xml:"tests,attr"`
			Failures  int    `xml:"failures,attr"`
			Errors    int    `xml:"errors,attr"`
			Time      string `xml:"time,attr"`
			Timestamp string `xml:"timestamp,attr"`
			Cases     []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
				Error *struct {
					Type string `xml:"type,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(render(t, makers()["xml"], options(t), pages(t)...)), &suites); err != nil {
		t.Fatal(err)
	}
	s := suites.Suite
	if s.Tests != 4 || s.Failures != 1 || s.Errors != 1 || s.Time != "4.702" || s.Timestamp != "2026-03-01T10:00:00" || len(s.Cases) != 4 {
		t.Fatalf("the suite is %+v", s)
	}
	if f := s.Cases[0].Failure; f == nil || f.Text != "score 49 is under 75\n1010.5 kB are more than 1000" || f.Message != "score 49 is under 75, 1010.5 kB are more than 1000" {
		t.Errorf("the failure is %+v", f)
	}
	if e := s.Cases[2].Error; e == nil || e.Type != "dns" || s.Cases[1].Failure != nil || s.Cases[1].Error != nil {
		t.Errorf("the error is %+v, the light page %+v", e, s.Cases[1])
	}
	if s.Cases[3].Name != "https://www.example.org/map, before consent" {
		t.Errorf("the step is named %q", s.Cases[3].Name)
	}
}

// sarif is what the standard requires of a log, and what we promise beyond.
type sarif struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name, Version string
				Rules         []struct {
					ID, Name             string
					ShortDescription     struct{ Text string }
					DefaultConfiguration struct{ Level string }
				}
			}
		}
		Results []struct {
			RuleID    string `json:"ruleId"`
			RuleIndex int    `json:"ruleIndex"`
			Level     string
			Message   struct{ Text string }
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
				}
			}
			Properties map[string]any
		}
	}
}

func TestFindingsHaveWhatTheStandardRequires(t *testing.T) {
	var log sarif
	if err := json.Unmarshal([]byte(render(t, makers()["sarif"], options(t), pages(t)...)), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name != "veille-ecoindex" || log.Runs[0].Tool.Driver.Version != "1.2.3" {
		t.Fatalf("the log is %+v", log)
	}
	rules := log.Runs[0].Tool.Driver.Rules
	var found []string
	for _, r := range log.Runs[0].Results {
		if r.Level != "error" || r.Message.Text == "" || len(r.Locations) != 1 || rules[r.RuleIndex].ID != r.RuleID || r.Properties["protocol"] == nil {
			t.Errorf("the result is %+v", r)
		}
		found = append(found, r.RuleID+" "+r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	}
	want := []string{
		"budget/score https://www.example.org/", "budget/size_kb https://www.example.org/", "not-measured/dns https://nowhere.example/",
	}
	if !slices.Equal(found, want) {
		t.Errorf("the findings are %q; want %q", found, want)
	}
	if p := log.Runs[0].Results[0].Properties; p["score"] != 49.0 || p["dom"] != 900.0 || p["size_kb"] != 1010.5 || p["grade"] != "D" {
		t.Errorf("the figures of the first result are %v", p)
	}
	none := render(t, makers()["sarif"], report.Options{})
	if !strings.Contains(none, `"results": []`) || strings.Contains(none, `"version": ""`) {
		t.Errorf("a run without findings is %s", none)
	}
}

func TestEveryCodeHasItsRule(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../web/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{"internal"}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	var log sarif
	if err := json.Unmarshal([]byte(render(t, makers()["sarif"], report.Options{})), &log); err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, r := range log.Runs[0].Tool.Driver.Rules {
		rules = append(rules, r.ID)
		if r.Name == "" || r.ShortDescription.Text == "" || r.DefaultConfiguration.Level != "error" {
			t.Errorf("the rule %+v says too little", r)
		}
	}
	for _, code := range codes {
		if !slices.Contains(rules, "not-measured/"+code) {
			t.Errorf("the code %s of package web has no rule", code)
		}
	}
	if len(codes) < 15 || len(rules) != len(codes)+5 {
		t.Errorf("%d rules for %d codes and 5 limits", len(rules), len(codes))
	}
}

func TestTheLocationOfAFindingIsAURI(t *testing.T) {
	for asked, want := range map[string]string{
		"https://a.example/a b?é":  "https://a.example/a%20b?%C3%A9",
		"page.har":                 "page.har",
		"my recordings/page 1.har": "my%20recordings/page%201.har",
		`C:\page.har`:              "./C:/page.har",
		"/tmp/page.har":            "/tmp/page.har",
		"ftp://a.example/":         "",
		"":                         "",
	} {
		out := render(t, makers()["sarif"], report.Options{}, report.Page{Asked: asked, Err: errors.New("no")})
		var log sarif
		if err := json.Unmarshal([]byte(out), &log); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, l := range log.Runs[0].Results[0].Locations {
			got = l.PhysicalLocation.ArtifactLocation.URI
		}
		if got != want {
			t.Errorf("%q is at %q; want %q", asked, got, want)
		}
	}
}

func TestFindingsMayBeAttachedToAFile(t *testing.T) {
	o := options(t)
	o.Anchor = "ci/budgets 2026.yml"
	out := render(t, makers()["sarif"], o, pages(t)...)
	golden(t, "anchored.sarif", out)
	if strings.Contains(out, `"uri": "http`) || strings.Count(out, `"uri": "ci/budgets%202026.yml"`) != 3 {
		t.Errorf("the findings are not all at the file:\n%s", out)
	}
}

func TestATerminalIsGivenNothingToObey(t *testing.T) {
	hostile := "https://a.example/\x1b]0;owned\a\x1b[2J\u202etxt.exe\u0085\u2028\r\nscore 100"
	p := page(t, hostile, web.Page{URL: hostile, Resources: []web.Resource{{URL: hostile, Bytes: 1}}, Parts: []web.Part{{Path: hostile, Elements: 1}}, Notes: []string{hostile}})
	p.Step, p.Breaches = hostile, []report.Breach{{What: "score", Text: hostile}}
	for _, one := range []report.Page{p, {Asked: hostile, Err: errors.New(hostile), Screenshot: hostile}} {
		out := render(t, makers()["txt"], report.Options{}, one)
		for line := range strings.SplitSeq(out, "\n") {
			if strings.HasPrefix(line, "score 100") {
				t.Errorf("a line was forged: %q", line)
			}
			for _, r := range line {
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' {
					t.Errorf("%U is in %q", r, line)
				}
			}
		}
	}
}

func TestColoursNeverReplaceTheLetterOrMoveAColumn(t *testing.T) {
	o := options(t)
	plain := render(t, makers()["txt"], o, pages(t)...)
	o.Color = true
	coloured := render(t, makers()["txt"], o, pages(t)...)
	for _, code := range []string{"\x1b[1m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[0m"} {
		if !strings.Contains(coloured, code) || strings.Contains(plain, code) {
			t.Errorf("%q is missing with colours, or present without", code)
		}
		coloured = strings.ReplaceAll(coloured, code, "")
	}
	if coloured != plain {
		t.Errorf("without its colours the text is\n%s; want\n%s", coloured, plain)
	}
}

func TestAResourceGainsWhatThePageHasWithoutIt(t *testing.T) {
	p := pages(t)[0]
	lighter, err := ecoindex.Compute(ecoindex.Measure{DOM: 900, Requests: 51, SizeKB: 600.5})
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("  410.0 kB  image     +%.2f  https://www.example.org/photo.jpg\n", lighter.Raw-p.Result.Raw)
	if out := render(t, makers()["txt"], report.Options{}, p); !strings.Contains(out, want) {
		t.Errorf("the text is\n%s; want the line\n%s", out, want)
	}
}

func TestASizeToRemoveIsNeverRoundedToTooLittle(t *testing.T) {
	m := web.Page{DOM: 100, Requests: 10, SizeKB: 4000} // the size alone keeps it from an A
	out := render(t, makers()["txt"], report.Options{}, page(t, "", m))
	_, after, _ := strings.Cut(out, "to reach grade ")
	line, _, _ := strings.Cut(after, "\n")
	var removed float64
	for part := range strings.SplitSeq(line, ", or ") {
		if text, ok := strings.CutSuffix(strings.TrimPrefix(part, string(after[0])+": remove "), " kB"); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			removed = v
		}
	}
	r, err := ecoindex.Compute(ecoindex.Measure{DOM: m.DOM, Requests: m.Requests, SizeKB: m.SizeKB - removed})
	if err != nil || removed == 0 || !strings.HasPrefix(after, string(r.Grade)+": ") {
		t.Errorf("%q: without %v kB the grade is %s, %v", line, removed, r.Grade, err)
	}
}

func TestTheGradeToReachMayBeChosen(t *testing.T) {
	for to, want := range map[ecoindex.Grade]string{
		"":         "to reach grade C: remove 31 requests, or 224 elements, or 15.4 % of each; not enough alone: kB\n",
		ecoindex.A: "to reach grade A: remove 853 elements, or 65.6 % of each; not enough alone: requests, kB\n",
		ecoindex.D: "to reach grade D: nothing to remove, it is reached\n",
	} {
		if out := render(t, makers()["txt"], report.Options{To: to}, pages(t)[0]); !strings.Contains(out, want) {
			t.Errorf("the text is\n%s; want the line\n%s", out, want)
		}
	}
	out := render(t, makers()["json"], report.Options{To: ecoindex.D}, pages(t)[0])
	if want := `"to_reach":{"grade":"D","dom":0,"requests":0,"size_kb":0,"share_pct":0}`; !strings.Contains(out, want) {
		t.Errorf("the line is\n%s; want in it\n%s", out, want)
	}
}

func TestTheRunOfMedianScoreIsShown(t *testing.T) {
	run := func(dom int, size float64) report.Page {
		return page(t, "https://a.example/", web.Page{DOM: dom, Requests: 10, SizeKB: size, Notes: []string{"a note"}})
	}
	lost := report.Page{Asked: "https://a.example/", Err: errors.New("too slow"), Took: time.Second}
	for _, tt := range []struct {
		name string
		runs []report.Page
		dom  int // of the run that is shown
		want *report.Runs
	}{
		{"one", []report.Page{run(5, 1)}, 5, nil},
		{"three", []report.Page{run(300, 1), run(100, 3), run(200, 2)}, 200, &report.Runs{Asked: 3, Measured: 3, DOM: report.Spread{Min: 100, Max: 300}, SizeKB: report.Spread{Min: 1, Max: 3}}},
		{"an even number", []report.Page{run(100, 1), run(200, 1), run(300, 1), run(400, 1)}, 300, &report.Runs{Asked: 4, Measured: 4, DOM: report.Spread{Min: 100, Max: 400}, SizeKB: report.Spread{Min: 1, Max: 1}}},
		{"one lost", []report.Page{lost, run(100, 1), run(200, 1), run(300, 1)}, 200, &report.Runs{Asked: 4, Measured: 3, DOM: report.Spread{Min: 100, Max: 300}, SizeKB: report.Spread{Min: 1, Max: 1}}},
		{"all lost", []report.Page{lost, lost}, 0, &report.Runs{Asked: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var took time.Duration
			for _, r := range tt.runs {
				took += r.Took
			}
			got := report.Median(tt.runs)
			if got.Page.DOM != tt.dom || got.Took != took || (got.Runs == nil) != (tt.want == nil) || (got.Err != nil) != (tt.dom == 0) {
				t.Fatalf("%+v is shown; want the one of %d elements", got, tt.dom)
			}
			if tt.want == nil {
				return
			}
			scores := got.Runs.Score
			got.Runs.Score, got.Runs.Requests = report.Spread{}, report.Spread{}
			if *got.Runs != *tt.want || scores.Min > scores.Max || (tt.dom > 0 && scores.Min == 0) {
				t.Errorf("the spread is %+v, scores %+v; want %+v", *got.Runs, scores, *tt.want)
			}
			noted := strings.Contains(strings.Join(got.Page.Notes, "\n"), "1 of 4 runs gave no figures, the last: too slow")
			if noted != (tt.name == "one lost") || len(tt.runs[1].Page.Notes) > 1 {
				t.Errorf("the notes are %q, those of a run %q", got.Page.Notes, tt.runs[1].Page.Notes)
			}
		})
	}
	if got := report.Median(nil); got.Err == nil {
		t.Errorf("no run at all gives %+v", got)
	}
}

// FuzzWriters writes whatever a page may be called: each format must stay what it is.
func FuzzWriters(f *testing.F) {
	f.Add("https://a.example/", "too slow; wait", "a note", 900, 52, 1010.5)
	f.Add("=1\x00\x1b[2J\ufffe", "\xff\xfe]]>&<\r\n\"", "\u202e\u2028,;|", 0, 0, 0.0)
	f.Fuzz(func(t *testing.T, asked, message, note string, dom, requests int, size float64) {
		list := []report.Page{{Asked: asked, Protocol: note, Step: note, Screenshot: note, Err: &web.Error{Code: web.CodeDNS, URL: asked, Text: message}}}
		measured := web.Page{URL: asked, DOM: dom, Requests: requests, SizeKB: size, Notes: []string{note, message}, Resources: []web.Resource{{URL: message, Bytes: 1000}}, Parts: []web.Part{{Path: note, Elements: dom}}}
		if r, err := ecoindex.Compute(measured.Measure()); err == nil {
			breaches := []report.Breach{{What: "score", Text: message}}
			list = append(list, report.Page{Asked: asked, Mode: note, Page: measured, Result: r, Breaches: breaches})
		}
		out := map[string][]byte{}
		for extension, newWriter := range makers() {
			out[extension] = []byte(render(t, newWriter, report.Options{Resources: true}, list...))
			if !utf8.Valid(out[extension]) {
				t.Errorf("%s is not UTF-8: %q", extension, out[extension])
			}
		}
		lines := bytes.Split(bytes.TrimSuffix(out["json"], []byte("\n")), []byte("\n"))
		for _, line := range lines {
			if !json.Valid(line) {
				t.Errorf("not JSON: %q", line)
			}
		}
		rows, err := csv.NewReader(bytes.NewReader(out["csv"])).ReadAll()
		if err != nil || len(rows) != len(list)+1 || len(lines) != len(list) {
			t.Errorf("%d rows, %v, and %d lines for %d pages", len(rows), err, len(lines), len(list))
		}
		for decoder := xml.NewDecoder(bytes.NewReader(out["xml"])); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("not XML: %v: %q", err, out["xml"])
			}
		}
		var log sarif
		if err := json.Unmarshal(out["sarif"], &log); err != nil {
			t.Fatalf("not SARIF: %v: %q", err, out["sarif"])
		}
		for _, r := range log.Runs[0].Results {
			for _, l := range r.Locations {
				if _, err := url.Parse(l.PhysicalLocation.ArtifactLocation.URI); err != nil {
					t.Errorf("the location is no URI: %v", err)
				}
			}
		}
		if strings.ContainsFunc(string(out["txt"]), func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Errorf("the text has control characters: %q", out["txt"])
		}
	})
}
