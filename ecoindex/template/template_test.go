package template_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/template"
	"veille/ecoindex/web"
)

func sight(html string, resources ...web.Resource) *web.Sight {
	return &web.Sight{Page: web.Page{Resources: resources}, HTML: []byte(html)}
}

func file(kind web.Kind, address string) web.Resource { return web.Resource{URL: address, Kind: kind} }

func like(a, b *web.Sight) float64 {
	p, q := template.Of(a), template.Of(b)
	return p.Like(&q)
}

// site makes pages of a common header and footer, as generators do. Kinds differ in what is between.
type site struct{ r *rand.Rand }

func (s site) words() string {
	some := []string{"one", "two <b>three</b>", "<a href=x>four</a>", "<code>five</code> six", "seven<br>eight", "<em>nine</em>"}
	var b strings.Builder
	for range 3 + s.r.IntN(40) {
		b.WriteString(some[s.r.IntN(len(some))] + " ")
	}
	return b.String()
}

func (s site) page(kind int) *web.Sight {
	var b strings.Builder
	b.WriteString(`<!doctype html><html><head><meta charset=utf-8><title>` + s.words() + `</title><link rel=stylesheet href=/main.css></head><body>
<header class=top><nav class=menu><ul class=links><li class=link><a class=item href=/>x</a></ul></nav></header><main class=main>`)
	for range 1 + s.r.IntN(60) {
		switch kind {
		case 0:
			fmt.Fprintf(&b, `<article class="card card-%d"><div class=cover><img class=picture src=x></div><h2 class=name><a class=more href=x>%s</a></h2><div class=tags><span class=tag>x</span></div></article>`, s.r.IntN(1000), s.words())
		case 1:
			fmt.Fprintf(&b, `<p>%s<p>%s<h2>%s</h2>`, s.words(), s.words(), s.words())
		case 2:
			fmt.Fprintf(&b, `<section class=product><div class=price><b class=amount>1</b></div><form class=order><label class=field><input class=number></label><button class=buy>x</button></form><table class=sizes><thead><tr class=head><th class=size>x<tbody><tr class=row><td class=cell>%s</table></section>`, s.words())
		}
	}
	if kind == 1 {
		b.WriteString(`<div class=byline></div><aside class=contents><ol class=chapters></ol></aside><section class=comments><form class=reply><textarea class=comment></textarea></form></section>`)
	}
	b.WriteString(`</main><footer class=bottom><div class=column><p class=legal>x</div><div class=social><a class=icon href=x>x</a></div></footer></body></html>`)
	v := sight(b.String(), file(web.Document, "https://e.org/p"), file(web.Stylesheet, fmt.Sprintf("https://e.org/main.css?v=%d", s.r.IntN(9))), file(web.Script, "https://e.org/main.js"))
	for i := range s.r.IntN(9) {
		v.Resources = append(v.Resources, file(web.Image, fmt.Sprintf("https://e.org/uploads/20%02d/%d.jpg", s.r.IntN(20), i)))
	}
	return v
}

func TestTheNumberOfItemsDoesNotChangeThePrint(t *testing.T) {
	list := func(n int) *web.Sight {
		return sight(`<html><body><ul class=list>` + strings.Repeat(`<li class="item item-7"><a class=more href=x>word</a></li>`, n) + `</ul></body></html>`)
	}
	if ten, many := template.Of(list(10)), template.Of(list(200)); ten != many {
		t.Error("a list of 10 items and one of 200 leave different prints")
	}
}

func TestWhatIsTextDoesNotChangeThePrint(t *testing.T) {
	base := template.Of(sight(`<body><p class="a b">word</p><div class=post-12></div></body>`))
	for _, same := range []string{
		`<body><p class="b a">other <em>word</em> and <a href=y>another</a></p><div class=post-345></div></body>`,
		`<BODY><P CLASS="a  b"><!-- x -->word<svg><g class=x></g></svg></P><div class="post-6"></div>`,
	} {
		other := template.Of(sight(strings.Replace(same, "<svg><g class=x></g></svg>", "", 1)))
		if other != base {
			t.Errorf("%s has another print: alike %v", same, base.Like(&other))
		}
	}
	with, without := template.Of(sight(`<body><p><svg><g class=x></g></svg></body>`)), template.Of(sight(`<body><p><svg><path d="m 0 0"/><circle class=y></circle></svg></body>`))
	if with != without {
		t.Error("what is inside an svg changes the print")
	}
}

func TestAssetsAreKnownWithoutTheirQuery(t *testing.T) {
	page := func(query string) *web.Sight {
		return sight(`<p>`, file(web.Stylesheet, "https://e.org/a.css"+query), file(web.Script, "https://e.org/one.js"+query))
	}
	if got := like(page("?v=1"), page("?v=2")); got != 1 {
		t.Errorf("two versions of a query are alike %v; want 1", got)
	}
	other := sight(`<p>`, file(web.Stylesheet, "https://e.org/b.css"), file(web.Script, "https://e.org/one.js"))
	if got := like(page(""), other); math.Abs(got-1.0/3) > 0.15 { // one.js of three
		t.Errorf("one of three assets in common gives %v; want about 0.33", got)
	}
}

func TestLikeIsTheShareInCommon(t *testing.T) {
	page := func(from, to int) *web.Sight {
		var b strings.Builder
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "<div class=%c%c></div>", 'a'+i%26, 'a'+i/26)
		}
		return sight(b.String())
	}
	for _, common := range []int{0, 50, 100, 150, 200} {
		want := float64(common) / float64(400-common)
		if got := like(page(0, 200), page(200-common, 400-common)); math.Abs(got-want) > 0.13 { // three deviations of 128 numbers
			t.Errorf("%d of 200 paths in common are alike %v; want about %.2f", common, got, want)
		}
	}
}

func TestPagesOfATemplateAreAlikeAndOthersAreNot(t *testing.T) {
	s := site{rand.New(rand.NewPCG(1, 1))}
	var least, most float64 = 1, 0
	for range 15 {
		for a := range 3 {
			least = min(least, like(s.page(a), s.page(a)))
			most = max(most, like(s.page(a), s.page((a+1)%3)))
		}
	}
	t.Logf("pages of one template are alike %.2f at least, of two templates %.2f at most", least, most)
	if least < template.Alike || most >= template.Alike {
		t.Errorf("the border is %v; want it between %v and %v", template.Alike, most, least)
	}
}

func TestGroupsAreTheTemplatesWhateverTheOrder(t *testing.T) {
	s := site{rand.New(rand.NewPCG(2, 2))}
	var pages []template.Page
	var kinds []int
	for i := range 150 {
		kinds = append(kinds, i%7%3)
		pages = append(pages, template.Page{URL: fmt.Sprintf("https://e.org/%d", i), Print: template.Of(s.page(kinds[i]))})
	}
	var groups template.Groups
	of := groups.Group(pages)
	if len(groups.Leaders) != 3 {
		t.Fatalf("three templates make %d groups", len(groups.Leaders))
	}
	for i := range pages {
		if first := slices.Index(kinds, kinds[i]); of[i] != of[first] {
			t.Errorf("page %d of kind %d is in group %d; want %d", i, kinds[i], of[i], of[first])
		}
	}
	order := s.r.Perm(len(pages))
	shuffled := make([]template.Page, len(pages))
	for i, j := range order {
		shuffled[i] = pages[j]
	}
	var again template.Groups
	for i, group := range again.Group(shuffled) {
		if group != of[order[i]] {
			t.Fatalf("in another order page %d is in group %d; it was in %d", order[i], group, of[order[i]])
		}
	}
	kept := template.Groups{Leaders: slices.Clone(groups.Leaders)} // after a restart
	if group := kept.Join(&pages[5].Print); group != of[5] || len(kept.Leaders) != 3 {
		t.Errorf("after a restart page 5 is in group %d of %d; it was in %d of 3", group, len(kept.Leaders), of[5])
	}
}

func TestGroupsAreBoundedWhereAllPagesDiffer(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	pages := make([]template.Page, 5_000)
	for i := range pages {
		p := template.Of(sight(""))
		p[4] = 1 // of a shape
		for k := 8; k < 8+256; k++ {
			p[k] = byte(r.IntN(2)) // four values a number: alike 0.25
		}
		pages[i] = template.Page{URL: fmt.Sprint(i), Print: p}
	}
	var g template.Groups
	start := time.Now()
	of := g.Group(pages)
	t.Logf("grouping took %v", time.Since(start))
	others := 0
	for _, group := range of {
		if group == template.Other {
			others++
		}
	}
	if len(g.Leaders) != template.MaxGroups || others < 4_000 {
		t.Errorf("%d groups and %d pages in none; want %d groups, and most in none", len(g.Leaders), others, template.MaxGroups)
	}
}

func TestAPageThatWasNotSeenIsLikeItselfOnly(t *testing.T) {
	var unseen, other template.Print
	empty, seen := template.Of(sight("")), template.Of(sight("<div>"))
	if unseen.Like(&other) != 1 || unseen.Like(&empty) != 0 || empty.Like(&seen) != 0 || empty.Like(&empty) != 1 {
		t.Errorf("not seen %v, not seen and empty %v, empty and not %v, empty %v; want 1, 0, 0, 1", unseen.Like(&other), unseen.Like(&empty), empty.Like(&seen), empty.Like(&empty))
	}
}

func TestAPrintThatIsNoneIsRefused(t *testing.T) {
	good := template.Of(sight("<div>"))
	if p, err := template.ParsePrint(good[:]); err != nil || p != good {
		t.Errorf("a print that was kept: %v", err)
	}
	if p, err := template.ParsePrint(make([]byte, len(good))); err != nil || p != (template.Print{}) {
		t.Errorf("a print of a page that was not seen: %v", err)
	}
	newer, odd, unseen := good, good, good
	newer[0], odd[4], unseen[0] = 9, 7, 0
	for _, b := range [][]byte{nil, good[1:], newer[:], odd[:], unseen[:]} {
		if _, err := template.ParsePrint(b); err == nil || !strings.Contains(err.Error(), "look at the page again") {
			t.Errorf("%d bytes that are no print: %v", len(b), err)
		}
	}
}

// The bytes of a print are kept: what changes them needs another version.
func TestAPrintIsTheSameOnEveryComputerAndNextYear(t *testing.T) {
	p := template.Of(sight(`<body><div class=x><p>y`, file(web.Script, "https://e.org/a.js")))
	if got, want := fmt.Sprintf("%x…%x", p[:16], p[len(p)-8:]), "0100000001010000b9b03d5637e488c3…7ee33a683cebd5f8"; got != want {
		t.Errorf("the print is %s; want %s", got, want)
	}
	if len(p) > 512 {
		t.Errorf("a print has %d bytes", len(p))
	}
}

func TestAHostilePageIsReadInTime(t *testing.T) {
	const mega = 1 << 17
	for name, page := range map[string]string{
		"deep":       strings.Repeat("<div>", mega),
		"ends":       strings.Repeat("<div>", 100) + strings.Repeat("</p>", mega),
		"templates":  strings.Repeat("<template>", mega) + strings.Repeat("</svg>", mega),
		"attributes": "<p " + strings.Repeat("a=b ", mega),
		"classes":    strings.Repeat("<p class='"+strings.Repeat("x ", 1000)+"'>", 500),
		"paragraphs": strings.Repeat("<p><li>", mega),
		"comments":   strings.Repeat("<!--", mega),
		"scripts":    "<script>" + strings.Repeat("<!--<script>", mega),
	} {
		start := time.Now()
		template.Of(sight(page))
		took := time.Since(start)
		t.Logf("%s: %v", name, took)
		if took > 5*time.Second {
			t.Errorf("a page of %s took %v", name, took)
		}
	}
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "<x%c%c%c%c class=y%x>", 'a'+i%7, 'a'+i/7%26, 'a'+i/182%26, 'a'+i/4732%26, i)
	}
	start := time.Now()
	template.Of(sight(b.String()))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a page of different tags took %v", took)
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte(`<html><body class="a b"><ul><li>x<li>y</ul><svg><g/></svg><template><p></template>`), "https://e.org/a.css?x")
	f.Add([]byte(`</p></p><br/><svg/><p`), "::")
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, page []byte, address string) {
		s := sight(string(page), file(web.Script, address), file(web.Image, address), file(web.Frame, address))
		p := template.Of(s)
		if read, err := template.ParsePrint(p[:]); err != nil || read != p || p != template.Of(s) {
			t.Errorf("the print of %q is not read again: %v", page, err)
		}
		other := template.Of(sight(string(page[:len(page)/2])))
		if a, b := p.Like(&other), other.Like(&p); a != b || a < 0 || a > 1 || p.Like(&p) != 1 {
			t.Errorf("%q is alike %v and %v, and %v itself", page, a, b, p.Like(&p))
		}
	})
}

func FuzzParsePrint(f *testing.F) {
	p := template.Of(sight("<div>"))
	f.Add(p[:])
	f.Add(make([]byte, len(p)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := template.ParsePrint(b)
		if err == nil && (string(p[:]) != string(b) || p.Like(&p) != 1) {
			t.Errorf("%x is read as %x", b, p)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	v := site{rand.New(rand.NewPCG(1, 1))}.page(2)
	b.SetBytes(int64(len(v.HTML)))
	for b.Loop() {
		template.Of(v)
	}
}
