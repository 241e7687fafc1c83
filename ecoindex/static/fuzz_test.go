package static

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzDiscover gives any page and any style sheet to all that looks into them. Nothing may panic or last, and nothing that
// is not a web address may come out.
func FuzzDiscover(f *testing.F) {
	f.Add(`<img srcset="a 1x, b 2x" style="background:url(c)"><style>p{background:url(d)}</style>`, `a:hover, b > c::before { background: url("x.png") }`)
	f.Add(`<svg><use xlink:href=a></svg><template shadowrootmode=open><p></template><iframe srcdoc="<p>">`, `@import "a"; .p{&:hover{--x:url(y)}@media print{q{}}}`)
	f.Add(`<base href="//[::1"><link rel="stylesheet icon" href="%zz?é#"><picture><source srcset=a><img></picture>`, `@font-face{font-family:X;src:url(a);unicode-range:U+4??,U+-}`)
	f.Add(`<script src="\\x\y"></script><body background=" javascript:x"><meta http-equiv=refresh content=url>`, `}}}{{{@media{@font-face{a{b:c(d(e`)
	f.Fuzz(func(t *testing.T, page, style string) {
		base := &url.URL{Scheme: "http", Host: "site.example", Path: "/"}
		v := &visit{options: Options{}.withDefaults(), page: base, seen: map[string]bool{}, steps: maxSteps, copies: maxCopies}
		doc, err := parseHTML(t.Context(), []byte(page), "text/html", &v.copies)
		if err != nil {
			return // nested too deep, or in too much disorder
		}
		v.open(t.Context(), doc, baseOf(doc, base), 0)
		if len(v.frames) == 0 {
			t.Fatal("the page was not opened")
		}
		v.apply(v.frames[0], readSheet(t.Context(), []byte(style), base), false)
		for _, fr := range v.frames {
			v.paint(t.Context(), fr)
		}
		for _, ref := range v.pending {
			again, err := url.Parse(ref.url.String())
			if err != nil || (again.Scheme != "http" && again.Scheme != "https") || again.Host == "" || again.Fragment != "" {
				t.Errorf("%q came out (%v)", ref.url, err)
			}
		}
		if n, _ := countElements(doc); n < 2 { // html, head, and body or frameset
			t.Errorf("%d elements in %q", n, page)
		}
	})
}

// FuzzSrcset wants the choice to be one of the addresses that were offered.
func FuzzSrcset(f *testing.F) {
	f.Add("a 1x, b 2x", "100vw", "c")
	f.Add("a 400w, b 800w,", "(max-width:600px) calc(100vw - 2*(3px)), 50vw", "")
	f.Add(" ,, data:x,y 0.5x,\tb 1e9x 3h", "min(1px,clamp(1px,2px,3px))", "")
	f.Fuzz(func(t *testing.T, srcset, sizes, src string) {
		got := choose(srcset, sizes, src)
		if got != src && !strings.Contains(srcset, got) {
			t.Errorf("choose(%q, %q, %q) = %q, which was not offered", srcset, sizes, src, got)
		}
	})
}
