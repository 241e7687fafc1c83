package practice

import (
	"strings"
	"testing"

	"veille/ecoindex/web"
)

func TestAScriptKeepsWhatItMeans(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"var a = 1; // one\nvar b = 2;", "var a=1;var b=2;"},
		{"a = 'it // is /* text */'  ;", "a='it // is /* text */';"},
		{"a = \"\\\"// x\" + 1", "a=\"\\\"// x\"+1"},
		{"return /[/] \\/* /g.test(a) // c", "return/[/] \\/* /g.test(a)"},
		{"x = a / b / c; // d", "x=a/b/c;"},
		{"x = (a) / b; /* c */ y = d / e", "x=(a)/b;y=d/e"},
		{"t = `a  // b ${ c /* d */ + `${ {e : 1} }  f` }  g`;  h", "t=`a  // b ${c+`${{e:1}}  f`}  g`;h"},
		{"a\n++b", "a\n++b"},
		{"a + +b; c - -d; e++ + f", "a+ +b;c- -d;e++ +f"},
		{"/*! licence */\nvar a", "/*! licence */\nvar a"},
		{"a /* one\ntwo */ b", "a\nb"},
		{"a = b\n(c)", "a=b\n(c)"},
		{"x.return / 2 / 3 // y", "x.return/2/3"},
		{"if (a) { b }\nelse  c", "if(a){b}\nelse c"},
		{"a = 1 .toFixed ( )", "a=1 .toFixed()"},
		{"'a\\\nb'", "'a\\\nb'"},
		{"/* never closed", "/* never closed"},
		{"`never closed  ", "`never closed  "},
	} {
		got, ok := stripJS([]byte(tt.in))
		if !ok || string(got) != tt.want {
			t.Errorf("%q: %q, %t; want %q", tt.in, got, ok, tt.want)
		}
	}
	for _, unclear := range []string{"a = 'no end\nb", "a = /no end\nb", "a \\ b", strings.Repeat("`${", maxNested+1)} {
		if got, ok := stripJS([]byte(unclear)); ok {
			t.Errorf("%.20q is clear: %.20q", unclear, got)
		}
	}
}

func TestAStyleSheetKeepsWhatItMeans(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"p {\n  color : red ;\n  margin: 0 auto;\n}\n", "p{color :red;margin:0 auto}"},
		{"/* a */ .b  .c > .d , e { }", ".b .c>.d,e{}"},
		{"/*! licence; */\na{}", "/*! licence; */a{}"},
		{"a :hover{} b:hover{}", "a :hover{}b:hover{}"},
		{"@media screen and (min-width: 10px) { a { b : c } }", "@media screen and (min-width:10px){a{b :c}}"},
		{"a::after { content : '  /* x */  ' }", "a::after{content :'  /* x */  '}"},
		{"a { width: calc( 1px + 2px ) !important }", "a{width:calc(1px + 2px)!important}"},
		{"a { b: url( x/*y*/z.png ) }", "a{b:url( x/*y*/z.png )}"},
		{"a { b: 'no end\n; c: d }", "a{b:'no end;c:d}"},
		{"/* never closed", "/* never closed"},
	} {
		if got := string(stripCSS([]byte(tt.in))); got != tt.want {
			t.Errorf("%q: %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestAPageKeepsWhatItShows(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"<p>a   b\n\n  c</p>", "<p>a b\nc</p>"},
		{"<pre>a   b\n  <b>c   d</b>  e</pre>  <p>", "<pre>a   b\n  <b>c   d</b>  e</pre> <p>"},
		{"<textarea>a   b</textarea>", "<textarea>a   b</textarea>"},
		{"<!-- a note for people --><p>", "<p>"},
		{"<!--[if IE]> old browsers <![endif]-->", "<!--[if IE]> old browsers <![endif]-->"},
		{"<!--[--><!--]--><!----><!--$?-->", "<!--[--><!--]--><!----><!--$?-->"},
		{"<!--#include virtual=\"a b\" -->", "<!--#include virtual=\"a b\" -->"},
		{"<script>a  =  1; // b\n</script>", "<script>a=1;</script>"},
		{"<script type=module>a  =  1</script>", "<script type=module>a=1</script>"},
		{"<script type='application/json'>{ \"a\":   1 }</script>", "<script type='application/json'>{ \"a\":   1 }</script>"},
		{"<script>a  =  'no end\n</script>", "<script>a  =  'no end\n</script>"},
		{"<style>p  { a : b }</style>", "<style>p{a :b}</style>"},
		{"<p", "<p"},
	} {
		if got := string(stripHTML([]byte(tt.in))); got != tt.want {
			t.Errorf("%q: %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestADrawingKeepsWhatItShows(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"<?xml version='1.0'?>\n<!-- by x -->\n<svg  a='b'\n c=\"d > e\">\n <g/>\n</svg>\n", "<?xml version='1.0'?><svg a='b' c=\"d > e\"><g/></svg>"},
		{"<svg xmlns:inkscape='u' inkscape:version='1' id='a'/>", "<svg id='a'/>"},
		{"<metadata>\n<rdf><a/></rdf></metadata><g/>", "<g/>"},
		{"<sodipodi:namedview a='b'/><g/>", "<g/>"},
		{"<metadata><a><metadata><b>", "<metadata><a><metadata><b>"},
		{"<path d='M1.23456,0.1234567 10.98765e3z' x='1.23456'/>", "<path d='M1.234,0.12345 10.987e3z' x='1.23456'/>"},
		{"<text> a  <tspan> b </tspan> </text>", "<text> a  <tspan> b </tspan> </text>"},
		{"<!DOCTYPE svg [ <!ENTITY a 'b'> ]> <svg/>", "<!DOCTYPE svg [ <!ENTITY a 'b'> ]><svg/>"},
		{"<style><![CDATA[ a > b ]]></style>", "<style><![CDATA[ a > b ]]></style>"},
		{"<!-- no end", "<!-- no end"},
	} {
		if got := string(stripSVG([]byte(tt.in))); got != tt.want {
			t.Errorf("%q: %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestATextIsMinifiedUpToATenthOrTwoKilobytes(t *testing.T) {
	code := strings.Repeat("f(1);", 1000)
	for _, tt := range []struct {
		spare int
		want  Status
	}{{300, Passed}, {500, Passed}, {800, Failed}} {
		body := code + "/*" + strings.Repeat("x", tt.spare-4) + "*/"
		f := finds(t, minified(), seen("", at(web.Script, "a.js", "text/javascript", body)))
		if f.Status != tt.want || f.Status == Failed && f.Saves.Bytes != int64(tt.spare) {
			t.Errorf("%d of %d bytes: %+v", tt.spare, len(body), f)
		}
	}
	big := strings.Repeat(code, 10) + "/*" + strings.Repeat("x", 2400) + "*/"
	expect(t, minified(), seen("", at(web.Script, "a.js", "text/javascript", big)), Failed, 1)
	expect(t, minified(), seen("", at(web.Script, "a.js", "text/javascript", big, "Content-Encoding: gzip")), Passed, 0)
	inline := "<!doctype html><html><body><script>" + strings.Repeat("// for people\nf(1);\n", 200) + "</script>"
	expect(t, minified(), seen(inline), Failed, 1)
	expect(t, minified(), seen("<p>short   text</p>"), Nothing, 0)
}

func TestADrawingOfAnEditorIsNotOptimised(t *testing.T) {
	plain := "<svg>" + strings.Repeat("<path d='M1 2'/>", 200) + "</svg>"
	expect(t, svgOptimised(), seen("", at(web.Image, "a.svg", "image/svg+xml", plain)), Passed, 0)
	drawn := strings.ReplaceAll(plain, "<path", "\n    <path inkscape:label='x'")
	f := expect(t, svgOptimised(), seen("", at(web.Image, "a.svg", "image/svg+xml", drawn)), Failed, 1)
	if f.Saves.Bytes != int64(len(drawn)-len(plain)) {
		t.Errorf("%+v; want %d", f.Saves, len(drawn)-len(plain))
	}
}
