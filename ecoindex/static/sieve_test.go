package static

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// repeat is a text again and again, with a number where it says %d.
func repeat(n int, text string) string {
	var b strings.Builder
	for i := range n {
		_, _ = b.WriteString(strings.ReplaceAll(text, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// Each of these pages of some hundred kilobytes takes minutes or gigabytes when nobody looks.
func TestAPageMadeToCostIsRefused(t *testing.T) {
	formats := repeat(400, "<b id=%d>")
	for _, tt := range []struct {
		name, page string
		want       error
	}{
		{"elements that come back in paragraphs", "<p>" + formats + repeat(20_000, "<p>x"), errCopies},
		{"in list items", "<ul><li>" + formats + repeat(20_000, "<li>x"), errCopies},
		{"in rows of a table", "<table>" + formats + repeat(20_000, "<tr>x"), errCopies},
		{"in cells", "<table><tr><td>" + formats + "</td><td><p>" + formats + repeat(20_000, "<p>x"), errCopies},
		{"that were closed where it does not count", "<div>" + formats + "<table>" + repeat(400, "</b>") + "</table></div>" + repeat(20_000, "<p>x"), errCopies},
		{"that a style sheet seems to hide", "<svg><title><p>" + formats + "</title></svg>" + repeat(20_000, "<p>x"), errCopies},
		{"that an unclosed svg seems to hide", "<svg><desc><p></svg><title>" + formats + "</title>" + repeat(20_000, "<p>x"), nil},
		{"that a CDATA section seems to hide", "<svg><desc><p></svg><![CDATA[ > <i a=' ]]><p>" + formats + repeat(20_000, "<p>x") + "'>", nil},
		{"links inside many blocks", repeat(60, "<a href=%d>"+repeat(9, "<div>")+"<a href=x%d>"+repeat(9, "</div>")) + repeat(20_000, "<p>x"), nil},
		{"one element of many attributes", "<p><b " + repeat(4000, "a%d ") + "><p>" + repeat(50_000, "<p>x"), errCopies},
		{"attributes that pile up on html", repeat(10_000, "<html a%d>"), errAttributes},
		{"the same attributes again and again", "<body " + repeat(4000, "a%d ") + ">" + repeat(10_000, "<body a1>"), errAttributes},
		{"one tag of many attributes", "<p " + repeat(10_000, "a%d ") + ">", errAttributes},
	} {
		t.Run(tt.name, func(t *testing.T) {
			copies := maxCopies
			doc, err := parseHTML(t.Context(), []byte(tt.page), "text/html", &copies)
			if !errors.Is(err, tt.want) {
				t.Errorf("it gives %v; want %v", err, tt.want)
			}
			if err != nil {
				return
			}
			if n, _ := countElements(doc); n > 100_000 {
				t.Errorf("it has %d elements", n)
			}
		})
	}
}

func TestInnerDocumentsShareWhatMayBeCopied(t *testing.T) {
	copies := maxCopies
	some := []byte("<p>" + repeat(100, "<b id=%d>") + repeat(1200, "<p>x"))
	for range 2 {
		if _, err := parseHTML(t.Context(), some, "text/html", &copies); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second at once
		if _, err := parseHTML(t.Context(), some, "text/html", &copies); !errors.Is(err, errCopies) {
			t.Errorf("the third gives %v; want %v", err, errCopies)
		}
	}
}

// Pages as they are found, at the size of the largest: sloppy, and no harm in them.
func TestASloppyPageIsRead(t *testing.T) {
	link := `<a href="https://www.example.org/products/article-%d.html?from=list" class="card__link card__link--large" title="See" target=_blank>`
	for _, page := range []string{
		repeat(3000, link+`<div><h3>title</h3><p>text <b>bold</b></p><img src=x></div></a>`),
		repeat(3000, link+`<svg viewBox="0 0 9 9"><title>icon</title><style><![CDATA[a<b]]></style><path d="M0 0"></svg></a>`),
		repeat(3000, `<li>`+link+`<h3>closed late</a></h3></li>`),
		repeat(3000, `<p>`+link+`never closed</p>`),
		repeat(3000, `<p><b>across<i>each</b>other</i></p>`),
		repeat(500, `<ul>`+repeat(5, `<li>`+link+`text`)+`</ul>`),
		repeat(1000, `<a name=%d><h2>title</h2><p>text<p>text<ul><li>a<li>b</ul>`),
		"<table>" + repeat(1000, `<tr><td><font size=2 face=Arial>x<td><font color=#%d>y`) + "</table>",
		repeat(300, `<p><font style="size:%d">text</p>`),
		repeat(300, link+`<table><tr><td>x</table></a>`),
		repeat(10, `<div><em class=c%d></div>`) + repeat(5000, "<p>x</p><div>y</div>"),
		"<!doctype html><title>a<b></title><script>'<b>'+\"</b>\"</script><frameset><frame src=x></frameset><noframes><p>x</noframes>",
	} {
		want, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		copies := maxCopies
		got, err := parseBounded(t.Context(), func() (io.Reader, error) { return strings.NewReader(page), nil }, &copies)
		if err != nil {
			t.Errorf("%.100s gives %v", page, err)
			continue
		}
		if !bytes.Equal(render(t, got), render(t, want)) {
			t.Errorf("%.100s is read otherwise than by the parser alone", page)
		}
	}
}

func render(t *testing.T, n *html.Node) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := html.Render(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadingEndsWithTheTimeOfThePage(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	copies := maxCopies
	if _, err := parseHTML(ended, []byte("<p>"), "text/html", &copies); !errors.Is(err, context.Canceled) {
		t.Errorf("the page gives %v; want %v", err, context.Canceled)
	}
	if s := readSheet(ended, []byte("a{background:url(x)}"), testBase()); len(s.rules) > 0 {
		t.Errorf("the style sheet gives %v; want nothing", s.rules)
	}
	doc := parseTest(t, "<p class=a><img src=a><img src=b>")
	if found := discover(ended, doc, testBase(), nil, 10); len(found.refs) > 1 {
		t.Errorf("the page gives %v; want nothing after the first", found.refs)
	}
	if m := newMatcher(ended, doc, nil, enough()); !m.matches([]string{"p:not(.a)"}) {
		t.Error("a selector is compared; want it taken as matching")
	}
}

func TestTheCopiesOfTheParserAreBounded(t *testing.T) {
	for i := range uint64(1000) {
		checkBound(t, soup(rand.New(rand.NewPCG(1, i))))
	}
}

// FuzzSieve wants the bound to hold for any page.
func FuzzSieve(f *testing.F) {
	for i := range uint64(10) {
		f.Add(soup(rand.New(rand.NewPCG(2, i))))
	}
	f.Fuzz(checkBound)
}

// checkBound compares what the parser copied with what it was said to copy at most.
func checkBound(t *testing.T, page string) {
	t.Helper()
	s := &sieve{ctx: t.Context(), tokens: html.NewTokenizer(strings.NewReader(page)), disorder: newDisorder(), limit: 1 << 40}
	root, err := html.Parse(s)
	if err != nil {
		return // nested too deep
	}
	if copied := weightOf(root) - s.disorder.own; copied > s.disorder.spent {
		t.Fatalf("%d copied, at most %d expected of %q", copied, s.disorder.spent, page)
	}
}

// soup is a page of random tags of a few names, which often ends in a few of them again and again.
func soup(r *rand.Rand) string {
	var names []string
	for _, list := range []string{
		"p div li ul h1 table tr td tbody caption object marquee select option button form dd template colgroup ruby rt center body html pre",
		"a b i em nobr font code u", "svg math title desc foreignobject path mi mtext annotation-xml style script a font span x-y",
	} {
		all := strings.Fields(list)
		for range 1 + r.IntN(4) {
			names = append(names, all[r.IntN(len(all))])
		}
	}
	odd := []string{"x", " ", "<br>", "<input>", "<hr>", "<![CDATA[", "]]>", "<!--", "-->", "<b title='", "'>"}
	parts := make([]string, 20+r.IntN(300))
	for i := range parts {
		name := names[r.IntN(len(names))]
		switch n := r.IntN(20); {
		case n == 0:
			parts[i] = odd[r.IntN(len(odd))]
		case n < 10:
			parts[i] = "</" + name + ">"
		case n == 10:
			parts[i] = "<" + name + "/>"
		default:
			parts[i] = fmt.Sprintf("<%s id=%d>", name, r.IntN(20))
		}
	}
	at := r.IntN(len(parts))
	return strings.Join(parts, "") + strings.Repeat(strings.Join(parts[at:min(at+6, len(parts))], ""), r.IntN(30))
}
