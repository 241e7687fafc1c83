package static_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

func TestElementsAreCountedAsTheReferenceDoes(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       int // with html, head and body
	}{
		{"an empty page has html, head and body", ``, 3},
		{"each element counts", `<div><p>one<p>two</div>`, 6},
		{"an svg counts, what is inside does not", `<svg><g><path/><path/></g></svg>`, 4},
		{"an svg inside an svg does not", `<svg><g><svg><path/></svg></g></svg><p>`, 5},
		{"nor does html inside an svg", `<svg><foreignObject><div><p>x</p></div></foreignObject></svg>`, 4},
		{"comments are no elements", `<!-- a --><p><!-- b --></p>`, 4},
		{"a template counts, its content does not", `<template><div><p>x</p></div></template>`, 4},
		{"a template inside a template neither", `<template><template><p></template><b></b></template>`, 4},
		{"noscript is text where scripts run", `<noscript><img src=x><p>no</p></noscript>`, 4},
		{"an inner document is not counted", `<iframe srcdoc="<p>a<p>b"></iframe>`, 4},
		{"the content of an open shadow root is", `<div><template shadowrootmode=OPEN><p>x</p></template></div>`, 5},
		{"that of a closed one is not", `<div><template shadowrootmode=closed><p>x<span><template shadowrootmode=open><p>y</template></span></template></div>`, 4},
		{"nor of a second one", `<div><template shadowrootmode=open><p></template><template shadowrootmode=open><p></template></div>`, 6},
		{"nor of one that cannot be", `<ul><template shadowrootmode=open><li></template></ul><x-y><template shadowrootmode=""><p></template></x-y>`, 7},
		{"an svg in a shadow root counts as a whole", `<div><template shadowrootmode=open><svg><g/></svg></template></div>`, 6},
		{"the parser adds what HTML implies", `<table><tr><td>x</table>`, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if page := measure(t, site{"/": html(tt.body)}); page.DOM != tt.want {
				t.Errorf("%s has %d elements; want %d", tt.body, page.DOM, tt.want)
			}
		})
	}
}

func TestTheLargestPartsOfADocumentAreNamed(t *testing.T) {
	page := measure(t, site{"/": html(`<div id=menu>` + strings.Repeat("<li>a</li>", 20) + `</div><main class="wide  open more">` +
		strings.Repeat("<b>a</b>", 30) + `</main><svg>` + strings.Repeat("<g></g>", 90) + `</svg><div id=list><template shadowrootmode=open><svg>` +
		strings.Repeat("<g></g>", 50) + `</svg></template></div>`)})
	want := []web.Part{{Path: "#list > svg", Elements: 51}, {Path: "main.wide.open", Elements: 31}, {Path: "#menu", Elements: 21}}
	if !slices.Equal(page.Parts, want) {
		t.Errorf("the parts are %v; want %v", page.Parts, want)
	}
}

func TestEachResourceIsOneRequest(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"an image used twice is fetched once", `<img src=/a.png><img src="a.png#top">`, "a.png"},
		{"addresses inside the page cost nothing", `<img src="data:image/png;base64,AAAA"><a href="javascript:x()"></a><iframe src="about:blank"></iframe><img src="blob:x">`, ""},
		{"links are not followed", `<a href=/other>x</a><form action=/send></form>`, ""},
		{"icons are not counted", `<link rel="shortcut icon" href=/favicon.ico><link rel=icon href=/i.png>`, ""},
		{"a missing image is a request", `<img src=/missing.png>`, "missing.png"},
		{"images that wait for the scroll count", `<img loading=lazy src=/far.png><iframe loading=lazy src=/far.html></iframe>`, "far.html far.png"},
		{"scripts are downloaded, data and old copies are not", `<script src=/a.js></script><script type=module src=/m.js></script><script nomodule src=/old.js></script><script type=text/template src=/t.js></script>`, "a.js m.js"},
		{"what is no type of JavaScript to a browser is data", `<script type=javascript src=/a.js></script><script type="text/javascript; charset=utf-8" src=/b.js></script><script language=vbscript src=/c.js></script>
			<script type=" Text/JavaScript1.5 " src=/d.js></script><script language=JavaScript src=/e.js></script><script type="" language=vbscript src=/f.js></script><script type=text/x-javascript src=/g.js></script>`, "d.js e.js f.js g.js"},
		{"what only shows without scripts is not fetched", `<noscript><img src=/n.png></noscript><template><img src=/t.png></template>`, ""},
		{"the base address is honoured", `<base href=/deep/><img src=a.png>`, "deep/a.png"},
		{"windows writing is understood", `<img src="img\a b.png"><img src="/q?x=é y">`, "img/a%20b.png q?x=%C3%A9%20y"},
		{"a video counts, and its poster; one with preload=none does not", `<video src=/v poster=/p.png></video><video preload=none src=/w></video>`, "p.png v"},
		{"the first source that can be read is taken", `<audio><source src=/a type=audio/x-unknown><source src=/b type="audio/mpeg"><source src=/c></audio>`, "b"},
		{
			"of a picture, the first source that fits",
			`<picture><source media=print srcset=/p.png><source type=image/unknown srcset=/u><source type=image/webp srcset="/w1.webp, /w2.webp 2x"><source srcset=/x><img src=/f.png></picture><picture><img src=/g.png></picture>`,
			"g.png w1.webp",
		},
		{"old and rare elements", `<body background=/bg.png><object data=/o></object><embed src=/e><input type=image src=/i.png><input src=/no><svg><image href=/s.png /><use xlink:href="/u.svg#x"/><use href="#local"/></svg>`, "bg.png e i.png o s.png u.svg"},
		{
			"links that a browser fetches",
			`<link rel=preload as=font href=/f><link rel=preload as=video href=/no><link rel=modulepreload href=/m.js><link rel=prefetch href=/p><link rel=dns-prefetch href=//x.example><link rel=canonical href=/c><link rel=alternate href=/rss>`,
			"f m.js p",
		},
		{"a page that frames itself ends", `<iframe src=/></iframe>`, ""},
		{
			"what a browser cannot show is not fetched, nor what is hidden and waits",
			`<object data=/a.pdf></object><embed src=/b type="application/x-shockwave-flash"><object data=/c type=text/html></object><object data=/d type=image/unknown></object>
			<div style="color:red; display : none!important"><img src=/i.png><img loading=lazy src=/l.png><object data=/o></object><p style="background:url(/bg.png)"></div>
			<details><summary style="background:url(/s.png)"></summary><p style="background:url(/t.png)"></details>`,
			"c i.png s.png",
		},
		{"a style element in an svg has its own text only", `<svg><style>path{background:url(/a.png)}<style>g{background:url(/b.png)}</style></style><path/><g/></svg>`, "a.png b.png"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := measure(t, site{"/": html(tt.page)})
			if got := strings.Join(paths(page), " "); got != tt.want || page.Requests != len(page.Resources) {
				t.Errorf("asked for %q in %d requests; want %q", got, page.Requests, tt.want)
			}
		})
	}
}

func TestStyleSheetsBringTheirImagesAndFonts(t *testing.T) {
	page := measure(t, site{
		"/": html(`<link rel=stylesheet href=/css/a.css><link rel=stylesheet media=print href=/css/print.css>
			<link rel=stylesheet href=/css/gone.css><p class=used style="background:url(inline.png)">text</p>
			<style>@import url("/css/c.css"); .used::before{content:url(/before.png)}</style>`),
		"/css/a.css": body("text/css", `@import "b.css";
			@font-face{font-family:"My Font";src:url(f.eot) format("embedded-opentype"),url(f.woff2) format("woff2"),url(f.woff)}
			@font-face{font-family:"My Font";src:url(cyrillic.woff2);unicode-range:U+0400-04FF}
			@font-face{font-family:Unused;src:url(unused.woff2)}
			body{font:italic 1em/2 "My Font",serif}
			.used{background:url(used.png)} .unused{background:url(unused.png)} a:hover{background:url(hover.png)}
			@media print{.used{background:url(print.png)}} @media (min-width:600px){.used{background:url(wide.png)}}
			:root{--logo:url(logo.svg);--idle:url(idle.svg)} p{mask-image:var(--logo)}`),
		"/css/b.css":     body("text/css", `p{background:url(../b.png)}`),
		"/css/c.css":     body("text/css; charset=utf-8", `p{background:image-set(url(c1.png) 1x, url(c2.png) 2x)}`),
		"/css/print.css": body("text/css", `p{background:url(onpaper.png)}`),
	})
	want := []string{
		"b.png", "before.png", "css/a.css", "css/b.css", "css/c.css", "css/c1.png", "css/f.woff2", "css/gone.css", "css/logo.svg",
		"css/print.css", "css/used.png", "css/wide.png", "inline.png",
	}
	if got := paths(page); !slices.Equal(got, want) {
		t.Errorf("asked for %q; want %q", got, want)
	}
}

func TestInnerDocumentsBringTheirOwnResources(t *testing.T) {
	inner := html(`<link rel=stylesheet href=i.css><img src=i.png>`)
	page := measure(t, site{
		"/":         html(`<iframe src=/in/></iframe><iframe srcdoc="<img src=/doc.png>"></iframe><style>p{background:url(/no.png)}</style>`),
		"/in/":      inner,
		"/in/i.css": body("text/css", `img{background:url(bg.png)}`),
	})
	if got, want := strings.Join(paths(page), " "), "doc.png in/ in/bg.png in/i.css in/i.png"; got != want {
		t.Errorf("asked for %q; want %q", got, want)
	}
}

func TestInnerDocumentsAreFollowedToALimit(t *testing.T) {
	s := site{"/": html(`<iframe src=/x></iframe>`)}
	path := "/x"
	for range 8 {
		s[path] = html(`<iframe src=` + path + `x></iframe>`)
		path += "x"
	}
	page := measure(t, s)
	if page.Requests != 5 || len(page.Notes) != 2 {
		t.Errorf("%d requests and notes %q; want the page, three inner documents, the address in the third, and a note", page.Requests, page.Notes)
	}
}

func TestEachRedirectIsARequest(t *testing.T) {
	page := measure(t, site{
		"/":         redirect("/one"),
		"/one":      redirect("/two/"),
		"/two/":     html(`<img src=moved.png><link rel=stylesheet href=/old.css>`),
		"/old.css":  redirect("/css/new.css"),
		"/css/":     http.NotFound,
		"/two/x":    http.NotFound,
		"/css/none": http.NotFound,
		"/css/new.css": body("text/css",
			`img{background:url(bg.png)}`),
	})
	if got, want := strings.Join(paths(page), " "), "css/bg.png css/new.css old.css one two/ two/moved.png"; got != want {
		t.Errorf("asked for %q; want %q", got, want)
	}
	if !strings.HasSuffix(page.URL, "/two/") || page.Resources[0].Status != http.StatusFound {
		t.Errorf("the page is at %s and its first response is %d; want /two/ and 302", page.URL, page.Resources[0].Status)
	}
}

func TestCookiesLastForOneVisit(t *testing.T) {
	visits := 0
	s := site{"/": func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("seen"); err != nil {
			visits++
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		html("welcome")(w, r)
	}}
	url, m := serve(t, s).URL, measurer(t, static.Options{})
	for range 2 {
		if page, err := m.Measure(t.Context(), url); err != nil || page.Requests != 2 {
			t.Errorf("%d requests, %v; want the redirect that sets the cookie, and the page", page.Requests, err)
		}
	}
	if visits != 2 {
		t.Errorf("the server saw %d first visits; want 2", visits)
	}
}

// encoded answers a text compressed, with its length.
func encoded(t *testing.T, contentType, encoding, text string) http.HandlerFunc {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	_, err := io.WriteString(w, text)
	if closed := w.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), encoding) {
			t.Errorf("Accept-Encoding is %q; want %s in it", r.Header.Get("Accept-Encoding"), encoding)
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Encoding", encoding)
		w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
		_, _ = w.Write(b.Bytes())
	}
}

func TestEveryByteTransferredIsCounted(t *testing.T) {
	filler := strings.Repeat("<p>the same words again and again</p>", 2000)
	url, written := serveMetered(t, site{
		"/":      encoded(t, "text/html", "gzip", `<link rel=stylesheet href=a.css><iframe src=/frame></iframe><img src=/missing><img src=/moved>`+filler),
		"/a.css": encoded(t, "text/css", "br", `iframe{background:url(bg.png)}`),
		"/frame": encoded(t, "text/html", "zstd", `<img src=/i.png>`+filler),
		"/i.png": body("image/png", strings.Repeat("x", 5000)),
		"/moved": redirect("/i2.png"),
		"/i2.png": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Twice"] = []string{"one", "two"}
			body("image/png", "xyz")(w, nil)
		},
		"/bg.png": body("image/png", ""),
	})
	page, err := measurer(t, static.Options{}).Measure(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	var counted int64
	for _, r := range page.Resources {
		counted += r.Bytes
	}
	if counted != written.Load() || page.SizeKB != float64(counted)/1000 || page.Requests != 8 {
		t.Errorf("%d requests of %d bytes, %v kB; the server wrote %d", page.Requests, counted, page.SizeKB, written.Load())
	}
}

func TestOfAChunkedBodyTheFramingIsNotCounted(t *testing.T) {
	url, written := serveMetered(t, site{"/": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>ab")
		_ = http.NewResponseController(w).Flush()
	}})
	page, err := measurer(t, static.Options{}).Measure(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	framing := int64(len("5\r\n") + len("\r\n") + len("0\r\n\r\n"))
	if got := written.Load() - page.Resources[0].Bytes; got != framing {
		t.Errorf("%d bytes were not counted; want the %d of the framing", got, framing)
	}
}

func TestAResourceWithoutAnswerIsARequestOfNoByte(t *testing.T) {
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	}
	page := measure(t, site{"/": html(`<img src=/gone.png>`), "/gone.png": hangUp})
	failed := page.Resources[1]
	if page.Requests != 2 || failed.Status != 0 || failed.Bytes != 0 || failed.Problem == "" {
		t.Errorf("%d requests, the second %+v; want 2, without status, bytes, and with a problem", page.Requests, failed)
	}
	if len(page.Notes) != 2 || !strings.Contains(page.Notes[1], "gone.png") {
		t.Errorf("notes are %q; want one that names gone.png", page.Notes)
	}
}

func TestTheResultSaysThatNoScriptWasRun(t *testing.T) {
	page := measure(t, site{"/": html(`<meta http-equiv=refresh content="7;url=/next">`)})
	if len(page.Notes) != 2 || !strings.Contains(page.Notes[0], "scripts were not run") || !strings.Contains(page.Notes[1], "/next") {
		t.Errorf("notes are %q; want one on scripts and one on the refresh", page.Notes)
	}
}

func TestAVideoIsReadInPart(t *testing.T) {
	film := make([]byte, 2<<20)
	film[0] = 1
	page := measure(t, site{"/": html(`<video src=/v></video>`), "/v": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		_, _ = w.Write(film)
	}})
	if got := page.Resources[1].Bytes; got < 256<<10 || got > 257<<10 {
		t.Errorf("%d bytes counted; want 256 KiB and the headers", got)
	}
	if len(page.Notes) != 2 || !strings.Contains(page.Notes[1], "audio or video") {
		t.Errorf("notes are %q; want one on the video", page.Notes)
	}
}

func TestResultsAreTheSameEachTime(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		b.WriteString("<img src=/" + strconv.Itoa(i) + ".png>")
	}
	url, m := serve(t, site{"/": html(b.String())}).URL, measurer(t, static.Options{})
	first, err := m.Measure(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := m.Measure(t.Context(), url)
		if err != nil || !slices.Equal(first.Resources, again.Resources) {
			t.Fatalf("another measure gives other resources (%v)", err)
		}
	}
}
