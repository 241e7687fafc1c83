package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/web"
)

// at is sent at https://www.example.org/ with a kind.
func at(kind web.Kind, name, mime, body string, headers ...string) web.Exchange {
	e := sent("https://www.example.org/"+name, mime, body, headers...)
	e.Kind = kind
	return e
}

// expect runs a check and compares what it says.
func expect(t *testing.T, c Check, s *web.Sight, want Status, measured float64) Finding {
	t.Helper()
	f := finds(t, c, s)
	if f.Status != want || f.Measured != measured {
		t.Errorf("%s: %+v; want %s with %v", c.ID, f, want, measured)
	}
	return f
}

func TestALifeInACacheIsThatOfRFC9111(t *testing.T) {
	const date = "Date: Mon, 02 Mar 2026 10:00:00 GMT"
	for _, tt := range []struct {
		headers []string
		want    time.Duration
	}{
		{nil, 0},
		{[]string{"Cache-Control: max-age=60"}, time.Minute},
		{[]string{"Cache-Control: public , MAX-AGE=\"60\""}, time.Minute},
		{[]string{"Cache-Control: public", "Cache-Control: max-age=60"}, time.Minute},
		{[]string{"Cache-Control: max-age=60, max-age=3600"}, time.Minute},
		{[]string{"Cache-Control: max-age=0"}, 0},
		{[]string{"Cache-Control: max-age=-5"}, 0},
		{[]string{"Cache-Control: max-age=soon"}, 0},
		{[]string{"Cache-Control: max-age=99999999999999999999999"}, aYear},
		{[]string{"Cache-Control: no-store, max-age=60"}, 0},
		{[]string{"Cache-Control: no-cache, max-age=60"}, 0},
		{[]string{`Cache-Control: no-cache="Set-Cookie, no-store", max-age=60`}, time.Minute},
		{[]string{"Cache-Control: s-maxage=60"}, 0},
		{[]string{"Cache-Control: s-maxage=0, max-age=60"}, time.Minute},
		{[]string{"Cache-Control: immutable"}, 0},
		{[]string{"Cache-Control: max-age=0", "Expires: Mon, 02 Mar 2026 11:00:00 GMT", date}, 0},
		{[]string{"Expires: Mon, 02 Mar 2026 11:00:00 GMT", date}, time.Hour},
		{[]string{"Expires: Mon, 02 Mar 2026 09:00:00 GMT", date}, 0},
		{[]string{"Expires: 0", date}, 0},
		{[]string{"Pragma: no-cache", "Expires: Mon, 02 Mar 2026 11:00:00 GMT", date}, 0},
		{[]string{"Cache-Control: max-age=60", "Vary: *"}, 0},
		{[]string{"Cache-Control: max-age=60", "Vary: Accept-Encoding"}, time.Minute},
		{[]string{`Cache-Control: a="b,max-age=60`}, 0},
	} {
		e := sent("https://www.example.org/", "text/css", "", tt.headers...)
		if got := freshness(e.Header); got != tt.want {
			t.Errorf("%q: %s; want %s", tt.headers, got, tt.want)
		}
	}
	if got := freshness(nil); got != 0 {
		t.Errorf("no answer: %s", got)
	}
}

func TestPicturesAndFontsNeedACacheToo(t *testing.T) {
	for _, mime := range []string{"font/woff2", "font/woff", "font/ttf", "image/webp", "image/avif", "image/svg+xml", "text/css", "text/javascript", "application/javascript", "video/mp4", "application/wasm", "application/font-woff"} {
		expect(t, cacheHeaders(), seen("", at(web.Other, "f", mime, "body")), Failed, 1)
		expect(t, cacheHeaders(), seen("", at(web.Other, "f", mime, "body", "Cache-Control: max-age=9")), Passed, 0)
	}
	expect(t, cacheHeaders(), seen("", at(web.Font, "f.woff2", "application/octet-stream", "body")), Failed, 1)
	expect(t, cacheHeaders(), seen("", at(web.Fetch, "f", "application/json", "{}")), Nothing, 0)
	gone := at(web.Image, "f.png", "image/png", "none")
	gone.Status = 404
	expect(t, cacheHeaders(), seen("", gone), Nothing, 0)
}

func TestAWeekInACacheIsEnough(t *testing.T) {
	s := seen("", at(web.Stylesheet, "a.css", "text/css", "p{}", "Cache-Control: max-age=604800"), at(web.Script, "a.js", "text/javascript", "1", "Cache-Control: max-age=604799"), at(web.Script, "b.js", "text/javascript", "1"))
	f := expect(t, cacheDuration(), s, Failed, 1)
	if len(f.Offenders) != 1 || f.Offenders[0].URL != "https://www.example.org/a.js" {
		t.Errorf("%+v", f.Offenders)
	}
	expect(t, cacheDuration(), seen("", at(web.Script, "b.js", "text/javascript", "1")), Nothing, 0)
}

func TestAStaticFileCanBeAskedWhetherItChanged(t *testing.T) {
	expect(t, validators(), seen("", at(web.Script, "a.js", "text/javascript", "1")), Failed, 1)
	for _, h := range []string{`ETag: "1"`, "Last-Modified: Mon, 02 Mar 2026 10:00:00 GMT", "Cache-Control: max-age=31536000, immutable"} {
		expect(t, validators(), seen("", at(web.Script, "a.js", "text/javascript", "1", h)), Passed, 0)
	}
	expect(t, validators(), seen("", at(web.Script, "a.js", "text/javascript", "1", "Cache-Control: immutable")), Failed, 1)
}

func TestOneAnswerInTenMayStayOutOfCaches(t *testing.T) {
	var all []web.Exchange
	for i := range 10 {
		all = append(all, at(web.Fetch, fmt.Sprint("api/", i), "application/json", "{}", "Cache-Control: max-age=5"))
	}
	expect(t, xhrCacheable(), seen("", all...), Passed, 0)
	all[0].Header.Del("Cache-Control")
	expect(t, xhrCacheable(), seen("", all...), Passed, 10)
	all[1].Header.Set("Cache-Control", "no-store")
	expect(t, xhrCacheable(), seen("", all...), Failed, 20)
	expect(t, xhrCacheable(), seen(""), Nothing, 0)
}

func TestARedirectOfAnyKindCounts(t *testing.T) {
	var all []web.Exchange
	for _, status := range []int{301, 302, 303, 307, 308, 304, 300} {
		e := at(web.Other, fmt.Sprint(status), "text/html", "")
		e.Status, e.Bytes = status, 100
		all = append(all, e)
	}
	f := expect(t, redirects(), seen("", all...), Failed, 5)
	if f.Saves.Requests != 5 || f.Saves.Bytes != 500 {
		t.Errorf("%+v", f.Saves)
	}
	expect(t, redirects(), seen("", all[4]), Passed, 1)
}

func TestAnErrorOrSilenceIsAnError(t *testing.T) {
	missing, silent := at(web.Image, "no.png", "text/html", "none"), at(web.Script, "no.js", "", "")
	missing.Status = 404
	silent.Status, silent.Bytes, silent.Header, silent.Problem = 0, 0, nil, "no answer"
	f := expect(t, httpErrors(), seen("", missing, silent, at(web.Image, "a.png", "image/png", "x")), Failed, 2)
	if f.Saves.Requests != 2 || f.Saves.Bytes != missing.Bytes {
		t.Errorf("%+v", f.Saves)
	}
	page := seen("")
	page.Exchanges[0].Status = 500
	if f := expect(t, httpErrors(), page, Failed, 1); f.Saves != (Saving{}) {
		t.Errorf("the page itself would be saved: %+v", f.Saves)
	}
}

func TestOnlyAnAnswerThatSurelyHasNoBodyIsEmpty(t *testing.T) {
	said := at(web.Script, "a.js", "text/javascript", "", "Content-Length: 0")
	uncounted := at(web.Script, "b.js", "text/javascript", "")
	uncounted.Bytes = 5000
	short := at(web.Stylesheet, "c.css", "text/css", "")
	short.Protocol, short.Bytes = "http/1.1", 30
	long := short
	long.URL, long.Bytes = "https://www.example.org/d.css", 5000
	beacon := at(web.Fetch, "count", "image/gif", "", "Content-Length: 0")
	nothing := at(web.Image, "e", "image/gif", "", "Content-Length: 0")
	nothing.Status = 204
	f := expect(t, emptyAnswers(), seen("", said, uncounted, short, long, beacon, nothing), Failed, 2)
	if f.Saves.Requests != 2 || f.Saves.Bytes != said.Bytes+short.Bytes {
		t.Errorf("%+v", f.Saves)
	}
}

func TestACopyUnderAnotherAddressCanGo(t *testing.T) {
	body := strings.Repeat("x", 200)
	light, heavy := at(web.Image, "a.png", "image/png", body), at(web.Image, "b.png", "image/png", body)
	heavy.Bytes = 900
	again := heavy // the same address twice is no second name
	cut := at(web.Image, "c.png", "image/png", body)
	cut.Decoded = 10_000
	dot, other := at(web.Image, "d.gif", "image/gif", "GIF"), at(web.Image, "e.gif", "image/gif", "GIF")
	f := expect(t, identicalFiles(), seen("", light, heavy, again, cut, dot, other), Failed, 1)
	if f.Saves != (Saving{Bytes: light.Bytes, Requests: 1}) || f.Offenders[0].URL != light.URL {
		t.Errorf("%+v", f)
	}
}

func TestOldHTTPCountsWhereItIsKnown(t *testing.T) {
	old, unknown := at(web.Script, "a.js", "text/javascript", "1"), at(web.Script, "b.js", "text/javascript", "1")
	old.Protocol, unknown.Protocol = "HTTP/1.1", ""
	expect(t, http2(), seen("", old, unknown), Failed, 1)
	h3 := at(web.Script, "c.js", "text/javascript", "1")
	h3.Protocol = "h3"
	expect(t, http2(), seen("", h3, unknown), Passed, 0)
	s := seen("", unknown)
	s.Exchanges[0].Protocol = ""
	if f := expect(t, http2(), s, Nothing, 0); f.Why.FR == "" {
		t.Error("nothing says that the protocol is not known")
	}
}

func TestFiveDomainsAreEnough(t *testing.T) {
	var all []web.Exchange
	for i := range 4 {
		all = append(all, sent(fmt.Sprintf("https://h%d.example.org/a", i), "text/css", ""))
	}
	all = append(all, sent("https://WWW.example.org:8443/b", "text/css", ""))
	expect(t, domains(), seen("", all...), Passed, 5)
	f := expect(t, domains(), seen("", append(all, sent("http://other.example/", "text/css", ""))...), Failed, 6)
	if len(f.Offenders) != 6 || f.Offenders[5].Detail != "www.example.org × 2" {
		t.Errorf("%+v", f.Offenders)
	}
}

func TestRequestsBeyondFortyCanBeSaved(t *testing.T) {
	s := seen("")
	s.Requests = 40
	expect(t, requests(), s, Passed, 40)
	s.Requests = 47
	if f := expect(t, requests(), s, Failed, 47); f.Saves.Requests != 7 {
		t.Errorf("%+v", f.Saves)
	}
}

func TestSevenStyleSheetsAreEnough(t *testing.T) {
	var all []web.Exchange
	for i := range 7 {
		all = append(all, at(web.Stylesheet, fmt.Sprint(i, ".css"), "text/css", "p{}"))
	}
	expect(t, cssFiles(), seen("", append(all, all[0])...), Passed, 7)
	if f := expect(t, cssFiles(), seen("", append(all, at(web.Stylesheet, "7.css", "text/css", "p{}"))...), Failed, 8); f.Saves.Requests != 1 {
		t.Errorf("%+v", f.Saves)
	}
	expect(t, cssFiles(), seen(""), Nothing, 0)
}

func TestFilesAreJoinedOverHTTP1Only(t *testing.T) {
	var all []web.Exchange
	for i := range 3 {
		all = append(all, at(web.Script, fmt.Sprint(i, ".js"), "text/javascript", "1"), at(web.Stylesheet, fmt.Sprint(i, ".css"), "text/css", "p{}"))
	}
	if f := expect(t, combineAssets(), seen("", all...), Nothing, 0); f.Why.EN == "" {
		t.Error("nothing says why")
	}
	for i := range all {
		all[i].Protocol = "http/1.1"
	}
	if f := expect(t, combineAssets(), seen("", all...), Failed, 3); f.Saves.Requests != 2 || len(f.Offenders) != 6 {
		t.Errorf("%+v", f)
	}
	expect(t, combineAssets(), seen("", all[:4]...), Passed, 2)
	all[0].URL = "https://cdn.example/0.js" // cannot be joined with the others
	expect(t, combineAssets(), seen("", all[0], all[2], all[4]), Passed, 2)
}

func TestCookiesStayAwayFromStaticFiles(t *testing.T) {
	a, b := at(web.Image, "a.png", "image/png", "x"), at(web.Script, "b.js", "text/javascript", "x", "Set-Cookie: session=secret; Path=/")
	page := seen("", a, b)
	page.Exchanges[0].Asked = 513
	expect(t, cookiesStatic(), page, Passed, 0)
	expect(t, cookieLength(), page, Failed, 513)
	page.Exchanges[1].Asked, page.Exchanges[2].Asked, page.Exchanges[0].Asked = 20, 512, 0
	expect(t, cookiesStatic(), page, Failed, 2)
	expect(t, cookieLength(), page, Passed, 512)
	f := expect(t, setCookieStatic(), page, Failed, 1)
	if f.Offenders[0].Detail != "set-cookie: session" {
		t.Errorf("%q tells more than the name", f.Offenders[0].Detail)
	}
}

func TestAPageWithACookieOrWithoutValidatorsIsDynamic(t *testing.T) {
	for _, tt := range []struct {
		header http.Header
		want   string
	}{
		{http.Header{"Etag": {`"1"`}}, ""},
		{http.Header{}, "etag: –, last-modified: –"},
		{http.Header{"Etag": {`"1"`}, "Set-Cookie": {"a=b"}, "Cache-Control": {"private, no-store"}}, "set-cookie · no-store"},
	} {
		s := seen("")
		s.Exchanges[0].Header = tt.header
		f := finds(t, dynamicPage(), s)
		if tt.want == "" && f.Status != Passed || tt.want != "" && (f.Status != Failed || f.Offenders[0].Detail != tt.want) {
			t.Errorf("%v: %+v; want %q", tt.header, f, tt.want)
		}
	}
}

// Whatever an answer is, a check says no more than the resource weighs, lists fifty and counts all.
func TestNoGainIsMoreThanWhatWasSent(t *testing.T) {
	var all []web.Exchange
	for i := range 60 {
		js, css := strings.Repeat("// a comment for people\nvar a = 1;\n", 90), strings.Repeat("p {\n    color : red;\n}\n/* note */\n", 90)
		svg := "<svg>" + strings.Repeat("<!-- a note for people -->\n", 90) + "</svg>"
		all = append(all, at(web.Script, fmt.Sprint(i, ".js"), "text/javascript", js), at(web.Stylesheet, fmt.Sprint(i, ".css"), "text/css", css), at(web.Image, fmt.Sprint(i, ".svg"), "image/svg+xml", svg))
	}
	for i := range all {
		all[i].Bytes = int64(i%7) * 60
		if i%2 == 0 {
			all[i].Header.Set("Content-Encoding", "br")
		}
	}
	s := seen("", all...)
	sizes := map[string]int64{}
	for _, e := range s.Exchanges {
		sizes[e.URL] = max(sizes[e.URL], e.Bytes)
	}
	for _, c := range slices.Concat(transferChecks(), assetChecks()) {
		if c.ID == "text-compression" {
			continue
		}
		f := finds(t, c, s)
		if len(f.Offenders) > maxOffendersListed || f.Saves.Bytes > int64(s.SizeKB*1000) || f.Saves.Requests > s.Requests {
			t.Errorf("%s: %d offenders, saves %+v", c.ID, len(f.Offenders), f.Saves)
		}
		for _, o := range f.Offenders {
			if o.Bytes > sizes[o.URL] || o.Bytes < 0 {
				t.Errorf("%s: %s weighs %d and would save %d", c.ID, o.URL, sizes[o.URL], o.Bytes)
			}
		}
	}
	if f := finds(t, minified(), s); f.Measured != 120 {
		t.Errorf("%v scripts and sheets are not minified; want 120", f.Measured)
	}
}
