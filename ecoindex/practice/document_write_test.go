package practice

import (
	"strings"
	"testing"

	"veille/ecoindex/web"
)

func TestOnlyCallsOfDocumentWriteAreCounted(t *testing.T) {
	for script, want := range map[string]int{
		`document.write("a")`:                              1,
		"window . x; document\n .writeln ( 1 )":            1,
		`window.document.write(1);self.document?.write(2)`: 2,
		`frame.document.write(1)`:                          0,
		`my.window.document.write(1)`:                      0,
		`mydocument.write(1); document.writer(1)`:          0,
		`var f = document.write;`:                          0,
		`// document.write(1)` + "\n" + `/* document.write(1) */ "document.write(1)"; 'document.write(1)'`: 0,
		"`document.write(1) ${document.write(2)} document.write(3)`":                                       1,
		"`${ {a: `}`} } ${x}` + document.write(1)":                                                         1,
		`a = /"/; document.write(1) // "`:                                                                  1,
		`a = b / c; document.write(1); d = "/"`:                                                            1,
		`x = /[/"]/g.test(y) ? 1 : 2; document.write(1)`:                                                   1,
		`return /'/.test(a) || document.write(1)`:                                                          1,
		`s = "it\"s"; document.write(1)`:                                                                   1,
		`s = 'not closed` + "\n" + `document.write(1)`:                                                     1,
		`a = 1 < / 2` + "\n" + `document.write(1)`:                                                         1,
		"": 0,
	} {
		if got := writeCalls([]byte(script)); got != want {
			t.Errorf("%s calls it %d times; want %d", script, got, want)
		}
	}
}

func TestDocumentWriteIsFoundInThePageAndInFiles(t *testing.T) {
	file := sent(site+"old.js", "text/javascript", "document.write(1); document.write(2)")
	runCases(t, documentWrite(), []pageCase{
		{name: "no scripts", html: "<p>document.write(1)", status: Nothing},
		{name: "data", html: `<script type=text/template>document.write(1)</script><script>a()</script>`, status: Passed},
		{name: "three calls", html: `<script>document.write(1)</script>`, more: []web.Exchange{file}, status: Failed, measured: 3, first: file.URL, detail: "2"},
	})
}

// A lexer that looks ahead from each slash, quote or brace again and again would take hours.
func TestScriptsOfSlashesAndBracesAreReadOnce(t *testing.T) {
	for _, one := range []string{"/[", "/", "`${", "`${{", "'", "document", "document ", "document" + strings.Repeat(" ", 200), "/*", "a/b"} {
		text := []byte(strings.Repeat(one, 300_000/len(one)))
		if got := scriptCode(text, false); len(got) != len(text) {
			t.Errorf("%q: %d bytes became %d", one, len(text), len(got))
		}
		if got := writeCalls(text); got != 0 {
			t.Errorf("%q: %d calls", one, got)
		}
	}
}

func FuzzScriptCode(f *testing.F) {
	for _, seed := range []string{"a = /x/ / 2", "`a${b}c`", "'a\\'b' // c", "/* a */ b", "<!-- a\nb", "\\", "`${`${`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		code, kept := scriptCode([]byte(script), false), scriptCode([]byte(script), true)
		if len(code) != len(script) || len(kept) != len(script) {
			t.Fatalf("%d bytes became %d and %d", len(script), len(code), len(kept))
		}
		for i := range code { // strings kept or not, the code is the same
			if code[i] != ' ' && code[i] != kept[i] {
				t.Fatalf("%q: at %d %q and %q", script, i, code, kept)
			}
		}
		_ = writeCalls([]byte(script))
	})
}
