package practice

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// pageCase is a page, and what a check finds on it.
type pageCase struct {
	name     string
	html     string
	more     []web.Exchange
	status   Status
	measured float64
	first    string // the URL or the place of the first offender
	detail   string // its detail
	saves    Saving
}

// runCases runs a check on pages.
func runCases(t *testing.T, c Check, cases []pageCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			f := finds(t, c, seen(tt.html, tt.more...))
			if f.Status != tt.status || math.Abs(f.Measured-tt.measured) > 1e-9 || f.Saves != tt.saves {
				t.Fatalf("%s found %+v; want %s, %v, %+v", c.ID, f, tt.status, tt.measured, tt.saves)
			}
			first := Offender{}
			if len(f.Offenders) > 0 {
				first = f.Offenders[0]
			}
			if got := first.URL + first.Where; got != tt.first || first.Detail != tt.detail {
				t.Errorf("%s first names %q, %q; want %q, %q", c.ID, got, first.Detail, tt.first, tt.detail)
			}
		})
	}
}

// sized is an answer of a kind that took so many bytes.
func sized(kind web.Kind, url, media string, bytes int64) web.Exchange {
	e := sent(url, media, "x")
	e.Kind, e.Bytes = kind, bytes
	return e
}

const site = "https://www.example.org/"

func TestPrintStylesAreFoundWhereverTheyAre(t *testing.T) {
	missing := func(html string, more ...web.Exchange) pageCase {
		return pageCase{name: "missing " + html, html: html, more: more, status: Failed, measured: 1, first: "head", detail: "@media print"}
	}
	there := func(html string, more ...web.Exchange) pageCase {
		return pageCase{name: "there " + html, html: html, more: more, status: Passed}
	}
	style := func(text string) web.Exchange { return sent(site+"s.css", "text/css", text) }
	cut := style("p{}")
	cut.Decoded = 99
	runCases(t, printStylesheet(), []pageCase{
		{name: "no styles at all", html: "<p>text", status: Nothing},
		there(`<link rel=stylesheet media="screen, PRINT" href=s.css>`),
		there(`<style media="print">p{}</style>`),
		there(`<style>p{} @media screen, print and (color) {p{}}</style>`),
		there(`<style>@import url("p.css") print;</style>`),
		there(`<link rel="alternate stylesheet" href=s.css>`, style(`@media/**/print{}`)),
		missing(`<style>p{}</style>`),
		missing(`<style>@media not print {p{}}</style>`),
		missing(`<style>/* @media print{} */ p::after{content:"@media print"} @import "print.css"; .print{}</style>`),
		missing(`<link rel=stylesheet media="not print">`),
		missing(`<link rel=stylesheet href=/s.css>`, style(`@media screen{} print{}`)),
		missing(`<template><style media=print>p{}</style></template><style>p{}</style>`),
		{name: "a sheet that was not fetched", html: `<link rel=stylesheet href=/other.css>`, more: []web.Exchange{style("p{}")}, status: Nothing},
		{name: "a sheet of which the end is not known", html: `<style>p{}</style>`, more: []web.Exchange{cut}, status: Nothing},
	})
}

func TestInlineCodeIsStylesAndScriptsButNoData(t *testing.T) {
	data := `<script type="application/ld+json">{}</script><script type=importmap>{}</script><script type=speculationrules>{}</script>
		<script type="text/template"><b></b></script><script src=a.js>x</script><script> </script><style></style>
		<svg><style>p{}</style></svg><template><script>x()</script></template>`
	runCases(t, inlineCode(), []pageCase{
		{name: "data only", html: data, status: Passed},
		{name: "two", html: data + `<style>p{}</style><script>x()</script>`, status: Passed, measured: 2},
		{name: "three", html: `<style>p{}</style><script type=module>x()</script><body><div id=a><script>a_long_one()</script></div>`, status: Failed, measured: 3, first: "#a > script", detail: "script, 0.0 kB"},
	})
}

func TestCarouselsAreCountedNotTheirLibraries(t *testing.T) {
	runCases(t, carousels(), []pageCase{
		{name: "none", html: `<div class="carousel-like swipers">`, status: Passed},
		{name: "libraries alone are one", html: `<script src="/js/swiper-bundle.min.js"></script><link rel=stylesheet href=slick.css>`, status: Passed, measured: 1},
		{name: "one by its role, whatever is inside", html: `<section aria-roledescription="Carousel"><div class=swiper></div></section><script src=swiper.js></script>`, status: Passed, measured: 1},
		{name: "Bootstrap", html: `<div id=a class="carousel slide"></div><div class=carousel><div class=carousel-inner></div></div><div class=carousel></div>`, status: Failed, measured: 2, first: "#a", detail: "carousel"},
		{name: "in a template is none", html: `<template><div class=swiper></div></template><owl-carousel-o></owl-carousel-o>`, status: Passed, measured: 1},
	})
	for address, want := range map[string]string{site + "swiper-bundle.min.js?v=1": "swiper", site + "jquery.bxslider.css": "bxslider", site + "swiperight.js": "", site + "owl.png": "", site + "glidescope-x.js": ""} {
		if got := carouselLibrary(address); got != want {
			t.Errorf("%s is of %q; want %q", address, got, want)
		}
	}
}

func TestEmbeddedDocumentsAreCountedOnce(t *testing.T) {
	pdf := sized(web.Frame, site+"a/d.pdf", "application/pdf", 5000)
	runCases(t, embeddedDocuments(), []pageCase{
		{name: "none", html: `<iframe src=p.html></iframe><object data=i.svg type=image/svg+xml></object><a href=d.pdf>`, status: Passed},
		{name: "an object and the embed inside it", html: `<object data=d.pdf><embed src=d.pdf></object><iframe src="d.pdf#page=2">`, more: []web.Exchange{pdf}, status: Failed, measured: 1, first: pdf.URL, detail: "object", saves: Saving{Bytes: 5000, Requests: 1}},
		{name: "by its answer", html: `<iframe src=show?id=1>`, more: []web.Exchange{sized(web.Frame, site+"a/show?id=1", "application/pdf", 700)}, status: Failed, measured: 1, first: site + "a/show?id=1", detail: "iframe", saves: Saving{Bytes: 700, Requests: 1}},
		{name: "a page with the name of a document", html: `<iframe src=d.pdf>`, more: []web.Exchange{sized(web.Frame, site+"a/d.pdf", "text/html", 700)}, status: Passed},
		{name: "by its type, without an address", html: `<embed type=application/pdf>`, status: Failed, measured: 1, first: "embed", detail: "embed"},
	})
}

func TestCanvasesAreCounted(t *testing.T) {
	runCases(t, canvases(), []pageCase{
		{name: "none", html: `<template><canvas></canvas></template>`, status: Passed},
		{name: "two", html: `<div class="plot wide high"><canvas></canvas></div><canvas>`, status: Failed, measured: 2, first: "div.plot.wide > canvas"},
	})
}

func TestSocialButtonsAreCountedByNetwork(t *testing.T) {
	runCases(t, socialButtons(), []pageCase{
		{name: "links and measures are none", html: `<a href="https://www.facebook.com/sharer.php"></a><script src="https://connect.facebook.net/en_US/fbevents.js"></script><script src="https://notplatform.twitter.com/w.js"></script>`, status: Passed},
		{
			name: "two networks", html: `<script src="//platform.twitter.com/widgets.js"></script><iframe src="https://www.facebook.com/plugins/like.php?x=1"></iframe>`,
			more:   []web.Exchange{sized(web.Script, "https://platform.twitter.com/widgets.js", "text/javascript", 300), sized(web.Script, "https://platform.twitter.com/more.js", "text/javascript", 400)},
			status: Failed, measured: 2, first: "https://platform.twitter.com/widgets.js", detail: "x", saves: Saving{Bytes: 700, Requests: 2},
		},
	})
}

func TestAnalyticsToolsAreCountedNotTheirFiles(t *testing.T) {
	gtag := sized(web.Script, "https://www.googletagmanager.com/gtag/js?id=G-1", "text/javascript", 900)
	matomo := sized(web.Script, site+"stats/matomo.js", "text/javascript", 400)
	runCases(t, analytics(), []pageCase{
		{name: "one of three files", html: "", more: []web.Exchange{gtag, sized(web.Fetch, "https://region1.google-analytics.com/g/collect?v=2", "text/plain", 10)}, status: Passed, measured: 1},
		{name: "a tag manager is none", html: `<script src="https://www.googletagmanager.com/gtm.js?id=1"></script>`, status: Passed},
		{name: "two, of which the lightest is saved", html: "", more: []web.Exchange{gtag, matomo}, status: Failed, measured: 2, first: gtag.URL, detail: "google-analytics", saves: Saving{Bytes: 400, Requests: 1}},
		{name: "by scripts in the page", html: `<script>var _paq=window._paq||[];_paq.push(["x"]); u="https://static.hotjar.com/c/"</script>`, status: Failed, measured: 2, first: "head > script", detail: "matomo"},
		{name: "a comment loads nothing", html: `<script>/* _paq.push(1) */ // https://static.hotjar.com/c/</script>`, status: Passed},
	})
}

func TestMediaThatNobodyAskedForAreCounted(t *testing.T) {
	video := sized(web.Media, site+"a/v.mp4", "video/mp4", 5000)
	runCases(t, mediaAutoplay(), []pageCase{
		{name: "no media", html: `<iframe src="https://example.net/v?autoplay=0"></iframe><video></video>`, status: Nothing},
		{name: "well behaved", html: `<video src=v.mp4 preload=NONE></video><audio preload=none><source src=a.ogg></audio>`, status: Passed},
		{name: "by default", html: `<video><source src=v.mp4></video><video src=v.mp4 preload=none>`, more: []web.Exchange{video}, status: Failed, measured: 1, first: "video", detail: "video, preload=", saves: Saving{Bytes: 5000, Requests: 1}},
		{name: "played", html: `<video src=v.mp4 preload=none autoplay></video><video autoplay src=v.mp4>`, more: []web.Exchange{video}, status: Failed, measured: 2, first: "video", detail: "video, autoplay", saves: Saving{Bytes: 5000, Requests: 1}},
		{name: "a frame", html: `<iframe src="https://example.net/v?autoplay=1"></iframe>`, status: Failed, measured: 1, first: "https://example.net/v?autoplay=1", detail: "autoplay=1"},
	})
}

func TestMediaWithoutTextAreAShareOfAll(t *testing.T) {
	good := `<video><track kind=captions></video><audio><track></audio><figure><div><video></video></div><figcaption><a href=t.html>Lire la <b>Transcription</b></a></figcaption></figure><video aria-hidden=true></video>`
	runCases(t, mediaTracks(), []pageCase{
		{name: "none", html: "<p>", status: Nothing},
		{name: "a track without a kind", html: `<audio><track src=t.vtt></audio>`, status: Passed},
		{name: "all", html: "<main>" + good + "</main>", status: Passed},
		{name: "one of four", html: `<main id=m>` + good + `<section><div><div><div><video><track kind=chapters></video></div></div></div></section></main>`, status: Failed, measured: 25, first: "div > div > div > video", detail: "video"},
	})
}

func TestOnlyDeadPluginsAreCounted(t *testing.T) {
	runCases(t, plugins(), []pageCase{
		{name: "living ones", html: `<object data=i.svg type=image/svg+xml></object><embed src=d.pdf type=application/pdf>`, status: Passed},
		{name: "one twice", html: `<object classid="clsid:D27CDB6E-AE6D-11cf-96B8-444553540000"><embed src=f.swf></object><applet code=A archive=a.jar></applet>`, status: Failed, measured: 2, first: "object", detail: "flash"},
		{name: "one that was loaded", html: `<embed src=f.swf>`, more: []web.Exchange{sized(web.Other, site+"a/f.swf", "application/x-shockwave-flash", 80)}, status: Failed, measured: 1, first: site + "a/f.swf", detail: "flash", saves: Saving{Bytes: 80, Requests: 1}},
	})
}

func TestPluginsOfACMSAreNamedByTheirFolders(t *testing.T) {
	for address, want := range map[string]string{
		site + "wp-content/plugins/forms/css/a.css?ver=1":    "forms",
		site + "blog/wp-content/mu-plugins/cache/x.js":       "cache",
		site + "wp-content/plugins/index.php":                "",
		site + "modules/contrib/webform/js/w.js":             "webform",
		site + "sites/all/modules/views/v.css":               "views",
		site + "sites/all/modules/contrib/ctools/v.css":      "ctools",
		site + "core/modules/system/css/s.css":               "",
		site + "components/com_kunena/k.js":                  "com_kunena",
		site + "components/com_content/k.js":                 "",
		site + "media/mod_slides/k.js":                       "mod_slides",
		site + "plugins/system/jce/jce.css":                  "plg_system_jce",
		site + "plugins/auto/saisies/v3/s.css":               "saisies",
		site + "wp-content/themes/plugins/a.css":             "",
		"https://www.example.org/?u=/wp-content/plugins/a/b": "",
	} {
		if got := cmsPlugin(address); got != want {
			t.Errorf("%s is of %q; want %q", address, got, want)
		}
	}
	var more []web.Exchange
	for i := range 12 {
		more = append(more, sized(web.Script, fmt.Sprintf("%swp-content/plugins/p%02d/a.js", site, i), "text/javascript", int64(100+i)))
	}
	runCases(t, cmsPlugins(), []pageCase{
		{name: "none", html: "<p>", status: Nothing},
		{name: "ten", more: more[:10], status: Passed, measured: 10},
		{name: "twelve, of which the lightest are saved", more: more, status: Failed, measured: 12, first: more[11].URL, detail: "p11", saves: Saving{Bytes: 201, Requests: 2}},
	})
}

func TestRefreshesInThePageAreCounted(t *testing.T) {
	runCases(t, metaRefresh(), []pageCase{
		{name: "none", html: `<meta http-equiv=content-type content=text/html><noscript><meta http-equiv=refresh content=0></noscript>`, status: Passed},
		{name: "one", html: `<meta http-equiv=Refresh content="0; url=/b">`, status: Failed, measured: 1, first: "head > meta", detail: "0; url=/b"},
	})
}

func TestIdsThatComeAgainAreCountedOnceEach(t *testing.T) {
	runCases(t, duplicateIDs(), []pageCase{
		{name: "no ids", html: `<p id="">`, status: Nothing},
		{name: "each its own", html: `<p id=a><p id=b><template><p id=a></template>`, status: Passed},
		{name: "two", html: `<p id=a><p id=b><p id=b><p id=a><p id=b>`, status: Failed, measured: 2, first: "#b", detail: "3"},
	})
}

func TestDepthIsCountedBelowTheBody(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("<div>", n) + "text" }
	runCases(t, domDepth(), []pageCase{
		{name: "no elements", html: "text", status: Nothing},
		{name: "at the threshold", html: deep(15), status: Passed, measured: 15},
		{name: "beyond it", html: deep(15) + "<b>", status: Failed, measured: 16, first: "div > div > div > b", detail: "16"},
		{name: "a drawing is one", html: deep(2) + "<svg>" + strings.Repeat("<g>", 30), status: Passed, measured: 2},
	})
}

func TestIframesBeyondFourFail(t *testing.T) {
	var html strings.Builder
	var more []web.Exchange
	for i := range 5 {
		e := sized(web.Frame, fmt.Sprintf("https://example.net/%d", i), "text/html", int64(100+i))
		more = append(more, e)
		fmt.Fprintf(&html, "<iframe src=%s></iframe>", e.URL)
	}
	runCases(t, iframes(), []pageCase{
		{name: "four", html: strings.Repeat("<iframe></iframe>", 4), status: Passed, measured: 4},
		{name: "five", html: html.String(), more: more, status: Failed, measured: 5, first: more[4].URL, detail: "iframe", saves: Saving{Bytes: 100, Requests: 1}},
	})
}
