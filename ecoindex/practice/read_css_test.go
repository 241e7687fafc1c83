package practice

import (
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

func TestAStyleSheetIsReadAsBrowsersReadIt(t *testing.T) {
	f := readCSS([]byte(`@charset "utf-8"; @import url("a.css") screen; @import 'b.css';
/* @import "c.css"; p { color: red !important } */
p, a:hover { color: red !important; background: url("x;}{") }
@media print { p { color: red ! IMPORTANT } @supports (display: grid) { b { c: d } } }
@keyframes k { from { a: b } 50% { a: c } to { a: d } }
@-webkit-keyframes k { to { a: d } }
@font-face { font-family: x; src: url( data:font/woff2;base64,AAAA ) }
`))
	if f.rules.n != 3 || f.important.n != 2 || f.imports.n != 2 || len(f.fonts) != 1 || f.fonts[0].long != len("data:font/woff2;base64,AAAA") {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(f.rules.first, []string{"p, a:hover", "p", "b"}) {
		t.Errorf("rules: %q", f.rules.first)
	}
}

func TestWhatCouldBeSaidAtOnceIsFound(t *testing.T) {
	for text, want := range map[string]int{
		"a { margin-top: 1px; margin-right: 2px; margin-bottom: 3px; margin-left: 4px }":      1,
		"a { margin-top: 1px; margin-right: 2px; margin-bottom: 3px }":                        0,
		"a { margin-top: 1px; margin-right: 2px } a { margin-bottom: 1px; margin-left: 1px }": 0,
		"a { border-width: 1px; border-style: solid; border-color: red }":                     1,
		"a { margin: 1px; padding: 2px }":                                                     0,
	} {
		if got := readCSS([]byte(text)).longhands.n; got != want {
			t.Errorf("%q: %d; want %d", text, got, want)
		}
	}
}

func TestARepeatedDeclarationIsNotAFallback(t *testing.T) {
	for text, want := range map[string]int{
		"a { color: red; b: c; color: red }":                                                     1,
		"a { height: 100vh; height: 100dvh }":                                                    0,
		"a { b: c; d: e; f: g } h { f: g; d: e; b: c }":                                          1,
		"a { b: c; d: e } h { b: c; d: e }":                                                      0, // too short to be worth it
		"a { b: c; d: e; f: g } @media print { h { b: c; d: e; f: g } }":                         0, // another block
		"@media print { a { b: c; d: e; f: g } } @media print { h { b: c; d: e; f: g } }":        1,
		"@keyframes k { from { b: c; d: e; f: g } to { b: c; d: e; f: g } }":                     0,
		"a { b: c; d: e; f: g } @font-face { b: c; d: e; f: g } @font-face { b: c; d: e; f: g }": 0,
	} {
		if got := readCSS([]byte(text)).duplicates.n; got != want {
			t.Errorf("%q: %d; want %d", text, got, want)
		}
	}
}

func TestASelectorIsSlowWhenItLooksAtManyElements(t *testing.T) {
	for selector, want := range map[string]bool{
		"*": false, "*::before": false, ".a *": true, ".a>*": true, ".a > *:not(.b)": true, "* .a": false,
		"a b c d": false, "a b c d e": true, "a>b+c~d>e": true, ".a:is(b c d e f, g)": false, `a[b="c d e f g h"]`: false, "": false,
	} {
		if got := slow(selector); got != want {
			t.Errorf("%q: %t", selector, got)
		}
	}
	if got := selectorsOf(`a, b:is(c, d), e[f=","] , g`); !slices.Equal(got, []string{"a", "b:is(c, d)", `e[f=","]`, "g"}) {
		t.Errorf("%q", got)
	}
}

func TestStyleSheetsAndStyleElementsAreCountedTogether(t *testing.T) {
	sheet := at(web.Stylesheet, "a.css", "text/css", strings.Repeat("a{b:c!important}", 150))
	inner := "<div id=menu><style>" + strings.Repeat("a{b:c!important}", 50) + "</style></div>"
	expect(t, cssImportant(), seen(inner, sheet, sheet), Passed, 200)
	f := expect(t, cssImportant(), seen(inner+"<style>@import 'x.css'; d{e:f!important}</style>", sheet), Failed, 201)
	if f.Offenders[0].Detail != "150" || f.Offenders[1].Where != "#menu > style" || f.Offenders[2].Detail != "1" {
		t.Errorf("%+v", f.Offenders)
	}
	expect(t, cssImports(), seen("<style>@import 'x.css';</style>", sheet), Failed, 1)
	expect(t, cssImports(), seen("", sheet), Passed, 0)
	expect(t, cssRules(), seen("", at(web.Stylesheet, "b.css", "text/css", strings.Repeat("a{}", 5001))), Failed, 5001)
	expect(t, cssSelectors(), seen("<style>.a *, b{c:d}</style>"), Failed, 1)
	expect(t, cssSelectors(), seen(""), Nothing, 0)
	expect(t, cssDuplicates(), seen("<style>a{b:c;b:c}</style>"), Passed, 1)
	expect(t, cssLonghand(), seen("<style>a{border-width:1px;border-style:solid;border-color:red}</style>"), Failed, 1)
}

func TestAHostileStyleSheetIsReadInBounds(t *testing.T) {
	const n = 50_000
	for _, text := range []string{strings.Repeat("a{", n), strings.Repeat("}", n), strings.Repeat("a,", n), strings.Repeat("a b ", n) + "{}", strings.Repeat("url(", n), strings.Repeat("/*", n), strings.Repeat("\"\n", n), strings.Repeat("@import ", n), strings.Repeat("a:b;", n), "a{" + strings.Repeat("b:c;", n) + "}", strings.Repeat("u+", n), strings.Repeat("<!-", n), strings.Repeat("\\", n)} {
		stripCSS([]byte(text))
		f := readCSS([]byte(text))
		for _, one := range []tally{f.rules, f.imports, f.duplicates, f.slow} {
			if len(one.first) > maxOffendersListed {
				t.Errorf("%.6q: %d are kept", text, len(one.first))
			}
		}
	}
}
