package practice

import (
	"fmt"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// answered is a page whose answer has headers, "Name: value".
func answered(html string, headers ...string) *web.Sight {
	s := seen(html)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		s.Exchanges[0].Header.Add(name, value)
	}
	return s
}

func TestTheAgeOfAPageIsThatOfItsText(t *testing.T) {
	const now = "Date: Mon, 01 Jun 2026 12:00:00 GMT"
	for _, tt := range []struct {
		name, html string
		headers    []string
		status     Status
		detail     string
	}{
		{"no clock", "", []string{"Last-Modified: Mon, 01 Jun 2020 12:00:00 GMT"}, Nothing, ""},
		{"no date", "", []string{now}, Nothing, ""},
		{"no date that is one", `<meta name=last-modified content="the other day">`, []string{now, "Last-Modified: yesterday"}, Nothing, ""},
		{"a date to come", "", []string{now, "Last-Modified: Mon, 01 Jun 2027 12:00:00 GMT"}, Nothing, ""},
		{"changed last month", "", []string{now, "Last-Modified: Fri, 01 May 2026 12:00:00 GMT"}, Passed, ""},
		{"changed long ago", "", []string{now, "Last-Modified: Mon, 01 Jun 2020 12:00:00 GMT"}, Failed, "2020-06-01"},
		{"built today, but written long ago", `<meta property="article:modified_time" content="2019-03-04T10:00:00+01:00">`, []string{now, "Last-Modified: Mon, 01 Jun 2026 11:00:00 GMT"}, Failed, "2019-03-04"},
		{"written long ago, but changed since", `<meta property="article:published_time" content="2019-03-04"><meta name="DCTERMS.modified" content="2026-02-01">`, []string{now}, Passed, ""},
	} {
		f := finds(t, oldContent(), answered(tt.html, tt.headers...))
		if f.Status != tt.status || tt.detail != "" && (len(f.Offenders) != 1 || f.Offenders[0].Detail != tt.detail) {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
	f := finds(t, oldContent(), answered("", now, "Last-Modified: Sat, 01 Jun 2024 00:00:00 GMT"))
	if f.Measured < 1.99 || f.Measured > 2.01 {
		t.Errorf("two years are %v", f.Measured)
	}
	f = finds(t, oldContent(), answered("", now, "Age: 31557600", "Last-Modified: Mon, 01 Dec 2025 12:00:00 GMT"))
	if f.Status != Failed {
		t.Errorf("half a year before an answer that a cache kept for a year: %+v", f)
	}
}

func TestHTTPSIsToBeAnnouncedForAYear(t *testing.T) {
	for header, want := range map[string]Status{
		"max-age=31536000": Passed,
		`MAX-AGE="63072000" ; includeSubDomains; preload`: Passed,
		"":                                      Failed,
		"max-age=300":                           Failed,
		"max-age=0":                             Failed,
		"includeSubDomains":                     Failed,
		"max-age=31536000; max-age=31536000":    Failed,
		"max-age=-31536000":                     Failed,
		"max-age=99999999999999999999999999999": Failed,
	} {
		var headers []string
		if header != "" {
			headers = []string{"Strict-Transport-Security: " + header}
		}
		f := finds(t, hsts(), answered("", headers...))
		if f.Status != want {
			t.Errorf("%q: %+v", header, f)
		}
		for _, url := range []string{"http://www.example.org/", "https://192.0.2.1/", "https://[2001:db8::1]:8443/"} {
			s := answered("", headers...)
			s.URL, s.Exchanges[0].URL = url, url
			if f := finds(t, hsts(), s); f.Status != Nothing {
				t.Errorf("%s: %+v", url, f)
			}
		}
	}
}

func TestLinkedDocumentsAreListedOnceAndTheirSizesLookedFor(t *testing.T) {
	page := `<a href="a.pdf">Rapport</a> <a href="a.pdf#page=2">Rapport (PDF, 1,2&nbsp;Mo)</a><a href=/b.ODT?x=1>B</a> (300 Ko)
		<a href="c.zip"><span>C</span><span>ZIP – 12&#8239;kB</span></a><a href=d.html>1 Mo</a><a href="a.pdf">Encore</a><a href="mailto:a@b.doc">m</a>`
	runCases(t, linkedDocuments(), []pageCase{
		{name: "none", html: `<a href=/>`, status: Passed},
		{name: "three", html: page, status: Failed, measured: 3, first: site + "a/a.pdf", detail: "pdf"},
	})
	runCases(t, documentSize(), []pageCase{
		{name: "none", html: `<a href=/>`, status: Nothing},
		{name: "all say it", html: page, status: Passed},
		{name: "one does not", html: page + `<a href=e.pdf>5 objects, 3 moments</a>`, status: Failed, measured: 1, first: site + "a/e.pdf", detail: "pdf"},
	})
}

func TestEmptyAddressesAreCounted(t *testing.T) {
	runCases(t, emptySources(), []pageCase{
		{name: "none", html: `<img><img src=a.png><script></script><a href="">`, status: Passed},
		{name: "two", html: `<link rel=icon href=""><img src=" ">`, status: Failed, measured: 2, first: "head > link", detail: "link, href"},
	})
}

func TestAPageSaysThatItFitsTheScreen(t *testing.T) {
	missing := pageCase{status: Failed, measured: 1, first: "head", detail: "meta viewport"}
	fixed := missing
	missing.name, missing.html = "nothing", "<p>"
	fixed.name, fixed.html = "a fixed width", `<meta name=viewport content="width=1024">`
	runCases(t, metaViewport(), []pageCase{
		missing, fixed,
		{name: "its width", html: `<meta name=VIEWPORT content="Width = device-width, initial-scale=1">`, status: Passed},
	})
}

func TestHeavyHTMLNamesItsLargestParts(t *testing.T) {
	s := seen(strings.Repeat("x", 100_000))
	if f := finds(t, heavyHTML(), s); f.Status != Passed || f.Measured != 100 {
		t.Errorf("at the threshold: %v", f)
	}
	s = seen(strings.Repeat("x", 100_001))
	s.Parts = []web.Part{{Path: "#list", Elements: 700}}
	if f := finds(t, heavyHTML(), s); f.Status != Failed || f.Offenders[0] != (Offender{Where: "#list", Detail: "700"}) {
		t.Errorf("beyond it: %+v", f)
	}
	s.HTML, s.Exchanges[0].Decoded = s.HTML[:10], 200_000
	if f := finds(t, heavyHTML(), s); f.Measured != 200 {
		t.Errorf("as it was sent: %v", f.Measured)
	}
}

func TestElementsBeyondTheMedianOfTheWebWouldGainPoints(t *testing.T) {
	s := seen("<p>")
	s.DOM = medianDOM
	if f := finds(t, domSize(), s); f.Status != Passed || f.Measured != 603 {
		t.Errorf("at the median: %+v", f)
	}
	s.DOM = 1603
	s.Parts = []web.Part{{Path: "#list", Elements: 900}, {Path: "#menu", Elements: 300}}
	f := finds(t, domSize(), s)
	if f.Status != Failed || len(f.Offenders) != 2 || f.Offenders[0] != (Offender{Where: "#list", Detail: "900"}) || f.Saves != (Saving{Elements: 1000}) {
		t.Errorf("beyond it: %+v", f)
	}
	if points := gain(s.Measure(), f.Saves); points < 15 || points > 25 { // from 17.6 twentieths to 10, of which each is 2.5 points
		t.Errorf("it gains %v points", points)
	}
}

func TestDrawingsInThePageAreWeighed(t *testing.T) {
	runCases(t, heavySVG(), []pageCase{
		{name: "none", html: "<img src=a.svg>", status: Nothing},
		{name: "small", html: `<svg><path d="M0 0"/></svg>`, status: Passed, measured: 0.033},
		{name: "large", html: `<p><svg/><div id=a><svg><path d="` + strings.Repeat("1", 10_000) + `"/></svg></div>`, status: Failed, measured: 10.04, first: "#a > svg", detail: "10.0 kB"},
	})
}

func TestNoPageMakesAFindingLarge(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for _, one := range []string{
		`<canvas class="` + long[:200] + `"></canvas>`, `<iframe src="https://example.net/d%d.pdf?autoplay=1"></iframe>`, `<p id=a%d><p id=a%d>`, `<script>document.write(1)</script>`,
		`<link href=""><meta http-equiv=refresh content="` + long + `">`, `<video src=%d.mp4></video>`, `<a href="%d.pdf">a</a>`, `<svg><g>` + long + `</g></svg>`, `<div class=swiper></div>`, `<embed src=%d.swf>`,
	} {
		page := ""
		for i := range 300 {
			page += strings.ReplaceAll(one, "%d", fmt.Sprint(i))
		}
		v, err := NewView(seen(page))
		if err != nil {
			t.Fatal(err)
		}
		failed := 0
		for _, c := range documentChecks() {
			f := c.Look(v)
			if f.Status == Failed && c.ID != "title-meta" && f.Measured > 50 {
				failed++
			}
			checkFinding(t, c, f)
		}
		if failed == 0 {
			t.Errorf("%.60s fails no check", one)
		}
	}
}

// checkFinding says what is wrong with any finding of a check.
func checkFinding(t *testing.T, c Check, f Finding) {
	t.Helper()
	switch {
	case f.Measured < 0 || f.Measured != f.Measured || f.Measured > 1e12:
		t.Errorf("%s measured %v", c.ID, f.Measured)
	case (f.Status == Failed) != (f.Measured > c.Most):
		t.Errorf("%s %s with %v of %v", c.ID, f.Status, f.Measured, c.Most)
	case f.Status == Failed && len(f.Offenders) == 0:
		t.Errorf("%s fails and does not say why", c.ID)
	case f.Status != Failed && (len(f.Offenders) > 0 || f.Saves != Saving{}):
		t.Errorf("%s %s with %v", c.ID, f.Status, f.Offenders)
	case len(f.Offenders) > maxOffenders || f.Saves.Bytes < 0 || f.Saves.Requests < 0:
		t.Errorf("%s has %d offenders and saves %v", c.ID, len(f.Offenders), f.Saves)
	}
	for _, o := range f.Offenders {
		if len(o.Detail) > 500 || len(o.Where) > 2000 || o.URL != "" && o.Where != "" {
			t.Errorf("%s names %.200q at %.100q with %.100q", c.ID, o.URL, o.Where, o.Detail)
		}
	}
}

func FuzzDocumentChecks(f *testing.F) {
	for _, seed := range []string{
		`<html lang=fr><main><p>Un mot. Deux mots !`, `<style>@media print{`, `<svg><style></svg><template><canvas>`, `<video><track></video><a>transcript`,
		`<script>"document.write(`, `<object data=a.pdf><embed src=a.swf>`, `<meta http-equiv=refresh content=0><base href="ht tp:">`, `<math><mi><table><iframe src="%">`,
	} {
		f.Add(seed, "max-age=1")
	}
	f.Fuzz(func(t *testing.T, page, header string) {
		s := seen(page, sent(site+"a.css", "text/css", page), sent(site+"wp-content/plugins/a/b.js", "text/javascript", page))
		for _, name := range []string{"Strict-Transport-Security", "Date", "Last-Modified", "Age"} {
			s.Exchanges[0].Header.Set(name, header)
		}
		v, err := NewView(s)
		if err != nil {
			return
		}
		for _, c := range documentChecks() {
			checkFinding(t, c, c.Look(v))
		}
	})
}
