package static_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"veille/ecoindex/static"
)

// BenchmarkMeasure measures a page of the size of the median of the web (693 elements, 78 requests) on loopback. The
// server is in the same process, and its work is in the figure.
func BenchmarkMeasure(b *testing.B) {
	var page, sheet strings.Builder
	page.WriteString(`<link rel=stylesheet href=/a.css>`)
	for i := range 75 {
		page.WriteString(`<div class="c` + strconv.Itoa(i) + `"><p>some words <a href=#>and</a> more</p><ul><li>a<li>b</ul><span></span><img src=/` + strconv.Itoa(i) + `.png></div>`)
	}
	for i := range 1500 {
		sheet.WriteString(`.c` + strconv.Itoa(i) + ` > p:hover, div .x` + strconv.Itoa(i) + `{color:red;font-family:Arial;background:url(/bg` + strconv.Itoa(i) + `.png)}`)
	}
	site := site{"/": html(page.String()), "/a.css": body("text/css", sheet.String())}
	png := make([]byte, 20_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".png") {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(png)
			return
		}
		site.ServeHTTP(w, r)
	}))
	defer server.Close()
	m := static.New(static.Options{AllowPrivate: true})
	defer m.Close()
	for b.Loop() {
		p, err := m.Measure(b.Context(), server.URL)
		if err != nil || p.Requests != 77 {
			b.Fatalf("%d requests, %v", p.Requests, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}
