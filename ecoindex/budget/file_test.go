package budget_test

import (
	"fmt"
	"strings"
	"testing"

	"veille/ecoindex"
	"veille/ecoindex/budget"
)

// example is the file of the documentation.
const example = `# what the pages may cost
- url: https://www.example.org/
  score: 75        # at least
  grade: b         # at least
  dom: 800         # at most
  requests: 40
  size_kb: 1000.5
- url: https://www.example.org/news/archive/*
  score: 0         # any
- url: https://www.example.org/news/*
  score: 60
- url: https://*.example.org/*
  score: 50
- {url: "*", grade: E}
`

func TestTheFirstRuleThatFitsApplies(t *testing.T) {
	f, err := budget.Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	home := budget.Budget{Score: 75, Grade: ecoindex.B, DOM: 800, Requests: 40, SizeKB: 1000.5}
	for url, want := range map[string]budget.Budget{
		"https://www.example.org/":                             home,
		"https://WWW.example.org:443":                          home,
		"https://www.example.org/#top":                         home,
		"https://www.example.org/?q=1":                         {Score: 50},
		"https://www.example.org/news/archive/1999/a":          {},
		"https://www.example.org/news/":                        {Score: 60},
		"https://www.example.org/news/2026/03?print=1":         {Score: 60},
		"https://www.example.org/news":                         {Score: 50},
		"https://map.example.org/a":                            {Score: 50},
		"https://example.org/a":                                {Grade: ecoindex.E},
		"https://evil.example/x.example.org/":                  {Grade: ecoindex.E},
		"http://www.example.org/":                              {Grade: ecoindex.E},
		"https://www.example.org/" + strings.Repeat("a", 4000): {Score: 50},
		"https://www.example.org/a**b":                         {Score: 50},
	} {
		if got, ok := f.For(url); !ok || got != want {
			t.Errorf("%.80s has %+v, %t; want %+v", url, got, ok, want)
		}
	}
	if b, ok := f.For("ftp://www.example.org/"); ok {
		t.Errorf("what is no page has the budget %+v", b)
	}
	if b, ok := (budget.File{}).For("https://www.example.org/"); ok {
		t.Errorf("no file gives the budget %+v", b)
	}
}

func TestAStarStandsForAnyTextOfThePathOrOfTheHost(t *testing.T) {
	for _, tt := range []struct {
		pattern, url string
		want         bool
	}{
		{"https://a.example/*/b", "https://a.example/x/y/b", true},
		{"https://a.example/*/b", "https://a.example/b", false},
		{"https://a.example/*.html", "https://a.example/x.html?print", false},
		{"https://a.example/*.html*", "https://a.example/x.html?print", true},
		{"https://a.example/?page=*", "https://a.example/?page=3", true},
		{"https://a.example/?page=*", "https://a.example/xpage=3", false},
		{"https://a.example/*a*a*c", "https://a.example/aaaaab", false},
		{"https://a.example/actualités/*", "https://a.example/actualit%C3%A9s/x", true},
		{"https://a.example/x y/*", "https://a.example/x%20y/z", true},
		{"HTTPS://A.example:443/*", "https://a.example/x", true},
		{"https://a.example:8443/*", "https://a.example/x", false},
		{"https://*:8443/*", "https://a.example:8443/x", true},
		{"https://*", "https://a.example/", true},
		{"https://*", "https://a.example/x", false},
	} {
		f, err := budget.Parse(fmt.Appendf(nil, "- url: %q\n  score: 1", tt.pattern))
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if _, got := f.For(tt.url); got != tt.want {
			t.Errorf("%s fits %s: %t; want %t", tt.pattern, tt.url, got, tt.want)
		}
	}
}

func TestAFileThatCannotBeUsedIsRefusedWithItsLines(t *testing.T) {
	const a = "- url: https://a.example/\n"
	for _, tt := range []struct{ name, file, want string }{
		{"nothing", "", `the file holds no rule; write a list of rules, each beginning with "- url: "`},
		{"a comment", "# later\n", "the file holds no rule"},
		{"null", "~", `line 1: this is empty`},
		{"an empty list", "[]", "the file holds no rule"},
		{"a mapping", "url: https://a.example/\nscore: 1", "line 1: this is a set of keys; write a list of rules"},
		{"a word", "budget", `line 1: this is "budget"`},
		{"two documents", a + "  score: 1\n---\n" + a, "goes on after its list"},
		{"not YAML", "- url: [", "line 1: "},
		{"a star without quotes", "- url: *\n  score: 1", "a url that begins with * is to be in quotes"},
		{"an empty rule", a + "  score: 1\n-\n", "line 3: a rule is empty; write url and at least one limit"},
		{"a rule that is a word", "- x", `line 1: a rule is "x"`},
		{"no url", "- score: 1", "line 1: the rule has no url"},
		{"no limit", a, "line 1: the rule sets no limit; give score, grade, dom, requests or size_kb"},
		{"an unknown key", a + "  scor: 1", `line 2: "scor" is not a key; the keys are url, score, grade, dom, requests and size_kb`},
		{"a key that is a list", a + "  ? [a]\n  : 1", "line 2: a list is not a key"},
		{"a key twice", a + "  score: 1\n  score: 2", "line 3: score is given twice, first on line 2"},
		{"a url twice", a + "  score: 1\n- url: https://A.example:443\n  score: 2", "line 3: https://a.example/ has a rule already, on line 1; keep one of them"},
		{
			"a rule behind a wider one", "- url: https://a.example/*\n  score: 1\n- url: https://a.example/b/*\n  score: 2",
			"line 3: https://a.example/b/* would never apply, because the rule of line 1, https://a.example/*, comes first",
		},
		{"a rule behind all", "- url: '*'\n  score: 1\n" + a + "  score: 2", "would never apply"},
		{"an alias", "- &a\n  url: https://a.example/\n  score: 1\n- *a", "line 4: a rule is an alias, which is not accepted"},
		{"an alias as a value", "- url: https://a.example/\n  score: &a 1\n  dom: *a", "line 3: dom is an alias, which is not accepted"},
		{"a merge", "- &a {url: https://a.example/, score: 1}\n- <<: *a\n  url: https://b.example/", `line 2: "<<" is not a key`},
		{"a url that is a number", "- url: 1\n  score: 1", `line 1: url is "1"; write an address`},
		{"a url of another kind", "- url: ftp://a.example/\n  score: 1", "only http and https pages can be measured, not ftp"},
		{"a url without a scheme", "- url: a.example/*\n  score: 1", "it does not start with http:// or https://"},
		{"a scheme that is a star", "- url: '*://a.example/'\n  score: 1", "it is not an address"},
		{"two stars", "- url: https://a.example/**\n  score: 1", "** says no more than *"},
		{"a long url", "- url: https://a.example/" + strings.Repeat("a", 3000) + "\n  score: 1", "it is too long for an address"},
		{"a score in quotes", a + `  score: "75"`, `line 2: score is "75"; write a number from 0 to 100`},
		{"a score above 100", a + "  score: 101", `line 2: score is "101"; write a number from 0 to 100`},
		{"a score below 0", a + "  score: -1", "write a number from 0 to 100"},
		{"a score that is no number", a + "  score: .nan", `line 2: score is ".nan"`},
		{"a score that YAML reads as 8", a + "  score: 010", `line 2: score is "010"`},
		{"a score with underscores", a + "  score: 1_0", `line 2: score is "1_0"`},
		{"a score that is null", a + "  score:", "line 2: score is empty"},
		{"a score that is a list", a + "  score: [1]", "line 2: score is a list"},
		{"a grade that is none", a + "  grade: H", `line 2: grade is "H"; write a letter from A to G`},
		{"a grade that is a list", a + "  grade: [A]", "line 2: grade is a list"},
		{"no element at all", a + "  dom: 0", `line 2: dom is "0"; write a whole number of elements, above 0`},
		{"half a request", a + "  requests: 1.5", "write a whole number of requests, above 0"},
		{"more requests than can be counted", a + "  requests: 99999999999999999999", "write a whole number of requests, above 0"},
		{"no kilobyte", a + "  size_kb: 0.0", "write a number of kilobytes, above 0"},
		{"endless kilobytes", a + "  size_kb: .inf", `line 2: size_kb is ".inf"`},
		{"several lines", a + "  dom: x\n  scor: 1", `line 2: dom is "x"; write a whole number of elements, above 0; line 3: "scor" is not a key`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := budget.Parse([]byte(tt.file))
			if err == nil || !strings.HasPrefix(err.Error(), "read the budgets: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v; want %q in it", err, tt.want)
			}
		})
	}
}

func TestAFileIsReadWithinItsLimits(t *testing.T) {
	many := strings.Builder{}
	for i := range 1001 {
		_, _ = fmt.Fprintf(&many, "- {url: https://a.example/%d, score: 1}\n", i)
	}
	bomb := "- &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("- &%c [%s]\n", c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 10))
	}
	for name, tt := range map[string]struct{ file, want string }{
		"bytes":    {strings.Repeat(" ", 1<<20) + "[]", "the file has 1048578 bytes; at most 1048576 are read"},
		"rules":    {many.String(), "the file holds 1001 rules; at most 1000 are read"},
		"aliases":  {bomb, "line 1: a rule is a list"},
		"nesting":  {strings.Repeat("[", 1<<19), ""},
		"problems": {strings.Repeat("- x\n", 30), "and 20 more"},
	} {
		if _, err := budget.Parse([]byte(tt.file)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %.200v; want %q in it", name, err, tt.want)
		}
	}
}

// FuzzParse wants every file to be refused with a sentence, or to give budgets that are valid.
func FuzzParse(f *testing.F) {
	f.Add(example, "https://www.example.org/news/a")
	f.Add("- url: '*'\n  size_kb: 1.5", "http://a.example")
	f.Add("- &a {url: https://a.example/, score: 1}\n- *a", "https://a.example/")
	f.Add("0: [:!00 \xef", "")
	f.Add("- url: https://*.example/*é?%zz*\n  grade: g", "https://a.example/é?%zz")
	f.Fuzz(func(t *testing.T, file, url string) {
		parsed, err := budget.Parse([]byte(file))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read the budgets: ") {
				t.Errorf("%q is refused with %v", file, err)
			}
			return
		}
		if b, ok := parsed.For(url); ok && b.Validate() != nil {
			t.Errorf("%q gives %+v: %v", file, b, b.Validate())
		}
	})
}
