package static

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"

	"github.com/PuerkitoBio/goquery"
)

func enough() *int { n := 1000; return &n }

func parseTest(t *testing.T, text string) *goquery.Document {
	t.Helper()
	copies := maxCopies
	doc, err := parseHTML(t.Context(), []byte(text), "text/html", &copies)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func testBase() *url.URL {
	return &url.URL{Scheme: "http", Host: "site.example", Path: "/css/main.css"}
}

func TestARuleAppliesWhenItsSelectorFindsAnElement(t *testing.T) {
	doc := parseTest(t, `<main id=m class="a b md:x"><p>one<p class=c>two<ul><li><a href=x>y</a></ul></main><svg><path class=p></svg>`)
	for selector, want := range map[string]bool{
		"*": true, "p": true, "P": true, "h1": false, "#m": true, "#x": false, ".a.b": true, ".a.x": false,
		"main p": true, "main > p": true, "ul > p": false, "p + p": true, "p + p.c": true, "p.c + p": false, "p ~ ul": true, "ul ~ p": false,
		"main>ul li>a[href]": true, "a[href=z]": false, `[class~="c"]`: true, "main  .c": true, "body main ul a": true, "ul main": false,
		"p::before": true, "p:before": true, "h1::before": false, "a:hover": false, "a:not(:hover)": true, "p:not(.c)": true, "main:not(.a)": false,
		":root": true, ":root.dark": false, ":root:not(.dark)": true, "p:not(.x).c": true, "p:not(.x).y": false, "p::part(a).y": false, "main:hover.a": false, "p:nth-child(7)": true, ":is(h1, h2)": true, "svg .p": true, "p:::::": true, "p[": true, `.md\:x`: true, `.md\:y`: false, ".no p": false,
		"> p": true, "": true,
	} {
		if got := newMatcher(t.Context(), doc, nil, enough()).matches([]string{selector}); got != want {
			t.Errorf("%q finds an element: %t; want %t", selector, got, want)
		}
	}
}

func TestAHostileSelectorEnds(t *testing.T) {
	doc := parseTest(t, strings.Repeat("<div>", 500)+strings.Repeat("<b></b>", 500))
	steps := 100_000
	m := newMatcher(t.Context(), doc, nil, &steps)
	for _, selector := range []string{"[none] " + strings.Repeat("div ", 40) + "b", "[none] ~ " + strings.Repeat("b ~ ", 40) + "b"} {
		if !m.matches([]string{selector}) || steps >= 0 {
			t.Errorf("%q is taken as not matching, with %d steps left; want the steps used up, and matching", selector, steps)
		}
	}
}

func TestWhatAStyleSheetAsksForIsFound(t *testing.T) {
	for _, tt := range []struct {
		name, css string
		want      string // of imports, then of selectors and images
	}{
		{"imports in all writings", `@import "a.css"; @import 'b.css' print; @import url(c.css); @import url( "d.css" ) screen;`, "import a.css b.css c.css d.css"},
		{"an import inside a block is none", `@media all { @import "a.css"; }`, "import"},
		{"addresses in all writings", `a{background:url(a.png)}b{background:URL( 'b.png' )}`, "import; a a.png; b b.png"},
		{"several in one value", `a{background:url(a.png),url("b.png") 0 0}`, "import; a a.png b.png"},
		{"the last background of a rule", `a{background:url(a.png);list-style:url(l.png);background:none}b{background-image:url(a.png);background:url(b.png)}`, "import; a l.png; b b.png"},
		{"an image-set counts for its first", `a{background:-webkit-image-set("a.png" 1x, "b.png" 2x),url(c.png)}`, "import; a a.png c.png"},
		{"selectors of a list", `a, b > c{background:url(a.png)}`, "import; a|b>c a.png"},
		{"rules inside rules", `.o{color:red;&:hover{background:url(h.png)} .i{background:url(i.png)}}`, "import; .o:hover h.png; .o .i i.png"},
		{"media inside rules", `.o{@media print{background:url(p.png)} .i{background:url(i.png)}} b{background:url(b.png)}`, "import; .o .i i.png; b b.png"},
		{"declarations in media inside rules", `.o{@media screen{background:url(s.png);color:red}} b{background:url(b.png)}`, "import; .o s.png; b b.png"},
		{"supports and layers are entered", `@supports (x:y){@layer z{a{background:url(a.png)}}}`, "import; a a.png"},
		{"animations are not", `@keyframes k{from{background:url(a.png)}}`, "import"},
		{"local references and data are not fetched", `a{filter:url(#f);background:url(data:image/png;base64,AA)}`, "import"},
		{"a sheet cut in the middle", `a{background:url(a.png)}b{background:url(b.png`, "import; a a.png; b b.png"},
		{"comments", `/* a{background:url(x.png)} */a{/*;*/background:/**/url(a.png)}`, "import; a a.png"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := describeSheet(readSheet(t.Context(), []byte(tt.css), testBase())); got != tt.want {
				t.Errorf("%s\ngives %q\nwant  %q", tt.css, got, tt.want)
			}
		})
	}
}

func describeSheet(s sheet) string {
	name := func(u *url.URL) string { return " " + strings.TrimPrefix(u.String(), "http://site.example/css/") }
	var b strings.Builder
	b.WriteString("import")
	for _, u := range s.imports {
		b.WriteString(name(u))
	}
	for _, r := range s.rules {
		images := slices.Concat(r.images, r.back)
		if len(images) == 0 {
			continue
		}
		b.WriteString("; " + strings.Join(r.selectors, "|"))
		for _, address := range images {
			b.WriteString(name(web.Resolve(r.base, address)))
		}
	}
	return b.String()
}

func TestTheFontsOfTheWeightsInUseAreChosen(t *testing.T) {
	faces := readSheet(t.Context(), []byte(`
		@font-face{font-family:M;font-weight:300;src:url(300)} @font-face{font-family:M;src:local(x),url(400)}
		@font-face{font-family:M;font-weight:500;src:url(500)} @font-face{font-family:M;font-weight:bold;src:url(700)}
		@font-face{font-family:M;font-style:italic;src:url(400i)} @font-face{font-family:V;font-weight:100 900;src:url(v)}
		@font-face{font-family:D;src:url(data:font/woff2;base64,AA)} @font-face{src:url(nameless)} @font-face{font-family:O;src:url(old.eot) format("embedded-opentype")}
		@font-face{font-family:G;src:url(greek);unicode-range:U+370-3FF} @font-face{font-family:G;src:url(latin);unicode-range:U+0-FF, U+1??}`), testBase()).faces
	for _, tt := range []struct {
		name    string
		names   string
		weights []int
		italic  bool
		want    string
	}{
		{"nothing for a family nobody uses", "other", []int{400}, false, ""},
		{"the regular face", "m", []int{400}, false, "400"},
		{"the nearest heavier for 600", "m", []int{600}, false, "700"},
		{"the nearest lighter for 100", "m", []int{100}, false, "300"},
		{"two weights", "m", []int{400, 700}, false, "400 700"},
		{"italics only when asked", "m", []int{400}, true, "400 400i"},
		{"one file for all weights", "v", []int{300, 900}, false, "v"},
		{"characters of the page only", "g", []int{400}, false, "latin"},
		{"a font inside the sheet is no request, nor one that cannot be read", "d o", []int{400}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ask := asked{names: map[string]bool{}, weights: tt.weights, italic: tt.italic, page: []rune{' ', 'e'}}
			for name := range strings.FieldsSeq(tt.names) {
				ask.names[name] = true
			}
			var got []string
			for _, f := range ask.chosen(faces) {
				got = append(got, strings.TrimPrefix(f.source.Path, "/css/"))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("chose %q; want %q", got, tt.want)
			}
		})
	}
}
