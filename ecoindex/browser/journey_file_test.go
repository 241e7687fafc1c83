package browser

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/web"
)

// lookup is an environment with one variable.
func lookup(name string) (string, bool) { return "s:cret\n", name == "PASSWORD" }

func TestAJourneyIsReadAsAPersonWritesIt(t *testing.T) {
	const head = "url: https://www.example.org/\nsteps:\n"
	just := func(steps ...Step) Journey {
		return Journey{URL: "https://www.example.org/", Steps: append(steps, Step{Measure: "end"})}
	}
	for _, tt := range []struct {
		name, file string
		want       Journey
	}{
		{"the example of the documentation", `
name: ask for an appointment
url: https://www.example.org/
steps:
  - consent: "#accept"          # measured before and after
  - type: {into: "#q", text: lycée}
  - click: "button[type=submit]"
  - wait: ".results"            # a selector, or a time such as 2s
  - scroll: bottom
  - measure: results
`, Journey{Name: "ask for an appointment", URL: "https://www.example.org/", Steps: []Step{
			{Consent: "#accept"}, {Type: &Typing{Into: "#q", Text: "lycée"}}, {Click: "button[type=submit]"}, {Await: ".results"}, {Scroll: "bottom"}, {Measure: "results"},
		}}},
		{"every kind of step", head + `
  - open: http://other.example/page?a=b#c
  - click: a
  - type: {into: "#q", text: ""}
  - type:
      into: "#password"
      variable: PASSWORD
  - wait: 1m
  - wait: 1500ms
  - wait: "#there"
  - scroll: footer
  - consent: button.no
  - measure: end
`, just(
			Step{Open: "http://other.example/page?a=b#c"}, Step{Click: "a"}, Step{Type: &Typing{Into: "#q"}}, Step{Type: &Typing{Into: "#password", Text: "s:cret\n"}},
			Step{Wait: time.Minute}, Step{Wait: 1500 * time.Millisecond}, Step{Await: "#there"}, Step{Scroll: "footer"}, Step{Consent: "button.no"},
		)},
		{"in one line", `{url: "https://www.example.org/", steps: [{click: a}, {measure: end}]}`, just(Step{Click: "a"})},
		{"as JSON", `{"url":"https://www.example.org/","steps":[{"type":{"into":"a","text":"\u00e9"}},{"measure":"end"}]}`, just(Step{Type: &Typing{Into: "a", Text: "é"}})},
		{"of Windows", "\ufeffurl: https://www.example.org/\r\nsteps:\r\n- click: a\r\n- measure: end\r\n", just(Step{Click: "a"})},
		{"with comments everywhere", "# a\n" + head + "  # b\n  - click: a # c\n  # d\n  - measure: end # e\n  # f\n# g\n", just(Step{Click: "a"})},
		{"long texts", head + "  - type:\n      into: a\n      text: |\n        one\n        two\n  - click: >-\n      main\n      > a\n  - measure: end\n", just(Step{Type: &Typing{Into: "a", Text: "one\ntwo\n"}}, Step{Click: "main > a"})},
		{
			"texts that look like something else", head + "  - type: {into: a, text: 007}\n  - type: {into: a, text: yes}\n  - type: {into: a, text: 2026-01-01}\n  - type: {into: a, text: 'null'}\n  - click: '*'\n  - measure: end\n",
			just(Step{Type: &Typing{Into: "a", Text: "007"}}, Step{Type: &Typing{Into: "a", Text: "yes"}}, Step{Type: &Typing{Into: "a", Text: "2026-01-01"}}, Step{Type: &Typing{Into: "a", Text: "null"}}, Step{Click: "*"}),
		},
		{"only a consent is measured too", "url: https://www.example.org/\nsteps: [{consent: a}]", Journey{URL: "https://www.example.org/", Steps: []Step{{Consent: "a"}}}},
		{"as many steps as there may be", head + strings.Repeat("  - wait: 1s\n", maxSteps-1) + "  - measure: end\n", just(repeated(Step{Wait: time.Second}, maxSteps-1)...)},
	} {
		if got, err := ParseJourney([]byte(tt.file), lookup); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s is read as %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
}

func repeated(s Step, n int) []Step {
	list := make([]Step, n)
	for i := range list {
		list[i] = s
	}
	return list
}

func TestAJourneyThatCannotBeTakenSaysWhereAndWhy(t *testing.T) {
	const head = "url: https://www.example.org/\nsteps:\n  - measure: start\n  - "
	const kinds = "a step is one of open, click, type, wait, scroll, measure, consent"
	const nothing = "says nothing to act on"
	for _, tt := range []struct{ name, file, want string }{
		{"nothing", "", "it is empty"},
		{"only comments", "# nothing\n\n", "it is empty"},
		{"too much", "url: https://www.example.org/\nsteps:\n" + strings.Repeat("#", maxJourney), "it is larger than 65536 bytes"},
		{"no YAML", "url: a\nsteps: [\n", "line "},
		{"a tab", "url: https://www.example.org/\nsteps:\n\t- measure: a\n", "line 3"},
		{"a list", "- measure: a\n", "line 1"},
		{"a text", "measure", "line 1"},
		{"an unknown field", "url: https://www.example.org/\nfirst: a\nsteps: [{measure: a}]\n", "line 2: \"first\" is not known"},
		{"a field twice", "url: https://www.example.org/\nsteps: [{measure: a}]\nurl: https://www.example.org/\n", `line 3: "url" is said twice`},
		{"steps that are no list", "url: https://www.example.org/\nsteps:\n  measure: a\n", "line 3"},
		{"an address that is no text", "url: [a]\nsteps: [{measure: a}]\n", "line 1"},

		{"no address", "steps: [{measure: a}]\n", "url is missing"},
		{"no address of a page", "url: www.example.org\nsteps: [{measure: a}]\n", "it does not start with http:// or https://"},
		{"a password in the address", "url: https://me:secret@www.example.org/\nsteps: [{measure: a}]\n", "a name or a password in an address"},
		{"no steps", "url: https://www.example.org/\n", "steps is missing; give 1 to 1000"},
		{"an empty list of steps", "url: https://www.example.org/\nsteps: []\n", "steps is missing; give 1 to 1000"},
		{"too many steps", "url: https://www.example.org/\nsteps:\n" + strings.Repeat("- measure: a\n", maxSteps+1), "steps is not a list of 1 to 1000"},
		{"nothing measured", "url: https://www.example.org/\nsteps: [{click: a}]\n", "nothing is measured; add a step such as measure: results"},

		{"a step that is a text", head + "measure\n", "line 4: " + kinds},
		{"a step that is a list", head + "[measure, a]\n", "line 4: " + kinds},
		{"a step that is nothing", head + "\n", "line 4: " + kinds},
		{"an empty step", head + "{}\n", "line 4: " + kinds},
		{"two things in a step", head + "click: a\n    measure: b\n", "line 4: " + kinds},
		{"the same thing twice in a step", head + "click: a\n    click: b\n", "line 4: " + kinds},
		{"a step by another name", head + "click: a\n  - see: a\n  - clack: b\n", `line 5: "see" is not a step; give one of open, click`},
		{"a name in capitals", head + "Click: a\n", `line 4: "Click" is not a step`},
		{"a list to click", head + "click: [a, b]\n", `says nothing to act on`},
		{"an alias", "url: https://www.example.org/\nsteps:\n  - &a {measure: start}\n  - *a\n", "line 4: " + kinds},

		{"nothing to open", head + "open:\n", nothing},
		{"nothing to click", head + "click: \"\"\n", nothing},
		{"nothing to type", head + "type:\n", "line 4: type: into is missing"},
		{"nothing to wait for", head + "wait: ''\n", nothing},
		{"nowhere to scroll", head + "scroll: ~\n", nothing},
		{"a measure without a name", head + "measure: null\n", nothing},
		{"a consent to nothing", head + "consent: ''\n", nothing},

		{"no time", head + "wait: 0s\n", "line 4: a wait of 0s is not possible; give up to 1m"},
		{"time that went by", head + "wait: -1s\n", "line 4: a wait of -1s is not possible"},
		{"too much time", head + "wait: 1m1ms\n", "line 4: a wait of 1m0.001s is not possible"},
		{"far too much time", head + "wait: 100h\n", "line 4: a wait of 100h0m0s is not possible"},
		{"a path to open", head + "open: /page\n", "line 4: open: "},
		{"a script to open", head + "open: javascript:alert(1)\n", "only http and https pages can be measured, not javascript"},

		{"a text to nowhere", head + "type: {text: a}\n", "line 4: type: into is missing; give the selector of a field"},
		{"no text", head + "type: {into: a}\n", "line 4: type: give either text or variable"},
		{"a text that is nothing", head + "type: {into: a, text: null}\n", `line 4: type: "text" does not say one thing`},
		{"two texts", head + "type: {into: a, text: b, variable: PASSWORD}\n", "line 4: type: give either text or variable"},
		{"a variable that is not there", head + "type: {into: a, variable: NONE}\n", "line 4: type: the environment has no variable NONE; set it"},
		{"a text with more", head + "type: {into: a, text: b, enter: true}\n", `line 4: type: "enter" is not known`},
		{"only a text", head + "type: hello\n", `line 4: type: into is missing`},
	} {
		j, err := ParseJourney([]byte(tt.file), lookup)
		if err == nil || !strings.HasPrefix(err.Error(), "read the journey: ") || !strings.Contains(err.Error(), tt.want) || !reflect.DeepEqual(j, Journey{}) {
			t.Errorf("%s is read as %.100q, the error is %.300v; want %q in it", tt.name, fmt.Sprint(j), err, tt.want)
		}
	}
}

func TestAFileThatIsMadeToBeLargeEndsSoon(t *testing.T) {
	bomb := func(names string, first string) string {
		var b strings.Builder
		last := first
		for _, name := range names {
			_, _ = fmt.Fprintf(&b, "%c: &%c [%s]\n", name, name, strings.TrimSuffix(strings.Repeat(last+",", 9), ","))
			last = "*" + string(name)
		}
		return b.String()
	}
	const head = "url: https://www.example.org/\nsteps:\n  - measure: a\n  - click: "
	for name, file := range map[string]string{
		"a bomb of aliases":              bomb("abcdefghijkl", "x") + "url: *l\nsteps: *l\n",
		"a bomb of aliases in the steps": "url: https://www.example.org/\nsteps:\n- " + strings.ReplaceAll(strings.TrimSpace(bomb("abcdefghijkl", "x")), "\n", "\n- ") + "\n- measure: *l\n",
		"a bomb of merged mappings":      "url: https://www.example.org/\nsteps:\n- a: &a {x: 1}\n- b: &b {<<: [*a,*a,*a,*a,*a,*a,*a,*a,*a]}\n- c: &c {<<: [*b,*b,*b,*b,*b,*b,*b,*b,*b]}\n- <<: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n",
		"an anchor within itself":        "url: https://www.example.org/\nsteps: &a\n- measure: b\n- *a\n",
		"a mapping merged with itself":   "url: https://www.example.org/\nsteps:\n- &a\n  <<: *a\n",
		"a deep list":                    head + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "\n",
		"a list without end":             head + strings.Repeat("[", 500_000),
		"a deep list, by lines":          head + "\n      " + strings.Repeat("- ", 2000) + "x\n",
		"a long text":                    head + strings.Repeat("é ", 50_000) + "\n",
		"more steps than there may be":   "url: https://www.example.org/\nsteps: [" + strings.Repeat("{},", 20_000) + "]",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := ParseJourney([]byte(file), lookup)
			if took := time.Since(began); took > 30*time.Second { // what a machine with much else to do may take; a bomb takes years
				t.Errorf("%d bytes took %v, %.200v", len(file), took, err)
			}
			if err == nil && name != "a long text" {
				t.Error("it is a journey")
			}
		})
	}
}

// FuzzParseJourney wants every file to be refused with a sentence, or to give a journey that can be followed.
func FuzzParseJourney(f *testing.F) {
	f.Add("name: a\nurl: https://www.example.org/\nsteps:\n  - consent: \"#accept\"\n  - type: {into: \"#q\", text: lycée}\n  - measure: results\n")
	f.Add("url: http://a.example\nsteps: [{type: {into: a, variable: PASSWORD}}, {wait: 1.5s}, {wait: b}, {open: 'http://b.example/'}, {scroll: bottom}, {click: c}, {measure: d}]")
	f.Add("url: http://a.example/\nsteps: &a\n- measure: |\n    b\n- *a\n- &b {click: &c d}\n- click: *c\n")
	f.Add("url: http://a.example/\nsteps: [{measure: !!binary aGVsbG8=}, {wait: 1e3}, {click: 0x10}, {measure: !x y}, ? {a: b} : c]")
	f.Add("url: http://a.example/\n---\nurl: http://b.example/\nsteps: [{measure: '\\\n'}]")
	f.Fuzz(func(t *testing.T, file string) {
		j, err := ParseJourney([]byte(file), lookup)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read the journey: ") {
				t.Errorf("%q is refused with %v", file, err)
			}
			return
		}
		if _, err := web.ParseAddress(j.URL); err != nil || len(j.Steps) < 1 || len(j.Steps) > 1000 {
			t.Errorf("%q gives %d steps from %q, %v", file, len(j.Steps), j.URL, err)
		}
		measures := 0
		for i, s := range j.Steps {
			things := 0
			for _, text := range []string{s.Open, s.Click, s.Await, s.Scroll, s.Measure, s.Consent} {
				if text != "" {
					things++
				}
			}
			if s.Type != nil {
				things++
			}
			if s.Wait != 0 {
				things++
			}
			if s.Measure != "" || s.Consent != "" {
				measures++
			}
			if things != 1 || s.Wait < 0 || s.Wait > time.Minute || (s.Type != nil && s.Type.Into == "") {
				t.Errorf("%q gives step %d as %+v", file, i+1, s)
			}
		}
		if measures == 0 {
			t.Errorf("%q measures nothing", file)
		}
	})
}
